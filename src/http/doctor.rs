//! What `sentinel doctor` tries of the HTTP house: a real site over a scratch store, asked through its real router, so
//! that a guard which is configured and not wired in is found.

use super::{Ends, Site, router};
use crate::config::ServeSettings;
use crate::doctor::{Control, Gap, Tried};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceExt;

#[cfg(test)]
mod tests;

/// Highest rates that are tried out; a setting above is tried with this one instead.
const MOST_A_MINUTE: u32 = 2_000;
/// Largest answer that is read, in bytes.
const MAX_ANSWER: usize = 100_000;
const MEND: &str = "this is a fault of Sentinel; do not open its port to anybody, and report it";
const STRANGER: &str = "https://stranger.example";

/// The settings that the scratch site is to be made with: the real ones, at rates that can be tried out.
pub fn settings(real: &ServeSettings) -> ServeSettings {
    let mut settings = real.clone();
    settings.limits.task_per_minute = settings.limits.task_per_minute.min(MOST_A_MINUTE);
    settings.limits.request_per_minute = settings.limits.request_per_minute.min(MOST_A_MINUTE);
    settings
}

/// Tries every guard of a scratch site, whose clock stands still and whose PIN is `pin`.
pub fn guards(site: Result<Site, Gap>, required: bool, pin: &str) -> Vec<Control> {
    let tried = site.and_then(|site| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| Gap::new(format!("nothing could be tried: {e}"), MEND))?;
        let (settings, site) = (site.settings.clone(), Arc::new(site));
        let trial = Trial { routes: router::routes(&site, Router::new()), settings, pin };
        Ok(runtime.block_on(trial.all()))
    });
    let [login, origin, body, tasks, throttle, requests] =
        tried.unwrap_or_else(|gap| std::array::from_fn(|_| Err(gap.clone())));
    let of_pin = if required { Control::required } else { Control::optional };
    vec![
        of_pin("http.login", login),
        of_pin("http.throttle", throttle),
        Control::required("http.origin", origin),
        Control::required("http.body-limit", body),
        Control::required("http.rate-requests", requests),
        Control::required("http.rate-tasks", tasks),
    ]
}

struct Trial<'p> {
    routes: Router,
    settings: ServeSettings,
    pin: &'p str,
}

/// What came back.
struct Heard {
    status: StatusCode,
    text: String,
    cookie: Option<String>,
}

