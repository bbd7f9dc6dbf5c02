//! Every issue that the planner can raise: a scenario, its weight, and words that name the records
//! and say what to do next.

use crate::door::{ACME, Planned};
use Code::*;
use Severity::{Hold, Note, Stop};
use hive_core::issue::{Code, Severity};
use hive_core::link::{AccountTarget, ProductTarget};
use std::collections::BTreeSet;

const USED: &str = "usage Acme Hot 12 GB 1d";
const USERS: &str =
    "item 6 M365\nproduct M365 user -> 6\naddition 1001 on 1 item 6 at 3; price 2\nusage Acme M365 4 user 1d";

/// Code, weight, what to add to [`ACME`], and words it must say.
#[expect(clippy::too_many_lines, reason = "a table: one row a code")]
fn scenarios() -> Vec<(Code, Severity, String, &'static [&'static str])> {
    let used = |more: &str| format!("{USED}\n{more}");
    let of = |code, severity, more: &str, words: &'static [&'static str]| (code, severity, used(more), words);
    let mut all = vec![
        of(SyncNever, Stop, "never synced", &["hive sync \"Northwind IT\""]),
        of(SyncStale, Hold, "pulled 7d ago", &["2026-11-16 10:00 UTC", "hive sync \"Northwind IT\""]),
        of(
            AccountDuplicateName,
            Stop,
            "company 30 Zoo\ncompany 31 zoo; status Prospect\nusage Zoo Hot 5 GB 1d",
            &["2 companies in ConnectWise are called \"Zoo\"", "30 (", "31 (", "Prospect", "by its id"],
        ),
        of(
            AccountUnlinked,
            Stop,
            "item 5 HOT-GB; price 3\nusage Zoo Hot 5 GB 1d",
            &[
                "Zoo uses 5 GB of Hot",
                "15.00 a month",
                "hive link \"Northwind IT\" --account \"Zoo\" --company ID",
                "hive ignore \"Northwind IT\" --account \"Zoo\"",
            ],
        ),
        of(AccountCompanyInactive, Stop, "company 20 Acme; status Inactive", &["Acme (20)", "Inactive", "Relink"]),
        of(AccountDeleted, Stop, "company 20 Acme; deleted", &["Acme (20)", "recycle bin", "Link the account"]),
        of(AccountDeleted, Stop, "company 20 Acme; gone", &["company 20", "Relink"]),
        of(
            ProductUnmapped,
            Stop,
            "product Cold GB\nusage Acme Cold 7 GB 1d",
            &[
                "Acme uses 7 GB of Cold",
                "hive link \"Northwind IT\" --product \"Cold\" --item ID",
                "hive ignore \"Northwind IT\" --product \"Cold\"",
            ],
        ),
        of(ProductItemInactive, Stop, "item 5 HOT-GB; inactive", &["HOT-GB (5)", "Choose another item"]),
        of(ProductBundleClass, Stop, "item 5 HOT-GB; class Bundle", &["HOT-GB (5)", "Choose another item"]),
        of(ProductDeleted, Stop, "item 5 HOT-GB; gone", &["item 5", "Map the product"]),
        of(AgreementNone, Stop, "company 21 Beta\naccount Beta -> 21\nusage Beta Hot 5 GB 1d", &["Beta (21)"]),
        of(
            AgreementNoneActive,
            Stop,
            "agreement 1 of 20 Managed; end 2026-01-31",
            &["Acme Dental Pty Ltd (20)", "\"Managed\" (1) ended on 2026-01-31"],
        ),
        of(AgreementNotMatchingRule, Stop, "set agreement_rule type=Gold", &["type=Gold", "\"Managed\" (1)"]),
        of(
            AgreementAmbiguous,
            Stop,
            "agreement 2 of 20 Managed\nset agreement Managed; account Acme",
            &["2 active agreements of Acme Dental Pty Ltd (20)", "\"Managed\" (2)", "agreement=ID"],
        ),
        of(
            AdditionSuccessor,
            Note,
            "addition 1000 on 1 item 5 at 10; price 2; until 2026-11-30\naddition 1001 on 1 item 5 at 10; from 2026-12-01",
            &["Addition 1000", "addition 1001 on agreement \"Managed\" (1)", "target_date=next_invoice"],
        ),
        of(
            AgreementWaitsInvoice,
            Note,
            "set invoice_days 3",
            &["\"Managed\" (1)", "from 2026-11-28, 3 days before the invoice of 2026-12-01", "plan's id"],
        ),
        of(
            AgreementWaitsInvoice,
            Note,
            "set invoice_days 28\ninvoiced 1 2026-12-01",
            &["\"Managed\" (1)", "frozen", "the invoice of 2026-12-01 was pushed", "plan's id"],
        ),
        of(
            AgreementAmbiguous,
            Stop,
            "addition 1000 on 1 item 9 at 10\nset create true; product Hot\nagreement 2 of 20 Cloud",
            &["HOT-GB (5)", "\"Managed\" (1)", "\"Cloud\" (2)", "agreement_rule"],
        ),
        of(
            AdditionToCreate,
            Hold,
            "addition 1000 on 1 item 9 at 10\nset create true; product Hot",
            &["Acme Dental Pty Ltd (20)", "HOT-GB (5)", "\"Managed\" (1)", "quantity 12", "Approve it"],
        ),
        of(
            AdditionNone,
            Stop,
            "addition 1000 on 1 item 9 at 10",
            &["Acme Dental Pty Ltd (20)", "HOT-GB (5)", "Add it in ConnectWise and Sync"],
        ),
        of(
            AdditionAmbiguous,
            Stop,
            "addition 1001 on 1 item 5 at 3",
            &["addition 1000", "addition 1001", "hive pin \"Northwind IT\""],
        ),
        of(
            AdditionCancelled,
            Note,
            "addition 1000 on 1 item 5 at 10; until 2026-10-31",
            &["addition 1000 was cancelled as of 2026-10-31", "\"Managed\" (1)"],
        ),
        of(
            AdditionFuture,
            Note,
            "addition 1000 on 1 item 5 at 10; from 2027-01-01",
            &["addition 1000 takes effect on 2027-01-01"],
        ),
        of(
            AdditionNotBillable,
            Note,
            "addition 1000 on 1 item 5 at 10; bill DoNotBill",
            &["Addition 1000 is DoNotBill", "not charged"],
        ),
        of(AdditionUnreadable, Stop, "addition 1000 on 1 item 5 at ?", &["addition 1000", "\"Managed\" (1)", "Sync"]),
        of(
            AdditionEditedByHand,
            Hold,
            "settled 1000 8",
            &["addition 1000", "from 8 to 10", "hive answer \"Northwind IT\" --cause"],
        ),
        of(AdditionUndone, Hold, "undone 1000 12 run 7", &["run 7", "addition 1000", "Approve"]),
        of(AdditionPaidPeriod, Note, "", &["invoice of 2026-12-01"]),
        of(AdditionPaidPeriod, Hold, "agreement 1 of 20 Managed; cycle Yearly", &["\"Managed\" (1)", "Approve"]),
        of(
            AdditionPaidPeriod,
            Hold,
            "agreement 1 of 20 Managed; cycle none",
            &["\"Managed\" (1)", "no billing cycle", "Approve"],
        ),
        of(UsageStale, Hold, "usage Acme Hot 12 GB 4d", &["Hot for Acme", "4 days ago", "\"import\"", "approve"]),
        of(UsageStale, Stop, "usage Acme Hot 12 GB 40d", &["Hot for Acme", "40 days ago", "import newer usage"]),
        of(
            UsageTwoSources,
            Hold,
            "usage Acme Hot 9 GB 1d; source vendor",
            &["Hot for Acme", "vendor says 9 GB", "source="],
        ),
        of(
            UsageGaps,
            Hold,
            "set basis average_30d",
            &["Hot for Acme", "1 of the 30 days through 2026-11-23", "20 are needed from \"import\"", "approve"],
        ),
        of(
            UsageNotCounted,
            Note,
            "account Beta -> 20\nusage Beta Hot 5 GB 1d; class nfr",
            &["5 GB of Hot for Beta", "class nfr"],
        ),
        of(UsageNotCounted, Stop, "usage Acme Hot 12 GB 1d; class nfr", &["Ignore the account or the product"]),
        of(
            UsageDrop,
            Hold,
            "addition 1000 on 1 item 5 at 100; price 1",
            &["88", "from 100 to 12", "88.00 USD a month", "30 %", "Approve"],
        ),
        of(UsageSpike, Hold, "usage Acme Hot 999 GB 1d", &["from 10 to 999", "1,978.00 USD a month", "Approve"]),
        of(UsageZero, Hold, "usage Acme Hot 0 GB 1d", &["addition 1000 holds 10", "20.00 USD a month", "Approve"]),
        of(UsageZero, Note, "usage Acme Hot 0 GB 1d\naddition 1000 on 1 item 5 at 0", &["addition 1000"]),
        of(
            QuantityDeadBand,
            Note,
            "set dead_band 3; product Hot",
            &["12 would be written", "2 from 10", "dead band of 3"],
        ),
        of(QuotaMissing, Note, "set mode quota_bracket", &["Acme has no quota of Hot", "100 GB"]),
        of(QuotaExceeded, Note, "set mode quota_bracket\nquota Acme Hot 10 GB", &["Acme uses 12 GB of Hot", "10 GB"]),
        of(
            UnitUnconfirmed,
            Stop,
            "product Hot GB -> 5",
            &["Hot", "hive link \"Northwind IT\" --product \"Hot\" --unit GB --size 1"],
        ),
        of(
            UnitMismatch,
            Stop,
            "addition 1000 on 1 item 5 at 10; uom TB",
            &["Addition 1000", "TB", "1 GB", "hive link \"Northwind IT\""],
        ),
        of(UnitMismatch, Stop, "usage Acme Hot 12 user 1d", &["Hot for Acme", "measured in user", "counted in GB"]),
        of(
            UnitMismatch,
            Stop,
            "product Hot GB -> 5 per 1 seat",
            &["Hot", "1 seat", "hive link \"Northwind IT\" --product \"Hot\" --unit U --size N"],
        ),
        of(QuantityFraction, Stop, &USERS.replace(" 4 user", " 4.5 user"), &["Acme has 4.5 of M365", "rounding=up:1"]),
        of(QuantityBelowIncluded, Note, "set included 20; product Hot", &["12 is within the 20", "with Hot"]),
        of(QuantityBelowMinimum, Note, "set minimum 20; product Hot", &["12 is below the minimum: 20"]),
        of(QuantityBelowMinimum, Note, "minimum 1000 15", &["12 is below 15", "cli:jane"]),
        of(QuantityOverflow, Stop, "usage Acme Hot 999999999999999999 TB 1d", &["18 digits", "Check the samples"]),
        of(
            QuantityOverflow,
            Stop,
            "set mode quota_bracket\nset ladder 1,2; product Hot",
            &["12 GB of Hot for Acme", "1,2", "ladder="],
        ),
        of(
            SumPartBlocked,
            Stop,
            "account Beta -> 20\nquota Beta Hot 5 GB",
            &["Hot for Beta (usage.missing: ", "Mend that part first"],
        ),
        of(
            RuleConflict,
            Stop,
            "product Warm GB -> 5 per 1 GB\nusage Acme Warm 1 GB 1d\nset minimum 3; product Warm",
            &["minimum is 3 for Warm and not set for Hot", "hive settings \"Northwind IT\" --product P"],
        ),
        of(
            IncludedTwice,
            Stop,
            "set included 2; product Hot\naddition 1000 on 1 item 5 at 10; less 3",
            &["2 are included by the product link", "3 by the addition", "Set one of them to 0"],
        ),
        of(
            UsageGone,
            Hold,
            "batch import 1 1h; complete",
            &[
                "Acme is not in the newest complete batch of the source \"import\" for Hot",
                "hive answer \"Northwind IT\" --cause \"usage.gone:1-1\" left",
            ],
        ),
        of(
            UsageFeedPartial,
            Hold,
            "usage Acme Hot 2 GB 1d\nbatch import 1 5d\nbatch import 2 1d\nlisted import 1 Hot Acme=12 B=5 C=5 D=5\nlisted import 2 Hot Acme=2",
            &[
                "\"import\" may have answered half",
                "lists 1 account of Hot",
                "listed 4 (3 missing)",
                "Ask the source again",
                "accept",
            ],
        ),
        of(
            AdditionOtherWriter,
            Stop,
            "settled 1000 12\npushed 1000 12\nreplaced 1000 10\nflips 1000 2\ncounted 1000\nusage Acme Hot 13 GB 1d",
            &[
                "addition 1000",
                "Hive wrote 12",
                "put back to 10 2 times",
                "hive answer \"Northwind IT\" --line ID overwrite",
            ],
        ),
        of(LinkNotLive, Note, "not live Hot", &["Hot", "plan's id"]),
        of(PriceZero, Note, "addition 1000 on 1 item 5 at 10", &["Addition 1000"]),
        of(WriteFailed, Note, "failed 1000 refused 2 No.", &["addition 1000", "refused, 2 in a row", "No."]),
        of(
            QuantityAdjusted,
            Note,
            "usage Acme Hot 12 GB 1d\nadjust Acme Hot plus 3",
            &["Acme x Hot", "12 + 3 = 15", "kiosk users", "cli:jane"],
        ),
        of(
            ExclusionEnded,
            Note,
            "usage Acme Hot 12 GB 1d\nexclude Acme Hot; until 2026-11-20",
            &["2026-11-20", "own licences", "cli:jane"],
        ),
        of(UpdateDisabled, Note, "set updates off", &["hive settings \"Northwind IT\" updates=automatic"]),
    ];
    all.push((UsageMissing, Stop, String::new(), &["Hot for Acme", "Import a usage file", "never taken as 0"]));
    all.push((
        UnitSuspect,
        Stop,
        suspect(),
        &["Hot", "about 1000 times", "hive link \"Northwind IT\" --product \"Hot\" --unit U --size N"],
    ));
    all
}

