//! What each role may do.

use hive_store::Role;

/// Something that not everybody may do. Looking is for everybody who has a role at an MSP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    /// Link accounts, map products, pin additions, set quotas.
    Map,
    /// Import usage and links, set up folders and tokens that bring usage.
    Import,
    /// Force a Sync, or stop one.
    Sync,
    /// Approve and answer what is held.
    Approve,
    /// Exclude accounts, products and lines, and take that back.
    Exclude,
    /// Adjust a line by hand, and take that back.
    Adjust,
    /// Start an Update or an undo, or stop one.
    Update,
    /// Change the way into ConnectWise.
    Connect,
    /// Change settings and schedules.
    Settings,
    /// Add people, change their roles, make API tokens.
    People,
}

impl Do {
    /// Who may, besides an admin.
    fn roles(self) -> &'static [Role] {
        match self {
            Do::Map | Do::Import => &[Role::Mapper],
            Do::Sync | Do::Exclude => &[Role::Approver, Role::Mapper],
            Do::Approve | Do::Update | Do::Adjust => &[Role::Approver],
            Do::Connect | Do::Settings | Do::People => &[],
        }
    }

    /// Whether one of these roles is enough.
    pub fn allowed(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| *role == Role::Admin || self.roles().contains(role))
    }

    fn words(self) -> &'static str {
        match self {
            Do::Map => "Linking, mapping, pinning and setting quotas",
            Do::Import => "Importing",
            Do::Sync => "Forcing or stopping a Sync",
            Do::Approve => "Approving and answering",
            Do::Exclude => "Excluding and taking that back",
            Do::Adjust => "Adjusting and taking that back",
            Do::Update => "Starting, stopping or undoing an Update",
            Do::Connect => "Changing the connection",
            Do::Settings => "Changing settings",
            Do::People => "Managing people and tokens",
        }
    }

    /// Why it was refused, and which role is needed.
    pub fn refusal(self, roles: &[Role], msp: &str) -> String {
        let needed: Vec<&str> = self.roles().iter().chain(&[Role::Admin]).map(|role| role.name()).collect();
        let have: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let (needed, have) = (needed.join(" or "), have.join(" and "));
        format!(
            "{} needs the role {needed} at {msp}; yours is {have}. An admin of {msp} can change it under People.",
            self.words()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_reaches_as_far_as_it_should() {
        let all = [
            Do::Map,
            Do::Import,
            Do::Sync,
            Do::Approve,
            Do::Exclude,
            Do::Adjust,
            Do::Update,
            Do::Connect,
            Do::Settings,
            Do::People,
        ];
        let reach = |role: Role| all.into_iter().filter(|what| what.allowed(&[role])).collect::<Vec<_>>();
        assert_eq!(reach(Role::Admin), all);
        assert_eq!(reach(Role::Approver), [Do::Sync, Do::Approve, Do::Exclude, Do::Adjust, Do::Update]);
        assert_eq!(reach(Role::Mapper), [Do::Map, Do::Import, Do::Sync, Do::Exclude]);
        assert_eq!(reach(Role::ReadOnly), []);
    }

    #[test]
    fn a_refusal_names_the_role() {
        let words = Do::Map.refusal(&[Role::ReadOnly], "Northwind IT");
        assert!(words.contains("mapper or admin at Northwind IT; yours is read-only"), "{words}");
    }
}
