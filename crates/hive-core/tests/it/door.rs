//! The door: commands in, a plan out.
//!
//! One command a line, options after semicolons; a command with the id of an earlier one replaces
//! it. It is 2026-11-23 10:00 UTC, the mirror is an hour old, and every linked product is live under
//! its present rule, unless a command says otherwise.
//!
//! ```text
//! company 20 Acme Dental Pty Ltd; deleted; status Inactive; parent 30
//! item 5 HOT-GB; price 2; inactive; class Bundle; says per TB; gone
//! agreement 1 of 20 Managed; cycle Quarterly; next 2026-12-01 (or none); type X; status Expired; start D; end D; cancelled [D]; currency EUR; parent 2; prorates yes
//! addition 1000 on 1 item 5 at 10; price 2; from D; until D; bill DoNotBill; less 5; uom TB; by jane     (at ? = unreadable)
//! account Acme -> 20 | account Acme -> ignored | account Acme
//! product Hot GB -> 5 per 1 GB; trusted | product M365 user -> 6 | product Hot GB -> ignored | product Hot GB
//! usage Acme Hot 12 GB 1d; source vendor; class trial        (measured 1 day ago; also 35d+1s)
//! before Acme Hot 12 GB 5d; source vendor; class trial     (an earlier sample; also 1d..29d, one a day)
//! own item Acme Hot -> 6 per 100 GB (another item for this account; the unit may be left out)
//! quota Acme Hot 500 GB · pin Acme Hot 1000 · set mode quota_bracket; product Hot; account Acme
//! exclude Acme Hot | exclude Acme * | exclude * Hot; until D; reason WORDS      (by cli:jane)
//! adjust Acme Hot plus 3 | minus 3 | fixed 3; until D; reason WORDS              (by cli:jane)
//! settled 1000 10 · pushed 1000 10 · undone 1000 12 run 7 · minimum 1000 10 · locked 1000 10 until D · open 1000 · failed 1000 refused 2 WORDS
//! batch vendor 1 2d; complete; day 2026-11-21 · listed vendor 1 Hot Acme=12 Bert=7; accepted · rhythm vendor 7
//! answered Acme Hot left; source vendor; seen 1; batch 2     (a pair that a complete batch leaves out is gone by itself)
//! replaced 1000 10 · flips 1000 1 · counted 1000      (what the last write replaced; how often it was put back)
//! invoiced 1 2026-12-01 (agreement 1 was pushed for that invoice)
//! not live Hot · looked at Hot under another rule · pulled 7d ago · now 2026-11-23T10:00:00Z · never synced · items from additions
//! ```

use crate::reader::read;
use hive_core::issue::{Code, Issue, Severity};
use hive_core::mirror::Mirror;
use hive_core::plan::{self, Facts, Line, Plan};
use hive_core::{Quantity, Timestamp};

/// One account, one product, one addition at 10 for 2 a month each.
pub(crate) const ACME: &str = "
    company 20 Acme Dental Pty Ltd
    item 5 HOT-GB
    agreement 1 of 20 Managed
    addition 1000 on 1 item 5 at 10; price 2
    account Acme -> 20
    product Hot GB -> 5 per 1 GB
";

/// A plan with the facts it was made from.
pub(crate) struct Planned {
    pub(crate) facts: Facts,
    pub(crate) now: Timestamp,
    pub(crate) plan: Plan,
}

/// Plans [`ACME`] with a few more commands and compares what is printed.
#[track_caller]
pub(crate) fn acme(commands: &str, expected: &str) -> Planned {
    check(&format!("{ACME}\n{commands}"), expected)
}

/// Plans and compares what is printed.
#[track_caller]
pub(crate) fn check(commands: &str, expected: &str) -> Planned {
    let planned = Planned::of(commands);
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(planned.printed(), expected.join("\n"));
    planned
}

impl Planned {
    /// Plans; a plan that its checker or the order of the rows can upset fails here.
    #[track_caller]
    pub(crate) fn of(commands: &str) -> Planned {
        let (facts, now) = read(commands);
        let plan = plan::make(&facts, now);
        assert_eq!(plan::check(&plan, &facts), Vec::<String>::new(), "the checker");
        assert_eq!(plan::make(&reversed(&facts), now), plan, "the order of the rows moved the plan");
        Planned { facts, now, plan }
    }

