//! What people say about which agreement is meant: rules, fixed agreements, successors, and what is proposed.

use crate::door::{ACME, Planned, acme};
use hive_core::issue::Code;
use hive_core::mirror::Agreement;
use hive_core::plan::{self, suggest_rule};
use hive_core::settings::AgreementRule;
use hive_core::{AgreementId, CompanyId, ProductId};
use proptest::prelude::*;

fn agreement(name: &str, of_type: &str) -> Agreement {
    Agreement {
        id: AgreementId(1),
        name: name.to_owned(),
        agreement_type: Some(of_type.to_owned()),
        company: CompanyId(20),
        company_name: String::new(),
        parent: None,
        start: None,
        end: None,
        no_ending_date: false,
        cancelled: false,
        cancelled_on: None,
        status: None,
        billing_cycle: None,
        next_invoice: None,
        currency: None,
        prorates: None,
    }
}

/// Which of five agreements a rule admits, by their first letters.
#[track_caller]
fn admitted(rule: &str) -> String {
    let rule = AgreementRule::parse(rule).unwrap();
    assert_eq!(AgreementRule::parse(&rule.to_string()).as_ref(), Ok(&rule), "{rule}");
    let all = [
        agreement("Managed Care", "Managed Services"),
        agreement("Backup & Recovery", "Backup"),
        agreement("Old | Legacy", "Backup"),
        agreement("Smith & Sons", "Gold"),
        agreement("Untyped", ""),
    ];
    all.iter().filter(|one| rule.admits(one)).map(|one| &one.name[..1]).collect()
}

#[test]
fn a_rule_of_every_kind() {
    for (rule, expected) in [
        ("type=backup", "BO"),
        ("type!=backup", "MSU"),
        ("type~service", "M"),
        ("type!~service", "BOSU"),
        ("type=Gold|Managed Services", "MS"),
        ("type != gold | managed services ", "BOU"),
        ("name~&", "BS"),
        ("type=Backup & name!~old", "B"),
        ("type!=Backup & name!~sons & type!~gold & name~a", "M"),
        // As it was always written: the sign and the bar belong to the name.
        ("name=Smith & Sons", "S"),
        ("name=Old | Legacy", "O"),
        ("name=Smith & Sons|Backup & Recovery & type!=gold", "B"),
        ("name~managed", "M"),
    ] {
        assert_eq!(admitted(rule), expected, "{rule}");
    }
}

#[test]
fn a_rule_is_printed_as_it_always_was() {
    for (text, printed) in [
        (" Type = Managed Services ", "type=Managed Services"),
        ("NAME~x", "name~x"),
        ("type!=R&D", "type!=R&D"),
        ("type=A|B & name!~C", "type=A|B & name!~C"),
    ] {
        assert_eq!(AgreementRule::parse(text).map(|rule| rule.to_string()).as_deref(), Ok(printed));
    }
    for wrong in ["", "type", "type=", "type!A", "kind=A", "type=A & ", "& type=A", "type=A & name=", "type!~ "] {
        let read = AgreementRule::parse(wrong);
        // What follows an `&` and is no test belongs to the name before it.
        assert_eq!(read.is_err(), wrong != "type=A & ", "{wrong}: {read:?}");
    }
}

proptest! {
    #[test]
    fn a_printed_rule_reads_back(
        texts in proptest::collection::vec("(type|name| Type |NAME)(=|!=|~|!~)[ &|=!~a-cTYPEname]{1,12}", 1..4)
    ) {
        if let Ok(rule) = AgreementRule::parse(&texts.join(" & ")) {
            prop_assert_eq!(AgreementRule::parse(&rule.to_string()), Ok(rule.clone()), "{}", rule);
        }
    }
}

const TWO: &str = "
    agreement 2 of 20 Backup; type Backup; start 2026-01-01
    addition 1001 on 2 item 5 at 3; price 2
    usage Acme Hot 12 GB 1d
";

