//! Where the code in a text is: fenced blocks, and unfenced runs of lines that look like code.

use std::ops::Range;

/// A stretch of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scan) struct Block<'t> {
    /// Where, in bytes of the text, without its fences.
    pub(in crate::scan) span: Range<usize>,
    /// What the fence calls it; empty when it says nothing, nothing at all when there is no fence.
    pub(in crate::scan) info: Option<&'t str>,
    /// The last line of words before it; empty when there is none.
    pub(in crate::scan) lead: &'t str,
}

/// Every stretch of code, in order. A fence that is never closed reaches to the end.
pub(in crate::scan) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Found { text, lead: "", blocks: Vec::new() };
    let mut open: Option<(Fence, usize)> = None;
    let mut loose = 0;
    for line in Lines::of(text) {
        let here = text.get(line.clone()).unwrap_or_default();
        match (&open, fence(here)) {
            (None, Some(fence)) => {
                found.loose(loose..line.start);
                open = Some((fence, line.end));
            }
            (Some((opener, start)), Some(closer)) if closer.closes(opener) => {
                found.push(*start..line.start, Some(opener.info));
                loose = line.end;
                open = None;
            }
            _ => {}
        }
    }
    match open {
        Some((opener, start)) => found.push(start..text.len(), Some(opener.info)),
        None => found.loose(loose..text.len()),
    }
    found.blocks
}

/// A line that opens or closes a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fence<'t> {
    mark: char,
    length: usize,
    info: &'t str,
}

impl Fence<'_> {
    fn closes(&self, opener: &Fence<'_>) -> bool {
        self.mark == opener.mark && self.length >= opener.length && self.info.is_empty()
    }
}

/// The fence that a line is. Quoted ones (`>`) count too.
fn fence(line: &str) -> Option<Fence<'_>> {
    let line = line.trim_start_matches([' ', '\t', '>']);
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let length = line.len() - info.len();
    // A line such as ```x``` is words in a line and no fence.
    if length < 3 || info.contains('`') { None } else { Some(Fence { mark, length, info: info.trim() }) }
}

/// The lines of a text, each with its end, as spans.
struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = rest.find('\n').map_or(self.text.len(), |n| self.at + n + 1);
        let line = self.at..end;
        self.at = end;
        Some(line)
    }
}

struct Found<'t> {
    text: &'t str,
    lead: &'t str,
    blocks: Vec<Block<'t>>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    Code,
    Words,
}

impl<'t> Found<'t> {
    fn push(&mut self, span: Range<usize>, info: Option<&'t str>) {
        self.blocks.push(Block { span, info, lead: self.lead });
        self.lead = "";
    }

    /// Looks for code outside fences. Where most lines are code, comments and doc strings between them belong to it.
    fn loose(&mut self, region: Range<usize>) {
        let text = self.text.get(region.clone()).unwrap_or_default();
        if is_data(text) {
            return;
        }
        let lines: Vec<(Range<usize>, Line)> = Lines::of(text)
            .map(|line| {
                let kind = kind_of(text.get(line.clone()).unwrap_or_default());
                (line.start + region.start..line.end + region.start, kind)
            })
            .collect();
        let count = |kind| lines.iter().filter(|(_, line)| *line == kind).count();
        let (code, words) = (count(Line::Code), count(Line::Words));
        // Two lines of code for three of words: source with long comments, or a text about code, which comes in runs.
        let joins = code * 3 >= words * 2;
        let mut run: Option<Range<usize>> = None;
        for (span, kind) in lines {
            match kind {
                Line::Code => run = Some(run.map_or(span.clone(), |run| run.start..span.end)),
                Line::Words if joins && run.is_some() => {}
                Line::Words => {
                    if let Some(run) = run.take() {
                        self.push(run, None);
                    }
                    self.lead = self.text.get(span).unwrap_or_default().trim();
                }
                Line::Blank => {}
            }
        }
        if let Some(run) = run {
            self.push(run, None);
        }
    }
}

