//! Grants: a person's TOML that says what each tool of a schema file may do and what its output is worth.
//!
//! ```text
//! [tools.search_emails]
//! effect = "read"            # read, write, egress or execute
//! output = "untrusted"       # or "trusted", or { integrity = ..., capacity = ..., public = ... }
//! critical = ["query"]       # arguments that policies ask about when they are not trusted
//! reason = "mail written by others"
//! idempotent = true          # twice leaves the world as once does; without it, not
//! public = false             # whether anybody may read the output
//! effect_with = { participants = "egress" }
//! roles = { path = "path", recipient = "recipient" }   # or "command": a shell command, which the call runs
//! [tools.search_emails.fields]
//! "[].id" = "trusted"
//! ```

mod entry;
mod fields;
#[cfg(test)]
mod tests;

use super::{builtin, schema};
use crate::config::document::{Document, in_order};
use crate::config::name::{is_free_name, is_name};
use crate::kernel::catalogue::{Catalogue, Tool, Type};
use entry::Described;
use serde_json::Value as Json;
use std::sync::Arc;

/// The tools that a schema file and its grants make.
#[derive(Debug, Clone, PartialEq)]
pub struct Granted {
    /// Those that plans may call, in the schema file's order.
    pub tools: Vec<Tool>,
    /// Those that the schema file has and nobody granted; plans cannot call them.
    pub ungranted: Vec<Arc<str>>,
}

impl Granted {
    /// A catalogue of these tools alone.
    pub fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.tools.iter().cloned())
    }
}

/// A text with the name that messages call it by.
#[derive(Debug, Clone, Copy)]
pub struct Named<'t> {
    /// The file's name.
    pub name: &'t str,
    /// Its content.
    pub text: &'t str,
}

/// The grants or the schema file are wrong. All faults, one a line, each with file, line and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults.join("\n"))]
pub struct GrantFailure {
    /// One sentence each.
    pub faults: Vec<String>,
}

/// Reads tools from a schema file (a JSON array of `{name, description, inputSchema, outputSchema?}`, as MCP's
/// `tools/list` gives it) and their grants.
///
/// # Errors
/// Every fault of both files.
pub fn load(schemas: Named<'_>, grants: Named<'_>) -> Result<Granted, GrantFailure> {
    let mut faults = Vec::new();
    let described = describe(schemas, &mut faults);
    let mut document = Document::new(grants.name, grants.text, 0);
    let mut tools = Vec::new();
    if let Some(table) = document.table() {
        // Faults of the schema file hide tools; to call them unknown as well would only confuse.
        let complete = faults.is_empty();
        tools = read_tools(&mut document, &table, &described, complete);
    }
    faults.extend(document.into_faults());
    if !faults.is_empty() {
        return Err(GrantFailure { faults });
    }
    let order = |name: &Arc<str>| described.iter().position(|d| d.name == *name);
    tools.sort_by_key(|tool| order(&tool.name));
    let granted = |name: &Arc<str>| tools.iter().any(|tool| tool.name == *name);
    let ungranted = described.iter().map(|d| d.name.clone()).filter(|name| !granted(name)).collect();
    Ok(Granted { tools, ungranted })
}

fn read_tools<'t>(
    document: &mut Document<'t>,
    table: &toml::de::DeTable<'t>,
    described: &[Described],
    complete: bool,
) -> Vec<Tool> {
    let mut tools = Vec::new();
    for (key, value) in in_order(table) {
        if key.get_ref().as_ref() != "tools" {
            document.unknown(key.span().start, "key", key.get_ref(), &["tools"]);
            continue;
        }
        for (name, body) in document.entries(key, value) {
            match described.iter().find(|d| d.name.as_ref() == name.get_ref().as_ref()) {
                Some(tool) => tools.extend(entry::read(document, tool, name, body)),
                None if complete => {
                    let known: Vec<&str> = described.iter().map(|d| d.name.as_ref()).collect();
                    document.unknown(name.span().start, "tool", name.get_ref(), &known);
                }
                None => {}
            }
        }
    }
    tools
}

fn describe(schemas: Named<'_>, faults: &mut Vec<String>) -> Vec<Described> {
    let rows: Vec<Json> = match serde_json::from_str(schemas.text) {
        Ok(rows) => rows,
        Err(fault) => {
            faults.push(format!(
                "{}:{}: {fault}; it must be a JSON array of tools",
                schemas.name,
                fault.line()
            ));
            return Vec::new();
        }
    };
    let mut described: Vec<Described> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match describe_one(row) {
            Ok(tool) if described.iter().any(|d| d.name == tool.name) => {
                faults.push(format!("{}: the tool `{}` is described twice", schemas.name, tool.name));
            }
            Ok(tool) => described.push(tool),
            Err(why) => faults.push(format!("{}: tool {}: {why}", schemas.name, at + 1)),
        }
    }
    described
}

fn describe_one(row: &Json) -> Result<Described, String> {
    let name = row.get("name").and_then(Json::as_str).ok_or("it has no `name`")?;
    if !is_free_name(name) {
        return Err(format!(
            "`{name}` cannot be called in a plan; a name is letters, digits and `_`, and no word of the language"
        ));
    }
    if builtin::tools().iter().any(|tool| tool.name.as_ref() == name) {
        // Its grants would label what the built-in runner returns.
        return Err(format!("`{name}` is the name of a built-in tool; offer it under another one"));
    }
    let input =
        row.get("inputSchema").or_else(|| row.get("input_schema")).ok_or("it has no `inputSchema`")?;
    let output = row.get("outputSchema").or_else(|| row.get("output_schema"));
    let mut properties = schema::properties(input);
    if let Some(bad) = properties.iter().find(|p| !is_name(&p.name)) {
        return Err(format!("`{name}`: the argument `{}` cannot be written as a keyword", bad.name));
    }
    // Python wants arguments without a default first.
    properties.sort_by_key(|property| !property.required);
    Ok(Described {
        name: Arc::from(name),
        doc: Arc::from(row.get("description").and_then(Json::as_str).unwrap_or_default().trim()),
        properties,
        returns: output
            .filter(|o| !o.is_null())
            .map_or(Type::Any, |o| schema::output(o, &schema::camel(name))),
    })
}
