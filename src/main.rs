//! The binary.

fn main() -> std::process::ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("worker-child") => sentinel::worker::embedded::child::main(),
        _ => std::process::ExitCode::FAILURE,
    }
}
