//! Northwind IT and everybody it bills: the tables, and how a cell of them is read.
//!
//! **Owns:** who uses what, what ConnectWise bills for it, which stories are planted where.
//! **Does not own:** the ConnectWise records (`world`), the vendors' files (`vendors`).

use crate::failure::Failure;
use hive_core::Quantity;
use hive_core::ladder::Ladder;
use rust_decimal::Decimal;

/// A vendor: a source of usage with a file of its own.
pub(super) struct Vendor {
    /// The source's name.
    pub(super) source: &'static str,
    pub(super) name: &'static str,
}

/// What a product is billed as.
pub(super) struct Item {
    pub(super) identifier: &'static str,
    pub(super) description: &'static str,
    pub(super) unit_of_measure: &'static str,
    /// A month, in cents.
    pub(super) price_cents: i64,
    /// What one unit of it is, as the clerk's links file says.
    pub(super) unit: &'static str,
}

/// Something that is measured and sold.
pub(super) struct Product {
    pub(super) name: &'static str,
    /// The source that measures it.
    pub(super) source: &'static str,
    /// The unit of its samples.
    pub(super) unit: &'static str,
    /// Billed by the step of its quota.
    pub(super) by_bracket: bool,
    /// `None`: nobody ever made an item for it.
    pub(super) item: Option<Item>,
}

pub(super) const VENDORS: [Vendor; 6] = [
    Vendor { source: "vaultbay", name: "Vaultbay" },
    Vendor { source: "mailkeep", name: "Mailkeep" },
    Vendor { source: "skydist", name: "Skydist" },
    Vendor { source: "sentryline", name: "Sentryline" },
    Vendor { source: "forgesafe", name: "Forgesafe" },
    Vendor { source: "keylock", name: "Keylock" },
];

pub(super) const HOT: &str = "Hot Storage";
pub(super) const ARCHIVE: &str = "Archive Storage";
pub(super) const LICENCES: &str = "Business Premium";
pub(super) const ENDPOINTS: &str = "Endpoint Protection";
pub(super) const SERVERS: &str = "Server Backup";
pub(super) const PASSWORDS: &str = "Password Manager";
pub(super) const MAIL: &str = "Mailbox Backup";
pub(super) const TRAINING: &str = "Phishing Training";

/// In the order of the cells of [`CUSTOMERS`].
pub(super) const PRODUCTS: [Product; 8] = [
    product(HOT, "vaultbay", "GB", Some(item("NW-HOT-GB", "Hot storage, per GB", "GB", 6, "GB"))),
    product(ARCHIVE, "vaultbay", "GB", Some(item("NW-ARCH-TB", "Archive storage, per TB", "TB", 2_800, "TB"))),
    product(MAIL, "mailkeep", "user", Some(item("NW-MAIL", "Mailbox backup, per user", "User", 320, "user"))),
    product(LICENCES, "skydist", "user", Some(item("NW-M365BP", "Business Premium licence", "User", 2_200, "user"))),
    product(
        ENDPOINTS,
        "sentryline",
        "device",
        Some(item("NW-EDR", "Endpoint protection, per device", "Each", 450, "device")),
    ),
    product(SERVERS, "forgesafe", "server", Some(item("NW-SRV", "Server backup, per server", "Each", 3_800, "server"))),
    product(PASSWORDS, "keylock", "user", Some(item("NW-PWM", "Password manager, per user", "User", 300, "user"))),
    product(TRAINING, "sentryline", "user", None),
];

const fn product(name: &'static str, source: &'static str, unit: &'static str, item: Option<Item>) -> Product {
    // The one product with a quota and a ladder.
    let by_bracket = matches!(&item, Some(item) if item.price_cents == 6);
    Product { name, source, unit, by_bracket, item }
}

