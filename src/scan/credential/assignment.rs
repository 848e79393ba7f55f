//! Secrets that are assigned to a name: `password = "..."`, `--token ...`, `<secret>...</secret>`, `the password is ...`.

use super::value::{
    entropy, is_common, is_digest_line, is_hex, is_mixed, is_name, is_reference, is_stand_in, is_uuid,
};
use super::{Found, Kind};
use std::ops::Range;

/// The names, as parts of a longer one.
pub(super) const NAMES: &[&str] = &[
    "pass",
    "bearer",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "api key",
    "access_key",
    "access-key",
    "accesskey",
    "auth_key",
    "authkey",
    "private_key",
    "privatekey",
    "credential",
    "encryption_key",
    "encryptionkey",
    "signing_key",
    "account_key",
    "accountkey",
    "client_key",
    "master_key",
    "license_key",
];

/// Names that a person chooses a secret for: it may be short.
const CHOSEN: &[&str] = &["pass", "pwd"];

/// Parts of names whose values are no secrets.
const NOT_SECRET: &[&str] = &[
    "hash",
    "instance",
    "factory",
    "digest",
    "checksum",
    "sha1",
    "sha2",
    "md5",
    "public",
    "_id",
    "-id",
    "name",
    "file",
    "path",
    "dir",
    "url",
    "uri",
    "endpoint",
    "length",
    "size",
    "count",
    "max",
    "type",
    "field",
    "label",
    "hint",
    "holder",
    "prompt",
    "regex",
    "pattern",
    "policy",
    "expir",
    "ttl",
    "timeout",
    "format",
    "header",
    "prefix",
    "suffix",
    "param",
    "input",
    "tokeniz",
    "csrf",
    "error",
    "message",
    "invalid",
    "require",
    "version",
    "reset",
    "forgot",
    "algorithm",
    "encoding",
    "column",
    "class",
    "selector",
    "index",
    "title",
    "text",
    "desc",
    "link",
    "page",
    "form",
    "salt",
    "rotation",
    "arn",
    "region",
    "sync",
    "kind",
    "cancell",
    "strength",
    "next",
    "continuation",
    "cursor",
    "symbol",
    "address",
    "contract",
    "mint",
    "decimals",
];

/// Longest part of a name on each side of what was found, and longest value.
const NAME: usize = 48;
const VALUE: usize = 200;

/// The secret assigned to the name at `name`.
pub(super) fn at(text: &str, name: Range<usize>) -> Option<Found> {
    let bytes = text.as_bytes();
    let in_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
    let before = bytes.get(..name.start)?.iter().rev().take(NAME).take_while(|b| in_name(b)).count();
    let after = bytes.get(name.end..)?.iter().take(NAME).take_while(|b| in_name(b)).count();
    let whole = name.start - before..name.end + after;
    let key = text.get(whole.clone())?.to_ascii_lowercase();
    // `pass` is a name's last part, or the beginning of `password`, `passwd`, `passphrase`: not of `passing`.
    let (seen, rest) = (text.get(name.clone())?, text.get(name.end..whole.end)?.to_ascii_lowercase());
    let goes_on = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    if seen.eq_ignore_ascii_case("pass") && goes_on && !rest.starts_with('w') && !rest.starts_with("phrase") {
        return None;
    }
    if NOT_SECRET.iter().any(|part| key.contains(part)) {
        return None;
    }
    let value = value_after(text, &whole)?;
    let held = text.get(value.span.clone())?;
    let chosen = CHOSEN.iter().any(|part| key.contains(part));
    let secret = if chosen { is_password(held, &value) } else { is_token(held, &value) };
    if !secret || is_digest_line(line_before(text, whole.start, value.span.start)) {
        return None;
    }
    let rule = if chosen { "assigned-password" } else { "assigned-secret" };
    Some(Found { rule: rule.into(), kind: Kind::Assigned, span: value.span })
}

/// Where a value is and how it is given.
struct Value {
    span: Range<usize>,
    quoted: bool,
    /// After a word or a colon, where prose goes on.
    told: bool,
}

