//! Listens, speaks TLS and HTTP/1.1, and goes down in good order.
//!
//! HTTP/1.1 only: a browser needs no more of a server beside it, and the attacks on HTTP/2's frames stay away.

use super::certificate::{CertificateFailure, Certificates, Look};
use super::linger::{Lingering, swallow};
use super::phase::closing;
use super::place::{Place, Places};
use super::{Ends, Phase, Site, headers, redirect, router};
use crate::config::HttpLimits;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::header;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::crypto::ring as provider;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// How often the certificate's files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Least time that connections have for their last words once they are to end.
const FAREWELL: Duration = Duration::from_secs(1);
/// A pause after the system refuses a connection, mostly for want of file descriptors; and between two looks at whether
/// tasks rest.
const BREATH: Duration = Duration::from_millis(100);
/// How many times the limit of headers hyper reads: it refuses without a word, and `headers::bound` says why.
const HYPER_TAKES: usize = 2;

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeFailure {
    /// The port is taken, or not ours.
    #[error(
        "cannot listen on {0}: {1}; change `bind`, `https_port` or `http_port`, or stop what listens there"
    )]
    Listen(SocketAddr, std::io::Error),
    /// No certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateFailure),
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// A server at work. Dropped, it is gone at once.
#[derive(Debug)]
pub struct Serving {
    /// Where it speaks TLS.
    pub https: SocketAddr,
    /// Where it redirects.
    pub http: Option<SocketAddr>,
    /// The certificate; look again to reload it now.
    pub certificates: Arc<Certificates>,
    tasks: JoinSet<()>,
}

