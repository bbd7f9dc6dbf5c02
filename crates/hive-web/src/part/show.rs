//! What is shown: cards, pills, marks, banners, progress, dialogs.

#![expect(clippy::needless_pass_by_value, reason = "markup is handed over as html! makes it")]

use super::chart::sparkline;
use super::icon::Icon;
use super::words::count;
use hive_core::Decimal;
use hive_core::plan::Mark;
use maud::{Markup, html};

/// The mood of a pill or a banner. The words say it too; a colour never stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it should be, nothing to do.
    Plain,
    /// Good news; an increase.
    Good,
    /// Trouble; a decrease.
    Bad,
    /// Waits for somebody.
    Wait,
    /// Worth knowing.
    Info,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Good => "good",
            Kind::Bad => "bad",
            Kind::Wait => "wait",
            Kind::Info => "info",
        }
    }
}

/// A figure with what it means.
#[derive(Clone, Debug, Default)]
pub struct Card<'a> {
    /// What is counted: "Seats billed".
    pub title: &'a str,
    /// The figure itself.
    pub figure: Markup,
    /// One line below it.
    pub detail: Markup,
    /// Where it leads.
    pub href: Option<&'a str>,
    /// The last values, oldest first; fewer than two draw no line.
    pub values: &'a [Decimal],
}

/// A card. Put several into `div.cards`.
pub fn card(card: &Card<'_>) -> Markup {
    html! {
        section.card {
            h2.card-title {
                @if let Some(href) = card.href { a href=(href) { (card.title) } } @else { (card.title) }
            }
            p.figure { (card.figure) }
            p.detail { (card.detail) }
            (sparkline(card.values))
        }
    }
}

/// A white box with a heading: most of a page stands in these. `id` makes it live (swapped in place when
/// something changed); it must be unique on the page.
pub fn panel(id: Option<&str>, title: &str, actions: Markup, body: Markup) -> Markup {
    html! {
        section.panel id=[id] data-live[id.is_some()] {
            @if !title.is_empty() || !actions.0.is_empty() {
                header.panel-head { @if !title.is_empty() { h2 { (title) } } div.actions { (actions) } }
            }
            (body)
        }
    }
}

/// A word in a coloured pill.
pub fn pill(kind: Kind, words: &str) -> Markup {
    html! { span.pill.{ (kind.class()) } { (words) } }
}

/// What becomes of a line's value, as its mark shows it (AC-44, AC-45).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Green check: the value shown will be pushed on the next Update.
    Push,
    /// Green check: ConnectWise says the same already.
    InStep,
    /// Hollow check: it will be pushed after go-live.
    AfterGoLive,
    /// Red exclamation mark: waits for approval.
    Held,
    /// Red exclamation mark: an issue was found.
    Issue,
}

impl Tick {
    /// The tick of a line. An approved hold is pushed like a change.
    pub fn of(mark: Mark, live: bool, approved: bool) -> Tick {
        match mark {
            Mark::Unchanged => Tick::InStep,
            Mark::Issue => Tick::Issue,
            Mark::Held if !approved => Tick::Held,
            Mark::Change | Mark::Held if live => Tick::Push,
            Mark::Change | Mark::Held => Tick::AfterGoLive,
        }
    }

    /// The words of the mark.
    pub fn words(self) -> &'static str {
        match self {
            Tick::Push => "will be pushed on the next Update",
            Tick::InStep => "in step",
            Tick::AfterGoLive => "after go-live",
            Tick::Held => "waits for approval",
            Tick::Issue => "issue",
        }
    }
}

/// A line's mark: green check, hollow check or red exclamation mark, its words for screen readers and on hover.
pub fn mark(tick: Tick) -> Markup {
    let (class, icon) = match tick {
        Tick::Push | Tick::InStep => ("good", Icon::Check),
        Tick::AfterGoLive => ("good", Icon::CheckHollow),
        Tick::Held | Tick::Issue => ("bad", Icon::Exclamation),
    };
    html! { span.mark.{ (class) } title=(tick.words()) { (icon) span.unseen { (tick.words()) } } }
}

