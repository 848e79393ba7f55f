//! Finds the links and images of a text, however they are written: Markdown (inline, by reference, in angle brackets),
//! HTML attributes, CSS, and plain addresses.

use super::compile;
use pulldown_cmark::{Event, Parser, Tag};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// How a link is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scan) enum Kind {
    /// An address that people see and may click.
    Plain,
    /// Words that hide the address.
    Link,
    /// It is loaded as soon as the text is shown.
    Image,
}

/// A link or an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scan) struct Link {
    /// How it is followed.
    pub kind: Kind,
    /// Its address as it is written.
    pub address: String,
    /// Where it is, in bytes of the text.
    pub span: Range<usize>,
    /// Whether it is shown so small that nobody sees it.
    pub unseen: bool,
}

/// Attributes that hold an address, in quotes.
const ATTRIBUTE: &str = r#"(?i)(?-u:\b)(src|srcset|background|poster|data|href|action|formaction)[\t-\r ]*=[\t-\r ]*("[^"<>]*"|'[^'<>]*')"#;
/// Plain addresses; those without a scheme only after a sign, and with a path and a query.
const PLAIN: &str = r#"(?i)(?-u:\b)(?:https?|wss?|ftp):[/\\]{2}[^\s<>"'`)]+|(?:^|[\s"'(=])//[a-z0-9.-]+\.[a-z]{2,}/[^\s<>"'`)]*\?[^\s<>"'`)]+"#;
/// A tag that shows nothing: a point, or hidden.
const UNSEEN: &str = r#"(?i)(?:width|height)[\t-\r ]*[=:][\t-\r ]*["']?[01](?:px)?["'\t-\r ;/>]|display[\t-\r ]*:[\t-\r ]*none|visibility[\t-\r ]*:[\t-\r ]*hidden"#;

struct Patterns {
    attribute: Regex,
    plain: Regex,
    unseen: Regex,
}

/// Three patterns: about a millisecond at the first text with an address.
static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns { attribute: compile(ATTRIBUTE)?, plain: compile(PLAIN)?, unseen: compile(UNSEEN)? })
});

/// Whether a text may hold an address that leads elsewhere.
pub(in crate::scan) fn may_link(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"//").is_some()
        || memchr::memmem::find(text.as_bytes(), b":\\\\").is_some()
}

/// All links and images. The same address may be told twice, as two readers would read it.
///
/// Returns nothing where [`may_link`] says no; `None` when the patterns do not compile, which a test would show.
pub(in crate::scan) fn links(text: &str) -> Option<Vec<Link>> {
    if !may_link(text) {
        return Some(Vec::new());
    }
    let patterns = PATTERNS.as_ref()?;
    let mut links = Vec::new();
    if memchr::memchr(b']', text.as_bytes()).is_some() || memchr::memchr(b'<', text.as_bytes()).is_some() {
        for (event, span) in Parser::new(text).into_offset_iter() {
            let (kind, address) = match event {
                Event::Start(Tag::Link { dest_url, .. }) => (Kind::Link, dest_url),
                Event::Start(Tag::Image { dest_url, .. }) => (Kind::Image, dest_url),
                _ => continue,
            };
            if may_link(&address) {
                links.push(Link { kind, address: address.into_string(), span, unseen: false });
            }
        }
    }
    for found in patterns.attribute.captures_iter(text) {
        let (Some(whole), Some(name), Some(value)) = (found.get(0), found.get(1), found.get(2)) else {
            continue;
        };
        let address = value.as_str().trim_matches(['"', '\'']);
        if may_link(address) {
            let follows =
                ["href", "action", "formaction"].iter().any(|n| name.as_str().eq_ignore_ascii_case(n));
            let kind = if follows { Kind::Link } else { Kind::Image };
            let unseen = kind == Kind::Image && patterns.unseen.is_match(tag_around(text, &whole.range()));
            links.push(Link { kind, address: address.to_owned(), span: whole.range(), unseen });
        }
    }
    for found in patterns.plain.find_iter(text) {
        let written = found.as_str();
        let address =
            written.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | '='));
        let start = found.end() - address.len();
        let css =
            text.get(..start).is_some_and(|before| before.trim_end_matches(['"', '\'']).ends_with("url("));
        let kind = if css { Kind::Image } else { Kind::Plain };
        let address = address.trim_end_matches(['.', ',', ';', ':', '!', '*', '_', ']']);
        links.push(Link {
            kind,
            address: address.to_owned(),
            span: start..start + address.len(),
            unseen: false,
        });
    }
    Some(links)
}

/// Longest part of a tag before or after an attribute that is looked at.
const TAG: usize = 200;

fn tag_around<'t>(text: &'t str, span: &Range<usize>) -> &'t str {
    let from = text.floor_char_boundary(span.start.saturating_sub(TAG));
    let to = text.ceil_char_boundary((span.end + TAG).min(text.len()));
    let start =
        text.get(from..span.start).and_then(|before| before.rfind('<')).map_or(span.start, |at| from + at);
    let end = text.get(span.end..to).and_then(|after| after.find('>')).map_or(to, |at| span.end + at + 1);
    text.get(start..end).unwrap_or_default()
}
