//! What a tool's output is worth, field by field. The catalogue decides; the tool has no say.

use crate::kernel::catalogue::{Grant, Origin, Tool, Type};
use crate::kernel::label::{Capacity, Integrity, Label, Readers, Source};
use crate::kernel::run::progress::PendingCall;
use crate::kernel::value::Mark;
use serde_json::Value as Json;
use std::sync::Arc;

/// The marks of a tool's output by field path.
pub(in crate::kernel) struct OutputMarks<'t> {
    tool: &'t Tool,
    source: Source,
    known: Option<Label>,
    own: Readers,
    input: Mark,
    no: u32,
}

impl<'t> OutputMarks<'t> {
    pub(super) fn new(
        tool: &'t Tool,
        call: &PendingCall,
        path: Option<&str>,
        known: Option<Label>,
        input: &Mark,
    ) -> Self {
        let named = |arg: &str| call.args.get(arg).and_then(Json::as_str).map(str::to_owned);
        let source = match &tool.origin {
            Origin::Tool => Source::Tool(tool.name.clone()),
            Origin::File { path_arg } => {
                let path =
                    path.map(str::to_owned).or_else(|| named(path_arg)).unwrap_or_else(|| "*".to_owned());
                Source::File(Arc::from(path))
            }
        };
        let own = Readers::only(call.context.request.principal.clone());
        Self::with(tool, source, known, own, input, call.no().0)
    }

    pub(in crate::kernel) fn with(
        tool: &'t Tool,
        source: Source,
        known: Option<Label>,
        own: Readers,
        input: &Mark,
        no: u32,
    ) -> Self {
        // Which file is read says something about the path; an echoing tool may give back the argument itself.
        let input = match tool.origin {
            Origin::File { .. } => input.as_influence(),
            Origin::Tool => input.clone(),
        };
        Self { tool, source, known, own, input, no }
    }

    /// The mark of the node at `path`.
    ///
    /// A field that the grant names by itself is worth exactly what the grant says (the id of a file just made is
    /// the system's, whatever the file holds); the rest also carries the call's arguments.
    pub(in crate::kernel) fn at(&self, path: &str) -> Mark {
        if let Some(known) = &self.known {
            return Mark::made_by(known.clone(), self.no).join(&self.input);
        }
        let grant = self.tool.grant_at(path);
        let named = !std::ptr::eq(grant, &self.tool.output);
        // An object whose fields are granted one by one always has the same fields: it says nothing itself.
        if !named && self.has_granted_fields(path) {
            let label = Label::trusted_from(self.source.clone()).narrowed_to(&self.own);
            return Mark::made_by(label, self.no);
        }
        let mark = Mark::made_by(self.label(grant), self.no);
        if named && grant.integrity == Integrity::Trusted { mark } else { mark.join(&self.input) }
    }

    /// The mark of "it failed": a stranger may have made it fail, whatever the output would have been worth.
    pub(in crate::kernel) fn failure(&self) -> Mark {
        let label = Label::untrusted_from(self.source.clone(), Capacity::Bool).narrowed_to(&self.own);
        Mark::made_by(label, self.no).join(&self.input).bounded_by(Capacity::Bool)
    }

    fn has_granted_fields(&self, path: &str) -> bool {
        let record = |ty: &Type| match ty {
            Type::Union(types) => types.iter().any(|ty| matches!(ty, Type::Record(_))),
            ty => matches!(ty, Type::Record(_)),
        };
        self.tool.returns.at(path).is_some_and(record)
            && self.tool.fields.iter().any(|f| {
                let rest = f.path.strip_prefix(path).unwrap_or("");
                match path.is_empty() {
                    true => !rest.starts_with('['),
                    false => rest.starts_with('.'),
                }
            })
    }

    fn label(&self, grant: &Grant) -> Label {
        let label = match grant.integrity {
            Integrity::Trusted => Label::trusted_from(self.source.clone()),
            Integrity::Untrusted => Label::untrusted_from(self.source.clone(), grant.capacity),
        };
        if grant.public { label } else { label.narrowed_to(&self.own) }
    }
}
