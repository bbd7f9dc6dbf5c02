//! What a person can do about an issue, each as a button on the line's page.
//!
//! **Does not own:** what a button does (the desk's verbs), which issue there is (the plan).

use super::super::shown::cycle_of;
use crate::Visitor;
use crate::auth::Do;
use crate::pages::update::questions;
use crate::part::{self, Kind};
use hive_core::issue::{Code, Issue, Severity};
use hive_core::link::ProductTarget;
use hive_core::plan::{Candidate, Create, Line, OF_A_PART};
use hive_core::unit::{ItemUnit, Storage};
use hive_core::{LineId, Timestamp};
use hive_desk::Look;
use hive_desk::look::Fate;
use maud::{Markup, html};

/// Additions that are offered: more than these are not one choice.
const CANDIDATES_MAX: usize = 50;

fn action(visitor: &Visitor, line: LineId, verb: &str) -> String {
    visitor.path(&format!("psa-sync/usages/{line}/{verb}"))
}

/// A button that only a role may press; who may not press it reads who may.
fn post(visitor: &Visitor, may: Do, action: &str, class: &str, label: &str, carries: &[(&str, &str)]) -> Markup {
    if visitor.may(may) {
        return part::post_button(action, class, label, carries);
    }
    html! { button.button type="button" disabled title=(needs(may)) { (label) } " " small { (needs(may)) } }
}

/// Who may do it.
pub(in crate::pages) fn needs(may: Do) -> &'static str {
    match may {
        Do::Map | Do::Import => "needs the role mapper or admin",
        Do::Sync | Do::Exclude => "needs the role approver, mapper or admin",
        Do::Approve | Do::Update | Do::Adjust => "needs the role approver or admin",
        Do::Connect | Do::Settings | Do::People => "needs the role admin",
    }
}

/// The fix of one issue.
pub(super) fn fix(visitor: &Visitor, look: &Look, line: &Line, issue: &Issue) -> Markup {
    let tab = |tab: &str, name: &str| {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", name).finish();
        visitor.path(&format!("psa-sync/{tab}?{query}"))
    };
    let ignore = |what: &str, name: &str| {
        let label = format!("Ignore {} {}", what, cut(name));
        post(visitor, Do::Map, &action(visitor, line.id, "ignore"), "button", &label, &[("what", what)])
    };
    let fix = match issue.code {
        Code::AdditionAmbiguous => candidates(visitor, look, line),
        Code::AdditionNone => html! { (candidates(visitor, look, line)) (creating(visitor, look, line)) },
        Code::AdditionToCreate => part::button(
            "button",
            &visitor.path(&format!("psa-sync/settings/products/{}", line.id.product)),
            &format!("Show the settings of {}", cut(&line.product)),
        ),
        Code::AccountUnlinked => html! {
            (part::button("button primary", &tab("accounts", &line.account), &format!("Link {}", cut(&line.account))))
            (ignore("account", &line.account))
        },
        Code::AccountCompanyInactive | Code::AccountDeleted | Code::AccountDuplicateName => part::button(
            "button primary",
            &tab("accounts", &line.account),
            &format!("Link {} elsewhere", cut(&line.account)),
        ),
        Code::ProductUnmapped => html! {
            (part::button("button primary", &tab("products", &line.product), &format!("Map {}", cut(&line.product))))
            (ignore("product", &line.product))
        },
        Code::ProductItemInactive | Code::ProductBundleClass | Code::ProductDeleted => part::button(
            "button primary",
            &tab("products", &line.product),
            &format!("Map {} elsewhere", cut(&line.product)),
        ),
        Code::UnitUnconfirmed | Code::UnitMismatch | Code::UnitSuspect => unit(visitor, look, line, issue.code),
        Code::UsageTwoSources => sources(visitor, look, line),
        Code::UsageMissing => html! {
            (part::button("button primary", &visitor.path("usage"), "Bring usage"))
            (ignore("account", &line.account)) (ignore("product", &line.product))
        },
        Code::UsageNotCounted => html! {
            (ignore("account", &line.account)) (ignore("product", &line.product))
        },
        Code::UsageStale => part::button("button", &visitor.path("usage"), "Bring newer usage"),
        Code::SyncNever | Code::SyncStale => {
            part::button("button primary", &visitor.path("psa-sync"), "Forcing a Sync")
        }
        Code::LinkNotLive => part::button("button", &visitor.path("psa-sync/update"), "Preview and Update"),
        Code::UpdateDisabled
        | Code::RuleConflict
        | Code::IncludedTwice
        | Code::QuantityFraction
        | Code::QuantityOverflow => part::button("button", &visitor.path("psa-sync/settings"), "Show Settings"),
        Code::AgreementNone | Code::AgreementNoneActive | Code::AgreementNotMatchingRule => html! {
            (part::button("button", &tab("accounts", &line.account), &format!("Look at the link of {}", cut(&line.account))))
            @if look.facts.settings.agreement(line.id.account).is_some() { (fixed(visitor, line)) }
        },
        Code::AgreementAmbiguous => html! {
            (part::button("button", &visitor.path(&format!("psa-sync/settings/products/{}", line.id.product)), &format!("Show the settings of {}", cut(&line.product))))
            (fixed(visitor, line))
        },
        Code::AdditionEditedByHand if issue.severity == Severity::Hold => answers(visitor, look, line),
        Code::AdditionOtherWriter => answers(visitor, look, line),
        Code::UsageGone | Code::UsageFeedPartial => question(visitor, look, line, issue),
        _ => html! {},
    };
    html! { @if !fix.0.is_empty() { div.fix.actions { (fix) } } }
}

