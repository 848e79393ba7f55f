use super::*;
use proptest::prelude::*;

fn found(text: &str) -> Vec<(&str, Option<&str>)> {
    blocks(text).into_iter().map(|block| (&text[block.span], block.info)).collect()
}

#[test]
fn fenced_blocks_are_found_with_what_they_say_they_are() {
    let text = "Look:\n\n```python title=x\na = 1\n```\nand\n~~~~\nb = 2\n~~~\n~~~~\nend";
    assert_eq!(found(text), [("a = 1\n", Some("python title=x")), ("b = 2\n~~~\n", Some(""))]);
    assert_eq!(found("> ```c\n> int x;\n> ```\n"), [("> int x;\n", Some("c"))]);
}

#[test]
fn a_fence_that_is_never_closed_reaches_to_the_end() {
    assert_eq!(found("So:\n```js\nf(x);\nmore"), [("f(x);\nmore", Some("js"))]);
    assert_eq!(found("```js"), [("", Some("js"))]);
}

#[test]
fn three_backticks_inside_a_line_are_no_fence() {
    assert_eq!(found("Use ```x``` here.\n```x``` too."), []);
}

#[test]
fn code_without_a_fence_is_found_and_prose_around_it_is_not() {
    let text = "Please look at this for me and say what you think.\n\nx = eval(y)\nprint(x)\n\nIs that the right way to do it, or should I use something else?\nThanks a lot for your help with this.\n";
    assert_eq!(found(text), [("x = eval(y)\nprint(x)\n", None)]);
    assert_eq!(blocks(text)[0].lead, "Please look at this for me and say what you think.");
}

#[test]
fn comments_and_doc_strings_inside_code_belong_to_it() {
    let text = "def f(x):\n    \"\"\"\n    Say what the thing is that we do in here\n    \"\"\"\n    y = g(x)\n    return y\n";
    assert_eq!(found(text), [(text, None)]);
}

#[test]
fn prose_is_no_code() {
    let texts = [
        "The function eval is dangerous, and so is exec.",
        "In 2024 we paid 300 EUR (net) for the licence, i.e. 10 % more than before.",
        "- `eval(data)` runs whatever it is given",
        "Liebe Frau Maier,\n\nanbei die Rechnung; bitte bis Freitag überweisen.\n",
        "昨日、請求書を受け取りました。ご確認ください。",
    ];
    for text in texts {
        assert_eq!(found(text), [], "{text}");
    }
}

proptest! {
    #[test]
    fn blocks_are_in_order_inside_any_text(text in "(```[a-z]*\n|~~~\n|f\\(x\\);\n|some words here\n|\\PC{0,9}|\n){0,20}") {
        let mut at = 0;
        for block in blocks(&text) {
            prop_assert!(block.span.start >= at && text.get(block.span.clone()).is_some());
            at = block.span.end;
        }
    }
}
