//! Expressions of each type, nested at most `depth` deep.

use super::{BOOLS, DICTS, INTS, LISTS, RECORDS, ROWS, SAID, TEXTS, Writer};

impl Writer<'_> {
    pub(super) fn int(&mut self, depth: usize) -> String {
        let ways = if depth == 0 { 4 } else { 24 };
        let d = depth.saturating_sub(1);
        match self.pick(ways) {
            0 => self.pick(5).to_string(),
            1 => self.one_of(&INTS).to_owned(),
            2 => match self.ints.len() {
                0 => self.one_of(&INTS).to_owned(),
                n => {
                    let i = self.pick(n);
                    self.ints[i].clone()
                }
            },
            3 => format!("{}.n", self.one_of(&SAID)),
            4 | 5 => format!("({} + {})", self.int(d), self.int(d)),
            6 => format!("({} - {})", self.int(d), self.int(d)),
            7 => format!("({} * {} % 11)", self.int(d), self.int(d)),
            8 => format!("len({})", self.list(d)),
            9 => format!("len({})", self.text(d)),
            10 => format!("sum({})", self.list(d)),
            11 => format!("min({}, {})", self.int(d), self.int(d)),
            12 => format!("max({}, default=0)", self.list(d)),
            13 | 14 => format!("({} if {} else {})", self.int(d), self.truth(d), self.int(d)),
            15 => format!("({} or {})", self.int(d), self.int(d)),
            16 => format!("({} and {})", self.int(d), self.int(d)),
            17 => format!("{}.get({}, {})", self.dict(d), self.text(d), self.int(d)),
            18 => format!("{}[\"k\"]", self.record(d)),
            19 => format!("({} + [0, 1])[{} % 2]", self.list(d), self.int(d)),
            20 => format!("abs({}) // 3", self.int(d)),
            21 => format!("{}.find({})", self.text(d), self.text(d)),
            22 => format!("{}.count({})", self.list(d), self.int(d)),
            _ => format!("int({})", self.truth(d)),
        }
    }

    pub(super) fn text(&mut self, depth: usize) -> String {
        let ways = if depth == 0 { 3 } else { 14 };
        let d = depth.saturating_sub(1);
        match self.pick(ways) {
            0 => format!("\"{}\"", self.one_of(&["a", "b", "ab", ""])),
            1 => self.one_of(&TEXTS).to_owned(),
            2 => format!("{}.s", self.one_of(&SAID)),
            3 => format!("({} + {})", self.text(d), self.text(d)),
            4 | 5 => format!("f\"{{{}}}-{{{}}}\"", self.hole(), self.one_of(&TEXTS)),
            6 => format!("f\"{{{}:>{{{} % 5}}}}\"", self.one_of(&TEXTS), self.one_of(&INTS)),
            7 => format!("({} if {} else {})", self.text(d), self.truth(d), self.text(d)),
            8 => format!("str({})", self.int(d)),
            9 => format!("{}[\"t\"]", self.record(d)),
            10 => format!("{}[:{}]", self.text(d), self.int(d)),
            11 => format!("{}.replace({}, \"c\")", self.text(d), self.text(d)),
            12 => format!("\"-\".join([str(y) for y in {}])", self.list(d)),
            _ => format!("({} or {})", self.text(d), self.text(d)),
        }
    }

    /// What stands in an f-string: no quotes.
    fn hole(&mut self) -> String {
        match self.pick(3) {
            0 => self.one_of(&INTS).to_owned(),
            1 => self.one_of(&LISTS).to_owned(),
            _ => format!("{} + 1", self.one_of(&INTS)),
        }
    }

    pub(super) fn truth(&mut self, depth: usize) -> String {
        let ways = if depth == 0 { 3 } else { 14 };
        let d = depth.saturating_sub(1);
        match self.pick(ways) {
            0 => format!("{}.b", self.one_of(&SAID)),
            1 => self.one_of(&BOOLS).to_owned(),
            2 => format!("{} > {}", self.one_of(&INTS), self.pick(5)),
            3 => format!("(not {})", self.truth(d)),
            4 => format!("({} and {})", self.truth(d), self.truth(d)),
            5 => format!("({} or {})", self.truth(d), self.truth(d)),
            6 => format!("({} < {})", self.int(d), self.int(d)),
            7 => format!("({} < {} < {})", self.int(d), self.int(d), self.int(d)),
            8 => format!("({} == {})", self.text(d), self.text(d)),
            9 => format!("({} in {})", self.int(d), self.list(d)),
            10 => format!("({} in {})", self.text(d), self.dict(d)),
            11 => format!("any(y > {} for y in {})", self.int(d), self.list(d)),
            12 => format!("all([{} > 0, {}])", self.int(d), self.truth(d)),
            _ => format!("bool({})", self.list(d)),
        }
    }

    pub(super) fn list(&mut self, depth: usize) -> String {
        let ways = if depth == 0 { 3 } else { 16 };
        let d = depth.saturating_sub(1);
        match self.pick(ways) {
            0 => format!("[{}, {}]", self.pick(4), self.pick(4)),
            1 => self.one_of(&LISTS).to_owned(),
            2 => format!("{}.xs", self.one_of(&SAID)),
            3 | 4 => {
                let of = self.list(d);
                let x = self.name("y");
                let (item, cond) = self.with(&x, |w| (w.int(d), w.truth(d)));
                format!("[{item} for {x} in {of} if {cond}]")
            }
            5 => format!("sorted({}, reverse={})", self.list(d), self.truth(d)),
            6 => format!("{}[:{}]", self.list(d), self.int(d)),
            7 => format!("({} + {})", self.list(d), self.list(d)),
            8 => format!("list(range({} % 4))", self.int(d)),
            9 => format!("list(reversed({}))", self.list(d)),
            10 => format!("[r[\"k\"] for r in {}]", self.rows(d)),
            11 => {
                let of = self.list(d);
                let (i, x) = (self.name("y"), self.name("y"));
                let cond = self.with(&x, |w| w.truth(d));
                format!("[{i} for {i}, {x} in enumerate({of}) if {cond}]")
            }
            12 => {
                let of = self.list(d);
                let x = self.name("y");
                let key = self.with(&x, |w| w.int(d));
                format!("sorted({of}, key=lambda {x}: {key})")
            }
            13 => format!("[y * z % 7 for y in {} for z in {}][:6]", self.list(0), self.list(0)),
            14 => format!("list({}.values())", self.dict(d)),
            _ => format!("({} if {} else {})", self.list(d), self.truth(d), self.list(d)),
        }
    }

    fn with<T>(&mut self, name: &str, make: impl FnOnce(&mut Self) -> T) -> T {
        self.ints.push(name.to_owned());
        let made = make(self);
        self.ints.pop();
        made
    }

    pub(super) fn dict(&mut self, depth: usize) -> String {
        let ways = if depth == 0 { 2 } else { 7 };
        let d = depth.saturating_sub(1);
        match self.pick(ways) {
            0 => self.one_of(&DICTS).to_owned(),
            1 => format!("{{\"a\": {}}}", self.pick(4)),
            2 => format!("{{\"a\": {}, {}: {}}}", self.int(d), self.text(d), self.int(d)),
            3 => {
                let of = self.list(d);
                let x = self.name("y");
                let (value, cond) = self.with(&x, |w| (w.int(d), w.truth(d)));
                format!("{{str({x}): {value} for {x} in {of} if {cond}}}")
            }
            4 => format!("({} | {})", self.dict(d), self.dict(d)),
            5 => format!("dict([(r[\"t\"], r[\"k\"]) for r in {}])", self.rows(d)),
            _ => format!("dict({})", self.dict(d)),
        }
    }

    pub(super) fn record(&mut self, depth: usize) -> String {
        let ways = if depth == 0 { 1 } else { 6 };
        let d = depth.saturating_sub(1);
        match self.pick(ways) {
            0 => self.one_of(&RECORDS).to_owned(),
            1 => format!("{{\"k\": {}, \"t\": {}}}", self.int(d), self.text(d)),
            2 => format!("Row(k={}, t={})", self.int(d), self.text(d)),
            3 => format!("({} if {} else {})", self.record(d), self.truth(d), self.record(d)),
            4 => {
                format!("max({}, key=lambda r: r[\"k\"], default={{\"k\": 0, \"t\": \"\"}})", self.rows(d))
            }
            _ => format!("min({} + [{}], key=lambda r: r[\"t\"])", self.rows(d), self.record(d)),
        }
    }

    pub(super) fn rows(&mut self, depth: usize) -> String {
        let ways = if depth == 0 { 2 } else { 6 };
        let d = depth.saturating_sub(1);
        match self.pick(ways) {
            0 => self.one_of(&ROWS).to_owned(),
            1 => format!("{}.rs", self.one_of(&SAID)),
            2 => {
                let of = self.rows(d);
                let limit = self.int(d);
                format!("[r for r in {of} if r[\"k\"] > {limit}]")
            }
            3 => format!("sorted({}, key=lambda r: r[\"k\"])", self.rows(d)),
            4 => format!("[{}]", self.record(d)),
            _ => format!("[{{\"k\": r[\"k\"], \"t\": {}}} for r in {}]", self.text(d), self.rows(d)),
        }
    }
}
