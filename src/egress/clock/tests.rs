use super::*;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

/// Time that passes when somebody waits.
#[derive(Debug, Default)]
struct Passing(Mutex<Duration>);

impl Timer for Passing {
    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

#[test]
fn attempts_share_what_is_left() {
    let second = Duration::from_secs(1);
    let timer = Passing::default();
    timer.wait(second * 5);
    let deadline = Deadline::within(second * 10, &timer);
    assert_eq!(deadline.left(), second * 10, "the span begins when it is made");
    assert_eq!(deadline.wait(second * 4), Waited::Done);
    assert_eq!(deadline.left(), second * 6);
    assert_eq!(deadline.wait(second * 6), Waited::NoTime, "no time would be left for what comes after");
    assert_eq!(deadline.left(), second * 6, "nobody waited");
    timer.wait(second * 60);
    assert_eq!(deadline.left(), Duration::ZERO);
    assert_eq!(deadline.wait(Duration::ZERO), Waited::Done);
}

#[test]
fn nobody_waits_on_once_it_is_to_stop() {
    let (timer, longest) = (SystemTimer::start(), Duration::from_secs(20));
    halt::until(&Arc::new(AtomicBool::new(true)), || timer.wait(longest));
    assert!(timer.elapsed() < longest);
}
