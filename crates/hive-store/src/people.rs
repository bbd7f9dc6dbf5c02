//! People: who they are, what they may do where, and the hash of their password.
//!
//! **Owns:** that an address stands once, that an installation keeps an administrator, that every
//! change is in the audit log of each MSP it concerns.
//! **Does not own:** what a role may do (the pages), how a password is hashed, tokens and cookies.
//! **Limits on purpose:** people belong to the installation and not to one MSP, so that one person
//! can work for several; a person is never deleted, the audit log speaks of them.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Take, Tx, args};
use crate::error::{Result, StoreError, refused, unreadable};
use crate::text::unseen;
use hive_core::{MspId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Source: RFC 5321 leaves 254 characters for an address.
const EMAIL_CHARS_MAX: usize = 254;

/// A person's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub i64);

/// What a person may do at an MSP, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Admin,
    Approver,
    Mapper,
    ReadOnly,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Admin, Role::Approver, Role::Mapper, Role::ReadOnly];

    /// The word that pages and the audit log use.
    pub fn name(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Approver => "approver",
            Role::Mapper => "mapper",
            Role::ReadOnly => "read-only",
        }
    }

    /// Reads [`Role::name`].
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == text)
    }
}

impl Take for Role {
    fn take(row: &mut Row<'_>) -> Result<Option<Role>> {
        let read = |text| Role::parse(text).ok_or_else(|| unreadable("a role", text));
        row.text()?.map(read).transpose()
    }
}

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// In lower case.
    pub email: String,
    /// Where they may do what, ordered; `None` is every MSP, those to come among them.
    pub roles: Vec<(Option<MspId>, Role)>,
    pub has_password: bool,
    pub added_at: Timestamp,
    /// The MSP whose admin made the account; `None`: the operator, or an admin of every MSP.
    pub added_by: Option<MspId>,
}

/// An address as it is kept: trimmed, in lower case, with one @ and nothing that nobody sees.
pub(crate) fn address(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    if let Some(why) = unseen(&email) {
        return Err(refused(format!("the e-mail address {why}; write it without")));
    }
    let hidden = |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    if email.chars().any(hidden) {
        return Err(refused("the e-mail address holds a space or a character that nobody sees; write it without"));
    }
    let parts: Vec<&str> = email.split('@').collect();
    let two = matches!(parts.as_slice(), [name, host] if !name.is_empty() && !host.is_empty());
    if !two {
        return Err(refused(format!("\"{email}\" is no e-mail address; write it as name@example.com")));
    }
    if email.chars().count() > EMAIL_CHARS_MAX {
        return Err(refused(format!("the e-mail address is longer than {EMAIL_CHARS_MAX} characters")));
    }
    Ok(email)
}

fn place_words(msp: Option<MspId>) -> String {
    msp.map_or("every MSP".to_owned(), |msp| format!("MSP {msp}"))
}

fn scope(msp: i64) -> Option<MspId> {
    Some(MspId(msp)).filter(|msp| msp.0 != 0)
}

const PERSON: &str = "SELECT id, email, CAST(CASE WHEN password IS NULL THEN 0 ELSE 1 END AS BIGINT), added_at,
    added_by FROM person WHERE id = $1";
const ROLES: &str = "SELECT msp, role FROM person_role WHERE person = $1 ORDER BY msp";

fn person_row(row: &mut Row<'_>) -> Result<User> {
    let (id, email, has_password) = (row.take()?, row.take()?, row.take()?);
    Ok(User { id, email, roles: Vec::new(), has_password, added_at: row.take()?, added_by: row.maybe()? })
}

impl Tx {
    /// Writers of people follow one another: each first takes the row of the first person, so that
    /// two administrators cannot take each other's role at once.
    async fn alone_with_people(&mut self) -> Result<()> {
        let sql = "UPDATE person SET email = email WHERE id = (SELECT min(id) FROM person)";
        self.run(sql, args![]).await?;
        Ok(())
    }

    pub(crate) async fn user(&mut self, id: UserId) -> Result<Option<User>> {
        let Some(mut user) = self.one(PERSON, args![id], person_row).await? else { return Ok(None) };
        let read = |row: &mut Row<'_>| Ok((scope(row.take()?), row.take()?));
        user.roles = self.all(ROLES, args![id], read).await?;
        Ok(Some(user))
    }

    pub(crate) async fn must_have_user(&mut self, id: UserId) -> Result<User> {
        self.user(id).await?.ok_or_else(|| StoreError::NotFound(format!("there is no user {}", id.0)))
    }