    pub(crate) fn printed(&self) -> String {
        let mut lines: Vec<String> = self.plan.lines.iter().map(print).collect();
        let counts = self.plan.counts();
        let counts = [
            ("change", counts.change),
            ("unchanged", counts.unchanged),
            ("held", counts.held),
            ("issue", counts.issue),
            ("ignored", self.plan.ignored),
            ("excluded", self.plan.excluded),
        ];
        let counts: Vec<String> =
            counts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")).collect();
        lines.push(if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") });
        lines.join("\n")
    }

    /// The line of an account and product, by name.
    #[track_caller]
    pub(crate) fn line(&self, account: &str, product: &str) -> &Line {
        self.plan.lines.iter().find(|line| line.account == account && line.product == product).expect("no such line")
    }

    /// The issue of a code, wherever it stands.
    #[track_caller]
    pub(crate) fn issue(&self, code: Code) -> &Issue {
        let mut all = self.plan.lines.iter().flat_map(|line| &line.issues);
        all.find(|issue| issue.code == code).unwrap_or_else(|| panic!("no {code} in\n{}", self.printed()))
    }

    /// Asserts that an issue names these words.
    #[track_caller]
    pub(crate) fn says(&self, code: Code, words: &[&str]) {
        let message = &self.issue(code).message;
        for word in words {
            assert!(message.contains(word), "{code} does not say \"{word}\": {message}");
        }
    }

    /// A line's whole story.
    #[track_caller]
    pub(crate) fn story(&self, account: &str, product: &str) -> String {
        let trace = &self.line(account, product).trace;
        trace.iter().map(|step| format!("{}: {}", step.step.name(), step.words)).collect::<Vec<_>>().join("\n")
    }
}

/// `Acme x Hot: change 10 -> 12 (addition 1000) 4 USD [!stop ?hold note]`
fn print(line: &Line) -> String {
    let value = |value: Option<Quantity>| value.map_or("?".to_owned(), |value| value.to_string());
    let mut text = format!("{} x {}: {}", line.account, line.product, line.mark.name());
    match (line.addition, line.now == line.next) {
        (Some(addition), true) => text.push_str(&format!(" {} (addition {addition})", value(line.now))),
        (Some(addition), false) => {
            text.push_str(&format!(" {} -> {} (addition {addition})", value(line.now), value(line.next)))
        }
        // What would be created stands on its agreement.
        (None, false) if line.agreement.is_some() => text.push_str(&format!(" none -> {}", value(line.next))),
        (None, _) => {}
    }
    if let Some(money) = line.money_month.filter(|_| line.now != line.next || line.addition.is_none()) {
        text.push_str(&format!(" {money}"));
    }
    let code = |issue: &Issue| match issue.severity {
        Severity::Stop => format!("!{}", issue.code),
        Severity::Hold => format!("?{}", issue.code),
        Severity::Note => issue.code.to_string(),
    };
    let codes: Vec<String> = line.issues.iter().map(code).collect();
    if !codes.is_empty() {
        text.push_str(&format!(" [{}]", codes.join(" ")));
    }
    text
}

/// The same facts, every list the other way round.
pub(crate) fn reversed(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    let Facts {
        msp: _,
        msp_name: _,
        connection: _,
        mirror,
        accounts,
        products,
        account_links,
        product_links,
        samples,
        history,
        samples_through: _,
        quotas,
        pins,
        settings: _,
        standings,
        live_rules: _,
        invoiced: _,
        item_overrides,
        batches,
        listings,
        rhythms: _,
        unlisted,
        gone_answers,
        exclusions,
        adjustments,
    } = &mut facts;
    accounts.reverse();
    products.reverse();
    account_links.reverse();
    product_links.reverse();
    samples.reverse();
    history.reverse();
    quotas.reverse();
    pins.reverse();
    item_overrides.reverse();
    standings.reverse();
    batches.reverse();
    listings.reverse();
    unlisted.reverse();
    gone_answers.reverse();
    listings.iter_mut().for_each(|listing| listing.quantities.reverse());
    exclusions.reverse();
    adjustments.reverse();
    if let Some(Mirror { companies, items, agreements, additions, .. }) = mirror {
        companies.reverse();
        items.reverse();
        agreements.reverse();
        additions.reverse();
    }
    facts
}

pub(crate) fn q(text: &str) -> Quantity {
    Quantity::parse_plain(text).unwrap_or_else(|error| panic!("{error}"))
}
