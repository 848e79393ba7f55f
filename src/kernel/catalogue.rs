//! The tool catalogue: what each tool is called, takes, returns, may do, and what its output is worth.
//!
//! The catalogue is data, made by the host from its own tables and from grants that a person wrote. It is the
//! *only* authority on a tool's output label: a tool cannot vouch for itself.

use super::label::{Capacity, Integrity};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;

/// A static type of the plan language, as JSON schemas describe it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Anything; used where a schema says nothing.
    Any,
    /// Only `None`.
    None,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number; whole numbers are accepted where one is asked for.
    Float,
    /// An exact decimal number, made by `Decimal("...")`.
    Decimal,
    /// Text.
    Str,
    /// One of these texts.
    Enum(Vec<Arc<str>>),
    /// A calendar date.
    Date,
    /// A date and time without zone.
    DateTime,
    /// A span of time.
    Delta,
    /// A list of one element type. Tuples and sets are lists to the checker.
    List(Box<Type>),
    /// A mapping from any key to one value type.
    Map(Box<Type>),
    /// An object with known fields.
    Record(Arc<RecordType>),
    /// One of several.
    Union(Vec<Type>),
}

/// An object's fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordType {
    /// What stubs call it, such as `Transaction`.
    pub name: Arc<str>,
    /// The fields by name; a field that may be missing has a type that includes [`Type::None`].
    pub fields: IndexMap<Arc<str>, Type>,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::None => f.write_str("None"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::Decimal => f.write_str("Decimal"),
            Self::Str => f.write_str("str"),
            Self::Enum(options) => {
                let quoted: Vec<String> = options.iter().map(|o| format!("{o:?}")).collect();
                write!(f, "one of {}", quoted.join(", "))
            }
            Self::Date => f.write_str("date"),
            Self::DateTime => f.write_str("datetime"),
            Self::Delta => f.write_str("timedelta"),
            Self::List(item) => write!(f, "list[{item}]"),
            Self::Map(value) => write!(f, "dict[str, {value}]"),
            Self::Record(record) => f.write_str(&record.name),
            Self::Union(types) => {
                let names: Vec<String> = types.iter().map(Type::to_string).collect();
                f.write_str(&names.join(" | "))
            }
        }
    }
}

/// What calling a tool can do to the world, from harmless to dangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Looks, and changes nothing.
    Read,
    /// Changes something of the user's own.
    Write,
    /// Sends something to somebody else.
    Egress,
    /// Runs a program.
    Execute,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Egress => "egress",
            Self::Execute => "execute",
        })
    }
}

/// What an argument names, so that the host can compute typed facts about it for policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Plain data.
    Data,
    /// A path below the workspace.
    Path,
    /// Somebody who will read what the call sends: a mail address, an account.
    Recipient,
    /// A shell command, which the call runs.
    Command,
}

/// One parameter of a tool. Plans pass arguments by keyword only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// The keyword.
    pub name: Arc<str>,
    /// What it takes.
    pub ty: Type,
    /// Whether the call fails without it.
    pub required: bool,
    /// One line for the stub.
    pub doc: Arc<str>,
    /// Whether a wrong value here does the damage (recipient, amount, path to write): policies ask when it is
    /// not trusted.
    pub critical: bool,
    /// What it names.
    pub role: Role,
}

/// What a tool's output, or one field of it, is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Trusted only where nobody but the user or the system can have written it.
    pub integrity: Integrity,
    /// How much a stranger can say with it; ignored when trusted.
    pub capacity: Capacity,
    /// Whether anybody may read it, or only the run's own user.
    pub public: bool,
}

/// The grant of a field by its path: names joined with `.`, with `[]` for every element of a list, as in
/// `[].subject`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldGrant {
    /// The path.
    pub path: Arc<str>,
    /// What is granted there and below.
    pub grant: Grant,
}

/// Where a tool's output comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The tool itself, by its name.
    Tool,
    /// The file that the argument of this name points to. A content whose digest the store knows keeps the label
    /// it was written with; any other content has the grant's label.
    File {
        /// The argument that names the file.
        path_arg: Arc<str>,
    },
}

/// One tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// The name plans call it by.
    pub name: Arc<str>,
    /// One or more lines for the stub.
    pub doc: Arc<str>,
    /// In the order of the stub.
    pub params: Vec<Param>,
    /// What it returns.
    pub returns: Type,
    /// What it can do at least.
    pub effect: Effect,
    /// What it does instead when the named argument is given and neither null nor empty.
    pub effect_with: Vec<(Arc<str>, Effect)>,
    /// The worth of its whole output.
    pub output: Grant,
    /// The worth of fields that differ from the whole.
    pub fields: Vec<FieldGrant>,
    /// Where the output comes from.
    pub origin: Origin,
    /// Whether calling it twice with the same arguments leaves the world as calling it once does.
    pub idempotent: bool,
}

impl Tool {
    /// The effect of a call with these arguments.
    pub fn effect_of(&self, args: &serde_json::Map<String, Json>) -> Effect {
        self.effect_given(|name| args.get(name).is_some_and(|v| !is_blank(v)))
    }

    /// The effect of a call, where `present` says of a named argument whether it is (or may be) given.
    pub fn effect_given(&self, present: impl Fn(&str) -> bool) -> Effect {
        let extra = self.effect_with.iter().filter(|(name, _)| present(name)).map(|(_, effect)| *effect);
        extra.fold(self.effect, Effect::max)
    }

    /// The parameter called `name`.
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|p| p.name.as_ref() == name)
    }

    /// The grant at a field path of the output: the longest listed path that is a prefix of it, else the whole's.
    pub fn grant_at(&self, path: &str) -> &Grant {
        let covers = |prefix: &str| {
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let best = self.fields.iter().filter(|f| covers(&f.path)).max_by_key(|f| f.path.len());
        best.map_or(&self.output, |f| &f.grant)
    }
}

impl Type {
    /// What stands at a field path (`[].subject`); `None` where the type does not tell.
    pub fn at(&self, path: &str) -> Option<&Type> {
        let rest = path.strip_prefix('.').unwrap_or(path);
        match self {
            ty if path.is_empty() => Some(ty),
            Self::List(item) => item.at(rest.strip_prefix("[]")?),
            Self::Record(record) => {
                let (name, rest) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
                record.fields.get(name)?.at(rest)
            }
            Self::Union(types) => types.iter().find_map(|ty| ty.at(path)),
            _ => None,
        }
    }
}

fn is_blank(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(s) => s.is_empty(),
        Json::Array(a) => a.is_empty(),
        Json::Object(o) => o.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// All tools that plans may call, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    tools: IndexMap<Arc<str>, Arc<Tool>>,
}

impl Catalogue {
    /// A catalogue of these tools; of two with the same name the later one counts.
    pub fn new(tools: impl IntoIterator<Item = Tool>) -> Self {
        Self { tools: tools.into_iter().map(|t| (t.name.clone(), Arc::new(t))).collect() }
    }

    /// The tool called `name`.
    pub fn get(&self, name: &str) -> Option<&Arc<Tool>> {
        self.tools.get(name)
    }

    /// The tools in the order in which stubs are printed.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Tool>> {
        self.tools.values()
    }

    /// A digest over everything that a plan or a policy can depend on.
    pub fn digest(&self) -> super::id::Digest {
        let rows: Vec<&Tool> = self.tools.values().map(Arc::as_ref).collect();
        // Serialising plain data with string keys cannot fail; an empty digest input would only fail closed.
        super::id::Digest::of(&serde_json::to_vec(&rows).unwrap_or_default())
    }
}
