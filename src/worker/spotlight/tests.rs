use super::*;
use proptest::prelude::*;
use serde_json::json;

proptest! {
    #[test]
    fn markers_come_out_as_they_went_in(data in "(?s).{0,200}") {
        let marker = Marker::fresh(&data);
        let marked = marker.apply(&data);
        prop_assert_eq!(marker.strip(&marked), data.clone());
        prop_assert_eq!(marked.matches(marker.mark()).count(), data.split_whitespace().count());
    }
}

#[test]
fn each_request_has_its_own_marks() {
    let data = "some data";
    assert_ne!(Tags::fresh(data), Tags::fresh(data));
    let markers: Vec<Marker> = (0..20).map(|_| Marker::fresh(data)).collect();
    assert!(markers.iter().any(|m| *m != markers[0]));
}

#[test]
fn a_mark_never_stands_in_the_data() {
    // All names of three letters but those with a "z" in front.
    let letters = |skip: &str| {
        LETTERS.iter().map(|b| char::from(*b)).filter(|c| !skip.contains(*c)).collect::<Vec<_>>()
    };
    let mut data = String::new();
    for a in letters("z") {
        for b in letters("") {
            for c in letters("") {
                data.extend([a, b, c, ' ']);
            }
        }
    }
    assert!(Marker::fresh(&data).mark().starts_with("^z"));
}

#[test]
fn long_data_is_refused_with_its_size() {
    assert_eq!(fits("q", &"a ".repeat(40_000)), Ok(()));
    let failure = fits("q", &"a".repeat(MAX_CHARS)).unwrap_err().to_string();
    assert!(failure.contains("100001 characters"), "{failure}");
    let failure = fits("q", &"漢".repeat(MAX_TOKENS)).unwrap_err().to_string();
    assert!(failure.contains("24001 tokens"), "{failure}");
}

#[test]
fn each_limit_holds_to_the_character() {
    let refused = |question: &str, data: &str| fits(question, data).unwrap_err().to_string();
    // An ASCII text meets the limit in tokens before the one in characters: 96,000 of its characters are 24,000 tokens.
    assert_eq!(fits("", &"a".repeat(96_000)), Ok(()));
    assert_eq!(fits("four", &"a".repeat(95_996)), Ok(()));
    let failure = refused("four", &"a".repeat(95_997));
    assert!(failure.contains("about 24001 tokens, at most 24000 are read; ask about a part"), "{failure}");
    let failure = refused("", &"a".repeat(100_000));
    assert!(failure.contains("about 25000 tokens"), "100,000 characters are not too many as such: {failure}");
    for (question, data) in [(1, 100_000), (50_001, 50_000), (100_001, 0)] {
        let failure = refused(&"q".repeat(question), &"a".repeat(data));
        let says = "question and data are 100001 characters, at most 100000 are read; ask about a part";
        assert!(failure.contains(says), "{failure}");
    }
    // Counted in characters, and each of another script as a token.
    assert_eq!(fits("", &"漢".repeat(24_000)), Ok(()));
    let failure = refused("", &"漢".repeat(24_001));
    assert!(failure.contains("about 24001 tokens"), "{failure}");
    let failure = refused("", &"漢".repeat(100_000));
    assert!(failure.contains("about 100000 tokens, at most 24000 are read; ask about a part"), "{failure}");
}

#[test]
fn a_document_cannot_know_its_tags_or_markers() {
    // Whatever a document guesses, nested, unclosed or whole, the names drawn for it are not among its words.
    let mut guesses = String::from("</document-> <document- <document-<document-bcdfghjk>> ^^bcd^^ ^bcd");
    for _ in 0..200 {
        let (tags, marker) = (Tags::fresh(&guesses), Marker::fresh(&guesses));
        for word in tags.words().iter().map(String::as_str).chain([marker.mark()]) {
            assert!(!guesses.contains(word), "{word} is drawn a second time");
        }
        guesses.push_str(&format!(" {} x {} {}", tags.open(), tags.close(), marker.mark()));
    }
}

#[test]
fn markers_are_stripped_however_they_come_back() {
    let data = "one two  three\nfour";
    let marker = Marker::fresh(data);
    let mark = marker.mark();
    for (echoed, left) in [
        (marker.apply(data), data),
        (format!("{mark}one two {mark}three"), "one two three"),
        (format!("o{mark}ne{mark}{mark}"), "one"),
        (mark.repeat(50), ""),
    ] {
        assert_eq!(marker.strip(&echoed), left);
    }
    // Part of a marker is the model's own text.
    assert_eq!(marker.strip(mark.trim_end_matches('^')), mark.trim_end_matches('^'));
}

#[test]
fn thoughts_are_taken_out_wherever_they_stand() {
    for (said, left) in [
        ("<think>a</think>b", "b"),
        ("a <think>b</think> c", "a c"),
        ("a<think>b</think><think>c</think>d", "ad"),
        ("a <think>never closed", "a "),
        ("a<think>b</think>c<think>never closed", "ac"),
        ("<think>a<think>b</think>c</think>d", "d"),
        ("<think>a<think>b<think>c</think></think>d</think>e", "e"),
        // More beginnings than ends: as far as the last end.
        ("<think>a<think>b</think>c", "c"),
        ("<think>a<think>b", ""),
        ("<think>", ""),
        ("a</think>b", "a</think>b"),
        ("a < think>b", "a < think>b"),
    ] {
        assert_eq!(without_thoughts(said), left, "{said}");
    }
    let many = "<think>".repeat(100_000);
    assert_eq!(without_thoughts(&format!("a{many}{}", "</think>".repeat(100_000))), "a");
    assert_eq!(without_thoughts(&format!("a{many}")), "a");
}

#[test]
fn thoughts_and_marks_leave_the_answer() {
    assert_eq!(without_thoughts("<think>a\nb</think>\n{}"), "{}");
    assert_eq!(without_thoughts("x<think>never closed"), "x");
    let tags = Tags::fresh("");
    let said = json!({"note": format!("<think>no</think>ok {}", tags.open()), "who": " Ann \n", "n": 1});
    let ty = AnswerType::Record {
        name: "R".into(),
        fields: vec![
            ("note".into(), AnswerType::Text),
            ("who".into(), AnswerType::Span { source: "Ann".into(), form: None }),
            ("n".into(), AnswerType::Int),
        ],
    };
    assert_eq!(clean(said, &ty, &tags), json!({"note": "ok ", "who": "Ann", "n": 1}));
}

#[test]
fn a_null_counts_as_missing_only_where_the_type_has_none() {
    let list = |item| AnswerType::List { item: Box::new(item) };
    let optional = AnswerType::Optional { inner: Box::new(AnswerType::Int) };
    assert!(lacks(&Json::Null, &AnswerType::Int));
    assert!(!lacks(&Json::Null, &optional));
    assert!(lacks(&json!([1, null]), &list(AnswerType::Int)));
    assert!(!lacks(&json!([1, null]), &list(optional)));
    assert!(!lacks(&Json::Null, &AnswerType::OneOf { options: vec![Json::Null] }));
}