/// Where the account's one agreement is chosen.
fn fixed(visitor: &Visitor, line: &Line) -> Markup {
    let billing = visitor.path(&format!("accounts/{}/billing#agreement", line.id.account));
    part::button("button primary", &billing, &format!("Choose the agreement of {}", cut(&line.account)))
}

/// A name short enough for a button.
fn cut(name: &str) -> String {
    const SHOWN: usize = 40;
    if name.chars().count() <= SHOWN { name.to_owned() } else { name.chars().take(SHOWN).chain(['…']).collect() }
}

/// Each addition that could be meant, as a button.
fn candidates(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let all = look.candidates(line.id);
    let words = |one: &Candidate<'_>| {
        let Candidate { agreement, addition, .. } = one;
        html! {
            strong { (part::name(&agreement.name)) } " " small { "agreement " (agreement.id) @if let Some(parent) = one.parent { ", child of " (part::name(&parent.name)) " (" (parent.id) ")" } }
            small.below { "addition " (addition.id) ", " @match addition.quantity { Some(quantity) => { (part::quantity(quantity)) " now" }, None => "unreadable quantity" }
                @if let Some(price) = addition.unit_price { ", " (part::money(price, agreement.currency.as_deref())) " a unit " (cycle_of(agreement)) }
                @if let Some(since) = addition.effective { ", since " (part::date(since)) } }
        }
    };
    let instead = |one: &Candidate<'_>| {
        let (class, end) = if one.follows_pin { ("button primary", " instead") } else { ("button", "") };
        let label = format!("Pin addition {}{end}", one.addition.id);
        post(
            visitor,
            Do::Map,
            &action(visitor, line.id, "pin"),
            class,
            &label,
            &[("addition", &one.addition.id.to_string())],
        )
    };
    html! {
        @if !all.is_empty() {
            ul.candidates {
                @for one in all.iter().filter(|one| one.possible).take(CANDIDATES_MAX) {
                    li { div { (words(one)) @if one.follows_pin { small.below { "It goes on for the addition that the line is pinned to." } } }
                        @if one.pinned { (part::pill(Kind::Info, "pinned")) } @else { (instead(one)) }
                    }
                }
                @for one in all.iter().filter(|one| !one.possible).take(CANDIDATES_MAX) { li.cannot { div { (words(one)) small.below { "Not possible: " (part::name(&one.why)) "." } } } }
            }
        }
        (parent(visitor, look, line))
    }
}

