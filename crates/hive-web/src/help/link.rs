//! Places in the Help that other pages link to: `{topic}#{heading}`, to be put behind `/m/{msp}/help/`.

use hive_core::issue::Code;

macro_rules! places {
    ($($(#[$doc:meta])+ $name:ident = $place:literal;)+) => {
        $($(#[$doc])+ pub const $name: &str = $place;)+

        /// Every place that has a name here.
        pub const ALL: &[&str] = &[$($place),+];
    };
}

places! {
    /// Connect ConnectWise, from the beginning.
    CONNECT = "connect";
    /// An API member, a new member, an existing one.
    THREE_WAYS = "connect#three-ways";
    /// The clicks that make the keys.
    KEYS = "connect#keys";
    /// The private key can be read only when it is made.
    PRIVATE_KEY = "connect#private-key";
    /// Where the URL is.
    SITE_URL = "connect#site-url";
    /// What the field Company asks for.
    COMPANY = "connect#company";
    /// The form behind the pencil.
    FORM = "connect#form";
    /// The member with full rights.
    FULL_RIGHTS = "connect#full-rights";
    /// The clientId, for who runs Hive.
    CLIENT_ID = "connect#client-id";
    /// What each message of the test means.
    CONNECT_TROUBLE = "connect#trouble";
    /// Changing keys or pointing at another ConnectWise.
    CONNECT_CHANGE = "connect#change";
    /// A least-privilege role, from the beginning.
    LEAST_PRIVILEGE = "least-privilege";
    /// The clicks that make the role.
    ROLE = "least-privilege#role";
    /// Every right that Hive asks for, and what does not work without it.
    RIGHTS = "least-privilege#rights";
    /// What happens without the right to read the catalogue.
    CATALOG = "least-privilege#catalog";
    /// The clicks that make the API member.
    MEMBER = "least-privilege#member";
    /// What "waiting for an admin" means.
    WAITING = "least-privilege#waiting";
    /// Linking accounts to companies.
    LINK_ACCOUNTS = "linking#accounts";
    /// Mapping products to items.
    LINK_PRODUCTS = "linking#products";
    /// Several additions of one item: the pin and the agreement rule.
    PIN = "linking#pin";
    /// What is ignored.
    IGNORE = "linking#ignore";
    /// What one unit of an item is.
    UNITS = "units";
    /// A unit that looks wrong.
    UNIT_SUSPECT = "units#suspect";
    /// Rounding, included quantities, minimum and maximum.
    RULES = "units#rules";
    /// The marks of the product map.
    MARKS = "product-usages#marks";
    /// The story of one number.
    EXPLAIN = "product-usages#explain";
    /// Preview and go-live.
    GO_LIVE = "go-live";
    /// Why a link that was live waits again.
    CHANGED_RULE = "go-live#changed";
    /// Syncing.
    SYNC = "syncing-updating#syncing";
    /// Forcing a Sync.
    FORCE_SYNC = "syncing-updating#forcing";
    /// Updating.
    UPDATE = "syncing-updating#updating";
    /// Automatic, manual only, off.
    UPDATE_MODES = "syncing-updating#modes";
    /// What became of each line of an Update.
    OUTCOMES = "syncing-updating#outcomes";
    /// How to set storage quotas.
    QUOTAS = "storage-quotas";
    /// The ladder of sizes.
    LADDER = "storage-quotas#ladder";
    /// Soft and hard quotas.
    SOFT_HARD = "storage-quotas#soft-hard";
    /// Actual usage or the upper bracket.
    MODES = "storage-quotas#modes";
    /// Latest, average or peak.
    BASIS = "storage-quotas#basis";
    /// Why changes wait for a person, with the limits.
    HOLDS = "holds";
    /// What an approval covers.
    APPROVALS = "holds#approvals";
    /// The answers to a value that somebody edited by hand.
    ANSWERS = "holds#answers";
    /// Every issue code.
    ISSUES = "issues";
    /// The usage file.
    USAGE_CSV = "sending-usage#csv";
    /// The API that takes usage.
    USAGE_API = "sending-usage#api";
    /// Folders that Hive watches.
    FOLDERS = "sending-usage#folders";
    /// What Hive will never do.
    NEVER = "never";
}

/// The place that explains `code`.
pub fn issue(code: Code) -> String {
    format!("{ISSUES}#{code}")
}
