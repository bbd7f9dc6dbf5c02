//! What changed, told to open pages: server-sent events of one MSP.
//!
//! **Owns:** one poller for each MSP that has listeners, how many may listen.
//! **Does not own:** what changed; a page fetches itself again.

use crate::{Answer, App, Fault, Visitor, Web};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures::Stream;
use hive_core::MspId;
use hive_desk::Refused;
use hive_store::{RunRow, RunState};
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Open pages that may listen to one server: each is an open connection.
const LISTENERS_MAX: usize = 1000;
/// How often the database is asked: a sample is on an open page within 5 seconds (AC-41).
const POLL: Duration = Duration::from_secs(1);
/// After this long a page listens anew, which asks again whether it still may.
const LISTEN_FOR: Duration = Duration::from_secs(600);
/// Events a slow page may be behind before it is told to look by itself.
const BEHIND_MAX: usize = 64;

/// One thing that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    /// The pulse: facts and runs.
    Changed(i64, i64),
    /// How a run stands, as JSON.
    Run(String),
}

impl Told {
    fn event(&self) -> Event {
        match self {
            Told::Changed(facts, runs) => Event::default().event("changed").data(format!("{facts}.{runs}")),
            Told::Run(json) => Event::default().event("run").data(json),
        }
    }
}

/// Who listens.
pub(crate) struct Events {
    web: Arc<Web>,
    channels: Mutex<BTreeMap<MspId, broadcast::Sender<Told>>>,
    ended: watch::Sender<bool>,
}

impl Events {
    pub(crate) fn new(web: Arc<Web>) -> Events {
        Events { web, channels: Mutex::default(), ended: watch::channel(false).0 }
    }

    /// Every stream ends.
    pub(crate) fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Begins to listen; `None` where too many do.
    fn listen(self: &Arc<Events>, msp: MspId) -> Option<broadcast::Receiver<Told>> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let listening: usize = channels.values().map(broadcast::Sender::receiver_count).sum();
        if listening >= LISTENERS_MAX {
            return None;
        }
        if let Some(channel) = channels.get(&msp) {
            return Some(channel.subscribe());
        }
        let (channel, listener) = broadcast::channel(BEHIND_MAX);
        channels.insert(msp, channel.clone());
        tokio::spawn(self.clone().poll(msp, channel));
        Some(listener)
    }

    /// Asks the store as long as somebody listens.
    async fn poll(self: Arc<Events>, msp: MspId, channel: broadcast::Sender<Told>) {
        let mut ended = self.ended.subscribe();
        let mut seen = (None, None);
        while !*ended.borrow() && self.still_heard(msp, &channel) {
            self.tell(msp, &channel, &mut seen).await;
            tokio::select! { () = tokio::time::sleep(POLL) => {}, _ = ended.changed() => {} }
        }
    }

    /// Takes the channel away once nobody listens, under the lock under which they come.
    fn still_heard(&self, msp: MspId, channel: &broadcast::Sender<Told>) -> bool {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = channel.receiver_count() > 0;
        if !heard {
            channels.remove(&msp);
        }
        heard
    }

    async fn tell(&self, msp: MspId, channel: &broadcast::Sender<Told>, seen: &mut (Option<Told>, Option<Told>)) {
        let store = &self.web.desk.store;
        // A database that does not answer is said by the pages; here it only means nothing new.
        let Ok(pulse) = store.pulse(msp).await else { return };
        let pulse = Some(Told::Changed(pulse.facts, pulse.runs));
        if seen.0 != pulse {
            let runs = store.runs(msp, 1).await.unwrap_or_default();
            let run = runs.first().map(|run| Told::Run(run_json(run)));
            if let Some(run) = run.filter(|run| seen.1.as_ref() != Some(run)) {
                let _ = channel.send(run.clone());
                seen.1 = Some(run);
            }
            if let Some(pulse) = &pulse {
                let _ = channel.send(pulse.clone());
            }
            seen.0 = pulse;
        }
    }
}

fn run_json(run: &RunRow) -> String {
    json!({
        "run": run.id.0,
        "kind": run.kind.name(),
        "step": run.step,
        "done": run.done,
        "total": run.total,
        "state": run.state.name(),
        "running": run.state == RunState::Running,
    })
    .to_string()
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/m/{msp}/events", get(answer))
}

async fn answer(State(app): State<App>, visitor: Visitor) -> Answer {
    let too_many = || Refused::Broken("too many pages listen to this server; this one looks by itself".to_owned());
    let listener = app.events.listen(visitor.msp.id).ok_or_else(|| Fault::Refused(too_many()))?;
    // What is now: a page that was made before it listened sees whether it missed something.
    let first = app.web.desk.store.pulse(visitor.msp.id).await?;
    let first = Told::Changed(first.facts, first.runs);
    let stream = stream(listener, first, app.events.ended.subscribe());
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

fn stream(
    listener: broadcast::Receiver<Told>,
    first: Told,
    ended: watch::Receiver<bool>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let until = tokio::time::Instant::now() + LISTEN_FOR;
    futures::stream::unfold((listener, Some(first), ended), move |(mut listener, first, mut ended)| async move {
        if let Some(first) = first {
            return Some((Ok(first.event()), (listener, None, ended)));
        }
        let told = tokio::select! {
            told = listener.recv() => told,
            () = tokio::time::sleep_until(until) => return None,
            _ = ended.wait_for(|ended| *ended) => return None,
        };
        match told {
            Ok(told) => Some((Ok(told.event()), (listener, None, ended))),
            // It fell behind: it looks by itself.
            Err(broadcast::error::RecvError::Lagged(_)) => {
                Some((Ok(Event::default().event("changed").data("behind")), (listener, None, ended)))
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    })
}
