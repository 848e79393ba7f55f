use super::*;

fn id(n: usize) -> SessionId {
    SessionId::new(format!("s{n:05}"))
}

#[test]
fn of_too_many_the_idlest_goes() {
    let mut sessions = Sessions::default();
    for n in 0..=MOST_SESSIONS {
        // The first one is used again before the last comes.
        if n == MOST_SESSIONS {
            sessions.keep(id(0), Vec::new(), 5_000);
        }
        sessions.keep(id(n), Vec::new(), i64::try_from(n).unwrap());
    }
    assert_eq!(sessions.count(), MOST_SESSIONS);
    assert!(sessions.kept.contains_key(&id(0)) && !sessions.kept.contains_key(&id(1)));
}

#[test]
fn what_was_idle_for_too_long_goes() {
    let mut sessions = Sessions::default();
    sessions.keep(id(1), Vec::new(), 0);
    sessions.keep(id(2), Vec::new(), TTL_MILLIS - 1);
    assert_eq!(sessions.count(), 2);
    sessions.keep(id(3), Vec::new(), TTL_MILLIS);
    assert!(!sessions.kept.contains_key(&id(1)) && sessions.count() == 2);
}
