use super::*;

#[test]
fn only_a_clear_word_is_an_answer() {
    assert_eq!(vote("y\n"), Some(Vote::Approve { reason: None }));
    assert_eq!(vote("n wrong account\n"), Some(Vote::Deny { reason: Some("wrong account".into()) }));
    assert_eq!(vote("s"), Some(Vote::Stop));
    for nothing in ["", "\n", "ye", "Y?", "ok"] {
        assert_eq!(vote(nothing), None, "{nothing:?}");
    }
}
