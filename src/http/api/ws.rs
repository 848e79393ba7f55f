//! The WebSocket: the same tasks, approvals and events as over plain HTTP, in both directions.

mod heard;
mod message;
mod subscriptions;
#[cfg(test)]
mod tests;

use super::approval::{self, Decision};
use super::blocking;
use super::metrics;
use super::task::{self, Channel, Key, NewTask};
use crate::bus::Told;
use crate::http::auth::{Address, PinAsked};
use crate::http::origin::Upgrade;
use crate::http::phase::closing;
use crate::http::{Accepting, Caller, Ends, Place, Problem, Site};
use crate::kernel::id::RunId;
use crate::kernel::record::Seq;
use crate::store::StopAsked;
use crate::telemetry::metrics::Transport;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::SinkExt;
use heard::Heard;
use message::{Approval, Auth, Cancel, Said, Subscribe, Task, from_client, problem};
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use subscriptions::{Ended, Next, Subscriptions};
use tokio::sync::mpsc;

/// How long a new connection may take to say who it is.
const AUTH_TIME: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it lives.
const PING: Duration = Duration::from_secs(20);
/// Longest that a message to a client may take to be taken; a dead one is let go of.
const SEND_TIME: Duration = Duration::from_secs(20);
/// Batches of events that wait for a slow client. It reads the rest from the journal when it is ready.
const WAITING_BATCHES: usize = 4;
/// Larger than any message that means something: a request of 50,000 characters, each of six bytes as JSON writes it.
const MAX_MESSAGE_BYTES: usize = 400_000;
/// Why a connection ends whose session is over.
const SESSION_ENDED: &str = "session ended";
/// What whoever sends a PIN for nothing is told.
const NEEDLESS: &str = "this server asks for no PIN (`pin_required`): yours was ignored";

/// GET /ws
#[utoipa::path(
    get,
    path = "/ws",
    operation_id = "ws_open",
    responses(
        (status = 101, description = "A WebSocket; its first message is the login."),
        (status = 400, description = "This is no upgrade to a WebSocket."),
        (status = 426, description = "This connection cannot be upgraded.")
    ),
    security(())
)]
pub async fn open(
    State(site): State<Arc<Site>>,
    Extension(ends): Extension<Ends>,
    Extension(place): Extension<Place>,
    from: Address,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let who = site.origins.judge_upgrade(&headers, ends.local.port())?;
    let upgrade = upgrade.max_message_size(MAX_MESSAGE_BYTES).max_frame_size(MAX_MESSAGE_BYTES);
    let metrics = site.controller.metrics().clone();
    Ok(upgrade.on_upgrade(move |socket| async move {
        if let Some(connection) = Connection::begin(site, socket, from, who, &headers).await {
            let counts = metrics.subscribed(Transport::WebSocket);
            connection.run().await;
            drop(counts);
        }
        drop(place);
    }))
}

/// An authenticated connection.
struct Connection {
    site: Arc<Site>,
    caller: Caller,
    socket: WebSocket,
    subscriptions: Subscriptions,
    events: mpsc::Receiver<Vec<Told>>,
}

/// The connection is over.
struct Gone;

