//! The header of a playbook: TOML that says what it is called and what it takes.

use super::{ParamValue, PlaybookFailure};
use std::fmt;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamType {
    /// `str`
    Str,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `bool`
    Bool,
    /// `date`
    Date,
    /// `list[str]`
    StrList,
}

const TYPES: [(&str, ParamType); 6] = [
    ("str", ParamType::Str),
    ("int", ParamType::Int),
    ("float", ParamType::Float),
    ("bool", ParamType::Bool),
    ("date", ParamType::Date),
    ("list[str]", ParamType::StrList),
];

impl fmt::Display for ParamType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TYPES.iter().find(|(_, ty)| ty == self).map_or("str", |(name, _)| name))
    }
}

/// A parameter of a playbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The name that the plan uses.
    pub name: Arc<str>,
    /// What it takes.
    pub ty: ParamType,
    /// What it is when nothing is given; required where there is none.
    pub default: Option<ParamValue>,
    /// One line for people.
    pub doc: String,
}

#[derive(Debug, Default)]
pub(super) struct Header {
    pub title: String,
    pub description: String,
    pub params: Vec<Param>,
}

/// Where the TOML stands: its text, the file's name, and the line before its first one.
struct Place<'t> {
    toml: std::borrow::Cow<'t, str>,
    file: String,
    lines_before: usize,
}

/// The name most like `name`, where one is like it at all.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let scored = known.map(|k| (strsim::jaro_winkler(&k.to_lowercase(), &name.to_lowercase()), k));
    scored.filter(|(score, _)| *score >= 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, k)| k)
}

pub(super) fn read(name: &str, text: &str, sidecar: Option<&str>) -> Result<Header, PlaybookFailure> {
    let inline = inline_header(name, text)?;
    let place = match (inline, sidecar) {
        (Some(_), Some(_)) => {
            let fault = format!("{name}.py: there is a header and a file {name}.toml; keep one of them");
            return Err(PlaybookFailure::BadHeader { faults: vec![fault] });
        }
        (Some(place), None) => place,
        (None, Some(toml)) => {
            Place { toml: toml.into(), file: format!("{name}.toml"), lines_before: 0 }
        }
        (None, None) => return Ok(Header { title: name.to_owned(), ..Header::default() }),
    };
    let mut reading = Reading { place: &place, faults: Vec::new() };
    let mut header = reading.header();
    if header.title.is_empty() {
        header.title = name.to_owned();
    }
    if reading.faults.is_empty() { Ok(header) } else { Err(PlaybookFailure::BadHeader { faults: reading.faults }) }
}

fn inline_header<'t>(name: &str, text: &'t str) -> Result<Option<Place<'t>>, PlaybookFailure> {
    let lines = text.lines().enumerate().take_while(|(_, line)| line.is_empty() || line.starts_with('#'));
    let mut toml = String::new();
    let mut lines_before = None;
    for (at, line) in lines {
        let fence = line.trim_end() == "# ---";
        match lines_before {
            None if fence => lines_before = Some(at + 1),
            Some(lines_before) if fence => {
                return Ok(Some(Place { toml: toml.into(), file: format!("{name}.py"), lines_before }));
            }
            Some(_) => {
                let content = line.strip_prefix('#').unwrap_or(line);
                toml.push_str(content.strip_prefix(' ').unwrap_or(content));
                toml.push('\n');
            }
            None => {}
        }
    }
    match lines_before {
        None => Ok(None),
        Some(line) => {
            let fault = format!("{name}.py:{line}: the header is not closed; end it with a line `# ---`");
            Err(PlaybookFailure::BadHeader { faults: vec![fault] })
        }
    }
}

struct Reading<'p> {
    place: &'p Place<'p>,
    faults: Vec<String>,
}

