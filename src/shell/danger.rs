//! What programs, paths and code amount to.

use super::filter::{self, Filter};
use super::walk::{Arg, Flow, Stdin, Walk, base};
use super::{Finding, Program, table};

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// To a device that holds nothing.
    Harmless,
    /// To anything else.
    Other,
}

/// Notes what a path says; `written` when something goes into it.
pub(super) fn path(walk: &mut Walk, text: &str, written: bool) -> Place {
    if ["/dev/tcp/", "/dev/udp/", "/inet/tcp/", "/inet/udp/", "zsh/net/tcp"].iter().any(|f| text.contains(f))
    {
        walk.find(Finding::NetworkDevice);
        return Place::Other;
    }
    if table::is_harmless_device(text) {
        return Place::Harmless;
    }
    if text.contains("://") {
        return Place::Other;
    }
    let lower = text.to_lowercase();
    if lower.starts_with("/dev/") || lower.starts_with("/proc/kcore") || lower.starts_with("/proc/sysrq") {
        walk.find(Finding::Device);
    }
    if written && table::is_persistent(&lower) {
        walk.find(Finding::Persistence);
    }
    let parts = || lower.split('/').filter(|part| !part.is_empty());
    if text.starts_with(['/', '~']) || parts().any(|part| part == "..") {
        walk.find(Finding::Outside);
    }
    if parts().any(|part| part.starts_with('.') && !matches!(part, "." | "..")) {
        walk.find(Finding::Hidden);
    }
    let mut parts: Vec<&str> = parts().collect();
    walk.facts.names.extend(parts.pop().map(str::to_owned));
    walk.facts.folders.extend(parts.into_iter().map(str::to_owned));
    Place::Other
}

/// Something that a flow carries is run.
pub(super) fn flows_into(walk: &mut Walk, flow: Flow) {
    if flow.network {
        walk.find(Finding::DownloadRun);
    }
    if flow.decoded {
        walk.find(Finding::DecodedRun);
    }
}

/// Whether a program turns encoded text back.
pub(super) fn decodes(program: &Program) -> bool {
    let short = |letters: &str| {
        program.flags.iter().any(|f| !f.starts_with("--") && f.chars().skip(1).any(|c| letters.contains(c)))
    };
    let long = |name: &str| program.flags.iter().any(|f| f.len() > 3 && name.starts_with(f.as_str()));
    match base(&program.name) {
        "base64" | "gbase64" | "base32" | "basenc" | "base58" => short("dD") || long("--decode"),
        "openssl" => program.flags.iter().any(|f| f == "-d"),
        "xxd" => short("r") || long("-revert"),
        "uudecode" | "b64decode" => true,
        _ => false,
    }
}

/// Variables that decide what programs do or which ones run.
pub(super) fn is_setting(name: &str) -> bool {
    matches!(
        name,
        "PATH"
            | "IFS"
            | "ENV"
            | "BASH_ENV"
            | "SHELLOPTS"
            | "BASHOPTS"
            | "PROMPT_COMMAND"
            | "PS1"
            | "PS4"
            | "SHELL"
            | "EDITOR"
            | "VISUAL"
            | "PAGER"
            | "HOME"
            | "CDPATH"
            | "GLOBIGNORE"
            | "PYTHONPATH"
            | "PERL5OPT"
            | "PERL5LIB"
            | "RUBYOPT"
            | "NODE_OPTIONS"
            | "GIT_SSH"
            | "GIT_SSH_COMMAND"
            | "LESSOPEN"
    ) || name.starts_with("LD_")
        || name.starts_with("DYLD_")
}

/// Judges one program with its arguments.
pub(super) fn program(walk: &mut Walk, name: &str, args: &[Arg], stdin: &Stdin) {
    let writer = table::is_writer(name);
    let filter = filter::of(name, args);
    if filter == Filter::Open {
        walk.find(Finding::Active);
    }
    for (_, arg) in args.iter().enumerate().filter(|(at, _)| filter != Filter::Reads(*at)) {
        path(walk, &arg.text, writer);
        if let Some((_, value)) = arg.text.split_once('=') {
            path(walk, value, writer);
        }
        if arg.text.len() > 1 && arg.text.starts_with('-') && table::is_active(name, &arg.text) {
            walk.find(Finding::Active);
        }
    }
    let has = |short: &str, long: &str| flag(args, short, long);
    match name {
        "rm" | "unlink" | "rmdir" | "shred" => {
            let recursive = has("rR", "--recursive");
            if recursive && args.iter().any(|a| is_root(&a.text))
                || args.iter().any(|a| a.text == "--no-preserve-root")
            {
                walk.find(Finding::DestroysTree);
            }
        }
        "chmod" | "chown" | "chgrp" | "chattr" => {
            if has("R", "--recursive") && args.iter().any(|a| is_root(&a.text)) {
                walk.find(Finding::DestroysTree);
            }
            if name == "chmod" && args.iter().any(|a| sets_uid(&a.text)) {
                walk.find(Finding::SetUid);
            }
        }
        "install" if args.windows(2).any(|w| matches!(w, [f, m] if f.text == "-m" && sets_uid(&m.text))) => {
            walk.find(Finding::SetUid);
        }
        "setcap" => walk.find(Finding::SetUid),
        "mv" if args.iter().any(|a| is_root(&a.text)) => walk.find(Finding::DestroysTree),
        "find" => {
            let root = args.first().is_some_and(|a| is_root(&a.text));
            if root && args.iter().any(|a| a.text == "-delete") {
                walk.find(Finding::DestroysTree);
            }
        }
        "uniq" if args.iter().filter(|a| !a.text.starts_with('-')).count() > 1 => walk.find(Finding::Active),
        "crontab" if !has("l", "--list") => walk.find(Finding::Persistence),
        "at" | "batch" => walk.find(Finding::Persistence),
        "tee" | "sponge" => {
            if let Stdin::Pipe(flow) = stdin {
                args.iter().for_each(|a| walk.fetch(&a.text, *flow));
            }
        }
        "wipefs" | "fdisk" | "sfdisk" | "parted" | "blkdiscard" => walk.find(Finding::Device),
        "ztcp" => walk.find(Finding::NetworkDevice),
        _ if name.starts_with("mkfs") || name.starts_with("mke2fs") => walk.find(Finding::Device),
        _ => {}
    }
    if table::is_network(name) {
        network(walk, name, args);
    }
}

