//! Values as text: `str`, `repr` and format specs as Python writes them.

use super::eval::Outcome;
use super::{fault, moment};
use crate::kernel::plan::ast::Span;
use crate::kernel::value::{Data, Node, split};

/// Widest field that a format spec may ask for.
const MAX_WIDTH: usize = 1_000;

/// Python's `str(value)`.
pub(super) fn plain(data: &Data) -> String {
    match data {
        Data::Str(s) => s.to_string(),
        other => repr(other),
    }
}

/// Python's `repr(value)`, except that dates are shown as `str` shows them.
pub(super) fn repr(data: &Data) -> String {
    match data {
        Data::None => "None".to_owned(),
        Data::Bool(true) => "True".to_owned(),
        Data::Bool(false) => "False".to_owned(),
        Data::Int(i) => i.to_string(),
        Data::Float(f) => float(*f),
        Data::Decimal(d) => d.to_string(),
        Data::Str(s) => quoted(s),
        Data::Date(d) => d.to_string(),
        Data::DateTime(d) => d.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Data::Delta(d) => {
            let (days, seconds, micros) = split(*d);
            let clock = format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            let clock = if micros == 0 { clock } else { format!("{clock}.{micros:06}") };
            match days {
                0 => clock,
                1 | -1 => format!("{days} day, {clock}"),
                _ => format!("{days} days, {clock}"),
            }
        }
        Data::List(items) => format!("[{}]", joined(items)),
        Data::Tuple(items) if items.len() == 1 => format!("({},)", joined(items)),
        Data::Tuple(items) => format!("({})", joined(items)),
        Data::Set(keys) if keys.is_empty() => "set()".to_owned(),
        Data::Set(keys) => {
            let mark = crate::kernel::value::Mark::trusted();
            let shown: Vec<String> = keys.iter().map(|k| repr(&k.node(&mark).data)).collect();
            format!("{{{}}}", shown.join(", "))
        }
        Data::Dict(entries) => {
            let mark = crate::kernel::value::Mark::trusted();
            let shown: Vec<String> = entries
                .iter()
                .map(|(k, v)| format!("{}: {}", repr(&k.node(&mark).data), repr(&v.data)))
                .collect();
            format!("{{{}}}", shown.join(", "))
        }
        Data::Class(_) => "<class>".to_owned(),
    }
}

fn joined(items: &[Node]) -> String {
    let shown: Vec<String> = items.iter().map(|i| repr(&i.data)).collect();
    shown.join(", ")
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if is_hidden(c) => out.push_str(&match u32::from(c) {
                n @ ..=0xff => format!("\\x{n:02x}"),
                n @ ..=0xffff => format!("\\u{n:04x}"),
                n => format!("\\U{n:08x}"),
            }),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// What a reader would not see: controls, spaces other than the plain one, marks of width zero and of direction.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || c.is_whitespace() && c != ' '
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A float as Python shows it: the shortest text that reads back, with `.0` or an exponent.
pub(super) fn float(f: f64) -> String {
    let size = f.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{f:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, number) = match exponent.strip_prefix('-') {
            Some(number) => ('-', number),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{number:0>2}");
    }
    let text = f.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// A format spec, taken apart: `[[fill]align][sign][#][0][width][,][.precision][type]`.
#[derive(Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

fn parse(text: &str, span: Span) -> Outcome<Spec> {
    let bad = || {
        fault(span, "this format is not known").hint("such as `:.2f`, `:02d`, `:>10`, `:,` or `:%Y-%m-%d`")
    };
    let is_align = |c: &char| matches!(c, '<' | '>' | '^' | '=');
    let mut spec = Spec::default();
    let mut rest: &str = text;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(fill), Some(align)) if is_align(&align) => {
            (spec.fill, spec.align) = (Some(fill), Some(align));
            rest = chars.as_str();
        }
        (Some(align), _) if is_align(&align) => {
            spec.align = Some(align);
            rest = text.get(1..).unwrap_or("");
        }
        _ => {}
    }
    if let Some(sign) = rest.chars().next().filter(|c| matches!(c, '+' | '-' | ' ')) {
        spec.sign = Some(sign);
        rest = rest.get(1..).unwrap_or("");
    }
    if let Some(after) = rest.strip_prefix('0') {
        (spec.zero, rest) = (true, after);
    }
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let (width, after) = rest.split_at(digits(rest));
    if !width.is_empty() {
        spec.width = width.parse().ok().filter(|w| *w <= MAX_WIDTH).ok_or_else(|| {
            fault(span, format!("the format makes a value wider than {MAX_WIDTH} characters"))
        })?;
    }
    rest = after;
    if let Some(mark) = rest.chars().next().filter(|c| matches!(c, ',' | '_')) {
        spec.grouping = Some(mark);
        rest = rest.get(1..).unwrap_or("");
    }
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = after.split_at(digits(after));
        spec.precision = Some(precision.parse().ok().filter(|p| *p <= 60).ok_or_else(bad)?);
        rest = after;
    }
    let mut kinds = rest.chars();
    spec.kind = kinds.next();
    let known = spec.kind.is_none_or(|k| "sdfFeEgGn%xXob".contains(k));
    if kinds.next().is_some() || !known { Err(bad()) } else { Ok(spec) }
}

