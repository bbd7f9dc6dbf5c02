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

/// What an addition costs the MSP a month at `quantity`, whether the customer is charged or not; `None` where
/// ConnectWise has no cost. Shown only, like every amount.
pub fn cost_month(agreement: &Agreement, addition: &Addition, quantity: Quantity) -> Option<Money> {
    let cost = addition.unit_cost?.decimal().checked_div(agreement.cycle_months().unwrap_or(Decimal::ONE));
    worth(quantity, cost)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AdditionId, AgreementId, CompanyId, ItemId};

    fn months(cycle: Option<&str>, cost: Option<i64>) -> Option<String> {
        let agreement = Agreement {
            id: AgreementId(1),
            name: String::new(),
            agreement_type: None,
            company: CompanyId(1),
            company_name: String::new(),
            parent: None,
            start: None,
            end: None,
            no_ending_date: true,
            cancelled: false,
            cancelled_on: None,
            status: None,
            billing_cycle: cycle.map(str::to_owned),
            next_invoice: None,
            currency: None,
            prorates: None,
        };
        let addition = Addition {
            id: AdditionId(1),
            agreement: AgreementId(1),
            item: ItemId(1),
            item_identifier: String::new(),
            description: String::new(),
            quantity: None,
            less_included: None,
            billed_quantity: None,
            unit_price: None,
            unit_cost: cost.map(|cost| Money::new(cost.into())),
            bill_customer: "DoNotBill".to_owned(),
            effective: None,
            cancelled: None,
            unit_of_measure: None,
            updated_by: None,
            updated_at: None,
            read_at: jiff::Timestamp::UNIX_EPOCH,
        };
        cost_month(&agreement, &addition, Quantity::from(10)).map(Money::words)
    }

    #[test]
    fn a_cost_is_of_a_cycle_and_is_there_whether_the_customer_is_charged_or_not() {
        assert_eq!(months(Some("Monthly"), Some(3)).as_deref(), Some("30.00"));
        assert_eq!(months(Some("Quarterly"), Some(3)).as_deref(), Some("10.00"));
        assert_eq!(months(Some("Monthly"), None), None, "unknown is never 0");
    }
}
