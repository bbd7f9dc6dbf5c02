//! The words that vendors head their columns with, in English and a few of its neighbours.

use hive_core::unit::Unit;

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Account,
    AccountId,
    Product,
    ProductId,
    Quantity,
    Unit,
    MeasuredAt,
    Quota,
    QuotaUnit,
    Class,
}

/// Each role with its words, the best first.
const WORDS: [(Role, &[&str]); 10] = [
    (
        Role::Account,
        &[
            "account",
            "account name",
            "customer name",
            "customer",
            "tenant name",
            "tenant",
            "company name",
            "company",
            "client name",
            "client",
            "end customer",
            "end customer name",
            "organization",
            "organization name",
            "organisation",
            "organisation name",
            "subtenant",
            "site",
            "site name",
            "kunde",
            "kundenname",
            "mandant",
            "firma",
            "klant",
            "cliente",
        ],
    ),
    (
        Role::AccountId,
        &[
            "account id",
            "customer id",
            "tenant id",
            "company id",
            "client id",
            "organization id",
            "organisation id",
            "account number",
            "customer number",
            "account uuid",
            "tenant uuid",
            "kundennummer",
            "kunden nr",
        ],
    ),
    (
        Role::Product,
        &[
            "product",
            "product name",
            "service",
            "service name",
            "sku name",
            "offering",
            "offering name",
            "item",
            "item name",
            "license name",
            "licence name",
            "license type",
            "licence type",
            "subscription",
            "subscription name",
            "plan",
            "resource",
            "meter",
            "workload",
            "produkt",
            "dienst",
            "leistung",
            "produit",
            "producto",
        ],
    ),
    (Role::ProductId, &["product id", "sku", "sku id", "product code", "part number", "service id", "artikelnummer"]),
    (
        Role::Quantity,
        &[
            "quantity",
            "qty",
            "usage",
            "used",
            "consumed",
            "consumption",
            "usage quantity",
            "usage amount",
            "total usage",
            "current usage",
            "units",
            "units used",
            "amount used",
            "billable quantity",
            "storage used",
            "used storage",
            "storage usage",
            "used space",
            "space used",
            "count",
            "seats",
            "seat count",
            "users",
            "licenses",
            "licences",
            "license count",
            "assigned",
            "devices",
            "menge",
            "anzahl",
            "verbrauch",
            "quantite",
            "quantité",
            "aantal",
            "cantidad",
        ],
    ),
    (
        Role::Unit,
        &[
            "unit",
            "unit of measure",
            "uom",
            "usage unit",
            "unit type",
            "measurement unit",
            "einheit",
            "unité",
            "eenheid",
            "unidad",
        ],
    ),
    (
        Role::MeasuredAt,
        &[
            "measured at",
            "timestamp",
            "time",
            "period end",
            "end date",
            "period end date",
            "billing period end",
            "usage end",
            "usage date",
            "date",
            "report date",
            "as of",
            "snapshot date",
            "collected at",
            "last updated",
            "updated at",
            "datum",
            "stichtag",
            "zeitpunkt",
            "fecha",
        ],
    ),
    (
        Role::Quota,
        &["quota", "storage quota", "limit", "hard quota", "soft quota", "allocated", "allocation", "kontingent"],
    ),
    (Role::QuotaUnit, &["quota unit"]),
    (Role::Class, &["class"]),
];

/// What a row is called that adds up the others.
pub(super) const TOTALS: [&str; 12] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub total",
    "sub-total",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "totaal",
    "total général",
];

/// Formats of dates, one that says more before one that says less. What two of them both read, they
/// read differently only where a day and a month can be taken for each other.
pub(super) const DATES: [&str; 27] = [
    super::RFC_3339,
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M %p",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%Y%m%d",
];

/// Words of columns that are money or rates, however much they look like quantities.
const MONEY: [&str; 16] = [
    "price", "cost", "amount", "rate", "margin", "revenue", "discount", "tax", "fee", "charge", "charges", "invoice",
    "preis", "betrag", "kosten", "%",
];

