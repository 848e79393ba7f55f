//! Deep and long plans on a small stack: a fault or a result, never an overflow and never a wait.

use super::{Came, try_out};
use std::time::{Duration, Instant};

/// A thread's usual stack; a plan is checked on such threads.
const STACK_BYTES: usize = 2 << 20;
/// The longest plan text.
const MAX_BYTES: usize = 64 * 1024;

/// Tries a text on a small stack. No clock decides: a minute is far above any good answer, on a busy machine too, and below a hang.
fn on_small_stack(name: &str, text: String) -> Came {
    let began = Instant::now();
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || try_out(&text)).unwrap();
    let came = thread.join().unwrap_or_else(|_| panic!("{name} panicked"));
    assert!(began.elapsed() < Duration::from_secs(60), "{name} took {:?}", began.elapsed());
    came
}

/// `open` so often that all of it, with `close` as often, just fits into `bytes`.
fn nested(bytes: usize, before: &str, open: &str, middle: &str, close: &str, after: &str) -> String {
    let room = bytes - before.len() - middle.len() - after.len();
    let n = room / (open.len() + close.len());
    format!("{before}{}{middle}{}{after}", open.repeat(n), close.repeat(n))
}

#[test]
fn deep_expressions_are_faults() {
    let shapes = [
        ("parentheses", "x = ", "(", "1", ")", ""),
        ("open brackets", "x = ", "[", "", "", ""),
        ("lists", "x = ", "[", "1", "]", ""),
        ("dicts", "x = ", "{1:", "1", "}", ""),
        ("sets", "x = ", "{", "1", "}", ""),
        ("minus", "x = ", "-", "1", "", ""),
        ("not", "x = ", "not ", "1", "", ""),
        ("invert", "x = ", "~", "1", "", ""),
        ("await", "x = ", "await ", "1", "", ""),
        ("plus", "x = 1", "+1", "", "", ""),
        ("powers", "x = 1", "**1", "", "", ""),
        ("or", "x = 1", " or 1", "", "", ""),
        ("compare", "x = 1", "<1", "", "", ""),
        ("attributes", "x = a", ".a", "", "", ""),
        ("items", "x = a", "[0]", "", "", ""),
        ("slices", "x = ", "a[", "", ":]", ""),
        ("calls", "x = f", "()", "", "", ""),
        ("nested calls", "x = ", "len(", "1", ")", ""),
        ("nested tools", "x = ", "f(a=", "1", ")", ""),
        ("methods", "x = a", ".strip()", "", "", ""),
        ("conditions", "x = 1", " if 1 else 1", "", "", ""),
        ("lambdas", "x = ", "lambda y: ", "1", "", ""),
        ("comprehensions", "x = ", "[a for a in ", "[]", "]", ""),
        ("f-strings", "x = ", "f'{", "1", "}'", ""),
        ("formats", "x = f'{1", ":{1", "", "}", "}'"),
        ("texts side by side", "x = ", "'a' ", "", "", ""),
        ("assignments", "", "x = ", "1", "", ""),
        ("targets", "", "(", "x", ",)", " = 1"),
        ("types", "x = ask('a', type=", "list[", "int", "]", ")"),
        ("unions", "x = ask('a', type=int", "|None", "", "", ")"),
        ("walrus", "x = ", "(y:=", "1", ")", ""),
        ("stars", "x = ", "*", "1", "", ""),
        ("decorators", "", "@a\n", "class A:\n    a: int", "", ""),
    ];
    for (name, before, open, middle, close, after) in shapes {
        // Ruff's time for nested f-strings grows with the square of their number: a tenth will do.
        let room = if name.starts_with('f') { MAX_BYTES / 10 } else { MAX_BYTES };
        let came = on_small_stack(name, nested(room, before, open, middle, close, after));
        let harmless = ["parentheses", "compare", "or", "texts side by side", "assignments", "unions"];
        assert!(came == Came::Faulty || harmless.contains(&name), "{name}: {came:?}");
    }
}

#[test]
fn deep_calls_that_become_branches_and_loops_are_faults() {
    let shapes = [
        ("and", "x = f()", " and f()", "", "", ""),
        ("or", "x = f()", " or f()", "", "", ""),
        ("if else", "x = f()", " if f() else f()", "", "", ""),
        ("clauses", "x = [f()", " for a in []", "", "", "]"),
        ("filters", "x = [f() for a in []", " if f()", "", "", "]"),
        ("known tools", "x = today()", " and today()", "", "", ""),
        ("known clauses", "x = [today()", " for a in [1]", "", "", "]"),
        ("known filters", "x = [today() for a in [1]", " if today()", "", "", "]"),
    ];
    for (name, before, open, middle, close, after) in shapes {
        let came = on_small_stack(name, nested(MAX_BYTES, before, open, middle, close, after));
        assert_eq!(came, Came::Faulty, "{name}");
    }
}

#[test]
fn deep_blocks_are_faults() {
    let block = |head: &str, n: usize| -> String {
        let lines: Vec<String> = (0..n).map(|i| format!("{}{head}:", " ".repeat(i))).collect();
        format!("{}\n{}pass", lines.join("\n"), " ".repeat(n))
    };
    for (name, head) in [("if", "if 1"), ("for", "for a in [1]"), ("class", "class A")] {
        assert_eq!(on_small_stack(name, block(head, 300)), Came::Faulty, "{name}");
    }
    let elif = format!("if 0:\n pass\n{}", "elif 0:\n pass\n".repeat(4_000));
    assert_eq!(on_small_stack("elif", elif), Came::Faulty);
}

/// As deep as the language allows, everything must come to an end soon.
#[test]
fn the_deepest_allowed_plans_are_quick() {
    let loops = |n: usize| -> String {
        let lines: Vec<String> = (0..n).map(|i| format!("{}for a{i} in [1, 2]:", " ".repeat(i))).collect();
        format!("x = 0\n{}\n{}x = x + a0", lines.join("\n"), " ".repeat(n))
    };
    for n in 1..30 {
        on_small_stack("loops", loops(n));
    }
    let clauses: String = (0..30).map(|i| format!(" for a{i} in [1]")).collect();
    on_small_stack("clauses", format!("x = [1{clauses}]"));
    on_small_stack("calls in clauses", format!("x = [today(){clauses}]"));
    let branches: String = (0..19).map(|i| format!("{}if x:\n", " ".repeat(i))).collect();
    on_small_stack("branches", format!("x = 1\n{branches}{}x = 2", " ".repeat(19)));
    let elif = format!("if 0:\n pass\n{}", "elif 0:\n pass\n".repeat(70));
    on_small_stack("elif", elif);
    on_small_stack("plus", format!("x = 1{}", "+1".repeat(60)));
    on_small_stack("and", format!("x = today(){}", " and today()".repeat(70)));
}

#[test]
fn long_plans_are_quick() {
    let full = |line: &str| line.repeat(MAX_BYTES / line.len());
    for line in ["x = 1\n", "x = today()\n", "answer(1)\n", "if 1:\n x = 1\n", "for a in [1]:\n b = a\n"] {
        on_small_stack(line, full(line));
    }
    let chain: String = (0..2_000).map(|i| format!("a{} = a{i}\n", i + 1)).collect();
    on_small_stack("chain", format!("a0 = 1\n{chain}"));
    assert_eq!(on_small_stack("too long", "#".repeat(MAX_BYTES + 1)), Came::Faulty);
}
