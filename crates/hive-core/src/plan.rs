//! The plan: what an Update would write, what it would not, and why.
//!
//! **Owns:** the types of a plan and [`make`], a pure function of the facts and a moment.
//! **Does not own:** approvals (they never change a plan: see [`crate::allow`]), storage, pushing.
//! **Limits on purpose:** nothing in here can fail because the data is wrong; trouble becomes an
//! issue on a line. The same facts at the same moment give the same plan, in whatever order they come.

use crate::ids::{AdditionId, AgreementId, CompanyId, ItemId, LineId, MirrorId, MspId, PlanId, ProductId, RunId};
use crate::issue::{Code, Issue, Severity};
use crate::ladder::Quota;
use crate::link::{AccountLink, ItemOverride, Pin, ProductLink};
use crate::mirror::Mirror;
use crate::outcome::Outcome;
use crate::quantity::{Money, Quantity};
use crate::settings::Settings;
use crate::usage::{Account, Product, Sample};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

mod amount;
mod basis;
mod brake;
mod candidates;
mod check;
mod create;
mod crowd;
mod decided;
mod feed;
mod group;
mod holds;
mod id;
mod index;
mod invoice;
mod make;
mod money;
mod narrow;
mod own;
mod pairs;
mod part;
mod period;
mod pool;
mod rule;
mod steps;
mod successor;
mod suggest;
mod suspect;
mod target;
mod trial;
mod true_up;

pub use basis::{ThirtyDays, thirty_days};
pub use brake::{Brake, Braked, brake};
pub use candidates::{AgreementJudged, Candidate, candidates, judged, parent_with_addition};
pub use check::check;
pub use decided::{Adjust, Adjustment, Exclusion, TOLD_DAYS};
pub use feed::{
    Batch, Gone, GoneAnswer, Judged, Listing, Partial, RHYTHM_BATCHES, Unlisted, judge_feed, newest_complete,
    rhythm_days,
};
pub use group::OF_A_PART;
pub use invoice::pushed_for_invoice;
pub use make::make;
pub use money::{cost_month, unit_price_month, worth_month};
pub use period::{PERIOD_DAYS_MAX, period_start};
pub use rule::{live_products, looked_at, rule_of};
pub use suggest::{RuleSuggested, suggest_rule};
pub use target::judged_on;
pub use trial::units_of;
pub use true_up::{Pushed, TrueUp, true_up};

/// Lines a plan may have (design, section 10).
pub const LINES_MAX: usize = 500_000;

/// Everything a plan is made from. One MSP's; two MSPs never meet in one value.
#[derive(Clone, Debug)]
pub struct Facts {
    pub msp: MspId,
    pub msp_name: String,
    /// Which connection: part of a plan's id. 0 while there is none.
    pub connection: i64,
    pub mirror: Option<Mirror>,
    pub accounts: Vec<Account>,
    pub products: Vec<Product>,
    pub account_links: Vec<AccountLink>,
    pub product_links: Vec<ProductLink>,
    /// The newest sample of each (account, product, source).
    pub samples: Vec<Sample>,
    /// For products whose basis is an average or a peak: every sample of the 40 days before the newest
    /// one, or since the billing period of the account's agreements began, and of each (account, product,
    /// source) the newest before those. Empty for all others.
    pub history: Vec<Sample>,
    /// The last sample that Hive had received when these facts were read: a plan asked for by its
    /// id is planned again with no later one.
    pub samples_through: i64,
    pub quotas: Vec<Quota>,
    pub pins: Vec<Pin>,
    pub settings: Settings,
    pub standings: Vec<Standing>,
    /// For each product that went live: its rule as it stood then ([`rule_of`]).
    pub live_rules: BTreeMap<ProductId, String>,
    /// The next invoice date for which an agreement was pushed (`invoice_days`): frozen while the
    /// mirror still shows that date ([`pushed_for_invoice`]).
    pub invoiced: BTreeMap<AgreementId, Date>,
    /// Items of single accounts' products, in place of the product's.
    pub item_overrides: Vec<ItemOverride>,
    /// The last batches of each source.
    pub batches: Vec<Batch>,
    /// What the last batches of each source said of each product: the last good one, and those after it.
    pub listings: Vec<Listing>,
    /// The rhythm that a person declared for a source, in days.
    pub rhythms: BTreeMap<String, i64>,
    /// Pairs that the newest complete batch of their source does not list.
    pub unlisted: Vec<Unlisted>,
    /// What people said of those.
    pub gone_answers: Vec<GoneAnswer>,
    /// What a person decided not to bill, with those that ended.
    pub exclusions: Vec<Exclusion>,
    /// What a person adjusts by hand, with those that ended.
    pub adjustments: Vec<Adjustment>,
}

