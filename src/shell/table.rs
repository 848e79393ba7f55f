//! What programs are known for. Names are in lower case; lists that rules need stand in the rules.

/// Shells, which run their input and their arguments.
pub(super) fn is_shell(name: &str) -> bool {
    matches!(
        name,
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "mksh" | "ash" | "fish" | "csh" | "tcsh" | "rbash" | "yash"
    )
}

/// Interpreters, which run their input and code in their arguments.
pub(super) fn is_interpreter(name: &str) -> bool {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(
        base,
        "python"
            | "pypy"
            | "perl"
            | "ruby"
            | "node"
            | "nodejs"
            | "php"
            | "lua"
            | "luajit"
            | "tclsh"
            | "expect"
            | "rscript"
            | "osascript"
            | "pwsh"
            | "powershell"
            | "deno"
            | "bun"
            | "guile"
            | "julia"
    )
}

/// Whether a flag of an interpreter is followed by code.
pub(super) fn takes_code(flag: &str) -> bool {
    matches!(flag, "--eval" | "--print" | "-command" | "-Command" | "-EncodedCommand" | "-enc" | "--command")
        || flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with(['c', 'e', 'E', 'r', 'p'])
}

/// Programs that fetch or hold a connection.
pub(super) fn is_network(name: &str) -> bool {
    matches!(
        name,
        "curl"
            | "wget"
            | "fetch"
            | "aria2c"
            | "axel"
            | "http"
            | "https"
            | "lynx"
            | "links"
            | "w3m"
            | "ftp"
            | "sftp"
            | "tftp"
            | "scp"
            | "rsync"
            | "ssh"
            | "rclone"
            | "lwp-request"
            | "lwp-download"
            | "get"
            | "gh"
    ) || is_connection(name)
}

/// Programs that tie their input and output to a connection.
pub(super) fn is_connection(name: &str) -> bool {
    matches!(
        name,
        "nc" | "ncat"
            | "netcat"
            | "nc.traditional"
            | "nc.openbsd"
            | "socat"
            | "telnet"
            | "cryptcat"
            | "pwncat"
            | "websocat"
    )
}

/// Programs that write the files in their arguments.
pub(super) fn is_writer(name: &str) -> bool {
    matches!(
        name,
        "tee"
            | "cp"
            | "mv"
            | "ln"
            | "install"
            | "dd"
            | "sed"
            | "rsync"
            | "scp"
            | "truncate"
            | "touch"
            | "ed"
            | "ex"
            | "chmod"
            | "chown"
            | "chattr"
            | "sponge"
            | "patch"
            | "tar"
            | "unzip"
            | "curl"
            | "wget"
            | "perl"
            | "ssh-copy-id"
    )
}

/// Devices that hold nothing and harm nobody.
pub(super) fn is_harmless_device(path: &str) -> bool {
    matches!(
        path,
        "/dev/null"
            | "/dev/zero"
            | "/dev/full"
            | "/dev/stdin"
            | "/dev/stdout"
            | "/dev/stderr"
            | "/dev/tty"
            | "/dev/random"
            | "/dev/urandom"
    ) || path.strip_prefix("/dev/fd/").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        || path.starts_with("/dev/shm/")
}

/// Files and folders whose content is run or obeyed later by itself.
pub(super) fn is_persistent(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let named = matches!(
        name,
        ".bashrc"
            | ".bash_profile"
            | ".bash_login"
            | ".bash_logout"
            | ".bash_aliases"
            | ".profile"
            | ".zshrc"
            | ".zshenv"
            | ".zprofile"
            | ".zlogin"
            | ".kshrc"
            | ".cshrc"
            | ".tcshrc"
            | ".login"
            | ".xinitrc"
            | ".xprofile"
            | ".xsession"
            | "authorized_keys"
            | "authorized_keys2"
            | "rc.local"
            | "sudoers"
            | "crontab"
            | "ld.so.preload"
            | ".gitconfig"
            | ".vimrc"
            | ".inputrc"
            | "config.fish"
    );
    let folders = [
        "/etc/cron",
        "/var/spool/cron",
        "/etc/profile",
        "/etc/bash.bashrc",
        "/etc/bashrc",
        "/etc/zsh",
        "/etc/init",
        "/etc/rc",
        "/etc/sudoers",
        "/etc/pam.d",
        "/etc/passwd",
        "/etc/shadow",
        "/etc/group",
        "/etc/ld.so",
        "/etc/ssh/",
        "/etc/systemd/",
        "/lib/systemd/",
        "/etc/update-motd.d",
        "/etc/xdg/autostart",
        "/etc/udev/",
        "/library/launch",
    ];
    let inside = [
        ".git/hooks/",
        ".config/autostart/",
        ".config/systemd/",
        ".config/fish/",
        "/library/launchagents/",
        ".ssh/rc",
        ".ssh/config",
    ];
    named || folders.iter().any(|f| path.starts_with(f)) || inside.iter().any(|f| path.contains(f))
}

/// The flags that make a program, which otherwise only reads, write, run something or look at everything below a folder.
const ACTIVE: &[(&str, &str, &[&str])] = &[
    ("sort", "oT", &["output", "compress-program", "temporary-directory", "files0-from"]),
    ("wc", "", &["files0-from"]),
    ("du", "", &["files0-from"]),
    ("date", "s", &["set"]),
    ("grep", "rRf", &["recursive", "dereference-recursive", "file", "directories"]),
    ("egrep", "rRf", &["recursive", "dereference-recursive", "file", "directories"]),
    ("fgrep", "rRf", &["recursive", "dereference-recursive", "file", "directories"]),
    ("diff", "r", &["recursive", "from-file", "to-file"]),
    ("tail", "fF", &["follow", "retry"]),
    ("file", "Cmf", &["compile", "magic-file", "files-from"]),
    ("tree", "oR", &["output"]),
    ("stat", "", &[]),
    ("shuf", "o", &["output", "random-source"]),
    ("b2sum", "c", &["check"]),
    ("md5sum", "c", &["check"]),
    ("sha1sum", "c", &["check"]),
    ("sha224sum", "c", &["check"]),
    ("sha256sum", "c", &["check"]),
    ("sha384sum", "c", &["check"]),
    ("sha512sum", "c", &["check"]),
    ("cksum", "c", &["check"]),
    ("printf", "v", &[]),
    ("time", "oa", &["output", "append"]),
];

/// Whether a flag turns a reading program into something else. Long options may be cut short, as GNU programs allow.
pub(super) fn is_active(name: &str, flag: &str) -> bool {
    if name == "find" {
        return ["-delete", "-fprint", "-fls", "-exec", "-ok", "-files0-from"]
            .iter()
            .any(|f| flag.starts_with(f));
    }
    let Some((_, short, long)) = ACTIVE.iter().find(|(known, _, _)| *known == name) else { return false };
    match flag.strip_prefix("--") {
        Some(given) => {
            let given = given.split('=').next().unwrap_or_default();
            !given.is_empty() && long.iter().any(|known| known.starts_with(given))
        }
        None => flag.chars().skip(1).any(|c| short.contains(c)),
    }
}
