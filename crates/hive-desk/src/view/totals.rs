//! What moves in all, in both directions, as others read it.

use crate::money::{Both, a_year};
use serde::Serialize;

/// One currency's sums.
#[derive(Debug, Serialize)]
pub struct TotalView {
    /// `null` where ConnectWise names no currency.
    pub currency: Option<String>,
    pub up_month: String,
    pub down_month: String,
    pub up_year: String,
    pub down_year: String,
}

impl TotalView {
    /// One view a currency.
    pub fn of(both: &Both) -> Vec<TotalView> {
        let one = |currency: &str| {
            let (up, down) = both.of_currency(currency);
            TotalView {
                currency: Some(currency.to_owned()).filter(|currency| !currency.is_empty()),
                up_month: up.to_string(),
                down_month: down.to_string(),
                up_year: a_year(up).to_string(),
                down_year: a_year(down).to_string(),
            }
        };
        both.currencies().into_iter().map(one).collect()
    }
}
