//! Where a path leads, however it is written: decoded, with one kind of separator, and with its steps up taken.

/// Something about the way a path is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// Steps up that are encoded, doubled or mixed so that a check does not see them.
    Disguised,
    /// Steps up beyond its start, three at least, to a folder of the system.
    Up,
    /// A NUL, behind which some programs do not read.
    Nul,
    /// Another machine's share.
    Share,
    /// A device of Windows by its own name.
    Device,
}

/// A path and what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Canonical {
    /// With `/` between its parts; `//host` when it is an address elsewhere.
    pub(super) path: String,
    pub(super) leads: Vec<Lead>,
}

/// How often a path is decoded.
const MAX_DEPTH: usize = 4;
/// Steps up from which a path is taken for one that leaves.
const FAR: usize = 3;

/// Forms that some decoders take for a sign, although they are none: longer than needed, or of another alphabet.
const OVERLONG: &[(&str, &str)] = &[
    ("%c0%ae", "."),
    ("%c0%2e", "."),
    ("%e0%80%ae", "."),
    ("%c0%af", "/"),
    ("%c0%2f", "/"),
    ("%e0%80%af", "/"),
    ("%c1%9c", "\\"),
    ("%c0%5c", "\\"),
    ("%u002e", "."),
    ("%u002f", "/"),
    ("%u005c", "\\"),
    ("%u2215", "/"),
    ("%u2216", "\\"),
];

/// Reads a path.
pub(super) fn canonical(text: &str) -> Canonical {
    let (decoded, was_encoded) = decoded(text);
    let mut leads = Vec::new();
    let mut path = decoded.as_str();
    if let Some((before, _)) = path.split_once(['\0']) {
        path = before;
        leads.push(Lead::Nul);
    }
    let lower = path.to_ascii_lowercase();
    let mut host = None;
    if lower.starts_with("file:") {
        let rest = path.get("file:".len()..).unwrap_or_default();
        let local = rest.strip_prefix("//localhost/").or_else(|| rest.strip_prefix("///"));
        match local {
            Some(_) => path = rest.get(rest.len() - local.map_or(0, str::len) - 1..).unwrap_or_default(),
            None if rest.starts_with("//") && rest.len() > 2 => leads.push(Lead::Share),
            None => path = rest,
        }
    } else if let Some((_, rest)) = path.split_once("://") {
        let at = rest.find('/').unwrap_or(rest.len());
        host = rest.get(..at);
        path = rest.get(at..).unwrap_or_default();
    }
    let is_device = path.starts_with(r"\\.\") || path.starts_with(r"\\?\");
    if is_device {
        leads.push(Lead::Device);
        path = path.get(4..).unwrap_or_default();
    } else if is_share(path) {
        leads.push(Lead::Share);
    }
    let is_mixed =
        path.contains("..\\") && path.contains("../") || path.contains(".\\/") || path.contains("./\\");
    let is_doubled = path.contains("....//")
        || path.contains("..../\\")
        || path.contains("....\\\\")
        || path.contains("..;/");
    let slashed = path.replace('\\', "/").replace("....//", "../").replace("..;/", "../");
    let (resolved, ups) = resolved(&slashed);
    let goes_up = slashed.split('/').any(|part| part == "..");
    if goes_up && (was_encoded || is_mixed || is_doubled) {
        leads.push(Lead::Disguised);
    }
    let is_system = SYSTEM.iter().any(|root| resolved.to_ascii_lowercase().starts_with(root));
    if ups >= FAR && is_system {
        leads.push(Lead::Up);
    }
    // An address elsewhere names no file of ours unless it climbs out.
    let path = match host {
        Some(host) if ups < 2 => format!("//{host}"),
        _ => resolved,
    };
    Canonical { path, leads }
}

/// What systems keep at the top.
const SYSTEM: &[&str] = &[
    "/etc/",
    "/proc/",
    "/root",
    "/var/",
    "/usr/",
    "/home/",
    "/sys/",
    "/dev/",
    "/boot",
    "/windows/",
    "/winnt/",
    "/users/",
    "/opt/",
    "/run/",
    "/tmp/",
    "/app/",
    "/.ssh",
    "/.env",
    "/.aws",
];

/// `\\host\share`, and not an escaped sign or a pattern.
fn is_share(path: &str) -> bool {
    let Some(rest) = path.strip_prefix(r"\\") else { return false };
    let mut parts = rest.split('\\');
    let host = parts.next().unwrap_or_default();
    let is_host =
        host.len() >= 3 && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'@'));
    is_host && parts.next().is_some_and(|share| share.len() >= 2)
}

/// Undoes percent signs; whether there were any that hide a separator, a dot or a NUL.
fn decoded(text: &str) -> (String, bool) {
    let mut now = text.to_owned();
    let mut hides = false;
    for _ in 0..MAX_DEPTH {
        if !now.contains('%') {
            break;
        }
        let lower = now.to_ascii_lowercase();
        hides |= ["%2e", "%2f", "%5c", "%00", "%25", "%c0%", "%c1%", "%e0%80", "%u00", "%u221"]
            .iter()
            .any(|sign| lower.contains(sign));
        // Only ASCII signs are looked for, so places in the lower-case text are places in the text.
        let mut next =
            if OVERLONG.iter().any(|(form, _)| lower.contains(form)) { lower } else { now.clone() };
        for (form, sign) in OVERLONG {
            next = next.replace(form, sign);
        }
        let next = unpercent(&next);
        if next == now {
            break;
        }
        now = next;
    }
    (now, hides)
}

fn unpercent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.filter(|_| *byte == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(sign) => {
                out.push(sign);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Without `.`, `..` and doubled slashes, and how many steps up led beyond its start. A path that climbs far ends at the root.
fn resolved(path: &str) -> (String, usize) {
    let mut parts: Vec<&str> = Vec::new();
    let mut ups = 0;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => ups += usize::from(parts.pop().is_none()),
            part => parts.push(part),
        }
    }
    // `/proc/self/root` is the root again.
    if let [proc, _, root, rest @ ..] = parts.as_slice()
        && *proc == "proc"
        && *root == "root"
    {
        parts = rest.to_vec();
    }
    let is_rooted = path.starts_with('/') || ups >= 2;
    (format!("{}{}", if is_rooted { "/" } else { "" }, parts.join("/")), ups)
}
