//! Keeps secrets out of logs: by the name of a field, and by what stands before a value inside a text.

#[cfg(test)]
mod tests;

use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// What stands in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// A field with one of these words in its name holds a secret. Whole words: `tokens` is a count, `token` is not.
const SECRET_WORDS: &[&str] = &[
    "apikey",
    "authorization",
    "bearer",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "key",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "secret",
    "token",
];

/// Whether a field of this name holds a secret, such as `x-sentinel-pin`, `claude_api_key` or `setCookie`.
pub fn is_secret(field: &str) -> bool {
    words(field).iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
}

/// The words of a name, in lower case: `setCookie`, `set-cookie` and `SET_COOKIE` are two words each.
fn words(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        let border = !c.is_alphanumeric() || (c.is_uppercase() && after_lower);
        if border {
            out.push(String::new());
        }
        if c.is_alphanumeric() {
            out.iter_mut().last().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        }
        after_lower = c.is_lowercase();
    }
    out
}

/// The text without what follows a secret's name in it, as in `pin=…`, `"api_key": "…"`, `Cookie: …` or `Bearer …`.
/// A text that cannot be searched is hidden whole.
pub fn scrub(text: &str) -> Cow<'_, str> {
    static RULES: LazyLock<Option<[Regex; 3]>> = LazyLock::new(|| {
        Some([
            // A header's value runs to the end of its line, or to the quote that it stands in.
            Regex::new(r#"(?i)((?:authorization|cookie)["']?\s*[:=]\s*["']?)[^"'\r\n]+"#).ok()?,
            Regex::new(r"(?i)(\bbearer\s+)[^\s]+").ok()?,
            Regex::new(
                r#"(?i)((?:pin|key|secret|token|password|passwd|passphrase|credentials?)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;}]+)"#,
            )
            .ok()?,
        ])
    });
    let Some(rules) = RULES.as_ref() else { return Cow::Borrowed(REDACTED) };
    let mut out = Cow::Borrowed(text);
    for rule in rules {
        if let Cow::Owned(changed) = rule.replace_all(&out, format!("${{1}}{REDACTED}")) {
            out = Cow::Owned(changed);
        }
    }
    out
}
