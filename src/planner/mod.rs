//! Where plan texts come from. A plan text is untrusted until the kernel has parsed and checked it.

pub mod playbook;
pub mod written;

/// The plan of a file that the user named. A byte order mark is dropped; nothing else is changed, so that the
/// checker's lines and columns are those of the user's editor.
pub fn from_file(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()
}
