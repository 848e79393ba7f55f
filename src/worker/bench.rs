//! What the embedded worker costs on this machine: for `sentinel bench`.

use super::embedded::{Embedded, EmbeddedConfig};
use crate::kernel::answer::{AnswerType, Form};
use crate::kernel::port::{Ask, WorkerFailure};
use serde::Serialize;
use std::sync::Arc;

/// The figures. Times are the child's own, so starting it and the pipe are not in the asks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The file's own name for the model.
    pub model: String,
    /// From opening the file to being warm and confined, in seconds.
    pub load_seconds: f64,
    /// Resident memory after the asks, in megabytes; `None` where it cannot be read.
    pub resident_mb: Option<u64>,
    /// How many questions were asked.
    pub asks: usize,
    /// The mean over all asks, in seconds.
    pub seconds_per_ask: f64,
    /// The mean over the first question on each document, which has to be read, in seconds.
    pub seconds_first_ask: f64,
    /// The mean over the further questions on a document, in seconds.
    pub seconds_next_ask: f64,
}

/// How many documents are read; each gets the same six questions.
const DOCUMENTS: usize = 4;

/// Starts a worker of its own and asks it questions about invoices of about 130 words.
///
/// # Errors
/// When the worker cannot be started or fails to answer.
pub fn run(config: EmbeddedConfig) -> Result<Figures, WorkerFailure> {
    let worker = Embedded::start(config)?;
    let (mut first, mut next) = (Vec::new(), Vec::new());
    for number in 0..DOCUMENTS {
        let data = document(number);
        for (i, (question, answer)) in questions(&data.as_str().into()).into_iter().enumerate() {
            let ask = Ask { question: question.to_owned(), data: data.clone(), answer };
            let (_, cost) = worker.answer_with_cost(&ask)?;
            if i == 0 { &mut first } else { &mut next }.push(cost.millis as f64 / 1_000.0);
        }
    }
    let all: Vec<f64> = first.iter().chain(&next).copied().collect();
    let ready = worker.readiness();
    Ok(Figures {
        model: ready.model.clone(),
        load_seconds: ready.load_ms as f64 / 1_000.0,
        resident_mb: worker.resident_bytes().map(|bytes| bytes / 1_000_000),
        asks: all.len(),
        seconds_per_ask: mean(&all),
        seconds_first_ask: mean(&first),
        seconds_next_ask: mean(&next),
    })
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

fn questions(data: &Arc<str>) -> [(&'static str, AnswerType); 6] {
    let span = |form| AnswerType::Span { source: Arc::clone(data), form };
    [
        ("What is the payee's IBAN?", span(Some(Form::Iban))),
        ("What is the total to pay?", AnswerType::Float),
        ("When is it due?", AnswerType::Date),
        ("Which mail address takes questions?", span(Some(Form::Email))),
        ("Is this an invoice?", AnswerType::Bool),
        (
            "Which currency is it in?",
            AnswerType::OneOf { options: vec!["EUR".into(), "USD".into(), "GBP".into()] },
        ),
    ]
}

fn document(number: usize) -> String {
    format!(
        "Riverside Office Supplies, 12 Market Street, Springfield\n\n\
         INVOICE 2026-{number:04}\nDate: {day} March 2026\nDue: {day} April 2026\n\
         Bill to: Hillside School, 4 Chapel Road, Springfield\n\n\
         Quantity  Description                       Amount\n\
         12        Copier paper, box of five reams   {paper}.00\n\
         3         Toner cartridge, black            210.00\n\
         1         Desk lamp                          38.90\n\
         Delivery                                     9.50\n\
         Total EUR                                   {total}.40\n\n\
         Please pay to Riverside Office Supplies within 30 days, IBAN DE89 3704 0044 0532 0130 00. Goods remain our \
         property until paid in full. Questions about this invoice go to accounts@riverside.example or, on weekdays \
         between nine and five, to the telephone number on our website. Thank you for your order.",
        day = 3 + number,
        paper = 300 + number,
        total = 558 + number,
    )
}
