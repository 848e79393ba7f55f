use super::*;
use crate::egress::file;
use crate::worker::embedded::locate;
use candle_core::quantized::gguf_file::Content;
use std::path::Path;

/// The longest data that is taken, with a span over it: the grammar compiles and its first mask is not empty.
#[test]
fn real_model_a_span_over_the_longest_data_compiles() {
    let path = locate(None, Path::new(env!("CARGO_MANIFEST_DIR")), Path::new("/"));
    let mut opened = file::open(&path).unwrap_or_else(|e| panic!("{e}: run scripts/fetch-models"));
    let vocab = Vocab::load(&Content::read(&mut opened).unwrap()).unwrap();
    let grammars = grammars(&vocab).unwrap();
    let source: String =
        (0..).map(|n| format!("Line {n} of \"many\", {}.75 €\n", n * 7919 % 1000)).take(3_400).collect();
    assert!(source.chars().count() > 90_000);
    let source: std::sync::Arc<str> = source.into();
    for form in [None, Some(Form::Amount)] {
        let ty = AnswerType::Span { source: source.clone(), form };
        let lark = grammar(&ty, &source).unwrap();
        let mut matcher = Matcher::new(grammars.create_parser(TopLevelGrammar::from_lark(lark)));
        assert!(!matcher.is_error(), "{form:?}: {:?}", matcher.get_error());
        let said = format!(
            "{{\"answer\": {}}}",
            if form.is_some() { "\"919.75\"" } else { "\"\\\"many\\\", 919.75 €\\nLine\"" }
        );
        let tokens = vocab.encode(&said).unwrap();
        assert_eq!(matcher.try_consume_tokens(&tokens).unwrap(), tokens.len(), "{form:?}");
        // The source has quotes there: no verbatim part reads so.
        let mut matcher =
            Matcher::new(grammars.create_parser(TopLevelGrammar::from_lark(grammar(&ty, &source).unwrap())));
        let tokens = vocab.encode("{\"answer\": \"Line 0 of many").unwrap();
        assert!(matcher.try_consume_tokens(&tokens).unwrap() < tokens.len(), "{form:?}");
    }
}
