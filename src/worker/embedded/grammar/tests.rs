use super::*;

fn span(source: &str, form: Option<Form>) -> AnswerType {
    AnswerType::Span { source: source.into(), form }
}

fn grammar_of(answer: &AnswerType) -> Option<String> {
    grammar(answer, "Some data.")
}

#[test]
fn chunks_join_to_the_text_and_keep_numbers_whole() {
    let text = "Pay 206.35 €, a.b@c.de\n\"now\" – or’s 1,2. End.";
    let all: Vec<&str> = chunks(text).collect();
    assert_eq!(all.concat(), text);
    for whole in ["206.35", "a.b@c.de", "or’s", "1,2", "End"] {
        assert!(all.contains(&whole), "{whole} in {all:?}");
    }
}

#[test]
fn what_cannot_be_answered_is_known_without_a_model() {
    assert_eq!(grammar_of(&span(" \n", None)), None);
    assert_eq!(grammar_of(&span("no account here", Some(Form::Iban))), None);
    assert_eq!(grammar_of(&AnswerType::OneOf { options: vec![] }), None);
    let record = AnswerType::Record {
        name: "R".into(),
        fields: vec![("a".into(), AnswerType::Bool), ("b".into(), span("none", Some(Form::Iban)))],
    };
    assert_eq!(grammar_of(&record), None);
    assert!(grammar_of(&AnswerType::Optional { inner: Box::new(record.clone()) }).is_some());
    assert!(grammar_of(&AnswerType::List { item: Box::new(record) }).is_some());
}

#[test]
fn literals_survive_quotes_and_controls() {
    assert_eq!(literal("a\"b"), r#""a\"b""#);
    assert_eq!(literal("{\"x\": "), r#""{\"x\": ""#);
    assert!(!literal("\u{7f}\n").contains(['\u{7f}', '\n']));
}