const fn item(
    identifier: &'static str,
    description: &'static str,
    unit_of_measure: &'static str,
    price_cents: i64,
    unit: &'static str,
) -> Item {
    Item { identifier, description, unit_of_measure, price_cents, unit }
}

/// How an account comes to its company.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// The names are unmistakable: the first Sync links it.
    Itself,
    /// The names differ: the clerk's file links it.
    Clerk,
    /// Nobody ever did.
    Nobody,
}
use Link::{Clerk, Itself, Nobody};

/// Matches that are worth showing: spelled differently, and still the same beyond doubt.
pub(super) const MATCHES_SHOWN: [&str; 4] =
    ["Alder & Finch Lawyers", "Café Lumière", "Greenway Landscapes", "O'Brien Plumbing"];

pub(super) const NEVER_LINKED: &str = "Blue Heron Realty";
pub(super) const NEAR_TWIN: &str = "Harbour Dental";
pub(super) const TWO_ADDITIONS: &str = "Castellan Logistics";
pub(super) const YEARLY: &str = "Fernhill Primary School";
pub(super) const CANCELLED: &str = "Maple Street Bakery";
pub(super) const BRANCH: &str = "Ostrava Foods North";
pub(super) const BRANCH_SILENT: &str = "Ostrava Foods South";
pub(super) const QUOTA: &str = "Ridgeway Architects";
/// What it may store, as its row below has it.
pub(super) const QUOTA_GB: i64 = 500;
pub(super) const PER_TB: &str = "Kestrel Engineering";
pub(super) const FRACTION: &str = "Whitfield Accounting";
pub(super) const LEFT: &str = "Meridian Freight";
pub(super) const PRIYA: &str = "Juniper Law";
pub(super) const MARCUS: &str = "Cobalt Robotics";

