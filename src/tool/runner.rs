//! Runs the tools that come with Sentinel, by name.

#[cfg(test)]
mod tests;

use super::builtin;
use super::files;
use crate::egress::clock::Clock;
use crate::egress::workspace::Workspace;
use crate::kernel::port::{Invocation, Replacement, ToolFailure, ToolOutput, Tools};
use serde_json::Value as Json;
use std::sync::Arc;

/// What a runner allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunnerLimits {
    /// Largest file that is read or written, in bytes.
    pub max_file_bytes: u64,
}

impl Default for RunnerLimits {
    /// 1 MB, as for any value of a plan.
    fn default() -> Self {
        Self { max_file_bytes: 1_000_000 }
    }
}

/// The runner of the built-in tools.
pub struct Runner {
    workspace: Workspace,
    clock: Arc<dyn Clock>,
    limits: RunnerLimits,
}

impl Runner {
    /// A runner over this workspace.
    pub fn new(workspace: Workspace, clock: Arc<dyn Clock>, limits: RunnerLimits) -> Self {
        Self { workspace, clock, limits }
    }
}

impl Tools for Runner {
    fn invoke(&self, call: &Invocation) -> Result<ToolOutput, ToolFailure> {
        let max = self.limits.max_file_bytes;
        match call.tool.as_ref() {
            builtin::LIST_DIR => files::list(&self.workspace, text_or(&call.args, "path", ".")?),
            builtin::FILE_READ => files::read(&self.workspace, text(&call.args, "path")?, max),
            builtin::FILE_WRITE => {
                files::write(&self.workspace, text(&call.args, "path")?, text(&call.args, "content")?, max)
            }
            builtin::MKDIR => files::make_dir(&self.workspace, text(&call.args, "path")?),
            builtin::TODAY => {
                Ok(ToolOutput { value: Json::String(self.clock.today().to_string()), file: None })
            }
            other => Err(ToolFailure { message: format!("there is no runner for the tool `{other}`") }),
        }
    }

    fn replaces(
        &self,
        tool: &str,
        args: &serde_json::Map<String, Json>,
    ) -> Result<Option<Replacement>, ToolFailure> {
        if tool != builtin::FILE_WRITE {
            return Ok(None);
        }
        let (path, new) = (text(args, "path")?, text(args, "content")?);
        files::standing(&self.workspace, path, new, self.limits.max_file_bytes).map(Some)
    }
}

// The kernel checked the arguments against the catalogue; a misfit here means that the two disagree.
fn text<'a>(args: &'a serde_json::Map<String, Json>, name: &str) -> Result<&'a str, ToolFailure> {
    let misfit = || ToolFailure { message: format!("the argument `{name}` must be a text") };
    args.get(name).and_then(Json::as_str).ok_or_else(misfit)
}

fn text_or<'a>(
    args: &'a serde_json::Map<String, Json>,
    name: &str,
    default: &'a str,
) -> Result<&'a str, ToolFailure> {
    match args.get(name) {
        None | Some(Json::Null) => Ok(default),
        Some(_) => text(args, name),
    }
}