/// What Hive remembers of one addition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub addition: AdditionId,
    /// The value Hive settled on; another one now is a person's.
    pub settled: Option<Quantity>,
    /// What the last push that was not undone wrote.
    pub pushed: Option<Quantity>,
    /// Values that people took back since the last push that stands.
    pub undone: Vec<Undone>,
    /// A person's answer: never below this.
    pub minimum: Option<Answered>,
    /// A person's answer: stays at this value through a date.
    pub locked: Option<Locked>,
    /// An intent without an outcome: its value may still change.
    pub open_intent: bool,
    /// The last Update could not write it.
    pub failure: Option<Failure>,
    /// What its last write replaced; `None` after an undo.
    pub replaced: Option<Quantity>,
    /// How often somebody put that value back since a person last answered.
    pub flips: i64,
    /// The last of those flips is of the last write.
    pub flip_counted: bool,
}

/// So often may somebody put back what Hive wrote, before Hive stops writing there.
pub const FLIPS_MAX: i64 = 2;

/// A value that an undo took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    pub value: Quantity,
    pub run: RunId,
    pub who: String,
}

/// A value that a person's answer set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub value: Quantity,
    pub who: String,
}

/// A value that stays through a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    pub value: Quantity,
    pub until: Date,
    pub who: String,
}

/// How the last write of an addition failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub outcome: Outcome,
    pub words: String,
    /// How many Updates in a row.
    pub times: i64,
}

impl Standing {
    /// Nothing is known of it yet.
    pub fn new(addition: AdditionId) -> Standing {
        Standing {
            addition,
            settled: None,
            pushed: None,
            undone: Vec::new(),
            minimum: None,
            locked: None,
            open_intent: false,
            failure: None,
            replaced: None,
            flips: 0,
            flip_counted: false,
        }
    }
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The next Update writes it.
    Change,
    /// Nothing to write.
    Unchanged,
    /// Waits for a person.
    Held,
    /// Cannot be pushed.
    Issue,
}

impl Mark {
    /// All four, in the order of reports.
    pub const ALL: [Mark; 4] = [Mark::Change, Mark::Unchanged, Mark::Held, Mark::Issue];

    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Change => "change",
            Mark::Unchanged => "unchanged",
            Mark::Held => "held",
            Mark::Issue => "issue",
        }
    }

    /// Reads [`Mark::name`].
    pub fn parse(text: &str) -> Option<Mark> {
        Mark::ALL.into_iter().find(|mark| mark.name() == text)
    }
}

/// Which step of the way from samples to quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    Basis,
    Unit,
    Mode,
    Adjusted,
    Sum,
    Rule,
    Target,
    Mark,
}

impl StepKind {
    /// All of them, in their order.
    pub const ALL: [StepKind; 8] = [
        StepKind::Basis,
        StepKind::Unit,
        StepKind::Mode,
        StepKind::Adjusted,
        StepKind::Sum,
        StepKind::Rule,
        StepKind::Target,
        StepKind::Mark,
    ];

    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            StepKind::Basis => "basis",
            StepKind::Unit => "unit",
            StepKind::Mode => "mode",
            StepKind::Adjusted => "adjusted",
            StepKind::Sum => "sum",
            StepKind::Rule => "rule",
            StepKind::Target => "target",
            StepKind::Mark => "mark",
        }
    }

    /// Reads [`StepKind::name`].
    pub fn parse(text: &str) -> Option<StepKind> {
        StepKind::ALL.into_iter().find(|step| step.name() == text)
    }
}

impl Step {
    fn new(step: StepKind, words: impl Into<String>) -> Step {
        Step { step, words: words.into() }
    }
}

/// One step from samples to quantity, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// basis, unit, mode, adjusted, sum, rule, target or mark.
    pub step: StepKind,
    pub words: String,
}

/// A record of ConnectWise with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<Id> {
    pub id: Id,
    pub name: String,
}

