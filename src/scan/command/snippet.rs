//! Where the commands in a text are: in fenced blocks, in code inside a line, behind prompts, and in lines that begin
//! with a known program.

use super::program::PROGRAMS;
use crate::scan::code::fence::{Block, blocks};
use std::ops::Range;

/// Most stretches of one text.
const MAX_SNIPPETS: usize = 400;
/// Most bytes that are tried as one command.
const MAX_BLOCK: usize = crate::shell::MAX_COMMAND;

/// Every stretch that is written as a command, in bytes of the text. A block is one, and so is each of its lines that stands
/// behind a prompt.
pub(in crate::scan) fn snippets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let fenced: Vec<Block<'_>> =
        if text.contains("```") || text.contains("~~~") { blocks(text) } else { Vec::new() };
    let mut at = 0;
    for block in fenced.iter().filter(|block| block.info.is_some()) {
        loose(text, at..block.span.start, &mut found);
        if block.info.is_some_and(is_shell) {
            inside(text, block.span.clone(), &mut found);
        }
        at = block.span.end;
    }
    loose(text, at..text.len(), &mut found);
    found.truncate(MAX_SNIPPETS);
    found
}

/// Whether a fence may hold commands, by what it is called.
fn is_shell(info: &str) -> bool {
    let name = info.split([' ', ',', '{', ':']).next().unwrap_or_default().to_ascii_lowercase();
    matches!(
        name.as_str(),
        "" | "sh"
            | "bash"
            | "zsh"
            | "fish"
            | "shell"
            | "console"
            | "shellsession"
            | "shell-session"
            | "terminal"
            | "text"
            | "txt"
            | "plain"
            | "plaintext"
            | "cmd"
            | "bat"
            | "batch"
            | "powershell"
            | "ps1"
            | "pwsh"
            | "dockerfile"
            | "docker"
            | "containerfile"
            | "yaml"
            | "yml"
            | "makefile"
            | "make"
            | "ini"
            | "cron"
            | "crontab"
    )
}

/// A fenced block: what stands behind prompts, or else all of it, and lines such as `RUN …`.
fn inside(text: &str, span: Range<usize>, found: &mut Vec<Range<usize>>) {
    let code = text.get(span.clone()).unwrap_or_default();
    let lines: Vec<(Range<usize>, Range<usize>, bool)> = logical_lines(code)
        .map(|line| {
            let shown = code.get(line.clone()).unwrap_or_default();
            let (start, marked) = after_prompt(shown);
            (line.clone(), line.start + start..line.end, marked)
        })
        .collect();
    let any = lines.iter().any(|(_, _, marked)| *marked);
    if !any && code.len() <= MAX_BLOCK {
        found.push(span);
        return;
    }
    for (_, command, marked) in lines {
        let shown = code.get(command.clone()).unwrap_or_default();
        if marked || begins_with_program(shown) {
            found.push(span.start + command.start..span.start + command.end);
        }
    }
}

/// Words: lines that are commands, and code inside lines.
fn loose(text: &str, span: Range<usize>, found: &mut Vec<Range<usize>>) {
    let words = text.get(span.clone()).unwrap_or_default();
    // A text that is one command and nothing else, over several lines.
    if words.len() <= MAX_BLOCK && words.trim_end().contains('\n') && begins_with_program(words.trim_start())
    {
        found.push(span.clone());
    }
    for line in logical_lines(words) {
        if found.len() >= MAX_SNIPPETS {
            return;
        }
        let shown = words.get(line.clone()).unwrap_or_default();
        let (start, marked) = after_prompt(shown);
        let command = shown.get(start..).unwrap_or_default();
        if marked || begins_with_program(command) && !is_sentence(command) {
            found.push(span.start + line.start + start..span.start + line.end);
        } else {
            for code in in_line(shown) {
                if begins_with_program(shown.get(code.clone()).unwrap_or_default()) {
                    found.push(span.start + line.start + code.start..span.start + line.start + code.end);
                }
            }
        }
    }
}

