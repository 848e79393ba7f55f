//! Mail addresses.

use std::ops::Range;

/// Longest local part (RFC 5321, 4.5.3.1.1) and domain that is read.
const LOCAL: usize = 64;
const DOMAIN: usize = 255;
/// What stands where a top-level domain would and is a file's or a unit's.
const NOT_TLD: &[&str] = &[
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "css",
    "js",
    "ts",
    "json",
    "html",
    "py",
    "rs",
    "go",
    "txt",
    "md",
    "service",
    "socket",
    "timer",
    "target",
    "mount",
    "conf",
    "cfg",
    "toml",
    "yaml",
    "yml",
    "lock",
    "local",
    "localhost",
    "internal",
    "lan",
    "invalid",
    "test",
    "example",
    "git",
    "tar",
    "gz",
    "zip",
    "exe",
    "dll",
    "so",
];
/// Domains of examples (RFC 2606).
const EXAMPLES: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    "example.edu",
    "domain.com",
    "email.com",
    "foo.com",
    "bar.com",
    "yourdomain.com",
    "mydomain.com",
    "company.com",
    "site.com",
];
/// Who has a mail address in an example.
const NOBODY: &[&str] = &[
    "user",
    "username",
    "users",
    "you",
    "your",
    "yourname",
    "your.name",
    "your_name",
    "your.email",
    "youremail",
    "me",
    "name",
    "foo",
    "bar",
    "baz",
    "test",
    "tester",
    "admin",
    "info",
    "someone",
    "somebody",
    "email",
    "mail",
    "example",
    "alice",
    "bob",
    "carol",
    "eve",
    "mallory",
    "jane",
    "john",
    "joe",
    "jdoe",
    "john.doe",
    "jane.doe",
    "johndoe",
    "janedoe",
    "user1",
    "user2",
    "root",
    "support",
    "contact",
    "sales",
    "help",
    "hello",
    "noreply",
    "no-reply",
    "sender",
    "recipient",
    "from",
    "to",
    "first.last",
    "firstname.lastname",
    "person",
    "customer",
    "client",
    "team",
    "dev",
    "ops",
    "webmaster",
    "postmaster",
    "security",
    "abuse",
    "nobody",
    "myemail",
    "my.email",
    "account",
    "login",
];

/// Every address.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    text.match_indices('@').filter_map(|(at, _)| around(text, at)).collect()
}

fn around(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let local = |c: &char| c.is_alphanumeric() || "._%+-'".contains(*c);
    let left: String = text.get(..at)?.chars().rev().take(LOCAL).take_while(local).collect();
    let left: String = left.chars().rev().collect();
    let user = left.trim_start_matches(['.', '\'', '-', '%', '+']);
    let domain = |b: &u8| b.is_ascii_alphanumeric() || b".-".contains(b);
    let len = bytes.get(at + 1..)?.iter().take(DOMAIN).take_while(|b| domain(b)).count();
    let host = text.get(at + 1..at + 1 + len)?.trim_end_matches(['.', '-']);
    let (labels, tld) = host.rsplit_once('.')?;
    let after = text.get(at + 1 + host.len()..)?;
    let lower = host.to_ascii_lowercase();
    let tld = tld.to_ascii_lowercase();
    let named =
        !labels.is_empty() && labels.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let top = (2..=24).contains(&tld.len())
        && tld.bytes().all(|b| b.is_ascii_alphabetic())
        && !NOT_TLD.contains(&tld.as_str());
    let whole =
        !user.is_empty() && !user.ends_with('.') && !user.contains("..") && !after.starts_with(['@', '_']);
    // `git@host:path`, and the name and password of an address.
    let start = at - user.len();
    let remote = user == "git" || is_login(text, start);
    let example = EXAMPLES.contains(&lower.as_str())
        || EXAMPLES.iter().any(|e| lower.strip_suffix(e).is_some_and(|l| l.ends_with('.')));
    let nobody = example && NOBODY.contains(&user.to_ascii_lowercase().as_str());
    (named && top && whole && !remote && !nobody).then_some(start..at + 1 + host.len())
}

/// Whether this is the login of an address: `https://name:word@host`.
fn is_login(text: &str, start: usize) -> bool {
    let from = text.floor_char_boundary(start.saturating_sub(100));
    let before = text.get(from..start).unwrap_or_default();
    let word = before.rsplit(|c: char| c.is_whitespace() || "\"'<>(".contains(c)).next().unwrap_or_default();
    word.contains("://")
        && !word.contains(['?', '#'])
        && !word.split("://").nth(1).unwrap_or_default().contains('/')
}
