//! What came over a WebSocket, and with which code it ends when that cannot be.

use axum::extract::ws::{CloseCode, Message, Utf8Bytes, close_code};
use tungstenite::Error;
use tungstenite::error::ProtocolError;

/// What came.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message.
    Text(Utf8Bytes),
    /// A sign of life.
    Nothing,
    /// What ends the connection: the code (RFC 6455, 7.4.1) and why.
    Unfit(CloseCode, &'static str),
    /// The client closes.
    Close,
    /// The client is gone.
    Gone,
}

impl From<Option<Result<Message, axum::Error>>> for Heard {
    fn from(arrived: Option<Result<Message, axum::Error>>) -> Self {
        match arrived {
            Some(Ok(Message::Text(text))) => Self::Text(text),
            Some(Ok(Message::Binary(_))) => Self::Unfit(close_code::UNSUPPORTED, "send text, not bytes"),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Self::Nothing,
            Some(Ok(Message::Close(_))) => Self::Close,
            Some(Err(broken)) => fault(broken),
            None => Self::Gone,
        }
    }
}

fn fault(broken: axum::Error) -> Heard {
    match broken.into_inner().downcast_ref::<Error>() {
        Some(Error::Utf8(_)) => Heard::Unfit(close_code::INVALID, "a text is not UTF-8"),
        Some(Error::Capacity(_)) => Heard::Unfit(close_code::SIZE, "a message is too large"),
        Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => Heard::Gone,
        Some(Error::Protocol(_)) => Heard::Unfit(close_code::PROTOCOL, "a frame is broken"),
        _ => Heard::Gone,
    }
}
