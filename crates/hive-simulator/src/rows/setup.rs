//! The rows of setup tables and of mySecurity: few, so plain trees.
//!
//! **Owns:** which setup tables there are and their members.
//! **Does not own:** the levels (`rights`), the names (`world`).

use serde_json::{Value, json};

use super::{Cell, Record, View};
use crate::{
    projection::Fields,
    schema::{self, Members},
    world::{Named, World},
};

/// A row that is a tree already.
pub(crate) struct Setup(pub(crate) Value);

impl Record for Setup {
    const MEMBERS: Members = schema::SETUP;

    fn id(&self) -> i64 {
        self.0.get("id").and_then(Value::as_i64).unwrap_or(0)
    }

    fn cell<'a>(&'a self, _: View<'a>, _: &str) -> Option<Cell<'a>> {
        None
    }

    fn write(&self, _: View<'_>, fields: Option<&Fields>, out: &mut String) {
        let text = fields.map_or_else(|| self.0.to_string(), |fields| fields.of(&self.0).to_string());
        out.push_str(&text);
    }
}

/// The rows of the setup table at this path, if there is one.
pub(crate) fn setup_rows(world: &World, path: &str) -> Option<Vec<Setup>> {
    let (table, row): (&[Named], fn(&Named) -> Value) = match path {
        "/company/companies/statuses" => (&world.statuses, company_status),
        "/company/companies/types" => (&world.company_types, company_type),
        "/finance/agreements/types" => (&world.agreement_types, agreement_type),
        "/finance/billingCycles" => (&world.cycles, billing_cycle),
        "/procurement/unitOfMeasures" => (&world.units, plain),
        "/finance/currencies" => (&world.currencies, plain),
        _ => return None,
    };
    Some(table.iter().map(|named| Setup(with_info(row(named), world))).collect())
}

fn with_info(mut row: Value, world: &World) -> Value {
    row["_info"] = json!({ "lastUpdated": world.founded.at.to_string(), "updatedBy": &*world.founded.by });
    row
}

fn plain(named: &Named) -> Value {
    json!({ "id": named.id, "name": named.name, "defaultFlag": named.id == 1, "inactiveFlag": false })
}

fn company_status(named: &Named) -> Value {
    json!({
        "id": named.id, "name": named.name, "defaultFlag": named.id == 1, "inactiveFlag": named.name == "Inactive",
        "notifyFlag": false, "disallowSavingFlag": false, "notificationMessage": "", "customNoteFlag": false,
        "cancelOpenTracksFlag": false,
    })
}

fn company_type(named: &Named) -> Value {
    json!({
        "id": named.id, "name": named.name, "defaultFlag": named.id == 1, "vendorFlag": named.name == "Vendor",
        "serviceAlertFlag": false, "serviceAlertMessage": "",
    })
}

fn agreement_type(named: &Named) -> Value {
    json!({
        "id": named.id, "name": named.name, "defaultFlag": named.id == 1, "inactiveFlag": false,
        "prefixSuffixOption": "Prefix", "employeeCompRate": "Hourly", "employeeCompNotExceed": "Billing",
        "invoicingCycle": "CalendarYear", "billTime": "Billable", "billExpenses": "Billable",
        "billProducts": "Billable", "prorateFlag": false, "invoiceProratedAdditionsFlag": false,
    })
}

fn billing_cycle(named: &Named) -> Value {
    let identifier: String = named.name.chars().filter(char::is_ascii_uppercase).take(5).collect();
    json!({
        "id": named.id, "identifier": identifier, "name": named.name, "defaultFlag": named.id == 1,
        "billingOptions": named.option,
    })
}