#[test]
fn a_fixed_agreement_is_the_only_one_that_counts() {
    for fixed in ["2", "backup"] {
        let planned = acme(
            &format!("{TWO}\nset agreement {fixed}; account Acme"),
            "
            Acme x Hot: change 3 -> 12 (addition 1001) 18 [addition.paid_period]
            1 change",
        );
        let story = planned.story("Acme", "Hot");
        assert!(story.contains(&format!("(account \"Acme\" fixes agreement {fixed})")), "{story}");
        assert!(story.contains("is not the one that account \"Acme\" fixes"), "{story}");
    }
    // What was said of the account is nearer than what was said of the product.
    acme(
        &format!("{TWO}\nset agreement 2; account Acme\nset agreement_rule type=Managed Services; product Hot"),
        "
        Acme x Hot: change 3 -> 12 (addition 1001) 18 [addition.paid_period]
        1 change",
    );
}

#[test]
fn a_fixed_agreement_is_the_companys() {
    let beta = "account Beta -> 20\nusage Beta Hot 1 GB 1d\nset agreement 2; account Beta";
    acme(
        &format!("{TWO}\n{beta}"),
        "
        Acme x Hot: change 3 -> 13 (addition 1001) 20 [addition.paid_period]
        Beta x Hot: change 3 -> 13 (addition 1001) 20 [addition.paid_period]
        1 change",
    );
    let planned = acme(
        &format!("{TWO}\n{beta}\nset agreement Managed; account Acme"),
        "
        Acme x Hot: issue [!addition.ambiguous !rule.conflict]
        Beta x Hot: issue [!addition.ambiguous !rule.conflict]
        2 issue",
    );
    planned.says(
        Code::RuleConflict,
        &[
            "account \"Acme\" fixes agreement Managed",
            "account \"Beta\" fixes agreement 2",
            "hive settings \"Northwind IT\" --account \"Acme\" agreement=",
        ],
    );
    // The same one, once by its id and once by its name, is no conflict.
    acme(
        &format!("{TWO}\n{beta}\nset agreement Backup; account Acme"),
        "
        Acme x Hot: change 3 -> 13 (addition 1001) 20 [addition.paid_period]
        Beta x Hot: change 3 -> 13 (addition 1001) 20 [addition.paid_period]
        1 change",
    );
}

#[test]
fn a_fixed_agreement_that_cannot_be_billed_stops_and_names_the_dates() {
    let foreign = acme(
        &format!("{TWO}\nset agreement 77; account Acme"),
        "
        Acme x Hot: issue [!agreement.not_matching_rule !addition.none]
        1 issue",
    );
    foreign.says(
        Code::AgreementNotMatchingRule,
        &[
            "Account \"Acme\" fixes agreement 77",
            "none of the agreements of Acme Dental Pty Ltd (20)",
            "\"Managed\" (1), no dates",
            "\"Backup\" (2), from 2026-01-01",
            "hive settings \"Northwind IT\" --account \"Acme\" agreement=ID",
        ],
    );
    let over = acme(
        &format!("{TWO}\nagreement 2 of 20 Backup; end 2026-10-31\nset agreement 2; account Acme"),
        "
        Acme x Hot: issue [!agreement.none_active !addition.none]
        1 issue",
    );
    over.says(Code::AgreementNoneActive, &["fixes agreement 2 of Acme Dental Pty Ltd (20)", "ended on 2026-10-31"]);
    let several = acme(
        &format!("{TWO}\nagreement 2 of 20 Managed; start 2026-01-01\nset agreement managed; account Acme"),
        "
        Acme x Hot: issue [!agreement.ambiguous]
        1 issue",
    );
    several.says(
        Code::AgreementAmbiguous,
        &["2 active agreements", "\"Managed\" (1)", "\"Managed\" (2), from 2026-01-01", "agreement=ID"],
    );
    // Where only one of that name is active, it is the one.
    acme(
        &format!(
            "{TWO}\nagreement 1 of 20 Managed; end 2026-10-31\nagreement 2 of 20 Managed\nset agreement managed; account Acme"
        ),
        "
        Acme x Hot: change 3 -> 12 (addition 1001) 18 [addition.paid_period]
        1 change",
    );
}

#[test]
fn the_checker_knows_fixed_agreements_and_rules() {
    let planned = Planned::of(&format!("{ACME}{TWO}\nset agreement 2; account Acme"));
    for (more, words) in [
        ("set agreement 1; account Acme", "fixes 1"),
        ("set agreement ; account Acme\nset agreement_rule type!=Backup", "the rule type!=Backup leaves out"),
    ] {
        let (other, _) = crate::reader::read(&format!("{ACME}{TWO}\nset agreement 2; account Acme\n{more}"));
        let wrong = plan::check(&planned.plan, &other).join("; ");
        assert!(wrong.contains(words), "{wrong}");
    }
}

