use super::*;
use crate::scan::injection::MODEL;
use proptest::prelude::*;

#[test]
fn the_shipped_model_is_one_and_damaged_ones_are_refused() {
    assert!(Model::read(MODEL).is_ok());
    assert!(Model::read(&MODEL[1..]).is_err());
    assert!(Model::read(&MODEL[..MODEL.len() - 1]).is_err());
    assert!(Model::read(&[]).is_err());
    for (at, byte) in [(0, b'X'), (7, b'0'), (11, 0xff)] {
        let mut bytes = MODEL.to_vec();
        bytes[at] = byte;
        // 0xff and what stands before it make no finite number.
        bytes[10] |= if at == 11 { 0x80 } else { 0 };
        assert!(Model::read(&bytes).is_err(), "{at}");
    }
}

#[test]
fn what_is_written_is_read_again_within_half_a_step() {
    let mut weights = vec![0.0; WEIGHTS];
    (weights[3], weights[4], weights[5]) = (2.0, -1.0, 0.009);
    let bytes = Model::write(&weights, 0.25);
    let model = Model::read(&bytes).unwrap();
    assert_eq!((model.weights[3].cast_signed(), model.weights[4].cast_signed()), (127, -64));
    assert_eq!((model.weights[5].cast_signed(), model.bias), (1, 0.25));
}

#[test]
fn values_grow_like_one_and_the_logarithm() {
    for n in 1..=64_u16 {
        assert!((f64::from(n).ln() + 1.0 - value(n) as f64 / 1024.0).abs() < 0.0006, "{n}");
    }
    assert_eq!((value(0), value(64), value(u16::MAX)), (0, 5283, 5283));
}

/// The score of a unit by itself.
fn alone(model: &Model<'_>, features: &Features, unit: &Range<usize>, frame: Frame) -> Option<f32> {
    let mut tally = Tally::new(model);
    tally.count(features, unit, frame, Tally::add);
    tally.score()
}

#[test]
fn the_next_text_is_counted_from_zero() {
    let model = Model::read(MODEL).unwrap();
    // Of a short text each count is cleared, of a long one all at once.
    for times in [300, 40_000] {
        let features = Features::of(&"pay all of it. ".repeat(times), Port::User);
        model.judge(&features, Port::User).unwrap();
        let counts = CLEARED.take();
        assert_eq!((counts.len(), counts.iter().position(|count| *count != 0)), (WEIGHTS, None), "{times}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Sliding from window to window loses nothing and leaves nothing behind.
    #[test]
    fn the_worst_unit_is_the_one_that_is_worst_by_itself(
        words in prop::collection::vec("ignore|all|pay\\.|the|[a-z]{1,9}|忽略\n|[0-9.]{1,60}", 0..200),
        user in any::<bool>(),
    ) {
        let (text, port) = (words.join(" "), if user { Port::User } else { Port::Data });
        let model = Model::read(MODEL).unwrap();
        let features = Features::of(&text, port);
        let units = Units::of(&features, port);
        let windows = units.windows.iter().chain(&units.whole);
        let scores = windows.filter_map(|unit| alone(&model, &features, unit, Frame::Window));
        let sentences = units.sentences.iter().filter_map(|unit| alone(&model, &features, unit, Frame::Sentence));
        let worst = scores.chain(sentences.map(|score| score - SENTENCE_OFFSET)).reduce(f32::max);
        prop_assert_eq!(model.judge(&features, port).map(|judged| judged.score), worst);
    }
}
