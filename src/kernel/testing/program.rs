//! Well-formed plans from a tape of random bytes: the same tape gives the same plan, a shorter one a simpler plan.
//!
//! Every variable is set in the beginning, so that a plan checks whatever happens to it later; values stay small,
//! so that few plans run out of fuel.

use std::fmt::Write as _;

mod expression;

/// Variables by type. All are reported at the end.
const INTS: [&str; 4] = ["i0", "i1", "i2", "i3"];
const TEXTS: [&str; 3] = ["s0", "s1", "s2"];
const BOOLS: [&str; 2] = ["b0", "b1"];
const LISTS: [&str; 3] = ["l0", "l1", "l2"];
const DICTS: [&str; 2] = ["d0", "d1"];
const RECORDS: [&str; 2] = ["e0", "e1"];
const ROWS: [&str; 2] = ["r0", "r1"];
/// The records that sources gave.
const SAID: [&str; 5] = ["tp", "up", "ts", "us", "mx"];

/// Deepest nesting of blocks.
const MAX_BLOCKS: usize = 4;
/// Most statements.
const MAX_STATEMENTS: usize = 40;

/// Writes one plan.
pub(in crate::kernel) struct Writer<'t> {
    tape: std::slice::Iter<'t, u8>,
    out: String,
    indent: usize,
    loops: usize,
    statements: usize,
    /// Loop variables in reach.
    ints: Vec<String>,
    fresh: usize,
}

/// The plan that a tape stands for.
pub(in crate::kernel) fn plan(tape: &[u8]) -> String {
    let mut writer = Writer {
        tape: tape.iter(),
        out: String::new(),
        indent: 0,
        loops: 0,
        statements: 0,
        ints: Vec::new(),
        fresh: 0,
    };
    writer.beginning();
    while writer.tape.len() > 0 && writer.statements < MAX_STATEMENTS {
        writer.statement();
    }
    writer.ending();
    writer.out
}

