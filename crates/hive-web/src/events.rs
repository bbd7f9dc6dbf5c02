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
use hive_core::{MspId, Timestamp};
use hive_desk::Refused;
use hive_store::{RunRow, RunState, User, UserId};
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

/// Open pages that may listen to one server: each is an open connection.
const LISTENERS_MAX: usize = 1000;
/// Of one person: many tabs are open, and still one browser does not keep all the others out.
const OF_PERSON_MAX: usize = 20;
/// Of one MSP, for the same reason.
const OF_MSP_MAX: usize = 200;
/// How often a stream asks whether its session still is: who was logged out hears no more after this.
const RECHECK: Duration = Duration::from_secs(30);
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
    /// Streams of each person.
    people: Mutex<BTreeMap<UserId, usize>>,
    ended: watch::Sender<bool>,
}

impl Events {
    pub(crate) fn new(web: Arc<Web>) -> Events {
        Events { web, channels: Mutex::default(), people: Mutex::default(), ended: watch::channel(false).0 }
    }

    /// Every stream ends.
    pub(crate) fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Begins to listen; `None` where too many do.
    fn listen(self: &Arc<Events>, msp: MspId) -> Option<broadcast::Receiver<Told>> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let listening: usize = channels.values().map(broadcast::Sender::receiver_count).sum();
        let here = channels.get(&msp).map_or(0, broadcast::Sender::receiver_count);
        if listening >= LISTENERS_MAX || here >= OF_MSP_MAX {
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

    /// A person's place among those who listen; `None` where they have too many.
    fn place(self: &Arc<Events>, user: UserId) -> Option<OfPerson> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let streams = people.entry(user).or_default();
        if *streams >= OF_PERSON_MAX {
            return None;
        }
        *streams += 1;
        Some(OfPerson { events: self.clone(), user })
    }

    /// Whether a session is one still, of somebody who may be at this MSP.
    async fn may_hear(&self, session: &str, msp: MspId, now: Timestamp) -> bool {
        let found = self.web.desk.store.session(session, now).await;
        // A database that does not answer ends nothing: the page comes back and asks by itself.
        let here = |user: &User| user.roles.iter().any(|(at, _)| at.is_none_or(|at| at == msp));
        found.map_or(true, |user| user.as_ref().is_some_and(here))
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

/// One stream of a person; its place is free again when it ends.
struct OfPerson {
    events: Arc<Events>,
    user: UserId,
}

impl Drop for OfPerson {
    fn drop(&mut self) {
        let mut people = self.events.people.lock().unwrap_or_else(PoisonError::into_inner);
        let left = people.get(&self.user).map_or(0, |streams| streams.saturating_sub(1));
        if left == 0 {
            people.remove(&self.user);
        } else {
            people.insert(self.user, left);
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
    let place = app.events.place(visitor.person.user.id).ok_or_else(|| Fault::Refused(too_many()))?;
    let listener = app.events.listen(visitor.msp.id).ok_or_else(|| Fault::Refused(too_many()))?;
    // What is now: a page that was made before it listened sees whether it missed something.
    let first = app.web.desk.store.pulse(visitor.msp.id).await?;
    let first = Told::Changed(first.facts, first.runs);
    let heard = Heard {
        listener,
        first: Some(first),
        ended: app.events.ended.subscribe(),
        place,
        msp: visitor.msp.id,
        session: visitor.person.session.clone(),
        until: Instant::now() + LISTEN_FOR,
        recheck: Instant::now() + RECHECK,
        checked: visitor.now(),
    };
    let stream = futures::stream::unfold(heard, |mut heard| async move {
        let event = heard.next().await?;
        Some((Ok::<_, Infallible>(event), heard))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

/// One stream.
struct Heard {
    listener: broadcast::Receiver<Told>,
    first: Option<Told>,
    ended: watch::Receiver<bool>,
    place: OfPerson,
    msp: MspId,
    session: String,
    until: Instant,
    recheck: Instant,
    checked: Timestamp,
}

impl Heard {
    /// Whether the session is one still, asked at most every [`RECHECK`]; by the clock of sessions too, so that
    /// a machine that slept tells nothing before it has asked.
    async fn still_may(&mut self) -> bool {
        let now = self.place.events.web.engine.now();
        let long_ago = now.duration_since(self.checked).unsigned_abs() >= RECHECK;
        if Instant::now() < self.recheck && !long_ago {
            return true;
        }
        (self.checked, self.recheck) = (now, Instant::now() + RECHECK);
        self.place.events.may_hear(&self.session, self.msp, now).await
    }

    /// What to tell next; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if let Some(first) = self.first.take() {
            return Some(first.event());
        }
        loop {
            let told = tokio::select! {
                biased;
                _ = self.ended.wait_for(|ended| *ended) => return None,
                () = tokio::time::sleep_until(self.until) => return None,
                () = tokio::time::sleep_until(self.recheck) => None,
                told = self.listener.recv() => Some(told),
            };
            if !self.still_may().await {
                return None;
            }
            let Some(told) = told else { continue };
            return match told {
                Ok(told) => Some(told.event()),
                // It fell behind: it looks by itself.
                Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::default().event("changed").data("behind")),
                Err(broadcast::error::RecvError::Closed) => None,
            };
        }
    }
}
