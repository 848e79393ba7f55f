//! A simple command: its words, the variables that it assigns, and the program that it runs.

use super::{Arg, Flow, MAX_DEPTH, MAX_PROGRAMS, Spot, Stdin, Walk, base};
use crate::shell::{Argument, Finding, Program, danger, interpreter, wrapper};
use brush_parser::ast;

impl Walk {
    pub(super) fn simple(&mut self, command: &ast::SimpleCommand, stdin: &Stdin, spot: Spot) {
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

    pub(super) fn process(
        &mut self,
        kind: &ast::ProcessSubstitutionKind,
        subshell: &ast::SubshellCommand,
    ) -> Flow {
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
                self.facts.settings.push((name.clone(), value.text.clone()));
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
    pub(super) fn argument(&mut self, arg: &Arg) {
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
            words: rest.iter().map(|arg| arg.text.clone()).collect(),
            piped: matches!(stdin, Stdin::Pipe(_)),
            background: spot.background,
        });
        rest.iter().for_each(|arg| self.argument(arg));
        self.depth += 1;
        danger::program(self, &name, rest, stdin);
        if !wrapper::unwrap(self, &name, rest, stdin, spot) {
            interpreter::program(self, &name, rest, stdin, spot);
        }
        self.depth -= 1;
    }
}

/// Whether a program is named plainly, or by where systems keep it.
fn is_usual(text: &str) -> bool {
    let folder = text.rsplit_once('/').map(|(folder, _)| folder);
    folder
        .is_none_or(|folder| matches!(folder, "/bin" | "/usr/bin" | "/sbin" | "/usr/sbin" | "/usr/local/bin"))
}
