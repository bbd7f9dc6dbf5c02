//! What state the MSP is in, above every page that it matters on: what works, what does not, what to do.

use super::rights::missing_list;
use crate::pages::runs::kind_words;
use crate::pages::shown::code_link;
use crate::pages::usages::needs;
use crate::part::{self, Kind};
use crate::{Do, Visitor};
use hive_core::issue::Code;
use hive_core::plan::Brake;
use hive_core::rights::{Action, Rights};
use hive_core::settings::Updates;
use hive_desk::{Look, Next, Status};
use hive_store::{Connection, RunKind, RunState};
use maud::{Markup, html};

/// The banners of an MSP, the most pressing first. None where all is as it should be.
pub(in crate::pages) fn banners(look: &Look, status: &Status, visitor: &Visitor) -> Markup {
    let Some(connection) = &status.connection else { return not_connected(visitor) };
    html! {
        @if status.waits_for_admin() { (waiting(connection, visitor)) }
        (failing(look, status, visitor, RunKind::Sync))
        (failing(look, status, visitor, RunKind::Update))
        @if let Some(brake) = &look.brake { (braked(brake, visitor)) }
        @if look.mirror().is_none() { (no_sync_yet(status, visitor)) }
        @else if look.live.is_empty() { (preview(visitor)) }
        (not_automatic(status, visitor))
        (no_catalogue(&connection.rights, visitor))
        @if !look.fresh {
            (part::banner(Kind::Info, "Something changed just now", html! {
                "Newer numbers are being put together; this page renews itself when they are there."
            }, html! {}))
        }
    }
}

/// The next scheduled Update would move too much: a person starts one, or lets it pass.
fn braked(brake: &Brake, visitor: &Visitor) -> Markup {
    let body = html! {
        p { (code_link(visitor, Code::UpdateBrake)) " The plan moves more than " (brake.percent.normalize()) " % of the money under Hive, so the next scheduled Update does not start by itself." }
        @for one in &brake.over {
            p { "Total now " (part::money(one.now, one.currency.as_deref())) " a month, total next " strong { (part::money(one.next, one.currency.as_deref())) }
                "; " (part::money(one.moved, one.currency.as_deref())) " moves, " (one.share) " %." }
        }
        @if !visitor.may(Do::Approve) { p { "Letting it pass " (needs(Do::Approve)) "." } }
    };
    let action = html! {
        (part::button("button", &visitor.path("psa-sync/update"), "Preview and Update"))
        @if visitor.may(Do::Approve) {
            (part::post_button(&visitor.path("psa-sync/update/pass"), "button", "Let the next Update start", &[]))
        }
    };
    part::banner(Kind::Wait, "The next Update waits for a person", body, action)
}

fn not_connected(visitor: &Visitor) -> Markup {
    let body = html! { "Hive knows nothing of your customers' agreements before it can read them. First run leads through it." };
    let action = part::button("button primary", &visitor.path("first-run"), "First run");
    part::banner(Kind::Info, "ConnectWise is not connected yet", body, action)
}

/// AC-14: what works, what does not, which right is missing; accept it, or test again.
fn waiting(connection: &Connection, visitor: &Visitor) -> Markup {
    let body = html! {
        p { "Syncs run. No Update writes until an admin has mended the role in ConnectWise and tested again, or accepts that this does not work:" }
        (missing_list(&connection.rights))
        @if !visitor.may(Do::Connect) { p { "An admin of " (part::name(&visitor.msp.name)) " can do either." } }
    };
    let action = html! {
        @if visitor.may(Do::Connect) {
            (part::button("button", &visitor.path("psa-sync/connection"), "Test again"))
            (part::post_button(&visitor.path("psa-sync/connection/accept"), "button primary", "Accept the missing rights", &[]))
        }
    };
    part::banner(Kind::Wait, "The connection is waiting for an admin", body, action)
}

fn failing(look: &Look, status: &Status, visitor: &Visitor, kind: RunKind) -> Markup {
    let failed = status.last(kind).filter(|run| run.state == RunState::Failed);
    let Some(run) = failed else { return html! {} };
    let words = kind_words(kind);
    let times = status.schedule(kind).map_or(0, |schedule| schedule.failures);
    let title = match run.ended_at {
        Some(ended) => format!("The last {words} failed {}", part::ago(ended, status.at)),
        None => format!("The last {words} failed"),
    };
    let body = html! {
        p { (run.words) @if times > 1 { " It failed " (times) " times in a row." } }
        p {
            @if kind == RunKind::Sync {
                @match look.mirror() {
                    Some(mirror) => { "The data of " (part::time(mirror.pulled_at, &status.zone)) " stays as it was. " },
                    None => { "Nothing was pulled yet. " },
                }
            }
            @if let Next::RetryAt(at) = status.next(kind) { "It is tried again " (part::time(at, &status.zone)) "." }
        }
    };
    let action = part::button("button", &visitor.path(&format!("runs/{}", run.id)), &format!("Open the {words}"));
    part::banner(Kind::Bad, &title, body, action)
}

fn no_sync_yet(status: &Status, visitor: &Visitor) -> Markup {
    if status.running.is_some() {
        return html! {};
    }
    let action = html! {
        @if visitor.may(Do::Sync) {
            (part::post_button(&visitor.path("psa-sync/sync"), "button primary", "Force a Sync", &[]))
        }
    };
    let body = html! { "There is nothing to link or to push before the first Sync has pulled ConnectWise into Hive." };
    part::banner(Kind::Info, "No Sync yet", body, action)
}

/// AC-100: nothing is live.
fn preview(visitor: &Visitor) -> Markup {
    let body = html! { "Nothing is written to ConnectWise until a person pushes exactly a plan that they have looked at. Products go live by that." };
    let plan = visitor.path("psa-sync/update");
    let action = html! { @if visitor.here().path() != plan { (part::button("button", &plan, "Look at the plan")) } };
    part::banner(Kind::Info, "Preview: no product is live yet", body, action)
}

fn not_automatic(status: &Status, visitor: &Visitor) -> Markup {
    let action = part::button("button", &visitor.path("psa-sync/settings"), "Show Settings");
    match status.updates {
        Updates::Automatic => html! {},
        Updates::Manual => part::banner(
            Kind::Plain,
            "Updates run by hand only",
            html! { "No Update begins by itself; what is marked is pushed when a person starts an Update." },
            action,
        ),
        Updates::Off => part::banner(
            Kind::Wait,
            "Updates are off",
            html! { "Hive only reads: no mark below is pushed, neither by schedule nor by hand." },
            action,
        ),
    }
}

fn no_catalogue(rights: &Rights, visitor: &Visitor) -> Markup {
    match rights {
        Rights::Unknown { why } => part::banner(
            Kind::Info,
            "The rights in ConnectWise could not be read",
            html! { (why) " Nothing waits for it; a right that is missing shows itself when it is needed." },
            html! {},
        ),
        Rights::Known { .. } if rights.lacks("Product Catalog", Action::Inquire) => part::banner(
            Kind::Info,
            "The product catalogue cannot be read, so items come from additions",
            html! {
                "A search knows only items that are on an agreement. With the right Procurement > Product Catalog: Inquire Level All it knows all. "
                a href=(visitor.help(crate::help::link::CATALOG)) { "How to give it" }
            },
            html! {},
        ),
        Rights::Known { .. } => html! {},
    }
}