/// Whether a text is of a format that is no code: markup without scripts, or tables of settings as lock files and manifests
/// are. A parser of code takes long over them, and finds nothing.
fn is_data(text: &str) -> bool {
    let begin = text.trim_start();
    if begin.starts_with('<') {
        return !["<?php", "<?=", "<script", "<%", "javascript:", "=>"]
            .iter()
            .any(|code| text.contains(code));
    }
    if begin.starts_with("#!") {
        let first = begin.lines().next().unwrap_or_default();
        return ["perl", "ruby", "awk", "lua", "tclsh"].iter().any(|other| first.contains(other));
    }
    let mut settings = false;
    for line in text.lines().map(str::trim) {
        settings |= line.starts_with('[') && line.ends_with(']') && line.len() > 2;
        if line.ends_with([';', '{', ')', ':']) && !line.starts_with(['#', ';']) {
            return false;
        }
    }
    settings
}

/// Words that begin a line of code when something of code follows.
const OPENERS: [&str; 34] = [
    "def ",
    "class ",
    "import ",
    "from ",
    "return ",
    "if ",
    "if(",
    "for ",
    "for(",
    "while ",
    "while(",
    "else",
    "elif ",
    "try",
    "except",
    "catch",
    "function ",
    "const ",
    "let ",
    "var ",
    "public ",
    "private ",
    "static ",
    "fn ",
    "pub ",
    "func ",
    "use ",
    "package ",
    "struct ",
    "void ",
    "int ",
    "char ",
    "with ",
    "async ",
];

/// Commands that are code in a shell when an option follows.
const COMMANDS: [&str; 5] = ["curl ", "wget ", "chmod ", "sudo ", "$ "];

/// The bytes that code has more of than prose.
const SYMBOL: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b"(){}[];=<>_\"$&|\\/*+%#@:`";
    while let Some((symbol, others)) = rest.split_first() {
        #[expect(
            clippy::indexing_slicing,
            reason = "a byte is always inside 256, and this runs in the compiler"
        )]
        {
            table[*symbol as usize] = true;
        }
        rest = others;
    }
    table
};

/// Whether a line looks like code. A guess, good enough to leave prose alone.
fn kind_of(line: &str) -> Line {
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return Line::Blank;
    }
    let symbols = trimmed.bytes().filter(|b| SYMBOL.get(usize::from(*b)).is_some_and(|is| *is)).count();
    let begins = OPENERS.iter().any(|opener| trimmed.starts_with(opener));
    // Most lines of prose end here.
    if symbols == 0 {
        let is_statement = begins && line.starts_with([' ', '\t']) && trimmed.split(' ').count() <= 3;
        return if is_statement { Line::Code } else { Line::Words };
    }
    // Where a link of Markdown leads.
    if trimmed.starts_with('[') && trimmed.contains("]: ") {
        return Line::Words;
    }
    // A list's item or a table's row with code in it is somebody's words about code.
    let listed = trimmed.starts_with(['-', '*', '>', '|', '`', '1', '2', '3', '4', '5']);
    let quoted = trimmed.contains("```") || (listed && trimmed.contains('`'));
    let words =
        trimmed.split_ascii_whitespace().filter(|w| w.bytes().all(|b| b.is_ascii_alphabetic())).count();
    let last = trimmed.bytes().last().unwrap_or_default();
    let ends = b";{}),:]\\(".contains(&last);
    let is_command = COMMANDS.iter().any(|command| trimmed.starts_with(command)) && trimmed.contains(" -");
    let marked = is_command
        || ["#include", "#define", "#!", "<?", "$", "@", "//", "/*", "*/"]
            .iter()
            .any(|m| trimmed.starts_with(m));
    let calls = has_call(trimmed) || trimmed.contains(" = ") || trimmed.contains(":=");
    let dense = symbols * 7 >= trimmed.len();
    let prose = quoted || (words >= 6 && words > symbols);
    let is_code = match () {
        () if prose && !(marked && calls) => last == b';' && calls,
        () if marked || (begins && (ends || calls)) => true,
        () if calls && (ends || dense) => true,
        () => dense && symbols >= 2 || (b";{}".contains(&last)),
    };
    if is_code { Line::Code } else { Line::Words }
}

/// Whether something is called: a name with an opening parenthesis right behind it.
fn has_call(line: &str) -> bool {
    line.as_bytes().windows(2).any(|pair| match pair {
        [before, b'('] => before.is_ascii_alphanumeric() || matches!(before, b'_' | b'!' | b'>'),
        _ => false,
    })
}

#[cfg(test)]
mod tests;
