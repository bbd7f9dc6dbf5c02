//! `hive serve`: the console, and the Syncs and Updates that run by themselves.
//!
//! **Owns:** what starts, what is printed, and how all of it ends.
//! **Does not own:** pages (web), when a slot is (core), what a run does (run).

use crate::failure::Failure;
use crate::house::{House, Place, now};
use crate::run::stop_asked;
use crate::show::{print, tell};
use hive_desk::Desk;
use hive_web::Web;
use jiff::ToSpan as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use url::Url;

mod engine;
mod folders;
mod once;
mod run_loop;

pub(crate) use once::{OneTime, public_url};

/// Who starts what nobody starts.
pub(crate) const SCHEDULE: &str = "schedule";

/// How long pages that are still open are waited for when the process ends: runs are waited for, a
/// browser is not.
const PAGES_SECONDS_MAX: u64 = 5;

/// Serves until it is stopped.
pub(crate) async fn serve(house: &House) -> Result<(), Failure> {
    let listen = &house.process.listen;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| Failure::stopped(format!("HIVE_LISTEN={listen}: cannot listen there: {error}")))?;
    let address = listener.local_addr()?;
    let public_url = public_url(&house.process, &address.to_string())?;
    crate::house::clock::refuse_public(&public_url)?;
    print(&format!("Hive listens on http://{address}"));
    first_run(house, &public_url).await?;
    serve_on(house, listener, public_url).await
}

/// Serves on what listens already: pages, and the runs that begin by themselves, until Ctrl-C.
pub(crate) async fn serve_on(house: &House, listener: TcpListener, public_url: Url) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let house = House { who: SCHEDULE.to_owned(), place: Place::Server(stopped.clone()), ..house.clone() };
    let (going, mut gone) = mpsc::channel::<()>(1);
    let web = Web {
        desk: Desk::new(house.store.clone()),
        engine: Arc::new(engine::Runs::new(house.clone(), going.downgrade())),
        public_url,
        upload_bytes_max: usize::try_from(house.process.upload_bytes_max).unwrap_or(usize::MAX),
        folders_allowed: !house.process.folders().is_empty(),
    };
    let mut pages = tokio::spawn(hive_web::serve(listener, web, until(stopped.clone())));
    let watch = tokio::spawn(folders::run(house.clone(), stopped.clone()));
    let runs = tokio::spawn(run_loop::run(house, stopped));

    let ended = tokio::select! {
        () = stop_asked() => None,
        ended = &mut pages => Some(ended),
    };
    tell("… stopping: runs end after the request in flight");
    // Nobody listens any more only where everything has ended already.
    let _ = stop.send(true);
    let drained = async {
        let _ = runs.await;
        let _ = watch.await;
        if ended.is_none() {
            let closed = tokio::time::timeout(Duration::from_secs(PAGES_SECONDS_MAX), &mut pages).await;
            if closed.is_err() {
                pages.abort();
            }
        }
        // Every run that a page started holds a sender.
        drop(going);
        let _ = gone.recv().await;
    };
    tokio::select! {
        () = drained => {}
        () = stop_asked() => {
            // What is under way has its durable intent; the next start looks it up first.
            return Err(Failure::stopped("stopped at once; the next start looks up what was under way"));
        }
    }
    match ended {
        None => Ok(()),
        Some(Ok(Ok(()))) => Err(Failure::stopped("the console ended by itself; please report this")),
        Some(Ok(Err(error))) => Err(Failure::stopped(format!("the console ended: {error}"))),
        Some(Err(error)) => Err(Failure::stopped(format!("the console ended: {error}; please report this"))),
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// How long the link of a first run is good for.
const SETUP_HOURS: i64 = 24;

/// Where nobody can sign in yet: a link that makes the first person. It is printed once and kept as a
/// hash alone; a restart prints another, and the one before is dead.
async fn first_run(house: &House, public_url: &Url) -> Result<(), Failure> {
    let token = OneTime::new()?;
    let at = now();
    let expires_at = at.saturating_add(SETUP_HOURS.hours()).unwrap_or(at);
    if house.store.add_setup_link(&token.hash(), at, expires_at).await? {
        print(&format!("First run: open {}", token.link(public_url, "setup")));
    }
    Ok(())
}
