//! Programs that run the rest of their arguments.

use super::walk::{Arg, Spot, Stdin, Walk};
use super::{Finding, interpreter, table};

/// Wrappers whose own arguments are flags, then `operands` words, and then a command. `values` are the letters of flags
/// that take the next word.
struct Wrapper {
    names: &'static [&'static str],
    values: &'static str,
    operands: usize,
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        names: &[
            "nohup", "setsid", "command", "builtin", "time", "unbuffer", "busybox", "toybox", "doas",
            "pkexec",
        ],
        values: "u",
        operands: 0,
    },
    Wrapper { names: &["exec"], values: "a", operands: 0 },
    Wrapper { names: &["sudo"], values: "ughpCTDRrtU", operands: 0 },
    Wrapper { names: &["nice"], values: "n", operands: 0 },
    Wrapper { names: &["ionice"], values: "cnp", operands: 0 },
    Wrapper { names: &["stdbuf"], values: "ioe", operands: 0 },
    Wrapper { names: &["timeout", "gtimeout"], values: "sk", operands: 1 },
    Wrapper { names: &["chroot", "proot", "fakechroot"], values: "rb", operands: 1 },
    Wrapper { names: &["taskset", "chrt"], values: "p", operands: 1 },
    Wrapper { names: &["flock"], values: "wE", operands: 1 },
    Wrapper {
        names: &["unshare", "nsenter", "strace", "ltrace", "systemd-run", "firejail", "bwrap"],
        values: "teoEpS",
        operands: 0,
    },
    Wrapper { names: &["env", "genv"], values: "uC", operands: 0 },
];

/// Runs what a wrapper runs; whether the program is one.
pub(super) fn unwrap(walk: &mut Walk, name: &str, args: &[Arg], stdin: &Stdin, spot: Spot) -> bool {
    if matches!(name, "sudo" | "doas" | "pkexec" | "su" | "runuser" | "sudoedit" | "chroot" | "nsenter") {
        walk.find(Finding::Privileged);
    }
    match name {
        "xargs" | "parallel" => xargs(walk, args, spot),
        "find" | "fd" | "fdfind" => find(walk, args, stdin, spot),
        "su" | "runuser" | "script" => {
            let command =
                args.windows(2).find(|w| matches!(w, [f, _] if f.text == "-c" || f.text == "--command"));
            if let Some([_, command]) = command {
                interpreter::hands_over(walk, std::slice::from_ref(command), stdin, spot);
            }
        }
        "watch" | "entr" => interpreter::hands_over(walk, after_flags(args, "nd"), stdin, spot),
        _ => return plain(walk, name, args, stdin, spot),
    }
    true
}

fn plain(walk: &mut Walk, name: &str, args: &[Arg], stdin: &Stdin, spot: Spot) -> bool {
    let Some(wrapper) = WRAPPERS.iter().find(|w| w.names.contains(&name)) else { return false };
    // `command -v x` only tells where x is; `env -S 'x y'` splits a text.
    if name == "command" && args.first().is_some_and(|a| matches!(a.text.as_str(), "-v" | "-V")) {
        return true;
    }
    if let Some(text) = args.iter().find(|a| name.ends_with("env") && splits(&a.text)) {
        let text = text.text.trim_start_matches("--split-string=").trim_start_matches("-S").to_owned();
        let rest = args.iter().skip_while(|a| !splits(&a.text)).skip(1).cloned();
        let split: Vec<Arg> =
            std::iter::once(Arg { text, literal: true, ..Arg::default() }).chain(rest).collect();
        interpreter::hands_over(walk, &split, stdin, spot);
        return true;
    }
    let rest = after_flags(args, wrapper.values);
    let rest = rest.get(wrapper.operands..).unwrap_or_default();
    let assigned =
        rest.iter().take_while(|a| matches!(name, "env" | "genv" | "sudo") && is_assignment(&a.text)).count();
    if assigned > 0 {
        walk.find(Finding::Active);
    }
    walk.run(rest.get(assigned..).unwrap_or_default(), stdin, spot);
    true
}

fn splits(text: &str) -> bool {
    text.starts_with("-S") || text.starts_with("--split-string")
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.starts_with('-'))
}

/// What follows the flags; letters in `values` take the next word unless their value is attached.
fn after_flags<'a>(args: &'a [Arg], values: &str) -> &'a [Arg] {
    let mut at = 0;
    while let Some(flag) = args.get(at).filter(|a| a.text.len() > 1 && a.text.starts_with('-')) {
        at += 1;
        if flag.text == "--" {
            break;
        }
        let mut letters = flag.text.chars().skip(1);
        let takes = letters.next().is_some_and(|c| values.contains(c)) && letters.next().is_none();
        at += usize::from(takes);
    }
    args.get(at.min(args.len())..).unwrap_or_default()
}

/// The arguments that `xargs` adds are read from its input, so nobody knows them.
fn xargs(walk: &mut Walk, args: &[Arg], spot: Spot) {
    let mut rest = after_flags(args, "IJRnPLsdaEjS").to_vec();
    let Some(first) = rest.first() else { return };
    let name = super::walk::base(&first.text).to_lowercase();
    let place = rest.iter().skip(1).any(|a| a.text.contains("{}") || a.text.contains('%'));
    let code = rest.iter().any(|a| a.literal && a.text.starts_with('-') && a.text.ends_with('c'));
    if (table::is_shell(&name) || table::is_interpreter(&name)) && (place || !code) {
        walk.find(Finding::PipesToShell);
    }
    if name == "eval" {
        walk.find(Finding::RunsText);
    }
    rest.push(Arg { text: "$()".to_owned(), ..Arg::default() });
    walk.run(&rest, &Stdin::Own, spot);
}

/// The commands after `-exec` and its like, with the folder that is searched in place of `{}`.
fn find(walk: &mut Walk, args: &[Arg], stdin: &Stdin, spot: Spot) {
    let exec = |a: &Arg| {
        matches!(
            a.text.as_str(),
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec" | "--exec-batch"
        )
    };
    let folder = args.first().filter(|a| !a.text.starts_with('-')).map_or(".", |a| a.text.as_str());
    let mut rest = args;
    while let Some(at) = rest.iter().position(exec) {
        rest = rest.get(at + 1..).unwrap_or_default();
        let end = rest.iter().position(|a| matches!(a.text.as_str(), ";" | "+")).unwrap_or(rest.len());
        let (command, after) = rest.split_at(end);
        let put = |arg: &Arg| match arg.text.contains("{}") {
            true => Arg { text: arg.text.replace("{}", folder), literal: false, ..arg.clone() },
            false => arg.clone(),
        };
        let command: Vec<Arg> = command.iter().map(put).collect();
        walk.run(&command, stdin, spot);
        rest = after;
    }
}
