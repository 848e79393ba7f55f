//! Chromium, spoken to in its own DevTools protocol: JSON over a WebSocket, for which the tests have a client already. The
//! crates for it bring sixty thousand generated lines; what is needed here is one request and its answer.

#![expect(clippy::disallowed_methods, reason = "a test starts a browser and keeps its pictures")]

use super::reports::Collector;
use base64::Engine as _;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// No part of it asks the network for anything but the page.
const FLAGS: [&str; 14] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    // The house's certificate is its own, made a moment ago.
    "--ignore-certificate-errors",
    // Where policies are reported to is on this machine, too.
    "--disable-features=LocalNetworkAccessChecks",
    "--remote-debugging-port=0",
    "about:blank",
];
/// Numbers of requests that no call waits for: for a document's body, and for what has no answer of interest.
const BODY: u64 = 1_000_000_000;
const NOBODY: u64 = BODY - 1;
/// Longest that anything in the page is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Counts what the content security policy stops, and what a stranger's text runs.
const WATCH: &str = "window.violations = []; window.ran = [];
    addEventListener('securitypolicyviolation', (e) => violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
    for (const name of ['alert', 'confirm', 'prompt']) window[name] = (text) => ran.push(String(text));";

/// A browser with one page.
pub struct Chromium {
    child: Child,
    socket: WebSocketStream<TcpStream>,
    session: String,
    last: u64,
    /// Every address that the page asked for.
    pub asked: Vec<String>,
    /// What the page complained of.
    pub complaints: Vec<String>,
    /// Where the browser itself reports what a content security policy stopped.
    reports: Option<Collector>,
    /// The document that is held up on its way in.
    held: Value,
    _profile: tempfile::TempDir,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Chromium {
    /// Starts one with an empty profile; `before` runs in each page before anything of it.
    pub async fn start(before: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("chromium")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(FLAGS)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("no chromium: scripts/install-deps --browser installs it");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned));
        let url = url.expect("chromium did not start");
        std::thread::spawn(move || lines.for_each(drop));
        let address = url.trim_start_matches("ws://").split('/').next().unwrap().to_owned();
        let stream = TcpStream::connect(address).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let mut own = Self {
            child,
            socket,
            session: String::new(),
            last: 0,
            asked: Vec::new(),
            complaints: Vec::new(),
            reports: None,
            held: Value::Null,
            _profile: profile,
        };
        let target = own.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let params = json!({"targetId": target["targetId"], "flatten": true});
        own.session =
            own.call("Target.attachToTarget", params).await["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Network"] {
            own.call(&format!("{domain}.enable"), json!({})).await;
        }
        let source = format!("{WATCH}\n{before}");
        own.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": source})).await;
        own.size(1280, 860).await;
        own
    }

    /// One request of the protocol, and its answer.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(message.to_string())).await.unwrap();
        loop {
            let heard = timeout(PATIENCE * 2, self.socket.next()).await;
            let heard = heard.unwrap_or_else(|_| panic!("no answer to {method}")).unwrap().unwrap();
            let Message::Text(text) = heard else { continue };
            let heard: Value = serde_json::from_str(&text).unwrap();
            if heard["id"] == json!(self.last) {
                assert!(heard["error"].is_null(), "{method}: {}", heard["error"]);
                return heard["result"].clone();
            }
            if heard["id"] == json!(BODY) {
                self.pass_on(&heard["result"]).await;
            }
            self.note(&heard).await;
        }
    }

    /// From the next document on what its policy stops is reported by the browser itself to a [`Collector`].
    pub async fn collect_reports(&mut self) {
        self.reports = Some(Collector::open().await);
        let documents = json!({"patterns": [{"resourceType": "Document", "requestStage": "Response"}]});
        self.call("Fetch.enable", documents).await;
    }

    /// A document was stopped on its way in: its body is asked for, and with that the rest is in `pass_on`.
    async fn hold_up(&mut self, paused: &Value) {
        let id = json!({"requestId": paused["requestId"]});
        let (number, method) = match paused["responseStatusCode"].as_u64() {
            Some(200) => (BODY, "Fetch.getResponseBody"),
            _ => (NOBODY, "Fetch.continueRequest"),
        };
        self.held = paused.clone();
        self.tell(number, method, id).await;
    }

    /// The document goes on as it came, and its policy also says where to report. (What is changed on a response that
    /// goes on by itself changes no policy: the browser has read it by then.)
    async fn pass_on(&mut self, body: &Value) {
        let held = std::mem::take(&mut self.held);
        let mut headers = held["responseHeaders"].clone();
        let url = self.reports.as_ref().map_or("", |reports| reports.url.as_str());
        for header in headers.as_array_mut().unwrap() {
            if header["name"].as_str().unwrap().eq_ignore_ascii_case("content-security-policy") {
                let policy = header["value"].as_str().unwrap();
                header["value"] = json!(format!("{policy}; report-uri {url}"));
            }
        }
        assert_eq!(body["base64Encoded"], true, "{body}");
        // It is packed no longer.
        headers.as_array_mut().unwrap().retain(|header| {
            !["content-encoding", "content-length"].contains(&header["name"].as_str().unwrap())
        });
        let params = json!({"requestId": held["requestId"], "responseCode": 200, "responseHeaders": headers, "body": body["body"]});
        self.tell(NOBODY, "Fetch.fulfillRequest", params).await;
    }

    /// A request for whose answer no call waits.
    async fn tell(&mut self, number: u64, method: &str, params: Value) {
        let message = json!({"id": number, "sessionId": self.session, "method": method, "params": params});
        self.socket.send(Message::text(message.to_string())).await.unwrap();
    }

    /// What the browser reported, once there is so much of it; all that there is after five seconds.
    pub async fn reported(&mut self, wanted: usize) -> Vec<String> {
        for _ in 0..250 {
            if self.reports.as_ref().unwrap().all().len() >= wanted {
                break;
            }
            self.js("new Promise((done) => setTimeout(done, 20))").await;
        }
        self.reports.as_ref().unwrap().all()
    }

    async fn note(&mut self, event: &Value) {
        match event["method"].as_str() {
            Some("Fetch.requestPaused") => self.hold_up(&event["params"]).await,
            Some("Network.requestWillBeSent") => {
                self.asked.push(event["params"]["request"]["url"].as_str().unwrap_or_default().to_owned());
            }
            Some("Runtime.exceptionThrown") => {
                self.complaints.push(event["params"]["exceptionDetails"].to_string());
            }
            Some("Runtime.consoleAPICalled") if event["params"]["type"] == "error" => {
                self.complaints.push(event["params"]["args"].to_string());
            }
            _ => {}
        }
    }

    /// Goes to an address.
    pub async fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url})).await;
        self.until("document.readyState === 'complete'").await;
    }

    /// What an expression says in the page; a promise is waited for.
    pub async fn js(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let said = self.call("Runtime.evaluate", params).await;
        let fault = &said["exceptionDetails"];
        assert!(fault.is_null(), "{expression}: {fault}");
        said["result"]["value"].clone()
    }

    /// Waits until a condition holds in the page.
    pub async fn until(&mut self, condition: &str) {
        let wait = format!(
            "new Promise((done) => {{
                const end = performance.now() + {};
                const look = () => (() => {{ try {{ return {condition}; }} catch {{ return false; }} }})() ? done(true)
                    : performance.now() > end ? done(false) : setTimeout(look, 25);
                look();
            }})",
            PATIENCE.as_millis()
        );
        if self.js(&wait).await != json!(true) {
            let text = self.js("document.body.innerText.slice(0, 3000)").await;
            panic!("never: {condition}\n{}\n{:?}", text.as_str().unwrap_or_default(), self.complaints);
        }
    }

    /// Clicks with the mouse in the middle of an element, as a person would: what covers it gets the click.
    pub async fn click(&mut self, selector: &str) {
        let at = self.at(selector).await;
        self.mouse("mousePressed", at).await;
        self.mouse("mouseReleased", at).await;
    }

    /// Where the middle of an element is, once it is on the screen and stands still.
    pub async fn at(&mut self, selector: &str) -> (f64, f64) {
        self.until(&format!("document.querySelector({selector:?})?.checkVisibility()")).await;
        let middle = format!(
            "(async () => {{
                for (let before = ''; ;) {{
                    const found = document.querySelector({selector:?});
                    found.scrollIntoView({{block: 'center', behavior: 'instant'}});
                    const box = found.getBoundingClientRect();
                    const now = [box.x + box.width / 2, box.y + box.height / 2];
                    if (String(now) === before) return now;
                    before = String(now);
                    await new Promise((done) => setTimeout(done, 80));
                }}
            }})()"
        );
        let middle = self.js(&middle).await;
        (middle[0].as_f64().unwrap(), middle[1].as_f64().unwrap())
    }

    /// Presses or lets go of the mouse.
    pub async fn mouse(&mut self, what: &str, (x, y): (f64, f64)) {
        let params = json!({"type": what, "x": x, "y": y, "button": "left", "clickCount": 1});
        self.call("Input.dispatchMouseEvent", params).await;
    }

    /// Taps with a finger in the middle of an element.
    pub async fn tap(&mut self, selector: &str) {
        let at = self.at(selector).await;
        self.touch("touchStart", Some(at)).await;
        self.touch("touchEnd", None).await;
    }

    /// Puts a finger down, or takes it away.
    pub async fn touch(&mut self, what: &str, at: Option<(f64, f64)>) {
        let points: Vec<Value> = at.iter().map(|(x, y)| json!({"x": x, "y": y})).collect();
        self.call("Input.dispatchTouchEvent", json!({"type": what, "touchPoints": points})).await;
    }

    /// Types into an element.
    pub async fn write(&mut self, selector: &str, text: &str) {
        self.until(&format!("document.querySelector({selector:?})?.checkVisibility()")).await;
        self.js(&format!("document.querySelector({selector:?}).focus()")).await;
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// Presses a key and lets go of it.
    pub async fn key(&mut self, key: &str) {
        self.press("keyDown", key, false).await;
        self.press("keyUp", key, false).await;
    }

    /// Presses a key or lets go of it, with the control key or without.
    pub async fn press(&mut self, kind: &str, key: &str, control: bool) {
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Tab" => ("", 9),
            " " => (" ", 32),
            "Escape" => ("", 27),
            "ArrowRight" => ("", 39),
            one => (one, 0),
        };
        let mut params = json!({"type": kind, "key": key, "modifiers": if control { 2 } else { 0 }});
        if code > 0 {
            params["windowsVirtualKeyCode"] = json!(code);
        }
        if kind == "keyDown" && !control {
            params["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", params).await;
    }

    /// Goes on with the tabulator until an element has the focus, as somebody without a mouse would.
    pub async fn tab_to(&mut self, selector: &str) {
        for _ in 0..80 {
            if self.js(&format!("document.activeElement.matches({selector:?})")).await == json!(true) {
                return;
            }
            self.key("Tab").await;
        }
        panic!("the tabulator never comes to {selector}");
    }

    /// The window's size, in CSS pixels.
    pub async fn size(&mut self, width: u32, height: u32) {
        let params = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", params).await;
    }

    /// What the system prefers: `light` or `dark`, and no motion, for a colour on its way to another is neither.
    pub async fn theme(&mut self, theme: &str) {
        let still = json!({"name": "prefers-reduced-motion", "value": "reduce"});
        let params = json!({"features": [{"name": "prefers-color-scheme", "value": theme}, still]});
        self.call("Emulation.setEmulatedMedia", params).await;
    }

    /// Keeps a picture below `target/screenshots`.
    pub async fn picture(&mut self, name: &str) {
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"})).await;
        let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    /// Nothing was stopped, nothing ran, nothing complained, and nothing was asked of anybody else.
    pub async fn is_clean(&mut self, house: &str) {
        assert_eq!(self.js("violations").await, json!([]), "the content security policy stopped something");
        let reported = self.reports.as_ref().map(Collector::all).unwrap_or_default();
        assert_eq!(reported, Vec::<String>::new(), "the browser reported what it stopped");
        assert_eq!(self.js("ran").await, json!([]), "a stranger's text ran");
        assert_eq!(self.complaints, Vec::<String>::new());
        let own = |url: &str| [house, "data:", "about:blank"].iter().any(|begin| url.starts_with(begin));
        let strange = |url: &&String| !own(url);
        assert_eq!(self.asked.iter().filter(strange).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
