//! Events over plain HTTP: a stream (SSE) for those who ask for one, else a page at a time.

use super::blocking;
use crate::bus::{GLIMPSE, Page, Told, Watcher, Whose};
use crate::http::phase::closing;
use crate::http::{Caller, Phase, Problem, Query, Site, openapi};
use crate::kernel::id::RunId;
use crate::kernel::record::Seq;
use crate::telemetry::metrics::{Lasting, Transport};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// How often a silent stream shows that it lives; shorter than what proxies cut.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often a follower looks though nobody told it of anything: its task may be another's.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    task_id: Option<String>,
    after: Option<u64>,
}

/// A page of events; `next` is the `after` of the page that follows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Events {
    #[schema(value_type = Vec<openapi::Event>)]
    events: Vec<Arc<crate::bus::Event>>,
    next: u64,
}

/// GET /api/events
#[utoipa::path(
    get,
    path = "/api/events",
    operation_id = "events_follow",
    params(
        Wanted,
        ("Last-Event-ID" = Option<u64>, Header, description = "As `after`, and before it: what a browser saw last.")
    ),
    responses(
        (status = 200, description = "A page of events; a stream of them when `Accept` names `text/event-stream`. With `task_id` the stream also has `task.step_progress`: words of the worker's answer while it is written, for display only. They have no `seq` and no `id:`, are not kept, and come to whoever is there and quick enough.", content(
            (Events = "application/json"),
            (String = "text/event-stream")
        )),
        (status = 404, description = "There is no such task.")
    )
)]
pub async fn follow(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let follower = Follower::new(&site, &caller, wanted.task_id, after(&headers, wanted.after)?).await?;
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/event-stream") {
        let page = follower.page().await?;
        let events = page.events.into_iter().map(|told| told.event).collect();
        return Ok(Json(Events { events, next: page.next.0 }).into_response());
    }
    let mut response =
        Sse::new(stream_of(follower, caller, site.controller.metrics().subscribed(Transport::Sse)))
            .keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here"))
            .into_response();
    // A proxy that collects a stream makes it useless.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Where to begin: a browser that reconnects says what it saw last.
fn after(headers: &HeaderMap, asked: Option<u64>) -> Result<Seq, Problem> {
    let told = headers.get("last-event-id").filter(|last| !last.as_bytes().trim_ascii().is_empty());
    // A browser that saw nothing yet may send an empty one.
    let Some(last) = told else { return Ok(Seq(asked.unwrap_or(0))) };
    let number = last.to_str().ok().and_then(|text| text.trim().parse().ok());
    number.map(Seq).ok_or_else(|| Problem::bad_request("last-event-id", "`Last-Event-ID` must be a number"))
}

/// Events, and between them glimpses of what the worker writes, until the events end. The subscriber counts until the
/// client is gone and the stream is dropped.
fn stream_of(
    follower: Follower,
    caller: Caller,
    counts: Lasting,
) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    let watcher = follower.watcher();
    let seen =
        stream::unfold((watcher, follower.site.clone(), caller.clone()), |(watcher, site, caller)| async {
            let mut watcher = watcher?;
            let told = watcher.next().await?;
            site.auth.listens(&caller).await.ok()?;
            Some((Some(Ok(glimpse(&told))), (Some(watcher), site, caller)))
        });
    let events = events(follower, caller, counts).map(Some).chain(stream::once(async { None }));
    // Neither waits for the other; the end of the events is the end.
    stream::select(events, seen).take_while(|next| ready(next.is_some())).filter_map(ready)
}

/// Without an id: a browser that comes back says what it saw last, and a glimpse is not kept.
fn glimpse(told: &str) -> sse::Event {
    sse::Event::default().event(GLIMPSE).data(told)
}

fn events(
    follower: Follower,
    caller: Caller,
    counts: Lasting,
) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    let batches = stream::unfold((follower, caller, counts), |(mut follower, caller, counts)| async move {
        let site = follower.site.clone();
        let told = tokio::select! {
            () = site.auth.ended(&caller) => return None,
            told = follower.next() => told?,
        };
        // Also by age, which nobody tells at once: nothing more is told once the session is over.
        site.auth.listens(&caller).await.ok()?;
        let events: Vec<_> = told.iter().map(|told| Ok(event(told))).collect();
        Some((stream::iter(events), (follower, caller, counts)))
    });
    batches.flatten()
}

fn event(told: &Told) -> sse::Event {
    sse::Event::default().id(told.event.seq.0.to_string()).event(told.event.kind).data(&*told.json)
}

/// Somebody who follows events, by whatever transport.
pub struct Follower {
    site: Arc<Site>,
    whose: Whose,
    after: Seq,
    news: tokio::sync::watch::Receiver<Seq>,
    phase: tokio::sync::watch::Receiver<Phase>,
}

impl Follower {
    /// Follows one task of the caller's, or all of them, from after `after` on.
    ///
    /// # Errors
    /// 404 when the caller has no such task.
    pub async fn new(
        site: &Arc<Site>,
        caller: &Caller,
        task: Option<String>,
        after: Seq,
    ) -> Result<Self, Problem> {
        let task = task.map(RunId::new);
        if let Some(id) = task.clone() {
            let (controller, by) = (site.controller.clone(), caller.principal().clone());
            let known = blocking(move || controller.owns(&by, &id)).await??;
            known.ok_or_else(|| Problem::not_found("there is no such task"))?;
        }
        let feed = site.feed.clone();
        let newest = blocking(move || feed.newest()).await??;
        if after > newest {
            let detail = format!(
                "`after` is {}, and the newest event is {}: begin again from there",
                after.0, newest.0
            );
            return Err(Problem::bad_request("after", detail));
        }
        let (news, phase) = (site.feed.watch(), site.phase.subscribe());
        let whose = Whose { principal: caller.principal().clone(), task };
        Ok(Self { site: site.clone(), whose, after, news, phase })
    }

    /// Watches the worker at the task that is followed; nobody watches all of them.
    pub fn watcher(&self) -> Option<Watcher> {
        self.whose.task.as_ref().map(|task| self.site.controller.glimpses().watch(task))
    }

    /// The last record looked at.
    pub fn at(&self) -> Seq {
        self.after
    }

    /// What there is now.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn page(&self) -> Result<Page, Problem> {
        let (feed, after, whose) = (self.site.feed.clone(), self.after, self.whose.clone());
        if let Some(page) = feed.at_hand(after, &whose) {
            return Ok(page);
        }
        // A thousand followers learn of a record at once; one reads it for all.
        let _turn = self.site.feed.turn().await;
        if let Some(page) = feed.at_hand(after, &whose) {
            return Ok(page);
        }
        Ok(blocking(move || feed.after(after, &whose)).await??)
    }

    /// The next events, once there are any; `None` when the server goes down or cannot read its journal. Whoever
    /// comes back goes on with the last number seen.
    pub async fn next(&mut self) -> Option<Vec<Told>> {
        loop {
            // Before the look, so that nothing falls between.
            self.news.borrow_and_update();
            let page = self.page().await.ok()?;
            let moved = page.next > self.after;
            self.after = page.next;
            if !page.events.is_empty() {
                return Some(page.events);
            }
            if moved {
                continue;
            }
            tokio::select! {
                changed = self.news.changed() => changed.ok()?,
                _cut = closing(self.phase.clone()) => return None,
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }
}
