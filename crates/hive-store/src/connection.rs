//! An MSP's way into ConnectWise: one per MSP.

use crate::Store;
use crate::audit::Entry;
use crate::db::{Row, Tx, args};
use crate::error::{Result, StoreError, refused, unreadable};
use crate::key::Sealed;
use hive_core::rights::{Action, Level, Missing, NEEDED, Rights};
use hive_core::{MspId, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

const PRIVATE_KEY: &str = "private_key";

/// What a person gives to connect. An empty private key means none came with it: the stored one
/// stays, unless the URL changes.
#[derive(Clone, Debug)]
pub struct NewConnection<'a> {
    pub url: String,
    pub company: String,
    pub public_key: String,
    pub private_key: SecretString,
    pub client_id: Option<String>,
    /// As companyinfo said.
    pub codebase: Option<String>,
    pub rights: &'a Rights,
    pub tested_at: Timestamp,
}

/// The stored connection, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Grows when the URL or the company changes.
    pub id: i64,
    pub url: String,
    pub company: String,
    pub public_key: String,
    pub client_id: Option<String>,
    pub codebase: Option<String>,
    pub rights: Rights,
    pub tested_at: Timestamp,
    /// Who accepted the missing rights as they are.
    pub accepted: Option<(String, Timestamp)>,
    pub set_by: String,
    pub set_at: Timestamp,
    /// Whether the first Sync of this connection has come to its end.
    pub first_sync_done: bool,
}

impl Connection {
    fn from_row(row: &mut Row<'_>) -> Result<Connection> {
        Ok(Connection {
            id: row.take()?,
            url: row.take()?,
            company: row.take()?,
            public_key: row.take()?,
            client_id: row.maybe()?,
            codebase: row.maybe()?,
            rights: rights_from_row(&row.take::<String>()?)?,
            tested_at: row.take()?,
            accepted: row.maybe()?.zip(row.maybe()?),
            set_by: row.take()?,
            set_at: row.take()?,
            first_sync_done: row.take()?,
        })
    }

    fn words(&self) -> String {
        format!("{} company {} public key {}", self.url, self.company, self.public_key)
    }
}

impl Tx {
    /// The MSP's connection, if it has one.
    pub(crate) async fn connection(&mut self, msp: MspId) -> Result<Option<Connection>> {
        let sql = "SELECT id, url, company, public_key, client_id, codebase, rights, tested_at, accepted_by,
            accepted_at, set_by, set_at, first_sync_done FROM connection WHERE msp = $1";
        self.one(sql, args![msp], Connection::from_row).await
    }

    /// Which connection what is learnt now belongs to; 0 while there is none.
    pub(crate) async fn connection_id(&mut self, msp: MspId) -> Result<i64> {
        let sql = "SELECT id FROM connection WHERE msp = $1";
        Ok(self.one(sql, args![msp], |row| row.take()).await?.unwrap_or(0))
    }
}