impl Connection {
    async fn begin(
        site: Arc<Site>,
        mut socket: WebSocket,
        from: Address,
        who: Upgrade,
        headers: &HeaderMap,
    ) -> Option<Self> {
        let first = async {
            loop {
                match Heard::from(socket.recv().await) {
                    Heard::Nothing => {}
                    heard => return heard,
                }
            }
        };
        let said = match tokio::time::timeout(AUTH_TIME, first).await {
            Ok(Heard::Text(text)) => from_client(&text),
            Ok(over) => {
                end(&mut socket, over).await;
                return None;
            }
            Err(_) => Err(Problem::unauthenticated("no `auth` came within 10 s")),
        };
        let tried = matches!(said, Ok(Said::Auth(_))).then_some("websocket");
        let needless =
            site.auth.pin() == PinAsked::None && matches!(&said, Ok(Said::Auth(Auth { pin: Some(_), .. })));
        let caller = match said {
            // As over plain HTTP: this machine is let in, whatever PIN it brings.
            Ok(Said::Auth(_)) if site.auth.pin() == PinAsked::None => {
                site.auth.authenticate(headers, from).await
            }
            Ok(Said::Auth(Auth { pin: Some(pin), .. })) => site.auth.by_pin(from, pin).await,
            Ok(Said::Auth(Auth { pin: None, .. })) if who == Upgrade::Page => {
                site.auth.authenticate(headers, from).await
            }
            Ok(Said::Auth(Auth { pin: None, .. })) => Err(Problem::unauthenticated("send `pin` with `auth`")),
            Ok(_) => Err(Problem::unauthenticated("the first message must be `auth`")),
            Err(unreadable) => Err(unreadable),
        };
        let (deliver, events) = mpsc::channel(WAITING_BATCHES);
        match caller {
            Ok(caller) => {
                let subscriptions = Subscriptions::new(deliver);
                let mut own = Self { site, caller, socket, subscriptions, events };
                let name = own.caller.principal().name().to_owned();
                let mut welcome = json!({"type": "auth_ok", "principal": name});
                if needless && let Some(fields) = welcome.as_object_mut() {
                    fields.insert("note".to_owned(), NEEDLESS.into());
                }
                own.send(&welcome).await.ok()?;
                Some(own)
            }
            Err(refused) => {
                metrics::refused(&site, &refused, tried);
                let text = problem(&refused, None).to_string();
                let _ = tokio::time::timeout(SEND_TIME, socket.send(Message::text(text))).await;
                close(&mut socket, close_code::POLICY, "not authenticated").await;
                None
            }
        }
    }

    async fn run(mut self) {
        let mut ping = tokio::time::interval(PING);
        let mut closing = pin!(closing(self.site.phase.subscribe()));
        let (site, caller) = (self.site.clone(), self.caller.clone());
        let mut ended = pin!(site.auth.ended(&caller));
        loop {
            let outcome = tokio::select! {
                // Events first: a client that floods us still learns what happens.
                biased;
                _cut = &mut closing => {
                    close(&mut self.socket, close_code::AWAY, "the server is going down").await;
                    return;
                }
                () = &mut ended => self.over().await,
                Some(batch) = self.events.recv() => self.tell(batch).await,
                next = self.subscriptions.next() => match next {
                    Next::Glimpse(told) => self.glimpse(&told).await,
                    Next::Ended(Ended::Enough) => Ok(()),
                    Next::Ended(Ended::Broken) => {
                        // Whoever comes back goes on with the last number seen.
                        close(&mut self.socket, close_code::ERROR, "the journal cannot be read").await;
                        return;
                    }
                },
                arrived = self.socket.recv() => match Heard::from(arrived) {
                    Heard::Text(text) => self.take(&text).await,
                    Heard::Nothing => Ok(()),
                    over => {
                        end(&mut self.socket, over).await;
                        return;
                    }
                },
                _ = ping.tick() => self.put(Message::Ping(Vec::new().into())).await,
            };
            if outcome.is_err() {
                return;
            }
        }
    }

    async fn tell(&mut self, batch: Vec<Told>) -> Result<(), Gone> {
        if self.site.auth.listens(&self.caller).await.is_err() {
            return self.over().await;
        }
        for told in batch {
            self.put(Message::Text(Utf8Bytes::from(&*told.json))).await?;
        }
        Ok(())
    }

    async fn glimpse(&mut self, told: &str) -> Result<(), Gone> {
        if self.site.auth.listens(&self.caller).await.is_err() {
            return self.over().await;
        }
        self.put(Message::Text(Utf8Bytes::from(told))).await
    }