impl Writer<'_> {
    /// One of `n` ways; the first when the tape is at its end.
    fn pick(&mut self, n: usize) -> usize {
        self.tape.next().map_or(0, |byte| usize::from(*byte) % n)
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.pick(of.len())]
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "    ".repeat(self.indent));
    }

    fn name(&mut self, prefix: &str) -> String {
        self.fresh += 1;
        format!("{prefix}{}", self.fresh)
    }

    fn beginning(&mut self) {
        self.line("class Row:\n    k: int\n    t: str");
        for said in SAID {
            self.line(&format!("{said} = {said}()"));
        }
        for (i, int) in INTS.iter().enumerate() {
            let list = self.one_of(&SAID);
            let from = self.one_of(&SAID);
            self.line(&format!("{int} = {from}.n"));
            if let Some(name) = LISTS.get(i) {
                self.line(&format!("{name} = list({list}.xs)"));
            }
            if let Some(name) = TEXTS.get(i) {
                self.line(&format!("{name} = {from}.s"));
            }
            if let (Some(name), Some(dict), Some(record), Some(rows)) =
                (BOOLS.get(i), DICTS.get(i), RECORDS.get(i), ROWS.get(i))
            {
                self.line(&format!("{name} = {from}.b"));
                self.line(&format!("{dict} = {{\"a\": {from}.n, \"b\": {i}}}"));
                self.line(&format!("{record} = {{\"k\": {i}, \"t\": {from}.s}}"));
                self.line(&format!("{rows} = list({list}.rs)"));
            }
        }
    }

    /// What every variable holds in the end.
    fn ending(&mut self) {
        let all = INTS.iter().chain(&TEXTS).chain(&BOOLS).chain(&LISTS).chain(&DICTS).chain(&RECORDS);
        for name in all.chain(&ROWS) {
            self.line(&format!("emit(v={name})"));
        }
        self.line("answer(s0)");
    }

    fn block(&mut self) {
        self.indent += 1;
        for _ in 0..=self.pick(3) {
            self.statement();
        }
        self.indent -= 1;
    }

    fn statement(&mut self) {
        self.statements += 1;
        match self.pick(24) {
            0..=6 => self.assign(),
            7 | 8 => self.change(),
            9..=13 if self.indent < MAX_BLOCKS => self.branch(),
            14..=17 if self.indent < MAX_BLOCKS && self.loops < 2 => self.each(),
            18 | 19 => self.call(),
            20 if self.loops > 0 => {
                let word = self.one_of(&["break", "continue"]);
                self.line(word);
            }
            21 if self.indent > 0 => {
                let text = self.text(1);
                self.line(&format!("stop({text})"));
            }
            22 => {
                let text = self.text(2);
                self.line(&format!("answer({text})"));
            }
            _ => self.assign(),
        }
    }

    fn assign(&mut self) {
        match self.pick(12) {
            0..=2 => {
                let (name, value) = (self.one_of(&INTS), self.int(3));
                self.line(&format!("{name} = ({value}) % 97"));
            }
            3 => {
                let (name, op) = (self.one_of(&INTS), self.one_of(&["+", "-"]));
                let value = self.int(2);
                self.line(&format!("{name} {op}= ({value}) % 97"));
            }
            4 => {
                let (a, b) = (self.one_of(&INTS), self.one_of(&INTS));
                let (x, y) = (self.int(2), self.int(2));
                self.line(&format!("{a}, {b} = (({x}) % 97, ({y}) % 97)"));
            }
            5 | 6 => {
                let (name, value) = (self.one_of(&TEXTS), self.text(3));
                self.line(&format!("{name} = ({value})[:20]"));
            }
            7 => {
                let (name, value) = (self.one_of(&BOOLS), self.truth(3));
                self.line(&format!("{name} = {value}"));
            }
            8 => {
                let (name, value) = (self.one_of(&LISTS), self.list(3));
                self.line(&format!("{name} = ({value})[:6]"));
            }
            9 => {
                let (name, value) = (self.one_of(&DICTS), self.dict(2));
                self.line(&format!("{name} = {{\"a\": 0}} | {value}"));
            }
            10 => {
                let (name, value) = (self.one_of(&RECORDS), self.record(2));
                self.line(&format!("{name} = dict({value})"));
            }
            _ => {
                let (name, value) = (self.one_of(&ROWS), self.rows(2));
                self.line(&format!("{name} = list({value})[:5]"));
            }
        }
    }

    /// Something changes in place.
    fn change(&mut self) {
        match self.pick(7) {
            0 | 1 => {
                let (name, value) = (self.one_of(&LISTS), self.int(2));
                self.line(&format!("{name}.append({value})"));
            }
            2 => {
                let (name, value) = (self.one_of(&DICTS), self.int(2));
                let key = self.text(1);
                self.line(&format!("{name}[({key})[:2]] = {value}"));
            }
            3 => {
                let (name, value) = (self.one_of(&DICTS), self.int(2));
                self.line(&format!("{name}[\"a\"] += ({value}) % 7"));
            }
            4 => {
                let (name, value) = (self.one_of(&LISTS), self.int(2));
                let at = self.one_of(&["0", "-1", "i0 % 2"]);
                self.line(&format!("{name} = ({name} + [0, 0])[:6]"));
                self.line(&format!("{name}[{at}] = {value}"));
            }
            5 => {
                let (name, value) = (self.one_of(&RECORDS), self.int(2));
                self.line(&format!("{name}[\"k\"] = {value}"));
            }
            _ => {
                let (name, value) = (self.one_of(&ROWS), self.int(2));
                self.line(&format!("{name} = ([{{\"k\": 0, \"t\": \"n\"}}] + {name})[:5]"));
                self.line(&format!("{name}[0][\"k\"] = {value}"));
            }
        }
    }

    fn branch(&mut self) {
        let cond = self.truth(2);
        self.line(&format!("if {cond}:"));
        self.block();
        if self.pick(4) == 1 {
            let cond = self.truth(2);
            self.line(&format!("elif {cond}:"));
            self.block();
        }
        if self.pick(3) == 1 {
            self.line("else:");
            self.block();
        }
    }

    fn each(&mut self) {
        let mut new = Vec::new();
        let head = match self.pick(7) {
            0 | 1 => {
                let x = self.name("x");
                let list = self.list(2);
                new.push(x.clone());
                format!("{x} in ({list})[:4]")
            }
            2 => {
                let (name, list) = (self.one_of(&INTS), self.list(2));
                format!("{name} in ({list})[:4]")
            }
            3 => {
                let (a, b) = (self.name("x"), self.name("x"));
                let list = self.list(1);
                new.extend([a.clone(), b.clone()]);
                format!("{a}, {b} in enumerate(({list})[:4])")
            }
            4 => {
                let (a, b) = (self.name("x"), self.name("x"));
                let (x, y) = (self.list(1), self.list(1));
                new.extend([a.clone(), b.clone()]);
                format!("{a}, {b} in list(zip({x}, {y}))[:4]")
            }
            5 => {
                let (name, dict) = (self.one_of(&TEXTS), self.dict(1));
                format!("{name} in list({dict})[:4]")
            }
            _ => {
                let (name, rows) = (self.one_of(&RECORDS), self.rows(1));
                format!("{name} in [dict(r) for r in {rows}][:4]")
            }
        };
        self.line(&format!("for {head}:"));
        let outside = self.ints.len();
        self.ints.extend(new);
        self.loops += 1;
        self.block();
        self.loops -= 1;
        self.ints.truncate(outside);
    }

    fn call(&mut self) {
        let int = self.one_of(&INTS);
        let text = self.one_of(&TEXTS);
        let truth = self.one_of(&BOOLS);
        let list = self.one_of(&LISTS);
        let n = self.int(2);
        let line = match self.pick(14) {
            0 => format!("emit(v={n})"),
            1 => format!("emit(v={})", self.rows(1)),
            2 => format!("{int} = echo(n={n}).n"),
            3 => format!("{int} = echo(n={n}).id"),
            4 => format!("{int} = or_none(flaky(n={n})) or 0"),
            5 => format!("{int} = echo(n={n}).n if {} else {int}", self.truth(1)),
            6 => format!("{truth} = {} and echo(n={n}).n > 3", self.truth(1)),
            7 => {
                let (of, cond) = (self.list(1), self.truth(0));
                format!("{list} = [echo(n=y).n for y in ({of})[:2] if y > 1 or {cond}]")
            }
            8 => format!("{int} = ask(\"how many?\", data={}, type=int)", self.text(1)),
            9 => format!("{text} = ask(\"what?\", data={n}, type=str)"),
            10 => format!("{list} = ask(\"which?\", data={}, type=list[int])", self.text(1)),
            11 => format!("{} = dict(ask(\"who?\", data={n}, type=Row))", self.one_of(&RECORDS)),
            12 => format!("{text} = ask(\"pick\", data={n}, type=one_of([\"a\", {}]))", self.text(1)),
            _ => format!("{truth} = confirm({})", self.text(1)),
        };
        self.line(&line);
    }
}
