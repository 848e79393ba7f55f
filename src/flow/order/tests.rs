use super::*;

#[test]
fn requests_are_stripped_composed_and_closed_up() {
    assert_eq!(normalised("  pay\r\n\r\n\r\n\r\nit  ").unwrap(), "pay\n\nit");
    assert_eq!(normalised("cafe\u{301}").unwrap(), "caf\u{e9}");
    assert_eq!(normalised("a\tb\nc").unwrap(), "a\tb\nc");
}

#[test]
fn what_is_no_request_is_told_apart() {
    assert_eq!(normalised("  hi "), Err(RequestFailure::TooShort));
    assert_eq!(normalised(&"x".repeat(50_001)), Err(RequestFailure::TooLong(50_001)));
    assert!(normalised(&"é".repeat(50_000)).is_ok());
    assert_eq!(normalised("pay\u{0}it"), Err(RequestFailure::Control("\\u{0}".to_owned())));
    assert!(matches!(normalised("pay\rit"), Err(RequestFailure::Control(_))));
}

#[test]
fn a_caller_may_only_be_stricter() {
    use ApprovalMode::{Auto, Full, Smart};
    assert_eq!(mode(Smart, None), Ok(Smart));
    assert_eq!(mode(Smart, Some(Full)), Ok(Full));
    assert_eq!(mode(Auto, Some(Auto)), Ok(Auto));
    assert_eq!(mode(Smart, Some(Auto)), Ok(Auto), "`auto` asks about more plans than `smart`");
    assert_eq!(mode(Auto, Some(Smart)), Err(LaxerMode { asked: Smart, own: Auto }));
    let laxer = mode(Full, Some(Auto)).unwrap_err();
    assert_eq!(laxer, LaxerMode { asked: Auto, own: Full });
    assert!(laxer.to_string().contains("own mode, which is full"), "{laxer}");
}
