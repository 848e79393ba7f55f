use super::*;
use std::time::Duration;

fn places() -> Places {
    let limits = HttpLimits {
        task_per_minute: 1,
        request_per_minute: 10,
        body_bytes: 1,
        body: Duration::ZERO,
        header_bytes: 1,
        header: Duration::ZERO,
        connections: 8,
        connections_per_address: 2,
        drain: Duration::ZERO,
    };
    Places::new(&limits)
}

#[tokio::test]
async fn an_address_has_its_share_and_what_it_gives_back() {
    let places = places();
    let take = async |from: &str| places.take(places.free().await, from.parse().unwrap());
    let (one, _two) = (take("10.0.0.1").await.unwrap(), take("::ffff:10.0.0.1").await.unwrap());
    assert!(take("10.0.0.1").await.is_none());
    assert!(take("10.0.0.2").await.is_some());
    let held = one.clone();
    drop(one);
    assert!(take("10.0.0.1").await.is_none(), "somebody holds it still");
    drop(held);
    assert!(take("10.0.0.1").await.is_some());
    assert_eq!(places.free.available_permits(), 7);
    assert_eq!(places.counts.counts().len(), 1, "who has none is forgotten");
}
