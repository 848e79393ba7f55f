//! The form that checker, interpreter and events all walk: statements in which every call stands alone.

use crate::kernel::answer::Form;
use crate::kernel::id::{Digest, Site};
use std::sync::Arc;

/// A half-open range of bytes in the plan's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A variable, by its position in [`Plan::names`]. Slot 0 is the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// The pseudo-variable that collects what `answer` and `stop` say.
pub const REPLY: Slot = Slot(0);

/// A parsed plan.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(in crate::kernel) text: Arc<str>,
    pub(in crate::kernel) digest: Digest,
    pub(in crate::kernel) body: Block,
    pub(in crate::kernel) names: Vec<Arc<str>>,
    pub(in crate::kernel) sites: u32,
}

impl Plan {
    /// The text it was parsed from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The digest of the text.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many call sites it has.
    pub fn sites(&self) -> u32 {
        self.sites
    }

    pub(in crate::kernel) fn name(&self, slot: Slot) -> &str {
        self.names.get(slot.0 as usize).map_or("", AsRef::as_ref)
    }
}

/// Statements in order; shared, so that an interpreter's frame can hold on to them.
pub type Block = Arc<[Stmt]>;

/// One statement.
#[derive(Debug, Clone)]
pub enum Stmt {
    /// `target = value`, without a call in it.
    Let { target: Target, value: Expr },
    /// A call; its result goes into a slot of its own.
    Call(Arc<CallStmt>),
    /// A branch.
    If(Arc<IfStmt>),
    /// A bounded loop.
    For(Arc<ForStmt>),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `place.append(value)`.
    Append { place: Place, value: Expr, span: Span },
    /// `place[key] = value`, or with `op` `place[key] op= value`.
    SetItem { place: Place, key: Expr, op: Option<BinOp>, value: Expr, span: Span },
    /// `class Name: ...`: a record type or an enum, whose field types may name run-time values.
    Class { slot: Slot, class: Arc<ClassDef> },
    /// `answer(value)`: adds a line to the reply.
    Answer { value: Expr },
    /// `stop(value)`: adds a line to the reply and ends the plan.
    Stop { value: Option<Expr> },
}

/// A branch and what the checker and the interpreter need to know of both sides.
#[derive(Debug, Clone)]
pub struct IfStmt {
    pub cond: Expr,
    pub then: Block,
    pub orelse: Block,
    pub effects: BlockEffects,
}

/// A loop.
#[derive(Debug, Clone)]
pub struct ForStmt {
    pub target: Target,
    pub iter: Expr,
    pub body: Block,
    pub effects: BlockEffects,
    pub span: Span,
}

/// What may happen in the blocks under a branch or loop, whichever way they go.
#[derive(Debug, Clone, Default)]
pub struct BlockEffects {
    /// Slots that are assigned, appended to or set somewhere inside.
    pub writes: Vec<Slot>,
    /// Whether a `break` or `continue` inside leaves the *enclosing* loop's turn.
    pub leaves_loop: bool,
    /// Whether a `stop` stands inside.
    pub stops: bool,
}

/// What is assigned to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A variable.
    Slot(Slot),
    /// `a, b = ...`
    Tuple(Vec<Target>, Span),
}

/// A container that the plan made and may change in place: a variable, and a path into it.
#[derive(Debug, Clone)]
pub struct Place {
    pub root: Slot,
    pub path: Vec<Expr>,
    pub span: Span,
}

/// A call that stands alone.
#[derive(Debug, Clone)]
pub struct CallStmt {
    pub site: Site,
    pub callee: Callee,
    pub into: Slot,
    /// `or_none(tool(...))`: an error becomes `None`.
    pub or_none: bool,
    pub span: Span,
}

/// What is called.
#[derive(Debug, Clone)]
pub enum Callee {
    /// A tool of the catalogue, with keyword arguments.
    Tool { name: Arc<str>, args: Vec<(Arc<str>, Expr, Span)> },
    /// The quarantined worker.
    Ask { question: Expr, data: Option<Expr>, ty: TypeExpr },
    /// A question to the user.
    Confirm { question: Expr },
}

/// `class Name:` with its fields.
#[derive(Debug, Clone)]
pub struct ClassDef {
    pub name: Arc<str>,
    pub body: ClassBody,
}

