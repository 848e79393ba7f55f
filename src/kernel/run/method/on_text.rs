//! Methods of texts.

use super::super::builtin::whole;
use super::super::eval::{Env, Outcome, derived};
use super::super::fault;
use crate::kernel::plan::ast::Span;
use crate::kernel::value::{Data, Mark, Node};
use std::sync::Arc;

impl Env {
    pub(in crate::kernel::run) fn on_str(
        &mut self,
        of: &Node,
        s: &str,
        name: &str,
        args: &[Node],
        span: Span,
    ) -> Outcome<Option<Node>> {
        let mark = args.iter().fold(of.mark.clone(), |mark, a| mark.join(&a.deep()));
        let texts: Vec<&str> = args.iter().filter_map(as_text).collect();
        let all_texts = texts.len() == args.len();
        let text = |t: String| Ok(Some(derived(Data::str(t), &mark)));
        let truth = |b: bool| Ok(Some(derived(Data::Bool(b), &mark)));
        let list = |parts: &mut dyn Iterator<Item = &str>| {
            let items = parts.map(|p| derived(Data::str(p), &mark)).collect();
            Ok(Some(Node::new(Data::List(Arc::new(items)), mark.clone())))
        };
        match (name, texts.as_slice()) {
            _ if !all_texts
                && !matches!(name, "join" | "startswith" | "endswith" | "split" | "rsplit" | "replace")
                && !matches!(name, "zfill" | "ljust" | "rjust" | "center" | "format") =>
            {
                Ok(None)
            }
            ("lower", []) => text(s.to_lowercase()),
            ("upper", []) => text(s.to_uppercase()),
            // INVARIANT: what is lower case stays as it is; ß and its like are not taken apart.
            ("casefold", []) => text(s.to_lowercase()),
            ("title", []) => text(titled(s)),
            ("capitalize", []) => {
                let mut chars = s.chars();
                let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
                text(first + &chars.as_str().to_lowercase())
            }
            ("strip", []) => text(s.trim_matches(is_space).to_owned()),
            ("lstrip", []) => text(s.trim_start_matches(is_space).to_owned()),
            ("rstrip", []) => text(s.trim_end_matches(is_space).to_owned()),
            ("strip", [set]) => text(s.trim_matches(|c| set.contains(c)).to_owned()),
            ("lstrip", [set]) => text(s.trim_start_matches(|c| set.contains(c)).to_owned()),
            ("rstrip", [set]) => text(s.trim_end_matches(|c| set.contains(c)).to_owned()),
            ("removeprefix", [p]) => text(s.strip_prefix(p).unwrap_or(s).to_owned()),
            ("removesuffix", [p]) => text(s.strip_suffix(p).unwrap_or(s).to_owned()),
            ("splitlines", []) => list(&mut lines(s).into_iter()),
            ("split" | "rsplit", _) => self.split(s, name, args, &mark, span).map(Some),
            ("partition" | "rpartition", [sep]) if !sep.is_empty() => {
                let cut = if name == "partition" { s.split_once(sep) } else { s.rsplit_once(sep) };
                let parts = match cut {
                    Some((a, b)) => [a, sep, b],
                    None if name == "partition" => [s, "", ""],
                    None => ["", "", s],
                };
                let items = parts.iter().map(|p| derived(Data::str(*p), &mark)).collect();
                Ok(Some(Node::new(Data::Tuple(Arc::new(items)), mark.clone())))
            }
            ("join", _) => match args {
                [parts] => self.join(s, parts, &of.mark, span).map(Some),
                _ => Ok(None),
            },
            ("replace", [from, to]) if args.iter().take(2).all(|a| as_text(a).is_some()) => {
                let most = match args.get(2) {
                    Some(n) => usize::try_from(whole(n, span)?).unwrap_or(usize::MAX),
                    None => usize::MAX,
                };
                let hits = if from.is_empty() { s.chars().count() + 1 } else { s.matches(from).count() };
                let hits = hits.min(most);
                self.fuel.bytes(s.len().saturating_add(hits.saturating_mul(to.len())), span)?;
                text(s.replacen(from, to, hits))
            }
            ("startswith" | "endswith", _) => match args {
                [which] => truth(affix(s, which, name == "startswith", span)?),
                _ => Ok(None),
            },
            ("find" | "rfind", [part]) => {
                let at = if name == "find" { s.find(part) } else { s.rfind(part) };
                let chars = at.map(|at| s.get(..at).map_or(0, |before| before.chars().count()));
                let index = chars.map_or(-1, |n| i64::try_from(n).unwrap_or(-1));
                Ok(Some(derived(Data::Int(index), &mark)))
            }
            ("count", [part]) => {
                let n = if part.is_empty() { s.chars().count() + 1 } else { s.matches(part).count() };
                let n = i64::try_from(n).unwrap_or(i64::MAX);
                Ok(Some(derived(Data::Int(n), &mark)))
            }
            ("isdigit", []) => truth(!s.is_empty() && s.chars().all(|c| c.is_ascii_digit())),
            ("isalpha", []) => truth(!s.is_empty() && s.chars().all(char::is_alphabetic)),
            ("isalnum", []) => truth(!s.is_empty() && s.chars().all(char::is_alphanumeric)),
            ("isspace", []) => truth(!s.is_empty() && s.chars().all(is_space)),
            ("isupper", []) => truth(s.chars().any(char::is_uppercase) && !s.chars().any(char::is_lowercase)),
            ("islower", []) => truth(s.chars().any(char::is_lowercase) && !s.chars().any(char::is_uppercase)),
            ("zfill" | "ljust" | "rjust" | "center", _) => match justified(s, name, args, span)? {
                Some(out) => text(out),
                None => Ok(None),
            },
            ("format", _) => {
                Err(fault(span, "`.format` is not in the plan language").hint("use an f-string"))
            }
            _ => Ok(None),
        }
    }

