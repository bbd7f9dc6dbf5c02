//! Which agreement is meant, on the pages: a rule tried beside Save, many pins at once, a rule that pins
//! suggest, one agreement fixed for an account, what follows an addition that ended, the parent company.

use crate::town::{Town, mirror, words};
use axum::http::StatusCode;
use hive_core::mirror::Mirror;
use hive_core::settings::{At, Key};
use hive_core::*;
use hive_store::{Role, RunKind, RunState};

const LEASE_MS: i64 = 120_000;

/// The town with a Backup agreement (600 + n) for each company, with Hot on it (additions 11, 13 and 14), and
/// Cove's two additions now one.
async fn twice(change: impl FnOnce(&mut Mirror)) -> Town {
    let town = Town::built().await;
    let mut found = mirror(&[(1, "10"), (2, "5"), (3, "20"), (4, "1")], town.door.now());
    for (company, addition) in [(101, 11), (102, 13), (103, 14)] {
        let mut agreement = found.agreements.iter().find(|one| one.company == CompanyId(company)).unwrap().clone();
        let mut copy = found.additions[0].clone();
        (agreement.id, agreement.name) = (AgreementId(company + 500), format!("Cloud {company}"));
        agreement.agreement_type = Some("Backup".to_owned());
        (copy.id, copy.agreement, copy.quantity) = (AdditionId(addition), agreement.id, Some(Quantity::from(2)));
        found.agreements.push(agreement);
        found.additions.push(copy);
    }
    change(&mut found);
    sync(&town, found).await;
    town
}

async fn sync(town: &Town, found: Mirror) {
    let (store, now) = (&town.door.store, town.door.now());
    let lease = store.begin_run(town.msp.id, RunKind::Sync, "cli:ann", now, LEASE_MS, None).await.unwrap();
    store.save_mirror(town.msp.id, &lease, &found).await.unwrap();
    store.finish_run(lease, RunState::Succeeded, None, "done", now).await.unwrap();
}

impl Town {
    async fn product_page(&self) -> String {
        format!("psa-sync/settings/products/{}", self.line("Acme", "Hot").await.product)
    }

    async fn pinned(&self, account: &str) -> Option<i64> {
        let line = self.line(account, "Hot").await;
        let look = self.desk.look_fresh(&self.msp, self.door.now()).await.unwrap();
        look.pin(line.account, line.product).map(|addition| addition.0)
    }
}

#[tokio::test]
async fn a_rule_is_tried_beside_save_company_by_company() {
    let town = twice(|_| {}).await;
    let page = town.get("psa-sync/settings?section=agreements&agreement_rule=type%3DBackup").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(">Try</button>"), "beside Save");
    let said = words(&page.text);
    for part in [
        "0 lines would be billed on another addition, 3 lines would gain one, 1 line would lose the one it has.",
        "Acme · Seat 2 none",
        "Acme 101 changes Cloud 101 601 agreement \"Managed 101\" (501) does not match the rule type=Backup",
    ] {
        let part = part.replace('"', "&quot;");
        assert!(said.contains(&part), "{part}: {said}");
    }
    assert!(town.desk.store.settings(town.msp.id).await.unwrap().entries().next().is_none(), "nothing is saved");
    let wrong = town.get("psa-sync/settings?section=agreements&agreement_rule=kind%3DBackup").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, said) =
        town.post("psa-sync/settings", "section=agreements&agreement_rule=type%3DBackup+%26+name%21~101").await;
    assert!(said.contains("type=Backup &amp; name!~101 now"), "{said}");
}

#[tokio::test]
async fn ticked_lines_are_pinned_by_the_type_of_their_agreement_and_pins_suggest_the_rule() {
    let town = twice(|_| {}).await;
    let page = town.product_page().await;
    let shown = town.get(&page).await.text;
    assert!(words(&shown).contains("Several additions could be meant"), "{}", words(&shown));
    assert!(shown.contains("<option value=\"Backup\">Backup</option>"));
    assert!(!words(&shown).contains("The rule"), "without a pin nothing is suggested");
    let acme = town.line("Acme", "Hot").await;
    let (_, said) = town.post(&format!("{page}/pin"), &format!("type=Backup&line={acme}")).await;
    assert_eq!(said, "1 line is pinned to the addition on the agreement of type Backup.");
    assert_eq!(town.pinned("Acme").await, Some(11));

    let shown = town.get(&page).await.text;
    assert!(words(&shown).contains("The rule type=Backup does what the pin of this product does"), "{}", words(&shown));
    let fill = "section=product&amp;agreement_rule=type%3DBackup#product";
    assert!(shown.contains(fill), "a button fills the field");
    let filled = town.get(&format!("{page}?section=product&agreement_rule=type%3DBackup")).await;
    assert!(filled.text.contains("name=\"agreement_rule\" value=\"type=Backup\""));
    assert!(words(&filled.text).contains("2 lines would gain one"), "{}", words(&filled.text));
    assert!(town.desk.store.settings(town.msp.id).await.unwrap().entries().next().is_none(), "and saves nothing");

    let (bolt, cove) = (town.line("Bolt", "Hot").await, town.line("Cove", "Hot").await);
    let (_, said) = town.post(&format!("{page}/pin"), &format!("type=Silver&line={bolt}&line={cove}")).await;
    assert!(said.contains("0 lines are pinned") && said.contains("Bolt has no ongoing addition"), "{said}");
    let (_, said) = town.post(&format!("{page}/pin"), "type=Backup").await;
    assert!(said.contains("Tick the lines"), "{said}");
    let (_, said) = town.post(&format!("{page}/pin"), &format!("type=Gold&line={bolt}&line={cove}")).await;
    assert!(said.contains("2 lines are pinned"), "{said}");
    assert_eq!((town.pinned("Bolt").await, town.pinned("Cove").await), (Some(3), Some(4)));
    assert!(!words(&town.get(&page).await.text).contains("Several additions could be meant"));
}

