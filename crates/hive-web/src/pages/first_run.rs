//! First run: the path from nothing to live, each step with what is done and what is left.
//!
//! **Owns:** which steps there are, when each is done, in which order they are shown.
//! **Does not own:** the pages that the steps lead to.

use crate::part::{self, Icon, Kind, count, plural};
use crate::{Answer, App, Do, Nav, Page, Visitor, Web};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use hive_core::schedule::Every;
use hive_core::settings::Updates;
use hive_desk::{Look, Status};
use maud::{Markup, html};
use std::sync::Arc;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}/first-run", get(show))
}

/// One step of the way.
#[derive(Debug)]
pub(super) struct Step {
    title: &'static str,
    /// What is done, or what is left.
    words: String,
    done: bool,
    button: Markup,
}

/// All steps; the first that is not done is the next one.
#[derive(Debug)]
pub(super) struct Steps(Vec<Step>);

impl Steps {
    /// Whether nothing is left.
    pub(super) fn done(&self) -> bool {
        self.0.iter().all(|step| step.done)
    }
}

/// What of the first run is done and what is left.
pub(super) fn steps(visitor: &Visitor, look: &Look, status: &Status) -> Steps {
    let go = |path: &str, label: &str| part::button("button primary", &visitor.path(path), label);
    Steps(vec![
        connect(visitor, status),
        sync(visitor, look, status),
        Step {
            title: "Bring usage",
            words: match look.facts.samples.len() {
                0 => "Upload a CSV of what each customer uses, or let a vendor's file arrive by itself.".to_owned(),
                many => format!(
                    "{} of {} and {} are known.",
                    plural(many, "sample", "samples"),
                    plural(look.facts.accounts.len(), "account", "accounts"),
                    plural(look.facts.products.len(), "product", "products")
                ),
            },
            done: !look.facts.samples.is_empty(),
            button: go("usage", "Bring usage"),
        },
        link(visitor, look),
        map(visitor, look),
        plan(visitor, look),
        live(visitor, look, status),
    ])
}

fn connect(visitor: &Visitor, status: &Status) -> Step {
    let words = match &status.connection {
        None => "Company, Public Key, Private Key and URL of your ConnectWise. They are tested before they are saved."
            .to_owned(),
        Some(now) if status.waits_for_admin() => {
            format!("Connected to {}; it waits for an admin, since a right is missing. Syncs run.", now.company)
        }
        Some(now) => format!("Connected to {}.", now.company),
    };
    let button = if visitor.may(Do::Connect) {
        part::button("button primary", &visitor.path("psa-sync/connection"), "Connect ConnectWise")
    } else {
        html! { span.hint { "An admin of " (part::name(&visitor.msp.name)) " connects it." } }
    };
    Step { title: "Connect", words, done: status.connection.is_some(), button }
}

fn sync(visitor: &Visitor, look: &Look, status: &Status) -> Step {
    let words = match (look.mirror(), &status.running) {
        (Some(mirror), _) => format!(
            "{}, {} and {} were pulled {}.",
            plural(mirror.companies.len(), "company", "companies"),
            plural(mirror.agreements.len(), "agreement", "agreements"),
            plural(mirror.additions.len(), "addition", "additions"),
            part::ago(mirror.pulled_at, status.at)
        ),
        (None, Some(run)) => format!("{} is running.", super::runs::kind_words(run.kind)),
        (None, None) => "Pulls companies, products, agreements and additions into Hive. Nothing is written.".to_owned(),
    };
    let may = visitor.may(Do::Sync) && status.no_sync().is_none();
    let button = html! {
        @if may { (part::post_button(&visitor.path("psa-sync/sync"), "button primary", "Force a Sync", &[])) }
        @else if let Some(why) = status.no_sync() { span.hint { (why) } }
        @else { span.hint { (Do::Sync.refusal(&visitor.roles, &visitor.msp.name)) } }
    };
    Step { title: "Sync", words, done: look.mirror().is_some(), button }
}

fn link(visitor: &Visitor, look: &Look) -> Step {
    let (left, linked) = (look.unlinked_with_usage().len(), look.facts.account_links.len());
    Step {
        title: "Link accounts",
        words: left_words(left, linked, "account with usage is", "accounts with usage are", "linked"),
        done: left == 0 && linked > 0,
        button: part::button("button primary", &visitor.path("psa-sync/accounts"), "Show Accounts"),
    }
}

fn map(visitor: &Visitor, look: &Look) -> Step {
    let (left, mapped) = (look.unmapped_with_usage().len(), look.facts.product_links.len());
    Step {
        title: "Map products",
        words: left_words(left, mapped, "product with usage is", "products with usage are", "mapped"),
        done: left == 0 && mapped > 0,
        button: part::button("button primary", &visitor.path("psa-sync/products"), "Show Products"),
    }
}

fn left_words(left: usize, decided: usize, one: &str, many: &str, verb: &str) -> String {
    match (left, decided) {
        (0, 0) => format!("Nothing to be {verb} yet: bring usage first."),
        (0, 1) => "The only one is decided.".to_owned(),
        (0, all) => format!("All {} are decided.", count(all)),
        (left, all) => format!("{} not {verb} yet; {} decided.", plural(left, one, many), count(all)),
    }
}

