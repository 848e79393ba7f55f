//! `sentinel eval scan`: how well the scanners tell labelled texts apart.

use crate::cli::Exit;
use crate::cli::screen::{Screen, Tone, safe, snippet};
use crate::egress::file;
use crate::eval::scan::class::{self, Counting};
use crate::eval::scan::unseen::Over;
use crate::eval::scan::{Counts, EvalFailure, Options, Report};
use crate::scan::{Active, bench};
use clap::Args;
use indexmap::IndexMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// Most sources or categories that are shown; JSON has all.
const MOST_LINES: usize = 40;
/// How many rows pass between two words of progress.
const PROGRESS_ROWS: u64 = 200;

/// What `sentinel eval scan` takes.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct ScanArgs {
    /// Files with one JSON object a line; `-` is standard input
    #[arg(required = true, value_name = "FILE.jsonl")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// What a row counts as whose own class says nothing; else the file's name says it
    #[arg(long, value_name = "NAME", value_parser = named)]
    pub class: Option<(&'static Counting, String)>,
    /// A finding of any class, of medium severity or above, catches a row
    #[arg(long)]
    pub any: bool,
    /// Also run the scanner for abusive words, which is off by default
    #[arg(long)]
    pub toxicity: bool,
    /// Tell this many missed attacks and false alarms
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub misses: usize,
}

const HELP: &str = r#"A row: {"text": "...", "label": "attack" or "benign", "class": "..."}, and where there are any
  category, source, id  for the tables by category and source
  context    the border that the text crosses: user, document, tool_output, answer, reply, command ..., or
             {"border": "answer", "executed": false, "asked": "..."}; for `echo` also the user's own text itself
  executed   true for a text that a machine runs or obeys
  asked      what the user said, which an answer may echo
  spans      [{"type", "start", "end"}] in characters: personal data is told by type too
Other fields are not looked at.

A row is caught when a scanner of its own class finds something:
  injection, credential, command, path, echo, exfiltration         of medium severity or above
  personal (pii), hidden (unicode), insecure_code, toxicity        a note is enough
  encoding    a medium finding of injection, command, path, credential, exfiltration or hidden
A command counts as executed, a path of one word too. With --any, a medium finding of any class catches a row.