    async fn take(&mut self, text: &str) -> Result<(), Gone> {
        let counted = self.site.rates.request(self.caller.principal());
        let said = counted.and_then(|()| from_client(text));
        // Also by age, which nobody tells at once: nothing is done for a session that is over.
        if said.is_ok() && self.site.auth.still(&self.caller).await.is_err() {
            return self.over().await;
        }
        let (echo, outcome) = match said {
            Ok(said) => {
                let echo = said.echo();
                (echo, self.answer(said).await)
            }
            Err(refused) => (None, Err(refused)),
        };
        match outcome {
            Ok(Some(reply)) => self.send(&reply).await,
            Ok(None) => Ok(()),
            Err(refused) => self.refuse(&refused, echo).await,
        }
    }

    async fn answer(&mut self, said: Said) -> Result<Option<Value>, Problem> {
        match said {
            Said::Auth(_) => Err(Problem::conflict("authenticated", "this connection is authenticated")),
            Said::Task(task) => {
                let Task { request, session_id, plan, playbook, params, approval_mode, .. } = task;
                let _open = Accepting::judge(&self.site)?;
                let source = Channel::Web;
                let new = NewTask { request, session_id, source, plan, playbook, params, approval_mode };
                let key = task.idempotency_key.as_deref().map(Key::parse).transpose()?;
                // From before the task: none of its events falls between.
                let after = *self.site.feed.watch().borrow();
                let row = task::submit(&self.site, &self.caller, new, key).await?;
                self.follow(Some(row.id.to_string()), after).await?;
                Ok(Some(
                    json!({"type": "task.accepted", "task_id": row.id, "session_id": row.session, "turn": row.turn}),
                ))
            }
            Said::Approval(Approval { approval_id, granted, reason, edited_args, .. }) => {
                let decision = Decision { granted, reason, edited_args };
                approval::said(&self.site, &self.caller, approval_id, decision).await?;
                // The decision itself comes as an event.
                Ok(None)
            }
            Said::Subscribe(Subscribe { task_id, after, .. }) => {
                self.follow(task_id, Seq(after)).await?;
                Ok(None)
            }
            Said::Cancel(Cancel { task_id, .. }) => {
                let (controller, by) = (self.site.controller.clone(), self.caller.principal().clone());
                let id = RunId::new(task_id);
                match blocking(move || controller.stop(&by, &id)).await?? {
                    Some(StopAsked::Noted) => Ok(None),
                    Some(StopAsked::Over(state)) => {
                        Err(Problem::conflict("over", format!("the task is over: {}", state.as_str())))
                    }
                    Some(StopAsked::Unknown) | None => Err(Problem::not_found("there is no such task")),
                }
            }
        }
    }

    /// The session is over, and the connection with it.
    async fn over(&mut self) -> Result<(), Gone> {
        close(&mut self.socket, close_code::POLICY, SESSION_ENDED).await;
        Err(Gone)
    }

    async fn follow(&mut self, task: Option<String>, after: Seq) -> Result<(), Problem> {
        self.subscriptions.add(&self.site, &self.caller, task, after).await
    }

    async fn refuse(&mut self, refused: &Problem, echo: Option<Value>) -> Result<(), Gone> {
        metrics::refused(&self.site, refused, None);
        self.send(&problem(refused, echo)).await
    }

    async fn send(&mut self, reply: &Value) -> Result<(), Gone> {
        self.put(Message::text(reply.to_string())).await
    }

    async fn put(&mut self, message: Message) -> Result<(), Gone> {
        match tokio::time::timeout(SEND_TIME, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

/// Ends a connection after what was heard last.
async fn end(socket: &mut WebSocket, heard: Heard) {
    match heard {
        Heard::Unfit(code, reason) => close(socket, code, reason).await,
        Heard::Close => {
            // The answer to a close stands ready; it only has to be sent.
            let _gone_already = tokio::time::timeout(SEND_TIME, socket.flush()).await;
        }
        Heard::Text(_) | Heard::Nothing | Heard::Gone => {}
    }
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    let _ = tokio::time::timeout(SEND_TIME, socket.send(Message::Close(Some(frame)))).await;
}
