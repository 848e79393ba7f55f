//! From the tree to facts: every command, wherever it stands, with what flows into it.

mod redirect;
mod simple;

use super::word::{self, Known};
use super::{CommandFacts, Finding, danger, table, tree};
use brush_parser::ast;

/// How deep texts and programs may hold others (`$(…)`, `sh -c`, `env`).
const MAX_DEPTH: usize = 12;
/// Most programs of one command.
const MAX_PROGRAMS: usize = 128;

/// What a command's output carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flow {
    pub network: bool,
    pub decoded: bool,
}

/// Where a command reads from.
#[derive(Debug, Clone)]
pub(super) enum Stdin {
    /// From wherever the whole does.
    Own,
    /// From another command.
    Pipe(Flow),
    /// From the text itself, literally.
    Text(String),
    /// From the text, as the shell will make it.
    Computed,
    /// From a file.
    File(Arg),
}

/// A word and what its substitutions carry.
#[derive(Debug, Clone, Default)]
pub(super) struct Arg {
    pub text: String,
    pub literal: bool,
    pub glob: bool,
    pub feeds: Option<Flow>,
}

/// How a command stands among others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spot {
    pub background: bool,
}

pub(super) struct Walk {
    pub facts: CommandFacts,
    known: Known,
    depth: usize,
    /// Files that something fetched or decoded went into.
    pub fetched: Vec<(String, Finding)>,
    /// Files that are run.
    pub ran: Vec<String>,
}

/// The facts of a text.
pub(super) fn facts(text: &str) -> CommandFacts {
    let mut walk = Walk {
        facts: CommandFacts::default(),
        known: Known::new(),
        depth: 0,
        fetched: Vec::new(),
        ran: Vec::new(),
    };
    walk.text(text, &Stdin::Own, Spot::default());
    for (file, finding) in &walk.fetched {
        if walk.ran.contains(file) {
            walk.facts.findings.insert(*finding);
        }
    }
    walk.facts
}

impl Walk {
    pub fn find(&mut self, finding: Finding) {
        self.facts.findings.insert(finding);
    }

    /// Walks a text that is run as commands; returns what its output carries.
    pub fn text(&mut self, text: &str, stdin: &Stdin, spot: Spot) -> Flow {
        let before = self.facts.programs.len();
        if self.depth >= MAX_DEPTH || before >= MAX_PROGRAMS {
            self.find(Finding::Unreadable);
            return Flow::default();
        }
        let Some(program) = tree::parse(text) else {
            self.find(Finding::Unreadable);
            return Flow::default();
        };
        self.depth += 1;
        for list in &program.complete_commands {
            self.list(list, stdin, spot);
        }
        self.depth -= 1;
        self.flow_since(before)
    }

    fn flow_since(&self, before: usize) -> Flow {
        let since = self.facts.programs.get(before..).unwrap_or_default();
        Flow {
            network: since.iter().any(|p| table::is_network(&p.name)),
            decoded: since.iter().any(danger::decodes),
        }
    }

