//! What a change is worth: shown on every line, never written.

use crate::mirror::{Addition, Agreement};
use crate::quantity::{Money, Quantity};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The addition's unit price a month; `None` where there is no price or no cycle to divide by.
pub(super) fn price_month(agreement: &Agreement, addition: &Addition) -> Option<Decimal> {
    let price = addition.unit_price?.decimal();
    // Without a billing cycle the price is all there is to show.
    price.checked_div(agreement.cycle_months().unwrap_or(Decimal::ONE))
}

/// `quantity` times a monthly price.
pub(super) fn worth(quantity: Quantity, price_month: Option<Decimal>) -> Option<Money> {
    quantity.decimal().checked_mul(price_month?).map(Money::new)
}

/// What an addition bills a month at `quantity`: nothing where the customer is not charged for it, `None`
/// where it has no price.
pub fn worth_month(agreement: &Agreement, addition: &Addition, quantity: Quantity) -> Option<Money> {
    if matches!(addition.bill_customer.as_str(), "DoNotBill" | "NoCharge") {
        return Some(Money::ZERO);
    }
    worth(quantity, price_month(agreement, addition))
}

/// An addition's unit price a month, whatever its agreement's billing cycle; `None` where it has no price.
pub fn unit_price_month(agreement: &Agreement, addition: &Addition) -> Option<Money> {
    price_month(agreement, addition).map(Money::new)
}

/// What `month` a month comes to between two days.
pub(super) fn until(month: Money, from: Date, to: Date) -> Option<Money> {
    let days = from.until(to).ok()?.get_days();
    let share = Decimal::from(i64::from(days).max(0) * 12).checked_div(Decimal::from(365))?;
    month.decimal().checked_mul(share).map(Money::new)
}

/// An amount with its currency, for words.
pub(super) fn words(money: Money, currency: Option<&str>) -> String {
    currency.map_or_else(|| money.words(), |currency| format!("{} {currency}", money.words()))
}
