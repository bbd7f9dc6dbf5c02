//! What went wrong in the conversation: what happened, where, and what a person can do.
//!
//! Never a secret: words of ConnectWise are scrubbed before they come here.

use thiserror::Error;

/// Why a question to ConnectWise has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// The keys are wrong.
    #[error(
        "{host} did not accept the keys{words}: check the company ID, the public key and the private key \
         (a private key can be read only when it is made), then test again"
    )]
    Unauthorized { host: String, words: String },
    /// ConnectWise knows no such company ID.
    #[error(
        "{host} knows no company \"{company}\": the company ID is the one typed on the ConnectWise login screen, \
         and capital letters matter"
    )]
    Company { host: String, company: String },
    /// Something answers there, and it is not ConnectWise PSA.
    #[error(
        "{host} answers, but not as ConnectWise PSA ({what}): check the URL \
         (System > My Company > Miscellaneous Options > Site URL)"
    )]
    Url { host: String, what: String },
    /// Nobody answers.
    #[error("{host} cannot be reached ({what}): check the URL and the network, then try again")]
    Network { host: String, what: String },
    /// The integration's clientId is missing or not registered.
    #[error(
        "{host} did not accept the clientId{words}: give the integration's own clientId, a GUID registered at \
         developer.connectwise.com (HIVE_CONNECTWISE_CLIENT_ID, or --client-id for one connection)"
    )]
    ClientId { host: String, words: String },
    /// The API member's role lacks a right.
    #[error(
        "{host} refused {place}{words}: the API member's security role needs {module} > {function}: {action} = All; \
         set it in System > Security Roles, then test again"
    )]
    Forbidden {
        host: String,
        place: String,
        module: &'static str,
        function: &'static str,
        action: &'static str,
        words: String,
    },
    /// The address is not one that a tenant may use.
    #[error(
        "{host} cannot be used as a ConnectWise URL: it is not a public https address \
         (the operator can allow a private one with HIVE_PRIVATE_HOSTS)"
    )]
    NotAllowed { host: String },
    /// ConnectWise asks for a longer pause than there is time.
    #[error("{host} limits the requests (429) for longer than this run may wait; the next run goes on")]
    Throttled { host: String },
    /// An answer that cannot be what was asked for. Nothing of it is used.
    #[error("{place} answered something that cannot be used: {what}; nothing of it was taken over")]
    BadAnswer { place: String, what: String },
    /// Rows are missing, or too many.
    #[error(
        "{place} gave {received} records but counts {counted}, also when read again; \
         the old mirror stays, try again later"
    )]
    CountMismatch { place: String, received: u64, counted: u64 },
    /// The run took too long.
    #[error("the time of this run was over before {place} answered; the next run goes on")]
    Deadline { place: String },
    /// ConnectWise has no such record or path.
    #[error("{place} was not found (404){words}: it is gone, or the keys or the URL are wrong")]
    NotFound { place: String, words: String },
    /// ConnectWise said no.
    #[error("{place} was refused ({status}){words}")]
    Refused { place: String, status: u16, words: String },
    /// ConnectWise stumbled, again and again.
    #[error("{place} failed ({status}){words}, also when asked again; try again later")]
    Unavailable { place: String, status: u16, words: String },
    /// This process is set up wrongly.
    #[error("the connection cannot be set up: {what}")]
    Setup { what: String },
}

impl Trouble {
    /// One word for what it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Trouble::Unauthorized { .. } => "unauthorized",
            Trouble::Company { .. } => "company",
            Trouble::Url { .. } => "url",
            Trouble::Network { .. } => "network",
            Trouble::ClientId { .. } => "clientid",
            Trouble::Forbidden { .. } => "forbidden",
            Trouble::NotAllowed { .. } => "not_allowed",
            Trouble::Throttled { .. } => "throttled",
            Trouble::BadAnswer { .. } => "bad_answer",
            Trouble::CountMismatch { .. } => "count_mismatch",
            Trouble::Deadline { .. } => "deadline",
            Trouble::NotFound { .. } => "not_found",
            Trouble::Refused { .. } => "refused",
            Trouble::Unavailable { .. } => "unavailable",
            Trouble::Setup { .. } => "setup",
        }
    }

    /// The issue code of product.md, where one fits.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Trouble::Unauthorized { .. } | Trouble::Company { .. } => Some("conn.unauthorized"),
            Trouble::Forbidden { .. } => Some("conn.forbidden"),
            Trouble::ClientId { .. } => Some("conn.clientid"),
            Trouble::Url { .. }
            | Trouble::Network { .. }
            | Trouble::NotAllowed { .. }
            | Trouble::Throttled { .. }
            | Trouble::Unavailable { .. } => Some("conn.unreachable"),
            Trouble::BadAnswer { .. }
            | Trouble::CountMismatch { .. }
            | Trouble::Deadline { .. }
            | Trouble::NotFound { .. }
            | Trouble::Refused { .. }
            | Trouble::Setup { .. } => None,
        }
    }
}

// Every question returns one by value.
const _: () = assert!(size_of::<Trouble>() < 128);
const _: () = assert!(size_of::<hive_core::outcome::Written>() < 128);
