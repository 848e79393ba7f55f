//! The catalogue entries of the tools that come with Sentinel.

#[cfg(test)]
mod tests;

use crate::kernel::catalogue::{Effect, FieldGrant, Grant, Origin, Param, RecordType, Role, Tool, Type};
use crate::kernel::label::{Capacity, Integrity};
use std::sync::Arc;

/// Reads a text file.
pub const FILE_READ: &str = "file_read";
/// Writes a text file.
pub const FILE_WRITE: &str = "file_write";
/// Lists a folder.
pub const LIST_DIR: &str = "list_dir";
/// Makes a folder.
pub const MKDIR: &str = "mkdir";
/// Tells the date.
pub const TODAY: &str = "today";

/// All of them, in the order of the stubs.
pub fn tools() -> Vec<Tool> {
    vec![list_dir(), file_read(), file_write(), mkdir(), today()]
}

fn list_dir() -> Tool {
    let entry = record(
        "DirEntry",
        vec![
            ("name", Type::Str),
            ("path", Type::Str),
            ("kind", Type::Enum(vec![Arc::from("file"), Arc::from("dir"), Arc::from("other")])),
            ("size", Type::Int),
        ],
    );
    Tool {
        name: Arc::from(LIST_DIR),
        doc: Arc::from(
            "The entries of a folder of the workspace, sorted by name; names that begin with a dot are left out.\n\
             `path` is what file_read takes; `other` is a link or a device, which no tool opens.",
        ),
        params: vec![param(
            "path",
            "The folder, from the workspace down; the workspace itself by default.",
            false,
        )],
        returns: Type::List(Box::new(entry)),
        effect: Effect::Read,
        effect_with: Vec::new(),
        // Whoever puts a file into the folder chooses its name.
        output: untrusted(Capacity::Text),
        fields: vec![
            FieldGrant { path: Arc::from("[].kind"), grant: untrusted(Capacity::Choice) },
            FieldGrant { path: Arc::from("[].size"), grant: untrusted(Capacity::Number) },
        ],
        origin: Origin::Tool,
        idempotent: true,
    }
}

fn file_read() -> Tool {
    Tool {
        name: Arc::from(FILE_READ),
        doc: Arc::from("The text of a file of the workspace (UTF-8)."),
        params: vec![param("path", "The file, from the workspace down.", true)],
        returns: Type::Str,
        effect: Effect::Read,
        effect_with: Vec::new(),
        output: untrusted(Capacity::Text),
        fields: Vec::new(),
        origin: Origin::File { path_arg: Arc::from("path") },
        idempotent: true,
    }
}

fn file_write() -> Tool {
    let content = Param {
        name: Arc::from("content"),
        ty: Type::Str,
        required: true,
        doc: Arc::from("The whole new text."),
        critical: false,
        role: Role::Data,
    };
    Tool {
        name: Arc::from(FILE_WRITE),
        doc: Arc::from("Writes a file of the workspace, replacing what was there. Its folder must exist."),
        params: vec![critical(param("path", "The file, from the workspace down.", true)), content],
        returns: record("FileWritten", vec![("path", Type::Str), ("bytes", Type::Int)]),
        effect: Effect::Write,
        effect_with: Vec::new(),
        // An echo of the arguments, whose labels join anyway.
        output: own(),
        fields: Vec::new(),
        origin: Origin::Tool,
        idempotent: true,
    }
}

fn mkdir() -> Tool {
    Tool {
        name: Arc::from(MKDIR),
        doc: Arc::from(
            "Makes a folder of the workspace and its missing parents; fine when it is already there.",
        ),
        params: vec![critical(param("path", "The folder, from the workspace down.", true))],
        returns: record("DirMade", vec![("path", Type::Str)]),
        effect: Effect::Write,
        effect_with: Vec::new(),
        output: own(),
        fields: Vec::new(),
        origin: Origin::Tool,
        idempotent: true,
    }
}

fn today() -> Tool {
    Tool {
        name: Arc::from(TODAY),
        doc: Arc::from("Today's date where the user is, as `YYYY-MM-DD`."),
        params: Vec::new(),
        returns: Type::Str,
        effect: Effect::Read,
        effect_with: Vec::new(),
        output: Grant { public: true, ..own() },
        fields: Vec::new(),
        origin: Origin::Tool,
        idempotent: true,
    }
}

fn param(name: &str, doc: &str, required: bool) -> Param {
    Param {
        name: Arc::from(name),
        ty: Type::Str,
        required,
        doc: Arc::from(doc),
        critical: false,
        role: Role::Path,
    }
}

fn critical(param: Param) -> Param {
    Param { critical: true, ..param }
}

fn record(name: &str, fields: Vec<(&str, Type)>) -> Type {
    let fields = fields.into_iter().map(|(field, ty)| (Arc::from(field), ty)).collect();
    Type::Record(Arc::new(RecordType { name: Arc::from(name), fields }))
}

/// Readable by the run's own user only: it tells what is in the workspace.
fn untrusted(capacity: Capacity) -> Grant {
    Grant { integrity: Integrity::Untrusted, capacity, public: false }
}

fn own() -> Grant {
    Grant { integrity: Integrity::Trusted, capacity: Capacity::Nothing, public: false }
}
