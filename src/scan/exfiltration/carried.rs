//! What an address carries besides the name of a page.

use super::compile;
use super::link::{Kind, Link};
use crate::kernel::port::Severity;
use crate::scan::reading::as_text;
use regex::Regex;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use url::{Host, Url};

/// A rule: its stable name, how much it matters, and what it means.
pub(super) type Rule = (&'static str, Severity, &'static str);

const SECRET: Rule = (
    "link-with-secret",
    Severity::Medium,
    "an address that carries what looks like a secret or a person's data",
);
const SECRET_IMAGE: Rule = (
    "image-with-secret",
    Severity::High,
    "an image that, when it is shown, sends what looks like a secret or a person's data",
);
const ASKED: Rule =
    ("link-with-request", Severity::Medium, "an address that carries words of the user's request");
const BLANK: Rule = ("link-to-fill", Severity::Medium, "an address with a blank to be filled with data");
const ENCODED: Rule = ("link-with-encoded-text", Severity::Medium, "an address that carries an encoded text");
const WORDS: Rule = ("link-with-words", Severity::Medium, "an address that carries several words of text");
const RANDOM: Rule =
    ("image-with-data", Severity::Medium, "an image whose address carries long data that cannot be read");
const UNSEEN: Rule =
    ("unseen-image", Severity::Medium, "an image too small to be seen, whose address carries data");

/// Places whose addresses honestly carry text (searches, playgrounds, badges, forms to share), and which show it to
/// nobody else. By registrable domain.
const PUBLIC: [&str; 32] = [
    "bing.com",
    "circleci.com",
    "codecov.io",
    "codesandbox.io",
    "coveralls.io",
    "crates.io",
    "docs.rs",
    "duckduckgo.com",
    "facebook.com",
    "github.com",
    "gitlab.com",
    "godbolt.org",
    "google.com",
    "kroki.io",
    "lib.rs",
    "linkedin.com",
    "mermaid.ink",
    "microsoft.com",
    "mozilla.org",
    "npmjs.com",
    "openstreetmap.org",
    "python.org",
    "reddit.com",
    "rust-lang.org",
    "shields.io",
    "stackblitz.com",
    "stackoverflow.com",
    "twitter.com",
    "wikipedia.org",
    "x.com",
    "ycombinator.com",
    "youtube.com",
];

