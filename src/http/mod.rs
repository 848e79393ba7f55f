//! The HTTP house: TLS, who is there, what a browser may do, how much of it. axum and nothing else: no policy, no
//! labels, no SQL.

mod accepting;
pub mod api;
pub mod assets;
pub mod auth;
pub mod certificate;
pub mod doctor;
pub mod error;
pub mod headers;
pub mod json;
pub mod limit;
mod linger;
pub mod openapi;
pub mod origin;
mod path;
mod phase;
mod place;
mod query;
pub mod redirect;
pub mod router;
pub mod server;
mod site;

pub use accepting::Accepting;
pub use auth::Caller;
pub use error::Problem;
pub use json::Body;
pub use path::Id;
pub use phase::Phase;
pub use place::Place;
pub use query::{Query, Whole};
pub use server::{ServeFailure, Serving, serve, serve_routes};
pub use site::{Notice, Site, SiteFailure};

use std::net::SocketAddr;

/// The two ends of the connection that a request came by. The server puts it into every request.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// Who connected: a browser, or a proxy before it.
    pub peer: SocketAddr,
    /// Where we were reached.
    pub local: SocketAddr,
}