fn network(walk: &mut Walk, name: &str, args: &[Arg]) {
    walk.find(Finding::Network);
    let fetched = Flow { network: true, decoded: false };
    for arg in args {
        let text = &arg.text;
        // Both what is named for the output and what a URL ends in may be the file.
        let url = text.split(['?', '#']).next().unwrap_or_default();
        walk.fetch(url.rsplit('=').next().unwrap_or(url), fetched);
        let lower = text.to_lowercase();
        let runs = match name {
            "socat" => lower.contains("exec:") || lower.contains("system:") || lower.contains("shell:"),
            _ if table::is_connection(name) && name != "telnet" => {
                let long = ["--exec", "--sh-exec", "--lua-exec"].iter().any(|f| text.starts_with(f));
                long || !text.starts_with("--") && text.starts_with('-') && text.contains(['e', 'c'])
            }
            _ => false,
        };
        if runs {
            walk.find(Finding::ReverseShell);
        }
    }
}

/// Judges code in another language that an argument or a document holds.
pub(super) fn code(walk: &mut Walk, text: &str) {
    let lower = text.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    let connects = any(&[
        "socket",
        "fsockopen",
        "tcpsocket",
        "net.connect",
        "require('net')",
        "require(\"net\")",
        "/inet/tcp",
    ]);
    let shells = any(&[
        "/sh",
        "/bash",
        "subprocess",
        "os.system",
        "pty.",
        "dup2",
        "exec",
        "popen",
        "spawn",
        "system(",
        "passthru",
        "cmd.exe",
    ]);
    if connects && shells {
        walk.find(Finding::ReverseShell);
    }
    if any(&[
        "b64decode",
        "base64_decode",
        "decode_base64",
        "decode64",
        "fromhex",
        "unhexlify",
        "atob(",
        "frombase64",
        "'base64'",
        "\"base64\"",
        "mime::base64",
    ]) && any(&["exec", "eval", "system", "popen", "subprocess", "spawn", "iex"])
    {
        walk.find(Finding::DecodedRun);
    }
    if any(&[
        "urlopen",
        "requests.get",
        "urlretrieve",
        "open-uri",
        "lwp::simple",
        "file_get_contents('http",
        "downloadstring",
        "invoke-webrequest",
    ]) && any(&["exec", "eval", "system", "popen", "subprocess", "iex"])
    {
        walk.find(Finding::DownloadRun);
    }
    if any(&["/dev/tcp/", "/dev/udp/", "/inet/tcp/"]) {
        walk.find(Finding::NetworkDevice);
    }
    if any(&[
        "fork while",
        "while fork",
        "while true: os.fork",
        "while 1: os.fork",
        "while(1){fork",
        "while (1) { fork",
    ]) {
        walk.find(Finding::ForkBomb);
    }
    if any(&["rmtree('/'", "rmtree(\"/\"", "rmtree(os.path.expanduser", "rm -rf /", "rm -rf ~"]) {
        walk.find(Finding::DestroysTree);
    }
}

/// Whether one of the arguments is the flag, alone, among others (`-rf`), or in full or cut short (`--recur`).
pub(super) fn flag(args: &[Arg], short: &str, long: &str) -> bool {
    args.iter().map(|a| a.text.as_str()).take_while(|a| *a != "--").any(|a| match a.strip_prefix("--") {
        Some(given) => !given.is_empty() && long.get(2..).is_some_and(|long| long.starts_with(given)),
        None => a.starts_with('-') && a.chars().skip(1).any(|c| short.contains(c)),
    })
}

/// The whole system, a home folder, or a folder that systems need.
fn is_root(text: &str) -> bool {
    let mut parts: Vec<&str> = Vec::new();
    let trimmed = text.trim_end_matches(['*', '.', '{', '}', '/', ' ']);
    if matches!(text, ".." | "../" | "../*" | "/." | "/..") {
        return true;
    }
    for part in trimmed.split('/').filter(|p| !p.is_empty() && *p != ".") {
        match part {
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    match (text.starts_with('/'), parts.as_slice()) {
        (true, []) => true,
        (true, [top]) => !matches!(*top, "tmp"),
        (true, ["home" | "Users" | "usr" | "var", _]) => !text.starts_with("/var/tmp"),
        (false, [home]) => home.starts_with('~') || matches!(*home, "$HOME" | "$USER_HOME"),
        _ => false,
    }
}

/// `u+s`, `+s`, `g=rxs`, `4755`, `2755`, `=6755`.
fn sets_uid(mode: &str) -> bool {
    let digits = mode.trim_start_matches(['=', '+', '0']);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.len() >= 4 && digits.bytes().rev().nth(3).is_some_and(|d| (d - b'0') & 6 != 0);
    }
    mode.split(',').any(|part| {
        let Some(at) = part.find(['+', '=']) else { return false };
        let (who, what) = part.split_at(at);
        who.bytes().all(|b| b"ugoa".contains(&b)) && what.contains('s')
    })
}