    async fn user_id(&mut self, email: &str) -> Result<Option<UserId>> {
        self.one("SELECT id FROM person WHERE email = $1", args![email], |row| row.take()).await
    }

    /// Notes something of a person at every MSP that it concerns. Each MSP's row is taken first, in
    /// their order, as every writer of it does.
    async fn note_at(
        &mut self,
        places: &BTreeSet<Option<MspId>>,
        who: &str,
        at: Timestamp,
        entry: impl Fn() -> Entry,
    ) -> Result<()> {
        let msps: BTreeSet<MspId> = if places.contains(&None) {
            self.all("SELECT id FROM msp ORDER BY id", args![], |row| row.take()).await?.into_iter().collect()
        } else {
            places.iter().copied().flatten().collect()
        };
        for msp in &msps {
            self.take_msp(*msp).await?;
        }
        for msp in msps {
            self.note(msp, who, at, entry()).await?;
        }
        Ok(())
    }

    pub(crate) async fn put_role(
        &mut self,
        user: &User,
        msp: Option<MspId>,
        role: Option<Role>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let before = user.roles.iter().find(|(place, _)| *place == msp).map(|(_, role)| *role);
        if before == role {
            return Ok(());
        }
        let place = msp.map_or(0, |msp| msp.0);
        self.run("DELETE FROM person_role WHERE person = $1 AND msp = $2", args![user.id, place]).await?;
        if let Some(role) = role {
            let sql = "INSERT INTO person_role (person, msp, role) VALUES ($1, $2, $3)";
            self.run(sql, args![user.id, place, role.name()]).await?;
            if before.is_none() {
                self.trust_anew(user, msp).await?;
            }
        }
        if before == Some(Role::Admin) {
            self.must_keep_an_admin(msp).await?;
        }
        let word = |role: Option<Role>| role.map(|role| role.name().to_owned());
        let subject = format!("{} at {}", user.email, place_words(msp));
        let entry = || Entry::new("user.role", &subject, word(before), word(role));
        self.note_at(&BTreeSet::from([msp]), who, at, entry).await
    }

    /// Somebody reaches further than before: whoever holds a link of theirs must not. Where the account was
    /// made by an admin of another MSP, sessions that were begun until now end too.
    async fn trust_anew(&mut self, user: &User, at: Option<MspId>) -> Result<()> {
        self.run("DELETE FROM login_link WHERE person = $1", args![user.id]).await?;
        if user.added_by.is_some() && user.added_by != at {
            self.run("DELETE FROM session WHERE person = $1", args![user.id]).await?;
        }
        Ok(())
    }

    /// Adds a person, or finds the one with this address; `email` as [`address`] gives it.
    pub(crate) async fn put_person(
        &mut self,
        email: &str,
        msp: Option<MspId>,
        made_at: Option<MspId>,
        who: &str,
        at: Timestamp,
    ) -> Result<User> {
        let id = match self.user_id(email).await? {
            Some(id) => id,
            None => {
                let sql = "INSERT INTO person (email, added_at, added_by) VALUES ($1, $2, $3)
                    ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id";
                let added = self.one(sql, args![email, at, made_at], |row| row.take()).await?;
                let entry = || Entry::new("user.add", email, None, Some(email.to_owned()));
                self.note_at(&BTreeSet::from([msp]), who, at, entry).await?;
                added.ok_or_else(|| unreadable("a new user", email))?
            }
        };
        self.must_have_user(id).await
    }

    /// Stores a password's hash: every session and every link of the person is dead with it.
    pub(crate) async fn put_password(&mut self, user: &User, phc: &str, who: &str, at: Timestamp) -> Result<()> {
        if !phc.starts_with('$') {
            return Err(refused("a password is stored as a PHC hash alone; nothing was stored"));
        }
        self.run("UPDATE person SET password = $2 WHERE id = $1", args![user.id, phc]).await?;
        self.run("DELETE FROM session WHERE person = $1", args![user.id]).await?;
        self.run("DELETE FROM login_link WHERE person = $1", args![user.id]).await?;
        let places = user.roles.iter().map(|(place, _)| *place).collect();
        let before = user.has_password.then(|| "set".to_owned());
        let entry = || Entry::new("user.password", &user.email, before.clone(), Some("set anew".to_owned()));
        self.note_at(&places, who, at, entry).await
    }