fn suspect() -> String {
    let line = |n: i32| {
        format!(
            "company {n} C{n}\nagreement {n} of {n} M\naddition 20{n} on {n} item 5 at 1; price 1\naccount B{n} -> {n}\nusage B{n} Hot 1000 GB 1d\n"
        )
    };
    (30..36).map(line).collect()
}

#[test]
fn every_code_has_a_scenario_with_its_weight_and_its_words() {
    for (code, severity, more, words) in scenarios() {
        let planned = Planned::of(&format!("{ACME}\n{more}"));
        let mut found = planned
            .plan
            .lines
            .iter()
            .flat_map(|line| &line.issues)
            .filter(|issue| issue.code == code && issue.severity == severity);
        let issue = found
            .next()
            .unwrap_or_else(|| panic!("no {} {code} after\n{more}\nbut\n{}", severity.name(), planned.printed()));
        for word in words {
            assert!(issue.message.contains(word), "{code} does not say \"{word}\": {}", issue.message);
        }
    }
}

#[test]
fn no_code_is_without_a_scenario() {
    let shown: BTreeSet<Code> = scenarios().into_iter().map(|(code, ..)| code).collect();
    // The brake is a plan's, not a line's: `feeds.rs` has its scenarios.
    let missing: Vec<&Code> = Code::ALL.iter().filter(|code| !shown.contains(code) && **code != UpdateBrake).collect();
    assert_eq!(missing, [] as [&Code; 0]);
}

