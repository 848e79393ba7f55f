//! The paths of a call, for `context.paths`.

use super::{Parts, flag, record, strings, texts};
use crate::kernel::catalogue::Role;
use crate::kernel::port::{ArgFacts, PolicyFailure};
use crate::policy::schema::ParamView;
use crate::policy::slice::Uses;
use crate::shell::{PathFacts, path_facts};
use cedar_policy::RestrictedExpression as Expr;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The facts of all paths of a call together.
#[derive(Default)]
pub(super) struct Paths {
    pub unknown: bool,
    escapes: bool,
    absolute: bool,
    hidden: bool,
    roots: BTreeSet<String>,
    names: BTreeSet<String>,
    extensions: BTreeSet<String>,
}

impl Paths {
    /// Adds an argument's paths; returns the facts when it is one path that rules may see on its own.
    pub fn add(&mut self, param: &ParamView, arg: &ArgFacts) -> Option<PathFacts> {
        if param.role != Role::Path && arg.role != Role::Path {
            return None;
        }
        match &arg.value {
            None => self.unknown = true,
            Some(Json::Null) => {}
            Some(value) => match strings(value) {
                // A path that is no text: nobody can say where it leads.
                None => self.escapes = true,
                Some(paths) => {
                    let mut all: Vec<PathFacts> = paths.into_iter().map(path_facts).collect();
                    all.iter().for_each(|path| self.fold(path));
                    return param.has_path().then(|| all.pop()).flatten();
                }
            },
        }
        None
    }

    pub fn fold(&mut self, path: &PathFacts) {
        self.escapes |= path.escapes;
        self.absolute |= path.absolute;
        self.hidden |= path.hidden;
        if path.escapes {
            return;
        }
        self.roots.insert(path.root.clone());
        self.names.insert(path.name.clone());
        self.extensions.insert(path.extension.clone());
    }

    pub fn record(&self, uses: &Uses) -> Result<Expr, PolicyFailure> {
        let mut parts = Parts::new("paths", uses);
        parts.add("known", || flag(!self.unknown));
        parts.add("escapes", || flag(self.escapes));
        parts.add("absolute", || flag(self.absolute));
        parts.add("hidden", || flag(self.hidden));
        parts.add("roots", || texts(self.roots.iter().map(String::as_str)));
        parts.add("names", || texts(self.names.iter().map(String::as_str)));
        parts.add("extensions", || texts(self.extensions.iter().map(String::as_str)));
        record(parts.fields)
    }
}
