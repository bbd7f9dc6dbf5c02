//! A catalog item's row.
//!
//! **Owns:** its members.
//! **Does not own:** the prices of additions: they keep their own.

use rust_decimal::Decimal;

use super::{Cell, Record, RowWriter, View};
use crate::{
    projection::Fields,
    schema::{self, Members},
    world::{Item, name_of},
};

impl Record for Item {
    const MEMBERS: Members = schema::ITEM;

    fn id(&self) -> i64 {
        self.id
    }

    fn cell<'a>(&'a self, _: View<'a>, path: &str) -> Option<Cell<'a>> {
        Some(match path {
            "id" => Cell::id(Some(self.id)),
            "identifier" => Cell::text(&self.identifier),
            "description" => Cell::text(&self.description),
            "inactiveFlag" => Cell::Flag(self.inactive),
            "productClass" => Cell::text(&self.class),
            "lastUpdated" => Cell::Time(self.stamp.at),
            "updatedBy" => Cell::text(&self.stamp.by),
            _ => return None,
        })
    }

    fn write(&self, view: View<'_>, fields: Option<&Fields>, out: &mut String) {
        let row = &mut RowWriter::new(out, fields);
        let (world, base) = (view.world, view.base);
        row.int("id", self.id);
        row.text("identifier", &self.identifier);
        row.text("description", &self.description);
        row.flag("inactiveFlag", self.inactive);
        let setup = |table: &str| format!("{base}/procurement/{table}");
        row.reference("subcategory", 1, &[("name", &*self.category)], ("subcategory_href", &setup("subcategories")));
        row.reference("category", 1, &[("name", &*self.category)], ("category_href", &setup("categories")));
        row.reference("type", 1, &[("name", "Service")], ("type_href", &setup("types")));
        row.text("productClass", &self.class);
        if let Some(unit) = self.unit {
            let href = setup("unitOfMeasures");
            row.reference("unitOfMeasure", unit, &[("name", name_of(&world.units, unit))], ("uom_href", &href));
        }
        row.unset(&["serializedFlag", "serializedCostFlag", "phaseProductFlag", "dropShipFlag", "specialOrderFlag"]);
        row.int("minStockLevel", 0);
        row.number("price", self.price, 2);
        row.number("cost", self.cost, 2);
        row.flag("taxableFlag", true);
        row.text("customerDescription", &self.description);
        for name in ["manufacturerPartNumber", "vendorSku", "notes", "integrationXRef"] {
            row.text(name, "");
        }
        self.write_recurring(view, row);
        row.unset(&["autoUpdateUnitCostFlag", "autoUpdateUnitPriceFlag"]);
        row.text("dateEntered", &world.founded.at.to_string());
        row.json("customFields", "[]");
        row.info(&self.stamp, &world.founded, &[]);
        out.push('}');
    }
}

impl Item {
    fn write_recurring(&self, view: View<'_>, row: &mut RowWriter<'_>) {
        row.flag("recurringFlag", true);
        row.number("recurringRevenue", self.price, 2);
        row.number("recurringCost", self.cost, 2);
        let href = format!("{}/finance/billingCycles", view.base);
        row.reference("recurringBillCycle", 1, &[("name", "Monthly")], ("billingCycle_href", &href));
        row.text("recurringCycleType", "ContractYear");
        row.unset(&["recurringOneTimeFlag", "calculatedPriceFlag", "calculatedCostFlag"]);
        row.number("calculatedPrice", Decimal::ZERO, 2);
        row.number("calculatedCost", Decimal::ZERO, 2);
        row.text("billableOption", "Billable");
    }
}
