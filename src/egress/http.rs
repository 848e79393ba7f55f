//! The only HTTP client. Synchronous: a run owns its thread. Redirects are not followed, so a request reaches the
//! host that the configuration names and no other; no proxy is taken from the environment.

#[cfg(test)]
mod tests;

use super::halt;
use serde_json::Value as Json;
use std::net::IpAddr;
use std::time::Duration;

/// A request with a bound on time and size.
#[derive(Clone)]
pub struct HttpRequest<'a> {
    /// Where to, from the configuration.
    pub url: &'a str,
    /// Names and values. Never logged.
    pub headers: &'a [(&'a str, &'a str)],
    /// Sent as JSON by POST; without one it is a GET.
    pub body: Option<&'a Json>,
    /// For the whole exchange.
    pub timeout: Duration,
    /// The largest body that is taken, in bytes.
    pub max_bytes: usize,
}

impl std::fmt::Debug for HttpRequest<'_> {
    /// The server only: headers carry keys, and bodies and paths are not for logs either.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest").field("server", &host_of(self.url)).finish_non_exhaustive()
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    /// The status, such as 200.
    pub status: u16,
    /// `Retry-After` in seconds, where it was given so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// No reply. The texts name the server and never quote a header or body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpFailure {
    /// The client or the request cannot be made.
    #[error("cannot make a request to {0}: {1}")]
    Setup(String, String),
    /// Nobody answers there.
    #[error("cannot reach {0}: {1}")]
    Unreachable(String, String),
    /// Took too long.
    #[error("{0} did not answer within {1} s")]
    TimedOut(String, u64),
    /// Broke off.
    #[error("the connection to {0} broke off: {1}")]
    Broken(String, String),
    /// Whoever wanted it wants it no longer: see [`halt::until`].
    #[error("the exchange with {0} was given up")]
    GivenUp(String),
    /// More than the caller takes.
    #[error("the reply of {0} is larger than {1} bytes")]
    TooLarge(String, usize),
}

/// The client. Cheap to make, keeps connections.
#[derive(Debug)]
pub struct Http {
    client: reqwest::Client,
}

impl Http {
    /// A client for servers that the configuration names.
    ///
    /// # Errors
    /// When the TLS stack cannot be set up.
    pub fn new() -> Result<Self, HttpFailure> {
        #[expect(clippy::disallowed_methods, reason = "the door for HTTP")]
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // Each call has a runtime of its own, which a pooled connection would outlive.
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(10))
            .build()
            .map_err(|e| HttpFailure::Setup("any server".to_owned(), reason(&e)))?;
        Ok(Self { client })
    }

    /// Makes one exchange and waits for its end.
    ///
    /// # Errors
    /// When there is no reply; a reply with an error status is a reply.
    pub fn exchange(&self, request: &HttpRequest<'_>) -> Result<HttpReply, HttpFailure> {
        self.exchange_watched(request, &mut |_| {})
    }

    /// As [`Http::exchange`], and shows the body of a reply with the status 200 in the pieces in which it comes. The time
    /// that `on_piece` takes is the exchange's.
    ///
    /// # Errors
    /// As [`Http::exchange`].
    pub fn exchange_watched(
        &self,
        request: &HttpRequest<'_>,
        on_piece: &mut dyn FnMut(&[u8]),
    ) -> Result<HttpReply, HttpFailure> {
        let mut builder = match request.body {
            Some(body) => self.client.post(request.url).json(body),
            None => self.client.get(request.url),
        };
        for (name, value) in request.headers {
            builder = builder.header(*name, *value);
        }
        within(request, run(request, builder, on_piece))
    }

    /// As [`Http::exchange`], by POST with a body that is no JSON, of this content type.
    ///
    /// # Errors
    /// As [`Http::exchange`].
    pub fn deliver(
        &self,
        request: &HttpRequest<'_>,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<HttpReply, HttpFailure> {
        let builder = self.client.post(request.url).header("content-type", content_type).body(body);
        within(request, run(request, builder, &mut |_| {}))
    }
}

/// Waits for an exchange on a runtime of its own, no longer than the request allows.
fn within(
    request: &HttpRequest<'_>,
    exchange: impl Future<Output = Result<HttpReply, HttpFailure>>,
) -> Result<HttpReply, HttpFailure> {
    let host = host_of(request.url);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| HttpFailure::Setup(host.clone(), e.to_string()))?;
    runtime.block_on(async {
        tokio::select! {
            biased;
            () = halt::raised() => Err(HttpFailure::GivenUp(host)),
            reply = tokio::time::timeout(request.timeout, exchange) => match reply {
                Ok(reply) => reply,
                Err(_) => Err(HttpFailure::TimedOut(host, request.timeout.as_secs())),
            },
        }
    })
}

async fn run(
    request: &HttpRequest<'_>,
    builder: reqwest::RequestBuilder,
    on_piece: &mut dyn FnMut(&[u8]),
) -> Result<HttpReply, HttpFailure> {
    let host = host_of(request.url);
    let mut response = builder.send().await.map_err(|e| failure(&host, request, &e))?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| failure(&host, request, &e))? {
        if body.len() + chunk.len() > request.max_bytes {
            return Err(HttpFailure::TooLarge(host, request.max_bytes));
        }
        if status == 200 {
            on_piece(&chunk);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpReply { status, retry_after, body })
}

fn failure(host: &str, request: &HttpRequest<'_>, e: &reqwest::Error) -> HttpFailure {
    if e.is_builder() {
        HttpFailure::Setup(host.to_owned(), reason(e))
    } else if e.is_timeout() {
        HttpFailure::TimedOut(host.to_owned(), request.timeout.as_secs())
    } else if e.is_connect() {
        HttpFailure::Unreachable(host.to_owned(), reason(e))
    } else {
        HttpFailure::Broken(host.to_owned(), reason(e))
    }
}

/// The innermost cause: the outer ones repeat the URL, which may hold a secret.
fn reason(e: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = e;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::addr_eq(cause, std::ptr::from_ref(e)) {
        "the request failed".to_owned()
    } else {
        cause.to_string()
    }
}

/// The addresses that a server's name stands for now, from the configuration's URL.
///
/// # Errors
/// When it is no URL with a host, or the name is not known.
pub fn addresses(url: &str) -> Result<Vec<IpAddr>, HttpFailure> {
    let host = host_of(url);
    let unknown = |why: String| HttpFailure::Unreachable(host.clone(), why);
    let sockets = reqwest::Url::parse(url)
        .map_err(|e| HttpFailure::Setup(host.clone(), e.to_string()))?
        .socket_addrs(|| None)
        .map_err(|e| unknown(e.to_string()))?;
    if sockets.is_empty() {
        return Err(unknown("its name has no address".to_owned()));
    }
    Ok(sockets.into_iter().map(|socket| socket.ip()).collect())
}

/// Scheme, host and port only.
fn host_of(url: &str) -> String {
    reqwest::Url::parse(url).map_or_else(
        |_| "a server whose URL is not valid".to_owned(),
        |url| url.origin().ascii_serialization(),
    )
}
