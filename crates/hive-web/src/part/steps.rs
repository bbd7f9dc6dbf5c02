//! A line over days with another that moves in steps: usage under its quota.
//!
//! **Limits on purpose:** one point a day, so that equal distances are equal times.

use super::chart::{Point, Scale, days};
use super::words;
use hive_core::{Date, Decimal};
use maud::{Markup, html};

const SIZE: (i64, i64) = (960, 220);

/// How far the value of today reaches past the last day: to the right edge of the drawing.
const BEYOND: i64 = 16;

/// A line of daily values with a step line beside it; days without a step have none. `names` are the line's and
/// the step's.
pub fn stepped_chart(
    label: &str,
    unit: &str,
    names: (&str, &str),
    points: &[Point],
    steps: &[(Date, Option<Decimal>)],
) -> Markup {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return super::empty("Nothing measured yet", html! {}, html! {});
    };
    let all = points.iter().map(|point| point.value).chain(steps.iter().filter_map(|(_, value)| *value));
    let scale = Scale::of(all, true);
    let line: Vec<String> =
        points.iter().enumerate().map(|(place, point)| scale.at(place, points.len(), point.value, SIZE)).collect();
    let now = steps.last().and_then(|(_, value)| *value);
    let beside =
        now.map_or_else(|| format!("no {} now", names.1), |now| format!("{} now {} {unit}", names.1, now.normalize()));
    let said = format!(
        "{label}: {} {} {unit} on {}, {} {unit} on {}; {beside}",
        names.0,
        first.value.normalize(),
        first.date,
        last.value.normalize(),
        last.date,
    );
    html! {
        figure.chart {
            svg viewBox="-80 -14 1056 270" role="img" aria-label=(said) {
                @for (y, value) in scale.ticks(SIZE.1) {
                    line.grid x1="0" x2=(SIZE.0) y1=(y) y2=(y) {}
                    text.tick x="-10" y=(y) dy="4" text-anchor="end" { (value) }
                }
                @for (x, date) in days(points, SIZE.0) {
                    text.tick x=(x) y=(SIZE.1 + 24) text-anchor="middle" { (date.strftime("%-d %b").to_string()) }
                }
                @for stretch in stretches(&scale, steps) { polyline.step points=(stretch) {} }
                polyline.line points=(line.join(" ")) {}
                @if let Some((x, y)) = line.last().and_then(|end| end.split_once(',')) { circle.end cx=(x) cy=(y) r="4" {} }
            }
            figcaption {
                (label) " (" (unit) "), " (words::date(first.date)) " to " (words::date(last.date)) ". "
                span.key.key-line {} " " (names.0) " " span.key.key-step {} " " (names.1) @if now.is_none() { " (none now)" }
            }
        }
    }
}

/// The step line, one polyline for each stretch of days that has a value.
fn stretches(scale: &Scale, steps: &[(Date, Option<Decimal>)]) -> Vec<String> {
    let mut all: Vec<Vec<String>> = Vec::new();
    let mut open: Option<Decimal> = None;
    for (place, (_, value)) in steps.iter().enumerate() {
        let at = |value: Decimal| scale.at(place, steps.len(), value, SIZE);
        match (value, open) {
            (None, _) => {}
            // The old level reaches to the day of the change, and there it rises or falls.
            (Some(value), Some(before)) => {
                if let Some(stretch) = all.last_mut() {
                    stretch.extend([at(before), at(*value)]);
                }
            }
            (Some(value), None) => all.push(vec![at(*value)]),
        }
        open = *value;
    }
    // What holds today reaches past its day to the right edge: set today, it is a line too.
    if let (Some(value), Some(stretch)) = (open, all.last_mut()) {
        stretch.push(format!("{},{}", SIZE.0 + BEYOND, scale.height(value, SIZE.1)));
    }
    all.into_iter().map(|stretch| stretch.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_drawn_as_steps_and_read_out() {
        let date = |day: i8| Date::constant(2026, 11, day);
        let points = [1, 2, 3, 4].map(|day| Point { date: date(day), value: Decimal::from(i64::from(day) * 10) });
        let value = |value: i64| Some(Decimal::from(value));
        let steps = [(date(1), None), (date(2), value(50)), (date(3), value(50)), (date(4), value(100))];
        let chart = stepped_chart("Hot of Acme", "GB", ("usage", "quota"), &points, &steps).0;
        assert!(chart.contains("usage 10 GB on 2026-11-01, 40 GB on 2026-11-04; quota now 100 GB"), "{chart}");
        assert!(chart.contains(r#"points="320,115.5 640,115.5 640,115.5 960,115.5 960,11 976,11""#), "{chart}");
        let today =
            stepped_chart("Hot", "GB", ("usage", "quota"), &points, &[(date(1), None), (date(4), value(100))]).0;
        assert!(today.contains(r#"points="960,11 976,11""#), "{today}");
        let none = stepped_chart("Hot", "GB", ("usage", "quota"), &points, &[(date(1), value(5)), (date(4), None)]).0;
        assert!(none.contains("no quota now") && none.matches("polyline class=\"step\"").count() == 1, "{none}");
    }
}
