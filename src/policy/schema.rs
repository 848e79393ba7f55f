//! The Cedar schema, made from the tool catalogue: what a rule can see.
//!
//! Groups of actions: `call` holds every tool call; `read`, `write`, `egress` and `execute` hold the calls with that
//! effect; `call:NAME` is the tool itself. A tool whose effect depends on its arguments is a group `call:NAME` of
//! `call:NAME/read`, `call:NAME/write` and so on. Rules name groups with `action in Action::"…"`. A whole plan is
//! `Action::"run_plan"`.
//!
//! What is done about a scanner's finding are the actions `finding:block`, `finding:ask`, `finding:redact`, `finding:mask`,
//! `finding:token`, `finding:hash` (words are taken out, in four forms) and `finding:label`; their resource is the border that the text crosses, such as `Border::"request"`.
//!
//! Rules on a group see `context.flow`, `context.paths`, `context.command`, `context.trust_level`, `context.channel`,
//! `context.effect` and `context.approved`; rules on one tool see `context.args.NAME` too.

use crate::kernel::catalogue::{Catalogue, Effect, Param, Role, Tool, Type};
use crate::kernel::port::{Border, Class, Treatment};
use crate::shell::Finding;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

/// All effects, from harmless to dangerous.
pub(super) const EFFECTS: [Effect; 4] = [Effect::Read, Effect::Write, Effect::Egress, Effect::Execute];

const FLOW: &str = "{ trusted: Bool, pc_trusted: Bool, sources: Set<String>, source_kinds: Set<String>, \
tainted_args: Set<String>, tainted_critical: Set<String>, private: Bool, leaves_readers: Bool, found: Set<String>, \
ask_first: Bool }";

const PATHS: &str = "{ known: Bool, escapes: Bool, absolute: Bool, hidden: Bool, roots: Set<String>, \
names: Set<String>, extensions: Set<String> }";

/// Besides these, one flag for each [`Finding`].
const COMMAND: &str = "given: Bool, known: Bool, programs: Set<String>, assigned: Set<String>, names: Set<String>, \
folders: Set<String>, extensions: Set<String>";

const ARG: &str = "trusted: Bool, kind: String, rank: Long, sources: Set<String>, readers: Set<String>, \
public: Bool, critical: Bool";

const PATH: &str = "{ canonical: String, root: String, name: String, extension: String, absolute: Bool, \
escapes: Bool, hidden: Bool }";

const PLAN: &str = "{ mode: String, trust_level: Long, channel: String, approved: Bool, effect: String, \
will_ask: Long, pinned: Bool, tools: Set<String> }";

const FINDING: &str = "{ class: Class, severity: Long, scanner: String, rule: String, executed: Bool, trusted: Bool, \
trust_level: Long, channel: String }";

/// The form in which rules see an argument's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Long,
    Decimal,
    Text,
    Texts,
    /// Rules see only the label.
    Hidden,
}

/// One parameter as rules see it.
#[derive(Debug, Clone)]
pub(super) struct ParamView {
    pub name: Arc<str>,
    pub form: Form,
    pub required: bool,
    pub critical: bool,
    pub role: Role,
}

/// One tool as rules see it.
#[derive(Debug, Clone)]
pub(super) struct ToolView {
    pub params: Vec<ParamView>,
    /// The action of each effect that a call can have.
    pub actions: Vec<(Effect, String)>,
}

/// The schema's text and the view of every tool.
#[derive(Debug, Clone)]
pub struct Outline {
    /// In Cedar's schema language; for people, and part of the policy version.
    pub text: String,
    /// The same for rules about what scanners find.
    pub screening: String,
    pub(super) tools: HashMap<Arc<str>, ToolView>,
}

impl Outline {
    /// Makes the schema of a catalogue.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut text = String::from("entity User;\nentity Tool;\nentity Plan;\n");
        let _ = writeln!(text, "type Flow = {FLOW};\ntype Paths = {PATHS};");
        let found: String = Finding::ALL.iter().map(|(_, name)| format!(", {name}: Bool")).collect();
        let _ = writeln!(text, "type Command = {{ {COMMAND}{found} }};");
        text.push_str("action \"call\";\n");
        for effect in EFFECTS {
            let _ = writeln!(text, "action \"{effect}\" in [\"call\"];");
            // Never requested. It gives a group without tools something that rules can be checked against, and
            // makes a rule on a group see no more than every tool has.
            let _ = writeln!(text, "action \"any:{effect}\" in [\"{effect}\"] {};", applies("{}"));
        }
        let _ = writeln!(
            text,
            "action \"run_plan\" appliesTo {{ principal: [User], resource: [Plan], context: {PLAN} }};"
        );
        let mut tools = HashMap::new();
        for tool in catalogue.iter() {
            let view = ToolView::of(tool);
            view.declare(tool, &mut text);
            tools.insert(tool.name.clone(), view);
        }
        Self { text, screening: screening(), tools }
    }
}