#[tokio::test]
async fn an_account_fixes_its_agreement_on_its_billing_page() {
    let town = twice(|_| {}).await;
    let acme = town.line("Acme", "Hot").await;
    let billing = format!("accounts/{}/billing", acme.account);
    let shown = town.get(&billing).await.text;
    assert!(shown.contains("<option value=\"601\">Cloud 101 (601, Backup)</option>"), "{shown}");
    let path = format!("accounts/{}/agreement", acme.account);
    let (_, said) = town.post(&path, "agreement=601").await;
    assert_eq!(said, "Acme is billed on agreement 601 alone from now on.");
    let look = town.desk.look_fresh(&town.msp, town.door.now()).await.unwrap();
    assert_eq!(look.line(acme).unwrap().addition, Some(AdditionId(11)));
    assert!(town.get(&billing).await.text.contains("<option value=\"601\" selected>"));
    let story = words(&town.get(&format!("psa-sync/usages/{acme}")).await.text);
    assert!(story.contains("11 chosen Cloud 101 601 2 from 1 Jan 2025 the only ongoing one"), "{story}");
    assert!(story.contains("is not the one that account"), "{story}");

    // An agreement of another company: it stays chosen until somebody chooses another.
    let (_, _) = town.post(&path, "agreement=502").await;
    assert!(
        town.get(&billing).await.text.contains("502 (not one of the company&#39;s)")
            || town.get(&billing).await.text.contains("502 (not one of the company's)")
    );
    let story = town.get(&format!("psa-sync/usages/{acme}")).await.text;
    assert!(story.contains("agreement.not_matching_rule") && story.contains("Choose the agreement of Acme"));
    let (_, said) = town.post(&path, "agreement=").await;
    assert_eq!(said, "Acme is billed on every active agreement that the rules admit.");
    let reader = town.session(Role::ReadOnly).await;
    let refused = town.post_as(&path, "agreement=601", &reader).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_pin_whose_addition_ended_offers_the_one_that_follows() {
    let town = twice(|found| {
        found.additions.retain(|one| one.id.0 != 13);
        let mut next = found.additions.iter().find(|one| one.id.0 == 3).unwrap().clone();
        (next.id, next.effective) = (AdditionId(33), Some("2025-11-01".parse().unwrap()));
        found.additions.iter_mut().find(|one| one.id.0 == 3).unwrap().cancelled = Some("2025-10-31".parse().unwrap());
        found.additions.push(next);
    })
    .await;
    let bolt = town.line("Bolt", "Hot").await;
    town.desk.pin(&town.by(), bolt.account, bolt.product, Some(AdditionId(3))).await.unwrap();
    let story = town.get(&format!("psa-sync/usages/{bolt}")).await.text;
    assert!(story.contains("Pin addition 33 instead"), "{}", words(&story));
    assert!(
        words(&story).contains("Addition 3 ended on 2025-10-31; it is followed by addition 33"),
        "{}",
        words(&story)
    );
    let (_, said) = town.post(&format!("psa-sync/usages/{bolt}/pin"), "addition=33").await;
    assert!(said.contains("pinned to addition 33"), "{said}");
    assert_eq!(town.pinned("Bolt").await, Some(33));
}

#[tokio::test]
async fn the_parents_agreement_is_proposed_and_linked_by_a_button_alone() {
    let town = twice(|found| {
        found.companies.iter_mut().find(|one| one.id.0 == 103).unwrap().parent = Some(CompanyId(101));
        found.additions.retain(|one| !matches!(one.id.0, 4 | 14 | 11));
    })
    .await;
    let cove = town.line("Cove", "Hot").await;
    let story = town.get(&format!("psa-sync/usages/{cove}")).await.text;
    assert!(story.contains("Link Cove to Acme instead"), "{}", words(&story));
    assert!(words(&story).contains("bills everything that Cove uses (1 line) to the parent"), "{}", words(&story));
    let path = format!("psa-sync/usages/{cove}/relink");
    let (posted, _) = town.post(&path, "company=").await;
    assert!(posted.status.is_client_error(), "an empty form takes no link away");
    let (_, said) = town.post(&path, "company=101").await;
    assert!(said.contains("linked to company 101"), "{said}");
    let look = town.desk.look_fresh(&town.msp, town.door.now()).await.unwrap();
    assert_eq!(look.line(cove).unwrap().addition, Some(AdditionId(1)));
}

#[tokio::test]
async fn a_fixed_agreement_is_among_the_overrides_and_is_taken_back_there() {
    let town = twice(|_| {}).await;
    let acme = town.line("Acme", "Hot").await.account;
    let at = At { product: None, account: Some(acme) };
    town.desk.set_settings(&town.by(), &[(Key::Agreement, at, "601".to_owned())]).await.unwrap();
    let said = words(&town.get("psa-sync/settings").await.text);
    assert!(said.contains("Fixed agreement all Acme 601 nothing Remove"), "{said}");
    let (_, said) = town.post("psa-sync/settings/overrides", &format!("key=agreement&account={acme}&value=")).await;
    assert!(said.contains("Fixed agreement: nothing now, 601 before"), "{said}");
}