    fn list(&mut self, list: &ast::CompoundList, stdin: &Stdin, spot: Spot) {
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            let background = matches!(separator, ast::SeparatorOperator::Async);
            if background {
                self.find(Finding::Background);
            }
            let spot = Spot { background: spot.background || background };
            for (_, pipeline) in and_or {
                self.pipeline(pipeline, stdin, spot);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, stdin: &Stdin, spot: Spot) {
        let before = self.facts.programs.len();
        let mut stdin = stdin.clone();
        for command in &pipeline.seq {
            self.command(command, &stdin, spot);
            let carried = match stdin {
                Stdin::Pipe(flow) => flow,
                _ => Flow::default(),
            };
            let flow = self.flow_since(before);
            stdin = Stdin::Pipe(Flow {
                network: flow.network || carried.network,
                decoded: flow.decoded || carried.decoded,
            });
        }
        let since = self.facts.programs.get(before..).unwrap_or_default();
        let has = |what: fn(&str) -> bool| since.iter().any(|p| what(&p.name));
        if pipeline.seq.len() > 1
            && has(table::is_connection)
            && (has(table::is_shell) || has(table::is_interpreter))
        {
            self.find(Finding::ReverseShell);
        }
    }

    fn command(&mut self, command: &ast::Command, stdin: &Stdin, spot: Spot) {
        match command {
            ast::Command::Simple(simple) => self.simple(simple, stdin, spot),
            ast::Command::Compound(compound, redirects) => {
                let stdin = self.redirects(redirects.as_ref(), stdin);
                self.compound(compound, &stdin, spot);
            }
            ast::Command::Function(function) => {
                let before = self.facts.programs.len();
                let ast::FunctionBody(body, redirects) = &function.body;
                let stdin = self.redirects(redirects.as_ref(), &Stdin::Own);
                self.compound(body, &stdin, Spot::default());
                let name = &function.fname.value;
                let since = self.facts.programs.get(before..).unwrap_or_default();
                if since.iter().any(|p| p.name == *name && (p.piped || p.background)) {
                    self.find(Finding::ForkBomb);
                }
            }
            ast::Command::ExtendedTest(test, redirects) => {
                self.redirects(redirects.as_ref(), stdin);
                self.test(&test.expr);
            }
        }
    }

    fn compound(&mut self, compound: &ast::CompoundCommand, stdin: &Stdin, spot: Spot) {
        use ast::CompoundCommand as C;
        match compound {
            C::Arithmetic(arithmetic) => self.passing(&arithmetic.expr.value),
            C::ArithmeticForClause(clause) => {
                for part in [&clause.initializer, &clause.condition, &clause.updater].into_iter().flatten() {
                    self.passing(&part.value);
                }
                self.list(&clause.body.list, stdin, spot);
            }
            C::BraceGroup(group) => self.list(&group.list, stdin, spot),
            C::Subshell(subshell) => self.list(&subshell.list, stdin, spot),
            C::ForClause(clause) => {
                self.known.remove(&clause.variable_name);
                for value in clause.values.iter().flatten() {
                    let value = self.word(&value.value);
                    self.argument(&value);
                }
                self.list(&clause.body.list, stdin, spot);
            }
            C::CaseClause(clause) => {
                self.passing(&clause.value.value);
                for case in &clause.cases {
                    case.patterns.iter().for_each(|pattern| self.passing(&pattern.value));
                    case.cmd.iter().for_each(|list| self.list(list, stdin, spot));
                }
            }
            C::IfClause(clause) => {
                self.list(&clause.condition, stdin, spot);
                self.list(&clause.then, stdin, spot);
                for branch in clause.elses.iter().flatten() {
                    branch.condition.iter().for_each(|list| self.list(list, stdin, spot));
                    self.list(&branch.body, stdin, spot);
                }
            }
            C::WhileClause(clause) | C::UntilClause(clause) => {
                self.list(&clause.0, stdin, spot);
                self.list(&clause.1.list, stdin, spot);
            }
            C::Coprocess(process) => {
                self.find(Finding::Background);
                self.command(&process.body, &Stdin::Pipe(Flow::default()), Spot { background: true });
            }
        }
    }

    fn test(&mut self, expr: &ast::ExtendedTestExpr) {
        use ast::ExtendedTestExpr as T;
        match expr {
            T::And(left, right) | T::Or(left, right) => {
                self.test(left);
                self.test(right);
            }
            T::Not(inner) | T::Parenthesized(inner) => self.test(inner),
            T::UnaryTest(_, word) => self.passing(&word.value),
            T::BinaryTest(_, left, right) => {
                self.passing(&left.value);
                self.passing(&right.value);
            }
        }
    }

    /// A word that is no argument: only what it substitutes is run.
    fn passing(&mut self, raw: &str) {
        self.word(raw);
    }

    /// Reads a word and walks what it substitutes.
    fn word(&mut self, raw: &str) -> Arg {
        let read = word::read(raw, &self.known);
        self.read(read)
    }

    fn read(&mut self, read: Option<word::Word>) -> Arg {
        let Some(word) = read else {
            self.find(Finding::Unreadable);
            return Arg::default();
        };
        let mut feeds = None;
        for text in &word.substitutions {
            let flow = self.text(text, &Stdin::Own, Spot::default());
            let all: &mut Flow = feeds.get_or_insert_default();
            all.network |= flow.network;
            all.decoded |= flow.decoded;
        }
        if word.splits {
            self.find(Finding::SplitsWords);
        }
        Arg { literal: word.is_literal(), glob: word.glob, text: word.text, feeds }
    }
}

/// The last component of a path.
pub(super) fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}
