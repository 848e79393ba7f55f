//! What becomes of a body that nobody reads to its end: it is read and dropped for a while after the answer.
//!
//! A connection that is closed while its client still writes is reset, and the client never sees the answer that stands
//! ready: it learns of a broken connection instead of a refusal.

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

/// Most of a body that is read and dropped, in bytes.
const MOST: usize = 16 << 20;
/// Longest that this takes.
const LONGEST: Duration = Duration::from_secs(5);

/// A request's body that hands on what is left of it when it is dropped.
pub(super) struct Lingering {
    body: Option<Incoming>,
    /// Whether the client waits to be told to send it, and nobody told it yet.
    held: bool,
    rests: UnboundedSender<Incoming>,
}

impl Lingering {
    /// A body; `held` when its request says `Expect: 100-continue`.
    pub(super) fn new(body: Incoming, held: bool, rests: UnboundedSender<Incoming>) -> Self {
        Self { body: Some(body), held, rests }
    }
}

impl Body for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // hyper tells the client to send at the first look.
        self.held = false;
        self.body.as_mut().map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !self.held && !body.is_end_stream()) {
            let _connection_gone = self.rests.send(body);
        }
    }
}

/// Reads and drops what handlers left, within its bounds; then the connection closes. Lives as long as the connection.
pub(super) async fn swallow(mut rests: UnboundedReceiver<Incoming>) -> Infallible {
    loop {
        match rests.recv().await {
            Some(body) => drain(body).await,
            None => pending().await,
        }
    }
}

async fn drain(mut body: Incoming) {
    let all = async {
        let mut left = MOST;
        while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
                Some(less) => left = less,
                None => return,
            }
        }
    };
    let _whole_or_not = timeout(LONGEST, all).await;
}