/// A class is a record or an enum, nothing else.
#[derive(Debug, Clone)]
pub enum ClassBody {
    /// Typed fields.
    Record(Vec<(Arc<str>, TypeExpr)>),
    /// Members with their values.
    Enum(Vec<(Arc<str>, Literal)>),
}

/// A type as the plan writes it, for `ask(type=...)` and fields.
#[derive(Debug, Clone)]
pub enum TypeExpr {
    Bool,
    Int,
    Float,
    Str,
    Date,
    DateTime,
    List(Box<TypeExpr>),
    Optional(Box<TypeExpr>),
    OneOf(Box<Expr>),
    Span(Box<Expr>, Option<Form>),
    /// A class of the plan.
    Class(Slot, Span),
}

/// An expression without calls to tools, worker or user. Evaluating it has no effect.
#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Debug, Clone)]
pub enum ExprKind {
    Literal(Literal),
    Slot(Slot),
    FString(Vec<FPart>),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    Set(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    Attr(Box<Expr>, Arc<str>),
    Index(Box<Expr>, Box<Expr>),
    Slice {
        of: Box<Expr>,
        lower: Option<Box<Expr>>,
        upper: Option<Box<Expr>>,
        step: Option<Box<Expr>>,
    },
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Plus(Box<Expr>),
    Binary(BinOp, Box<Expr>, Box<Expr>),
    Compare(Box<Expr>, Vec<(CmpOp, Expr)>),
    /// Lazy; gives the operand.
    And(Vec<Expr>),
    /// Lazy; gives the operand.
    Or(Vec<Expr>),
    IfElse {
        cond: Box<Expr>,
        then: Box<Expr>,
        orelse: Box<Expr>,
    },
    Comprehension(Box<Comprehension>),
    Builtin {
        name: Builtin,
        args: Vec<Expr>,
        key: Option<Box<Lambda>>,
        named: Vec<(Arc<str>, Expr)>,
    },
    Method {
        of: Box<Expr>,
        name: Arc<str>,
        args: Vec<Expr>,
        named: Vec<(Arc<str>, Expr)>,
    },
    /// `Invoice(iban=..., total=...)`: a record of a class of the plan.
    Construct {
        class: Slot,
        fields: Vec<(Arc<str>, Expr)>,
    },
}

/// Literals.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Arc<str>),
}

/// A part of an f-string.
#[derive(Debug, Clone)]
pub enum FPart {
    Text(Arc<str>),
    Value { value: Expr, repr: bool, spec: Vec<FPart> },
}

/// A comprehension or generator expression; a generator is a list.
#[derive(Debug, Clone)]
pub struct Comprehension {
    pub shape: CompShape,
    pub clauses: Vec<CompClause>,
}

/// What a comprehension makes.
#[derive(Debug, Clone)]
pub enum CompShape {
    List(Expr),
    Set(Expr),
    Dict(Expr, Expr),
}

/// `for target in iter if cond ...`
#[derive(Debug, Clone)]
pub struct CompClause {
    pub target: Target,
    pub iter: Expr,
    pub conds: Vec<Expr>,
}

/// A `key=`: a lambda of one parameter, or a builtin by name.
#[derive(Debug, Clone)]
pub struct Lambda {
    pub param: Slot,
    pub body: Expr,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    /// `|` on sets and dicts.
    Union,
    /// `&` on sets.
    Intersection,
}

impl BinOp {
    /// As the plan writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::FloorDiv => "//",
            Self::Mod => "%",
            Self::Pow => "**",
            Self::Union => "|",
            Self::Intersection => "&",
        }
    }
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    In,
    NotIn,
    Is,
    IsNot,
}

macro_rules! builtins {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// The functions that plans may call without a tool.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Builtin { $(#[doc = concat!("`", $name, "`")] $variant),* }

        impl Builtin {
            /// As the plan writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The builtin of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

builtins! {
    Len = "len", Range = "range", Min = "min", Max = "max", Sum = "sum", Sorted = "sorted",
    Reversed = "reversed", Enumerate = "enumerate", Zip = "zip", Any = "any", All = "all", Str = "str",
    Int = "int", Float = "float", Bool = "bool", Round = "round", Abs = "abs", List = "list", Dict = "dict",
    Set = "set", Tuple = "tuple", ParseDatetime = "parse_datetime", Date = "date", DateTime = "datetime",
    TimeDelta = "timedelta", Decimal = "Decimal",
}
