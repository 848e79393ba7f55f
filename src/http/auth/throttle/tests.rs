use super::*;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

struct Fixture {
    throttle: Throttle,
    now: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

fn fixture(tries_global: u32) -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(1_000_000_000_000));
    let ticks = now.clone();
    let clock: Clock = Arc::new(move || ticks.load(Ordering::Relaxed));
    let store = Arc::new(Store::open(dir.path(), clock.clone()).unwrap());
    Fixture { throttle: Throttle::open(store, clock, 5, tries_global).unwrap(), now, _dir: dir }
}

impl Fixture {
    fn wrong(&self, from: &str) -> Result<(), u64> {
        let begun = self.throttle.begin(at(from), || Compared::Wrong).map_err(|Wait(wait)| wait.as_secs())?;
        assert!(matches!(begun, Begun::Wrong));
        self.throttle.keep(at(from)).unwrap();
        Ok(())
    }

    fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    fn reopened(&self) -> Throttle {
        Throttle::open(self.throttle.store.clone(), self.throttle.clock.clone(), 5, 1_000).unwrap()
    }
}

fn at(address: &str) -> Address {
    Address::new(address.parse::<IpAddr>().unwrap())
}

#[test]
fn five_tries_then_waits_that_double_to_fifteen_minutes() {
    let f = fixture(1_000);
    for _ in 0..5 {
        f.wrong("10.0.0.1").unwrap();
    }
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        assert_eq!(f.wrong("10.0.0.1"), Err(wait));
        f.pass(i64::try_from(wait).unwrap() - 1);
        assert_eq!(f.wrong("10.0.0.1"), Err(1));
        f.pass(1);
        f.wrong("10.0.0.1").unwrap();
    }
    f.wrong("10.0.0.2").unwrap();
}

#[test]
fn a_right_guess_is_refused_too_while_one_has_to_wait() {
    let f = fixture(1_000);
    (0..5).for_each(|_| f.wrong("10.0.0.1").unwrap());
    let mut compared = false;
    let begun = f.throttle.begin(at("10.0.0.1"), || {
        compared = true;
        Compared::Right
    });
    assert!(begun.is_err() && !compared);
}

#[test]
fn one_household_shares_a_count_and_everybody_shares_another() {
    let f = fixture(7);
    for from in ["2001:db8::1", "2001:db8::2", "2001:db8::3:4:5:6", "2001:db8::7", "2001:db8::8"] {
        f.wrong(from).unwrap();
    }
    assert_eq!(f.wrong("2001:db8::9"), Err(30));
    f.wrong("2001:db8:0:1::1").unwrap();
    f.wrong("::ffff:10.0.0.1").unwrap();
    assert_eq!(f.wrong("10.9.9.9"), Err(30), "everybody has to wait now");
    assert_eq!(at("::ffff:10.0.0.1").bucket(), at("10.0.0.1").bucket());
}

#[test]
fn guesses_side_by_side_do_not_outrun_the_count() {
    let f = fixture(1_000);
    let admitted = std::thread::scope(|scope| {
        let guess =
            || (0..25).filter(|_| f.throttle.begin(at("10.0.0.1"), || Compared::Unknown).is_ok()).count();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(guess)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    assert_eq!(admitted, 5);
}

#[test]
fn a_restart_and_a_lost_attempt_forgive_nothing() {
    let f = fixture(1_000);
    (0..4).for_each(|_| f.wrong("10.0.0.1").unwrap());
    drop(f.throttle.begin(at("10.0.0.1"), || Compared::Unknown).unwrap());
    f.throttle.keep(at("10.0.0.1")).unwrap();
    let after = f.reopened();
    assert_eq!(after.judge(at("10.0.0.1")), Err(Wait(Duration::from_secs(30))));
    after.judge(at("10.0.0.2")).unwrap();
}

#[test]
fn what_was_right_is_taken_back_and_a_login_forgives_its_address_only() {
    let f = fixture(6);
    (0..5).for_each(|_| f.wrong("10.0.0.1").unwrap());
    f.pass(30);
    let Begun::Unknown(attempt) = f.throttle.begin(at("10.0.0.1"), || Compared::Unknown).unwrap() else {
        panic!("it is not known")
    };
    assert!(f.throttle.judge(at("10.0.0.1")).is_err());
    f.throttle.right(attempt);
    f.throttle.judge(at("10.0.0.1")).unwrap();
    f.throttle.forgive(at("10.0.0.1")).unwrap();
    assert_eq!(f.throttle.buckets().get(&at("10.0.0.1").bucket()), None);
    f.wrong("10.0.0.1").unwrap();
    assert_eq!(f.wrong("10.0.0.1"), Err(30), "the count of everybody stays");
}

#[test]
fn a_day_of_quiet_forgets_and_a_clock_set_back_locks_nobody_out() {
    let f = fixture(1_000);
    (0..5).for_each(|_| f.wrong("10.0.0.1").unwrap());
    f.pass(-10 * 86_400);
    assert_eq!(f.wrong("10.0.0.1"), Err(900));
    f.pass(11 * 86_400 + 31);
    (0..5).for_each(|_| f.wrong("10.0.0.1").unwrap());
    assert_eq!(f.wrong("10.0.0.1"), Err(30));
}

#[test]
fn typos_over_weeks_lock_nobody_and_guesses_without_end_do() {
    let f = fixture(20);
    for hour in 0..3 * 7 * 24 {
        f.wrong(&format!("10.0.{}.{}", hour / 250, hour % 250)).unwrap();
        f.throttle.judge(at("10.9.9.9")).unwrap();
        f.pass(3_600);
    }
    // From ever new addresses, as fast as is allowed.
    let (mut admitted, mut waited) = (0, 0);
    while waited < 24 * 3_600 {
        match f.wrong(&format!("10.1.{}.{}", admitted / 250, admitted % 250)) {
            Ok(()) => admitted += 1,
            Err(wait) => {
                waited += wait;
                f.pass(i64::try_from(wait).unwrap());
            }
        }
    }
    assert!(admitted <= 20 + 5 + 24 * 4, "{admitted} guesses in a day");
}
