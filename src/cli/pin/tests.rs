use super::*;

#[test]
fn a_line_is_a_pin_with_its_spaces_and_without_its_end() {
    for (given, pin) in
        [("correct horse\n", "correct horse"), ("918273", "918273"), (" x y \r\nmore\n", " x y ")]
    {
        assert_eq!(line(given.as_bytes()).unwrap().expose_secret(), pin);
    }
    for given in ["", "\n"] {
        assert!(matches!(line(given.as_bytes()), Err(AskFailure::Empty)));
    }
}