impl Reading<'_> {
    fn fault(&mut self, at: usize, what: impl fmt::Display) {
        let before = self.place.toml.get(..at).unwrap_or_default();
        let line = self.place.lines_before + before.matches('\n').count() + 1;
        self.faults.push(format!("{}:{line}: {what}", self.place.file));
    }

    fn header(&mut self) -> Header {
        let mut header = Header::default();
        let toml = self.place.toml.as_ref();
        let table = match DeTable::parse(toml) {
            Ok(table) => table,
            Err(fault) => {
                self.fault(fault.span().map_or(0, |s| s.start), fault.message());
                return header;
            }
        };
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "title" => header.title = self.text(key.get_ref(), value),
                "description" => header.description = self.text(key.get_ref(), value),
                "params" => header.params = self.params(value),
                other => {
                    let at = key.span().start;
                    self.fault(at, unknown_key(other, &["title", "description", "params"]));
                }
            }
        }
        header
    }

    fn text(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> String {
        if let Some(text) = value.get_ref().as_str() {
            return text.to_owned();
        }
        self.fault(value.span().start, format!("`{key}` must be a text in quotes"));
        String::new()
    }

    fn params(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Param> {
        let Some(table) = value.get_ref().as_table() else {
            self.fault(value.span().start, "`params` must be a table: [params.NAME]");
            return Vec::new();
        };
        // The table sorts its keys; people expect the order of the file.
        let mut listed: Vec<_> = table.iter().collect();
        listed.sort_by_key(|(name, _)| name.span().start);
        let mut params = Vec::new();
        for (name, body) in listed {
            if !is_identifier(name.get_ref()) {
                let what = format!("`{}` cannot be a name in a plan", name.get_ref());
                self.fault(name.span().start, what);
                continue;
            }
            match body.get_ref().as_table() {
                Some(fields) => params.extend(self.param(name, fields)),
                None => self.fault(body.span().start, "a parameter must be a table: [params.NAME]"),
            }
        }
        params
    }

    fn param(&mut self, name: &Spanned<toml::de::DeString<'_>>, fields: &DeTable<'_>) -> Option<Param> {
        let mut ty = None;
        let mut doc = String::new();
        let mut default = None;
        for (key, value) in fields {
            match key.get_ref().as_ref() {
                "type" => {
                    let word = self.text("type", value);
                    ty = TYPES.iter().find(|(known, _)| *known == word).map(|(_, ty)| *ty);
                    if ty.is_none() && !word.is_empty() {
                        let known: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
                        let what = format!("`{word}` is not a type; use one of {}", known.join(", "));
                        self.fault(value.span().start, what);
                        return None;
                    }
                }
                "doc" => doc = self.text("doc", value),
                "default" => default = Some(value),
                other => {
                    let at = key.span().start;
                    self.fault(at, unknown_key(other, &["type", "default", "doc"]));
                }
            }
        }
        let Some(ty) = ty else {
            let what = format!("the parameter `{}` has no type; add type = \"str\"", name.get_ref());
            self.fault(name.span().start, what);
            return None;
        };
        let default = match default {
            None => None,
            Some(value) => {
                let read = default_of(ty, value.get_ref());
                if read.is_none() {
                    let what = format!("the default of `{}` is not of its type, {ty}", name.get_ref());
                    self.fault(value.span().start, what);
                }
                read
            }
        };
        Some(Param { name: Arc::from(name.get_ref().as_ref()), ty, default, doc })
    }
}

fn default_of(ty: ParamType, value: &DeValue<'_>) -> Option<ParamValue> {
    match (ty, value) {
        (ParamType::Str, DeValue::String(text)) => Some(ParamValue::Str(text.to_string())),
        (ParamType::Int, DeValue::Integer(n)) => {
            i64::from_str_radix(n.as_str(), n.radix()).ok().map(ParamValue::Int)
        }
        (ParamType::Float, DeValue::Float(x)) => ParamType::Float.read(x.as_str()).ok(),
        (ParamType::Float, DeValue::Integer(n)) => ParamType::Float.read(n.as_str()).ok(),
        (ParamType::Bool, DeValue::Boolean(yes)) => Some(ParamValue::Bool(*yes)),
        (ParamType::Date, DeValue::Datetime(day)) => ParamType::Date.read(&day.to_string()).ok(),
        (ParamType::Date, DeValue::String(day)) => ParamType::Date.read(day).ok(),
        (ParamType::StrList, DeValue::Array(items)) => {
            let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>().map(ParamValue::StrList)
        }
        _ => None,
    }
}

fn unknown_key(key: &str, known: &[&str]) -> String {
    match nearest(key, known.iter().copied()) {
        Some(best) => format!("unknown key `{key}`; did you mean `{best}`?"),
        None => format!("unknown key `{key}`; known are {}", known.join(", ")),
    }
}

/// What a plan can assign to. Python's keywords and the names that the language gives a meaning are not.
fn is_identifier(name: &str) -> bool {
    const TAKEN: [&str; 41] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
        "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
        "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "ask",
        "answer", "confirm", "stop", "or_none", "date",
    ];
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with("__")
        && !TAKEN.contains(&name)
}
