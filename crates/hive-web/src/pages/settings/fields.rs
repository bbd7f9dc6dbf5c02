//! The settings as fields: each with its label, its default and one sentence.
//!
//! **Does not own:** what a value may be ([`Key::check`]), what it does (core).

use hive_core::settings::Key;
use maud::{Markup, html};

/// How a setting is entered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Input {
    /// One of a few, each with a sentence of its own.
    Choice(&'static [(&'static str, &'static str, &'static str)]),
    /// One of a few words.
    Select(&'static [(&'static str, &'static str)]),
    /// A number of something.
    Number(&'static str),
    /// A time of day.
    Time,
    /// A time zone.
    Zone,
    /// Words, with an example.
    Text(&'static str),
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) key: Key,
    pub(super) label: &'static str,
    pub(super) words: &'static str,
    pub(super) input: Input,
}

const fn field(key: Key, label: &'static str, words: &'static str, input: Input) -> Field {
    Field { key, label, words, input }
}

pub(super) const MODES: &[(&str, &str, &str)] = &[
    ("actual", "ACTUAL usage", "What is used is billed, rounded as the item says."),
    (
        "quota_bracket",
        "Upper bracket of the storage quota",
        "The ladder's step at or above the larger of quota and usage is billed: 430 GB are billed as 500 GB.",
    ),
];
const BASES: &[(&str, &str)] = &[
    ("latest", "Latest sample"),
    ("average_30d", "Average of 30 days"),
    ("peak_30d", "Peak of 30 days"),
    ("average_period", "Average since the agreement's billing period began"),
    ("peak_period", "Peak since the agreement's billing period began"),
];
const TARGETS: &[(&str, &str)] = &[("today", "Today"), ("next_invoice", "The first day the next invoice covers")];

const CREATES: &[(&str, &str)] =
    &[("false", "No: it is only reported"), ("true", "Yes, each once somebody approved it")];

/// What is billed.
pub(super) const BILLING: &[Field] = &[
    field(Key::Mode, "Bill customers on", "", Input::Choice(MODES)),
    field(
        Key::Basis,
        "Which number of the usage counts",
        "For storage the average of 30 days is proposed: one day's peak then bills no month. Each product may have its own.",
        Input::Select(BASES),
    ),
    field(
        Key::Ladder,
        "Ladder of quota sizes, in GB",
        "Steps, rising, and what it goes on by. \"none\" switches it off.",
        Input::Text("100,250,500,750,1000+1000"),
    ),
];

/// When runs run.
pub(super) const SCHEDULE: &[Field] = &[
    field(
        Key::Updates,
        "Updates",
        "",
        Input::Choice(&[
            ("automatic", "Automatic", "By schedule, and by hand at any time."),
            ("manual", "Manual only", "Only when a person starts one."),
            ("off", "Off", "Nothing is written, neither by schedule nor by hand. Syncs go on."),
        ]),
    ),
    field(Key::SyncDays, "Sync every", "How often Hive pulls from ConnectWise.", Input::Number("days")),
    field(Key::SyncTime, "Sync at", "Time of day, in the time zone below.", Input::Time),
    field(Key::UpdateDays, "Update every", "How often Hive pushes to ConnectWise.", Input::Number("days")),
    field(Key::UpdateTime, "Update at", "Time of day, in the time zone below.", Input::Time),
    field(
        Key::TimeZone,
        "Time zone",
        "Of the schedules, of every time that is shown, and of what \"today\" is.",
        Input::Zone,
    ),
    field(
        Key::InvoiceDays,
        "Push so many days before the next invoice",
        "Each agreement is then pushed once for an invoice, and stays as it is until that is made. Empty: whenever an Update runs.",
        Input::Number("days before"),
    ),
];

/// Which agreements count.
pub(super) const AGREEMENTS: &[Field] = &[
    field(
        Key::AgreementRule,
        "Only agreements whose",
        "type=X, type!=X, type~X (contains), type!~X, or the same with name; type=X|Y is one of several, and & joins what must all hold. Empty: every active agreement.",
        Input::Text("type=Managed Services"),
    ),
    field(
        Key::TargetDate,
        "An addition must be ongoing on",
        "The day on which agreements and additions are judged.",
        Input::Select(TARGETS),
    ),
];

/// What is held for a person.
pub(super) const LIMITS: &[Field] = &[
    field(
        Key::DropPercent,
        "A fall of more than",
        "Held where it is also more than the money beside it.",
        Input::Number("%"),
    ),
    field(
        Key::DropMoney,
        "A fall of more than, in money",
        "A month, in the agreement's currency.",
        Input::Number("a month"),
    ),
    field(
        Key::RisePercent,
        "A rise of more than",
        "Held where it is also more than the money beside it.",
        Input::Number("%"),
    ),
    field(
        Key::RiseMoney,
        "A rise of more than, in money",
        "A month, in the agreement's currency.",
        Input::Number("a month"),
    ),
    field(
        Key::PriceUnknownUnits,
        "Without a price: things, more than",
        "Of things that are counted.",
        Input::Number("units"),
    ),
    field(Key::PriceUnknownTb, "Without a price: storage, more than", "Of storage.", Input::Number("TB")),
    field(
        Key::StaleHoldRhythms,
        "Usage is held when older than",
        "Times a source's own rhythm, then it is held.",
        Input::Number("rhythms"),
    ),
    field(Key::StaleHoldDays, "Usage is held when older than, in days", "Both must be passed.", Input::Number("days")),
    field(
        Key::StaleStopRhythms,
        "Usage is not used when older than",
        "Times a source's own rhythm.",
        Input::Number("rhythms"),
    ),
    field(
        Key::StaleStopDays,
        "Usage is not used when older than, in days",
        "Both must be passed.",
        Input::Number("days"),
    ),
    field(
        Key::GapsDays,
        "An average needs",
        "Days measured of 30; a source that measures less often needs less.",
        Input::Number("days of 30"),
    ),
    field(
        Key::TwoSourcesDays,
        "Two sources count as two within",
        "A second source for the same usage is held until a person chooses.",
        Input::Number("days"),
    ),
    field(
        Key::FeedAccountsPercent,
        "A source answered half: accounts missing, more than",
        "Of those that its last good batch listed.",
        Input::Number("%"),
    ),
    field(
        Key::FeedAccountsMin,
        "A source answered half: from so many on",
        "Accounts missing, listed by both batches, or down; below it each line's own limits hold.",
        Input::Number("accounts"),
    ),
    field(
        Key::FeedTotalPercent,
        "A source answered half: its total down by more than",
        "Against its last good batch.",
        Input::Number("%"),
    ),
    field(
        Key::FeedLinesPercent,
        "A source answered half: lines down, more than",
        "Of the lines that both batches list.",
        Input::Number("%"),
    ),
    field(
        Key::FeedLineDropPercent,
        "A source answered half: a line is down by more than",
        "Then it counts among those.",
        Input::Number("%"),
    ),
    field(
        Key::BrakePercent,
        "A scheduled Update moves at most",
        "Of what all live additions bill a month; over it, it waits for a person. 100: never.",
        Input::Number("%"),
    ),
];

/// How far an approval reaches.
pub(super) const APPROVALS: &[Field] = &[
    field(
        Key::ApprovalPercent,
        "An approval reaches beyond the value shown by",
        "For storage, in the direction of the change; things that are counted: not at all.",
        Input::Number("%"),
    ),
    field(
        Key::ApprovalDays,
        "An approval acts until after the next Update by",
        "Then it lapses, and says so.",
        Input::Number("days"),
    ),
];

/// What belongs to one product.
pub(super) const PRODUCT: &[Field] = &[
    field(
        Key::Mode,
        "Bill on",
        "",
        Input::Select(&[("actual", "ACTUAL usage"), ("quota_bracket", "Upper bracket of the storage quota")]),
    ),
    field(Key::Basis, "Which number of the usage counts", "", Input::Select(BASES)),
    field(
        Key::Ladder,
        "Ladder of quota sizes, in GB",
        "\"none\" switches it off.",
        Input::Text("100,250,500,750,1000+1000"),
    ),
    field(
        Key::Included,
        "Included",
        "Subtracted before anything is billed, never below 0.",
        Input::Number("units of the item"),
    ),
    field(Key::Minimum, "Minimum", "Never billed below this.", Input::Number("units of the item")),
    field(Key::Maximum, "Maximum", "Never billed above this.", Input::Number("units of the item")),
    field(
        Key::Rounding,
        "Rounding",
        "none, up:N, down:N or nearest:N. The item says: storage up to whole GB or 0.01 TB, things whole.",
        Input::Text("up:1"),
    ),
    field(
        Key::Classes,
        "Classes of usage that count",
        "Classes between commas, or \"all\". \"billable\" is also usage without a class. What does not count is listed on its line.",
        Input::Text("billable,trial"),
    ),
    field(
        Key::Overage,
        "What of it is billed",
        "What exceeds a quota is the account's usage less its quota; an account without a quota stops. Not together with the bracket.",
        Input::Select(&[("false", "All of it"), ("true", "Only what exceeds the account's quota")]),
    ),
    field(
        Key::BracketOf,
        "The bracket is that of",
        "Where several accounts are billed on one addition: a bracket each, or one for quotas and usage of all together.",
        Input::Select(&[("account", "Each account"), ("sum", "All accounts of the addition together")]),
    ),
    field(
        Key::StepItems,
        "Sizes that are items of their own",
        "Sizes in GB, rising, each with its item's id or identifier: the bracket chooses the item, and 1 of it is billed. While another size still bills something, the line stops.",
        Input::Text("500=HOT-500,1000=HOT-1T"),
    ),
    field(
        Key::DeadBand,
        "Dead band",
        "A difference to ConnectWise's quantity up to which nothing is written. From or to 0 is never within it.",
        Input::Number("units of the item"),
    ),
    field(
        Key::AgreementRule,
        "Only agreements whose",
        "type=X, type!=X, type~X (contains), type!~X, or the same with name; type=X|Y is one of several, and & joins what must all hold.",
        Input::Text("type=Managed Services"),
    ),
    field(Key::TargetDate, "An addition must be ongoing on", "", Input::Select(TARGETS)),
    field(
        Key::Create,
        "Create an addition that is missing",
        "Careful: what Hive creates is a new line on a customer's invoice, at the price that ConnectWise gives it. It is created only on the one active agreement that lacks the item, and only after somebody approved exactly it. Hive deletes nothing: it is cancelled in ConnectWise.",
        Input::Select(CREATES),
    ),
];

/// The label of a key, wherever it stands.
pub(super) fn label(key: Key) -> &'static str {
    let all = [BILLING, SCHEDULE, AGREEMENTS, LIMITS, APPROVALS, PRODUCT];
    let found = all.iter().flat_map(|fields| fields.iter()).find(|field| field.key == key);
    match (found, key) {
        (Some(field), _) => field.label,
        (None, Key::Own) => "The MSP's own account",
        (None, Key::Source) => "Source of the usage",
        (None, Key::Agreement) => "Fixed agreement",
        (None, _) => key.name(),
    }
}

