//! What a command does, one line for each act, in the form that rules are written for.
//!
//! A program is its name and its words with blanks between; quotes are gone and a blank inside a word is U+00A0. A file that
//! is read is `< file`, one that is written `> file`, a variable that is set `NAME=value`.

use crate::shell::{Access, CommandFacts, Program};

/// The acts of a command, in no order.
pub(super) fn acts(facts: &CommandFacts) -> Vec<String> {
    let mut acts: Vec<String> =
        facts.settings.iter().map(|(name, value)| format!("{name}={}", word(value))).collect();
    for redirect in &facts.redirects {
        let sign = if redirect.access == Access::Read { '<' } else { '>' };
        acts.push(format!("{sign} {}", word(&redirect.target)));
    }
    for program in &facts.programs {
        let words: Vec<String> = std::iter::once(program.name.as_str())
            .chain(program.words.iter().map(String::as_str))
            .map(word)
            .collect();
        acts.push(words.join(" "));
        files(program, &mut acts);
    }
    acts
}

fn word(text: &str) -> String {
    text.replace([' ', '\t', '\n'], "\u{a0}")
}

/// The files that a program reads and writes by its arguments.
fn files(program: &Program, acts: &mut Vec<String>) {
    let name = program.name.rsplit('/').next().unwrap_or_default();
    let args: Vec<&str> = operands(program);
    let (read, written): (&[&str], &[&str]) = match name {
        "cp" | "mv" | "install" | "scp" | "rsync" | "gcp" => {
            args.split_last().map_or((&[][..], &[][..]), |(last, rest)| (rest, std::slice::from_ref(last)))
        }
        "ln" => (&[], args.last().map_or(&[][..], std::slice::from_ref)),
        "tee" | "sponge" | "touch" | "truncate" | "shred" | "unlink" | "rm" => (&[], &args),
        "sed" | "gsed" | "perl" if program.flags.iter().any(|flag| flag.starts_with("-i")) => (&[], &args),
        _ if READERS.contains(&name) => (&args, &[]),
        _ => (&[], &[]),
    };
    acts.extend(read.iter().map(|file| format!("< {}", word(file))));
    let is_erased = matches!(name, "rm" | "shred" | "unlink" | "truncate");
    let sign = if is_erased { '-' } else { '>' };
    acts.extend(written.iter().map(|file| format!("{sign} {}", word(file))));
    // `dd if=a of=b`, `curl -F file=@a`, `-o b`.
    for text in &program.words {
        match text.split_once('=') {
            Some(("if", file)) => acts.push(format!("< {}", word(file))),
            Some(("--post-file" | "--upload-file" | "--body-file", file)) => {
                acts.push(format!("< {}", word(file)))
            }
            Some(("of", file)) => acts.push(format!("> {}", word(file))),
            Some((_, value)) if value.starts_with('@') => {
                acts.push(format!("< {}", word(value.trim_start_matches('@'))))
            }
            None if text.starts_with('@') => acts.push(format!("< {}", word(text.trim_start_matches('@')))),
            _ => {}
        }
    }
    let flags = program.words.iter().zip(program.words.iter().skip(1));
    for (flag, value) in flags {
        let writes = matches!(flag.as_str(), "-o" | "-O" | "--output" | "-out" | "--output-document");
        let reads = matches!(flag.as_str(), "-T" | "--upload-file" | "-in" | "--post-file");
        match (writes, reads) {
            (true, _) => acts.push(format!("> {}", word(value))),
            (_, true) => acts.push(format!("< {}", word(value))),
            _ => {}
        }
    }
}

/// The arguments but for the key to log in with (`scp -i key`), which stays here, and a command inside a word (`rsync -e 'ssh …'`).
fn operands(program: &Program) -> Vec<&str> {
    let logs_in = matches!(program.name.as_str(), "scp" | "sftp" | "rsync" | "ssh");
    let before = std::iter::once("").chain(program.words.iter().map(String::as_str));
    let words = before.zip(program.words.iter().map(String::as_str));
    words
        .filter(|(before, word)| {
            !(word.starts_with('-') || word.starts_with("ssh ") || logs_in && *before == "-i")
        })
        .map(|(_, word)| word)
        .collect()
}

/// Programs that read the files they are given, and show, pack or send what is in them.
const READERS: &[&str] = &[
    "cat",
    "tac",
    "nl",
    "less",
    "more",
    "head",
    "tail",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "zgrep",
    "strings",
    "xxd",
    "od",
    "hexdump",
    "base64",
    "base32",
    "b64encode",
    "cut",
    "sort",
    "awk",
    "gawk",
    "sed",
    "tar",
    "zip",
    "7z",
    "7za",
    "gzip",
    "bzip2",
    "xz",
    "ccrypt",
    "ccencrypt",
    "age",
    "nc",
    "ncat",
    "netcat",
    "ftp",
    "sftp",
    "aws",
    "gsutil",
    "rclone",
    "sqlite3",
    "vi",
    "vim",
    "nano",
    "view",
    "bat",
    "diff",
    "paste",
    "rev",
    "unshadow",
    "john",
    "hashcat",
    "dd",
    "mail",
    "sendmail",
];
