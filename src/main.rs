//! The binary.

fn main() -> std::process::ExitCode {
    sentinel::app::main()
}
