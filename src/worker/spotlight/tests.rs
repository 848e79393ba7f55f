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
