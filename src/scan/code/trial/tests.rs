use super::*;

#[test]
fn what_is_another_language_is_told_by_its_beginning_and_code_cut_anywhere_is_not() {
    let log = "[12] at 10:00:01 GET /a?b=(c) 'x -> {200} \"Agent/5.0 (X11; Linux)\"\n".repeat(60);
    assert!(is_foreign(&log, Language::Python));
    let code = "def f(x):\n    y = g(x, 'b')\n    return [c for c in y]\n".repeat(60);
    assert!(!is_foreign(&code, Language::Python));
    assert!(!is_foreign(&code[25..], Language::Python));
    // What is short is cheap to read as it is.
    assert!(!is_foreign(&log[..600], Language::Python));
}
