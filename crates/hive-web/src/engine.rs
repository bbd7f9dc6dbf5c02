//! What the console asks of the runs and of ConnectWise. The binary implements it.

use hive_core::rights::Rights;
use hive_core::{PlanId, ProductId, RunId, Timestamp};
use hive_desk::Refused;
use hive_store::Msp;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The form behind the pencil.
#[derive(Debug)]
pub struct ConnectForm {
    /// The Site URL for Manage, as copied.
    pub url: String,
    /// The name used to log in to ConnectWise.
    pub company: String,
    /// The API member's public key.
    pub public_key: String,
    /// The private key; `None` keeps the stored one (only while URL and company stay).
    pub private_key: Option<SecretString>,
    /// The operator's clientId is used where this is `None`.
    pub client_id: Option<String>,
}

/// What a test of a connection found; it is saved then.
#[derive(Debug)]
pub struct Connected {
    /// Which rights were found and which are missing.
    pub rights: Rights,
    /// Things worth knowing that stop nothing.
    pub warnings: Vec<String>,
    /// It is another ConnectWise than before: Hive previews again.
    pub moved: bool,
}

/// What a connection did not work because of: where its form says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// There is no such company.
    Company,
    /// The keys are wrong.
    Keys,
    /// Nothing like ConnectWise answers at the URL, or the URL may not be used.
    Url,
    /// Nobody answers.
    Network,
    /// The API member lacks a right that the test itself needs.
    Rights,
    /// The clientId is missing or not known.
    ClientId,
    /// None of these.
    Other,
}

/// Why a connection was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConnected {
    /// What it is about.
    pub about: About,
    /// The words.
    pub refused: Refused,
}

/// Which run is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunAsked {
    /// Pull ConnectWise.
    Sync,
    /// Push: exactly a plan (and of it some products), or what is live.
    Update {
        /// Exactly this plan.
        plan: Option<PlanId>,
        /// Only these products' additions.
        products: Option<BTreeSet<ProductId>>,
    },
    /// Restore what a run changed.
    Undo {
        /// The run to undo.
        run: RunId,
    },
}

/// Where the operator lets folders be watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderRoots {
    /// The directories, for this MSP. None: watched folders are off.
    pub paths: Vec<String>,
    /// Other MSPs may have folders in them too.
    pub shared: bool,
}

/// The runs and the way into ConnectWise, as pages need them.
pub trait Engine: Send + Sync + 'static {
    /// The one clock.
    fn now(&self) -> Timestamp;

    /// Tests a way into ConnectWise and saves it if it works: what `hive connect` does.
    fn connect<'a>(
        &'a self,
        msp: &'a Msp,
        form: ConnectForm,
        who: &'a str,
    ) -> BoxFuture<'a, Result<Connected, NotConnected>>;

    /// The site that a URL leads to, however it is spelled; the text itself where it cannot be read as one.
    fn site(&self, url: &str) -> String {
        url.trim().to_lowercase()
    }

    /// Begins a run that goes on by itself. Answers as soon as it has begun, or says why it did not.
    fn start<'a>(&'a self, msp: &'a Msp, asked: RunAsked, who: &'a str) -> BoxFuture<'a, Result<RunId, Refused>>;

    /// Where folders of this MSP may be watched.
    fn folder_roots(&self, _msp: &Msp) -> FolderRoots {
        FolderRoots::default()
    }

    /// The folder that a path means, links followed; refused where it is not one that may be watched for
    /// this MSP.
    fn folder<'a>(&'a self, _msp: &'a Msp, _path: &'a str) -> BoxFuture<'a, Result<String, Refused>> {
        Box::pin(async { Err(Refused::Stopped("watched folders are off: the operator sets HIVE_FOLDERS".to_owned())) })
    }
}