/// Account, company in ConnectWise, how they are linked, and a cell for each of [`PRODUCTS`]:
/// `USED[/QUOTA][@BILLED]`, empty where it is not used. Without `@` ConnectWise is right already.
type Row = (&'static str, &'static str, Link, [&'static str; 8]);

#[rustfmt::skip]
const CUSTOMERS: [Row; 42] = [
    ("Alder & Finch Lawyers",   "Alder and Finch Lawyers LLP",  Itself, ["430/500",     "1240",      "31@28", "31@28", "36",    "2",    "31",      "31"]),
    ("Anchor Point Marine",     "ANCHOR POINT MARINE",          Itself, ["180/250",     "",          "12",    "12",    "14",    "1",    "12",      ""]),
    ("Ashgrove Veterinary",     "Ashgrove Veterinary",          Itself, ["95/100",      "310",       "9@8",   "9@8",   "11",    "1",    "9",       ""]),
    ("Beacon Hill Dental",      "Beacon Hill Dental, Inc.",     Itself, ["240/250",     "610",       "16",    "16@14", "19",    "1",    "16",      "16"]),
    (NEVER_LINKED,              "BHR Property Group",           Nobody, ["460/500@0",   "",          "15@0",  "",      "18@0",  "3@0",  "13@0",    ""]),
    ("Briar & Sons Joinery",    "Briar and Sons Joinery LLC",   Itself, ["88/100",      "",          "7",     "7",     "8",     "1",    "7",       ""]),
    ("Café Lumière",            "Cafe Lumiere",                 Itself, ["",            "",          "6",     "6",     "7@9",   "",     "6",       ""]),
    (TWO_ADDITIONS,             "Castellan Logistics",          Itself, ["720/750",     "2310",      "44@41", "44@41", "47@30", "4",    "44",      "44"]),
    (MARCUS,                    "Cobalt Robotics Inc",          Itself, ["940/1000",    "6120@5.4",  "52",    "52@47", "60@55", "5@4",  "52@47",   ""]),
    ("Crestline Accounting",    "Crestline Accounting",         Itself, ["210/250",     "480",       "18",    "18",    "20",    "1",    "18",      "18"]),
    ("Dunmore Textiles",        "Dunmore Textiles Ltd",         Itself, ["390/500",     "1720",      "26",    "26@23", "29",    "3@2",  "26",      ""]),
    ("Eastgate Pharmacy",       "Eastgate Pharmacy",            Itself, ["130/250",     "",          "11",    "11",    "13@12", "1",    "11",      ""]),
    (YEARLY,                    "Fernhill Primary School",      Itself, ["610/750",     "2950",      "52@40", "",      "70",    "3",    "22",      ""]),
    ("Foxglove Interiors",      "Foxglove Interiors",           Itself, ["77/100",      "",          "8",     "8@9",   "9",     "",     "8",       ""]),
    ("Granite Peak Builders",   "Granite Peak Builders LLC",    Itself, ["340/500",     "1130",      "33",    "33@29", "41@36", "2",    "33",      "33"]),
    ("Greenway Landscapes",     "Green Way Landscapes",         Itself, ["64/100",      "",          "10",    "10",    "12",    "",     "10",      ""]),
    (NEAR_TWIN,                 "Harbor Dental Group",          Nobody, ["205/250",     "",          "14@12", "14@12", "17",    "1",    "14",      ""]),
    ("Hartwell Insurance",      "Hartwell Insurance Brokers",   Clerk,  ["465/500",     "1890",      "38",    "38@33", "43",    "2",    "38@35",   "38"]),
    ("Ironbark Brewing",        "Ironbark Brewing Pty Ltd",     Itself, ["115/250",     "",          "13",    "13",    "15",    "1",    "13@11",   ""]),
    (PRIYA,                     "Juniper Law",                  Itself, ["280/500",     "940",       "24",    "24@19", "27",    "1",    "24",      ""]),
    (PER_TB,                    "Kestrel Engineering",          Itself, ["860/1000",    "4380@3.9",  "47",    "47",    "58@54", "4",    "47",      ""]),
    ("Lakeside Physio",         "Lakeside Physiotherapy",       Clerk,  ["92/100",      "",          "11@10", "11@10", "12",    "1",    "11",      ""]),
    ("Larkspur Events",         "Larkspur Events",              Itself, ["150/250",     "",          "9",     "9",     "10",    "",     "9",       ""]),
    (CANCELLED,                 "Maple Street Bakery",          Itself, ["",            "",          "8",     "8",     "9",     "",     "8",       ""]),
    (LEFT,                      "Meridian Freight",             Itself, ["520/750",     "2040",      "36",    "36@40", "45",    "3",    "36",      ""]),
    ("Millbrook Council",       "Millbrook Town Council",       Clerk,  ["1350/2000",   "7410@6.8",  "88@81", "88@82", "104",   "6",    "88",      ""]),
    ("Nettle & Thyme",          "Nettle & Thyme Catering",      Clerk,  ["58/100",      "",          "7",     "7@6",   "8",     "",     "7",       ""]),
    ("Northgate Motors",        "Northgate Motors",             Itself, ["225/250",     "730",       "21",    "21@18", "25",    "2@1",  "21",      ""]),
    ("O'Brien Plumbing",        "OBrien Plumbing",              Itself, ["83/100",      "",          "10",    "10",    "11",    "1",    "10@12",   ""]),
    ("Orchard Aged Care",       "Orchard Aged Care",            Itself, ["690/750",     "3120@2.8",  "64@58", "64@59", "71",    "4",    "64",      ""]),
    (BRANCH,                    "Ostrava Foods",                Clerk,  ["380/500",     "1560",      "24@21", "24",    "28",    "3",    "24",      ""]),
    (BRANCH_SILENT,             "Ostrava Foods",                Clerk,  ["140/250",     "",          "11",    "11",    "12",    "1",    "11",      ""]),
    ("Pinecrest Medical",       "Pinecrest Medical",            Itself, ["415/500",     "1470",      "29",    "29@26", "34",    "2",    "29",      "29"]),
    ("Quarry Lane Design",      "Quarry Lane Design",           Itself, ["295/500",     "",          "12",    "12",    "14@17", "1",    "12",      ""]),
    (QUOTA,                     "Ridgeway Architects",          Itself, ["620/500@500", "2260",      "27",    "27@25", "31",    "2",    "27",      ""]),
    ("Sable & Stone Jewellers", "Sable and Stone Jewellers",    Itself, ["71/100",      "",          "8",     "8",     "9",     "1@2",  "8",       ""]),
    ("Sandpiper Travel",        "Sandpiper Travel",             Itself, ["110/250",     "",          "15",    "15@14", "17",    "1",    "15",      "15"]),
    ("St Brendan's College",    "Saint Brendan's College",      Clerk,  ["980/1000",    "5230@4.9",  "94@87", "41",    "160",   "5",    "41",      ""]),
    ("Tamarind Kitchen",        "Tamarind Kitchen",             Itself, ["",            "",          "6",     "6",     "7",     "",     "6",       ""]),
    ("Vantage Surveyors",       "Vantage Surveying",            Clerk,  ["455/500",     "2680@2.75", "19",    "19@17", "22",    "2",    "19",      ""]),
    (FRACTION,                  "Whitfield Accounting",         Itself, ["190/250",     "520",       "13",    "13",    "15",    "1",    "12.5@12", "13"]),
    ("Wren Hill Winery",        "Wren Hill Winery",             Itself, ["125/250",     "",          "9",     "9",     "10",    "1",    "9",       ""]),
];

/// One customer of Northwind IT.
pub(super) struct Customer {
    pub(super) account: &'static str,
    pub(super) company: &'static str,
    pub(super) link: Link,
    pub(super) uses: Vec<Use>,
}

/// One product of one customer.
#[derive(Clone, Copy)]
pub(super) struct Use {
    /// Its place in [`PRODUCTS`].
    pub(super) product: usize,
    pub(super) used: Quantity,
    pub(super) quota: Option<Quantity>,
    /// What ConnectWise bills today, in units of the item.
    pub(super) billed: Quantity,
}

/// Every customer, read from the table.
pub(super) fn customers() -> Result<Vec<Customer>, Failure> {
    let customer = |(account, company, link, cells): &Row| {
        let uses = cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
        let uses = uses.map(|(product, cell)| {
            read(product, cell)
                .ok_or_else(|| Failure::stopped(format!("the demo's own table is wrong: {account}, \"{cell}\"")))
        });
        Ok(Customer { account, company, link: *link, uses: uses.collect::<Result<_, Failure>>()? })
    };
    CUSTOMERS.iter().map(customer).collect()
}

fn read(product: usize, cell: &str) -> Option<Use> {
    let (measured, billed) = cell.split_once('@').map_or((cell, None), |(measured, billed)| (measured, Some(billed)));
    let (used, quota) = measured.split_once('/').map_or((measured, None), |(used, quota)| (used, Some(quota)));
    let used = Quantity::parse_plain(used).ok()?;
    let quota = quota.map(Quantity::parse_plain).transpose().ok()?;
    let billed = match billed {
        Some(billed) => Quantity::parse_plain(billed).ok()?,
        None => right(product, used, quota)?,
    };
    Some(Use { product, used, quota, billed })
}

/// What would be right to bill: the step of the ladder, hundredths of a TB, or the number itself.
fn right(product: usize, used: Quantity, quota: Option<Quantity>) -> Option<Quantity> {
    let product = PRODUCTS.get(product)?;
    if product.by_bracket {
        return Ladder::default().step(used.max(quota.unwrap_or_default()));
    }
    match &product.item {
        Some(item) if item.unit == "TB" => used.over(Decimal::ONE_THOUSAND)?.up_to(Decimal::new(1, 2)),
        Some(_) | None => Some(used),
    }
}
