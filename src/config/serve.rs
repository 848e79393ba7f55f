//! The settings of the HTTP house.

use super::load::{Loading, is_address};
use ipnet::IpNet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What `serve` listens on and whom it believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeSettings {
    /// `log_dir`.
    pub log_dir: PathBuf,
    /// `otlp_endpoint`: the collector that spans are sent to, over OTLP's http/protobuf; none are without it.
    pub otlp_endpoint: Option<String>,
    /// `ui_dir`: a folder with the page's files in place of those in the program, for who works on them.
    pub ui_dir: Option<PathBuf>,
    /// `bind`: the address listened on.
    pub bind: IpAddr,
    /// `https_port`; 0 takes any free one.
    pub https_port: u16,
    /// `http_port`: answers with a redirect only; `None` (0) is off.
    pub http_port: Option<u16>,
    /// `allowed_origins`, lower case, besides this machine's own names.
    pub allowed_origins: Vec<String>,
    /// `trusted_proxies`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `tls_cert_file` and `tls_key_file`.
    pub tls: Option<TlsFiles>,
    /// `tls_names`: what the certificate made at first start is for, besides this machine's own names.
    pub tls_names: Vec<String>,
    /// PIN and sessions.
    pub login: LoginSettings,
    /// Sizes, times and rates.
    pub limits: HttpLimits,
}

/// A user's own certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The PEM chain, own certificate first.
    pub certificate: PathBuf,
    /// Its PEM key.
    pub key: PathBuf,
}

/// PIN and sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSettings {
    /// `pin_required`; false only where nobody but this machine can connect.
    pub pin_required: bool,
    /// `pin_file`; where none is named, the secret `sentinel_pin` (see `config::secret`).
    pub pin_file: Option<PathBuf>,
    /// `login_tries`: wrong PINs from one address before it has to wait.
    pub tries: u32,
    /// `login_tries_global`: wrong PINs from all addresses together before everybody has to wait.
    pub tries_global: u32,
    /// `session_idle_minutes`.
    pub idle: Duration,
    /// `session_hours`.
    pub absolute: Duration,
}

/// Sizes, times and rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// `task_per_minute`, for each principal.
    pub task_per_minute: u32,
    /// `request_per_minute`, for each principal.
    pub request_per_minute: u32,
    /// `body_bytes`.
    pub body_bytes: usize,
    /// `body_seconds`: for a whole body to arrive.
    pub body: Duration,
    /// `header_bytes`: of all headers of a request together.
    pub header_bytes: usize,
    /// `header_seconds`: for the headers to arrive, and as long as an idle connection is kept.
    pub header: Duration,
    /// `max_connections`: further ones wait.
    pub connections: usize,
    /// `max_connections_per_address`: further ones from one peer, a proxy being one, are hung up on.
    pub connections_per_address: usize,
    /// `drain_seconds`: for tasks under way at shutdown to end or to come to rest.
    pub drain: Duration,
}

impl Loading {
    pub(super) fn serve(&mut self) -> Option<ServeSettings> {
        let log_dir = self.path("log_dir");
        // Without a default: nothing is sent unless somebody says so.
        let otlp_endpoint = self
            .figment
            .contains("otlp_endpoint")
            .then(|| self.checked("otlp_endpoint", |url: &String| is_address(url)));
        let ui_dir = self.optional_path("ui_dir");
        let bind = self.value::<IpAddr>("bind");
        let https_port = self.small("https_port", 0, u64::from(u16::MAX));
        let http_port = self.small("http_port", 0, u64::from(u16::MAX));
        let allowed_origins = self.list("allowed_origins", origin);
        let trusted_proxies = self.list("trusted_proxies", network);
        let tls_names = self.list("tls_names", name);
        let tls = self.tls_files();
        let login = self.login(bind);
        let limits = self.http_limits();
        Some(ServeSettings {
            log_dir: log_dir?,
            otlp_endpoint: otlp_endpoint.flatten(),
            ui_dir,
            bind: bind?,
            https_port: https_port?,
            http_port: http_port.map(|port: u16| (port != 0).then_some(port))?,
            allowed_origins: allowed_origins?,
            trusted_proxies: trusted_proxies?,
            tls,
            tls_names: tls_names?,
            login: login?,
            limits: limits?,
        })
    }