/// The schema of rules about findings. Apart from the other, so that a rule about every action says nothing about them.
fn screening() -> String {
    let borders = Border::ALL.map(|border| quoted(border.as_str())).join(", ");
    let classes = Class::ALL.map(|class| quoted(class.as_str())).join(", ");
    let mut text = format!("entity User;\nentity Border enum [{borders}];\nentity Class enum [{classes}];\n");
    for treatment in Treatment::BY_RULE {
        let action = quoted(&action_of(treatment));
        let _ = writeln!(
            text,
            "action {action} appliesTo {{ principal: [User], resource: [Border], context: {FINDING} }};"
        );
    }
    text
}

impl ToolView {
    fn of(tool: &Tool) -> Self {
        let params = tool.params.iter().map(ParamView::of).collect();
        let effects: BTreeSet<Effect> = tool
            .effect_with
            .iter()
            .map(|(_, effect)| tool.effect.max(*effect))
            .chain([tool.effect])
            .collect();
        let varies = effects.len() > 1;
        let action = |effect: Effect| match varies {
            true => format!("call:{}/{effect}", tool.name),
            false => format!("call:{}", tool.name),
        };
        Self { params, actions: effects.into_iter().map(|effect| (effect, action(effect))).collect() }
    }

    fn declare(&self, tool: &Tool, text: &mut String) {
        let group = format!("call:{}", tool.name);
        let varies = self.actions.len() > 1;
        if varies {
            let _ = writeln!(text, "action {} in [\"call\"];", quoted(&group));
        }
        let args: Vec<String> = self.params.iter().map(ParamView::declaration).collect();
        let applies = applies(&format!("{{ {} }}", args.join(", ")));
        for (effect, action) in &self.actions {
            let parent = if varies { format!("{}, ", quoted(&group)) } else { String::new() };
            let _ = writeln!(text, "action {} in [{parent}\"{effect}\"] {applies};", quoted(action));
        }
    }
}

impl ParamView {
    fn of(param: &Param) -> Self {
        Self {
            name: param.name.clone(),
            form: form_of(&param.ty),
            required: param.required,
            critical: param.critical,
            role: param.role,
        }
    }

    fn declaration(&self) -> String {
        let value = match self.form {
            Form::Bool => ", value?: Bool",
            Form::Long => ", value?: Long",
            Form::Decimal => ", value?: decimal",
            Form::Text => ", value?: String",
            Form::Texts => ", value?: Set<String>",
            Form::Hidden => "",
        };
        let path = match self.has_path() {
            true => format!(", path?: {PATH}"),
            false => String::new(),
        };
        let optional = if self.required { "" } else { "?" };
        format!("{}{optional}: {{ {ARG}{value}{path} }}", quoted(&self.name))
    }

    /// Whether rules see the facts of this argument's path.
    pub fn has_path(&self) -> bool {
        self.role == Role::Path && self.form == Form::Text
    }
}

fn applies(args: &str) -> String {
    format!(
        "appliesTo {{ principal: [User], resource: [Tool], context: {{ args: {args}, flow: Flow, paths: Paths, \
         command: Command, trust_level: Long, channel: String, effect: String, approved: Bool }} }}"
    )
}

/// How the actions begin that are about findings.
pub(super) const FINDINGS: &str = "finding:";

/// The action under which rules ask for a treatment.
pub(super) fn action_of(treatment: Treatment) -> String {
    format!("{FINDINGS}{}", treatment.as_str())
}

/// A Cedar string literal.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

fn form_of(ty: &Type) -> Form {
    match ty {
        Type::Bool => Form::Bool,
        Type::Int => Form::Long,
        Type::Float | Type::Decimal => Form::Decimal,
        Type::Str | Type::Enum(_) | Type::Date | Type::DateTime => Form::Text,
        Type::List(element) if form_of(element) == Form::Text => Form::Texts,
        Type::Union(members) => form_of_union(members),
        Type::Any | Type::None | Type::Delta | Type::List(_) | Type::Map(_) | Type::Record(_) => Form::Hidden,
    }
}

/// The one form that fits all members but `None`: a whole number fits among numbers, a text among texts.
fn form_of_union(members: &[Type]) -> Form {
    let forms = members.iter().filter(|m| **m != Type::None).map(form_of);
    let common = forms.map(Some).reduce(|a, b| match (a?, b?) {
        (a, b) if a == b => Some(a),
        (Form::Long, Form::Decimal) | (Form::Decimal, Form::Long) => Some(Form::Decimal),
        (Form::Text, Form::Texts) | (Form::Texts, Form::Text) => Some(Form::Texts),
        _ => None,
    });
    common.flatten().unwrap_or(Form::Hidden)
}
