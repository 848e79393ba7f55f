//! Parameter values, and how they are written as literals of the plan language.

use super::ParamType;
use jiff::civil::Date;

/// A value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    /// Text.
    Str(String),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A calendar date.
    Date(Date),
    /// Several texts.
    StrList(Vec<String>),
}

impl ParamValue {
    /// As [`ParamType::read`] takes it.
    pub fn written(&self) -> String {
        match self {
            Self::Str(text) => text.clone(),
            Self::Int(n) => n.to_string(),
            Self::Float(x) => format!("{x:?}"),
            Self::Bool(yes) => yes.to_string(),
            Self::Date(day) => day.to_string(),
            Self::StrList(items) => serde_json::json!(items).to_string(),
        }
    }

    /// The literal, in ASCII and on one line.
    pub fn literal(&self) -> String {
        match self {
            Self::Str(text) => quote(text),
            Self::Int(n) => n.to_string(),
            // `{:?}` always has a point or an exponent, so that it stays a float.
            Self::Float(x) => format!("{x:?}"),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Date(day) => format!("date({}, {}, {})", day.year(), day.month(), day.day()),
            Self::StrList(items) => {
                let quoted: Vec<String> = items.iter().map(|item| quote(item)).collect();
                format!("[{}]", quoted.join(", "))
            }
        }
    }
}

/// A text as a Python string literal.
pub fn quote(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        // INVARIANT: nothing but printable ASCII other than quote and backslash is copied, so that no character can
        // end the literal or the line, whatever the parser takes for one.
        let written = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            ' '..='~' => write!(out, "{c}"),
            c if (c as u32) < 0x100 => write!(out, "\\x{:02x}", c as u32),
            c if (c as u32) < 0x1_0000 => write!(out, "\\u{:04x}", c as u32),
            c => write!(out, "\\U{:08x}", c as u32),
        };
        // Writing to a String cannot fail.
        debug_assert!(written.is_ok());
    }
    out.push('"');
    out
}

impl ParamType {
    /// Reads a value as the command line gives it. The items of a list are separated by commas; a comma inside an
    /// item needs the JSON form, `["a, b", "c"]`.
    ///
    /// # Errors
    /// What is expected, for people.
    pub fn read(self, raw: &str) -> Result<ParamValue, String> {
        let text = raw.trim();
        let expected = |what: &str| format!("`{}` is not {what}", text.chars().take(60).collect::<String>());
        match self {
            Self::Str => Ok(ParamValue::Str(raw.to_owned())),
            // The smallest number would be written as minus one too large, which the plan language does not have.
            Self::Int => match text.parse::<i64>() {
                Ok(n) if n > i64::MIN => Ok(ParamValue::Int(n)),
                _ => Err(expected("a whole number, such as 30")),
            },
            Self::Float => match text.parse::<f64>() {
                Ok(x) if x.is_finite() => Ok(ParamValue::Float(x)),
                _ => Err(expected("a number, such as 12.5")),
            },
            Self::Bool => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" => Ok(ParamValue::Bool(true)),
                "false" | "no" => Ok(ParamValue::Bool(false)),
                _ => Err(expected("true or false")),
            },
            Self::Date if text.len() == 10 => {
                text.parse().map(ParamValue::Date).map_err(|_| expected("a date, such as 2026-11-30"))
            }
            Self::Date => Err(expected("a date, such as 2026-11-30")),
            Self::StrList if text.starts_with('[') => serde_json::from_str(text)
                .map(ParamValue::StrList)
                .map_err(|_| expected("a list of texts, such as [\"a\", \"b\"]")),
            Self::StrList if text.is_empty() => Ok(ParamValue::StrList(Vec::new())),
            Self::StrList => {
                Ok(ParamValue::StrList(text.split(',').map(|item| item.trim().to_owned()).collect()))
            }
        }
    }
}
