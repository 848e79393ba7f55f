//! Shells and interpreters: what they are told to run.

use super::walk::{Arg, Flow, Spot, Stdin, Walk, base};
use super::{Finding, danger, table};

/// Judges a program that runs text: a shell, an interpreter, `eval` and its like.
pub(super) fn program(walk: &mut Walk, name: &str, args: &[Arg], stdin: &Stdin, spot: Spot) {
    match name {
        "eval" => joined(walk, args, stdin, spot),
        "source" | "." => script(walk, args.first(), stdin),
        "trap" => {
            if let Some(action) = args.iter().find(|a| !a.text.starts_with('-')) {
                computed_or(walk, action, |walk, text| {
                    walk.text(text, &Stdin::Own, spot);
                });
            }
        }
        "alias" => {
            for (_, value) in args.iter().filter_map(|a| a.text.split_once('=')) {
                walk.text(value, &Stdin::Own, spot);
            }
        }
        name if table::is_shell(name) => shell(walk, args, stdin, spot),
        name if table::is_interpreter(name) => interpreter(walk, args, stdin),
        _ => {}
    }
}

fn shell(walk: &mut Walk, args: &[Arg], stdin: &Stdin, spot: Spot) {
    let mut rest = args.iter().peekable();
    let (mut text, mut input) = (false, false);
    while let Some(flag) = rest.next_if(|a| a.text.len() > 1 && a.text.starts_with(['-', '+'])) {
        let letters = !flag.text.starts_with("--");
        text |= letters && flag.text.contains('c') && flag.text.starts_with('-');
        input |= letters && flag.text.contains('s') && flag.text.starts_with('-');
        if !flag.literal {
            walk.find(Finding::RunsText);
        }
        if letters && flag.text.ends_with(['o', 'O'])
            || matches!(flag.text.as_str(), "--rcfile" | "--init-file")
        {
            rest.next();
        }
    }
    match rest.next() {
        Some(command) if text => computed_or(walk, command, |walk, text| {
            walk.text(text, stdin, spot);
        }),
        Some(file) if !input => {
            if file.text.starts_with("$0") && spot.background {
                walk.find(Finding::ForkBomb);
            }
            script(walk, Some(file), stdin);
        }
        _ => reads(walk, stdin, |walk, text| {
            walk.text(text, &Stdin::Own, spot);
        }),
    }
}

fn interpreter(walk: &mut Walk, args: &[Arg], stdin: &Stdin) {
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let text = arg.text.as_str();
        if let Some((flag, code)) = text.split_once('=').filter(|(flag, _)| flag.starts_with("--")) {
            if table::takes_code(flag) {
                return computed_or(walk, &Arg { text: code.to_owned(), ..arg.clone() }, danger::code);
            }
            continue;
        }
        if table::takes_code(text) {
            let Some(code) = rest.next() else { return };
            return computed_or(walk, code, danger::code);
        }
        match text {
            // A module is a program of its own.
            "-m" => return,
            "-V" | "-v" | "--version" | "-h" | "--help" => return,
            _ if text.len() > 1 && text.starts_with('-') => {}
            _ => return script(walk, Some(arg), stdin),
        }
    }
    reads(walk, stdin, danger::code);
}

/// A file is run.
fn script(walk: &mut Walk, file: Option<&Arg>, stdin: &Stdin) {
    let Some(file) = file else { return };
    if let Some(flow) = file.feeds {
        danger::flows_into(walk, flow);
        return walk.find(Finding::PipesToShell);
    }
    if matches!(file.text.as_str(), "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0") {
        return reads(walk, stdin, |walk, text| {
            walk.text(text, &Stdin::Own, Spot::default());
        });
    }
    if !file.literal {
        return walk.find(Finding::RunsText);
    }
    walk.ran.push(base(&file.text).to_owned());
}

/// The program runs what it reads.
fn reads(walk: &mut Walk, stdin: &Stdin, literal: impl FnOnce(&mut Walk, &str)) {
    match stdin {
        Stdin::Own => {}
        Stdin::Pipe(flow) => {
            danger::flows_into(walk, *flow);
            walk.find(Finding::PipesToShell);
        }
        Stdin::Text(text) => literal(walk, text),
        Stdin::Computed => walk.find(Finding::RunsText),
        Stdin::File(file) => script(walk, Some(file), &Stdin::Own),
    }
}

fn joined(walk: &mut Walk, args: &[Arg], stdin: &Stdin, spot: Spot) {
    let text: Vec<&str> = args.iter().map(|a| a.text.as_str()).collect();
    let feeds = args.iter().filter_map(|a| a.feeds);
    let feeds =
        feeds.reduce(|a, b| Flow { network: a.network || b.network, decoded: a.decoded || b.decoded });
    let literal = args.iter().all(|a| a.literal);
    let all = Arg { text: text.join(" "), literal, glob: false, feeds };
    computed_or(walk, &all, |walk, text| {
        walk.text(text, stdin, spot);
    });
}

/// A literal text is walked; of any other it is only known what flows into it.
fn computed_or(walk: &mut Walk, arg: &Arg, literal: impl FnOnce(&mut Walk, &str)) {
    if let Some(flow) = arg.feeds {
        danger::flows_into(walk, flow);
    }
    if arg.literal {
        return literal(walk, &arg.text);
    }
    walk.find(Finding::RunsText);
    danger::code(walk, &arg.text);
}

/// The text that a wrapper such as `su -c` or `watch` hands to a shell.
pub(super) fn hands_over(walk: &mut Walk, args: &[Arg], stdin: &Stdin, spot: Spot) {
    joined(walk, args, stdin, spot);
}