/// Words that count something, and the unit that they count.
const COUNTED: [(&str, &str); 20] = [
    ("seats", "seat"),
    ("seat", "seat"),
    ("users", "user"),
    ("user", "user"),
    ("licenses", "licence"),
    ("licences", "licence"),
    ("license", "licence"),
    ("licence", "licence"),
    ("devices", "device"),
    ("device", "device"),
    ("servers", "server"),
    ("server", "server"),
    ("workstations", "workstation"),
    ("workstation", "workstation"),
    ("mailboxes", "mailbox"),
    ("mailbox", "mailbox"),
    ("vms", "VM"),
    ("vm", "VM"),
    ("machines", "machine"),
    ("endpoints", "endpoint"),
];

/// A header in lower case, without underscores; what stands in brackets apart.
fn parts(header: &str) -> (String, String) {
    let lower = header.to_lowercase().replace(['_', '-', ':', '#'], " ");
    let (before, rest) = lower.split_once(['(', '[']).unwrap_or((&lower, ""));
    let (inside, after) = rest.split_once([')', ']']).unwrap_or((rest, ""));
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    (plain(&format!("{before} {after}")), plain(inside))
}

fn storage(word: &str) -> Option<String> {
    // A lone B or a KB in a header is more often something else than a unit that is billed.
    Unit::parse(word).filter(|unit| word.len() > 1 && unit.storage().is_some()).map(|unit| unit.to_string())
}

/// What a column is for, by its header.
pub(super) fn role(header: &str) -> Option<Role> {
    let (plain, _) = parts(header);
    let known = |text: &str| WORDS.iter().find(|(_, words)| words.contains(&text)).map(|(role, _)| *role);
    if let Some(role) = known(&plain) {
        return Some(role);
    }
    // "Used GB", "GB used", "GB".
    let words: Vec<&str> = plain.split(' ').collect();
    let rest: Vec<&str> = words.iter().filter(|word| storage(word).is_none()).copied().collect();
    match (words.len() - rest.len(), rest.is_empty()) {
        (1, true) => Some(Role::Quantity),
        (1, false) => known(&rest.join(" ")).filter(|role| matches!(role, Role::Quantity | Role::Quota)),
        _ => None,
    }
}

/// How good a word a header is for its role: 0 is the best.
pub(super) fn rank(header: &str) -> usize {
    let (plain, _) = parts(header);
    let place = |words: &[&str]| words.iter().position(|word| *word == plain);
    WORDS.iter().find_map(|(_, words)| place(words)).unwrap_or(usize::MAX)
}

/// The unit that a header says: "Used (GB)", "Storage GB", "Seats".
pub(super) fn unit_in(header: &str) -> Option<String> {
    let (plain, inside) = parts(header);
    let words = || inside.split(' ').chain(plain.rsplit(' '));
    words().find_map(storage).or_else(|| {
        let counted = |word: &str| COUNTED.iter().find(|(said, _)| *said == word).map(|(_, unit)| (*unit).to_owned());
        words().find_map(counted)
    })
}

/// A header as a product's name: without the unit of storage in brackets or at its end.
pub(super) fn without_unit(header: &str) -> String {
    let cut = header.trim();
    let cut = match (cut.rfind(['(', '[']), cut.ends_with([')', ']'])) {
        (Some(start), true) if unit_in(&cut[start..]).is_some() => cut[..start].trim_end(),
        _ => cut,
    };
    match cut.rsplit_once(' ') {
        Some((name, unit)) if storage(unit).is_some() => name.trim_end().to_owned(),
        _ => cut.to_owned(),
    }
}

pub(super) fn is_money(header: &str) -> bool {
    let lower = header.to_lowercase();
    MONEY.iter().any(|word| lower.split(|c: char| c.is_whitespace() || c == '_').any(|part| part == *word))
        || lower.contains(['%', '€', '$', '£'])
}