#[test]
fn every_issue_has_words_and_every_hold_one_cause() {
    for (_, _, more, _) in scenarios() {
        let planned = Planned::of(&format!("{ACME}\n{more}"));
        for issue in planned.plan.lines.iter().flat_map(|line| &line.issues) {
            assert_eq!(issue.cause.is_some(), issue.severity == Hold, "{}", issue.code);
            assert!(issue.message.len() > 10, "{}", issue.message);
            let cause = issue.cause.as_deref().unwrap_or(issue.code.name());
            assert!(cause.starts_with(issue.code.name()), "{cause}");
        }
    }
}

/// What a person can do next, as the messages say it.
const NEXT_STEPS: [&str; 22] = [
    "hive ",
    "mport ",
    "pprove ",
    "Link ",
    "elink ",
    "Choose ",
    "choose ",
    "Map ",
    "Correct ",
    "correct ",
    "Mend ",
    "mend ",
    "Set ",
    "Sync",
    "Ask ",
    "Wait ",
    "Add it",
    "Answer",
    "Pin ",
    "look at it",
    "Check ",
    "tries again",
];

#[test]
fn every_message_names_its_record_and_what_waits_says_what_to_do() {
    let mut silent = BTreeSet::new();
    for (_, _, more, _) in scenarios() {
        let planned = Planned::of(&format!("{ACME}\n{more}"));
        let mirror = planned.facts.mirror.as_ref();
        let mut names: Vec<String> = vec!["\"Northwind IT\"".to_owned()];
        names.extend(planned.facts.accounts.iter().map(|account| account.name.clone()));
        names.extend(planned.facts.products.iter().map(|product| product.name.clone()));
        names.extend(mirror.iter().flat_map(|mirror| &mirror.agreements).map(|found| format!("\"{}\"", found.name)));
        names.extend(mirror.iter().flat_map(|mirror| &mirror.additions).map(|found| format!("ddition {}", found.id)));
        names.extend(planned.facts.product_links.iter().filter_map(|link| match link.target {
            ProductTarget::Item(item) => Some(format!(" item {item} ")),
            ProductTarget::Ignored => None,
        }));
        names.extend(planned.facts.account_links.iter().filter_map(|link| match link.target {
            AccountTarget::Company(company) => Some(format!("company {company}")),
            AccountTarget::Ignored => None,
        }));
        names.extend(mirror.iter().flat_map(|mirror| &mirror.items).map(|item| item.identifier.clone()));
        names.extend(mirror.iter().flat_map(|mirror| &mirror.companies).map(|found| found.name.clone()));
        for issue in planned.plan.lines.iter().flat_map(|line| &line.issues) {
            if !names.iter().any(|name| issue.message.contains(name.as_str())) {
                silent.insert(format!("{} names no record: {}", issue.code, issue.message));
            }
            if issue.severity > Note && !NEXT_STEPS.iter().any(|step| issue.message.contains(step)) {
                silent.insert(format!("{} says no next step: {}", issue.code, issue.message));
            }
        }
    }
    assert_eq!(silent, BTreeSet::new());
}