/// One account x product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: LineId,
    pub account: String,
    pub product: String,
    pub company: Option<Named<CompanyId>>,
    pub agreement: Option<Named<AgreementId>>,
    pub addition: Option<AdditionId>,
    /// The addition's quantity in ConnectWise.
    pub now: Option<Quantity>,
    /// What the addition should be; `None` where it cannot be known.
    pub next: Option<Quantity>,
    /// This line's own share of `next`, before rounding.
    pub part: Option<Quantity>,
    /// What the change moves a month, or what an issue leaves unbilled.
    pub money_month: Option<Money>,
    pub currency: Option<String>,
    pub mark: Mark,
    /// Whether the addition is live: its links were looked at by a person under their present rule.
    pub live: bool,
    pub issues: Vec<Issue>,
    /// The number's story.
    pub trace: Vec<Step>,
}

/// One addition that a plan would write, now or once a person agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub addition: AdditionId,
    pub agreement: AgreementId,
    pub item: ItemId,
    pub from: Quantity,
    pub to: Quantity,
    /// The lines whose parts add up to `to`.
    pub lines: Vec<LineId>,
    pub products: BTreeSet<ProductId>,
    pub live: bool,
    /// The hold codes with their causes; empty: nothing holds it.
    pub holds: BTreeSet<(Code, String)>,
    /// Whether it counts things: an approval then reaches no further than `to`.
    pub countable: bool,
    pub money_month: Option<Money>,
    pub currency: Option<String>,
}

/// One addition that a plan would create on the one agreement that lacks it, once a person agrees.
/// Never a [`Change`]: there is no addition yet, and nothing but an approval ever lifts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    pub agreement: AgreementId,
    pub company: CompanyId,
    pub item: ItemId,
    pub quantity: Quantity,
    /// The lines whose parts add up to `quantity`.
    pub lines: Vec<LineId>,
    pub products: BTreeSet<ProductId>,
    pub live: bool,
    /// The hold codes with their causes; `addition.to_create` is always among them.
    pub holds: BTreeSet<(Code, String)>,
    /// Whether it counts things: an approval then reaches no further than `quantity`.
    pub countable: bool,
    /// At the catalog's price; ConnectWise decides the price.
    pub money_month: Option<Money>,
    pub currency: Option<String>,
}

/// Why Hive now takes a value as the one it settled on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// The value in ConnectWise is the one that is wanted.
    SeenEqual,
    /// A plan of a live link holds this addition for the first time.
    FirstHeld,
    /// Somebody put back what Hive had replaced: nothing is settled, one more flip is counted.
    Flipped,
}

/// A value to remember, once the plan is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    pub addition: AdditionId,
    pub value: Quantity,
    pub why: Settling,
}

/// How many additions (and lines without one) bear each mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub change: usize,
    pub unchanged: usize,
    pub held: usize,
    pub issue: usize,
}

/// Which mirror a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorRef {
    pub id: MirrorId,
    pub pulled_at: Timestamp,
}

/// Immutable. Made from one mirror, the usage and the settings.
#[must_use = "a plan that nobody reads bills nobody"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub id: PlanId,
    pub msp: MspId,
    pub msp_name: String,
    pub mirror: Option<MirrorRef>,
    pub made_at: Timestamp,
    /// "Today" in the MSP's zone when it was made.
    pub today: Date,
    pub samples_through: i64,
    /// In the order of their ids.
    pub lines: Vec<Line>,
    /// In the order of their additions.
    pub changes: Vec<Change>,
    /// In the order of their agreements and items.
    pub creates: Vec<Create>,
    /// Pairs with usage that a person decided not to bill.
    pub ignored: usize,
    /// Pairs that would be lines if no exclusion of a person acted on them.
    pub excluded: usize,
    pub settle: Vec<Settle>,
}

impl Plan {
    /// Counts additions; a line without one counts as one.
    pub fn counts(&self) -> Counts {
        let mut seen = BTreeSet::new();
        let mut counts = Counts::default();
        for line in &self.lines {
            if line.addition.is_some_and(|addition| !seen.insert(addition)) {
                continue;
            }
            match line.mark {
                Mark::Change => counts.change += 1,
                Mark::Unchanged => counts.unchanged += 1,
                Mark::Held => counts.held += 1,
                Mark::Issue => counts.issue += 1,
            }
        }
        counts
    }

    /// What would be created for a line.
    pub fn create_of(&self, line: LineId) -> Option<&Create> {
        self.creates.iter().find(|create| create.lines.contains(&line))
    }

    /// The line of an id.
    pub fn line(&self, id: LineId) -> Option<&Line> {
        self.lines.binary_search_by_key(&id, |line| line.id).ok().map(|place| &self.lines[place])
    }
}

impl Line {
    /// Whether any issue weighs this much.
    pub fn has(&self, severity: Severity) -> bool {
        self.issues.iter().any(|issue| issue.severity == severity)
    }
}
