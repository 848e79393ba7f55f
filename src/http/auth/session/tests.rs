use super::*;
use crate::kernel::principal::Principal;

#[test]
fn a_token_has_256_bits_and_its_cookie_every_guard() {
    let (one, two) = (Token::fresh().unwrap(), Token::fresh().unwrap());
    assert_ne!(one.text, two.text);
    assert_eq!(one.text.len(), 64);
    assert!(!one.text.contains(&one.name));
    assert_eq!(Token::hash_of(&one.text), Some(one.hash()));
    let line = one.cookie(Duration::from_secs(43_200)).unwrap();
    let rest = "; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=43200";
    assert_eq!(line.to_str().unwrap(), format!("__Host-sentinel={}{rest}", one.text));
}

#[test]
fn what_is_no_token_has_no_hash() {
    for text in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"a".repeat(65)] {
        assert_eq!(Token::hash_of(text), None, "{text}");
    }
}

#[test]
fn a_cookie_is_found_by_its_whole_name() {
    let mut headers = HeaderMap::new();
    headers.append(header::COOKIE, HeaderValue::from_static("x__Host-sentinel=1; a=b"));
    assert_eq!(cookie(&headers, COOKIE), None);
    headers.append(header::COOKIE, HeaderValue::from_static("c=d;  __Host-sentinel=2"));
    assert_eq!(cookie(&headers, COOKIE), Some("2"));
}

#[test]
fn a_session_ends_by_idling_and_by_age() {
    let (idle, absolute) = (Duration::from_secs(1_800), Duration::from_secs(43_200));
    let row = LoginRow {
        id: "a".into(),
        principal: Principal::new("user"),
        address: "127.0.0.1".into(),
        created: 0,
        used: 42_000_000,
    };
    assert!(!is_over(&row, 43_199_999, idle, absolute));
    assert!(is_over(&row, 43_200_000, idle, absolute), "12 hours");
    assert!(!is_over(&LoginRow { used: 0, ..row.clone() }, 1_799_999, idle, absolute));
    assert!(is_over(&LoginRow { used: 0, ..row }, 1_800_000, idle, absolute), "30 minutes");
}

#[test]
fn a_session_used_after_now_is_over_for_the_clock_was_set_back() {
    let (idle, absolute) = (Duration::from_secs(1_800), Duration::from_secs(43_200));
    let (created, used) = (1_000_000, 2_000_000);
    let (id, principal) = ("a".into(), Principal::new("user"));
    let row = LoginRow { id, principal, address: "127.0.0.1".into(), created, used };
    let over = |row: &LoginRow, now| is_over(row, now, idle, absolute);
    assert!(!over(&row, used - SLACK_MS), "a correction by a minute ends nothing");
    assert!(over(&row, used - SLACK_MS - 1));
    assert!(over(&LoginRow { used: 0, ..row }, created - SLACK_MS - 1));
}
