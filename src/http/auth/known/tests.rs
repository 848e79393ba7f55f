use super::*;

#[test]
fn only_what_was_right_before_is_known() {
    let known = Known::new().unwrap();
    let (right, wrong) = (SecretString::from("123456"), SecretString::from("123457"));
    assert_eq!(known.compare(&right), Compared::Unknown);
    assert!(known.is_empty());
    known.remember(&right);
    assert_eq!((known.compare(&right), known.compare(&wrong)), (Compared::Right, Compared::Wrong));
    assert!(!known.is_empty());
}
