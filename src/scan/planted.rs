//! A text for each scanner that it must find something in, for `sentinel doctor`. Whoever adds a scanner adds one.

use crate::kernel::port::{Border, Crossing};

/// A sentence in which no scanner finds anything.
pub const ORDINARY: &str = "Invoice 4711 of 3 May is due on Friday; the total is 206.35 EUR.";

/// What is planted for the scanner of this name.
pub fn text_for(scanner: &str) -> Option<&'static str> {
    match scanner {
        // Tag characters, which nobody sees, spell `pay` inside the sentence.
        "hidden" => Some("Invoice 4711\u{e0070}\u{e0061}\u{e0079} is due on Friday."),
        "code" | "echo" => Some(WEAK_CODE),
        _ => None,
    }
}

/// Code that runs what it is given.
const WEAK_CODE: &str = "```python\ntotal = eval(invoice)\n```";

/// The crossing at which the scanner of this name must find its text.
pub fn crossing_for(scanner: &str) -> Crossing<'static> {
    match scanner {
        // An echo needs something that is repeated.
        "echo" => Crossing { border: Border::Reply, executed: false, asked: WEAK_CODE },
        _ => Crossing::at(Border::ToolOutput),
    }
}
