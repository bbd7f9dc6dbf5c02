//! The ways in which ConnectWise and the network fail, and when they do.
//!
//! **Owns:** the kinds and their names, which requests a fault is for, counting up to the Nth.
//! **Does not own:** what each kind does to an answer (`stumble`).

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::world::Random;

/// What goes wrong. The name of the switch (reliability.md section 3) is in [`FaultKind::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// No answer, ever.
    Hang,
    /// The right answer, 64 bytes every 250 ms.
    Slow,
    /// Half the answer, then the connection is reset.
    ResetMid,
    /// The connection is closed before any answer; nothing is applied.
    Drop,
    /// Applied, and the connection is closed before any answer.
    PatchLost,
    /// Begins after this long; applied then even if the client has gone.
    Latency(Duration),
    /// Applied at once, answered after this long.
    AnswerLate(Duration),
    /// 429 with this Retry-After, whatever it says; None: without.
    TooMany(Option<String>),
    /// 500 with an error body of no known meaning.
    ServerError,
    /// 502 with an HTML page.
    BadGateway,
    /// 503 with an HTML page.
    Unavailable,
    /// 503 with the body `{}`.
    UnavailableEmptyObject,
    /// 500 "A timeout has occured".
    ServerTimeout,
    /// 500 "Error converting value": bad input answered as a server's fault.
    ServerBadInput,
    /// 200 with an HTML sign-in page.
    Html,
    /// Truncated JSON with a Content-Length that fits it.
    Truncate,
    /// 200 `[]` (a count is 0).
    Empty,
    /// 200 `null`.
    Null,
    /// Additions without `quantity`.
    NoQuantity,
    /// Additions whose `quantity` is "n/a".
    BadType,
    /// A record of the neighbouring page appears on this one too; a POST is carried out twice.
    Duplicate,
    /// A record is skipped, as when one slips to the page before.
    Shift,
    /// The next link leads to the first page, for ever.
    LinkLoop,
    /// The next link leads to this address (an URL without the path).
    LinkOtherHost(String),
    /// No Link header, although more follows.
    LinkMissing,
    /// A Link header that is no link.
    LinkGarbage,
    /// Pages hold half of what was asked; set it for all pages, or records are missed.
    ShortPage,
    Unauthorized,
    Forbidden,
    NotFound,
    /// 400 "addition object is invalid".
    InvalidAddition,
    Conflict,
    RequestTimeout,
    /// PATCH and POST are answered as usual, but another quantity is stored and answered.
    Rounded,
    /// 302 to this address.
    Redirect(String),
    /// Unknown members and enum words, an id over 2^31, 64 KiB texts, nesting 200 deep.
    Weird,
    /// A 2 GiB body in a small gzip.
    Bomb,
    /// A body that does not end until the client closes.
    Endless,
    /// 204 without a body.
    NoContent,
    /// 200 with another record.
    WrongRecord,
    /// 200 with the record, but without its quantity (for PATCH; the write is applied).
    NoQuantityAnswer,
    /// Unset dates are "" and not left out.
    BlankDates,
    /// A human (jdoe) sets the addition's quantity just before the request is carried out.
    HumanBefore(Decimal),
    /// The same just after it: between a client's read and its write.
    HumanAfter(Decimal),
}