/// Python's `format(value, spec)`.
pub(super) fn format(data: &Data, spec: &str, span: Span) -> Outcome<String> {
    if spec.is_empty() {
        return Ok(plain(data));
    }
    if let Data::Date(_) | Data::DateTime(_) = data {
        return moment::strftime(data, spec, span);
    }
    let spec = parse(spec, span)?;
    let kind = spec.kind;
    // A truth is formatted as the number that it counts as.
    let counted = Data::Int(i64::from(matches!(data, Data::Bool(true))));
    let data = if matches!(data, Data::Bool(_)) { &counted } else { data };
    let wrong = || {
        let kind = data.kind();
        fault(span, format!("this format does not work on a {kind}"))
    };
    let body = match (data, kind) {
        (Data::Str(_), _) if spec.sign.is_some() || spec.grouping.is_some() || spec.align == Some('=') => {
            return Err(wrong());
        }
        (Data::Str(s), None | Some('s')) => {
            let text: String = s.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
            // For a text, `0` is a fill and nothing more.
            let spec = Spec { align: spec.align.or(Some('<')), ..spec };
            return Ok(padded(text, &spec, '<'));
        }
        (_, Some('s')) => return Err(wrong()),
        (Data::Int(i), None | Some('d' | 'n')) if spec.precision.is_none() => i.to_string(),
        (Data::Int(_), None | Some('d' | 'x' | 'X' | 'b' | 'o')) if spec.precision.is_some() => {
            return Err(wrong());
        }
        (Data::Int(i), Some(base @ ('x' | 'X' | 'b' | 'o'))) => {
            let (sign, size) = (if *i < 0 { "-" } else { "" }, i.unsigned_abs());
            match base {
                'x' => format!("{sign}{size:x}"),
                'X' => format!("{sign}{size:X}"),
                'b' => format!("{sign}{size:b}"),
                _ => format!("{sign}{size:o}"),
            }
        }
        (Data::Decimal(d), None | Some('f' | 'F')) => match spec.precision.or(kind.map(|_| 6)) {
            Some(places) => {
                let places = u32::try_from(places).unwrap_or(28).min(28);
                let rounded =
                    d.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::MidpointNearestEven);
                format!("{rounded:.*}", places as usize)
            }
            None => d.to_string(),
        },
        (data, kind) => {
            let f = data.number().or_else(|| data.decimal().and_then(|d| d.to_string().parse().ok()));
            number(f.ok_or_else(wrong)?, kind, spec.precision).ok_or_else(wrong)?
        }
    };
    let mut body = signed(body, &spec);
    // Zeros in front are grouped like other digits, so they come first.
    while spec.zero && spec.align.is_none() && spec.grouping.is_some() {
        if grouped(body.clone(), &spec).chars().count() >= spec.width {
            break;
        }
        body.insert(usize::from(body.starts_with(['-', '+', ' '])), '0');
    }
    Ok(padded(grouped(body, &spec), &spec, '>'))
}

fn number(f: f64, kind: Option<char>, precision: Option<usize>) -> Option<String> {
    Some(match kind {
        Some('f' | 'F') => format!("{f:.*}", precision.unwrap_or(6)),
        Some('%') => format!("{:.*}%", precision.unwrap_or(6), f * 100.0),
        Some('e' | 'E') => {
            let text = format!("{f:.*e}", precision.unwrap_or(6));
            let (digits, exponent) = text.split_once('e')?;
            let exponent: i32 = exponent.parse().ok()?;
            let sign = if exponent < 0 { '-' } else { '+' };
            let text = format!("{digits}e{sign}{:02}", exponent.abs());
            if kind == Some('E') { text.to_uppercase() } else { text }
        }
        None if precision.is_none() => float(f),
        None => {
            let text = general(f, precision.unwrap_or(6).max(1));
            if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
        }
        Some('g' | 'G' | 'n') => general(f, precision.unwrap_or(6).max(1)),
        _ => return None,
    })
}

/// `:g`: so many significant digits, without trailing zeros, with an exponent where that is shorter.
fn general(f: f64, digits: usize) -> String {
    let scientific = format!("{f:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| {
        if s.contains('.') { s.trim_end_matches('0').trim_end_matches('.').to_owned() } else { s.to_owned() }
    };
    if exponent < -4 || exponent >= i32::try_from(digits).unwrap_or(i32::MAX) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim(mantissa), exponent.abs());
    }
    let places = usize::try_from(i32::try_from(digits).unwrap_or(0) - 1 - exponent).unwrap_or(0);
    trim(&format!("{f:.places$}"))
}

fn signed(body: String, spec: &Spec) -> String {
    match spec.sign {
        Some(sign @ ('+' | ' ')) if !body.starts_with('-') => format!("{sign}{body}"),
        _ => body,
    }
}

fn grouped(body: String, spec: &Spec) -> String {
    let Some(mark) = spec.grouping else { return body };
    let start = usize::from(body.starts_with(['-', '+', ' ']));
    let (sign, number) = body.split_at(start);
    let (whole, rest) = number.split_at(number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len()));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(mark);
        }
        out.push(digit);
    }
    out + rest
}

fn padded(body: String, spec: &Spec, default_align: char) -> String {
    let missing = spec.width.saturating_sub(body.chars().count());
    if missing == 0 {
        return body;
    }
    let zeros = spec.zero && spec.align.is_none();
    let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
    let pad = |n: usize| fill.to_string().repeat(n);
    match if zeros { '=' } else { spec.align.unwrap_or(default_align) } {
        '<' => body + &pad(missing),
        '^' => pad(missing / 2) + &body + &pad(missing - missing / 2),
        '=' => {
            let (sign, rest) = body.split_at(usize::from(body.starts_with(['-', '+', ' '])));
            format!("{sign}{}{rest}", pad(missing))
        }
        _ => pad(missing) + &body,
    }
}
