use super::*;
use crate::kernel::gate::permitted;
use crate::kernel::gate::tests::{Scan, Treats, pending};
use crate::kernel::id::{Digest, RunId};
use crate::kernel::label::{Label, Readers};
use crate::kernel::port::{
    CallFacts, Class, Finding, FindingFacts, PlanFacts, Policy, PolicyFailure, Reason, ScannerFailure,
    Scanners, Severity, Verdict,
};
use crate::kernel::principal::Principal;
use crate::kernel::run::What;
use crate::kernel::testing::{Easy, Nobody, request};
use crate::kernel::value::{Mark, Node};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Remembers what it saw.
#[derive(Default)]
struct Sees(Mutex<Vec<Glimpse>>, AtomicBool);

impl Onlooker for Sees {
    fn watches(&self, _: &RunId) -> bool {
        !self.1.load(Ordering::SeqCst)
    }

    fn see(&self, run: &RunId, call: CallNo, glimpse: Glimpse) {
        assert_eq!((run, call), (&request().run, CallNo(7)));
        self.0.lock().unwrap().push(glimpse);
    }
}

impl Sees {
    /// All words together; each must begin where the one before it ended.
    fn words(&self) -> String {
        let mut all = String::new();
        for glimpse in self.0.lock().unwrap().iter() {
            if let Glimpse::Words { from, text } = glimpse {
                assert_eq!(*from, all.chars().count());
                all.push_str(text);
            }
        }
        all
    }

    fn stopped(&self) -> Option<&'static str> {
        match self.0.lock().unwrap().last() {
            Some(Glimpse::Stopped(why)) => Some(why),
            _ => None,
        }
    }
}

/// Finds what begins with the one and ends with the other, and counts what it has to read.
struct Between(&'static str, &'static str, AtomicUsize);

fn between(begin: &'static str, end: &'static str) -> Between {
    Between(begin, end, AtomicUsize::new(0))
}

impl Scanners for Between {
    fn names(&self) -> Vec<Arc<str>> {
        vec!["between".into()]
    }

    fn scan(&self, text: &str, crossing: &Crossing<'_>) -> Result<Vec<Finding>, ScannerFailure> {
        self.2.fetch_add(text.len() + crossing.asked.len(), Ordering::SeqCst);
        let found = text.split_once(self.0).is_some_and(|(_, after)| after.contains(self.1));
        let finding = || Finding {
            scanner: "between".into(),
            class: Class::Credential,
            severity: Severity::High,
            start: 0,
            end: 1,
            rule: "r".into(),
            reason: String::new(),
        };
        Ok(found.then(finding).into_iter().collect())
    }
}

/// Says the text in parts of so many characters.
fn said(text: &str, by: usize, scanners: &dyn Scanners, policy: &dyn Policy) -> Sees {
    let (sees, request) = (Sees::default(), request());
    let mut aloud = Aloud::new(Screener { scanners, policy, request: &request }, CallNo(7), &sees);
    let all: Vec<char> = text.chars().collect();
    for part in all.chunks(by) {
        aloud.hear(&part.iter().collect::<String>());
    }
    sees
}

fn prose(words: usize) -> String {
    "seven of them ".repeat(words)
}

#[test]
fn words_go_out_once_enough_stands_behind_them() {
    let text = prose(100);
    for by in [1, 5, 33, 150, 10_000] {
        let sees = said(&text, by, &Easy::default(), &Easy::default());
        let words = sees.words();
        assert!(text.starts_with(&words) && words.ends_with(' '), "{words}");
        let waits = text.len() - words.len();
        assert!((HOLD..=HOLD + 2 * STEP + 10).contains(&waits), "by {by}: {waits}");
        assert_eq!(sees.stopped(), None);
    }
    assert!(said(&prose(20), 1, &Easy::default(), &Easy::default()).0.into_inner().unwrap().is_empty());
}

