//! The console's door for stories: a browser of few words.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use hive_core::{MspId, RunId, Timestamp};
use hive_desk::{Desk, Refused};
use hive_store::{KeySource, Msp, Role, Store, UserId};
use hive_web::{About, BoxFuture, ConnectForm, Connected, Engine, NotConnected, RunAsked, Web, new_token, router};
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Its clock moves by hand; it begins no runs.
pub(crate) struct StillEngine(AtomicI64);

impl Engine for StillEngine {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_763_892_000 + 60 * self.0.load(Ordering::Relaxed)).unwrap()
    }

    fn connect<'a>(&'a self, _: &'a Msp, _: ConnectForm, _: &'a str) -> BoxFuture<'a, Result<Connected, NotConnected>> {
        let refused = Refused::Stopped("nothing to connect to".into());
        Box::pin(async { Err(NotConnected { about: About::Other, refused }) })
    }

    fn start<'a>(&'a self, _: &'a Msp, _: RunAsked, _: &'a str) -> BoxFuture<'a, Result<RunId, Refused>> {
        Box::pin(async { Err(Refused::Stopped("nothing runs here".into())) })
    }
}

pub(crate) struct Door {
    pub(crate) store: Store,
    pub(crate) engine: Arc<StillEngine>,
    web: Web,
    pub(crate) router: Router,
    _dir: tempfile::TempDir,
}

/// An answer, read whole.
pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Shown {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned());
        all.into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")))
    }

    /// `name=value` as the browser sends it back.
    pub(crate) fn session(&self) -> String {
        let over_https = self.cookie("__Host-hive_session");
        over_https.or_else(|| self.cookie("hive_session")).unwrap().split(';').next().unwrap().to_owned()
    }
}

impl Door {
    pub(crate) async fn open() -> Door {
        Door::open_at("http://127.0.0.1:7400").await
    }

    pub(crate) async fn open_at(public_url: &str) -> Door {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("hive.db").display());
        let store = Store::open(&url, KeySource(dir.path().join("hive.key"))).await.unwrap();
        let engine = Arc::new(StillEngine(AtomicI64::new(0)));
        let web = Web {
            desk: Desk::new(store.clone()),
            engine: engine.clone(),
            public_url: public_url.parse().unwrap(),
            upload_bytes_max: 1_000_000,
            folders_allowed: false,
        };
        Door { store, engine, router: router(web.clone()), web, _dir: dir }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.engine.now()
    }

    pub(crate) fn web(&self) -> Web {
        self.web.clone()
    }

    pub(crate) fn later(&self, minutes: i64) {
        self.engine.0.fetch_add(minutes, Ordering::Relaxed);
    }

    pub(crate) async fn msp(&self, name: &str) -> MspId {
        self.store.add_msp(name, self.now()).await.unwrap().id
    }

    /// A person with [`PASSWORD`].
    pub(crate) async fn person(&self, email: &str, role: Role, msp: Option<MspId>) -> UserId {
        let user = self.store.add_user(email, role, msp, "story", self.now()).await.unwrap();
        // Made once: hashing is slow on purpose.
        static PHC: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let phc = PHC.get_or_init(|| password_auth::generate_hash(PASSWORD));
        self.store.set_password(user, phc, "story", self.now()).await.unwrap();
        user
    }

    /// A one-time link's token.
    pub(crate) async fn link(&self, user: Option<UserId>, purpose: &str) -> String {
        let (token, hash) = new_token().unwrap();
        let expires = self.now() + SignedDuration::from_hours(1);
        self.store.add_link(&hash, user, purpose, self.now(), expires).await.unwrap();
        token
    }

    /// The session of a person who came by a one-time link: no password is hashed for it.
    pub(crate) async fn come_in(&self, user: UserId) -> String {
        let token = self.link(Some(user), "login").await;
        self.post(&format!("/login/once/{token}"), "", "").await.session()
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Shown {
        self.post("/login", "", &format!("email={email}&password={password}")).await
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Shown {
        self.send(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Shown {
        self.send(self.form(path, cookie, form, "same-origin")).await
    }

    pub(crate) fn form(&self, path: &str, cookie: &str, form: &str, site: &str) -> Request<Body> {
        Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "127.0.0.1:7400")
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Shown {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let bytes = to_bytes(body, 10_000_000).await.unwrap();
        Shown { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