    /// Somebody must be left who can give roles: an admin of every MSP where there was one, and any
    /// admin at all where there was none.
    async fn must_keep_an_admin(&mut self, taken_at: Option<MspId>) -> Result<()> {
        let sql = "SELECT count(*), coalesce(sum(CASE WHEN msp = 0 THEN 1 ELSE 0 END), 0)
            FROM person_role WHERE role = 'admin'";
        let read = |row: &mut Row<'_>| Ok((row.take()?, row.take()?));
        let (left, of_every_msp): (i64, i64) = self.one(sql, args![], read).await?.unwrap_or_default();
        if left == 0 || (taken_at.is_none() && of_every_msp == 0) {
            return Err(refused("this is the last admin of the installation; make somebody else admin first"));
        }
        Ok(())
    }
}

impl Store {
    /// Adds a user with a role, or gives one who is known a role there: as the operator does it.
    pub async fn add_user(
        &self,
        email: &str,
        role: Role,
        msp: Option<MspId>,
        who: &str,
        at: Timestamp,
    ) -> Result<UserId> {
        self.add_user_from(email, role, msp, None, who, at).await
    }

    /// [`Store::add_user`] by an admin of the MSP `made_at` alone: an account that is new remembers it.
    pub async fn add_user_from(
        &self,
        email: &str,
        role: Role,
        msp: Option<MspId>,
        made_at: Option<MspId>,
        who: &str,
        at: Timestamp,
    ) -> Result<UserId> {
        let email = address(email)?;
        let mut tx = self.db.write_any().await?;
        tx.alone_with_people().await?;
        if let Some(msp) = msp {
            tx.take_msp(msp).await?;
        }
        let user = tx.put_person(&email, msp, made_at, who, at).await?;
        tx.put_role(&user, msp, Some(role), who, at).await?;
        tx.commit().await?;
        Ok(user.id)
    }

    /// Everybody, by address.
    pub async fn users(&self) -> Result<Vec<User>> {
        let mut tx = self.db.read().await?;
        let sql = "SELECT id, email, CAST(CASE WHEN password IS NULL THEN 0 ELSE 1 END AS BIGINT), added_at, added_by
            FROM person";
        let mut users: BTreeMap<UserId, User> =
            tx.all(sql, args![], person_row).await?.into_iter().map(|user| (user.id, user)).collect();
        let sql = "SELECT person, msp, role FROM person_role ORDER BY person, msp";
        let read = |row: &mut Row<'_>| Ok((row.take()?, scope(row.take()?), row.take()?));
        for (id, msp, role) in tx.all(sql, args![], read).await? {
            if let Some(user) = users.get_mut(&id) {
                user.roles.push((msp, role));
            }
        }
        let mut users: Vec<User> = users.into_values().collect();
        users.sort_by(|a, b| a.email.cmp(&b.email));
        Ok(users)
    }

    /// Those who may do anything at this MSP, with their roles here alone: what they are elsewhere is
    /// no business of this MSP's.
    pub async fn users_of(&self, msp: MspId) -> Result<Vec<User>> {
        let mut users = self.users().await?;
        for user in &mut users {
            user.roles.retain(|(place, _)| place.is_none_or(|place| place == msp));
        }
        users.retain(|user| !user.roles.is_empty());
        Ok(users)
    }

    /// One user.
    pub async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.db.read().await?.user(id).await
    }

    /// The user with this address, however it is written.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        let mut tx = self.db.read().await?;
        match tx.user_id(&email.trim().to_lowercase()).await? {
            Some(id) => tx.user(id).await,
            None => Ok(None),
        }
    }

    /// Gives a user another role at an MSP (`None`: at every one), or takes it away. The last admin
    /// of an installation stays one.
    pub async fn set_role(
        &self,
        user: UserId,
        msp: Option<MspId>,
        role: Option<Role>,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        tx.alone_with_people().await?;
        let user = tx.must_have_user(user).await?;
        if let Some(msp) = msp {
            tx.take_msp(msp).await?;
        }
        tx.put_role(&user, msp, role, who, at).await?;
        tx.commit().await
    }

    /// Stores the hash of a new password (a PHC string). Whoever was signed in with the old one is
    /// signed out and links that were open are dead: begin a new session for who set it.
    pub async fn set_password(&self, user: UserId, phc: &str, who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_any().await?;
        tx.alone_with_people().await?;
        let user = tx.must_have_user(user).await?;
        tx.put_password(&user, phc, who, at).await?;
        tx.commit().await
    }

    /// The PHC hash to hold a password against.
    pub async fn password(&self, user: UserId) -> Result<Option<String>> {
        let sql = "SELECT password FROM person WHERE id = $1";
        Ok(self.db.read().await?.one(sql, args![user], |row| row.maybe()).await?.flatten())
    }
}