#[test]
fn of_what_is_found_no_part_is_shown_wherever_it_is_cut() {
    let block = Treats(Treatment::Block);
    for before in (0..600).step_by(13) {
        let lead: String = prose(60).chars().take(before).collect();
        let text = format!("{lead} open wide sesame {}", prose(60));
        for by in [1, 3, 10, 64, 5_000] {
            let sees = said(&text, by, &between("open wide", "sesame"), &block);
            assert_eq!(sees.stopped(), Some(FOUND), "{before} by {by}");
            let words = sees.words();
            assert!(lead.starts_with(words.trim_end()), "{before} by {by}: {words}");
        }
    }
}

#[test]
fn what_is_longer_than_what_waits_still_ends_it() {
    let text = format!("{}begin {}end {}", prose(40), prose(25), prose(40));
    let sees = said(&text, 4, &between("begin", "end"), &Treats(Treatment::Redact));
    assert_eq!(sees.stopped(), Some(FOUND));
    assert!(!sees.words().contains("end"));
}

#[test]
fn only_what_may_pass_is_shown() {
    let text = prose(100);
    for treatment in [Treatment::Note, Treatment::Label] {
        let sees = said(&text, 9, &Scan::Finds, &Treats(treatment));
        assert!(sees.stopped().is_none() && !sees.words().is_empty(), "{treatment:?}");
    }
    for treatment in [Treatment::Redact, Treatment::Ask, Treatment::Block] {
        let sees = said(&text, 9, &Scan::Finds, &Treats(treatment));
        assert_eq!((sees.stopped(), sees.words().as_str()), (Some(FOUND), ""), "{treatment:?}");
        assert_eq!(sees.0.into_inner().unwrap().len(), 1, "it is told once");
    }
}

/// Treats findings at one border only, or cannot say.
struct At(Option<Border>);

impl Policy for At {
    fn version(&self) -> Digest {
        Digest::of(b"at")
    }

    fn judge_call(&self, _: &CallFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Deny(Vec::new()))
    }

    fn judge_plan(&self, _: &PlanFacts<'_>) -> Result<Verdict, PolicyFailure> {
        Ok(Verdict::Deny(Vec::new()))
    }

    fn treat(&self, facts: &FindingFacts<'_>) -> Result<(Treatment, Vec<Reason>), PolicyFailure> {
        assert!(!facts.trusted && !facts.executed);
        let border = self.0.ok_or_else(|| PolicyFailure("broken".to_owned()))?;
        Ok((if facts.border == border { Treatment::Redact } else { Treatment::Note }, Vec::new()))
    }
}

#[test]
fn it_must_pass_as_an_answer_and_as_a_reply() {
    for (border, stopped) in [
        (Some(Border::Answer), Some(FOUND)),
        (Some(Border::Reply), Some(FOUND)),
        (Some(Border::ToolOutput), None),
        (None, Some(UNSCANNED)),
    ] {
        let sees = said(&prose(100), 9, &Scan::Finds, &At(border));
        assert_eq!(sees.stopped(), stopped, "{border:?}");
        assert_eq!(sees.words().is_empty(), stopped.is_some(), "{border:?}");
    }
}

#[test]
fn what_cannot_be_scanned_is_not_shown() {
    for scanners in [Scan::None, Scan::Fails] {
        let sees = said(&prose(100), 9, &scanners, &Easy::default());
        assert_eq!((sees.stopped(), sees.words().as_str()), (Some(UNSCANNED), ""));
    }
}

