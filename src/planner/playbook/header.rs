//! The header of a playbook: TOML that says what it is called and what it takes.

use super::{ParamValue, PlaybookFailure};
use crate::config::document::{Document, Placed, PlacedKey, in_order};
use crate::config::name::is_free_name;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use toml::de::DeValue;

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

/// Where the TOML stands: its text, the file's name, and how many lines of the file stand before it.
struct Place<'t> {
    toml: Cow<'t, str>,
    file: String,
    lines_before: usize,
}

pub(super) fn read(name: &str, text: &str, sidecar: Option<&str>) -> Result<Header, PlaybookFailure> {
    let inline = inline_header(name, text)?;
    let place = match (inline, sidecar) {
        (Some(_), Some(_)) => {
            let fault =
                format!("{name}.py: it has a header, and there is a file {name}.toml; keep one of them");
            return Err(PlaybookFailure::BadHeader { faults: vec![fault] });
        }
        (Some(place), None) => place,
        (None, Some(toml)) => Place { toml: toml.into(), file: format!("{name}.toml"), lines_before: 0 },
        (None, None) => return Ok(Header { title: name.to_owned(), ..Header::default() }),
    };
    let mut document = Document::new(place.file, &place.toml, place.lines_before);
    let mut header = header(&mut document);
    if header.title.is_empty() {
        header.title = name.to_owned();
    }
    let faults = document.into_faults();
    if faults.is_empty() { Ok(header) } else { Err(PlaybookFailure::BadHeader { faults }) }
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

fn header(document: &mut Document<'_>) -> Header {
    let mut header = Header::default();
    let Some(table) = document.table() else { return header };
    for (key, value) in in_order(&table) {
        match key.get_ref().as_ref() {
            "title" => header.title = document.text(key, value).unwrap_or_default(),
            "description" => header.description = document.text(key, value).unwrap_or_default(),
            "param" => match value.get_ref().as_array() {
                Some(params) => {
                    for body in params.iter() {
                        let read = param(document, key, body);
                        header.params.extend(read);
                    }
                }
                None => document.fault(value.span().start, "parameters are written as tables [[param]]"),
            },
            other => document.unknown(key.span().start, "key", other, &["title", "description", "param"]),
        }
    }
    for (at, param) in header.params.iter().enumerate() {
        if header.params.iter().skip(at + 1).any(|other| other.name == param.name) {
            document.fault(0, format!("the parameter `{}` stands there twice", param.name));
        }
    }
    header
}

fn param<'t>(document: &mut Document<'t>, list: &PlacedKey<'t>, body: &Placed<'t>) -> Option<Param> {
    let faults = document.faults();
    let (mut name, mut ty, mut doc, mut default) = (None, None, String::new(), None);
    for (key, value) in document.entries(list, body) {
        match key.get_ref().as_ref() {
            "name" => name = document.text(key, value).map(|name| (name, value.span().start)),
            "type" => ty = document.word(key, value, &TYPES),
            "doc" => doc = document.text(key, value).unwrap_or_default(),
            "default" => default = Some(value),
            other => document.unknown(key.span().start, "key", other, &["name", "type", "default", "doc"]),
        }
    }
    // What is already told as wrong is not missing as well.
    let told = document.faults() > faults;
    let (Some((name, at)), Some(ty)) = (name, ty) else {
        if !told {
            document.fault(
                body.span().start,
                "a parameter needs a name and a type: name = \"x\", type = \"str\"",
            );
        }
        return None;
    };
    if !is_free_name(&name) {
        document.fault(at, format!("`{name}` cannot be the name of a parameter in a plan"));
        return None;
    }
    let read = default.map(|value| (value, default_of(ty, value.get_ref())));
    if let Some((value, None)) = &read {
        document.fault(value.span().start, format!("the default of `{name}` is not of its type, {ty}"));
    }
    Some(Param { name: Arc::from(name), ty, default: read.and_then(|(_, value)| value), doc })
}

fn default_of(ty: ParamType, value: &DeValue<'_>) -> Option<ParamValue> {
    match (ty, value) {
        (ParamType::Str, DeValue::String(text)) => Some(ParamValue::Str(text.to_string())),
        (ParamType::Int, DeValue::Integer(n)) => {
            i64::from_str_radix(n.as_str(), n.radix()).ok().filter(|n| *n > i64::MIN).map(ParamValue::Int)
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
