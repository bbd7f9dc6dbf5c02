//! Lines over time, drawn as SVG.
//!
//! **Limits on purpose:** decimals all the way to the pixel; at most [`POINTS_MAX`] points are drawn.

use super::words;
use hive_core::{Date, Decimal};
use maud::{Markup, html};
use std::fmt::Write as _;

/// A chart of 960 units has no room for more; more are thinned, the last one stays.
const POINTS_MAX: usize = 480;

/// A day and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub date: Date,
    /// What was measured or made of it.
    pub value: Decimal,
}

/// A small line without axes, for a card. Fewer than two values draw nothing.
pub fn sparkline(values: &[Decimal]) -> Markup {
    const SIZE: (i64, i64) = (240, 40);
    if values.len() < 2 {
        return html! {};
    }
    let scale = Scale::of(values.iter().copied(), false);
    let points: Vec<String> =
        values.iter().enumerate().map(|(place, value)| scale.at(place, values.len(), *value, SIZE)).collect();
    let line = points.join(" ");
    let area = format!("0,{h} {line} {w},{h}", w = SIZE.0, h = SIZE.1);
    html! {
        svg.spark viewBox={ "0 0 " (SIZE.0) " " (SIZE.1) } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            polygon.area points=(area) {}
            polyline.line points=(line) {}
        }
    }
}

/// A line over days with both axes. `unit` stands on the figures; `label` is read out with first, last,
/// lowest and highest.
pub fn line_chart(label: &str, unit: &str, points: &[Point]) -> Markup {
    const SIZE: (i64, i64) = (960, 220);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return super::empty("Nothing measured yet", html! {}, html! {});
    };
    let thinned = thin(points);
    let scale = Scale::of(points.iter().map(|point| point.value), true);
    let line: Vec<String> =
        thinned.iter().enumerate().map(|(place, point)| scale.at(place, thinned.len(), point.value, SIZE)).collect();
    let said = format!(
        "{label}: {} {unit} on {}, {} {unit} on {}; lowest {}, highest {}",
        first.value.normalize(),
        first.date,
        last.value.normalize(),
        last.date,
        scale.lowest.normalize(),
        scale.highest.normalize(),
    );
    html! {
        figure.chart {
            svg viewBox="-80 -14 1056 270" role="img" aria-label=(said) {
                @for (y, value) in scale.ticks(SIZE.1) {
                    line.grid x1="0" x2=(SIZE.0) y1=(y) y2=(y) {}
                    text.tick x="-10" y=(y) dy="4" text-anchor="end" { (value) }
                }
                @for (x, date) in days(&thinned, SIZE.0) {
                    text.tick x=(x) y=(SIZE.1 + 24) text-anchor="middle" { (date.strftime("%-d %b").to_string()) }
                }
                polyline.line points=(line.join(" ")) {}
                @if let Some((x, y)) = line.last().and_then(|end| end.split_once(',')) { circle.end cx=(x) cy=(y) r="4" {} }
            }
            figcaption { (label) " (" (unit) "), " (words::date(first.date)) " to " (words::date(last.date)) }
        }
    }
}

/// At most [`POINTS_MAX`], evenly; the first and the last always.
fn thin(points: &[Point]) -> Vec<Point> {
    let wanted = points.len().min(POINTS_MAX);
    if wanted < 2 {
        return points.to_vec();
    }
    (0..wanted).filter_map(|place| points.get(place * (points.len() - 1) / (wanted - 1)).copied()).collect()
}

/// Up to six days below the axis, with where they stand.
pub(super) fn days(points: &[Point], width: i64) -> Vec<(i64, Date)> {
    let labels = points.len().min(6);
    let last = points.len().saturating_sub(1);
    let place = |label: usize| if labels < 2 { 0 } else { label * last / (labels - 1) };
    let across = |place: usize| if last == 0 { 0 } else { width * as_i64(place) / as_i64(last) };
    (0..labels).filter_map(|label| points.get(place(label)).map(|point| (across(place(label)), point.date))).collect()
}

pub(super) struct Scale {
    lowest: Decimal,
    highest: Decimal,
    bottom: Decimal,
    top: Decimal,
}

impl Scale {
    /// `from_zero`: the axis begins at 0, so that heights can be compared.
    pub(super) fn of(values: impl Iterator<Item = Decimal> + Clone, from_zero: bool) -> Scale {
        let lowest = values.clone().min().unwrap_or_default();
        let highest = values.max().unwrap_or_default();
        let bottom = if from_zero { lowest.min(Decimal::ZERO) } else { lowest };
        let top = if highest > bottom { highest } else { bottom.saturating_add(Decimal::ONE) };
        Scale { lowest, highest, bottom, top }
    }

    /// `x,y` of a value, a margin of a twentieth above.
    pub(super) fn at(&self, place: usize, of: usize, value: Decimal, (width, height): (i64, i64)) -> String {
        let last = as_i64(of.saturating_sub(1).max(1));
        let x = Decimal::from(width * as_i64(place)) / Decimal::from(last);
        let mut text = String::new();
        let _ = write!(text, "{},{}", x.round_dp(1).normalize(), self.height(value, height));
        text
    }

    pub(super) fn height(&self, value: Decimal, height: i64) -> Decimal {
        let room = Decimal::from(height) * Decimal::new(95, 2);
        let share = value
            .checked_sub(self.bottom)
            .zip(self.top.checked_sub(self.bottom))
            .and_then(|(part, whole)| part.checked_div(whole))
            .unwrap_or_default();
        (Decimal::from(height) - room * share).round_dp(1).normalize()
    }

    /// Bottom, middle and top with where they stand.
    pub(super) fn ticks(&self, height: i64) -> Vec<(Decimal, Decimal)> {
        let middle = self.bottom.saturating_add(self.top) / Decimal::TWO;
        let values = [self.bottom, middle, self.top];
        values.iter().map(|value| (self.height(*value, height), value.round_dp(2).normalize())).collect()
    }
}

fn as_i64(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_read_out_and_ends_where_the_values_end() {
        let day = |day: i8, value: i64| Point { date: Date::constant(2026, 11, day), value: Decimal::from(value) };
        let chart = line_chart("Usage", "GB", &[day(1, 0), day(2, 50), day(3, 100)]).0;
        assert!(chart.contains("Usage: 0 GB on 2026-11-01, 100 GB on 2026-11-03; lowest 0, highest 100"));
        assert!(chart.contains(r#"points="0,220 480,115.5 960,11""#), "{chart}");
    }

    #[test]
    fn many_points_are_thinned_and_the_last_stays() {
        let points: Vec<Point> =
            (0..2000).map(|n| Point { date: Date::constant(2026, 1, 1), value: Decimal::from(n) }).collect();
        let thinned = thin(&points);
        assert_eq!((thinned.len(), thinned.last()), (POINTS_MAX, points.last()));
    }

    #[test]
    fn equal_values_and_single_values_do_no_harm() {
        assert!(sparkline(&[Decimal::ONE]).0.is_empty());
        assert!(sparkline(&[Decimal::ONE, Decimal::ONE]).0.contains("points=\"0,40 240,40\""));
        assert!(!line_chart("Usage", "GB", &[]).0.contains("polyline"));
    }
}
