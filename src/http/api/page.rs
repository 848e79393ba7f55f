//! A page of a list: how long it may be, and whether another follows.

use crate::http::{Problem, Whole};

/// How many a page has when nobody says.
const USUAL: u64 = 50;
/// Most that a page has.
const MOST: u64 = 200;

/// How many a page may have.
pub(super) type Limit = Whole<1, MOST>;

/// How many are wanted.
pub(super) fn limit(asked: Option<Limit>) -> u32 {
    let Whole(wanted) = asked.unwrap_or(Whole(USUAL));
    u32::try_from(wanted).unwrap_or(u32::MAX)
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
