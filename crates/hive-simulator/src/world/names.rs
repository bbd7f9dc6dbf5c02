//! Names of companies and products, as awkward as real ones.
//!
//! **Owns:** a name for every number, each once; accents, quotes, commas, ampersands, apostrophes.
//! **Does not own:** which record gets it.

/// The first companies of every world carry the hard names, so that the smallest one has them too.
const HARD: [&str; 6] =
    ["Müller & Söhne GmbH", "O'Brien Legal", "The \"Red\" Door", "Smith, Jones & Co", "Café Zoë", "A+B 100% Print"];

const PLACES: [&str; 40] = [
    "Harbour",
    "Northgate",
    "Saint-Émilie",
    "Oak Hill",
    "Łódź",
    "Riverside",
    "Bluewater",
    "D'Arcy",
    "São Paulo",
    "Granite",
    "Westfield",
    "Kings Cross",
    "Ålesund",
    "Summit",
    "Cedar",
    "Fjord",
    "Lakeview",
    "Mc'Allister",
    "Zürich",
    "Pinewood",
    "Redwood",
    "Silver Bay",
    "Tamarind",
    "Union",
    "Valley",
    "Walnut",
    "Yarra",
    "Alder",
    "Beacon",
    "Copper",
    "Delta",
    "Eastbrook",
    "Falcon",
    "Greenbank",
    "Hawthorn",
    "Ironbridge",
    "Juniper",
    "Kestrel",
    "Lismore",
    "Meridian",
];
const TRADES: [&str; 40] = [
    "Dental",
    "Logistics",
    "Accounting",
    "Architects",
    "Builders",
    "Bakery",
    "Clinic",
    "Design",
    "Engineering",
    "Foods",
    "Freight",
    "Gardens",
    "Hotels",
    "Insurance",
    "Joinery",
    "Kitchens",
    "Law",
    "Media",
    "Motors",
    "Optics",
    "Packaging",
    "Pharmacy",
    "Plumbing",
    "Press",
    "Property",
    "Roofing",
    "Schools",
    "Security",
    "Solar",
    "Steel",
    "Surveyors",
    "Textiles",
    "Theatre",
    "Timber",
    "Toys",
    "Travel",
    "Vets",
    "Water",
    "Wines",
    "Yachts",
];
const FORMS: [&str; 8] = ["Pty Ltd", "& Sons", "Group", "Inc.", "LLP", "GmbH", "Partners", "Co-op"];

const PRODUCTS: [&str; 25] = [
    "Hot Storage",
    "Cold Archive",
    "Server Backup",
    "Workstation Backup",
    "Mailbox Protection",
    "Endpoint Defence",
    "Remote Monitoring",
    "Patch Service",
    "Exchange Online",
    "Office Apps",
    "Password Vault",
    "Phone Line",
    "Managed Firewall",
    "Web Filter",
    "Virtual Desktop",
    "Database Hosting",
    "Log Retention",
    "Object Storage",
    "Disaster Recovery",
    "Sauvegarde Évoluée",
    "Help Desk",
    "Awareness Training",
    "Print Service",
    "Wi-Fi Access",
    "Domain & DNS",
];
const TIERS: [&str; 20] = [
    "Basic",
    "Standard",
    "Plus",
    "Premium",
    "\"Plan 1\"",
    "\"Plan 2\"",
    "EU",
    "US",
    "AU",
    "Geo-redundant",
    "Education",
    "Non-profit",
    "Annual",
    "Trial",
    "v2",
    "v3",
    "Small",
    "Large",
    "24/7",
    "Office Hours",
];
const EDITIONS: [&str; 5] = ["", " (legacy)", " - partner", " - direct", " & support"];

/// The name of the nth company: no two numbers below 12,000 share one.
pub(crate) fn company(n: usize, shift: usize) -> String {
    if let Some(hard) = HARD.get(n) {
        return (*hard).to_owned();
    }
    let total = PLACES.len() * TRADES.len() * FORMS.len();
    // 7,919 is prime and does not divide the total, so every number meets a place of its own.
    let place = (n * 7_919 + shift) % total;
    let (a, rest) = (place % PLACES.len(), place / PLACES.len());
    let (b, c) = (rest % TRADES.len(), rest / TRADES.len());
    format!("{} {} {}", PLACES[a], TRADES[b], FORMS[c])
}

/// Sold by the space it takes.
pub(crate) fn is_storage(product: &str) -> bool {
    ["Storage", "Archive", "Backup", "Recovery", "Hosting", "Retention"].iter().any(|word| product.contains(word))
}

/// The name of the nth product: no two numbers below 2,500 share one.
pub(crate) fn product(n: usize) -> String {
    let (a, rest) = (n % PRODUCTS.len(), n / PRODUCTS.len());
    let (b, c) = (rest % TIERS.len(), rest / TIERS.len());
    format!("{} {}{}", PRODUCTS[a], TIERS[b], EDITIONS[c % EDITIONS.len()])
}