impl Trial<'_> {
    async fn all(&self) -> [Tried; 6] {
        let cookie = self.session().await;
        // In this order: each uses up some of what the next counts.
        [
            self.login().await,
            self.origin().await,
            self.body().await,
            self.tasks().await,
            self.throttle().await,
            self.requests(&cookie).await,
        ]
    }

    /// Asks from `peer`. A failure of the trial itself reads as an answer that no guard gives.
    async fn ask(
        &self,
        peer: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Heard {
        let broken = || Heard { status: StatusCode::NOT_IMPLEMENTED, text: String::new(), cookie: None };
        let local = SocketAddr::from(([127, 0, 0, 1], 8443));
        let Ok(peer) = peer.parse().map(|ip| SocketAddr::new(ip, 40_000)) else { return broken() };
        let mut request = Request::builder().method(method).uri(path).extension(Ends { peer, local });
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, "localhost:8443");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let Ok(request) = request.body(body) else { return broken() };
        let Ok(response) = self.routes.clone().oneshot(request).await;
        let status = response.status();
        let cookie = response.headers().get(header::SET_COOKIE).and_then(|line| line.to_str().ok());
        let cookie = cookie.and_then(|line| line.split(';').next()).map(str::to_owned);
        let bytes = to_bytes(response.into_body(), MAX_ANSWER).await.unwrap_or_default();
        Heard { status, text: String::from_utf8_lossy(&bytes).into_owned(), cookie }
    }

    async fn get(&self, headers: &[(&str, &str)]) -> Heard {
        self.ask("127.0.0.1", Method::GET, "/api/session", headers, Body::empty()).await
    }

    async fn guess(&self, peer: &str, pin: &str) -> StatusCode {
        let headers = [("x-sentinel-pin", pin)];
        self.ask(peer, Method::GET, "/api/session", &headers, Body::empty()).await.status
    }

    /// The cookie of a session; empty where no PIN is asked for.
    async fn session(&self) -> String {
        let login = Body::from(serde_json::json!({"pin": self.pin}).to_string());
        let json = [("content-type", "application/json")];
        let heard = self.ask("127.0.0.1", Method::POST, "/api/session", &json, login).await;
        heard.cookie.unwrap_or_default()
    }

    async fn login(&self) -> Tried {
        expect("a request without a PIN", self.get(&[]).await.status, StatusCode::UNAUTHORIZED)?;
        expect("a request with the right PIN", self.guess("127.0.0.1", self.pin).await, StatusCode::OK)?;
        Ok("a request without a PIN got 401, and with the right one 200".to_owned())
    }

    async fn origin(&self) -> Tried {
        let json = ("content-type", "application/json");
        let page = [json, ("origin", STRANGER)];
        let heard = self.ask("127.0.0.1", Method::POST, "/api/session", &page, Body::from("{}")).await;
        expect("an order from a stranger's page", heard.status, StatusCode::FORBIDDEN)?;
        let heard = self.get(&[("host", "stranger.example")]).await;
        expect("a request under a stranger's name", heard.status, StatusCode::FORBIDDEN)?;
        Ok("an order from a stranger's page and a request under a stranger's host name both got 403"
            .to_owned())
    }

    async fn body(&self) -> Tried {
        let limit = self.settings.limits.body_bytes;
        let body = Body::from(vec![b' '; limit.saturating_add(1)]);
        let json = [("content-type", "application/json")];
        let heard = self.ask("127.0.0.1", Method::POST, "/api/session", &json, body).await;
        expect(
            &format!("a body of {limit} bytes and one more"),
            heard.status,
            StatusCode::PAYLOAD_TOO_LARGE,
        )?;
        Ok(format!("a body of {limit} bytes and one more got 413"))
    }

    async fn tasks(&self) -> Tried {
        let limits = self.settings.limits;
        // Each is a request too, and two came before.
        if limits.task_per_minute.saturating_add(3) >= limits.request_per_minute {
            return Ok(
                "about as many tasks as requests are allowed: the rate of requests holds for both".to_owned()
            );
        }
        let headers = [("content-type", "application/json"), ("x-sentinel-pin", self.pin)];
        for n in 0..=limits.task_per_minute {
            // Counted as a task, and too short to be one: nothing is begun.
            let short = Body::from("{\"request\":\"x\"}");
            let heard = self.ask("127.0.0.1", Method::POST, "/task", &headers, short).await;
            let stopped =
                heard.status == StatusCode::TOO_MANY_REQUESTS && heard.text.contains("task_per_minute");
            if let Some(tried) = judge_rate("task", n, limits.task_per_minute, stopped) {
                return tried;
            }
        }
        Err(Gap::new(format!("{} tasks in a row were taken", limits.task_per_minute + 1), MEND))
    }

    /// Wrong guesses up to the limit get 401; then nobody's guess is taken from there, also the right one, and also where
    /// the address is written another way.
    async fn throttle(&self) -> Tried {
        let tries = self.settings.login.tries.min(self.settings.login.tries_global);
        for n in 1..=tries {
            let status = self.guess("127.0.0.1", "a wrong guess of doctor").await;
            expect(&format!("wrong guess {n} of {tries}"), status, StatusCode::UNAUTHORIZED)?;
        }
        for peer in ["127.0.0.1", "::ffff:127.0.0.1"] {
            let status = self.guess(peer, self.pin).await;
            expect("the right PIN after them", status, StatusCode::TOO_MANY_REQUESTS)?;
        }
        Ok(format!("after {tries} wrong guesses the right PIN got 429 too, however its address was written"))
    }

    async fn requests(&self, cookie: &str) -> Tried {
        let limit = self.settings.limits.request_per_minute;
        for n in 0..=limit {
            let heard = self.get(&[("cookie", cookie)]).await;
            if heard.status == StatusCode::TOO_MANY_REQUESTS {
                return Ok(format!(
                    "after {n} more requests in one moment (of {limit} a minute) the next got 429"
                ));
            }
            expect(&format!("request {}", n + 1), heard.status, StatusCode::OK)?;
        }
        Err(Gap::new(format!("{} requests in one moment were answered", limit + 1), MEND))
    }
}

/// `None` while the limit is not reached and nothing was stopped.
fn judge_rate(what: &str, before: u32, limit: u32, stopped: bool) -> Option<Tried> {
    match (stopped, before == limit) {
        (false, false) => None,
        (true, true) => Some(Ok(format!("after {limit} {what}s in one moment the next got 429"))),
        (true, false) => {
            Some(Err(Gap::new(format!("the {what} after {before} of {limit} got 429 already"), MEND)))
        }
        (false, true) => Some(Err(Gap::new(format!("{} {what}s in one moment were taken", limit + 1), MEND))),
    }
}

fn expect(what: &str, got: StatusCode, wanted: StatusCode) -> Result<(), Gap> {
    if got == wanted {
        return Ok(());
    }
    Err(Gap::new(format!("{what} got {} instead of {}", got.as_u16(), wanted.as_u16()), MEND))
}