const HANDOVER: &str = "
    addition 1000 on 1 item 5 at 10; price 2; until 2026-11-30
    addition 1001 on 1 item 5 at 10; price 3; from 2026-12-01
    usage Acme Hot 12 GB 1d
";

#[test]
fn an_addition_that_ends_and_its_successor_are_both_named() {
    let today = acme(
        HANDOVER,
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.successor addition.paid_period]
        1 change",
    );
    today.says(
        Code::AdditionSuccessor,
        &[
            "Addition 1000 on agreement \"Managed\" (1) ends on 2026-11-30",
            "addition 1001 on agreement \"Managed\" (1) takes effect on 2026-12-01",
            "Hive feeds addition 1000 through 2026-11-30 and addition 1001 from 2026-12-01",
            "hive settings \"Northwind IT\" --product \"Hot\" target_date=next_invoice",
        ],
    );
    let next = acme(
        &format!("{HANDOVER}\nset target_date next_invoice"),
        "
        Acme x Hot: change 10 -> 12 (addition 1001) 6 [addition.paid_period]
        1 change",
    );
    let story = next.story("Acme", "Hot");
    for words in [
        "addition 1001 is the only ongoing one",
        "addition 1000 was cancelled as of 2026-11-30",
        "addition 1001 follows addition 1000, which ends on 2026-11-30",
    ] {
        assert!(story.contains(words), "{story}");
    }
    // An addition that ends after the invoice's first day, or that nothing follows, is no news.
    for quiet in ["; until 2026-12-01", "; until 2026-11-30"] {
        acme(
            &format!("addition 1000 on 1 item 5 at 10; price 2{quiet}\nusage Acme Hot 12 GB 1d"),
            "
            Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
            1 change",
        );
    }
}

#[test]
fn a_pin_whose_addition_ended_proposes_the_successor() {
    let soon = acme(
        &format!("{HANDOVER}\npin Acme Hot 1000"),
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.successor addition.paid_period]
        1 change",
    );
    soon.says(
        Code::AdditionSuccessor,
        &["pinned to addition 1000", "hive pin \"Northwind IT\" --account \"Acme\" --product \"Hot\" --addition 1001"],
    );
    let ended = acme(
        &format!("{HANDOVER}\npin Acme Hot 1000\nnow 2026-12-01T10:00:00Z\nusage Acme Hot 12 GB 1d"),
        "
        Acme x Hot: issue [!addition.none]
        1 issue",
    );
    ended.says(Code::AdditionNone, &["Addition 1000 ended on 2026-11-30; it is followed by addition 1001 on agreement \"Managed\" (1) from 2026-12-01", "--addition 1001"]);
    let candidates = plan::candidates(&ended.facts, ended.line("Acme", "Hot").id, ended.plan.today);
    let follows: Vec<(i64, bool, bool)> =
        candidates.iter().map(|one| (one.addition.id.0, one.pinned, one.follows_pin)).collect();
    assert_eq!(follows, [(1000, true, false), (1001, false, true)]);
}