#[test]
fn a_word_is_shown_whole_or_not_at_all() {
    let word = "x".repeat(1_500);
    let text = format!("{}{word}{}", prose(10), "y".repeat(500));
    let words = said(&text, 20, &Easy::default(), &Easy::default()).words();
    assert_eq!(words, prose(10));
    let words = said(&format!("{text} {}", prose(40)), 20, &Easy::default(), &Easy::default()).words();
    assert!(words.contains(&word));
    let endless = format!("{}{}", prose(30), "x".repeat(2 * LONGEST_WORD));
    let sees = said(&endless, 20, &Easy::default(), &Easy::default());
    assert_eq!((sees.stopped(), sees.words()), (Some(ENDLESS), prose(30)));
    // Scripts that are written without blanks are shown as they come.
    let sees = said(&"第十一條規定".repeat(1_000), 3, &Easy::default(), &Easy::default());
    assert!(sees.stopped().is_none() && sees.words().chars().count() > 5_000);
}

#[test]
fn another_try_begins_anew_and_a_stop_holds() {
    let (sees, request, easy) = (Sees::default(), request(), Easy::default());
    let screener = Screener { scanners: &easy, policy: &easy, request: &request };
    let mut aloud = Aloud::new(screener, CallNo(7), &sees);
    aloud.hear(&prose(50));
    aloud.begin_anew();
    aloud.hear("other ");
    aloud.hear(&prose(50));
    let seen = sees.0.into_inner().unwrap();
    assert_eq!(seen[1], Glimpse::Words { from: 0, text: String::new() }, "what was shown is taken back");
    assert!(
        matches!(&seen[2], Glimpse::Words { from: 0, text } if text.starts_with("other seven")),
        "{seen:?}"
    );

    let sees = Sees::default();
    let screener = Screener { scanners: &Scan::Fails, policy: &easy, request: &request };
    let mut aloud = Aloud::new(screener, CallNo(7), &sees);
    aloud.hear(&prose(50));
    aloud.begin_anew();
    aloud.hear(&prose(50));
    assert_eq!(sees.0.into_inner().unwrap(), [Glimpse::Stopped(UNSCANNED)]);
}

#[test]
fn nothing_shown_steers_a_terminal_or_a_page() {
    let text = format!(
        "a \u{1b}[31mred\u{7} word, one \u{202e}turned,\n![image](https://evil.example/a.png) [a](https://evil.example/) \
         <script src=x> [a long link {}](https://evil.example/b) {}",
        prose(40),
        prose(40)
    );
    let words = said(&text, 11, &Easy::default(), &Easy::default()).words();
    for part in ["\u{1b}", "\u{7}", "\u{202e}", "](", "a.png", "<script"] {
        assert!(!words.contains(part), "{part:?} in {words}");
    }
    for part in [
        "a \\u{1b}[31mred",
        "[image removed: image]",
        "a <https://evil.example/>",
        "] (https://evil.example/b)",
    ] {
        assert!(words.contains(part), "{part:?} not in {words}");
    }
}

#[test]
fn scanning_costs_time_linear_in_the_text() {
    for (text, by) in [(prose(4_000), 1), (format!("{} ", "x".repeat(3_000)).repeat(20), 1)] {
        let scanner = between("nothing", "such");
        said(&text, by, &scanner, &Easy::default());
        let read = scanner.2.into_inner();
        assert!(read < 12 * text.len(), "{read} of {}", text.len());
    }
}

#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    let (text, scanner) = (prose(2 * MOST / 14), between("nothing", "such"));
    let sees = said(&text, 1_000, &scanner, &Easy::default());
    assert_eq!(sees.stopped(), Some(TOO_LONG));
    assert!(scanner.2.into_inner() < 12 * MOST);
}

