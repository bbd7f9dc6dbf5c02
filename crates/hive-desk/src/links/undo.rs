//! Undo of the last action on links: what it was before comes from the audit trail.

use crate::{By, Desk, Refused, Said};
use hive_store::{Linked, Msp};
use std::fmt;
use std::str::FromStr;

/// Which rows of the audit log an action wrote: what its undo takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoLinks {
    first: i64,
    last: i64,
}

impl fmt::Display for UndoLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromStr for UndoLinks {
    type Err = Refused;

    fn from_str(text: &str) -> Result<UndoLinks, Refused> {
        let range = text.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        let (first, last) = range.ok_or_else(|| Refused::WrongUsage(format!("\"{text}\" is no action to undo")))?;
        Ok(UndoLinks { first, last })
    }
}

impl Desk {
    /// Does something to links, and says how it can be taken back; `None` where nothing was changed.
    pub async fn undoable<T>(
        &self,
        by: &By,
        act: impl Future<Output = Result<T, Refused>>,
    ) -> Result<(T, Option<UndoLinks>), Refused> {
        let before = self.store.audit_last(by.msp.id).await?;
        let done = act.await?;
        let changed = self.store.links_changed(by.msp.id, before, &by.who, by.at).await?;
        Ok((done, changed.map(|(first, last)| UndoLinks { first, last })))
    }

    /// Takes an action back: every link it changed becomes what it was, unless somebody changed it since.
    pub async fn undo_links(&self, by: &By, undo: UndoLinks) -> Result<Said, Refused> {
        let undone = self.store.undo_links(by.msp.id, (undo.first, undo.last), &by.who, by.at).await?;
        let mut words = match undone.restored.as_slice() {
            [] if undone.moved_on.is_empty() => {
                return Err(Refused::Stopped("there is nothing of yours to undo here".to_owned()));
            }
            [] => String::new(),
            [(linked, now)] => {
                let now = now.as_ref().map_or_else(|| "linked to nothing".to_owned(), |now| linked_words(now));
                format!("Undone: {} is {now} again.", self.named(&by.msp, *linked).await?)
            }
            many => format!("Undone: {} links are as they were before.", many.len()),
        };
        let live_again = |(linked, now): &(Linked, Option<String>)| {
            matches!(linked, Linked::Product(_)) && now.as_ref().is_some_and(|now| now.starts_with("item"))
        };
        if undone.restored.iter().any(live_again) {
            words.push_str("\nWhat is mapped again is previewed first: it is pushed once a person starts an Update with a plan's id.");
        }
        if let Some(first) = undone.moved_on.first() {
            let name = self.named(&by.msp, *first).await?;
            let others = undone.moved_on.len() - 1;
            let others = if others > 0 { format!(" and {others} more were") } else { " was".to_owned() };
            words.push_str(&format!("\n{name}{others} changed since, and stays as it is."));
        }
        Ok(Said(words.trim_start().to_owned()))
    }

    async fn named(&self, msp: &Msp, linked: Linked) -> Result<String, Refused> {
        Ok(match linked {
            Linked::Account(id) => format!("account \"{}\"", self.account_of(msp, id).await?.name),
            Linked::Product(id) => format!("product \"{}\"", self.product_of(msp, id).await?.name),
        })
    }
}

fn linked_words(now: &str) -> String {
    if now == "ignored" { now.to_owned() } else { format!("linked to {now}") }
}
