use super::*;
use crate::kernel::id::Digest;
use crate::kernel::port::{
    CallFacts, Class, Crossing, FindingFacts, PlanFacts, PolicyFailure, Reason, Treatment, Verdict,
};
use crate::policy::{self, Engine};
use crate::scan::Active;
use crate::tool::builtin;
use std::path::Path;

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::new(builtin::tools()))
}

pub(in crate::doctor) fn shipped() -> Engine {
    policy::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &catalogue()).unwrap()
}

/// Judges everything the same.
struct Always(fn() -> Result<Verdict, PolicyFailure>);

impl Policy for Always {
    fn version(&self) -> Digest {
        Digest::of(b"always")
    }

    fn judge_call(&self, _facts: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        (self.0)()
    }

    fn judge_plan(&self, _facts: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        (self.0)()
    }

    fn treat(&self, _: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        Ok((Treatment::Note, Vec::new()))
    }
}

fn found(tried: Tried) -> String {
    tried.unwrap_err().found
}

#[test]
fn the_shipped_policies_hold() {
    let (engine, catalogue) = (shipped(), catalogue());
    assert!(policy_denies(&engine, &catalogue).unwrap().contains("path-leaves-workspace"));
    assert!(policy_holds_strangers(&engine, &catalogue).unwrap().contains("critical-argument"));
    let planted = ("doctor.cedar".to_owned(), FAILING_RULE.to_owned());
    let sources = engine.sources().iter().cloned().chain([planted]).collect();
    policy_error_denies(&Engine::new(sources, &catalogue).unwrap(), &catalogue).unwrap();
}

#[test]
fn policies_that_let_everything_pass_are_found() {
    let everything = "@id(\"all\") permit (principal, action, resource);".to_owned();
    let engine = Engine::new(vec![("all.cedar".to_owned(), everything)], &catalogue()).unwrap();
    assert!(found(policy_denies(&engine, &catalogue())).contains("was not refused"));
    assert!(found(policy_holds_strangers(&engine, &catalogue())).contains("nobody was asked"));
    let allow = Always(|| Ok(Verdict::Allow(Vec::new())));
    assert!(found(policy_error_denies(&allow, &catalogue())).contains("passed over"));
}

#[test]
fn a_policy_that_refuses_everything_proves_nothing() {
    let deny = Always(|| Ok(Verdict::Deny(Vec::new())));
    assert!(found(policy_denies(&deny, &catalogue())).contains("only answers did not run"));
    let fails = Always(|| Err(PolicyFailure("broken".to_owned())));
    assert!(found(policy_denies(&fails, &catalogue())).contains("only answers did not run"));
    assert!(policy_holds_strangers(&fails, &catalogue()).is_err());
}

/// A scanner of this name that finds something wherever the function says.
struct Scanner(&'static str, fn(&str) -> Result<Option<Severity>, ScannerFailure>);

impl Scanners for Scanner {
    fn names(&self) -> Vec<Arc<str>> {
        vec![Arc::from(self.0)]
    }

    fn scan(&self, text: &str, _: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        let finding = |severity| Finding {
            class: Class::Hidden,
            scanner: Arc::from(self.0),
            severity,
            start: 0,
            end: 0,
            rule: Arc::from("rule"),
            reason: String::new(),
        };
        Ok((self.1)(text)?.map(finding).into_iter().collect())
    }
}

#[test]
fn the_active_scanners_hold_and_each_has_something_planted() {
    scanners_find(&Active::new()).unwrap();
    scanners_block(&Active::new(), &shipped()).unwrap();
    for name in Active::new().names() {
        assert!(planted::text_for(&name).is_some(), "plant a text for {name} in src/scan/planted.rs");
    }
}

#[test]
fn scanners_that_are_away_blind_jumpy_or_broken_are_found() {
    assert!(found(scanners_find(&Nobody)).contains("no scanner"));
    let blind = Scanner("hidden", |_| Ok(None));
    assert!(found(scanners_find(&blind)).contains("missed"));
    assert!(found(scanners_block(&blind, &shipped())).contains("grave"));
    let jumpy = Scanner("hidden", |_| Ok(Some(Severity::High)));
    assert!(found(scanners_find(&jumpy)).contains("ordinary"));
    let unknown = Scanner("new", |_| Ok(Some(Severity::High)));
    assert!(found(scanners_find(&unknown)).contains("nothing is planted"));
    assert!(found(scanners_find(&Broken)).contains("nothing is planted"));
    let failing = Scanner("hidden", |_| {
        Err(ScannerFailure { scanner: "hidden".to_owned(), reason: "crashed".to_owned() })
    });
    assert!(found(scanners_find(&failing)).contains("missed"));
    assert!(scanners_block(&failing, &shipped()).is_err());
    let mild = Scanner("hidden", |_| Ok(Some(Severity::Note)));
    assert!(found(scanners_block(&mild, &shipped())).contains("grave"));
}
