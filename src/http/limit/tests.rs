use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[test]
fn each_principal_has_ten_tasks_a_minute_and_is_told_when_to_come_back() {
    let now = Arc::new(AtomicI64::new(1_000_000_000_000));
    let ticks = now.clone();
    let second = Duration::from_secs(1);
    let limits = HttpLimits {
        task_per_minute: 10,
        request_per_minute: 1_000,
        body_bytes: 1,
        body: second,
        header_bytes: 1,
        header: second,
        connections: 1,
        connections_per_address: 1,
        drain: second,
    };
    let rates = Rates::new(&limits, Arc::new(move || ticks.load(Ordering::Relaxed)));
    let (ann, bob) = (Principal::new("ann"), Principal::new("bob"));
    (0..10).for_each(|_| rates.task(&ann).unwrap());
    assert_eq!(rates.task(&ann).unwrap_err().status(), 429);
    rates.task(&bob).unwrap();
    rates.request(&ann).unwrap();
    now.fetch_add(5_900, Ordering::Relaxed);
    assert!(rates.task(&ann).is_err());
    now.fetch_add(200, Ordering::Relaxed);
    rates.task(&ann).unwrap();
    assert!(rates.task(&ann).is_err());
}