    fn login(&mut self, bind: Option<IpAddr>) -> Option<LoginSettings> {
        let pin_required = self.value::<bool>("pin_required");
        if pin_required == Some(false) && bind.is_some_and(|bind| !bind.is_loopback()) {
            let source = self.source_of("pin_required");
            self.faults.push(format!(
                "{source}: `pin_required` can be false only where `bind` is 127.0.0.1 or ::1: anybody could give orders"
            ));
        }
        let pin_file = self.optional_path("pin_file");
        let tries = self.small("login_tries", 1, 20);
        let tries_global = self.small("login_tries_global", 1, 1_000);
        let idle = self.number("session_idle_minutes", 1..=1_440);
        let absolute = self.number("session_hours", 1..=168);
        Some(LoginSettings {
            pin_required: pin_required?,
            pin_file,
            tries: tries?,
            tries_global: tries_global?,
            idle: Duration::from_secs(idle? * 60),
            absolute: Duration::from_secs(absolute? * 3_600),
        })
    }

    fn http_limits(&mut self) -> Option<HttpLimits> {
        let task_per_minute = self.small("task_per_minute", 1, 1_000_000);
        let request_per_minute = self.small("request_per_minute", 10, 10_000_000);
        let body_bytes = self.small("body_bytes", 1_024, 67_108_864);
        let body = self.number("body_seconds", 1..=600);
        let header_bytes = self.small("header_bytes", 8_192, 262_144);
        let header = self.number("header_seconds", 1..=60);
        let connections = self.small("max_connections", 8, 10_000);
        let connections_per_address = self.small("max_connections_per_address", 1, 10_000);
        let drain = self.number("drain_seconds", 0..=300);
        Some(HttpLimits {
            task_per_minute: task_per_minute?,
            request_per_minute: request_per_minute?,
            body_bytes: body_bytes?,
            body: Duration::from_secs(body?),
            header_bytes: header_bytes?,
            header: Duration::from_secs(header?),
            connections: connections?,
            connections_per_address: connections_per_address?,
            drain: Duration::from_secs(drain?),
        })
    }

    fn tls_files(&mut self) -> Option<TlsFiles> {
        let certificate = self.optional_path("tls_cert_file");
        let key = self.optional_path("tls_key_file");
        if certificate.is_some() != key.is_some() {
            let (given, missing) = match certificate.is_some() {
                true => ("tls_cert_file", "tls_key_file"),
                false => ("tls_key_file", "tls_cert_file"),
            };
            let source = self.source_of(given);
            self.faults.push(format!("{source}: `{given}` needs `{missing}` beside it"));
        }
        Some(TlsFiles { certificate: certificate?, key: key? })
    }

    fn small<T: TryFrom<u64>>(&mut self, name: &str, least: u64, most: u64) -> Option<T> {
        self.number(name, least..=most).and_then(|n| T::try_from(n).ok())
    }

    /// Every item must be readable.
    fn list<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        let texts =
            self.checked(name, |items: &Vec<String>| items.iter().all(|item| read(item).is_some()))?;
        Some(texts.iter().filter_map(|item| read(item)).collect())
    }
}

/// `https://host` or `https://host:port`, in lower case and without the port that is https' own.
fn origin(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let authority = text.strip_prefix("https://")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if authority.is_empty() || !authority.chars().all(plain) {
        return None;
    }
    let port = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (!host.is_empty()).then_some(port)?,
        _ => "443",
    };
    port.parse::<u16>().ok()?;
    Some(text.strip_suffix(":443").unwrap_or(&text).to_owned())
}

/// `10.0.0.0/24`, or one address.
fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// A host name or an address.
fn name(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.*".contains(c);
    let fits = text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && text.chars().all(plain));
    (fits && !text.is_empty()).then_some(text)
}
