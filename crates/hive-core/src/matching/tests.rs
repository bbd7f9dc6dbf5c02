use super::*;
use crate::unit::{Storage, Unit};

fn account(id: i64, name: &str) -> Account {
    Account { id: AccountId(id), name: name.to_owned(), external_id: None }
}

fn company(id: i64, name: &str) -> Company {
    Company {
        id: CompanyId(id),
        identifier: format!("C{id}"),
        name: name.to_owned(),
        status: None,
        deleted: false,
        types: Vec::new(),
        parent: None,
    }
}

/// Accounts 1, 2, … and companies 20, 21, …; a name that begins with "-" is a deleted company.
fn read(accounts: &[&str], companies: &[&str]) -> (Vec<Account>, Vec<Company>) {
    let accounts = (1..).zip(accounts).map(|(id, name)| account(id, name)).collect();
    let companies = (20..)
        .zip(companies)
        .map(|(id, name)| Company { deleted: name.starts_with('-'), ..company(id, name.trim_start_matches('-')) })
        .collect();
    (accounts, companies)
}

fn sure(accounts: &[&str], companies: &[&str]) -> Vec<(i64, i64)> {
    let (accounts, companies) = read(accounts, companies);
    let (accounts, companies): (Vec<&Account>, Vec<&Company>) = (accounts.iter().collect(), companies.iter().collect());
    let found = unmistakable(&accounts, &companies, &BTreeSet::new());
    found.iter().map(|pair| (pair.hive.0, pair.connectwise.0)).collect()
}

