//! `sentinel pin set`: puts a new PIN where `serve` finds it.

use super::{Stop, open_store};
use crate::cli::Exit;
use crate::cli::pin::ask;
use crate::cli::screen::Screen;
use crate::config::{Settings, secret};
use crate::http::auth;
use std::path::Path;

/// Asks for a PIN and keeps its hash: in the PIN's file where there is one, which `serve` looks for first, else in the
/// store.
pub(super) fn set(settings: &Settings) -> Result<Exit, Stop> {
    let usage = |e: &dyn std::fmt::Display| Stop(Exit::Usage, e.to_string());
    let failed = |e: &dyn std::fmt::Display| Stop(Exit::Failure, e.to_string());
    let screen = Screen::stdout();
    let pin = ask(&screen).map_err(|e| usage(&e))?;
    let hash = auth::prepared(&pin).map_err(|e| usage(&e))?;
    let login = &settings.serve.login;
    let data = &settings.places.data;
    let place = match secret::locate(login.pin_file.as_deref(), secret::PIN, &secret::PLACES.map(Path::new)) {
        Some(path) => {
            secret::write(&path, &hash).map_err(|e| failed(&e))?;
            path
        }
        None => {
            open_store(data)?.put_pin(&hash).map_err(|e| failed(&e))?;
            data.clone()
        }
    };
    screen.line(&format!("the PIN's hash is in {}", place.display()));
    screen.line(
        "it is in force from the next start of `sentinel serve` on, and all sessions before it are over",
    );
    if !login.pin_required {
        screen.line("but no PIN is asked for: set SENTINEL_PIN_REQUIRED=true");
    }
    Ok(Exit::Done)
}
