//! The air gap of one process: after this it reads and writes the streams that it holds, and nothing else.

use super::protocol::Probe;
use crate::egress::file;
use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The allow-list: memory without execution, locks, clocks, randomness and the streams that are open already.
const FILTER: &str = include_str!("confinement.json");

/// Takes all files and TCP ports away, by Landlock. Threads that start later inherit it, so it comes before them.
/// Kernels without Landlock leave this layer out; the system-call filter alone refuses the same.
pub(super) fn lock_files() -> String {
    let locked = || -> Result<_, landlock::RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .restrict_self()
    };
    match locked() {
        Ok(status) => match status.ruleset {
            RulesetStatus::FullyEnforced => "fully enforced".to_owned(),
            RulesetStatus::PartiallyEnforced => "partially enforced".to_owned(),
            RulesetStatus::NotEnforced => "not there in this kernel".to_owned(),
        },
        Err(e) => format!("failed: {e}"),
    }
}

/// Takes every system call away that is not on the list, from all threads, for good.
///
/// # Errors
/// When the filter cannot be made or the kernel does not take it; the caller must then end.
pub(super) fn lock_calls() -> Result<(), String> {
    let arch = std::env::consts::ARCH.try_into().map_err(|e| format!("no filter for this processor: {e}"))?;
    let mut filters = seccompiler::compile_from_json(FILTER.as_bytes(), arch)
        .map_err(|e| format!("the filter is broken: {e}"))?;
    let filter = filters.remove("worker").ok_or("the filter is missing")?;
    seccompiler::apply_filter_all_threads(&filter).map_err(|e| format!("the kernel refuses the filter: {e}"))
}

/// Tries each forbidden thing once. What is let through is undone or harmless.
pub(super) fn probe() -> Vec<Probe> {
    let tried = |attempt: &str, outcome: io::Result<()>| Probe {
        attempt: attempt.to_owned(),
        errno: outcome.err().map(|e| e.raw_os_error().unwrap_or(-1)),
    };
    vec![
        tried("open a file", open_a_file()),
        tried("open a network socket", std::net::UdpSocket::bind("127.0.0.1:0").map(drop)),
        tried("open a local socket", std::os::unix::net::UnixDatagram::unbound().map(drop)),
        tried("start a thread", start_a_thread()),
        tried("start a process", start_a_process()),
        tried("become another program", become_another()),
        tried("map executable memory", map_executable()),
        tried("make memory executable", make_executable()),
        tried(
            "signal a process",
            rustix::process::test_kill_process(rustix::process::Pid::INIT).map_err(Into::into),
        ),
    ]
}

fn open_a_file() -> io::Result<()> {
    match file::open(Path::new("/proc/self/exe")) {
        Ok(_) => Ok(()),
        Err(file::FileFailure::Open { cause, .. } | file::FileFailure::Read { cause, .. }) => Err(cause),
        Err(other) => Err(io::Error::other(other)),
    }
}

fn start_a_thread() -> io::Result<()> {
    let thread = std::thread::Builder::new().spawn(|| ())?;
    thread.join().map_err(|_| io::Error::other("the thread panicked"))
}

fn start_a_process() -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a probe that must be refused")]
    let mut child = Command::new("/bin/true").stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    child.wait().map(drop)
}

/// Only ever fails: unconfined because there is no such program, confined because it may not ask.
fn become_another() -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a probe that must be refused")]
    let failure = Command::new("/nonexistent/program").exec();
    Err(failure)
}

#[expect(unsafe_code, reason = "raw memory maps are what this probe is about; the page is never touched")]
fn map_executable() -> io::Result<()> {
    let (size, prot) = (4096, ProtFlags::READ | ProtFlags::EXEC);
    // SAFETY: a fresh anonymous page at an address of the kernel's choice, unmapped at once.
    unsafe {
        let page = rustix::mm::mmap_anonymous(std::ptr::null_mut(), size, prot, MapFlags::PRIVATE)?;
        rustix::mm::munmap(page, size)?;
    }
    Ok(())
}

#[expect(unsafe_code, reason = "raw memory maps are what this probe is about; the page is never touched")]
fn make_executable() -> io::Result<()> {
    let (size, prot) = (4096, ProtFlags::READ | ProtFlags::WRITE);
    // SAFETY: a fresh anonymous page at an address of the kernel's choice, of which nobody else knows.
    unsafe {
        let page = rustix::mm::mmap_anonymous(std::ptr::null_mut(), size, prot, MapFlags::PRIVATE)?;
        let made = rustix::mm::mprotect(page, size, MprotectFlags::READ | MprotectFlags::EXEC);
        rustix::mm::munmap(page, size)?;
        made?;
    }
    Ok(())
}
