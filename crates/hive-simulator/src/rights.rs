//! What the API member may do: the rows of mySecurity, and what follows from them.
//!
//! **Owns:** levels by module and function, the restriction to some agreement types, who sees which row.
//! **Does not own:** the 403 (`refusal`).
//! **Limits on purpose:** level "My" shows every record whose id ends in 0 and hides the others
//! without a word: that it filters is a *guess*, and the worse of the two for a client.

use serde_json::{Value, json};

use crate::rows::Setup;

#[derive(Debug, Clone)]
struct Right {
    module: &'static str,
    function: &'static str,
    add: String,
    edit: String,
    delete: String,
    inquire: String,
    custom: bool,
}

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Inquire,
    Add,
    Edit,
    Delete,
}

pub(crate) const COMPANIES: (&str, &str) = ("Companies", "Company Maintenance");
pub(crate) const AGREEMENTS: (&str, &str) = ("Finance", "Agreements");
pub(crate) const CATALOG: (&str, &str) = ("Procurement", "Product Catalog");

const OTHERS: [(&str, &str); 12] = [
    ("Companies", "Configurations"),
    ("Companies", "Contacts"),
    ("Companies", "Notes"),
    ("Finance", "Agreement Invoicing"),
    ("Finance", "Invoicing"),
    ("Marketing", "Campaigns"),
    ("Procurement", "Products"),
    ("Procurement", "Purchase Orders"),
    ("Project", "Project Tickets"),
    ("Service Desk", "Service Tickets"),
    ("System", "API Reports"),
    ("System", "Table Setup"),
];

#[derive(Debug, Clone)]
pub(crate) struct Rights {
    rows: Vec<Right>,
    pub(crate) my_security_forbidden: bool,
    /// The role is customised to these agreement types; others are hidden.
    agreement_types: Option<Vec<i64>>,
}

impl Default for Rights {
    fn default() -> Rights {
        let right = |(module, function): (&'static str, &'static str), edit: &str, inquire: &str| Right {
            module,
            function,
            add: "None".into(),
            edit: edit.into(),
            delete: "None".into(),
            inquire: inquire.into(),
            custom: false,
        };
        let mut rows =
            vec![right(COMPANIES, "None", "All"), right(AGREEMENTS, "All", "All"), right(CATALOG, "None", "All")];
        rows.extend(OTHERS.map(|other| right(other, "None", "None")));
        // A tenant for tests may add and remove additions; Hive adds one only where a person
        // switched that on and approved it.
        rows[1].add = "All".into();
        rows[1].delete = "All".into();
        Rights { rows, my_security_forbidden: false, agreement_types: None }
    }
}

impl Rights {
    pub(crate) fn set(&mut self, module: &str, function: &str, inquire: &str, edit: &str) {
        for right in self.rows.iter_mut().filter(|right| right.module == module && right.function == function) {
            right.inquire = inquire.to_owned();
            right.edit = edit.to_owned();
        }
    }

    /// The level of adding records.
    pub(crate) fn set_add(&mut self, (module, function): (&str, &str), level: &str) {
        for right in self.rows.iter_mut().filter(|right| (right.module, right.function) == (module, function)) {
            right.add = level.to_owned();
        }
    }

    /// One level of one right, to None.
    pub(crate) fn take(&mut self, (module, function): (&str, &str), act: Act) {
        for right in self.rows.iter_mut().filter(|right| right.module == module && right.function == function) {
            let level = match act {
                Act::Inquire => &mut right.inquire,
                Act::Add => &mut right.add,
                Act::Edit => &mut right.edit,
                Act::Delete => &mut right.delete,
            };
            "None".clone_into(level);
        }
    }

    /// What is not as it began, in words.
    pub(crate) fn changed(&self) -> Vec<String> {
        let usual = Rights::default();
        let rows = self.rows.iter().zip(&usual.rows);
        let other = rows.filter(|(now, then)| now.inquire != then.inquire || now.edit != then.edit);
        let words = |right: &Right| {
            let Right { module, function, inquire, edit, .. } = right;
            format!("{module} > {function}: Inquire {inquire}, Edit {edit}")
        };
        let mut changed: Vec<String> = other.map(|(now, _)| words(now)).collect();
        if self.my_security_forbidden {
            changed.push("The member may not read its own rights".to_owned());
        }
        if self.agreement_types.is_some() {
            changed.push("Agreements of some types only".to_owned());
        }
        changed
    }

    pub(crate) fn restrict_agreement_types(&mut self, types: Option<Vec<i64>>) {
        for right in self.rows.iter_mut().filter(|right| (right.module, right.function) == AGREEMENTS) {
            right.custom = types.is_some();
        }
        self.agreement_types = types;
    }

    fn level(&self, (module, function): (&str, &str), act: Act) -> &str {
        let right = self.rows.iter().find(|right| right.module == module && right.function == function);
        right.map_or("None", |right| match act {
            Act::Inquire => &right.inquire,
            Act::Add => &right.add,
            Act::Edit => &right.edit,
            Act::Delete => &right.delete,
        })
    }

    pub(crate) fn may(&self, function: (&str, &str), act: Act) -> bool {
        self.level(function, act) != "None"
    }

    /// Whether the level lets this record be seen (or changed) at all.
    pub(crate) fn owns(&self, function: (&str, &str), act: Act, id: i64) -> bool {
        self.level(function, act) == "All" || id % 10 == 0
    }

    pub(crate) fn shows_agreement_type(&self, kind: i64) -> bool {
        self.agreement_types.as_ref().is_none_or(|types| types.contains(&kind))
    }

    pub(crate) fn table(&self) -> Vec<Setup> {
        self.rows.iter().zip(1i64..).map(|(right, id)| Setup(row(right, id))).collect()
    }
}

fn row(right: &Right, id: i64) -> Value {
    let word = |text: &str| text.split_whitespace().collect::<String>();
    json!({
        "id": id, "moduleName": right.module, "moduleIdentifier": word(right.module),
        "moduleDescription": right.module, "moduleFunctionName": right.function,
        "moduleFunctionIdentifier": word(right.function), "moduleFunctionDescription": right.function,
        "addLevel": right.add, "editLevel": right.edit, "deleteLevel": right.delete,
        "inquireLevel": right.inquire, "myAllFlag": true, "reportFlag": false, "restrictFlag": right.custom,
        "customFlag": right.custom, "sortOrder": id,
        "member": { "id": 250, "identifier": "HiveAPI", "name": "Hive API" },
    })
}
