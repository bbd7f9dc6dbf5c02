//! What pages ask of runs and of ConnectWise.
//!
//! A run that a page starts goes on by itself: neither a closed browser nor a lost connection ends it.

use super::folders::Roots;
use crate::connecting::{NotSaved, Way, test_and_save};
use crate::failure::{Failure, WRONG_USAGE};
use crate::house::{House, Place, now};
use crate::run::update::Asked;
use crate::run::{NotBegun, Running, sync, undo, update};
use hive_connectwise::SiteUrl;
use hive_core::{RunId, Timestamp};
use hive_desk::Refused;
use hive_store::Msp;
use hive_web::{BoxFuture, ConnectForm, Connected, Engine, FolderRoots, NotConnected, RunAsked};
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};

/// Runs that pages start.
pub(super) struct Runs {
    house: House,
    /// Each run holds a sender: all of them have ended once nobody holds one. Weak, so that a browser
    /// that stays connected keeps no process from ending.
    going: mpsc::WeakSender<()>,
}

impl Runs {
    pub(super) fn new(house: House, going: mpsc::WeakSender<()>) -> Runs {
        Runs { house, going }
    }

    fn stopping(&self) -> bool {
        matches!(&self.house.place, Place::Server(stop) if *stop.borrow())
    }
}

impl Engine for Runs {
    fn now(&self) -> Timestamp {
        now()
    }

    fn connect<'a>(
        &'a self,
        msp: &'a Msp,
        form: ConnectForm,
        who: &'a str,
    ) -> BoxFuture<'a, Result<Connected, NotConnected>> {
        let house = self.house.asked_by(who);
        Box::pin(async move {
            let ConnectForm { url, company, public_key, private_key, client_id } = form;
            let way = Way { url, company, public_key, private_key, client_id };
            let not_connected = |not: NotSaved| NotConnected { about: not.about, refused: refused(not.failure) };
            let saved = test_and_save(&house, msp, &way).await.map_err(not_connected)?;
            Ok(Connected { rights: saved.tested.rights, warnings: saved.tested.warnings, moved: saved.moved })
        })
    }

    fn site(&self, url: &str) -> String {
        site(url, &self.house.process.private_hosts())
    }

    fn start<'a>(&'a self, msp: &'a Msp, asked: RunAsked, who: &'a str) -> BoxFuture<'a, Result<RunId, Refused>> {
        let Some(going) = self.going.upgrade().filter(|_| !self.stopping()) else {
            let words = "Hive is being stopped; start the run again in a moment".to_owned();
            return Box::pin(async { Err(Refused::Stopped(words)) });
        };
        let (house, msp) = (self.house.asked_by(who), msp.clone());
        let (begun, began) = oneshot::channel();
        // Also the beginning is the task's: a page that is closed meanwhile must not cut it off.
        tokio::spawn(async move {
            go(&house, &msp, asked, begun).await;
            drop(going);
        });
        Box::pin(async {
            began.await.unwrap_or_else(|_| Err(Refused::Broken("the run ended before it had begun".to_owned())))
        })
    }

    fn folder_roots(&self, msp: &Msp) -> FolderRoots {
        Roots::of(&self.house.process, msp.id).shown()
    }

    fn folder<'a>(&'a self, msp: &'a Msp, path: &'a str) -> BoxFuture<'a, Result<String, Refused>> {
        let (roots, path) = (Roots::of(&self.house.process, msp.id), PathBuf::from(path));
        Box::pin(async move {
            let found = tokio::task::spawn_blocking(move || roots.folder(&path)).await;
            let found = found.map_err(|error| Refused::Broken(error.to_string()))?;
            found.map(|path| path.display().to_string()).map_err(Refused::Stopped)
        })
    }
}

/// As a connection is saved: two spellings of one site are one.
fn site(url: &str, private_hosts: &[String]) -> String {
    SiteUrl::parse(url, private_hosts).map_or_else(|_| url.trim().to_lowercase(), |site| site.to_string())
}

type Begun = oneshot::Sender<Result<RunId, Refused>>;

/// Begins, answers, and goes on to the end. How it ended is in the run's own row.
async fn go(house: &House, msp: &Msp, asked: RunAsked, begun: Begun) {
    let ended = match asked {
        RunAsked::Sync => match answer(sync::begin(house, msp, None).await, begun) {
            Some(run) => sync::go(run).await.map(drop),
            None => return,
        },
        RunAsked::Update { plan, products } => {
            let asked = Asked { plan, products, accounts: None };
            match answer(update::begin(house, msp, &asked, None).await, begun) {
                Some(run) => update::go(run, &asked).await.map(drop),
                None => return,
            }
        }
        RunAsked::Undo { run } => match answer(undo::begin(house, msp, run).await, begun) {
            Some(running) => undo::go(running, run).await.map(drop),
            None => return,
        },
    };
    if let Err(failure) = ended {
        tracing::info!(msp = %msp.name, who = %house.who, "a run ended: {failure}");
    }
}

fn answer(run: Result<Running, NotBegun>, begun: Begun) -> Option<Running> {
    match run {
        Ok(run) => {
            // Nobody waits for the answer where the page was closed; the run goes on.
            let _ = begun.send(Ok(run.lease.run));
            Some(run)
        }
        Err(why) => {
            let _ = begun.send(Err(refused(why.into())));
            None
        }
    }
}

fn refused(failure: Failure) -> Refused {
    if failure.code == WRONG_USAGE { Refused::WrongUsage(failure.words) } else { Refused::Stopped(failure.words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_site_are_one() {
        for spelled in
            ["https://NA.myconnectwise.net/", "na.myconnectwise.net/v4_6_release", "api-na.myconnectwise.net:443"]
        {
            assert_eq!(site(spelled, &[]), site("https://na.myconnectwise.net", &[]), "{spelled}");
        }
        for other in ["eu.myconnectwise.net", "na.myconnectwise.net:8443", "na.myconnectwise.net.example.com"] {
            assert_ne!(site(other, &[]), site("na.myconnectwise.net", &[]), "{other}");
        }
    }
}