/// The parent company pays for it: proposed with what it changes, never done by itself.
fn parent(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let Some((company, agreement, addition)) = look.parent_with_addition(line.id) else { return html! {} };
    let moved = look.lines_of(line.id.account).len();
    let label = format!("Link {} to {} instead", cut(&line.account), cut(&company.name));
    html! {
        p.parent {
            "The parent company " (part::name(&company.name)) " (" (company.id) ") has addition " (addition.id) " on agreement " (part::name(&agreement.name))
            @if let Some(quantity) = addition.quantity { ", at " (part::quantity(quantity)) }
            ". Linking the account to it bills everything that " (part::name(&line.account)) " uses (" (part::plural(moved, "line", "lines"))
            ") to the parent, added to what is billed there."
        }
        (post(visitor, Do::Map, &action(visitor, line.id, "relink"), "button", &label, &[("company", &company.id.to_string())]))
    }
}

/// Hive can create it, where a person switches that on for the product.
fn creating(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    if look.facts.settings.creates(line.id.product) {
        return html! { small { "Creating is switched on for " (part::name(&line.product)) ", but not possible here: see the other reasons." } };
    }
    let page = visitor.path(&format!("psa-sync/settings/products/{}", line.id.product));
    html! { small { "Hive can create it, once " a href=(page) { "creating is switched on for " (part::name(&line.product)) } " and somebody approved exactly it." } }
}

/// What one unit of the item is: proposed, confirmed by a person.
fn unit(visitor: &Visitor, look: &Look, line: &Line, code: Code) -> Markup {
    let Some(link) = look.product_link(line.id.product) else { return html! {} };
    let ProductTarget::Item(item) = link.target else { return html! {} };
    if !visitor.may(Do::Map) {
        return html! { small { "Confirming the unit " (needs(Do::Map)) "." } };
    }
    let known = look.item(item);
    let guess = known.and_then(|item| {
        ItemUnit::guess(&[item.unit_of_measure.as_deref().unwrap_or_default(), &item.identifier, &item.description])
    });
    let now = link.unit.clone().or(guess);
    let unit = now.as_ref().map_or_else(|| "GB".to_owned(), |now| now.unit.to_string());
    let size = now.as_ref().map_or_else(|| "1".to_owned(), |now| now.size.to_string());
    let storage = look.product(line.id.product).is_some_and(hive_core::usage::Product::is_storage);
    let units: Vec<(&str, &str)> = Storage::ALL.iter().map(|unit| (unit.name(), unit.name())).collect();
    let name = format!("{} ({item})", known.map_or("the item", |item| item.identifier.as_str()));
    html! {
        form.unit-form method="post" action=(action(visitor, line.id, "unit")) aria-label="Confirm the unit" {
            (part::hidden("item", &item.to_string()))
            (part::field("text", "size", &format!("One unit of {} is", cut(&name)), &size, ""))
            @if storage { (part::select("unit", "of", &units, &unit, "")) } @else { (part::field("text", "unit", "of", &unit, "")) }
            (part::submit("button primary", if code == Code::UnitSuspect { "Confirm the unit all the same" } else { "Confirm the unit" }))
        }
    }
}

/// Which source counts.
fn sources(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    html! {
        @for sample in look.samples(line.id.account, line.id.product) {
            (post(visitor, Do::Settings, &action(visitor, line.id, "source"), "button",
                &format!("Count {}: {}", cut(&sample.source), sample.unit.counted(sample.quantity)), &[("source", &sample.source)]))
        }
    }
}

/// Whether a customer is gone, for this line; or whether a batch is right, for all that it holds.
fn question(visitor: &Visitor, look: &Look, line: &Line, issue: &Issue) -> Markup {
    if !visitor.may(Do::Approve) {
        return html! { small { "Answering " (needs(Do::Approve)) "." } };
    }
    // A hold of another part of the sum is asked on that part's own line.
    if issue.code == Code::UsageGone && issue.message.starts_with(OF_A_PART) {
        return html! {};
    }
    let (act, plan) = (action(visitor, line.id, "answer"), look.plan.id.to_string());
    html! {
        @for (word, label) in questions(issue.code) {
            (part::post_button(&act, "button", label, &[("plan", &plan), ("answer", word)]))
        }
        @if issue.code == Code::UsageFeedPartial { (part::button("button", &visitor.path("usage#sources-panel"), "What the source sent")) }
    }
}

