//! Addresses of machines that may be people's: not those of this machine, of a private net, or of documents.

use super::numbers::{Numbers, near};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

const VERSION: &[&str] =
    &["version", "release", "v.", "ver", "build", "upgrade", "section", "chapter", "rev"];
/// Longest text of an IPv6 address.
const LONGEST: usize = 45;

/// Every address.
pub(super) fn find(text: &str, numbers: &Numbers<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for groups in numbers.tails() {
        let Some([a, _, _, d]) = groups.get(..4) else { break };
        let span = a.start..d.end;
        if span.len() > 15 || !is_whole(text, &span) {
            continue;
        }
        let Some(address) = text.get(span.clone()).and_then(|held| held.parse::<Ipv4Addr>().ok()) else {
            continue;
        };
        if is_nobodys(address) || near(text, &span, 20, 0, VERSION) {
            continue;
        }
        // Of a private net, or as short as a section's number: only where the text says what it is.
        let doubtful = span.len() < 10 || address.is_private();
        if !doubtful || near(text, &span, 20, 0, &["ip", "ipv4"]) {
            found.push(span);
        }
    }
    found.extend(sixes(text));
    found
}

/// Not a part of a version or of a longer number.
fn is_whole(text: &str, span: &Range<usize>) -> bool {
    let mut before = text.get(..span.start).unwrap_or_default().chars().rev();
    let mut after = text.get(span.end..).unwrap_or_default().chars();
    let (b, a, a2) = (before.next(), after.next(), after.next());
    let joined = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !(b.is_some_and(|c| joined(c) || c == '.')
        || a.is_some_and(|c| joined(c) && c != '-')
        || a.is_some_and(|c| ".-".contains(c)) && a2.is_some_and(char::is_alphanumeric)
        || a == Some('/') && a2.is_some_and(|c| c.is_ascii_digit()))
}

/// Whether an address is nobody's: loopback, masks, multicast, examples (RFC 5737), the resolvers everybody names.
fn is_nobodys(a: Ipv4Addr) -> bool {
    let resolvers = [[8, 8, 8, 8], [8, 8, 4, 4], [1, 1, 1, 1], [1, 0, 0, 1], [9, 9, 9, 9]];
    let first = a.octets()[0];
    first == 0
        || first >= 224
        || a.is_loopback()
        || a.is_link_local()
        || a.is_documentation()
        || resolvers.contains(&a.octets())
}

/// The IPv6 addresses: hexadecimal groups and colons.
fn sixes(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let part = |b: &u8| b.is_ascii_hexdigit() || *b == b':';
    let mut found = Vec::new();
    let mut read = 0;
    for at in colons(bytes) {
        if at < read {
            continue;
        }
        let before =
            bytes.get(read..at).unwrap_or_default().iter().rev().take(5).take_while(|b| part(b)).count();
        let start = at - before;
        let len =
            bytes.get(start..).unwrap_or_default().iter().take(LONGEST + 1).take_while(|b| part(b)).count();
        read = start + len.max(before + 1);
        let held = text.get(start..start + len).unwrap_or_default();
        let inside = text
            .get(..start)
            .is_some_and(|left| left.ends_with(|c: char| c.is_alphanumeric() || "_-.:".contains(c)))
            || text
                .get(start + len..)
                .is_some_and(|right| right.starts_with(|c: char| c.is_alphanumeric() || "_-".contains(c)));
        let span = start..start + held.trim_end_matches(':').len();
        let address = text.get(span.clone()).and_then(|held| held.parse::<Ipv6Addr>().ok());
        if len > LONGEST || inside || !address.is_some_and(|address| is_somebodys(address, held)) {
            continue;
        }
        found.push(span);
    }
    found
}

/// The colons with another or a hexadecimal digit after them.
fn colons(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| matches!(pair, [b':', b':'] | [b':', b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F']))
        .map(|(at, _)| at)
}

fn is_somebodys(address: Ipv6Addr, held: &str) -> bool {
    let [first, second, ..] = address.segments();
    let global = (0x2000..0x4000).contains(&first) && !(first == 0x2001 && second == 0xdb8);
    let written =
        held.bytes().filter(|b| *b == b':').count() >= 3 && held.bytes().any(|b| b.is_ascii_digit());
    let full = held.bytes().filter(|b| *b == b':').count() == 7;
    written && (global || full && !address.is_unicast_link_local() && !(first == 0x2001 && second == 0xdb8))
}
