//! A server in a directory of its own, with a clock that the test turns, and clients that trust its certificate.

use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use sentinel::config;
use sentinel::egress::clock::{Clock as _, SystemClock};
use sentinel::egress::workspace::Workspace;
use sentinel::flow::controller::{Controller, NoPlanner, Parts};
use sentinel::http::{Notice, Serving, Site, serve_routes};
use sentinel::kernel::catalogue::Catalogue;
use sentinel::kernel::port::Worker;
use sentinel::kernel::run::Limits;
use sentinel::policy::{self, InForce};
use sentinel::scan::Active;
use sentinel::store::{Clock, Store};
use sentinel::tool::{Runner, RunnerLimits, builtin};
use sentinel::worker::Scripted;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

pub const PIN: &str = "135790";
/// What the worker answers.
const SCRIPT: &str =
    r#"[{"when": "Summarise the notice", "answer": "The [hall](https://a.example/x) is closed"}]"#;

pub struct House {
    pub site: Arc<Site>,
    pub serving: Option<Serving>,
    pub port: u16,
    pub http: u16,
    pub said: Arc<Mutex<Vec<String>>>,
    pub dir: tempfile::TempDir,
    pub work: tempfile::TempDir,
    now: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
}

/// The hash of [`PIN`], cheap to verify: what is tested is the house, not argon2.
fn hash() -> String {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    let salt = SaltString::encode_b64(b"a salt of a test").unwrap();
    argon.hash_password(PIN.as_bytes(), &salt).unwrap().to_string()
}

impl House {
    pub async fn open(variables: &[(&str, &str)]) -> Self {
        Self::with(tempfile::tempdir().unwrap(), variables, Some(hash()), axum::Router::new()).await
    }

    pub async fn with_worker(variables: &[(&str, &str)], worker: Arc<dyn Worker>) -> Self {
        Self::of(tempfile::tempdir().unwrap(), variables, Some(hash()), axum::Router::new(), worker).await
    }

    pub async fn with(
        dir: tempfile::TempDir,
        variables: &[(&str, &str)],
        pin: Option<String>,
        more: axum::Router<Arc<Site>>,
    ) -> Self {
        Self::of(dir, variables, pin, more, Arc::new(Scripted::from_json(SCRIPT).unwrap())).await
    }

    async fn of(
        dir: tempfile::TempDir,
        variables: &[(&str, &str)],
        pin: Option<String>,
        more: axum::Router<Arc<Site>>,
        worker: Arc<dyn Worker>,
    ) -> Self {
        let ports = [("SENTINEL_HTTPS_PORT", "0"), ("SENTINEL_HTTP_PORT", "0")];
        let pairs =
            ports.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let (settings, _) = config::load_from(Path::new("no such file"), false, pairs).unwrap();
        // A client judges the certificate by the machine's clock, so ours begins there.
        let now = Arc::new(AtomicI64::new(SystemClock.now().as_millisecond()));
        let ticks = now.clone();
        let clock: Clock = Arc::new(move || ticks.load(Ordering::Relaxed));
        let store = Arc::new(Store::open(dir.path(), clock.clone()).unwrap());
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        let notice: Notice = Arc::new(move |text: &str| heard.lock().unwrap().push(text.to_owned()));
        let mut serve = settings.serve;
        // Any free port for the redirect, which a setting of 0 would switch off.
        serve.http_port = Some(0);
        let catalogue = Arc::new(Catalogue::new(builtin::tools()));
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let engine = Arc::new(InForce::new(policy::load(&shipped, &catalogue).unwrap()));
        let work = tempfile::tempdir().unwrap();
        let limits = RunnerLimits { max_file_bytes: 100_000 };
        let tools = Runner::new(Workspace::open(work.path()).unwrap(), Arc::new(SystemClock), limits);
        let controller = Controller::new(Parts {
            store,
            policy: engine.clone(),
            scanners: Arc::new(Active::new()),
            tools: Arc::new(tools),
            worker,
            planners: Arc::new(NoPlanner),
            catalogue,
            clock,
            playbooks: shipped.join("playbooks"),
            limits: Limits::default(),
            mode: settings.approval.mode,
            trust_level: settings.approval.trust_level,
            ttl_seconds: settings.approval.ttl_seconds,
            patience_seconds: 60,
            max_tasks: 64,
            run_at_once: 32,
        });
        let site = Site::new(controller, engine, serve, pin.map(Into::into), notice.clone(), &notice);
        let site = Arc::new(site.unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _either_way = stopped.await;
        };
        let serving = serve_routes(site.clone(), more, shutdown).await.unwrap();
        let (port, http) = (serving.https.port(), serving.http.unwrap().port());
        Self { site, port, http, serving: Some(serving), said, dir, work, now, stop: Some(stop) }
    }

    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub fn pem(&self) -> Vec<u8> {
        #[expect(clippy::disallowed_methods, reason = "a client is given the certificate to trust")]
        std::fs::read(self.dir.path().join("tls-cert.pem")).unwrap()
    }

    /// A client on an address of this machine.
    pub fn client(&self, from: &str) -> reqwest::Client {
        #[expect(clippy::disallowed_methods, reason = "a test is the client here")]
        let builder = reqwest::Client::builder();
        builder
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_built_in_root_certs(false)
            .add_root_certificate(reqwest::Certificate::from_pem(&self.pem()).unwrap())
            .resolve("localhost", ([127, 0, 0, 1], 0).into())
            .local_address(from.parse::<std::net::IpAddr>().unwrap())
            .build()
            .unwrap()
    }

    /// Logs in; the cookie's pair.
    pub async fn cookie(&self, client: &reqwest::Client) -> String {
        let body = serde_json::json!({ "pin": PIN });
        let response = client.post(self.url("/api/session")).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 204);
        let line = response.headers()["set-cookie"].to_str().unwrap();
        assert!(line.ends_with("; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=43200"), "{line}");
        line.split(';').next().unwrap().to_owned()
    }

    pub async fn get(&self, client: &reqwest::Client, name: &str, value: &str) -> (u16, serde_json::Value) {
        let response = client.get(self.url("/api/session")).header(name, value).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}