/// Three answers to a value that somebody typed in ConnectWise.
fn answers(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let change = line.addition.and_then(|addition| look.change(addition));
    // What somebody else writes too has no change: it is stopped.
    let (Some(from), to) = (line.now, change.map(|change| change.to)) else { return html! {} };
    let (act, plan) = (action(visitor, line.id, "answer"), look.plan.id.to_string());
    if !visitor.may(Do::Approve) {
        return html! { small { "Answering " (needs(Do::Approve)) "." } };
    }
    html! {
        (part::post_button(&act, "button", &to.map_or_else(|| format!("Overwrite {from}, once"), |to| format!("Overwrite {from} with {to}, once")), &[("plan", &plan), ("answer", "overwrite")]))
        (part::post_button(&act, "button", &format!("Make {from} the minimum"), &[("plan", &plan), ("answer", "minimum")]))
        form.inline.lock method="post" action=(act) {
            (part::hidden("plan", &plan)) (part::hidden("answer", "lock"))
            label for="until" { "Lock " (part::quantity(from)) " through" }
            input type="date" id="until" name="until" required min=(look.plan.today);
            (part::submit("button", "Lock it"))
        }
    }
}

/// One approval for all that holds the line.
pub(super) fn approval(visitor: &Visitor, look: &Look, line: &Line, lapses_at: Timestamp) -> Markup {
    if let Some(create) = look.plan.create_of(line.id).filter(|_| look.fate(line) == Fate::Waits) {
        return approve_create(visitor, look, line, create, lapses_at);
    }
    let change = line.addition.and_then(|addition| look.change(addition));
    let Some(change) = change.filter(|_| look.fate(line) == Fate::Waits) else { return html! {} };
    let reach = look.reach(change);
    html! {
        div.fix.approve {
            p { "Approving lets an Update write " strong { (part::quantity(change.from)) " → " (part::quantity(change.to)) } " to addition " (change.addition)
                @if reach != change.to { ", and values " @if reach < change.to { "down" } @else { "up" } " to " (part::quantity(reach)) " if the usage moves on" }
                ". It holds until " (part::time(lapses_at, &visitor.zone)) ", until it is used or the value in ConnectWise changes." }
            (post(visitor, Do::Approve, &action(visitor, line.id, "approve"), "button primary",
                &format!("Approve {} → {} for addition {}", change.from, change.to, change.addition),
                &[("plan", &look.plan.id.to_string())]))
        }
    }
}

/// One approval to create what is missing.
fn approve_create(visitor: &Visitor, look: &Look, line: &Line, create: &Create, lapses_at: Timestamp) -> Markup {
    let reach = look.reach_of_create(create);
    html! {
        div.fix.approve {
            p { "Approving lets an Update " strong { "create the addition" } " on agreement " (create.agreement) " with the quantity " strong { (part::quantity(create.quantity)) }
                @if reach != create.quantity { ", and up to " (part::quantity(reach)) " if the usage moves on" }
                ". It is a new line on the customer's invoice, at the price that ConnectWise gives it; an undo does not delete it. The approval holds until " (part::time(lapses_at, &visitor.zone)) " or until it is used." }
            (create_button(visitor, look, line, create))
        }
    }
}

/// The button that approves a creation, wherever it stands.
pub(in crate::pages) fn create_button(visitor: &Visitor, look: &Look, line: &Line, create: &Create) -> Markup {
    post(
        visitor,
        Do::Approve,
        &action(visitor, line.id, "approve"),
        "button primary",
        &format!("Approve creating {} on agreement {}", create.quantity, create.agreement),
        &[("plan", &look.plan.id.to_string())],
    )
}

/// What people decided before, each to be taken back.
pub(super) fn take_back(visitor: &Visitor, look: &Look, line: &Line) -> Markup {
    let pin = look.pin(line.id.account, line.id.product);
    let standing = line.addition.and_then(|addition| look.standing(addition));
    let answered = standing.filter(|standing| standing.minimum.is_some() || standing.locked.is_some());
    html! {
        @if pin.is_some() || answered.is_some() {
            div.fix.actions {
                @if let Some(pin) = pin { (post(visitor, Do::Map, &action(visitor, line.id, "pin"), "button", &format!("Take the pin to addition {pin} back"), &[("addition", "")])) }
                @if answered.is_some() { (post(visitor, Do::Approve, &action(visitor, line.id, "answer"), "button", "Take the answer back", &[("plan", &look.plan.id.to_string()), ("answer", "overwrite")])) }
            }
        }
    }
}
