use super::*;
use crate::kernel::testing::sources::{Said, Side, catalogue};
use crate::kernel::testing::{End, World};
use crate::kernel::{plan, run};

/// The faults that parser and checker find.
fn faults(text: &str) -> PlanErrors {
    let said = || Said { n: 1, s: "s".to_owned(), b: true, xs: vec![1], rs: vec![(1, "t".to_owned())] };
    let side =
        Side { trusted: said(), untrusted: said(), secret: said(), untrusted_secret: said(), worker: 0 };
    let world = World { catalogue: catalogue(), limits: run::Limits::default(), tools: &side, worker: &side };
    match plan::parse(text) {
        Err(errors) => errors,
        Ok(_) => match world.run(text).end {
            End::Faulty(errors) => errors,
            other => panic!("{text:?} has no fault: {other:?}"),
        },
    }
}

#[test]
fn every_fault_says_what_to_do() {
    for (text, hint) in [
        ("", "`sentinel plan stubs`"),
        ("emit()", "add `v=<"),
        ("answer(total)", "such as `total = ...`"),
        ("x = 1\ndel x", "new value"),
        ("total = 1\nanswer(totl)", "did you mean `total`?"),
        ("break", "leave it out"),
        ("answer(1, 2)", "such as `answer(text)`"),
        ("stop(1, 2)", "such as `stop(text)`"),
        ("xs = []\nxs.append(1, 2)", "xs += [a, b]"),
        ("class A:\n    pass", "such as `total: float`"),
        ("class A:\n    a: int\n    a: int", "leave one of them out"),
        ("__a = 1", "starts with a letter"),
        ("x = Decimal(\"one\")", "Decimal(\"12.50\")"),
        ("x = confirm()", "such as `confirm("),
        ("a, b = (1, 2, 3)", "as many names as there are values"),
        ("a, b = 1", "one name"),
        ("for x in 1:\n    emit(v=x)", "go through a list"),
        ("x = [y for y in 1]", "go through a list"),
        ("x = len(1)", "length of a text"),
        ("x = abs()", "it takes 1"),
        ("x = 1\nx.append(2)", "start from a list"),
        ("x = 1 - \"a\"", "bring both to one type"),
        ("x = 1 < \"a\"", "compare values of one type"),
        ("x = 1 in 2", "look in a text"),
        ("x = -\"a\"", "turn it into a number"),
        ("x = 1\ny = x.total", "use the value itself"),
        ("x = 1\ny = x[0]", "take a number"),
        ("x = 1\ny = x[0:1]", "have slices"),
        ("x = 1\ny = x.upper()", "have methods"),
        ("class A:\n    a: int\nx = A()", "add `a=...`"),
        ("class A:\n    a: int\nx = A(a=1, b=2)", "it has a"),
        ("x = ask([1], type=int)", "`data=`"),
        ("x = ask(\"who?\", type=one_of(1))", "`one_of([\"paid\", \"open\"])`"),
        ("x = ask(\"who?\", type=span(1))", "`span(text)`"),
        ("emit(v=1, v=2)", ""),
        ("if", "subset of Python"),
    ] {
        let errors = faults(text);
        for error in &errors.errors {
            let said = error.hint.as_ref().unwrap_or_else(|| panic!("{text:?}: no hint for {error:?}"));
            assert!(said.contains(hint), "{text:?}: {error}");
        }
    }
}

#[test]
fn deep_plans_are_told_what_to_do() {
    for text in [
        format!("x = {}1{}", "(1 + ".repeat(200), ")".repeat(200)),
        (0..60).map(|n| format!("{}if True:\n", " ".repeat(n))).collect::<String>()
            + &" ".repeat(60)
            + "pass",
        "{".repeat(2_000),
        "x = 1\n".repeat(20_000),
    ] {
        let head: String = text.chars().take(20).collect();
        assert!(faults(&text).errors.iter().all(|e| e.hint.is_some()), "{head:?}");
    }
}

#[test]
fn a_fault_is_shown_with_its_place_in_the_file_and_a_caret_under_it() {
    let text = "s = \"日本\"\nif True:\n\tanswer(f\"日本{s}\" + totl)";
    assert_eq!(
        faults(text).in_file("plans/tidy.py"),
        "error: `totl` is used before it is defined
 --> plans/tidy.py:3:20
  |
3 |     answer(f\"日本{s}\" + totl)
  |                         ^^^^
  = help: set it on a line before this one, such as `totl = ...`"
    );
    assert!(faults(text).to_string().contains(" --> line 3, column 20\n"));
}
