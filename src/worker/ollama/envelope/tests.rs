use super::*;
use serde_json::json;

/// What is read of a text, which must not depend on where it is cut.
fn read(text: &str) -> String {
    let whole = Envelope::new().take(text);
    for step in 1..6 {
        let (mut envelope, mut all) = (Envelope::new(), String::new());
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(step).for_each(|part| all.push_str(&envelope.take(&part.iter().collect::<String>())));
        assert_eq!(all, whole, "{text} by {step}");
    }
    whole
}

#[test]
fn the_answer_is_read_and_nothing_around_it() {
    let written = |answer: serde_json::Value| json!({"answer": answer, "have_enough_information": true});
    for text in ["plain", "two\nlines\tand \"quotes\" \\ / {\"answer\": 1}", "日本 🦀 é\u{8}\u{c}", ""] {
        assert_eq!(read(&written(json!(text)).to_string()), text);
    }
    assert_eq!(read(&written(json!(12.5)).to_string()), "12.5");
    assert_eq!(
        read(&written(json!({"a": ["x\ny", 2], "b": null})).to_string()),
        "{\"a\":[\"x\ny\",2],\"b\":null}"
    );
    assert_eq!(read(" {\n \"answer\" :\n \"x\"\n}"), "x");
    assert_eq!(read("{\"answer\": \"cut o"), "cut o");
    // Two halves of a character, and one that has no other.
    assert_eq!(
        read(r#"{"answer": "\ud83e\udd80 \ud83e x \udd80 \ud83e\ud83e\udd80 \ud83e"}"#),
        "🦀 \u{fffd} x \u{fffd} \u{fffd}🦀 \u{fffd}"
    );
}

#[test]
fn what_is_no_answer_is_not_read() {
    for text in [
        "Sure! The total is 12.50.",
        "{\"have_enough_information\": true, \"answer\": \"x\"}",
        "{\"answer is\": \"x\"}",
        "[\"answer\"]",
        "\"answer\": \"x\"",
        "x {\"answer\": \"x\"}",
        "{\"answer\": \"x\"}",
    ] {
        let expected = if text.starts_with("{\"answer\"") { "x" } else { "" };
        assert_eq!(read(text), expected, "{text}");
    }
    assert_eq!(read(r#"{"answer": "so far \q and more"}"#), "so far ");
    assert_eq!(read(r#"{"answer": "so far \u12x4 and more"}"#), "so far ");
}

#[test]
fn thoughts_before_the_answer_are_not_read() {
    let answer = "{\"answer\": \"x\"}";
    for thoughts in [
        "<think>hm</think>",
        "<think>hm</think>\n\n",
        "<think>{\"answer\": \"thought\"}</think>",
        "<think>a <think>b</think> {\"answer\": \"thought\"} </think>",
        "a thought that the template opened {\"answer\": \"thought\"}</think>",
        "<think>one</think> <think>two</think>",
        "<<think>é long thought with <b>tags</b> and <thinking> about it</think>",
    ] {
        assert_eq!(read(&format!("{thoughts}{answer}")), "x", "{thoughts}");
    }
    for never in ["<think>hm", "<think>a <think>b</think>", "<think>hm</thin k>", "chatter"] {
        assert_eq!(read(&format!("{never}{answer}")), "", "{never}");
    }
}
