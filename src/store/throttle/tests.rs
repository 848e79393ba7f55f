use super::*;
use crate::store::tests::fixture;

#[test]
fn buckets_survive_a_restart_until_they_are_forgotten() {
    let row = |bucket: &str, failures| ThrottleRow { bucket: bucket.into(), failures, until: 9, updated: 8 };
    let f = fixture();
    f.store.put_throttles(vec![row("a", 1), row("b", 2)]).unwrap();
    f.store.put_throttles(vec![row("a", 3)]).unwrap();
    let f = f.reopened();
    let mut rows = f.store.throttles().unwrap();
    rows.sort_by(|a, b| a.bucket.cmp(&b.bucket));
    assert_eq!(rows, [row("a", 3), row("b", 2)]);
    f.store.put_throttles(vec![row("a", 0)]).unwrap();
    assert_eq!(f.store.throttles().unwrap(), [row("b", 2)]);
}
