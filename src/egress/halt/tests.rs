use super::{is_raised, until};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_stop_counts_for_the_work_it_was_given_for() {
    let (outer, inner) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
    until(&outer, || {
        assert!(!is_raised());
        until(&inner, || assert!(is_raised()));
        assert!(!is_raised());
        outer.store(true, Ordering::Release);
        assert!(is_raised());
    });
    assert!(!is_raised());
}

#[test]
fn work_that_panics_leaves_no_stop_behind() {
    let stop = Arc::new(AtomicBool::new(true));
    catch_unwind(AssertUnwindSafe(|| until(&stop, || panic!("planned")))).unwrap_err();
    assert!(!is_raised());
}