#[test]
fn while_nobody_watches_nothing_is_scanned_and_who_comes_later_sees_it_scanned_whole() {
    let (sees, request, easy) = (Sees::default(), request(), Easy::default());
    let scanners = between("open wide", "sesame");
    sees.1.store(true, Ordering::SeqCst);
    let screener = Screener { scanners: &scanners, policy: &easy, request: &request };
    let mut aloud = Aloud::new(screener, CallNo(7), &sees);
    aloud.hear(&prose(200));
    assert_eq!(scanners.2.load(Ordering::SeqCst), 0);
    sees.1.store(false, Ordering::SeqCst);
    aloud.hear("and so on");
    assert!(scanners.2.load(Ordering::SeqCst) > 2_000);
    assert!(sees.words().starts_with(&prose(150)));

    let (sees, block) = (Sees::default(), Treats(Treatment::Block));
    sees.1.store(true, Ordering::SeqCst);
    let screener = Screener { scanners: &scanners, policy: &block, request: &request };
    let mut aloud = Aloud::new(screener, CallNo(7), &sees);
    aloud.hear(&format!("open wide sesame {}", prose(200)));
    sees.1.store(false, Ordering::SeqCst);
    aloud.hear(&prose(10));
    assert_eq!((sees.stopped(), sees.words().as_str()), (Some(FOUND), ""));
}

/// Says much, and answers what it is made with.
struct Says(Result<WorkerReply, WorkerFailure>);

impl Worker for Says {
    fn name(&self) -> Arc<str> {
        "says".into()
    }

    fn answer(&self, _: &Ask) -> Result<WorkerReply, WorkerFailure> {
        self.0.clone()
    }

    fn answer_aloud(&self, _: &Ask, listener: &mut dyn Listener) -> Result<WorkerReply, WorkerFailure> {
        listener.hear(&prose(100));
        self.0.clone()
    }
}

/// What is seen of the call of a question of this type, about data that these may read.
fn seen_of(ty: &str, readers: &Readers, reply: Result<WorkerReply, WorkerFailure>) -> Vec<Glimpse> {
    let (sees, easy) = (Any::default(), Easy::default());
    let mut call = pending(&format!("answer(str(ask(\"What is it?\", data=\"x\", type={ty})))"));
    let What::Ask { data, .. } = &mut call.wanted.what else { panic!("no question") };
    let label = Label::trusted().narrowed_to(readers);
    *data = Node::from_json(&json!("x"), "", &|_| Mark::made_by(label.clone(), 1));
    let permit = match permitted::permit(call, &easy, &easy, &easy).unwrap() {
        permitted::Permission::Permitted(permit) => permit,
        other => panic!("{other:?}"),
    };
    let returned = permit.perform_before(&sees, &Nobody, &Says(reply), &easy, &easy);
    assert!(returned.is_ok());
    sees.0.into_inner().unwrap()
}

/// Sees every call.
#[derive(Default)]
struct Any(Mutex<Vec<Glimpse>>);

impl Onlooker for Any {
    fn watches(&self, _: &RunId) -> bool {
        true
    }

    fn see(&self, _: &RunId, _: CallNo, glimpse: Glimpse) {
        self.0.lock().unwrap().push(glimpse);
    }
}

fn answered() -> Result<WorkerReply, WorkerFailure> {
    Ok(WorkerReply::Answer(json!("x")))
}

#[test]
fn only_free_text_is_seen_before_its_type_is_checked() {
    assert!(!seen_of("str", &Readers::Public, answered()).is_empty());
    for ty in ["int", "str | None", "list[str]", "date"] {
        assert_eq!(seen_of(ty, &Readers::Public, answered()), [], "{ty}");
    }
}

#[test]
fn only_what_a_reply_may_tell_them_is_seen() {
    let only = |who: &str| Readers::only(Principal::new(who));
    assert!(!seen_of("str", &only("user"), answered()).is_empty());
    assert_eq!(seen_of("str", &only("somebody else"), answered()), []);
}

#[test]
fn words_that_become_no_answer_are_taken_back() {
    let back = Some(Glimpse::Words { from: 0, text: String::new() });
    assert_ne!(seen_of("str", &Readers::Public, answered()).pop(), back);
    let none = Ok(WorkerReply::NotEnoughInformation);
    let bad = Err(WorkerFailure::BadAnswer("it is not JSON".to_owned()));
    for reply in [none, bad] {
        let mut seen = seen_of("str", &Readers::Public, reply);
        assert_eq!((seen.pop(), seen.is_empty()), (back.clone(), false));
    }
}
