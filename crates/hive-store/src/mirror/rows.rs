//! The four collections of a mirror as rows.

use crate::db::{Row, Value, args, digest};
use crate::error::{Result, unreadable};
use hive_core::mirror::{Addition, Agreement, CatalogItem, Company};

/// How one collection is stored.
pub(super) struct Kind<T> {
    /// Ids and digests of the rows that are still valid.
    pub(super) open: &'static str,
    /// Ends the rows that are `asked` (msp, id, until) for.
    pub(super) end: &'static str,
    /// Takes out the rows that ended before a generation began.
    pub(super) forget: &'static str,
    pub(super) insert: &'static str,
    /// The rows of one generation, by id.
    pub(super) read: &'static str,
    pub(super) id: fn(&T) -> (i64, String),
    /// The columns of `insert` after msp, since and digest.
    pub(super) to_row: fn(&T) -> Vec<Value>,
    pub(super) from_row: fn(&mut Row<'_>) -> Result<T>,
}

pub(super) const COMPANIES: Kind<Company> = Kind {
    open: "SELECT id, digest FROM company WHERE msp = $1 AND until IS NULL",
    end: "UPDATE company AS t SET until = asked.until FROM asked
        WHERE t.msp = asked.msp AND t.id = asked.id AND t.until IS NULL",
    forget: "DELETE FROM company WHERE msp = $1 AND until <= $2",
    insert: "INSERT INTO company (msp, since, digest, id, identifier, name, status, deleted, types, parent)",
    read: "SELECT id, identifier, name, status, deleted, types, parent FROM company
        WHERE msp = $1 AND since <= $2 AND (until IS NULL OR until > $2) ORDER BY id",
    id: |row| (row.id.0, digest(&company_to_row(row))),
    to_row: company_to_row,
    from_row: |row| {
        Ok(Company {
            id: row.take()?,
            identifier: row.take()?,
            name: row.take()?,
            status: row.maybe()?,
            deleted: row.take()?,
            types: names_from_row(&row.take::<String>()?)?,
            parent: row.maybe()?,
        })
    },
};

fn company_to_row(company: &Company) -> Vec<Value> {
    let Company { id, identifier, name, status, deleted, types, parent } = company;
    args![*id, identifier, name, status.as_ref(), *deleted, serde_json::json!(types).to_string(), *parent]
}

fn names_from_row(text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|_| unreadable("a list of names", text))
}

pub(super) const ITEMS: Kind<CatalogItem> = Kind {
    open: "SELECT id, digest FROM item WHERE msp = $1 AND until IS NULL",
    end: "UPDATE item AS t SET until = asked.until FROM asked
        WHERE t.msp = asked.msp AND t.id = asked.id AND t.until IS NULL",
    forget: "DELETE FROM item WHERE msp = $1 AND until <= $2",
    insert: "INSERT INTO item (msp, since, digest, id, identifier, description, inactive, class, unit_of_measure,
        price)",
    read: "SELECT id, identifier, description, inactive, class, unit_of_measure, price FROM item
        WHERE msp = $1 AND since <= $2 AND (until IS NULL OR until > $2) ORDER BY id",
    id: |row| (row.id.0, digest(&item_to_row(row))),
    to_row: item_to_row,
    from_row: |row| {
        Ok(CatalogItem {
            id: row.take()?,
            identifier: row.take()?,
            description: row.take()?,
            inactive: row.take()?,
            class: row.maybe()?,
            unit_of_measure: row.maybe()?,
            price: row.maybe()?,
        })
    },
};

fn item_to_row(item: &CatalogItem) -> Vec<Value> {
    let CatalogItem { id, identifier, description, inactive, class, unit_of_measure, price } = item;
    args![*id, identifier, description, *inactive, class.as_ref(), unit_of_measure.as_ref(), *price]
}

