//! Passwords inside addresses: `postgres://name:password@host/db`.

use super::value::{is_common, is_reference, is_stand_in};
use super::{Found, Kind};

/// Longest authority that is read.
const LONGEST: usize = 300;

/// The password of the address whose `://` is at `at`.
pub(super) fn at(text: &str, at: usize) -> Option<Found> {
    let scheme = text.get(..at)?.bytes().next_back()?;
    if !scheme.is_ascii_alphanumeric() {
        return None;
    }
    let from = at + "://".len();
    let rest = text.get(from..text.floor_char_boundary(from + LONGEST))?;
    let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'`<>|,;".contains(c)).unwrap_or(rest.len());
    let (login, host) = rest.get(..end)?.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let reserved = ["example.com", "example.org", "example.net", "example", "test", "invalid"];
    let for_show = reserved
        .iter()
        .any(|name| host == *name || host.strip_suffix(name).is_some_and(|h| h.ends_with('.')));
    let blank =
        is_stand_in(password) || is_reference(password, true) || is_common(password) || password == user;
    if password.len() < 4 || host.is_empty() || for_show || blank {
        return None;
    }
    let start = from + user.len() + 1;
    Some(Found { rule: "url-password".into(), kind: Kind::InAddress, span: start..start + password.len() })
}