/// A value as people read it.
pub(super) fn value_words(key: Key, text: &str) -> String {
    let found = [BILLING, SCHEDULE, AGREEMENTS, LIMITS, APPROVALS, PRODUCT];
    let field = found.iter().flat_map(|fields| fields.iter()).find(|field| field.key == key);
    let choice = |options: &[(&str, &str)]| {
        options.iter().find(|(value, _)| *value == text).map(|(_, words)| (*words).to_owned())
    };
    let words = match field.map(|field| field.input) {
        _ if text.is_empty() => Some("nothing".to_owned()),
        _ if key == Key::Ladder => Some(text.replace(',', ", ").replace('+', ", then every ")),
        Some(Input::Choice(options)) => {
            options.iter().find(|(value, _, _)| *value == text).map(|(_, words, _)| (*words).to_owned())
        }
        Some(Input::Select(options)) => choice(options),
        Some(Input::Number(unit)) => Some(format!("{text} {unit}")),
        Some(Input::Time | Input::Zone | Input::Text(_)) | None => None,
    };
    words.unwrap_or_else(|| text.to_owned())
}

/// A field as it is shown.
pub(super) struct Shown<'a> {
    pub(super) field: &'a Field,
    /// What stands in it.
    pub(super) value: &'a str,
    /// What holds where it is empty, in words: a product's field inherits. `None`: it always has a value.
    pub(super) inherits: Option<String>,
    /// Why it was not taken.
    pub(super) wrong: Option<&'a str>,
}

