//! A page of a list: how long it may be, and whether another follows.

use crate::http::Problem;

/// How many a page has when nobody says.
const USUAL: u64 = 50;
/// Most that a page has.
const MOST: u64 = 200;

/// How many are wanted.
///
/// # Errors
/// 400 for none or too many.
pub(super) fn limit(asked: Option<u64>) -> Result<u32, Problem> {
    let asked = asked.unwrap_or(USUAL);
    let fits = u32::try_from(asked).ok().filter(|_| (1..=MOST).contains(&asked));
    fits.ok_or_else(|| {
        Problem::bad_request("query", format!("`limit` must be a whole number from 1 to {MOST}"))
    })
}

/// What `before` names, as the caller has it.
///
/// # Errors
/// 400 when the caller has no such row, also when somebody else has.
pub(super) fn known<T>(found: Option<T>) -> Result<T, Problem> {
    let detail = "`before` must be the `next` of an earlier page; leave it out to begin with the latest";
    found.ok_or_else(|| Problem::bad_request("query", detail))
}

/// How many to read: one more tells whether another page follows.
pub(super) fn ask(limit: u32) -> u32 {
    limit.saturating_add(1)
}

/// What of [`ask`] belongs to the page, and whether there is more.
pub(super) fn cut<T>(mut rows: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}