/// Secrets and personal data by their form.
const SECRETS: &str = r"(?x)
    (?-u:\b)AKIA[0-9A-Z]{16}(?-u:\b) | (?-u:\b)[sr]k_(?:live|test)_[0-9A-Za-z_]{8,} | (?-u:\b)gh[pousr]_[0-9A-Za-z_]{16,}
    | (?-u:\b)xox[abprs]-[0-9A-Za-z_]{8,} | (?-u:\b)AIza[0-9A-Za-z_-]{30,}
    | (?-u:\b)eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,} | -----BEGIN\ | (?-u:\b)sk-[0-9A-Za-z_-]{16,} | (?-u:\b)glpat-[0-9A-Za-z_-]{16,}
    | (?i:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|private[_-]?key)\s*[=:]\s*[^\s{<\[$]{4,}
    | (?-u:\b)[0-9]{3}-[0-9]{2}-[0-9]{4}(?-u:\b) | (?i:postgres|postgresql|mysql|mongodb|redis|amqp)(?:\+[0-9A-Za-z_]+)?://[^\s@]+:[^\s@]+@
    | (?-u:\b)[0-9]{4}[\ -][0-9]{4}[\ -][0-9]{4}[\ -][0-9]{4}(?-u:\b)";
/// A blank that asks for what was said or is secret.
const BLANKS: &str = r"(?xi)
    (?: \{\{? | \[ | < | \$\{ | \$\( | %7B | %5B | %3C | __ )
    [0-9A-Za-z_\t-\r\ %.+\x{80}-\x{10FFFF}-]{0,30}?
    (?: data | history | conversation | convo | chat | secret | summary | prompt | context | stolen | leak | exfil | base64 | encoded
      | transcript | credential | password | cookie | messages | previous | document | private | sensitive | email | answer | memory )
    [0-9A-Za-z_\t-\r\ %.+\x{80}-\x{10FFFF}-]{0,30}?
    (?: \} | \] | > | \) | %7D | %5D | %3E | __ )";
/// Keys of queries under which people search or share a few words.
const SEARCHES: [&str; 8] = ["q", "query", "search", "text", "title", "subject", "body", "label"];

struct Patterns {
    secrets: Regex,
    blanks: Regex,
}

/// Two patterns: about a millisecond at the first text with an address.
static PATTERNS: LazyLock<Option<Patterns>> =
    LazyLock::new(|| Some(Patterns { secrets: compile(SECRETS)?, blanks: compile(BLANKS)? }));

/// What a link carries that its host should not have, if anything. `asked` is what the user said.
pub(super) fn judge(link: &Link, asked: &str) -> Option<Rule> {
    let patterns = PATTERNS.as_ref()?;
    let address = link.address.replace('\\', "/");
    let address = if address.starts_with("//") { format!("https:{address}") } else { address };
    // Only the end of a very long address is its page; the beginning has host and query.
    let url = Url::parse(&address).ok()?;
    let host = url.host()?;
    if is_local(&host) {
        return None;
    }
    let carried = carried(&url, &host);
    let any = |test: &dyn Fn(&Carried<'_>) -> bool| carried.iter().any(test);
    if any(&|part| patterns.secrets.is_match(&part.text)) {
        return Some(if link.kind == Kind::Image { SECRET_IMAGE } else { SECRET });
    }
    if is_public(&host) || asked_for(&host, asked) {
        return None;
    }
    let filled = address.split_once("//").is_some_and(|(_, rest)| patterns.blanks.is_match(rest));
    if filled && (link.kind != Kind::Plain || url.query().is_some()) {
        return Some(BLANK);
    }
    let said = words(asked);
    if any(&|part| repeats(&part.text, &said)) {
        return Some(ASKED);
    }
    if any(&|part| {
        part.text.split(['/', '.', ',', '|', ':']).any(|piece| as_text(piece).is_some())
            || as_text(&part.text).is_some()
    }) {
        return Some(ENCODED);
    }
    if any(&|part| part.is_text(link.kind)) {
        return Some(WORDS);
    }
    if link.unseen && url.query().is_some_and(|query| query.len() > 3) {
        return Some(UNSEEN);
    }
    if link.kind == Kind::Image && any(&|part| part.place != Place::Path && is_random(&part.text)) {
        return Some(RANDOM);
    }
    None
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Host,
    Path,
    Query,
    Search,
}

/// A part of an address that may carry something, decoded.
struct Carried<'u> {
    place: Place,
    text: Cow<'u, str>,
}

impl Carried<'_> {
    /// Whether it is several words. People search for a few, and name files with some.
    fn is_text(&self, kind: Kind) -> bool {
        let words =
            self.text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
        let file = self
            .text
            .rsplit_once('.')
            .is_some_and(|(_, end)| end.len() < 6 && end.chars().all(char::is_alphanumeric));
        match self.place {
            Place::Host => false,
            Place::Path => words >= 5 && !file,
            Place::Query => words >= 3,
            Place::Search if kind == Kind::Image => words >= 3,
            Place::Search => words >= 6,
        }
    }
}

fn carried<'u>(url: &'u Url, host: &Host<&str>) -> Vec<Carried<'u>> {
    let mut all = Vec::new();
    let mut add = |place, text: Cow<'u, str>| {
        if !text.is_empty() {
            all.push(Carried { place, text });
        }
    };
    for (key, value) in url.query_pairs() {
        let place = if SEARCHES.contains(&key.as_ref()) { Place::Search } else { Place::Query };
        if value.is_empty() {
            add(Place::Query, key);
        } else {
            // A password may be the value of its key.
            add(place, value.clone());
            add(Place::Path, Cow::Owned(format!("{key}={value}")));
        }
    }
    for part in url.path().split('/').chain(url.fragment()) {
        add(Place::Path, percent_encoding(part));
    }
    if let Host::Domain(name) = host {
        let own = registrable(name).map_or(*name, |own| name.strip_suffix(own).unwrap_or(name));
        for label in own.split('.').filter(|label| label.len() >= 16) {
            add(Place::Host, Cow::Owned(label.to_owned()));
        }
    }
    add(Place::Query, Cow::Borrowed(url.username()));
    all
}

/// A path's part without its escapes. A query's decoder does that, given a key.
fn percent_encoding(part: &str) -> Cow<'_, str> {
    if part.contains(['&', '=', ';']) {
        return Cow::Owned(
            part.replace("%20", " ").replace("%3A", ":").replace("%3D", "=").replace('+', " "),
        );
    }
    url::form_urlencoded::parse(part.as_bytes()).next().map_or(Cow::Borrowed(part), |(text, _)| text)
}

fn registrable(name: &str) -> Option<&str> {
    psl::domain_str(name.trim_end_matches('.'))
}

fn is_local(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn is_public(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else { return false };
    registrable(name).is_some_and(|own| PUBLIC.contains(&own))
}

/// Whether the user named this host.
fn asked_for(host: &Host<&str>, asked: &str) -> bool {
    if asked.is_empty() {
        return false;
    }
    let name = host.to_string();
    let own = registrable(&name).unwrap_or(&name);
    let ending = format!(".{own}");
    let names = asked.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')));
    names.map(|word| word.trim_matches('.').to_lowercase()).any(|word| word == own || word.ends_with(&ending))
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3);
    words.map(str::to_lowercase).collect()
}

/// Whether at least three words, and half of them, are what the user said.
fn repeats(text: &str, said: &BTreeSet<String>) -> bool {
    if said.is_empty() {
        return false;
    }
    let own = words(text);
    let same = own.intersection(said).count();
    same >= 3 && same * 2 >= own.len()
}

/// Long, of letters of both cases and digits, and no digest in hexadecimal.
fn is_random(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().filter(|byte| test(byte)).count() >= 3;
    text.len() >= 32
        && !text.contains(char::is_whitespace)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
}