impl Serving {
    /// Waits until the server has gone down after its shutdown signal.
    pub async fn finished(mut self) {
        // The TLS listener ends last and by itself; the others have nothing to lose.
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Starts the site on its addresses and returns once they are open. When `shutdown` is over, new tasks get 503 and all
/// else goes on until the tasks under way rest or the drain time is up; then connections end, and it is gone.
///
/// # Errors
/// When it cannot listen or has no certificate.
pub async fn serve(
    site: Arc<Site>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Serving, ServeFailure> {
    serve_routes(site, Router::new(), shutdown).await
}

/// As [`serve`], with further routes beside the site's own, under the same guards.
///
/// # Errors
/// As [`serve`].
pub async fn serve_routes(
    site: Arc<Site>,
    more: Router<Arc<Site>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<Serving, ServeFailure> {
    let routes = router::routes(&site, more);
    let settings = &site.settings;
    let certificates = Arc::new(Certificates::open(&site.store, settings, (site.clock)())?);
    let (listener, https) = listen(settings.bind, settings.https_port).await?;
    let plain = match settings.http_port {
        Some(port) => Some(listen(settings.bind, port).await?),
        None => None,
    };
    let mut tasks = JoinSet::new();
    let http = plain.as_ref().map(|(_, address)| *address);
    let phase = site.phase.subscribe();
    if let Some((listener, _)) = plain {
        let door = Door::new(settings.limits, redirect::routes(site.clone(), https.port()), None);
        tasks.spawn(door.run(listener, phase.clone()));
    }
    let door = Door::new(settings.limits, routes, Some(acceptor(certificates.clone())?));
    tasks.spawn(door.run(listener, phase.clone()));
    tasks.spawn(watch_certificate(site.clone(), certificates.clone(), phase));
    tasks.spawn(async move {
        shutdown.await;
        go_down(&site).await;
    });
    Ok(Serving { https, http, certificates, tasks })
}

/// Takes no new tasks, waits for those that run, then lets connections end.
async fn go_down(site: &Site) {
    // First the word for clients: what they are told is that we drain, and not that the controller is closed.
    site.phase.send_replace(Phase::Draining);
    site.controller.close();
    let drained = Instant::now() + site.settings.limits.drain;
    let at_rest = async {
        while !site.controller.is_at_rest() {
            sleep(BREATH).await;
        }
    };
    // Whoever runs longer goes on at the next start.
    let _rests_or_not = timeout_at(drained, at_rest).await;
    site.phase.send_replace(Phase::Closing(drained.max(Instant::now() + FAREWELL)));
}

async fn listen(bind: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr), ServeFailure> {
    let address = SocketAddr::new(bind, port);
    let failed = |e| ServeFailure::Listen(address, e);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn acceptor(certificates: Arc<Certificates>) -> Result<TlsAcceptor, ServeFailure> {
    let builder = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
    let mut config = builder.with_cert_resolver(certificates);
    // Old clients offer only the older one; hyper answers both.
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"http/1.0".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn watch_certificate(site: Arc<Site>, certificates: Arc<Certificates>, phase: watch::Receiver<Phase>) {
    let mut closing = pin!(closing(phase));
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // A file that is missing for a while is complained of once.
    let mut complained = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _cut = &mut closing => return,
        }
        let looked = certificates.look();
        match &looked {
            Ok(Look::Changed) => (site.notice)("the certificate was read again and is in use"),
            Err(e) if !complained => (site.notice)(&format!("the certificate stays as it was: {e}")),
            Ok(Look::Same) | Err(_) => {}
        }
        complained = looked.is_err();
    }
}

/// One listener with its connections.
#[derive(Clone)]
struct Door {
    limits: HttpLimits,
    routes: Router,
    tls: Option<TlsAcceptor>,
    places: Places,
}

impl Door {
    fn new(limits: HttpLimits, routes: Router, tls: Option<TlsAcceptor>) -> Self {
        Self { limits, routes, tls, places: Places::new(&limits) }
    }

    /// Accepts until the connections that were open when they had to end have ended, or are cut off. Whoever comes
    /// meanwhile is answered once.
    async fn run(self, listener: TcpListener, phase: watch::Receiver<Phase>) {
        let (mut open, mut late) = (JoinSet::new(), JoinSet::new());
        let mut closes = pin!(closing(phase.clone()));
        let mut cut = None;
        loop {
            if cut.is_some() && open.is_empty() {
                break;
            }
            let connection = self.next(&listener);
            tokio::select! {
                moment = &mut closes, if cut.is_none() => cut = Some(moment),
                () = until(cut) => break,
                Some(_) = open.join_next() => {}
                Some(_) = late.join_next() => {}
                (stream, place, ends) = connection => {
                    let (door, phase) = (self.clone(), phase.clone());
                    let set = if cut.is_some() { &mut late } else { &mut open };
                    set.spawn(async move { door.connection(stream, ends, place, phase).await });
                }
            }
        }
        // Whoever came last has a moment for the answer, and a WebSocket for its farewell; what still runs is cut off
        // when the sets are dropped.
        let gone = timeout_at(cut.unwrap_or_else(Instant::now), self.places.all_free());
        let _cut_off = gone.await;
    }

    async fn next(&self, listener: &TcpListener) -> (TcpStream, Place, Ends) {
        loop {
            // Further connections wait in the system's queue for a place.
            let place = self.places.free().await;
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // Whoever has his share is hung up on, without a word and before any work.
                    let place = self.places.take(place, peer.ip());
                    if let (Some(place), Ok(local)) = (place, stream.local_addr()) {
                        return (stream, place, Ends { peer, local });
                    }
                }
                Err(_) => sleep(BREATH).await,
            }
        }
    }

    async fn connection(&self, stream: TcpStream, ends: Ends, place: Place, phase: watch::Receiver<Phase>) {
        // A failure here is a client that came and went.
        let _no_matter = stream.set_nodelay(true);
        match &self.tls {
            None => self.speak(stream, ends, place, phase).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = timeout(self.limits.header, tls.accept(stream)).await {
                    self.speak(stream, ends, place, phase).await;
                }
            }
        }
    }

    async fn speak<S>(&self, stream: S, ends: Ends, place: Place, phase: watch::Receiver<Phase>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let routes = self.routes.clone();
        let (rests, left) = unbounded_channel();
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ends);
            request.extensions_mut().insert(place.clone());
            let held = request.headers().contains_key(header::EXPECT);
            let lingering = |body| Body::new(Lingering::new(body, held, rests.clone()));
            routes.clone().oneshot(request.map(lingering))
        });
        let late = matches!(*phase.borrow(), Phase::Closing(_));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header)
            .max_header_size(HYPER_TAKES * self.limits.header_bytes)
            .max_headers(HYPER_TAKES * headers::MOST)
            .keep_alive(!late)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let (mut connection, mut swallow) = (pin!(connection), pin!(swallow(left)));
        tokio::select! {
            _ended = &mut connection => return,
            never = &mut swallow => match never {},
            _cut = closing(phase), if !late => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ended = connection => {}
            never = swallow => match never {},
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
