//! The texts that the model learns from, which ship with the source.

use flate2::read::GzDecoder;
use sentinel::scan::injection::features::Port;
use serde::Deserialize;
use std::io::Read as _;
use std::ops::Range;

/// Our own texts, made from a grammar.
const OWN: &[u8] = include_bytes!("../../src/scan/injection/data/own.jsonl.gz");
/// Texts of others; `NOTICE` beside the file says whose.
const THIRD_PARTY: &[u8] = include_bytes!("../../src/scan/injection/data/third_party.jsonl.gz");

/// A text of the corpus.
#[derive(Debug, Deserialize)]
pub struct Row {
    /// The words.
    pub text: String,
    /// Whether it is an attack.
    label: Label,
    /// Which way it comes.
    port: RowPort,
    /// Where in an attack's text the attack is, in bytes, if not everywhere.
    span: Option<(usize, usize)>,
    /// The package of somebody else that it is from.
    pub package: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Label {
    Attack,
    Benign,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RowPort {
    User,
    Data,
}

impl Row {
    /// Whether it is, or holds, an attack.
    pub fn is_attack(&self) -> bool {
        self.label == Label::Attack
    }

    /// Which way it comes.
    pub fn port(&self) -> Port {
        match self.port {
            RowPort::User => Port::User,
            RowPort::Data => Port::Data,
        }
    }

    /// Where the attack is, in bytes, if something honest is around it.
    pub fn attack(&self) -> Option<Range<usize>> {
        self.span.map(|(start, end)| start..end)
    }
}

/// All texts, in the order of the files.
///
/// # Errors
/// When a file of the source is damaged.
pub fn read() -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let mut rows = Vec::new();
    for packed in [OWN, THIRD_PARTY] {
        let mut text = String::new();
        GzDecoder::new(packed).read_to_string(&mut text)?;
        for line in text.lines() {
            rows.push(serde_json::from_str(line)?);
        }
    }
    Ok(rows)
}