fn value_after(text: &str, name: &Range<usize>) -> Option<Value> {
    let rest = text.get(name.end..text.floor_char_boundary(name.end + NAME + VALUE))?;
    let option = text.get(name.clone())?.starts_with("--");
    let tag = text.get(..name.start)?.ends_with('<');
    let blank = |s: &str| s.len() - s.trim_start_matches([' ', '\t']).len();
    let mut at = rest.len() - rest.trim_start_matches(['"', '\'', '`', ']', ' ', '\t', '*']).len();
    let after = rest.get(at..)?;
    let (skip, told) = if tag && rest.starts_with('>') {
        (1, false)
    } else if let Some(n) = operator(after) {
        (n, after.starts_with(':') && !after.starts_with(":="))
    } else if ["is ", "is: ", "was ", "to "].iter().any(|word| at > 0 && after.starts_with(word)) {
        (after.find(' ')?, true)
    } else if option && rest.starts_with(' ') {
        (0, false)
    } else if text.get(name.clone())?.eq_ignore_ascii_case("bearer") && rest.starts_with(' ') {
        (0, true)
    } else if rest.starts_with("(\"") || rest.starts_with("('") {
        at = 0;
        (1, false)
    } else {
        return None;
    };
    at += skip;
    at += blank(rest.get(at..)?);
    at += typed(rest.get(at..)?);
    let held = rest.get(at..)?;
    let quote = held
        .trim_start_matches(['b', 'r', 'u', 'f', '@', 'L', '\\'])
        .chars()
        .next()
        .filter(|c| "\"'`".contains(*c));
    if let Some(quote) = quote {
        let open = held.find(quote)? + 1;
        let end = held.get(open..)?.find([quote, '\n'])?;
        if !held.get(open + end..)?.starts_with(quote) {
            return None;
        }
        let start = name.end + at + open;
        let escaped = held.get(open..open + end)?.ends_with('\\');
        return Some(Value { span: start..start + end - usize::from(escaped), quoted: true, told: false });
    }
    let end = held.find(|c: char| c.is_whitespace() || "\"'`<>;,)]}".contains(c)).unwrap_or(held.len());
    // A sentence's end is not the value's.
    let end = held.get(..end)?.trim_end_matches(['.', '?', ':']).len();
    let start = name.end + at;
    Some(Value { span: start..start + end, quoted: false, told })
}

/// How long the operator is that the text begins with.
fn operator(text: &str) -> Option<usize> {
    let all = [":=", "=>", "===", "==", "!==", "!=", "?=", "||=", "=", ":"];
    all.iter()
        .find(|op| text.starts_with(**op))
        .map(|op| op.len())
        .filter(|len| !text.get(*len..).is_some_and(|rest| rest.starts_with(':')))
}

/// How long the type is that stands between a name's colon and its value: `: &str = `.
fn typed(text: &str) -> usize {
    let to = text.find(['=', '\n', '"', '\'']).filter(|to| *to < 30);
    let Some(to) = to.filter(|to| text.get(*to..).is_some_and(|rest| rest.starts_with('='))) else {
        return 0;
    };
    let kinds = ["&", "str", "String", "string", "Optional", "Final", "char", "bytes", "Any"];
    let Some(before) = text.get(..to).filter(|before| kinds.iter().any(|kind| before.starts_with(kind)))
    else {
        return 0;
    };
    let rest = text.get(to + 1..).unwrap_or_default();
    before.len() + 1 + (rest.len() - rest.trim_start_matches(' ').len())
}

/// A password that a person may have chosen.
fn is_password(held: &str, value: &Value) -> bool {
    let sign = held.bytes().any(|b| b.is_ascii_punctuation() && !b"_-./:,()[]{}".contains(&b));
    let digit = held.bytes().any(|b| b.is_ascii_digit());
    let upper = held.bytes().any(|b| b.is_ascii_uppercase());
    let lower = held.bytes().any(|b| b.is_ascii_lowercase());
    let kinds = [sign, digit, upper, lower].iter().filter(|has| **has).count();
    let shaped = if value.quoted {
        held.len() >= 6 && kinds >= 2 && (sign || digit) || held.len() >= 6 && digit && kinds == 1
    } else {
        let strong = kinds >= 3 && (digit || sign) || held.len() >= 10 && is_mixed(held);
        held.len() >= 8 && (strong || !value.told && is_mixed(held)) && !held.contains(['(', '{', '['])
    };
    shaped && held.is_ascii() && is_unknown(held, value.quoted) && entropy(held.as_bytes()) >= 2.2
}

/// A key or token that a machine made.
fn is_token(held: &str, value: &Value) -> bool {
    let long = if value.told { 20 } else { 16 };
    let plain = held.bytes().all(|b| b.is_ascii_graphic() && !b"()[]{}<>\"'`,;|\\".contains(&b));
    let hex = is_hex(held);
    // Bits per character: random hexadecimal has 3.4 and more from 32 characters on, text and names less for their length.
    let random = if hex { 2.9 } else { 3.3 };
    held.len() >= long
        && plain
        && is_mixed(held)
        && !is_uuid(held)
        && is_unknown(held, value.quoted)
        && entropy(held.as_bytes()) >= random
}

/// Not a stand-in, a reference, a name, an address or a path, and no spaces.
fn is_unknown(held: &str, quoted: bool) -> bool {
    let lower = held.to_ascii_lowercase();
    let says = ["password", "passwd", "secret", "token", "apikey", "api_key", "credential"]
        .iter()
        .any(|word| lower.contains(word));
    let spaced = held.contains([' ', '\t']);
    !(says || spaced || is_stand_in(held) || is_common(held) || is_reference(held, quoted) || is_name(held))
}

/// The line before a value, from at most 200 bytes before its name.
fn line_before(text: &str, name: usize, value: usize) -> &str {
    let from = text.floor_char_boundary(name.saturating_sub(200));
    let part = text.get(from..value).unwrap_or_default();
    part.rsplit('\n').next().unwrap_or_default()
}