pub(super) const AGREEMENTS: Kind<Agreement> = Kind {
    open: "SELECT id, digest FROM agreement WHERE msp = $1 AND until IS NULL",
    end: "UPDATE agreement AS t SET until = asked.until FROM asked
        WHERE t.msp = asked.msp AND t.id = asked.id AND t.until IS NULL",
    forget: "DELETE FROM agreement WHERE msp = $1 AND until <= $2",
    insert:
        "INSERT INTO agreement (msp, since, digest, id, name, agreement_type, company, company_name, parent,
        starts, ends, no_ending_date, cancelled, cancelled_on, status, billing_cycle, next_invoice, currency, prorates)",
    read: "SELECT id, name, agreement_type, company, company_name, parent, starts, ends, no_ending_date, cancelled,
        cancelled_on, status, billing_cycle, next_invoice, currency, prorates FROM agreement
        WHERE msp = $1 AND since <= $2 AND (until IS NULL OR until > $2) ORDER BY id",
    id: |row| (row.id.0, digest(&agreement_to_row(row))),
    to_row: agreement_to_row,
    from_row: |row| {
        Ok(Agreement {
            id: row.take()?,
            name: row.take()?,
            agreement_type: row.maybe()?,
            company: row.take()?,
            company_name: row.take()?,
            parent: row.maybe()?,
            start: row.maybe()?,
            end: row.maybe()?,
            no_ending_date: row.take()?,
            cancelled: row.take()?,
            cancelled_on: row.maybe()?,
            status: row.maybe()?,
            billing_cycle: row.maybe()?,
            next_invoice: row.maybe()?,
            currency: row.maybe()?,
            prorates: row.maybe()?,
        })
    },
};

fn agreement_to_row(agreement: &Agreement) -> Vec<Value> {
    let Agreement {
        id,
        name,
        agreement_type,
        company,
        company_name,
        parent,
        start,
        end,
        no_ending_date,
        cancelled,
        cancelled_on,
        status,
        billing_cycle,
        next_invoice,
        currency,
        prorates,
    } = agreement;
    args![
        *id,
        name,
        agreement_type.as_ref(),
        *company,
        company_name,
        *parent,
        *start,
        *end,
        *no_ending_date,
        *cancelled,
        *cancelled_on,
        status.as_ref(),
        billing_cycle.as_ref(),
        *next_invoice,
        currency.as_ref(),
        *prorates
    ]
}

pub(super) const ADDITIONS: Kind<Addition> = Kind {
    open: "SELECT id, digest FROM addition WHERE msp = $1 AND until IS NULL",
    end: "UPDATE addition AS t SET until = asked.until FROM asked
        WHERE t.msp = asked.msp AND t.id = asked.id AND t.until IS NULL",
    forget: "DELETE FROM addition WHERE msp = $1 AND until <= $2",
    insert: "INSERT INTO addition (msp, since, digest, id, agreement, item, item_identifier, description, quantity,
        less_included, billed_quantity, unit_price, unit_cost, bill_customer, effective, cancelled, unit_of_measure,
        updated_by, updated_at, read_at)",
    read: "SELECT since, id, agreement, item, item_identifier, description, quantity, less_included, billed_quantity,
        unit_price, unit_cost, bill_customer, effective, cancelled, unit_of_measure, updated_by, updated_at, read_at
        FROM addition WHERE msp = $1 AND since <= $2 AND (until IS NULL OR until > $2) ORDER BY id",
    // When it was read is no change of the row.
    id: |row| {
        let mut values = addition_to_row(row);
        values.pop();
        (row.id.0, digest(&values))
    },
    to_row: addition_to_row,
    from_row: |row| {
        Ok(Addition {
            id: row.take()?,
            agreement: row.take()?,
            item: row.take()?,
            item_identifier: row.take()?,
            description: row.take()?,
            quantity: row.maybe()?,
            less_included: row.maybe()?,
            billed_quantity: row.maybe()?,
            unit_price: row.maybe()?,
            unit_cost: row.maybe()?,
            bill_customer: row.take()?,
            effective: row.maybe()?,
            cancelled: row.maybe()?,
            unit_of_measure: row.maybe()?,
            updated_by: row.maybe()?,
            updated_at: row.maybe()?,
            read_at: row.take()?,
        })
    },
};

/// One addition of a generation, in the columns of [`ADDITIONS`].
pub(super) const ADDITION: &str = "SELECT since, id, agreement, item, item_identifier, description, quantity,
    less_included, billed_quantity, unit_price, unit_cost, bill_customer, effective, cancelled, unit_of_measure,
    updated_by, updated_at, read_at FROM addition
    WHERE msp = $1 AND id = $3 AND since <= $2 AND (until IS NULL OR until > $2)";

fn addition_to_row(addition: &Addition) -> Vec<Value> {
    let Addition {
        id,
        agreement,
        item,
        item_identifier,
        description,
        quantity,
        less_included,
        billed_quantity,
        unit_price,
        unit_cost,
        bill_customer,
        effective,
        cancelled,
        unit_of_measure,
        updated_by,
        updated_at,
        read_at,
    } = addition;
    args![
        *id,
        *agreement,
        *item,
        item_identifier,
        description,
        *quantity,
        *less_included,
        *billed_quantity,
        *unit_price,
        *unit_cost,
        bill_customer,
        *effective,
        *cancelled,
        unit_of_measure.as_ref(),
        updated_by.as_ref(),
        *updated_at,
        *read_at
    ]
}
