//! Dates and times, without a clock and without zones.

use super::eval::Outcome;
use super::fault;
use crate::kernel::plan::ast::Span;
use crate::kernel::value::{Data, Node};
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;

/// Formats that people and programs write, after ISO 8601. No day-month-year with slashes: it has two readings.
const FORMATS: &[&str] = &[
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%d.%m.%Y",
    "%B %d, %Y %H:%M",
    "%d %B %Y %H:%M",
    "%d.%m.%Y %H:%M",
];

/// Directives of `strftime` that plans may use.
const DIRECTIVES: &str = "YmdHMSBbAajyIpeFT%-";

/// `parse_datetime(text)`: a date alone is midnight; an offset is read and dropped, the local time stays.
pub(super) fn parse(node: &Node, span: Span) -> Outcome<Data> {
    let text = match &node.data {
        Data::Str(text) => text.trim(),
        Data::DateTime(d) => return Ok(Data::DateTime(*d)),
        Data::Date(d) => return Ok(Data::DateTime(d.at(0, 0, 0, 0))),
        other => return Err(fault(span, format!("`parse_datetime` takes a text, not a {}", other.kind()))),
    };
    let iso = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(|d| d.at(0, 0, 0, 0)));
    let with_zone = || {
        let (local, _) = text.split_at_checked(19)?;
        text.parse::<jiff::Timestamp>().ok().and_then(|_| local.parse::<DateTime>().ok())
    };
    let spelled = || {
        FORMATS.iter().find_map(|format| {
            let parts = strtime::parse(format, text).ok()?;
            parts.to_datetime().or_else(|_| parts.to_date().map(|d| d.at(0, 0, 0, 0))).ok()
        })
    };
    iso.or_else(with_zone).or_else(spelled).map(Data::DateTime).ok_or_else(|| {
        fault(span, "the text is not a date that can be read")
            .hint("such as 2026-03-31, 2026-03-31 14:00 or 31 March 2026")
    })
}

/// `value.strftime(format)`.
pub(super) fn strftime(data: &Data, format: &str, span: Span) -> Outcome<String> {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c == '%' && !chars.next().is_some_and(|d| DIRECTIVES.contains(d)) {
            return Err(fault(span, "this date format has a directive that is not known")
                .hint("known are %Y %m %d %H %M %S %B %b %A %a %j %y %I %p %e %F %T"));
        }
    }
    let at = match data {
        Data::DateTime(d) => *d,
        Data::Date(d) => d.at(0, 0, 0, 0),
        other => return Err(fault(span, format!("`strftime` works on dates, not on a {}", other.kind()))),
    };
    strtime::format(format, at).map_err(|_| fault(span, "this date format cannot be used"))
}