impl FaultKind {
    /// From the name of the switch and its value: milliseconds, a Retry-After, an
    /// address, a quantity.
    pub fn parse(name: &str, value: Option<&str>) -> Option<FaultKind> {
        let wait = || Duration::from_millis(value.and_then(|text| text.parse().ok()).unwrap_or(1_000));
        let quantity = || value.and_then(|text| text.parse().ok()).unwrap_or(Decimal::ONE);
        let address = || value.unwrap_or("http://127.0.0.2:9").to_owned();
        Some(match name {
            "hang" => FaultKind::Hang,
            "slow" => FaultKind::Slow,
            "reset_mid" => FaultKind::ResetMid,
            "drop" => FaultKind::Drop,
            "patch_lost" => FaultKind::PatchLost,
            "latency" => FaultKind::Latency(wait()),
            "answer_late" => FaultKind::AnswerLate(wait()),
            "429" => FaultKind::TooMany(Some(value.unwrap_or("1").to_owned())),
            "429na" => FaultKind::TooMany(None),
            "500" => FaultKind::ServerError,
            "502" => FaultKind::BadGateway,
            "503" => FaultKind::Unavailable,
            "emptyobj503" => FaultKind::UnavailableEmptyObject,
            "500timeout" => FaultKind::ServerTimeout,
            "500bad" => FaultKind::ServerBadInput,
            "html200" => FaultKind::Html,
            "truncate" => FaultKind::Truncate,
            "empty" => FaultKind::Empty,
            "null200" => FaultKind::Null,
            "noqty" => FaultKind::NoQuantity,
            "badtype" => FaultKind::BadType,
            "dup" => FaultKind::Duplicate,
            "shift" => FaultKind::Shift,
            "link_loop" => FaultKind::LinkLoop,
            "link_other_host" => FaultKind::LinkOtherHost(address()),
            "link_missing" => FaultKind::LinkMissing,
            "link_garbage" => FaultKind::LinkGarbage,
            "short_page" => FaultKind::ShortPage,
            "401" => FaultKind::Unauthorized,
            "403" => FaultKind::Forbidden,
            "404" => FaultKind::NotFound,
            "400" => FaultKind::InvalidAddition,
            "409" => FaultKind::Conflict,
            "408" => FaultKind::RequestTimeout,
            "rounded" => FaultKind::Rounded,
            "redirect" => FaultKind::Redirect(address()),
            "weird" => FaultKind::Weird,
            "bomb" => FaultKind::Bomb,
            "endless" => FaultKind::Endless,
            "204" => FaultKind::NoContent,
            "wrong_record" => FaultKind::WrongRecord,
            "no_quantity_answer" => FaultKind::NoQuantityAnswer,
            "blank_dates" => FaultKind::BlankDates,
            "human_before" => FaultKind::HumanBefore(quantity()),
            "human_after" => FaultKind::HumanAfter(quantity()),
            _ => return None,
        })
    }

    /// Every switch by name, for the panel and for loops over all faults.
    pub const NAMES: [&'static str; 45] = [
        "hang",
        "slow",
        "reset_mid",
        "drop",
        "patch_lost",
        "latency",
        "answer_late",
        "429",
        "429na",
        "500",
        "502",
        "503",
        "emptyobj503",
        "500timeout",
        "500bad",
        "html200",
        "truncate",
        "empty",
        "null200",
        "noqty",
        "badtype",
        "dup",
        "shift",
        "link_loop",
        "link_other_host",
        "link_missing",
        "link_garbage",
        "short_page",
        "401",
        "403",
        "404",
        "400",
        "409",
        "408",
        "rounded",
        "redirect",
        "weird",
        "bomb",
        "endless",
        "204",
        "wrong_record",
        "no_quantity_answer",
        "blank_dates",
        "human_before",
        "human_after",
    ];
}

/// Which requests a fault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Any,
    Get,
    Patch,
    Post,
    /// Pages of companies, catalog items, agreements or additions.
    Lists,
    Companies,
    Catalog,
    Agreements,
    Additions,
    Counts,
    /// One company, one catalog item.
    Company,
    CatalogItem,
    /// One agreement.
    Agreement,
    /// One addition, read (not written).
    Addition,
    MySecurity,
    CompanyInfo,
    SystemInfo,
}

impl On {
    pub fn parse(name: &str) -> Option<On> {
        Some(match name.to_ascii_lowercase().as_str() {
            "any" => On::Any,
            "get" => On::Get,
            "patch" => On::Patch,
            "post" => On::Post,
            "lists" => On::Lists,
            "companies" => On::Companies,
            "catalog" => On::Catalog,
            "agreements" => On::Agreements,
            "additions" => On::Additions,
            "counts" => On::Counts,
            "company" => On::Company,
            "catalogitem" => On::CatalogItem,
            "agreement" => On::Agreement,
            "addition" => On::Addition,
            "mysecurity" => On::MySecurity,
            "companyinfo" => On::CompanyInfo,
            "systeminfo" => On::SystemInfo,
            _ => return None,
        })
    }
}

/// One fault, for some requests. Without `nth`, `every`, `percent` and `times` it hits each of them.
#[derive(Debug, Clone)]
pub struct Fault {
    pub kind: FaultKind,
    pub on: On,
    /// Only the Nth request it is for, counted from 1 when the fault is set.
    pub nth: Option<u64>,
    /// At most so many times.
    pub times: Option<u64>,
    /// Every so manyth request.
    pub every: Option<u64>,
    /// So many in a hundred, by `seed`.
    pub percent: Option<u8>,
    pub seed: u64,
    /// Only requests about this agreement (its additions too), this addition.
    pub agreement: Option<i64>,
    pub addition: Option<i64>,
    /// The request is carried out although the fault's answer is given: a 500 after the write.
    pub applied: bool,
}