#[test]
fn every_candidate_is_named_chosen_or_not_and_why() {
    let planned = Planned::of(&format!(
        "{ACME}{TWO}
        agreement 3 of 20 Old; status Expired; parent 1
        addition 1002 on 3 item 5 at 7
        addition 1003 on 1 item 5 at 1; from 2027-01-01
        set agreement_rule type=Backup"
    ));
    let line = planned.line("Acme", "Hot");
    let said: Vec<String> = plan::candidates(&planned.facts, line.id, planned.plan.today)
        .iter()
        .map(|one| {
            format!(
                "{} on {} {}: {}",
                one.addition.id,
                one.agreement.id,
                if one.chosen { "yes" } else { "no" },
                one.why
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "1000 on 1 no: agreement \"Managed\" (1) does not match the rule type=Backup",
            "1003 on 1 no: agreement \"Managed\" (1) does not match the rule type=Backup",
            "1001 on 2 yes: the only ongoing one (rule type=Backup)",
            "1002 on 3 no: agreement \"Old\" (3) is expired",
        ]
    );
    let story = planned.story("Acme", "Hot");
    for id in [1000, 1001, 1002, 1003] {
        assert!(story.contains(&id.to_string()), "{id} is not in {story}");
    }
}

#[test]
fn a_child_agreement_names_its_parent() {
    let planned = Planned::of(&format!("{ACME}{TWO}\nagreement 2 of 20 Site B; parent 1"));
    planned.says(
        Code::AdditionAmbiguous,
        &["addition 1001 on agreement \"Site B\" (2), child of agreement 1 Managed at 3"],
    );
    // It is read on its own: one with an addition, whosever child it is, is enough.
    acme(
        "agreement 2 of 20 Site B; parent 1\naddition 1000 on 2 item 5 at 10; price 2\nusage Acme Hot 12 GB 1d",
        "
        Acme x Hot: change 10 -> 12 (addition 1000) 4 [addition.paid_period]
        1 change",
    );
}

#[test]
fn nothing_is_prorated_silently() {
    for (prorates, words) in
        [("; prorates yes", Some("prorates in ConnectWise")), ("; prorates no", Some("does not prorate")), ("", None)]
    {
        for cycle in ["Monthly", "Quarterly"] {
            let planned = Planned::of(&format!(
                "{ACME}\nagreement 1 of 20 Managed; cycle {cycle}{prorates}\nusage Acme Hot 12 GB 1d"
            ));
            planned
                .says(Code::AdditionPaidPeriod, &["the invoice of 2026-12-01", words.unwrap_or("this change reaches")]);
            let said = &planned.issue(Code::AdditionPaidPeriod).message;
            assert_eq!(said.contains("prorate"), words.is_some(), "{said}");
        }
    }
}

/// Companies 20 to 24, each with a Managed and a Backup agreement that both hold the item.
fn many(pins: &str) -> Planned {
    let mut commands = "item 5 HOT-GB\nproduct Hot GB -> 5 per 1 GB\n".to_owned();
    for n in 0..5 {
        let (company, managed, backup) = (20 + n, 100 + n, 200 + n);
        commands.push_str(&format!(
            "company {company} C{n}\naccount A{n} -> {company}
            agreement {managed} of {company} Care {n}; type Managed
            agreement {backup} of {company} Cloud Backup {n}; type Backup
            addition {} on {managed} item 5 at 1
            addition {} on {backup} item 5 at 2
            usage A{n} Hot 12 GB 1d\n",
            1000 + n,
            2000 + n,
        ));
    }
    Planned::of(&format!("{commands}\n{pins}"))
}

fn suggested(planned: &Planned) -> Option<(String, usize, usize, usize)> {
    let found = suggest_rule(&planned.facts, &planned.plan, ProductId(1))?;
    Some((found.rule, found.pins, found.resolves, found.ambiguous))
}

#[test]
fn pins_become_a_rule_where_one_does_the_same() {
    assert_eq!(suggested(&many("")), None, "without a pin nothing says which");
    assert_eq!(suggested(&many("pin A0 Hot 2000")), Some(("type=Backup".to_owned(), 1, 4, 4)));
    assert_eq!(suggested(&many("pin A0 Hot 2000\npin A1 Hot 2001")), Some(("type=Backup".to_owned(), 2, 3, 3)));
    assert_eq!(suggested(&many("pin A0 Hot 2000\npin A1 Hot 1001")), None, "no one rule does what both pins do");
    // Two of one type in a company: the name says more than the type.
    let same_type = "agreement 100 of 20 Care 0; type Backup\nagreement 101 of 21 Care 1; type Backup\n\
                     agreement 102 of 22 Care 2; type Backup\nagreement 103 of 23 Care 3; type Backup";
    assert_eq!(suggested(&many(&format!("{same_type}\npin A0 Hot 2000"))), Some(("name~Cloud".to_owned(), 1, 4, 4)));
    // A line that has its addition without the rule keeps it, or there is no rule.
    assert_eq!(suggested(&many("pin A0 Hot 2000\naddition 2004 on 204 item 5 at 2; until 2026-01-01")), None);
    let planned = many("pin A0 Hot 2000");
    let rule = suggest_rule(&planned.facts, &planned.plan, ProductId(1)).unwrap();
    assert!(rule.words().contains("type=Backup") && rule.words().contains("4 of 4"), "{}", rule.words());
    let ruled = many("pin A0 Hot 2000\nset agreement_rule type=Backup; product Hot");
    assert!(ruled.plan.lines.iter().all(|line| line.addition.is_some_and(|addition| addition.0 >= 2000)));
}
