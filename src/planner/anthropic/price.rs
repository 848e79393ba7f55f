//! What a draft costs, and which models can be made to call a tool.

#[cfg(test)]
mod tests;

use crate::kernel::port::Usage;

/// One model's prices in nano-dollars a token, which is thousandths of a dollar a million tokens.
struct Price {
    /// The model's id, without the date that some ids end with.
    model: &'static str,
    input: u64,
    output: u64,
    /// Into the five-minute cache.
    cache_write: u64,
    cache_read: u64,
    /// Longest prompt that these prices hold for.
    up_to: u64,
}

const ANY: u64 = u64::MAX;

const fn price(model: &'static str, [input, output, cache_write, cache_read]: [u64; 4], up_to: u64) -> Price {
    Price { model, input, output, cache_write, cache_read, up_to }
}

/// The provider's public price list, <https://platform.claude.com/docs/en/about-claude/pricing>, as stored copies of it and of
/// the model pages had it in October 2026 (looked up on 2026-11-21; never compared with a bill).
const PRICES: [Price; 13] = [
    price("claude-fable-5-1", [10_000, 50_000, 12_500, 250], ANY),
    price("claude-opus-5-5", [4_000, 20_000, 5_000, 200], ANY),
    price("claude-opus-5", [5_000, 25_000, 6_250, 500], ANY),
    price("claude-opus-4-8", [5_000, 25_000, 6_250, 500], ANY),
    price("claude-opus-4-7", [5_000, 25_000, 6_250, 500], ANY),
    price("claude-opus-4-6", [5_000, 25_000, 6_250, 500], ANY),
    price("claude-opus-4-5", [5_000, 25_000, 6_250, 500], ANY),
    price("claude-sonnet-5-5", [2_000, 10_000, 2_500, 100], ANY),
    price("claude-sonnet-5", [2_000, 10_000, 2_500, 200], ANY),
    price("claude-sonnet-4-6", [3_000, 15_000, 3_750, 300], ANY),
    price("claude-sonnet-4-5", [3_000, 15_000, 3_750, 300], ANY),
    // Longer prompts cost five times as much; ours are far shorter.
    price("claude-haiku-5-5", [100, 500, 125, 10], 100_000),
    price("claude-haiku-4-5", [1_000, 5_000, 1_250, 100], ANY),
];

/// Families whose models take a forced tool choice. Later ones think by default and answer it with status 400 (the
/// provider's migration guides to Opus 5.5 and Sonnet 5.5, September 2026).
const FORCED: [&str; 4] = ["claude-3", "claude-opus-4", "claude-sonnet-4", "claude-haiku-4"];

/// Whether the model can be made to call a tool; a model that we do not know is asked in words.
pub(super) fn takes_forced_choice(model: &str) -> bool {
    FORCED.iter().any(|family| model.strip_prefix(family).is_some_and(|rest| rest.starts_with('-')))
}

/// The price in millionths of a dollar, rounded up; none when the model's prices are not known.
pub(super) fn cost(usage: &Usage) -> Option<u64> {
    let price = PRICES.iter().find(|price| is(&usage.model, price.model))?;
    let prompt =
        usage.input_tokens.checked_add(usage.cache_write_tokens)?.checked_add(usage.cache_read_tokens)?;
    if prompt > price.up_to {
        return None;
    }
    let parts = [
        (usage.input_tokens, price.input),
        (usage.output_tokens, price.output),
        (usage.cache_write_tokens, price.cache_write),
        (usage.cache_read_tokens, price.cache_read),
    ];
    let nano =
        parts.iter().try_fold(0u64, |sum, (tokens, each)| sum.checked_add(tokens.checked_mul(*each)?))?;
    Some(nano.div_ceil(1_000))
}

/// The id itself, or with the day of its release behind it.
fn is(model: &str, id: &str) -> bool {
    model.strip_prefix(id).is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix('-').is_some_and(|d| d.len() == 8 && d.bytes().all(|b| b.is_ascii_digit()))
    })
}