    pub(in crate::kernel::run) fn split(
        &mut self,
        s: &str,
        name: &str,
        args: &[Node],
        mark: &Mark,
        span: Span,
    ) -> Outcome<Node> {
        let most = match args.get(1) {
            Some(n) => usize::try_from(whole(n, span)?).unwrap_or(usize::MAX),
            None => usize::MAX,
        };
        let pieces: Vec<&str> = match args.first().map(|a| &a.data) {
            None | Some(Data::None) if name == "split" => words(s, most),
            None | Some(Data::None) => words_from_end(s, most),
            Some(Data::Str(sep)) if !sep.is_empty() && name == "split" => {
                s.splitn(most.saturating_add(1), sep.as_ref()).collect()
            }
            Some(Data::Str(sep)) if !sep.is_empty() => {
                let mut pieces: Vec<&str> = s.rsplitn(most.saturating_add(1), sep.as_ref()).collect();
                pieces.reverse();
                pieces
            }
            _ => return Err(fault(span, "`split` takes a text that is not empty")),
        };
        self.fuel.bytes(pieces.len().saturating_mul(16), span)?;
        let items = pieces.into_iter().map(|p| derived(Data::str(p), mark)).collect();
        Ok(Node::new(Data::List(Arc::new(items)), mark.clone()))
    }

    pub(in crate::kernel::run) fn join(
        &mut self,
        sep: &str,
        parts: &Node,
        sep_mark: &Mark,
        span: Span,
    ) -> Outcome<Node> {
        let items = self.items(parts, span)?;
        let mut mark = sep_mark.join(&parts.mark);
        let mut pieces = Vec::with_capacity(items.len());
        let mut bytes = 0usize;
        for item in &items {
            let Data::Str(piece) = &item.data else {
                let kind = item.data.kind();
                return Err(
                    fault(span, format!("`join` takes texts, not a {kind}")).hint("use `str(...)` on each")
                );
            };
            bytes = bytes.saturating_add(piece.len()).saturating_add(sep.len());
            self.fuel.bytes(bytes, span)?;
            mark = mark.join(&item.mark);
            pieces.push(piece.as_ref());
        }
        Ok(derived(Data::str(pieces.join(sep)), &mark))
    }
}

