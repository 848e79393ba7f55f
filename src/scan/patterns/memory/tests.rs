use super::*;

fn pattern(n: usize) -> Regex {
    Regex::new(&format!("(?i)x{n}.{{0,40}}[a-f]+{n}")).unwrap()
}

/// What one pattern remembers after a text, kept as that of `id`.
fn used(remembered: &mut Remembered, id: usize, regex: &Regex) {
    let mut cache = remembered.take(Id(id)).unwrap_or_else(|| Box::new(regex.create_cache()));
    regex.search_with(&mut cache, &format!("x{id} and what follows is abc{id} ").repeat(20).as_str().into());
    remembered.keep(Id(id), cache);
}

fn held(remembered: &Remembered) -> Vec<usize> {
    (0..remembered.kept.len()).filter(|n| remembered.kept[*n].is_some()).collect()
}

#[test]
fn all_patterns_together_stay_within_their_bound() {
    let mut remembered = Remembered::new(256 << 10);
    for n in 0..60 {
        used(&mut remembered, n, &pattern(n));
        assert!(remembered.bytes <= 256 << 10, "{} bytes after {n}", remembered.bytes);
    }
    let counted: usize = remembered.kept.iter().flatten().map(|kept| kept.bytes).sum();
    assert_eq!(counted, remembered.bytes);
    assert!(held(&remembered).len() < 60);
}

#[test]
fn what_was_used_last_is_kept() {
    let mut remembered = Remembered::new(256 << 10);
    let always = pattern(0);
    for n in 1..60 {
        used(&mut remembered, n, &pattern(n));
        used(&mut remembered, 0, &always);
    }
    let held = held(&remembered);
    assert!(held.contains(&0) && held.contains(&59) && !held.contains(&1), "{held:?}");
}

#[test]
fn ids_are_never_given_twice() {
    assert_ne!(Id::next(), Id::next());
}
