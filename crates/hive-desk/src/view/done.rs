//! What verbs did and what is set, as others read it. The JSON is a contract.

use super::IdView;
use crate::csv::Csv;
use hive_core::{AccountId, ProductId, Quantity, Timestamp};
use hive_store::Msp;
use serde::Serialize;

/// What was approved.
#[derive(Debug, Serialize)]
pub struct ApprovedView {
    pub plan: String,
    pub lapses_at: String,
    /// The same moment, for words in the MSP's zone.
    #[serde(skip)]
    pub lapses: Timestamp,
    pub lines: Vec<ApprovedLine>,
    /// Whether what moves may pass the brake by itself now.
    pub brake_passed: bool,
    /// Whether every approved change is live, so that any Update pushes it.
    #[serde(skip)]
    pub live: bool,
}

/// One line of an approved change.
#[derive(Debug, Serialize)]
pub struct ApprovedLine {
    pub line: String,
    pub account: String,
    pub product: String,
    /// `None`: it is to be created.
    pub addition: Option<IdView>,
    pub from: Option<String>,
    pub to: String,
    pub limit: String,
    pub codes: Vec<&'static str>,
    pub money_month: Option<String>,
}

/// The columns of CSV.
pub const APPROVED_COLUMNS: Csv<'static> = Csv {
    rows: "lines",
    columns: &["line", "account", "product", "addition.id", "from", "to", "limit", "codes", "money_month"],
};

/// What a usage file brought.
#[derive(Debug, Serialize)]
pub struct ImportedView {
    pub source: String,
    pub rows: usize,
    pub samples_new: u64,
    pub samples_equal: u64,
    pub samples_corrected: u64,
    pub accounts_new: u64,
    pub products_new: u64,
    pub quotas_set: u64,
    pub renamed: Vec<RenamedView>,
    pub dry_run: bool,
    /// Soft quotas that the newest usage has passed: whose, of what, from and to how many GB.
    #[serde(skip)]
    pub quotas_risen: Vec<(AccountId, ProductId, Quantity, Quantity)>,
}

impl ImportedView {
    /// The counts, in a sentence.
    pub fn words(&self) -> String {
        let ImportedView { source, rows, samples_new, samples_equal, samples_corrected, .. } = self;
        let ImportedView { accounts_new, products_new, quotas_set, .. } = self;
        let many = |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        format!(
            "{} from {source}: {}, {samples_equal} known already, {samples_corrected} corrected; {}, {}, {}.",
            many(u64::try_from(*rows).unwrap_or(u64::MAX), "row"),
            many(*samples_new, "new sample"),
            many(*accounts_new, "new account"),
            many(*products_new, "new product"),
            many(*quotas_set, "quota"),
        )
    }
}

/// An account or a product that its source calls by another name now.
#[derive(Debug, Serialize)]
pub struct RenamedView {
    pub before: String,
    pub after: String,
}

/// The columns of CSV.
pub const IMPORTED_COLUMNS: Csv<'static> = Csv {
    rows: "",
    columns: &[
        "source",
        "rows",
        "samples_new",
        "samples_equal",
        "samples_corrected",
        "accounts_new",
        "products_new",
        "quotas_set",
        "renamed.before",
        "renamed.after",
        "dry_run",
    ],
};

/// What a links file changed.
#[derive(Debug, Serialize)]
pub struct LinksImportedView {
    pub rows: usize,
    pub linked: usize,
    pub unlinked: usize,
    pub ignored: usize,
}

/// The columns of CSV.
pub const LINKS_IMPORTED_COLUMNS: Csv<'static> = Csv { rows: "", columns: &["rows", "linked", "unlinked", "ignored"] };

/// A setting in force, here or at one product or account.
#[derive(Debug, Serialize)]
pub struct SettingView {
    pub key: &'static str,
    pub value: String,
    pub default: &'static str,
    pub product: Option<String>,
    pub account: Option<String>,
    /// A person set it at exactly this place.
    pub set: bool,
}

/// The columns of CSV.
pub const SETTINGS_COLUMNS: Csv<'static> =
    Csv { rows: "", columns: &["key", "value", "default", "product", "account", "set"] };

/// The columns of CSV: the lines that a tried rule moves.
pub const TRIAL_COLUMNS: Csv<'static> =
    Csv { rows: "lines", columns: &["line", "account", "product", "before", "after"] };

/// An MSP.
#[derive(Debug, Serialize)]
pub struct MspView {
    pub id: i64,
    pub name: String,
}

/// The columns of CSV.
pub const MSPS_COLUMNS: Csv<'static> = Csv { rows: "", columns: &["id", "name"] };

impl MspView {
    /// An MSP as others read it.
    pub fn of(msp: &Msp) -> MspView {
        MspView { id: msp.id.0, name: msp.name.clone() }
    }
}

/// What was done, in words.
#[derive(Debug, Serialize)]
pub struct SaidView<'a> {
    pub message: &'a str,
}

/// The columns of CSV.
pub const SAID_COLUMNS: Csv<'static> = Csv { rows: "", columns: &["message"] };