fn suggested(accounts: &[&str], companies: &[&str]) -> String {
    let (accounts, companies) = read(accounts, companies);
    let (accounts, companies): (Vec<&Account>, Vec<&Company>) = (accounts.iter().collect(), companies.iter().collect());
    let found = suggest_accounts(&accounts, &companies, &BTreeSet::new());
    let line =
        |s: &Suggestion<AccountId, CompanyId>| format!("{} -> {}: {} {}", s.hive, s.connectwise, s.score, s.reason);
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn unmistakable_names_are_equal_after_normalising() {
    assert_eq!(sure(&["Acme Dental"], &["ACME DENTAL PTY. LTD."]), [(1, 20)]);
    assert_eq!(sure(&["Acme Dental P/L"], &["Acme Dental Pty Ltd"]), [(1, 20)]);
    assert_eq!(sure(&["Blue Sky & Sons"], &["BlueSky and Sons Limited"]), [(1, 20)]);
    assert_eq!(sure(&["The Café"], &["Cafe GmbH"]), [(1, 20)]);
    assert_eq!(sure(&["Acme", "Beta Inc"], &["Beta, Incorporated", "ACME LLC"]), [(1, 21), (2, 20)]);
}

#[test]
fn equal_candidates_are_left_unmatched() {
    assert_eq!(sure(&["Acme"], &["Acme", "ACME"]), []);
    assert_eq!(sure(&["Acme", "acme!"], &["Acme"]), []);
    assert_eq!(sure(&["Acme"], &["Acme Ltd", "Acme LLC"]), []);
    assert_eq!(sure(&["Acme Ltd"], &["Acme Ltd", "Acme"]), [], "the bare name may be either");
    assert_eq!(sure(&["Acme"], &["Acme", "Smith Pty Ltd T/A Acme"]), []);
    assert_eq!(sure(&["Acme", "Acme Ltd"], &["Acme Ltd"]), []);
    assert_eq!(sure(&["Acme"], &["Acme", "-Acme"]), [(1, 20)], "a deleted one is no candidate");
}

#[test]
fn near_twins_are_never_linked_by_themselves() {
    assert_eq!(sure(&["Acme Ltd"], &["Acme LLC"]), []);
    assert_eq!(sure(&["Acme Dental"], &["Acme Dentel"]), []);
    assert_eq!(sure(&["Acme Clinic 1"], &["Acme Clinic 2"]), []);
    assert_eq!(sure(&["Acme"], &["Acme Group"]), []);
    assert_eq!(sure(&["Dental Acme"], &["Acme Dental"]), []);
    assert_eq!(sure(&["Acme Dental"], &["Acme Dental SA"]), [], "may be South Australia");
    assert_eq!(sure(&["Acme Dental"], &["Acme Dental S.A."]), [(1, 20)]);
    assert_eq!(sure(&["Acme Ltd"], &["Acme LLC", "Acme Limited"]), [(1, 21)], "the other form is another company");
    assert_eq!(sure(&["", "!!!"], &["", "???"]), []);
}

#[test]
fn a_rejected_pair_is_not_offered_again_and_still_a_candidate() {
    let (accounts, companies) = read(&["Acme"], &["Acme", "ACME"]);
    let (accounts, companies): (Vec<&Account>, Vec<&Company>) = (accounts.iter().collect(), companies.iter().collect());
    let rejected = BTreeSet::from([(AccountId(1), CompanyId(20))]);
    assert_eq!(unmistakable(&accounts, &companies[..1], &rejected), []);
    assert_eq!(unmistakable(&accounts, &companies, &rejected), []);
    let left = suggest_accounts(&accounts, &companies, &rejected);
    assert_eq!(left.iter().map(|s| s.connectwise.0).collect::<Vec<_>>(), [21]);
}

#[test]
fn a_suggestion_says_why() {
    let companies = [
        "Acme Dental Pty Ltd",
        "Acme Dentel",
        "-Acme Dental",
        "Smith Pty Ltd T/A Acme Dental",
        "Dental Acme",
        "Acme Dental LLC",
        "Acme Dental Group",
        "Acme Dental 2",
        "Zoo",
    ];
    assert_eq!(
        suggested(&["Acme Dental P/L"], &companies),
        "\
1 -> 20: 100 same name but for case, punctuation or spelling of the legal form
1 -> 23: 92 one trades under the other's name
1 -> 25: 85 same name, but Pty Ltd here and LLC in ConnectWise
1 -> 24: 84 same words in another order
1 -> 21: 83 differs by 1 letter"
    );
    assert_eq!(
        suggested(&["Acme"], &["Acme Ltd", "Acme Inc"]),
        "\
1 -> 20: 98 same name but for the legal form; one of 2 with this name
1 -> 21: 98 same name but for the legal form; one of 2 with this name"
    );
    assert_eq!(suggested(&["Acme Clinic 1"], &["Acme Clinic 2"]), "1 -> 20: 65 similar name, but another number");
    assert_eq!(suggested(&["C20"], &["Something Else"]), "1 -> 20: 90 same as the company's identifier");
    assert_eq!(suggested(&["Northwind"], &["Zebra Print", "Yellow Dog"]), "");
}

#[test]
fn at_most_five_and_in_whatever_order_they_come() {
    let names: Vec<String> = (0..9).map(|n| format!("Acme Dental {}", "x".repeat(n))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (accounts, companies) = read(&["Acme Dental"], &names);
    let accounts: Vec<&Account> = accounts.iter().collect();
    let mut companies: Vec<&Company> = companies.iter().collect();
    let one = suggest_accounts(&accounts, &companies, &BTreeSet::new());
    companies.reverse();
    assert_eq!(suggest_accounts(&accounts, &companies, &BTreeSet::new()), one);
    assert_eq!(one.len(), SUGGESTIONS_MAX);
}

fn item(id: i64, identifier: &str, description: &str) -> CatalogItem {
    CatalogItem {
        id: ItemId(id),
        identifier: identifier.to_owned(),
        description: description.to_owned(),
        inactive: false,
        class: Some("Agreement".to_owned()),
        unit_of_measure: None,
        price: None,
    }
}

#[test]
fn items_are_found_by_identifier_and_description() {
    let product = |id: i64, name: &str, own: Option<&str>| Product {
        id: ProductId(id),
        name: name.to_owned(),
        external_id: own.map(str::to_owned),
        unit: Unit::Storage(Storage::GB),
    };
    let products =
        [product(1, "Hot Storage", None), product(2, "Cold Storage", Some("COLD-TB")), product(3, "Forklift", None)];
    let mut items = [
        item(5, "HOT-GB", "Honeycomb Hot Storage per GB"),
        item(6, "COLD-TB", "Archive"),
        item(7, "HOT-OLD", "Hot Storage"),
        item(8, "M365", "Microsoft 365 Backup"),
        item(9, "HOT-BUNDLE", "Hot Storage"),
    ];
    items[2].inactive = true;
    items[4].class = Some("Bundle".to_owned());
    let found =
        suggest_items(&products.iter().collect::<Vec<_>>(), &items.iter().collect::<Vec<_>>(), &BTreeSet::new());
    let lines: Vec<String> =
        found.iter().map(|s| format!("{} -> {}: {} {}", s.hive, s.connectwise, s.score, s.reason)).collect();
    assert_eq!(lines.join("\n"), "\
1 -> 5: 88 like the item's description
1 -> 7: 100 same as the item's description; but the item is inactive; one of 2 with this name
1 -> 9: 100 same as the item's description; but the item is a bundle, which cannot be on an agreement; one of 2 with this name
2 -> 6: 100 the item's identifier is the product's own id
2 -> 5: 60 like the item's description
2 -> 7: 78 like the item's description; but the item is inactive
2 -> 9: 78 like the item's description; but the item is a bundle, which cannot be on an agreement");
    let only_inactive = suggest_items(&[&products[0]], &[&items[2]], &BTreeSet::new());
    assert_eq!(only_inactive, [], "an inactive item is never the first");
}

/// 10,000 x 10,000 must stay a matter of seconds even without optimisation.
#[test]
fn ten_thousand_names_are_matched() {
    let parts = ["Acme", "Beta", "Coastal", "Delta", "Eastern", "Falcon", "Granite", "Harbour", "Indigo", "Juniper"];
    let name =
        |n: usize, form: &str| format!("{} {} {} {n} {form}", parts[n % 10], parts[n / 10 % 10], parts[n / 100 % 10]);
    let accounts: Vec<Account> = (1..).zip(0..2_000).map(|(id, n)| account(id, &name(n, ""))).collect();
    let companies: Vec<Company> = (1..).zip(0..10_000).map(|(id, n)| company(id, &name(n, "Pty Ltd"))).collect();
    let (accounts, companies): (Vec<&Account>, Vec<&Company>) = (accounts.iter().collect(), companies.iter().collect());
    let sure = unmistakable(&accounts, &companies, &BTreeSet::new());
    assert_eq!(sure.len(), 2_000);
    let found = suggest_accounts(&accounts[..200], &companies, &BTreeSet::new());
    let first: Vec<i64> = found.iter().filter(|s| s.score == 98).map(|s| s.connectwise.0).collect();
    assert_eq!(first.len(), 200);
}