fn plan(visitor: &Visitor, look: &Look) -> Step {
    let counts = look.counts;
    let made = look.mirror().is_some() && !look.plan.lines.is_empty();
    let words = if made {
        format!(
            "{} would be pushed, {} held for a decision, {} with an issue, {} in step.",
            count(counts.change),
            count(counts.held),
            count(counts.issue),
            count(counts.unchanged)
        )
    } else {
        "What an Update would write, and what not, and why: to the digit, in money.".to_owned()
    };
    // A plan was looked at once a product is live: Hive does not watch who reads.
    Step {
        title: "Look at the first plan",
        words,
        done: made && !look.live.is_empty(),
        button: part::button("button primary", &visitor.path("psa-sync/update"), "Look at the plan"),
    }
}

fn live(visitor: &Visitor, look: &Look, status: &Status) -> Step {
    let live = look.live.len();
    let words = match status.updates {
        _ if live > 0 => {
            format!("{} live. {}", plural(live, "product is", "products are"), updates_words(status.updates))
        }
        _ if status.waits_for_admin() => {
            "Before it, an admin mends the missing right in ConnectWise and tests again, or accepts it.".to_owned()
        }
        Updates::Off => "Updates are off: nothing is written until Show Settings says otherwise.".to_owned(),
        Updates::Automatic | Updates::Manual => {
            "Push exactly the plan that you have looked at. What it pushes goes live, the rest stays in preview."
                .to_owned()
        }
    };
    let (path, label) = if status.waits_for_admin() {
        ("psa-sync", "Settle the missing right")
    } else if status.updates == Updates::Off {
        ("psa-sync/settings", "Show Settings")
    } else {
        ("psa-sync/update", "Go live with this plan")
    };
    Step { title: "Go live", words, done: live > 0, button: part::button("button primary", &visitor.path(path), label) }
}

fn updates_words(updates: Updates) -> &'static str {
    match updates {
        Updates::Automatic => "Updates run by themselves.",
        Updates::Manual => "Updates run by hand.",
        Updates::Off => "Updates are off.",
    }
}

/// The steps as a panel; nothing where nothing is left.
pub(super) fn panel(steps: &Steps) -> Markup {
    if steps.done() {
        return html! {};
    }
    part::panel(Some("first-run"), "What is left to do", html! {}, list(steps))
}

fn list(steps: &Steps) -> Markup {
    let next = steps.0.iter().position(|step| !step.done);
    html! {
        ol.way {
            @for (place, step) in steps.0.iter().enumerate() {
                li.way-step .done[step.done] .next[next == Some(place)] aria-current=[(next == Some(place)).then_some("step")] {
                    span.way-mark { @if step.done { (Icon::Check) span.unseen { "done: " } } @else { (place + 1) } }
                    div.way-words {
                        h3 { (step.title) @if next == Some(place) { " " (part::pill(Kind::Info, "next")) } }
                        p { (step.words) }
                    }
                    @if next == Some(place) { div.actions { (step.button) } }
                }
            }
        }
    }
}

/// When Syncs and Updates run by themselves, with the zone (AC-98).
pub(super) fn schedule_words(look: &Look, status: &Status) -> Vec<String> {
    let words = |what: &str, every: &Every| {
        let days = if every.days == 1 { "every day".to_owned() } else { format!("every {} days", every.days) };
        let zone = every.zone.iana_name().unwrap_or("UTC").to_owned();
        format!("{what} {days} at {} ({zone}).", every.time.strftime("%H:%M"))
    };
    let settings = &look.facts.settings;
    let update = match status.updates {
        Updates::Automatic => words("An Update runs", &Every::update(settings)),
        Updates::Manual => "Updates run by hand only.".to_owned(),
        Updates::Off => "Updates are off.".to_owned(),
    };
    vec![words("A Sync runs", &Every::sync(settings)), update]
}

async fn show(State(web): State<Arc<Web>>, visitor: Visitor) -> Answer {
    let look = web.desk.look(&visitor.msp, visitor.now()).await?;
    let status = web.desk.status(&visitor.msp, visitor.now()).await?;
    let steps = steps(&visitor, &look, &status);
    let body = html! {
        (super::runs::progress_panel(&visitor, &status))
        (part::panel(Some("steps"), "", html! {}, html! {
            h2.unseen { "The steps" }
            (list(&steps))
            @if steps.done() {
                div.panel-body { p { "All of it is done. " a href=(visitor.path("")) { "MSP Overview" } " shows how it goes on." } }
            }
        }))
        (part::panel(None, "What happens by itself", html! {}, html! {
            div.panel-body {
                @for words in schedule_words(&look, &status) { p { (words) } }
                p.hint { "Both can be forced at any time, and changed under " a href=(visitor.path("psa-sync/settings")) { "Show Settings" } "." }
            }
        }))
    };
    Ok(Page::new(&visitor, Nav::PsaSync, "First run")
        .lead(html! { "From nothing to live, step by step. Nothing is written to ConnectWise before the last step." })
        .pulse(look.pulse.facts, status.pulse.runs)
        .body(body))
}
