//! Programs whose first operand is no file but a pattern or a program of their own: grep, sed, awk and jq.
//!
//! What cannot be told for certain is open: the flags that are read here are those without a value of their own, and of
//! each little language only forms that neither write, nor run, nor read anything but the files that are named.

#[cfg(test)]
mod tests;

use super::walk::Arg;

/// What a program does with its first operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// It is an argument like others.
    Plain,
    /// The argument at this place is a pattern or program that only reads.
    Reads(usize),
    /// It may be a program that does more.
    Open,
}

/// Whether a text is of a kind.
type Test = fn(&str) -> bool;

/// Reads the arguments of a program by this name.
pub(super) fn of(name: &str, args: &[Arg]) -> Filter {
    let (flag, reads, otherwise): (Test, Test, _) = match name {
        "grep" | "egrep" | "fgrep" => (is_grep_flag, |_| true, Filter::Plain),
        "sed" | "gsed" => (is_sed_flag, sed_reads, Filter::Open),
        "awk" | "gawk" | "mawk" | "nawk" => (is_awk_flag, awk_reads, Filter::Open),
        "jq" => (is_jq_flag, jq_reads, Filter::Open),
        _ => return Filter::Plain,
    };
    // Flags may also follow the operands, and one that is not known may make the first of them a file.
    let is_flag = |arg: &Arg| arg.text.len() > 1 && arg.text.starts_with('-');
    if args.iter().any(|arg| is_flag(arg) && !flag(&arg.text)) {
        return otherwise;
    }
    match args.iter().enumerate().find(|(_, arg)| !is_flag(arg)) {
        Some((at, script)) if script.literal && reads(&script.text) => Filter::Reads(at),
        _ => otherwise,
    }
}

/// Whether a flag is made of these letters.
fn is_letters(flag: &str, letters: &str) -> bool {
    !flag.starts_with("--") && flag.chars().skip(1).all(|c| letters.contains(c))
}

fn is_grep_flag(flag: &str) -> bool {
    let long = [
        "--color",
        "--color=never",
        "--color=always",
        "--color=auto",
        "--count",
        "--extended-regexp",
        "--fixed-strings",
        "--ignore-case",
        "--invert-match",
        "--line-number",
        "--no-filename",
        "--only-matching",
        "--quiet",
        "--with-filename",
        "--word-regexp",
    ];
    // `-A3` has its number with it; `-A 3` is left alone.
    let (head, number) = flag.split_at(flag.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    let head = match number {
        "" => head,
        _ => head.strip_suffix(['A', 'B', 'C', 'm']).unwrap_or(head),
    };
    is_letters(head, "EFGPHLabchilnoqsvwxz") || long.contains(&flag)
}

fn is_sed_flag(flag: &str) -> bool {
    is_letters(flag, "nErsuz") || matches!(flag, "--quiet" | "--silent" | "--regexp-extended")
}

/// `-F,` and `-F'\t'`; a value that stands apart would be taken for the program.
fn is_awk_flag(flag: &str) -> bool {
    flag.len() > 2 && flag.starts_with("-F")
}

fn is_jq_flag(flag: &str) -> bool {
    let long = [
        "--ascii-output",
        "--color-output",
        "--compact-output",
        "--exit-status",
        "--join-output",
        "--monochrome-output",
        "--null-input",
        "--raw-input",
        "--raw-output",
        "--slurp",
        "--sort-keys",
        "--tab",
    ];
    is_letters(flag, "CMRSacejnrs") || long.contains(&flag)
}

/// Only commands that print, leave out, stop or substitute: `w` writes, `e` runs, `r` reads, and the rest is rare.
fn sed_reads(script: &str) -> bool {
    script.split([';', '\n']).all(|command| {
        let command = command.trim();
        let rest = after_address(command).unwrap_or(command);
        let rest = rest.strip_prefix(',').and_then(after_address).unwrap_or(rest);
        match rest.trim_start().split_at_checked(1) {
            Some(("p" | "d" | "=", "")) => true,
            Some(("q", code)) => code.bytes().all(|b| b.is_ascii_digit()),
            Some(("s", substitution)) => substitutes(substitution),
            _ => false,
        }
    })
}

/// What follows a line's number, `$` or a pattern between slashes.
fn after_address(command: &str) -> Option<&str> {
    if let Some(rest) = command.strip_prefix('$') {
        return Some(rest);
    }
    if let Some(pattern) = command.strip_prefix('/') {
        let (pattern, rest) = pattern.split_once('/')?;
        return Some(rest).filter(|_| !pattern.ends_with('\\'));
    }
    let rest = command.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(rest).filter(|rest| rest.len() < command.len())
}

/// `/old/new/g`: one sign stands three times, and no flag writes or runs.
fn substitutes(text: &str) -> bool {
    let Some(sign) = text.chars().next().filter(|c| c.is_ascii_punctuation() && *c != '\\') else {
        return false;
    };
    let mut parts = text.split(sign).skip(1);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(old), Some(new), Some(flags), None) => {
            !old.ends_with('\\')
                && !new.ends_with('\\')
                && flags.chars().all(|c| "gpIi0123456789".contains(c))
        }
        _ => false,
    }
}

/// No sign or word that opens a file, a pipe, a connection or the environment, or runs a program or a function by name.
fn awk_reads(program: &str) -> bool {
    let open = ["|", ">", "@", "system", "getline", "ENVIRON", "PROCINFO", "ARG", "SYMTAB", "/inet"];
    !open.iter().any(|word| program.contains(word))
}

/// No environment and no modules.
fn jq_reads(filter: &str) -> bool {
    !["env", "ENV", "import", "include"].iter().any(|word| filter.contains(word))
}
