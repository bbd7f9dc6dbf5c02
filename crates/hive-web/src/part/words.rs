//! Numbers, times and names as people read them.
//!
//! **Limits on purpose:** money is shown with two digits after its point, a quantity to its last digit.

use hive_core::{Date, Money, Quantity, TimeZone, Timestamp};
use jiff::SignedDuration;
use maud::{Markup, html};

/// Characters of a name that are shown; the whole of it is in the title.
pub const NAME_SHOWN_MAX: usize = 255;

/// An amount, thousands apart, with its currency: `1,234.50 USD`.
pub fn money(amount: Money, currency: Option<&str>) -> Markup {
    html! { span.money { (amount.words()) @if let Some(code) = currency { " " span.code { (code) } } } }
}

/// A difference in money: its sign is always shown.
pub fn money_change(amount: Money, currency: Option<&str>) -> Markup {
    let sign = if amount > Money::ZERO { "+" } else { "" };
    html! { span.money.{ (direction(amount.cmp(&Money::ZERO))) } {
        (sign) (minus(&amount.words())) @if let Some(code) = currency { " " span.code { (code) } }
    } }
}

/// A quantity to the digit, thousands apart.
pub fn quantity(value: Quantity) -> Markup {
    html! { span.quantity { (grouped(&value.to_string())) } }
}

/// From one quantity to another, as a difference with its sign; nothing where they are equal.
pub fn quantity_change(from: Quantity, to: Quantity) -> Markup {
    let Some(change) = to.minus(from) else { return html! { span.quantity { "more than 18 digits" } } };
    let sign = if to > from { "+" } else { "" };
    html! { span.quantity.{ (direction(to.cmp(&from))) } { (sign) (minus(&grouped(&change.to_string()))) } }
}

/// How many, thousands apart.
pub fn count(how_many: usize) -> String {
    grouped(&how_many.to_string())
}

/// "1 line", "2,000 lines".
pub fn plural(how_many: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(how_many), if how_many == 1 { one } else { many })
}

/// A moment in the MSP's time zone, with the zone's own name: `23 Nov 2026, 21:00 AEDT`.
pub fn time(at: Timestamp, zone: &TimeZone) -> Markup {
    html! { time datetime=(at) { (time_words(at, zone)) } }
}

/// [`time`] as text alone.
pub fn time_words(at: Timestamp, zone: &TimeZone) -> String {
    hive_core::when::moment(at, zone)
}

/// The name of a zone: `Australia/Sydney`.
pub fn zone(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

/// A calendar date.
pub fn date(date: Date) -> Markup {
    html! { time datetime=(date) { (date.strftime("%-d %b %Y").to_string()) } }
}

/// How far away a moment is: "in 2 days", "3 minutes ago", "now".
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let distance = at.duration_since(now);
    let Some(words) = span(distance.abs()) else { return "now".to_owned() };
    if distance.is_negative() { format!("{words} ago") } else { format!("in {words}") }
}

/// How long something took: "4 seconds", "2 minutes".
pub fn took(began: Timestamp, ended: Timestamp) -> String {
    let length = ended.duration_since(began);
    let seconds = length.as_secs();
    match seconds {
        ..1 => "less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        _ => span(length).unwrap_or_default(),
    }
}

fn span(length: SignedDuration) -> Option<String> {
    let minutes = length.as_mins();
    let (many, unit) = match minutes {
        0 => return None,
        1..60 => (minutes, "minute"),
        60..2880 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    Some(format!("{many} {unit}{}", if many == 1 { "" } else { "s" }))
}

/// A name: cut where it is longer than [`NAME_SHOWN_MAX`], whole in its title.
pub fn name(text: &str) -> Markup {
    match text.char_indices().nth(NAME_SHOWN_MAX) {
        Some((end, _)) => html! { span.name title=(text) { (text[..end]) "…" } },
        None => html! { span.name { (text) } },
    }
}

fn direction(order: std::cmp::Ordering) -> &'static str {
    match order {
        std::cmp::Ordering::Less => "less",
        std::cmp::Ordering::Equal => "same",
        std::cmp::Ordering::Greater => "more",
    }
}

/// A minus sign as wide as a plus sign.
fn minus(text: &str) -> String {
    text.replacen('-', "\u{2212}", 1)
}

fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> Quantity {
        Quantity::parse_plain(text).unwrap()
    }

    #[test]
    fn quantities_keep_every_digit() {
        assert_eq!(quantity(q("123456789012.345678")).0, r#"<span class="quantity">123,456,789,012.345678</span>"#);
        assert_eq!(quantity(q("0.5")).0, r#"<span class="quantity">0.5</span>"#);
    }

    #[test]
    fn a_difference_shows_its_sign() {
        assert_eq!(quantity_change(q("10"), q("1012")).0, r#"<span class="quantity more">+1,002</span>"#);
        assert_eq!(quantity_change(q("12"), q("10")).0, "<span class=\"quantity less\">\u{2212}2</span>");
        assert!(money_change(Money::new("-1234.5".parse().unwrap()), Some("USD")).0.contains("\u{2212}1,234.50"));
    }

    #[test]
    fn a_moment_names_its_zone() {
        let zone = TimeZone::get("Australia/Sydney").unwrap();
        let shown = time("2026-11-23T10:00:00Z".parse().unwrap(), &zone).0;
        assert_eq!(shown, r#"<time datetime="2026-11-23T10:00:00Z">23 Nov 2026, 21:00 AEDT</time>"#);
    }

    #[test]
    fn a_long_name_is_cut_and_kept() {
        let long = "ü".repeat(NAME_SHOWN_MAX + 1);
        let shown = name(&long).0;
        assert!(shown.contains(&format!("title=\"{long}\"")) && shown.contains("…"));
        assert_eq!(name("<b>").0, r#"<span class="name">&lt;b&gt;</span>"#);
    }

    #[test]
    fn distances_read_as_people_say_them() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        assert_eq!(ago("2026-11-25T12:00:00Z".parse().unwrap(), now), "in 2 days");
        assert_eq!(ago("2026-11-23T09:59:00Z".parse().unwrap(), now), "1 minute ago");
        assert_eq!(ago(now, now), "now");
    }
}
