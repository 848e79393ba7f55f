//! The lattice's laws.

use super::*;
use crate::kernel::testing::cases;
use proptest::collection::btree_set;
use proptest::prelude::*;

const CAPACITIES: [Capacity; 8] = [
    Capacity::Nothing,
    Capacity::Bool,
    Capacity::Choice,
    Capacity::Number,
    Capacity::Date,
    Capacity::FormedSpan,
    Capacity::Span,
    Capacity::Text,
];

fn capacity() -> impl Strategy<Value = Capacity> {
    proptest::sample::select(&CAPACITIES[..])
}

fn source() -> impl Strategy<Value = Source> {
    let name = proptest::sample::select(&["a", "b", "*"][..]).prop_map(Arc::<str>::from);
    prop_oneof![
        Just(Source::User),
        Just(Source::Planner),
        name.clone().prop_map(Source::Worker),
        name.clone().prop_map(Source::File),
        name.clone().prop_map(Source::Web),
        name.clone().prop_map(Source::Tool),
        name.prop_map(Source::Memory),
    ]
}

fn readers() -> impl Strategy<Value = Readers> {
    let people = proptest::sample::select(&["ann", "bob", "cy"][..]).prop_map(Principal::new);
    prop_oneof![Just(Readers::Public), btree_set(people, 0..3).prop_map(|set| Readers::Only(Arc::new(set))),]
}

fn found() -> impl Strategy<Value = Found> {
    let class = proptest::sample::select(&[Class::Injection, Class::Credential][..]);
    let treatment = proptest::sample::select(&[Treatment::Label, Treatment::Ask][..]);
    proptest::collection::btree_map(class, treatment, 0..3)
}

/// Every label that the constructors can make.
fn label() -> impl Strategy<Value = Label> {
    (any::<bool>(), capacity(), readers(), btree_set(source(), 0..4), found()).prop_map(
        |(trusted, capacity, readers, sources, found)| {
            let one = |source| match trusted {
                true => Label::trusted_from(source),
                false => Label::untrusted_from(source, capacity),
            };
            let start = if trusted { Label::trusted() } else { one(Source::Planner) };
            let joined = sources.into_iter().map(one).fold(start, |all, l| all.join(&l));
            joined.narrowed_to(&readers).holding(&found)
        },
    )
}

/// Trusted exactly when no stranger can say anything with it.
fn is_sound(label: &Label) -> bool {
    label.is_trusted() == (label.capacity() == Capacity::Nothing)
}