/// Lines, each with those that a backslash at its end joins to it, without the last line's end.
pub(in crate::scan) fn logical_lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        text.get(start..).filter(|rest| !rest.is_empty())?;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let Some(end) = rest.find('\n') else {
                at = text.len();
                return Some(start..at);
            };
            let line = rest.get(..end).unwrap_or_default();
            at += end + 1;
            if !line.trim_end_matches('\r').ends_with('\\') || at >= text.len() {
                return Some(start..at - 1);
            }
        }
    })
}

/// Where the command of a line begins, and whether something says that it is one.
fn after_prompt(line: &str) -> (usize, bool) {
    let mut rest = line.trim_start_matches([' ', '\t', '>']);
    let mut marked = false;
    // A list, a prompt, what a container file or a pipeline's steps are made of.
    for mark in ["- ", "* ", "+ "] {
        rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
    }
    for mark in ["$ ", "% ", "RUN ", "run: ", "command: ", "script: ", "ExecStart=", "PS> "] {
        if let Some(after) = rest.strip_prefix(mark) {
            (rest, marked) = (after.trim_start(), true);
        }
    }
    if let Some(after) = after_host(rest) {
        (rest, marked) = (after, true);
    }
    (line.len() - rest.len(), marked)
}

/// What follows `user@host:~$ `.
fn after_host(line: &str) -> Option<&str> {
    let sign = line.find(['$', '#']).filter(|at| *at < 60)?;
    let prompt = line.get(..sign)?;
    let is_prompt = prompt.contains('@') && !prompt.contains([' ', '"', '\'', '=']);
    line.get(sign + 1..)?.strip_prefix(' ').filter(|_| is_prompt)
}

/// The code between single backticks.
fn in_line(line: &str) -> Vec<Range<usize>> {
    let ticks: Vec<usize> = line.match_indices('`').map(|(at, _)| at).collect();
    let pairs = ticks.chunks_exact(2).filter_map(|pair| match pair {
        [open, close] => Some(open + 1..*close),
        _ => None,
    });
    pairs.filter(|code| !code.is_empty()).collect()
}

/// Whether a text begins like a command: with a known program, perhaps behind `sudo` or an assignment.
pub(in crate::scan) fn begins_with_program(text: &str) -> bool {
    let mut words = text.split([' ', '\t', '\n']).filter(|word| !word.is_empty()).take(6);
    words.find(|word| !is_before(word)).is_some_and(|word| {
        let word = word.trim_start_matches(['(', '{']).trim_end_matches([';', ')']);
        let name = word.rsplit('/').next().unwrap_or_default();
        // Commands of Windows are written in any case; elsewhere `Find` begins a sentence.
        let any_case = name.contains(['-', '.']) || name.bytes().all(|b| b.is_ascii_uppercase());
        let name = if any_case { name.to_ascii_lowercase() } else { name.to_owned() };
        PROGRAMS.binary_search(&name.trim_end_matches(".exe")).is_ok()
            || word.starts_with("./")
            || word.starts_with(":()")
    })
}

/// Whether a line that begins like a command goes on like a sentence (`find the file that …`).
fn is_sentence(line: &str) -> bool {
    let is_small = |word: &&str| {
        matches!(
            *word,
            "the"
                | "a"
                | "an"
                | "of"
                | "is"
                | "are"
                | "to"
                | "and"
                | "with"
                | "your"
                | "it"
                | "that"
                | "this"
                | "or"
                | "from"
                | "by"
                | "be"
                | "can"
                | "not"
        )
    };
    line.split([' ', ',', '.']).filter(is_small).nth(1).is_some()
}

/// What may stand before a program: its runner, a setting, the shell's own words.
fn is_before(word: &str) -> bool {
    let is_setting = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    });
    is_setting
        || matches!(
            word,
            "sudo"
                | "doas"
                | "nohup"
                | "exec"
                | "time"
                | "command"
                | "if"
                | "then"
                | "while"
                | "do"
                | "!"
                | "("
                | "{"
                | "&&"
                | "-E"
                | "-n"
        )
}
