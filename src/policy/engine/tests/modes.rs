//! A request may choose a stricter mode than the controller's own, so the order of modes must hold for every plan.

use super::*;
use crate::kernel::port::{ApprovalMode, PlanFacts};
use std::sync::Arc;

/// 0 allow, 1 ask, 2 deny.
fn restraint_of_plan(
    mode: ApprovalMode,
    level: u8,
    effect: Effect,
    tools: &[&str],
    rest: (usize, bool),
) -> u8 {
    let (will_ask, pinned) = rest;
    let tools: Vec<Arc<str>> = tools.iter().map(|tool| Arc::from(*tool)).collect();
    let principal = Principal::new("ann");
    let facts = PlanFacts {
        principal: &principal,
        channel: "web",
        trust_level: level,
        mode,
        tools: &tools,
        effect,
        will_ask,
        pinned,
    };
    match SHIPPED.judge_plan(&facts).unwrap_or_else(|e| panic!("{e}")) {
        Verdict::Allow(_) => 0,
        Verdict::Ask(_) => 1,
        Verdict::Deny(_) => 2,
    }
}

#[test]
fn a_stricter_mode_asks_about_every_plan_that_a_laxer_one_asks_about() {
    let tools: [&[&str]; 4] = [&[], &["today"], &["file_read"], &["today", "mkdir", "file_write"]];
    let mut asked = [0; 3];
    for level in 0..=4 {
        for effect in EFFECTS {
            for tools in tools {
                for rest in [(0, false), (1, false), (7, false), (0, true), (1, true)] {
                    let found =
                        ApprovalMode::ALL.map(|mode| restraint_of_plan(mode, level, effect, tools, rest));
                    for (stricter, laxer) in [(0, 1), (1, 2), (0, 2)] {
                        let modes = (ApprovalMode::ALL[stricter], ApprovalMode::ALL[laxer]);
                        assert!(modes.0.strictness() > modes.1.strictness());
                        assert!(
                            found[stricter] >= found[laxer],
                            "{} asks less than {}: level {level}, {effect}, {tools:?}, {rest:?}",
                            modes.0,
                            modes.1
                        );
                    }
                    for (count, restraint) in std::iter::zip(&mut asked, found) {
                        *count += usize::from(restraint > 0);
                    }
                }
            }
        }
    }
    assert!(asked[0] > asked[1] && asked[1] > asked[2] && asked[2] > 0, "the modes differ: {asked:?}");
}

#[test]
fn no_rule_but_those_about_plans_looks_at_the_mode() {
    for (file, text) in SHIPPED.sources() {
        assert_eq!(text.contains("context.mode"), file.ends_with("plan.cedar"), "{file}");
    }
}