/// The order that `join` makes: `a` below `b`.
fn below(a: &Label, b: &Label) -> bool {
    a.join(b) == *b
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn join_is_a_semilattice(a in label(), b in label(), c in label()) {
        prop_assert_eq!(a.join(&b), b.join(&a));
        prop_assert_eq!(a.join(&b).join(&c), a.join(&b.join(&c)));
        prop_assert_eq!(&a.join(&a), &a);
        prop_assert_eq!(&a.join(&Label::trusted()), &a);
        prop_assert_eq!(Label::join_all([&a, &b, &c]), a.join(&b).join(&c));
        prop_assert!(is_sound(&a) && is_sound(&a.join(&b)));
    }

    #[test]
    fn join_only_makes_worse(a in label(), b in label()) {
        let both = a.join(&b);
        prop_assert!(below(&a, &both) && below(&b, &both));
        prop_assert!(both.integrity() >= a.integrity() && both.capacity() >= a.capacity());
        prop_assert!(a.readers().include(both.readers()) && b.readers().include(both.readers()));
        prop_assert!(a.sources().chain(b.sources()).all(|s| both.sources().any(|t| s == t)));
        prop_assert_eq!(both.is_trusted(), a.is_trusted() && b.is_trusted());
    }

    #[test]
    fn everything_is_monotone(a in label(), b in label(), c in label(), cap in capacity()) {
        let b = a.join(&b);
        prop_assert!(below(&a.join(&c), &b.join(&c)));
        prop_assert!(below(&a.as_influence(), &b.as_influence()));
        prop_assert!(below(&a.bounded_by(cap), &b.bounded_by(cap)));
        prop_assert!(below(&a.of_text(), &b.of_text()));
        prop_assert!(below(&a.narrowed_to(c.readers()), &b.narrowed_to(c.readers())));
    }

    #[test]
    fn no_operation_endorses_or_publishes(a in label(), cap in capacity(), r in readers()) {
        let made = [
            a.as_influence(), a.bounded_by(cap), a.of_text(), a.narrowed_to(&r),
            a.as_influence().bounded_by(cap).of_text(),
        ];
        for label in &made {
            prop_assert_eq!(label.is_trusted(), a.is_trusted());
            prop_assert!(is_sound(label));
            prop_assert!(a.readers().include(label.readers()));
            prop_assert!(a.sources().eq(label.sources()));
        }
        prop_assert!(a.as_influence().capacity() <= Capacity::Choice);
        prop_assert!(a.of_text().capacity() >= a.capacity());
        prop_assert!(a.bounded_by(cap).capacity() <= cap.max(Capacity::Bool));
    }

    #[test]
    fn what_was_found_goes_where_the_words_go(a in label(), b in label()) {
        let both = a.join(&b);
        for (class, treatment) in a.found().iter().chain(b.found()) {
            prop_assert!(both.found()[class] >= *treatment);
            prop_assert!(both.of_text().found()[class] >= *treatment);
        }
        prop_assert!(a.as_influence().found().is_empty() && a.bounded_by(Capacity::Bool).found().is_empty());
        prop_assert_eq!(a.is_within(&b), a.holding(b.found()).is_within(&b));
    }

    #[test]
    fn within_is_an_order_that_join_keeps(a in label(), b in label(), c in label(), d in label()) {
        prop_assert!(a.is_within(&a));
        prop_assert!(a.is_within(&a.join(&b)));
        prop_assert!(!a.is_within(&b) || !b.is_within(&c) || a.is_within(&c));
        let stars = |l: &Label| l.sources().any(|s| matches!(s, Source::File(n) | Source::Worker(n) if &**n == "*"));
        if a.is_within(&b) && b.is_within(&a) && !stars(&a) && !stars(&b) {
            // What was found stands beside the order.
            prop_assert_eq!(a.holding(b.found()), b.holding(a.found()));
        }
        // What is foretold for both parts is foretold for the whole.
        if a.is_within(&c) && b.is_within(&d) {
            prop_assert!(a.join(&b).is_within(&c.join(&d)));
        }
        if a.is_within(&b) {
            prop_assert!(b.is_trusted() <= a.is_trusted());
            prop_assert!(a.readers().include(b.readers()));
            prop_assert!(a.as_influence().is_within(&b.as_influence()));
        }
    }

    #[test]
    fn readers_meet_like_sets(a in readers(), b in readers(), c in readers()) {
        prop_assert_eq!(a.meet(&b), b.meet(&a));
        prop_assert_eq!(a.meet(&b).meet(&c), a.meet(&b.meet(&c)));
        prop_assert_eq!(&a.meet(&a), &a);
        prop_assert!(a.include(&a.meet(&b)) && b.include(&a.meet(&b)));
        prop_assert!(!(a.include(&c) && b.include(&c)) || a.meet(&b).include(&c));
    }

    #[test]
    fn labels_come_back_from_the_journal(a in label()) {
        let text = serde_json::to_string(&a).unwrap();
        prop_assert_eq!(serde_json::from_str::<Label>(&text).unwrap(), a);
    }
}

#[test]
fn a_star_stands_for_every_worker_and_for_whatever_a_file_may_hold() {
    let from = |source| Label::untrusted_from(source, Capacity::Text);
    let star: Arc<str> = Arc::from("*");
    let a: Arc<str> = Arc::from("a");
    assert!(from(Source::File(a.clone())).is_within(&from(Source::File(star.clone()))));
    assert!(from(Source::Worker(a.clone())).is_within(&from(Source::Worker(star.clone()))));
    assert!(!from(Source::File(star.clone())).is_within(&from(Source::File(a.clone()))));
    assert!(!from(Source::Tool(a.clone())).is_within(&from(Source::Tool(star.clone()))));
    assert!(from(Source::Worker(a.clone())).is_within(&from(Source::File(star.clone()))));
    assert!(!from(Source::File(a)).is_within(&from(Source::Worker(star))));
}

#[test]
fn an_empty_set_of_readers_is_nobody() {
    let nobody = Readers::only(Principal::new("ann")).meet(&Readers::only(Principal::new("bob")));
    assert!(!nobody.include(&Readers::only(Principal::new("ann"))) && !nobody.include(&Readers::Public));
    assert!(Readers::only(Principal::new("ann")).include(&nobody));
    assert_eq!(nobody.to_string(), "nobody");
}
