//! From the tree to facts: every command, wherever it stands, with what flows into it.

mod redirect;

use super::word::{self, Known};
use super::{Argument, CommandFacts, Finding, Program, danger, shell, table, tree, wrapper};
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

    fn simple(&mut self, command: &ast::SimpleCommand, stdin: &Stdin, spot: Spot) {
        let mut stdin = stdin.clone();
        let (mut args, mut targets) = (Vec::new(), Vec::new());
        let before = self.facts.programs.len();
        let prefix = command.prefix.iter().flat_map(|p| &p.0);
        for item in prefix {
            self.item(item, true, &mut args, &mut stdin, &mut targets);
        }
        let assigns = command.prefix.iter().flat_map(|p| &p.0);
        let assigns =
            assigns.filter(|i| matches!(i, ast::CommandPrefixOrSuffixItem::AssignmentWord(..))).count();
        if let Some(name) = &command.word_or_name {
            let name = self.word(&name.value);
            args.push(name);
        }
        for item in command.suffix.iter().flat_map(|s| &s.0) {
            self.item(item, false, &mut args, &mut stdin, &mut targets);
        }
        if args.is_empty() {
            return;
        }
        if assigns > 0 {
            self.find(Finding::Active);
        }
        self.run(&args, &stdin, spot);
        let carried = match stdin {
            Stdin::Pipe(flow) => flow,
            _ => Flow::default(),
        };
        let own = self.flow_since(before);
        let all = Flow { network: own.network || carried.network, decoded: own.decoded || carried.decoded };
        targets.iter().for_each(|target| self.fetch(target, all));
    }

    /// Remembers that what a flow carries went into a file.
    pub fn fetch(&mut self, file: &str, flow: Flow) {
        let name = base(file).to_owned();
        if flow.network {
            self.fetched.push((name.clone(), Finding::DownloadRun));
        }
        if flow.decoded {
            self.fetched.push((name, Finding::DecodedRun));
        }
    }

    fn item(
        &mut self,
        item: &ast::CommandPrefixOrSuffixItem,
        prefix: bool,
        args: &mut Vec<Arg>,
        stdin: &mut Stdin,
        targets: &mut Vec<String>,
    ) {
        use ast::CommandPrefixOrSuffixItem as I;
        match item {
            I::IoRedirect(redirect) => targets.extend(self.redirect(redirect, stdin)),
            I::Word(word) => args.push(self.word(&word.value)),
            I::AssignmentWord(assignment, word) => {
                self.assign(assignment);
                // `export A=b`, `env A=b x` and `dd of=b` read it as a word.
                if !prefix {
                    args.push(self.word(&word.value));
                }
            }
            I::ProcessSubstitution(kind, subshell) => {
                let flow = self.process(kind, subshell);
                args.push(Arg { text: "/dev/fd/63".to_owned(), feeds: Some(flow), ..Arg::default() });
            }
        }
    }

    fn process(&mut self, kind: &ast::ProcessSubstitutionKind, subshell: &ast::SubshellCommand) -> Flow {
        let before = self.facts.programs.len();
        let stdin = match kind {
            ast::ProcessSubstitutionKind::Read => Stdin::Own,
            ast::ProcessSubstitutionKind::Write => Stdin::Pipe(Flow::default()),
        };
        self.list(&subshell.list, &stdin, Spot::default());
        self.flow_since(before)
    }

    fn assign(&mut self, assignment: &ast::Assignment) {
        let name = match &assignment.name {
            ast::AssignmentName::VariableName(name) => name.clone(),
            ast::AssignmentName::ArrayElementName(name, index) => {
                self.passing(index);
                name.clone()
            }
        };
        let value = match &assignment.value {
            // `OLD=$IFS` cuts nothing yet, so the finding of the word does not count here.
            ast::AssignmentValue::Scalar(word) => {
                let split = self.facts.findings.contains(&Finding::SplitsWords);
                let value = self.word(&word.value);
                if !split {
                    self.facts.findings.remove(&Finding::SplitsWords);
                }
                Some(value).filter(|v| v.literal && !assignment.append)
            }
            ast::AssignmentValue::Array(items) => {
                for (key, value) in items {
                    key.iter().for_each(|key| self.passing(&key.value));
                    self.passing(&value.value);
                }
                None
            }
        };
        match value {
            Some(value) => self.known.insert(name.clone(), value.text),
            None => self.known.remove(&name),
        };
        if danger::is_setting(&name) {
            self.find(Finding::Active);
        }
        self.facts.assigned.insert(name);
    }

    /// What any argument of any program says.
    fn argument(&mut self, arg: &Arg) {
        if arg.glob {
            self.find(Finding::Glob);
        } else if !arg.literal {
            self.find(Finding::DynamicArgument);
        }
    }

    /// Runs a program, and whatever it runs in turn.
    pub fn run(&mut self, args: &[Arg], stdin: &Stdin, spot: Spot) {
        let Some((first, rest)) = args.split_first() else { return };
        if self.depth >= MAX_DEPTH || self.facts.programs.len() >= MAX_PROGRAMS {
            return self.find(Finding::Unreadable);
        }
        let name = base(&first.text).to_lowercase();
        let literal = first.literal && first.text.is_ascii() && !name.is_empty();
        if !literal {
            self.find(Finding::DynamicProgram);
        }
        if let Some(flow) = first.feeds {
            danger::flows_into(self, flow);
        }
        if first.text.contains('/') {
            self.ran.push(base(&first.text).to_owned());
        }
        let flag = |arg: &&Arg| arg.text.len() > 1 && arg.text.starts_with('-');
        let plain = |arg: &Arg| Argument { text: arg.text.clone(), literal: arg.literal };
        self.facts.programs.push(Program {
            // A program of that name elsewhere is another program.
            name: if is_usual(&first.text) { name.clone() } else { first.text.clone() },
            literal,
            flags: rest.iter().filter(flag).map(|arg| arg.text.clone()).collect(),
            args: rest.iter().filter(|arg| !flag(arg)).map(plain).collect(),
            piped: matches!(stdin, Stdin::Pipe(_)),
            background: spot.background,
        });
        rest.iter().for_each(|arg| self.argument(arg));
        self.depth += 1;
        danger::program(self, &name, rest, stdin);
        if !wrapper::unwrap(self, &name, rest, stdin, spot) {
            shell::program(self, &name, rest, stdin, spot);
        }
        self.depth -= 1;
    }
}

/// The last component of a path.
pub(super) fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// Whether a program is named plainly, or by where systems keep it.
fn is_usual(text: &str) -> bool {
    let folder = text.rsplit_once('/').map(|(folder, _)| folder);
    folder
        .is_none_or(|folder| matches!(folder, "/bin" | "/usr/bin" | "/sbin" | "/usr/sbin" | "/usr/local/bin"))
}