pub(super) fn as_text(node: &Node) -> Option<&str> {
    match &node.data {
        Data::Str(s) => Some(s),
        _ => None,
    }
}

fn affix(s: &str, which: &Node, start: bool, span: Span) -> Outcome<bool> {
    let test = |part: &str| if start { s.starts_with(part) } else { s.ends_with(part) };
    match &which.data {
        Data::Str(part) => Ok(test(part)),
        Data::Tuple(parts) => Ok(parts.iter().filter_map(as_text).any(test)),
        other => {
            Err(fault(span, format!("a text or a tuple of texts is needed here, not a {}", other.kind())))
        }
    }
}

fn justified(s: &str, name: &str, args: &[Node], span: Span) -> Outcome<Option<String>> {
    let Some(width) = args.first() else { return Ok(None) };
    let width = usize::try_from(whole(width, span)?).unwrap_or(0);
    if width > MAX_WIDTH {
        return Err(fault(span, format!("a width of more than {MAX_WIDTH}")));
    }
    let fill = match args.get(1).map(as_text) {
        None => " ",
        Some(Some(fill)) if fill.chars().count() == 1 => fill,
        Some(_) => return Err(fault(span, "the fill is one character")),
    };
    let missing = width.saturating_sub(s.chars().count());
    Ok(Some(match name {
        "ljust" => format!("{s}{}", fill.repeat(missing)),
        "rjust" => format!("{}{s}", fill.repeat(missing)),
        "center" => {
            // Python gives the odd one to the left when the width is odd too.
            let before = missing / 2 + (missing & width & 1);
            format!("{}{s}{}", fill.repeat(before), fill.repeat(missing - before))
        }
        _ => {
            let (sign, digits) = s.split_at(usize::from(s.starts_with(['-', '+'])));
            format!("{sign}{}{digits}", "0".repeat(missing))
        }
    }))
}

fn titled(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut inside = false;
    for c in s.chars() {
        if inside {
            out.extend(c.to_lowercase())
        } else {
            out.extend(c.to_uppercase())
        }
        inside = c.is_alphabetic();
    }
    out
}

/// What Python calls white space.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The lines, at every end of line that Python knows.
fn lines(s: &str) -> Vec<&str> {
    let ends = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut out = Vec::new();
    let mut rest = s;
    while let Some((line, tail)) = rest.find(ends).and_then(|at| rest.split_at_checked(at)) {
        out.push(line);
        let mut chars = tail.chars();
        let first = chars.next();
        rest = chars.as_str();
        if first == Some('\r') {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
    }
    if !rest.is_empty() {
        out.push(rest);
    }
    out
}

/// The words; after `most` cuts the rest as it is.
fn words(s: &str, most: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = s.trim_start_matches(is_space);
    while !rest.is_empty() {
        match rest.find(is_space).filter(|_| out.len() < most).and_then(|at| rest.split_at_checked(at)) {
            Some((word, tail)) => {
                out.push(word);
                rest = tail.trim_start_matches(is_space);
            }
            None => {
                out.push(rest);
                break;
            }
        }
    }
    out
}

/// The same, cut from the end.
fn words_from_end(s: &str, most: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = s.trim_end_matches(is_space);
    while !rest.is_empty() {
        let word = rest.rsplit(is_space).next().unwrap_or(rest);
        let before = rest.strip_suffix(word).filter(|before| !before.is_empty() && out.len() < most);
        out.push(if before.is_some() { word } else { rest });
        rest = before.map_or("", |before| before.trim_end_matches(is_space));
    }
    out.reverse();
    out
}

/// Widest text that `ljust`, `center` and `zfill` make.
const MAX_WIDTH: usize = 10_000;
