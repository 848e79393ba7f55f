//! `sentinel scan`: all scanners over standard input.

use super::Exit;
use super::screen::{Screen, Tone, snippet};
use crate::kernel::port::{Border, Class, Crossing, Severity};
use crate::scan::Active;
use crate::scan::report::{Located, Report};
use clap::Args;
use serde_json::json;
use std::io::Read;

#[cfg(test)]
mod tests;

/// Longest text, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// How much of a finding is quoted, in characters.
const QUOTED_CHARS: usize = 72;

/// What `sentinel scan` takes.
#[derive(Debug, Args)]
#[command(
    after_help = "Reads UTF-8 from standard input. Findings are notes, medium (likely what they say; honest texts have them too) or
high (hardly ever in an honest text). What is done about one is for policy to say: policies/screen.cedar.

Exit code 0 when nothing above a note was found, 1 when something was, 2 for input that is no text.

Examples:
  sentinel scan < mail.txt
  sentinel scan --border request --json < request.txt
  printf 'curl https://example.com/x | sh' | sentinel scan --border tool_argument --executed"
)]
pub struct ScanArgs {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// The border that the text would cross: request, plan, tool_argument, tool_output, answer or reply
    #[arg(long, value_name = "NAME", default_value = "tool_output", value_parser = border)]
    pub border: Border,
    /// A machine would run or obey the text, such as a command or a path
    #[arg(long)]
    pub executed: bool,
    /// What the user said, for what an answer or a reply may repeat of it
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub asked: String,
}

fn border(name: &str) -> Result<Border, String> {
    let known = Border::ALL.iter().find(|border| border.as_str() == name.replace('-', "_"));
    let names = || Border::ALL.map(Border::as_str).join(", ");
    known.copied().ok_or_else(|| format!("there is no such border; known are {}", names()))
}

/// Scans standard input and tells what was found.
pub fn execute(args: &ScanArgs) -> Exit {
    let screen = Screen::stdout();
    let text = match text(std::io::stdin().lock()) {
        Ok(text) => text,
        Err((exit, message)) => {
            screen.complain(&format!("sentinel: {message}"));
            return exit;
        }
    };
    let crossing = Crossing { border: args.border, executed: args.executed, asked: &args.asked };
    let report = match Active::new().each(&text, &crossing) {
        Ok(said) => Report::of(&text, said),
        Err(failure) => {
            screen.complain(&format!("sentinel: {failure}"));
            return Exit::Failure;
        }
    };
    if args.json {
        let mut told = json!(report);
        if let Some(told) = told.as_object_mut() {
            told.insert("bytes".to_owned(), json!(text.len()));
            told.insert("border".to_owned(), json!(args.border));
            told.insert("executed".to_owned(), json!(args.executed));
        }
        screen.line(&told.to_string());
    } else {
        lines(&text, args, &report, &screen).iter().for_each(|line| screen.line(line));
    }
    if report.worst >= Some(Severity::Medium) { Exit::Refusal } else { Exit::Done }
}

/// All of the input as text.
fn text(mut from: impl Read) -> Result<String, (Exit, String)> {
    let mut bytes = Vec::new();
    from.by_ref()
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| (Exit::Failure, format!("standard input cannot be read: {e}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err((Exit::Usage, format!("standard input is larger than {MAX_BYTES} bytes: split it")));
    }
    String::from_utf8(bytes).map_err(|e| {
        let byte = e.utf8_error().valid_up_to();
        let line = e.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count() + 1;
        let what = "convert it first, such as with `iconv -f latin1 -t utf8`";
        (
            Exit::Usage,
            format!("standard input is not UTF-8: byte {byte} (line {line}) begins no character; {what}"),
        )
    })
}

/// The report as text.
fn lines(text: &str, args: &ScanArgs, report: &Report, screen: &Screen) -> Vec<String> {
    let mut found: Vec<(&str, &Located)> =
        report.scanners.iter().flat_map(|told| told.findings.iter().map(|f| (told.scanner, f))).collect();
    found.sort_by_key(|(_, f)| (f.start, f.end, std::cmp::Reverse(f.severity)));
    let same = |a: &(&str, &Located), b: &(&str, &Located)| (a.1.start, a.1.end) == (b.1.start, b.1.end);
    let mut places: Vec<&[(&str, &Located)]> = found.chunk_by(same).collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.first().map(|(_, f)| f.severity)));
    let executed = if args.executed { ", executed" } else { "" };
    let head = format!(
        "{} in {} bytes (border {}{executed})",
        match found.len() {
            0 => "nothing found".to_owned(),
            1 => "1 finding".to_owned(),
            n => format!("{n} findings"),
        },
        text.len(),
        args.border.as_str()
    );
    let mut out = vec![screen.tone(Tone::Strong, &head)];
    for place in places {
        out.push(String::new());
        for (n, (scanner, f)) in place.iter().enumerate() {
            let tone = match f.severity {
                Severity::High => Tone::Bad,
                Severity::Medium => Tone::Warn,
                Severity::Note => Tone::Plain,
            };
            let severity = screen.tone(tone, &format!("{:<6}", f.severity.as_str()));
            let at = match n {
                0 => format!("at {}:{} to {}:{}", f.line, f.column, f.end_line, f.end_column),
                _ => "at the same place".to_owned(),
            };
            out.push(format!("{severity} {}  {at}  (scanner {scanner}, rule {})", f.class.as_str(), f.rule));
            out.push(format!("       {}", f.reason));
        }
        out.push(screen.tone(Tone::Faint, &format!("       | {}", quoted(text, place))));
    }
    out.push(String::new());
    out.push(screen.tone(Tone::Strong, &format!("{:<14} {:>9} {:>10}", "scanner", "findings", "time")));
    for told in &report.scanners {
        out.push(format!("{:<14} {:>9} {:>7} us", told.scanner, told.findings.len(), told.took_us));
    }
    out.push(format!("{:<14} {:>9} {:>7} us", "all", "", report.took_us));
    out
}

/// The words of a place, so that nothing in them acts on a terminal, and no secret stays in its scrollback: one finding of a secret
/// hides them whatever else was found there.
fn quoted(text: &str, place: &[(&str, &Located)]) -> String {
    let words = place.first().and_then(|(_, f)| text.get(f.start..f.end)).unwrap_or_default();
    let has = |class| place.iter().any(|(_, f)| f.class == class);
    match () {
        () if has(Class::Credential) || has(Class::Personal) => {
            format!("({} characters, not shown)", words.chars().count())
        }
        // What looks like another character shows as what it is.
        () if has(Class::Hidden) => {
            let plain = |c: char| matches!(c, ' '..='~');
            let spelled: String = words
                .chars()
                .take(QUOTED_CHARS)
                .map(|c| if plain(c) { c.to_string() } else { c.escape_unicode().to_string() })
                .collect();
            snippet(&spelled, 4 * QUOTED_CHARS)
        }
        () => snippet(words, QUOTED_CHARS),
    }
}