impl Store {
    /// Saves a connection that was tested. Another URL or company makes it a new connection: it
    /// previews again, and another URL also wipes the stored key unless a new one came with it.
    pub async fn save_connection(&self, msp: MspId, new: &NewConnection<'_>, who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        let before = tx.connection(msp).await?;
        let same_url = before.as_ref().is_some_and(|before| before.url == new.url);
        let same = same_url && before.as_ref().is_some_and(|before| before.company == new.company);
        let rights = rights_to_row(new.rights);
        let kept = before.as_ref().filter(|_| same);
        let id = match kept {
            Some(before) => before.id,
            None => tx.next(msp, "connection", 1).await?,
        };
        let accepted = kept.filter(|before| before.rights == *new.rights).and_then(|before| before.accepted.clone());
        let (accepted_by, accepted_at) = accepted.unzip();
        tx.run("DELETE FROM connection WHERE msp = $1", args![msp]).await?;
        let sql = "INSERT INTO connection (msp, id, url, company, public_key, client_id, codebase, rights, tested_at,
            accepted_by, accepted_at, set_by, set_at, first_sync_done)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        let NewConnection { url, company, public_key, private_key, client_id, codebase, rights: _, tested_at } = new;
        let first_sync_done = kept.is_some_and(|before| before.first_sync_done);
        let values = args![
            msp,
            id,
            url,
            company,
            public_key,
            client_id.as_ref(),
            codebase.as_ref(),
            rights,
            *tested_at,
            accepted_by,
            accepted_at,
            who,
            at,
            first_sync_done
        ];
        tx.run(sql, values).await?;
        if !private_key.expose_secret().is_empty() {
            self.seal_into(&mut tx, msp, PRIVATE_KEY, private_key, who, at).await?;
        } else if !same_url {
            tx.run("DELETE FROM secret WHERE msp = $1 AND field = $2", args![msp, PRIVATE_KEY]).await?;
        }
        let after = format!("{url} company {company} public key {public_key}");
        tx.note(msp, who, at, Entry::new("connection.save", id, before.map(|b| b.words()), Some(after))).await?;
        tx.commit().await
    }

    /// The MSP's connection, if it has one.
    pub async fn connection(&self, msp: MspId) -> Result<Option<Connection>> {
        self.db.read().await?.connection(msp).await
    }

    /// The private key, for the client alone.
    pub async fn private_key(&self, msp: MspId) -> Result<SecretString> {
        let sql = "SELECT key_id, nonce, sealed FROM secret WHERE msp = $1 AND field = $2";
        let read = |row: &mut Row<'_>| Ok(Sealed { key_id: row.take()?, nonce: row.take()?, sealed: row.take()? });
        let sealed = self.db.read().await?.one(sql, args![msp, PRIVATE_KEY], read).await?;
        let none =
            || StoreError::NotFound("there is no private key for this connection; run hive connect again".into());
        self.keys.open_sealed(msp, PRIVATE_KEY, &sealed.ok_or_else(none)?)
    }

    /// A person accepts the rights as they are, missing ones included.
    pub async fn accept_rights(&self, msp: MspId, who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        let sql = "UPDATE connection SET accepted_by = $2, accepted_at = $3 WHERE msp = $1";
        if tx.run(sql, args![msp, who, at]).await? == 0 {
            return Err(no_connection());
        }
        let rights = tx.connection(msp).await?.map(|connection| rights_to_row(&connection.rights));
        tx.note(msp, who, at, Entry::new("connection.accept_rights", msp, None, rights)).await?;
        tx.commit().await
    }

    /// What a later look at the rights found. Other rights than those accepted wait again.
    pub async fn save_rights(&self, msp: MspId, rights: &Rights) -> Result<()> {
        let mut tx = self.db.write(msp).await?;
        let before = tx.connection(msp).await?.ok_or_else(no_connection)?;
        if before.rights != *rights {
            tx.facts_moved(msp).await?;
            let sql = "UPDATE connection SET rights = $2, accepted_by = NULL, accepted_at = NULL WHERE msp = $1";
            tx.run(sql, args![msp, rights_to_row(rights)]).await?;
        }
        tx.commit().await
    }

    /// The first Sync of this connection has come to its end: later ones link nothing by themselves.
    pub async fn first_sync_done(&self, msp: MspId) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        tx.run("UPDATE connection SET first_sync_done = 1 WHERE msp = $1", args![msp]).await?;
        tx.commit().await
    }

    /// Makes the connection a new one although nothing in it changed: what was approved, live or
    /// settled no longer counts. For a database that came back from a backup.
    pub async fn preview_again(&self, msp: MspId, who: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.db.write_facts(msp).await?;
        let before = tx.connection_id(msp).await?;
        let after = tx.next(msp, "connection", 1).await?;
        tx.run("UPDATE connection SET id = $2 WHERE msp = $1", args![msp, after]).await?;
        let entry = Entry::new("connection.preview_again", after, Some(before.to_string()), Some(after.to_string()));
        tx.note(msp, who, at, entry).await?;
        tx.commit().await
    }

    async fn seal_into(
        &self,
        tx: &mut Tx,
        msp: MspId,
        field: &str,
        secret: &SecretString,
        who: &str,
        at: Timestamp,
    ) -> Result<()> {
        let Sealed { key_id, nonce, sealed } = self.keys.seal(msp, field, secret)?;
        let sql = "INSERT INTO secret (msp, field, key_id, nonce, sealed, set_by, set_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (msp, field) DO UPDATE SET key_id = excluded.key_id, nonce = excluded.nonce,
            sealed = excluded.sealed, set_by = excluded.set_by, set_at = excluded.set_at";
        tx.run(sql, args![msp, field, key_id, nonce, sealed, who, at]).await?;
        Ok(())
    }
}

fn no_connection() -> StoreError {
    refused("this MSP has no connection to ConnectWise yet; run hive connect")
}

#[derive(Serialize, Deserialize)]
enum RightsRow {
    Unknown(String),
    Known { missing: Vec<MissingRow>, restricted: Vec<String> },
}

#[derive(Serialize, Deserialize)]
struct MissingRow {
    module: String,
    function: String,
    action: String,
    found: String,
}

fn rights_to_row(rights: &Rights) -> String {
    let missing_row = |missing: &Missing| MissingRow {
        module: missing.needed.module.to_owned(),
        function: missing.needed.function.to_owned(),
        action: missing.needed.action.to_string(),
        found: missing.found.to_string(),
    };
    let row = match rights {
        Rights::Unknown { why } => RightsRow::Unknown(why.clone()),
        Rights::Known { missing, restricted } => {
            RightsRow::Known { missing: missing.iter().map(missing_row).collect(), restricted: restricted.clone() }
        }
    };
    serde_json::json!(row).to_string()
}

/// A right that Hive no longer asks for is no longer missing.
fn rights_from_row(text: &str) -> Result<Rights> {
    let missing = |row: MissingRow| {
        let action = |action: Action| action.to_string() == row.action;
        let is = |needed: &&hive_core::rights::Needed| {
            needed.module == row.module && needed.function == row.function && action(needed.action)
        };
        NEEDED.iter().find(is).map(|needed| Missing { needed: *needed, found: Level::parse(&row.found) })
    };
    match serde_json::from_str(text).map_err(|_| unreadable("the rights", text))? {
        RightsRow::Unknown(why) => Ok(Rights::Unknown { why }),
        RightsRow::Known { missing: rows, restricted } => {
            Ok(Rights::Known { missing: rows.into_iter().filter_map(missing).collect(), restricted })
        }
    }
}