impl Fault {
    pub fn new(kind: FaultKind, on: On) -> Fault {
        Fault {
            kind,
            on,
            nth: None,
            times: None,
            every: None,
            percent: None,
            seed: 1,
            agreement: None,
            addition: None,
            applied: false,
        }
    }

    /// By the name of the switch.
    pub fn named(name: &str, on: On) -> Option<Fault> {
        FaultKind::parse(name, None).map(|kind| Fault::new(kind, on))
    }

    pub fn nth(self, nth: u64) -> Fault {
        Fault { nth: Some(nth), ..self }
    }

    pub fn times(self, times: u64) -> Fault {
        Fault { times: Some(times), ..self }
    }

    pub fn every(self, every: u64) -> Fault {
        Fault { every: Some(every), ..self }
    }

    pub fn percent(self, percent: u8, seed: u64) -> Fault {
        Fault { percent: Some(percent), seed, ..self }
    }

    pub fn addition(self, addition: i64) -> Fault {
        Fault { addition: Some(addition), ..self }
    }

    pub fn agreement(self, agreement: i64) -> Fault {
        Fault { agreement: Some(agreement), ..self }
    }

    pub fn applied(self) -> Fault {
        Fault { applied: true, ..self }
    }

    /// From the JSON of `POST /_sim/fault`: `{"kind":"429","value":"30","on":"patch","nth":2}`.
    pub(crate) fn read(json: &Value) -> Result<Fault, String> {
        let text =
            |name: &str| json.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let number = |name: &str| json.get(name).and_then(Value::as_u64);
        let name = text("kind").ok_or("kind is missing")?;
        let kind = FaultKind::parse(&name, text("value").as_deref()).ok_or(format!("{name} is not a fault"))?;
        let on = text("on").unwrap_or_else(|| "any".into());
        let on = On::parse(&on).ok_or(format!("{on} is not a group of requests"))?;
        Ok(Fault {
            kind,
            on,
            nth: number("nth"),
            times: number("times"),
            every: number("every"),
            percent: number("percent").and_then(|percent| u8::try_from(percent).ok()),
            seed: number("seed").unwrap_or(1),
            agreement: json.get("agreement").and_then(Value::as_i64),
            addition: json.get("addition").and_then(Value::as_i64),
            applied: json.get("applied").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}

/// What a request is, as far as faults and counters care.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) on: On,
    pub(crate) agreement: Option<i64>,
    pub(crate) addition: Option<i64>,
}

impl Subject {
    fn is_for(&self, fault: &Fault) -> bool {
        let group = match fault.on {
            On::Any => true,
            On::Get => !matches!(self.on, On::Patch | On::Post),
            On::Lists => matches!(self.on, On::Companies | On::Catalog | On::Agreements | On::Additions),
            on => on == self.on,
        };
        let agreement = fault.agreement.is_none() || fault.agreement == self.agreement;
        group && agreement && (fault.addition.is_none() || fault.addition == self.addition)
    }
}

struct Armed {
    fault: Fault,
    matched: u64,
    hits: u64,
    random: Random,
}

/// The faults that are set, in the order in which they were; the first that hits wins.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    pub(crate) fn set(&mut self, fault: Fault) {
        let random = Random::new(fault.seed);
        self.0.push(Armed { fault, matched: 0, hits: 0, random });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Those that may still hit, with how often they did.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = (&Fault, u64)> {
        self.0.iter().filter(|armed| !armed.is_spent()).map(|armed| (&armed.fault, armed.hits))
    }

    /// Counts the request with every fault that is for it, and gives the first that hits.
    pub(crate) fn hit(&mut self, subject: Subject) -> Option<Fault> {
        let mut found = None;
        for armed in &mut self.0 {
            if subject.is_for(&armed.fault) && armed.draw() && found.is_none() {
                armed.hits += 1;
                found = Some(armed.fault.clone());
            }
        }
        found
    }
}

impl Armed {
    fn is_spent(&self) -> bool {
        let Fault { nth, times, .. } = &self.fault;
        times.is_some_and(|times| self.hits >= times) || nth.is_some_and(|nth| self.matched >= nth)
    }

    fn draw(&mut self) -> bool {
        self.matched += 1;
        let Fault { nth, times, every, percent, .. } = &self.fault;
        let lucky = percent.is_none_or(|percent| self.random.percent(u64::from(percent)));
        let turn = nth.is_none_or(|nth| self.matched == nth)
            && every.is_none_or(|every| self.matched.is_multiple_of(every.max(1)));
        lucky && turn && times.is_none_or(|times| self.hits < times)
    }
}
