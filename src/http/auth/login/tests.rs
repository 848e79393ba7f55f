use super::super::*;
use crate::config;
use axum::http::{HeaderValue, header};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

/// Cheap to verify: what is tested is the sessions.
const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };

struct Fixture {
    auth: Auth,
    now: Arc<AtomicI64>,
    dir: tempfile::TempDir,
}

fn open(dir: tempfile::TempDir, content: Option<&str>) -> Fixture {
    let now = Arc::new(AtomicI64::new(1_000_000_000_000));
    let ticks = now.clone();
    let clock: Clock = Arc::new(move || ticks.load(Ordering::Relaxed));
    let store = Arc::new(Store::open(dir.path(), clock.clone()).unwrap());
    let (settings, _) = config::load_from(Path::new("no such file"), false, Vec::new()).unwrap();
    let quiet: Notice = Arc::new(|_| {});
    let content = content.map(SecretString::from);
    let auth = Auth::open_at_cost(store, clock, &settings.serve, content, (&quiet, &quiet), CHEAP).unwrap();
    Fixture { auth, now, dir }
}

fn here() -> Address {
    Address::new([127, 0, 0, 1].into())
}

impl Fixture {
    async fn session(&self, pin: &str) -> HeaderMap {
        let cookie = self.auth.log_in(here(), &HeaderMap::new(), pin.into()).await.unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pair).unwrap())])
    }

    async fn lives(&self, session: &HeaderMap) -> bool {
        self.auth.by_cookie(here(), session).await.is_ok()
    }

    fn reopened(self, content: &str) -> Self {
        drop(self.auth);
        open(self.dir, Some(content))
    }
}

#[tokio::test]
async fn another_pin_ends_all_sessions_and_the_same_one_none() {
    let hashed = |pin: &str| pin::hash(&pin.into(), CHEAP).unwrap();
    let (first, second) = (hashed("918273"), hashed("918273"));
    for (before, after, lives) in [
        ("918273", "918273", true),
        ("918273", "564738", false),
        (&first, &first, true),
        (&first, &second, false),
        (&first, "918273", false),
        ("918273", &first, false),
    ] {
        let house = open(tempfile::tempdir().unwrap(), Some(before));
        let session = house.session("918273").await;
        assert!(house.lives(&session).await);
        let again = house.reopened(after);
        assert_eq!(again.lives(&session).await, lives, "{before} then {after}");
    }
}

#[tokio::test]
async fn what_sessions_hang_on_tells_nothing_of_the_pin() {
    let house = open(tempfile::tempdir().unwrap(), Some("918273"));
    house.session("918273").await;
    let mark = house.auth.store.login_mark().unwrap().unwrap();
    assert!(mark.starts_with("$argon2id$"), "{mark}");
}

#[tokio::test]
async fn another_pin_in_the_store_ends_all_sessions() {
    let house = open(tempfile::tempdir().unwrap(), Some("918273"));
    let session = house.session("918273").await;
    house.auth.store.put_pin(&pin::hash(&"564738".into(), CHEAP).unwrap()).unwrap();
    assert!(!house.lives(&session).await);
    drop(house.auth);
    let again = open(house.dir, None);
    again.session("564738").await;
}

#[tokio::test]
async fn what_is_told_is_no_use_of_a_session_and_what_is_done_is() {
    let house = open(tempfile::tempdir().unwrap(), Some("918273"));
    let session = house.session("918273").await;
    let caller = house.auth.by_cookie(here(), &session).await.unwrap();
    let pass = |minutes: i64| house.now.fetch_add(minutes * 60_000, Ordering::Relaxed);
    pass(29);
    house.auth.still(&caller).await.unwrap();
    pass(29);
    house.auth.listens(&caller).await.unwrap();
    pass(1);
    assert!(house.auth.listens(&caller).await.is_err());
    house.auth.ended(&caller).await;
}

#[tokio::test]
async fn a_right_pin_clears_what_its_address_guessed_by_whichever_way() {
    let house = open(tempfile::tempdir().unwrap(), Some("918273"));
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(house.auth.by_pin(here(), "000000".into()).await.is_err());
        }
        let headers = HeaderMap::from_iter([(PIN_HEADER, HeaderValue::from_static("918273"))]);
        house.auth.authenticate(&headers, here()).await.unwrap();
    }
}