recall = caught / attack; false_alarms = flagged / benign; precision = caught / (caught + flagged); null where there is
nothing to divide by. The rules and the shipped model are fixed, so a source's own row is what leaving that source out would
give, unless the model learned from it: leave_one_source_out has mean and worst over the others (unseen: not named among
the model's sources) and over those that it learned from, every source counting the same. benign_high counts honest rows with a grave finding of any class, which may block a request.

Exit code 0 when all rows were judged, whatever came out.

Examples:
  sentinel eval scan injection.jsonl
  sentinel eval scan rows.jsonl --class pii --misses 10
  zcat rows.jsonl.gz | sentinel eval scan - --json"#;

fn named(name: &str) -> Result<(&'static Counting, String), String> {
    let found = Counting::named(name)
        .ok_or_else(|| format!("there is no such class; known are {}", class::known()))?;
    Ok((found, name.to_owned()))
}

/// Judges the rows and prints the tables.
pub fn scan(args: &ScanArgs) -> Exit {
    let screen = Screen::stdout();
    let mut report = Report::default();
    let scanners = if args.toxicity { Active::with_toxicity() } else { Active::new() };
    // What is made at first use is not counted into the time of the first rows.
    if let Err(failure) = bench::first_use(&scanners) {
        screen.complain(&format!("sentinel: {failure}"));
        return Exit::Failure;
    }
    for path in &args.files {
        if let Err((exit, message)) = read(path, args, &scanners, &mut report, &screen) {
            screen.progress("");
            screen.complain(&format!("sentinel: {}", safe(&message)));
            return exit;
        }
    }
    screen.progress("");
    if args.json {
        screen.line(&serde_json::json!(report).to_string());
    } else {
        tables(&report, args.misses > 0, &screen).iter().for_each(|line| screen.line(line));
    }
    Exit::Done
}

fn read(
    path: &Path,
    args: &ScanArgs,
    scanners: &Active,
    report: &mut Report,
    screen: &Screen,
) -> Result<(), (Exit, String)> {
    let usage = |e: &dyn std::fmt::Display| (Exit::Usage, e.to_string());
    let (name, source): (String, Box<dyn BufRead>) = match path == Path::new("-") {
        true => ("standard input".to_owned(), Box::new(std::io::stdin().lock())),
        false => {
            let file = file::open(path).map_err(|e| usage(&e))?;
            (path.display().to_string(), Box::new(BufReader::with_capacity(1 << 16, file)))
        }
    };
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let by_name = || Counting::in_file_name(&stem).map(|(counting, name)| (counting, name.to_owned()));
    let class = args.class.clone().or_else(by_name);
    let options = Options { class, any: args.any, misses: args.misses };
    let mut progress = |rows: u64| {
        if rows.is_multiple_of(PROGRESS_ROWS) {
            screen.progress(&format!("{rows} rows"));
        }
    };
    report.read(&name, source, scanners, &options, &mut progress).map_err(|e| match e {
        EvalFailure::Read { .. } | EvalFailure::Scanners(_) => (Exit::Failure, e.to_string()),
        e => usage(&e),
    })
}

/// The report as text.
fn tables(report: &Report, with_misses: bool, screen: &Screen) -> Vec<String> {
    let mut out = Vec::new();
    let rows = format!("{} rows", report.rows);
    let head = |name: &str| {
        screen.tone(
            Tone::Strong,
            &format!(
                "{name:<40} {:>7} {:>7} {:>7} {:>13} {:>10} {:>12}",
                "attack", "benign", "recall", "false alarms", "precision", "benign, high"
            ),
        )
    };
    out.push(head(&format!("{rows}, by class")));
    out.extend(lines(&report.by_class));
    out.push(String::new());
    out.push(head("by source"));
    out.extend(lines(&report.by_source));
    out.extend(spread(report, screen));
    if report.by_category.len() > 1 {
        out.push(String::new());
        out.push(head("by category"));
        out.extend(lines(&report.by_category));
    }
    if !report.by_span.is_empty() {
        out.push(String::new());
        out.push(
            screen.tone(
                Tone::Strong,
                &format!("{:<40} {:>7} {:>7} {:>7}", "by span", "spans", "found", "recall"),
            ),
        );
        for (name, marked) in &report.by_span {
            let (name, recall) = (snippet(name, 40), figure(marked.recall()));
            out.push(format!("{name:<40} {:>7} {:>7} {recall:>7}", marked.spans, marked.found));
        }
    }
    if report.beyond > 0 {
        out.push(format!(
            "{} of the attacks mark only what no scanner looks for, such as names and places",
            report.beyond
        ));
    }
    out.push(String::new());
    out.push(screen.tone(
        Tone::Strong,
        &format!(
            "{:<40} {:>7} {:>7} {:>13} {:>8} {:>8} {:>8}",
            "by scanner, medium and above", "attack", "benign", "benign, high", "p50 us", "p95 us", "p99 us"
        ),
    ));
    for (name, counts) in &report.by_scanner {
        let at = |percent| counts.latency_us.percentile(percent);
        out.push(format!(
            "{name:<40} {:>7} {:>7} {:>13} {:>8} {:>8} {:>8}",
            counts.attack,
            counts.benign,
            counts.benign_high,
            at(50),
            at(95),
            at(99)
        ));
    }
    let at = |percent| report.latency_us.percentile(percent);
    out.push(format!("{:<40} {:>29} {:>8} {:>8} {:>8}", "all scanners", "", at(50), at(95), at(99)));
    if with_misses {
        out.push(String::new());
        for miss in &report.misses {
            let what = if miss.label == "attack" { "missed attack" } else { "false alarm" };
            let from = safe(&[miss.source.as_str(), miss.category.as_str(), miss.id.as_str()].join(" · "));
            out.push(
                screen
                    .tone(Tone::Warn, &format!("{what}, line {} ({}; {from})", miss.line, safe(&miss.class))),
            );
            if !miss.rules.is_empty() {
                out.push(format!("  found: {}", miss.rules.join(", ")));
            }
            out.push(format!("  {}", snippet(&miss.text, 160)));
        }
    }
    out
}

/// How each class spreads over sources.
fn spread(report: &Report, screen: &Screen) -> Vec<String> {
    let over = |name: &str, over: Option<&Over>| match over {
        None => format!("  {name:<38} -"),
        Some(over) => format!(
            "  {name:<38} mean {:.3} over {} sources, worst {:.3} ({}, {} rows)",
            over.mean,
            over.sources,
            over.worst,
            snippet(&over.worst_source, 40),
            over.worst_rows
        ),
    };
    let mut out = Vec::new();
    for (class, figures) in report.leave_one_source_out.classes() {
        let groups = [
            ("unseen: sources that nothing learned from", &figures.unseen),
            ("seen in training, which flatters", &figures.seen_in_training),
        ];
        for (what, group) in groups.into_iter().filter(|(_, group)| group.sources > 0) {
            out.push(String::new());
            out.push(screen.tone(Tone::Strong, &format!("{}, {what}", snippet(class, 40))));
            out.push(over("recall", group.recall.as_ref()));
            out.push(over("false alarms", group.false_alarms.as_ref()));
        }
        if figures.unnamed_rows > 0 {
            out.push(format!("  {} rows name no source and count in neither", figures.unnamed_rows));
        }
    }
    out
}

fn lines(names: &IndexMap<String, Counts>) -> Vec<String> {
    let mut rows: Vec<(&String, &Counts)> = names.iter().collect();
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.attack + counts.benign));
    let line = |(name, counts): &(&String, &Counts)| {
        let name = if name.is_empty() { "(none)".to_owned() } else { snippet(name, 40) };
        format!(
            "{name:<40} {:>7} {:>7} {:>7} {:>13} {:>10} {:>12}",
            counts.attack,
            counts.benign,
            figure(counts.recall()),
            figure(counts.false_alarms()),
            figure(counts.precision()),
            counts.benign_high
        )
    };
    let mut out: Vec<String> = rows.iter().take(MOST_LINES).map(line).collect();
    if rows.len() > MOST_LINES {
        out.push(format!("and {} more: see --json", rows.len() - MOST_LINES));
    }
    out
}

fn figure(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{share:.3}"))
}