/// The field with its label, its sentence, its default and what is wrong with it.
pub(super) fn show(shown: &Shown<'_>) -> Markup {
    let (field, name) = (shown.field, shown.field.key.name());
    let hint = format!("{name}-hint");
    if let Input::Choice(options) = field.input {
        return choice(shown, options);
    }
    html! {
        div.field.wrong-field[shown.wrong.is_some()] {
            label for=(name) { (field.label) }
            (input(shown, &hint))
            p.hint id=(hint) { (hint_words(shown)) }
            @if let Some(wrong) = shown.wrong { p.wrong role="alert" { (wrong) } }
        }
    }
}

fn hint_words(shown: &Shown<'_>) -> String {
    let (words, default) = (shown.field.words, shown.field.key.default());
    let default = match (&shown.inherits, default) {
        // A list names what holds as its first entry.
        (Some(_), _) if matches!(shown.field.input, Input::Select(_)) => String::new(),
        (Some(inherits), _) => format!("Empty: {inherits}."),
        (None, "") => String::new(),
        (None, default) => format!("Default: {}.", value_words(shown.field.key, default)),
    };
    [words, &default].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn input(shown: &Shown<'_>, hint: &str) -> Markup {
    let (name, value) = (shown.field.key.name(), shown.value);
    let invalid = shown.wrong.map(|_| "true");
    let text = |kind: &str, mode: Option<&str>, list: Option<&str>, example: Option<&str>| {
        html! {
            input type=(kind) inputmode=[mode] id=(name) name=(name) value=(value) list=[list] placeholder=[example]
                autocomplete="off" aria-describedby=(hint) aria-invalid=[invalid];
        }
    };
    match shown.field.input {
        Input::Select(options) => html! {
            select id=(name) name=(name) aria-describedby=(hint) aria-invalid=[invalid] {
                @if let Some(inherits) = &shown.inherits { option value="" selected[value.is_empty()] { (inherits) } }
                @for (option, words) in options { option value=(option) selected[*option == value] { (words) } }
            }
        },
        Input::Number(unit) => {
            html! { div.with-unit { (text("text", Some("decimal"), None, None)) span.unit { (unit) } } }
        }
        Input::Time => text("time", None, None, None),
        Input::Zone => html! { (text("text", None, Some("zones"), Some("Australia/Melbourne"))) (zones()) },
        Input::Text(example) => text("text", None, None, Some(example)),
        Input::Choice(_) => html! {},
    }
}

/// Plain choices, each a card with its sentence.
fn choice(shown: &Shown<'_>, options: &[(&str, &str, &str)]) -> Markup {
    let name = shown.field.key.name();
    let default = shown.field.key.default();
    html! {
        fieldset.choice {
            legend { (shown.field.label) }
            @for (value, title, words) in options {
                label.choice-card {
                    input type="radio" name=(name) value=(value) checked[shown.value == *value];
                    span { b { (title) } @if *value == default { " " small { "default" } } span.hint { (words) } }
                }
            }
            @if let Some(wrong) = shown.wrong { p.wrong role="alert" { (wrong) } }
        }
    }
}

/// Every zone that can be chosen.
fn zones() -> Markup {
    html! { datalist id="zones" { @for zone in jiff::tz::db().available() { option value=(zone.as_str()) {} } } }
}
