//! The catalogue as typed Python stubs: what a planner sees of the tools.

#[cfg(test)]
mod tests;

use crate::config::name::is_name;
use crate::kernel::catalogue::{Catalogue, Param, RecordType, Tool, Type};
use crate::kernel::label::Integrity;
use std::fmt::Write as _;
use std::sync::Arc;

/// The stubs of all tools, in the catalogue's order: first the records that they take and return, then the functions.
pub fn render(catalogue: &Catalogue) -> String {
    let mut records = Records::default();
    for tool in catalogue.iter() {
        tool.params.iter().for_each(|param| records.collect(&param.ty));
        records.collect(&tool.returns);
    }
    let mut parts: Vec<String> =
        records.0.iter().map(|(name, record)| class(name, record, &records)).collect();
    parts.extend(catalogue.iter().map(|tool| function(tool, &records)));
    parts.join("\n\n")
}

/// Every record with the name that stubs call it by: two that only share a name get different ones.
#[derive(Default)]
struct Records(Vec<(String, Arc<RecordType>)>);

impl Records {
    fn collect(&mut self, ty: &Type) {
        match ty {
            Type::List(inner) | Type::Map(inner) => self.collect(inner),
            Type::Union(options) => options.iter().for_each(|option| self.collect(option)),
            Type::Record(record) => {
                // What a class mentions stands above it.
                record.fields.values().for_each(|field| self.collect(field));
                if self.0.iter().any(|(_, known)| known == record) {
                    return;
                }
                let taken = |name: &str| self.0.iter().any(|(known, _)| known == name);
                let numbered = (2..).map(|n| format!("{}{n}", record.name));
                let name = std::iter::once(record.name.to_string()).chain(numbered).find(|name| !taken(name));
                self.0.extend(name.map(|name| (name, record.clone())));
            }
            _ => {}
        }
    }

    fn name(&self, record: &Arc<RecordType>) -> &str {
        self.0.iter().find(|(_, known)| known == record).map_or("Any", |(name, _)| name)
    }

    fn show(&self, ty: &Type) -> String {
        match ty {
            Type::Any => "Any".to_owned(),
            Type::None => "None".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Int => "int".to_owned(),
            Type::Float => "float".to_owned(),
            Type::Decimal => "Decimal".to_owned(),
            Type::Str => "str".to_owned(),
            Type::Enum(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{}\"", clean(word))).collect();
                format!("Literal[{}]", quoted.join(", "))
            }
            Type::Date => "date".to_owned(),
            Type::DateTime => "datetime".to_owned(),
            Type::Delta => "timedelta".to_owned(),
            Type::List(item) => format!("list[{}]", self.show(item)),
            Type::Map(value) => format!("dict[str, {}]", self.show(value)),
            Type::Record(record) => self.name(record).to_owned(),
            Type::Union(options) => {
                options.iter().map(|option| self.show(option)).collect::<Vec<_>>().join(" | ")
            }
        }
    }
}

fn class(name: &str, record: &RecordType, records: &Records) -> String {
    let mut out = format!("class {name}:\n");
    if record.fields.is_empty() {
        out.push_str("    pass\n");
    }
    for (field, ty) in &record.fields {
        let shown = records.show(ty);
        // A name that Python cannot say is read by index.
        if is_name(field) {
            put(&mut out, &format!("    {field}: {shown}"));
        } else {
            put(&mut out, &format!("    # [\"{}\"]: {shown}", clean(field)));
        }
    }
    out
}

fn function(tool: &Tool, records: &Records) -> String {
    let param = |param: &Param| {
        let default = if param.required { "" } else { " = ..." };
        format!("{}: {}{default}", param.name, records.show(&param.ty))
    };
    let params: Vec<String> = tool.params.iter().map(param).collect();
    let head = format!("def {}({}) -> {}:", tool.name, params.join(", "), records.show(&tool.returns));
    let mut out = String::new();
    put(&mut out, &head);
    let doc = clean(&tool.doc);
    let mut lines: Vec<String> = doc.lines().map(|line| line.trim().to_owned()).collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let documented = tool.params.iter().filter(|param| !param.doc.is_empty());
    lines.extend(documented.map(|param| format!("{}: {}", param.name, clean(&param.doc).replace('\n', " "))));
    lines.push(worth(tool));
    out.push_str("    \"\"\"");
    for (n, line) in lines.iter().enumerate() {
        let indent = if n == 0 || line.is_empty() { "" } else { "    " };
        put(&mut out, &format!("{indent}{line}"));
    }
    out.push_str("    \"\"\"\n");
    out
}

/// Effect, critical arguments and the worth of the output, on one line.
fn worth(tool: &Tool) -> String {
    let mut line = format!("Effect: {}", tool.effect);
    for (argument, effect) in &tool.effect_with {
        let _ = write!(line, ", {effect} when `{argument}` is given");
    }
    let critical: Vec<&str> = tool.params.iter().filter(|p| p.critical).map(|p| p.name.as_ref()).collect();
    if !critical.is_empty() {
        let _ = write!(line, ". Critical: {}", critical.join(", "));
    }
    let word = |integrity| match integrity {
        Integrity::Trusted => "trusted",
        Integrity::Untrusted => "untrusted",
    };
    let _ = write!(line, ". Output: {}", word(tool.output.integrity));
    for field in tool.fields.iter().filter(|field| field.grant.integrity != tool.output.integrity) {
        let _ = write!(line, ", {} at {}", word(field.grant.integrity), field.path);
    }
    line.push('.');
    line
}

fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// A server wrote this text: it must not end the literal it stands in, nor hide anything from whoever reads it.
fn clean(text: &str) -> String {
    let visible = |c: &char| !matches!(c, '\u{e0000}'..='\u{e0fff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let printed = text.chars().filter(visible).map(|c| match c {
        '\n' => '\n',
        '"' => '\'',
        '\\' => '/',
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
        c => c,
    });
    printed.collect()
}
