//! The rights that Hive needs in ConnectWise, what each is for, and which are missing.
//!
//! Source: `/system/mySecurity`, one row per module function with levels None, My or All.

use std::fmt;

/// How far a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    None,
    My,
    All,
}

impl Level {
    /// Reads ConnectWise's word; anything else is no right.
    pub fn parse(text: &str) -> Level {
        match text.trim().to_ascii_lowercase().as_str() {
            "all" => Level::All,
            "my" | "mine" => Level::My,
            _ => Level::None,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::None => "None",
            Level::My => "My",
            Level::All => "All",
        })
    }
}

/// One row of mySecurity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    pub module: String,
    pub function: String,
    pub inquire: Level,
    pub edit: Level,
    pub add: Level,
    /// Restricted to a sub-list (agreement types, setup tables): rows may be hidden.
    pub customised: bool,
}

/// A right that Hive asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    pub module: &'static str,
    pub function: &'static str,
    pub action: Action,
    /// What does not work without it.
    pub stops: &'static str,
    /// Without an optional right nothing waits for an admin.
    pub optional: bool,
}

/// What a right allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Inquire,
    Edit,
    Add,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Inquire => "Inquire",
            Action::Edit => "Edit",
            Action::Add => "Add",
        })
    }
}

/// Every right Hive asks for.
pub const NEEDED: [Needed; 4] = [
    Needed {
        module: "Companies",
        function: "Company Maintenance",
        action: Action::Inquire,
        stops: "a Sync cannot see every company, so accounts cannot be linked",
        optional: false,
    },
    Needed {
        module: "Finance",
        function: "Agreements",
        action: Action::Inquire,
        stops: "a Sync cannot see every agreement and addition",
        optional: false,
    },
    Needed {
        module: "Finance",
        function: "Agreements",
        action: Action::Edit,
        stops: "an Update cannot write a quantity",
        optional: false,
    },
    Needed {
        module: "Procurement",
        function: "Product Catalog",
        action: Action::Inquire,
        stops: "items that are on no addition cannot be found; Hive knows the items on additions",
        optional: true,
    },
];

/// Asked for only where a person switched creating on for a product; nothing waits for it.
pub const TO_CREATE: Needed = Needed {
    module: "Finance",
    function: "Agreements",
    action: Action::Add,
    stops: "an Update cannot create an addition that is missing",
    optional: true,
};

/// The right to create, if what was granted lacks it.
pub fn missing_to_create(granted: &[Granted]) -> Option<Missing> {
    let found = granted.iter().find(|row| TO_CREATE.is(row)).map_or(Level::None, |row| row.add);
    (found < Level::All).then_some(Missing { needed: TO_CREATE, found })
}

/// A right that is missing or too small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub needed: Needed,
    pub found: Level,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Needed { module, function, action, stops, optional: _ } = self.needed;
        write!(f, "{module} > {function}: {action} Level {} found, All needed; without it {stops}", self.found)
    }
}

/// What mySecurity said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// It could not be read; nothing is known, and nothing waits.
    Unknown { why: String },
    /// What is missing (empty: all there) and what is restricted to a sub-list.
    Known { missing: Vec<Missing>, restricted: Vec<String> },
}

impl Rights {
    /// Holds what was granted against [`NEEDED`].
    pub fn of(granted: &[Granted]) -> Rights {
        let mut missing = Vec::new();
        let mut restricted = Vec::new();
        for needed in NEEDED {
            let row = granted.iter().find(|row| needed.is(row));
            let found = row.map_or(Level::None, |row| match needed.action {
                Action::Inquire => row.inquire,
                Action::Edit => row.edit,
                Action::Add => row.add,
            });
            if found < Level::All {
                missing.push(Missing { needed, found });
            }
            if row.is_some_and(|row| row.customised) {
                restricted.push(format!("{} > {}", needed.module, needed.function));
            }
        }
        restricted.dedup();
        Rights::Known { missing, restricted }
    }

    /// Missing rights that an admin must mend or accept before an Update.
    pub fn waits_for_admin(&self) -> bool {
        match self {
            Rights::Unknown { .. } => false,
            Rights::Known { missing, .. } => missing.iter().any(|m| !m.needed.optional),
        }
    }

    /// Whether `module > function` lacks the level for `action`; `false` where rights are unknown.
    pub fn lacks(&self, function: &str, action: Action) -> bool {
        match self {
            Rights::Unknown { .. } => false,
            Rights::Known { missing, .. } => {
                missing.iter().any(|m| m.needed.function == function && m.needed.action == action)
            }
        }
    }
}

impl Needed {
    /// ConnectWise calls the module Company or Companies, depending on where one looks.
    fn is(&self, row: &Granted) -> bool {
        let stem = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).take(6).collect::<String>().to_lowercase();
        let same = |a: &str, b: &str| {
            let letters = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
            letters(a).trim_end_matches('s') == letters(b).trim_end_matches('s')
        };
        stem(self.module) == stem(&row.module) && same(self.function, &row.function)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(module: &str, function: &str, inquire: Level, edit: Level) -> Granted {
        Granted { module: module.into(), function: function.into(), inquire, edit, add: Level::None, customised: false }
    }

    #[test]
    fn the_articles_own_role_lacks_only_the_catalog() {
        let rights = Rights::of(&[
            row("Finance", "Agreements", Level::All, Level::All),
            row("Company", "Company Maintenance", Level::All, Level::None),
        ]);
        assert!(!rights.waits_for_admin());
        assert!(rights.lacks("Product Catalog", Action::Inquire));
    }

    #[test]
    fn the_right_to_create_is_asked_for_alone() {
        let agreements = row("Finance", "Agreements", Level::All, Level::All);
        let missing = missing_to_create(std::slice::from_ref(&agreements)).unwrap();
        assert_eq!(
            missing.to_string(),
            "Finance > Agreements: Add Level None found, All needed; without it an Update cannot create an addition that is missing"
        );
        assert_eq!(missing_to_create(&[Granted { add: Level::All, ..agreements }]), None);
        assert!(NEEDED.iter().all(|needed| needed.action != Action::Add), "nobody else is asked for it");
    }

    #[test]
    fn a_missing_right_is_named_by_module_and_level() {
        let rights = Rights::of(&[
            row("Finance", "Agreements", Level::All, Level::My),
            row("Companies", "Company Maintenance", Level::All, Level::All),
            row("Procurement", "Product Catalog", Level::All, Level::None),
        ]);
        assert!(rights.waits_for_admin());
        let Rights::Known { missing, .. } = rights else { panic!("known") };
        assert_eq!(
            missing[0].to_string(),
            "Finance > Agreements: Edit Level My found, All needed; without it an Update cannot write a quantity"
        );
    }
}
