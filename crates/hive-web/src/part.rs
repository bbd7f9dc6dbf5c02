//! The parts that pages are made of, each a function that gives markup.
//!
//! **Owns:** how a figure, a mark, a table, a field looks and is read out; numbers and times as people
//! read them.
//! **Does not own:** what is shown; the frame around a page (`page`).
//! **Limits on purpose:** no style attributes and no inline script, since the content security policy
//! refuses both. Everything works without JavaScript; `assets/hive.js` makes it quicker.

mod chart;
mod field;
mod here;
mod icon;
mod list;
mod show;
mod steps;
mod words;

pub use chart::{Point, line_chart, sparkline};
pub use field::{
    Chosen, Combobox, button, checkbox, combobox, field, hidden, password, post_button, select, submit, text_area,
};
pub use here::Here;
pub use icon::Icon;
pub use list::{Chip, Column, Paged, ROWS_A_PAGE, Sort, Table, chips, pager, search, tabs};
pub use show::{
    Card, Kind, Tick, arrow, banner, cancel, card, definitions, dialog, empty, mark, open_dialog, panel, pill,
    progress, reveal,
};
pub use steps::stepped_chart;
pub use words::{
    NAME_SHOWN_MAX, ago, count, date, money, money_change, name, plural, quantity, quantity_change, time, time_words,
    took, zone,
};
