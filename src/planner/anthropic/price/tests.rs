use super::*;

fn usage(model: &str, tokens: [u64; 4]) -> Usage {
    let [input_tokens, output_tokens, cache_write_tokens, cache_read_tokens] = tokens;
    Usage {
        model: model.into(),
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
        cost_micro_dollars: None,
    }
}

#[test]
fn every_kind_of_token_has_its_price() {
    let million = 1_000_000;
    for (tokens, dollars) in [
        ([million, 0, 0, 0], 2.0),
        ([0, million, 0, 0], 10.0),
        ([0, 0, million, 0], 2.5),
        ([0, 0, 0, million], 0.1),
    ] {
        assert_eq!(cost(&usage("claude-sonnet-5-5", tokens)), Some((dollars * 1e6) as u64));
    }
    assert_eq!(cost(&usage("claude-haiku-5-5", [1, 0, 0, 0])), Some(1), "rounded up");
}

#[test]
fn a_dated_id_is_known_and_a_longer_name_is_another_model() {
    assert_eq!(cost(&usage("claude-haiku-4-5-20251001", [1_000, 0, 0, 0])), Some(1_000));
    assert_eq!(cost(&usage("claude-sonnet-5-9", [1_000, 0, 0, 0])), None);
    assert_eq!(cost(&usage("claude-sonnet-5-5-preview", [1_000, 0, 0, 0])), None);
}

#[test]
fn a_price_that_does_not_hold_is_unknown() {
    assert_eq!(cost(&usage("claude-haiku-5-5", [60_000, 0, 0, 40_001])), None);
    assert_eq!(cost(&usage("claude-opus-5", [u64::MAX, 0, 0, 0])), None);
}

#[test]
fn only_models_that_take_it_are_forced() {
    for model in ["claude-sonnet-4-6", "claude-haiku-4-5-20251001", "claude-opus-4-8"] {
        assert!(takes_forced_choice(model), "{model}");
    }
    for model in ["claude-sonnet-5-5", "claude-opus-5", "claude-opus-45", "claude-new-7", "other"] {
        assert!(!takes_forced_choice(model), "{model}");
    }
}