/// A banner across the page. `body` and `action` may be empty.
pub fn banner(kind: Kind, title: &str, body: Markup, action: Markup) -> Markup {
    let role = if kind == Kind::Bad { "alert" } else { "status" };
    let icon = match kind {
        Kind::Good => Icon::Check,
        Kind::Bad | Kind::Wait => Icon::Exclamation,
        Kind::Plain | Kind::Info => Icon::Info,
    };
    html! {
        div.banner.{ (kind.class()) } role=(role) {
            (icon)
            div.banner-words { strong { (title) } @if !body.0.is_empty() { div { (body) } } }
            @if !action.0.is_empty() { div.actions { (action) } }
        }
    }
}

/// How far a run is. With `run` the bar follows the run's events by itself.
pub fn progress(run: Option<i64>, step: &str, done: i64, total: i64) -> Markup {
    let whole = total.max(1);
    let percent = done.clamp(0, whole).saturating_mul(100) / whole;
    let number = |value: i64| count(usize::try_from(value).unwrap_or_default());
    html! {
        div.progress data-run=[run] {
            strong.step { (step) }
            progress value=[(total > 0).then_some(done)] max=(whole) aria-label=(step) { (percent) " %" }
            span.percent { @if total > 0 { (percent) " %" } }
            span.of { @if total > 0 { (number(done)) " / " (number(total)) } }
        }
    }
}

/// Nothing there yet: what it would show, and the next step.
pub fn empty(title: &str, body: Markup, action: Markup) -> Markup {
    html! {
        div.empty { h3 { (title) } @if !body.0.is_empty() { p { (body) } } @if !action.0.is_empty() { div.actions { (action) } } }
    }
}

/// Terms with their values, two columns.
pub fn definitions(pairs: &[(&str, Markup)]) -> Markup {
    html! { dl.definitions { @for (term, value) in pairs { div { dt { (term) } dd { (value) } } } } }
}

/// A dialog of the page; [`open_dialog`] with the same id opens it, without JavaScript too.
pub fn dialog(id: &str, title: &str, body: Markup) -> Markup {
    html! {
        dialog id=(id) aria-labelledby={ (id) "-title" } {
            header.dialog-head { h2 id={ (id) "-title" } { (title) } }
            div.dialog-body { (body) }
            // Last, so that the first thing with the focus is the form's own.
            a.icon-button href="#main" data-close aria-label="Close" { (Icon::Close) }
        }
    }
}

/// Closes the dialog around it and does nothing: put it before the button that does something.
pub fn cancel() -> Markup {
    html! { a.button role="button" href="#main" data-close { "Cancel" } }
}

/// What opens a dialog: a button in looks. `class` is `button`, `button primary`, `icon-button` or `link`.
pub fn open_dialog(id: &str, class: &str, label: Markup) -> Markup {
    html! { a class=(class) role="button" href={ "#" (id) } data-dialog=(id) { (label) } }
}

/// Words that open further words in place (`<details>`).
pub fn reveal(summary: Markup, body: Markup) -> Markup {
    html! { details.reveal { summary { (summary) } div { (body) } } }
}

/// The arrow of Syncs and Updates (AC-75, AC-76): hovering, focus or a tap shows `status`, a click leads to the
/// report. `icon` and `state` (a class) change with what is going on; `headline` is read out and shown first.
pub fn arrow(href: &str, icon: Icon, state: &str, headline: &str, status: Markup) -> Markup {
    html! {
        div.arrow data-tip data-live id="arrow" {
            a.arrow-link.(state) href=(href) aria-describedby="arrow-status" {
                (icon) span.unseen { "Sync/Update report" }
            }
            div.tip id="arrow-status" role="tooltip" { strong { (headline) } (status) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_in_words_what_its_colour_says() {
        for (tick, words) in
            [(Tick::Push, "will be pushed"), (Tick::Held, "waits for approval"), (Tick::AfterGoLive, "after go-live")]
        {
            assert!(mark(tick).0.contains(words));
        }
        assert_eq!(Tick::of(Mark::Held, true, true), Tick::Push);
        assert_eq!(Tick::of(Mark::Held, true, false), Tick::Held);
        assert_eq!(Tick::of(Mark::Change, false, false), Tick::AfterGoLive);
    }

    #[test]
    fn a_bar_without_a_total_does_not_pretend() {
        let bar = progress(Some(7), "Reading companies", 0, 0).0;
        assert!(!bar.contains(" value=") && bar.contains("data-run=\"7\""), "{bar}");
        assert!(progress(None, "Pushing", 1860, 3000).0.contains("62 %"));
    }
}
