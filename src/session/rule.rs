//! The eight rules. Each looks at a request with the turns before it and says what it adds to the score, and why.
//!
//! None of them gives points for a subject alone: what counts is what is wanted of it, and how that changes from turn to turn.

use super::mark::Marks;
use super::turn::{Caught, Turn, Words};
use crate::kernel::finding::Severity;
use std::sync::Arc;

/// How far a turn goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Nothing that could do harm is talked about.
    #[default]
    Plain,
    /// A subject is.
    Subject,
    /// It is to be made, run or got.
    Means,
    /// Unnoticed, past what guards against it, or against somebody.
    Harm,
}

/// From this likeness on a request is another one again.
const ALIKE: f64 = 0.45;
/// Below it two turns have nothing in common.
const APART: f64 = 0.15;
/// A turn that only points back says so in few stems and few characters.
const SHORT: usize = 240;
/// So many turns later nobody means a subject any more without naming it.
const THREAD: u8 = 4;
/// So many turns after a refusal what is asked may still be about it.
const AFTER: usize = 3;

/// Most points of a second try in which less is found than in what was stopped.
const MILDER: f64 = 1.0;
/// The points of whoever says again what was stopped, and says nothing worse.
const SAID_AGAIN: f64 = 0.5;

/// A request and the turns before it.
pub(super) struct View<'v> {
    pub past: &'v [Arc<Turn>],
    /// How far each of them went.
    pub tiers: &'v [Tier],
    pub words: &'v Words,
    pub tier: Tier,
    /// What is talked about, named now or shortly before.
    pub thread: Marks,
    pub caught: &'v Caught,
    /// Scanners find something in the turns read as one that they find in none of them.
    pub across: bool,
    /// What the handed-over pieces say, put together.
    pub stitched: Marks,
}

/// What a rule adds and why; none when it does not apply.
type Points = Option<(f64, &'static str)>;
/// Looks at a request with the turns before it.
type Rule = fn(&View<'_>) -> Points;

/// The rules by their stable names, those that say most first: the points of one request are limited.
pub(super) const RULES: [(&str, Rule); 8] = [
    ("instruction-override", instruction_override),
    ("retry-after-block", retry_after_block),
    ("context-building", context_building),
    ("escalation-tiers", escalation_tiers),
    ("reconnaissance", reconnaissance),
    ("violation-accumulation", violation_accumulation),
    ("topic-shift", topic_shift),
    ("topic-acceleration", topic_acceleration),
];

/// How far each turn goes, and the request. A turn that asks for more of what was talked about goes on with its subject.
pub(super) fn tiers(past: &[Arc<Turn>], words: &Words) -> (Vec<Tier>, Tier, Marks) {
    let mut thread: Option<Thread> = None;
    let mut of = |words: &Words| {
        let tier = tier(words.marks).max(thread.as_ref().map_or(Tier::Plain, |thread| thread.carries(words)));
        let before = thread;
        thread = match before {
            _ if tier > Tier::Plain => {
                let named = words.marks.subjects();
                let subjects =
                    if named.is_empty() { before.map_or(named, |thread| thread.subjects) } else { named };
                Some(Thread { subjects, tier, ago: 0 })
            }
            Some(Thread { subjects, tier, ago }) if ago < THREAD => {
                Some(Thread { subjects, tier, ago: ago + 1 })
            }
            _ => None,
        };
        tier
    };
    let tiers = past.iter().map(|turn| &turn.words).map(&mut of).collect();
    let tier = of(words);
    (tiers, tier, thread.map_or_else(Marks::default, |thread| thread.subjects))
}

pub(super) fn tier(marks: Marks) -> Tier {
    let evading = marks.has(Marks::EVADING);
    if marks.subjects().is_empty() {
        return if evading && marks.has(Marks::GUARDS) { Tier::Means } else { Tier::Plain };
    }
    let got = marks.has(Marks::SECRETS.with(Marks::TAKEAWAY)) && marks.has(Marks::TAKING);
    let made = marks.has(Marks::MAKING.with(Marks::WRITING).with(Marks::DETAIL).with(Marks::DESTRUCTION));
    let carries_off = marks.has(Marks::SECRETS) && marks.has(Marks::TAKEAWAY) && got;
    match () {
        () if marks.has(Marks::DEFENCE) && !evading => Tier::Subject,
        () if marks.has(Marks::DEFENCE) => Tier::Means,
        () if carries_off || (evading && (got || made)) => Tier::Harm,
        () if evading || got || made => Tier::Means,
        () => Tier::Subject,
    }
}

/// What was talked about last.
#[derive(Clone, Copy)]
struct Thread {
    subjects: Marks,
    tier: Tier,
    /// How many turns have not been about it since.
    ago: u8,
}

impl Thread {
    /// "More of that" is about what was said before.
    fn carries(&self, words: &Words) -> Tier {
        let marks = words.marks;
        let length = words.excerpt.len();
        let named = marks.subjects();
        if length == 0 || length > SHORT || marks.has(Marks::DEFENCE) {
            return Tier::Plain;
        }
        if !named.is_empty() {
            // "And this one?"
            let same = !named.both(self.subjects).is_empty() && self.tier >= Tier::Means;
            return match same {
                true if marks.has(Marks::EVADING) => Tier::Harm,
                true if length <= SHORT / 4 => Tier::Means,
                _ => Tier::Plain,
            };
        }
        let written = self.subjects.has(Marks::WRITTEN) && marks.has(Marks::WRITING);
        match self.tier {
            _ if marks.has(Marks::EVADING) => Tier::Harm,
            _ if !written && !marks.has(Marks::DETAIL.with(Marks::MAKING)) => Tier::Plain,
            Tier::Plain | Tier::Subject | Tier::Means => Tier::Means,
            Tier::Harm => Tier::Harm,
        }
    }
}

impl View<'_> {
    fn highest(&self) -> Tier {
        self.tiers.iter().copied().max().unwrap_or_default()
    }

    /// How many earlier turns are so.
    fn count(&self, is: impl Fn(&Turn) -> bool) -> u32 {
        u32::try_from(self.past.iter().filter(|turn| is(turn)).count()).unwrap_or(u32::MAX)
    }

    fn earlier(&self, marks: Marks) -> u32 {
        self.count(|turn| turn.words.marks.has(marks))
    }

    /// Whether the request itself has something against it.
    fn signed(&self) -> bool {
        self.tier >= Tier::Means
            || self.caught.likely()
            || self.words.marks.has(Marks::PERSONA)
            || self.across
    }

    /// Turns that give the model a role or hold it to something; a story alone does not.
    fn frames(&self) -> u32 {
        let led = Marks::PREMISE.with(Marks::BINDING).with(Marks::PERSONA);
        let roles = self.earlier(led);
        if roles + u32::from(self.words.marks.has(led)) == 0 {
            0
        } else {
            roles + self.count(|turn| turn.words.marks.has(Marks::FICTION) && !turn.words.marks.has(led))
        }
    }

    fn switched(&self) -> bool {
        let before = self.past.iter().rev().find_map(|turn| turn.words.tongue);
        match (before, self.words.tongue) {
            (Some(before), Some(now)) => before != now,
            _ => false,
        }
    }
}

/// What a gate stopped is tried again: in other words, in another language, in another frame.
fn retry_after_block(view: &View<'_>) -> Points {
    let stopped: Vec<&Turn> = view.past.iter().map(Arc::as_ref).filter(|turn| turn.stopped).collect();
    let last = view.past.last()?;
    let marks = view.words.marks;
    let subjects = marks.subjects();
    let alike = |turn: &&Turn| turn.words.sketch.likeness(&view.words.sketch) >= ALIKE;
    let about = |turn: &&Turn| !turn.words.marks.both(subjects).is_empty();
    // Honest words are stopped, too: about nothing that does harm, or found by a guess.
    let grave = stopped.iter().any(|turn| tier(turn.words.marks) >= Tier::Means || turn.caught.likely());
    let led = marks.has(Marks::PERSONA.with(Marks::PREMISE).with(Marks::BINDING)) || view.switched();
    let again = stopped.iter().any(|turn| alike(turn) || about(turn));
    let recent = view.past.iter().rev().take(AFTER).any(|turn| turn.stopped);
    let insists = marks
        .has(Marks::TAKING.with(Marks::MAKING).with(Marks::WRITING).with(Marks::EVADING).with(Marks::DETAIL));
    // Whoever quotes what was stopped, to have it translated say, and does not hide it: less is found than before.
    let now = view.caught.gravest();
    let weaker = view.caught.likely() && stopped.iter().all(|turn| turn.caught.gravest() > now);
    let times = f64::from(u32::try_from(stopped.len()).unwrap_or(u32::MAX));
    // A planner refuses some honest requests: whoever then goes on, and in no other frame, is weighed for what that is. Only
    // the same again is still a second try.
    let doubtful = stopped.iter().all(|turn| turn.by_planner) && !led;
    let found = match () {
        () if stopped.is_empty() => None,
        () if again && (view.signed() || (led && grave)) => {
            let base = if grave { 2.0 } else { 1.5 };
            let points = base + 0.5 * times.min(3.0);
            let points = if weaker && !led { points.min(MILDER) } else { points };
            Some((points, "tries again what was stopped before"))
        }
        () if last.stopped && led && grave => {
            Some((2.0, "answers a refusal with another frame or another language"))
        }
        () if last.stopped && led => Some((1.0, "answers a refusal with another frame or another language")),
        () if recent && grave && marks.has(Marks::EVADING) => Some((2.0, "goes on past a refusal")),
        () if recent && grave && (again || insists) => Some((1.5, "goes on after a refusal")),
        // Whoever is misunderstood says it again, too: that alone never blocks.
        () if (again || (recent && insists)) && times <= 3.0 => {
            Some((SAID_AGAIN, "says again what was stopped before"))
        }
        () => None,
    };
    match found {
        Some((points, why)) if doubtful => stopped.iter().any(alike).then_some((points.min(SAID_AGAIN), why)),
        found => found,
    }
}

/// From a subject to the means, and from the means to harm.
fn escalation_tiers(view: &View<'_>) -> Points {
    // Whoever builds a frame or asks about the guards first has begun already.
    let begun = view.frames() > 0 || view.earlier(Marks::RECON) > 0;
    let before = view.highest().max(if begun { Tier::Subject } else { Tier::Plain });
    let lowest = view.tiers.iter().copied().min()?;
    let more = if view.thread.has(Marks::GRAVE) { 0.5 } else { 0.0 };
    let (points, why) = match (before, view.tier) {
        (_, Tier::Plain | Tier::Subject) => return None,
        (Tier::Plain, Tier::Means) => (0.5, "turns from plain matters to the means of doing harm"),
        (Tier::Plain, Tier::Harm) => (1.5, "turns from plain matters to doing harm"),
        (Tier::Subject, Tier::Means) => (1.5 + more, "turns from a subject to the means of doing harm"),
        (Tier::Subject, Tier::Harm) => (3.5 + more, "turns from a subject to doing harm"),
        (Tier::Means, Tier::Harm) => (3.0, "turns from the means to doing harm"),
        (Tier::Harm, Tier::Harm) if lowest < Tier::Means => (1.25, "goes on about doing harm"),
        (_, Tier::Means) if lowest < Tier::Means => {
            (0.25 + 1.5 * more, "goes on about the means of doing harm")
        }
        (_, Tier::Means | Tier::Harm) => (0.25, "goes on about the means of doing harm"),
    };
    Some((points, why))
}

/// Turn by turn more of it.
fn topic_acceleration(view: &View<'_>) -> Points {
    let [.., (first, one), (second, two)] = view.past.iter().zip(view.tiers).collect::<Vec<_>>()[..] else {
        return None;
    };
    let weights = [first.words.weight, second.words.weight, view.words.weight];
    match () {
        () if view.tier < Tier::Means => None,
        () if one < two && *two < view.tier => Some((1.0, "goes further in each turn")),
        () if weights[0] > 0 && weights.is_sorted_by(|a, b| a < b) => {
            Some((1.0, "speaks of it more in each turn"))
        }
        () if *two >= Tier::Subject && view.tier > *two => Some((0.5, "goes further in each turn")),
        () => None,
    }
}

/// Words that give the model other rules, in one turn or over several.
fn instruction_override(view: &View<'_>) -> Points {
    let marks = view.words.marks;
    let framed = marks.has(Marks::PREMISE.with(Marks::BINDING).with(Marks::PRESSURE));
    let scanned = match view.caught.steers {
        Some(Severity::High) => 2.0,
        Some(Severity::Medium) => 1.5,
        _ if view.caught.guessed && (framed || view.tier >= Tier::Means || view.frames() > 0) => 0.75,
        Some(Severity::Note) | None => 0.0,
    };
    let said = match marks.has(Marks::PERSONA) {
        true if framed => 1.5,
        true => 1.0,
        false => 0.0,
    };
    let points = f64::max(scanned, said);
    if points == 0.0 {
        return None;
    }
    let before = view
        .count(|turn| turn.caught.steers >= Some(Severity::Medium) || turn.words.marks.has(Marks::PERSONA));
    let led_up = if view.earlier(Marks::PREMISE.with(Marks::BINDING)) > 0 { 0.5 } else { 0.0 };
    let more = if before > 0 { 1.0 } else { led_up };
    Some((points + more, "gives the model other rules than its own"))
}

/// What was found before counts when there is something again.
fn violation_accumulation(view: &View<'_>) -> Points {
    let before = view.count(|turn| (turn.stopped && !turn.by_planner) || turn.caught.likely());
    if before == 0 || !view.signed() {
        return None;
    }
    Some(((0.5 * f64::from(before)).min(2.0), "earlier requests were stopped or looked like attacks"))
}

/// Frames, pieces and made-up dialogues that only make sense with what comes after them.
fn context_building(view: &View<'_>) -> Points {
    let marks = view.words.marks;
    let named = view.earlier(Marks::PIECES);
    let quoted = view.count(|turn| !turn.words.pieces.is_empty());
    let handed = named.max(quoted);
    let stitched = tier(view.stitched);
    let frames = view.frames();
    let faked = view.past.iter().map(|turn| turn.words.faked).sum::<u32>();
    let bound = marks.has(Marks::BINDING.with(Marks::PRESSURE));
    let obeyed = marks.has(Marks::OBEY);
    let joined = marks.has(Marks::TOGETHER);
    match () {
        () if handed >= 1 && stitched >= Tier::Means && stitched > view.highest().max(tier(marks)) => {
            Some((4.0, "hands over in pieces what no piece says"))
        }
        () if view.across && handed >= 1 => Some((4.0, "hands over an attack in pieces")),
        () if named >= 2 && obeyed && joined => Some((4.5, "has pieces put together and obeyed")),
        () if handed >= 2 && obeyed && (joined || named >= 2) => {
            Some((3.0, "has pieces put together and obeyed"))
        }
        () if faked + view.words.faked >= 2 && faked > 0 && view.words.faked > 0 && view.signed() => {
            Some((4.0, "puts words into the model's mouth, and uses them"))
        }
        () if faked >= 2 && view.signed() => Some((3.5, "relies on words put into the model's mouth")),
        () if faked + view.words.faked >= 2 && view.words.faked > 0 => {
            Some((1.5, "puts words into the model's mouth"))
        }
        () if view.across => Some((1.5, "reads like an attack together with the turns before it")),
        () if view.tier >= Tier::Means && frames >= 2 => Some((3.5, "uses a frame that was built for it")),
        () if view.tier == Tier::Harm && frames + u32::from(bound) >= 1 => {
            Some((2.0, "puts doing harm into a frame"))
        }
        () if view.tier >= Tier::Means && frames + u32::from(bound) >= 1 => {
            Some((1.0, "puts the means of doing harm into a frame"))
        }
        () if named >= 1 && marks.has(Marks::PIECES) => Some((0.5, "hands over more pieces")),
        () => None,
    }
}

/// Questions about this assistant and its machine, and what is made of the answers.
fn reconnaissance(view: &View<'_>) -> Points {
    let before = view.earlier(Marks::RECON);
    // What was stopped was not answered, so there is nothing to use.
    let told = view.count(|turn| !turn.stopped && turn.words.marks.has(Marks::RECON));
    let asks = view.words.marks.has(Marks::RECON);
    let uses = view.tier >= Tier::Means || view.caught.likely();
    match () {
        () if told >= 1 && uses => Some((
            (2.0 + 0.5 * f64::from(told - 1)).min(3.0),
            "uses what was asked about the assistant before",
        )),
        () if asks && before >= 2 => Some((0.75, "asks about the assistant again and again")),
        () if asks && before == 1 => Some((0.5, "asks about the assistant again")),
        () => None,
    }
}

/// Out of the blue, or out of one language into another.
fn topic_shift(view: &View<'_>) -> Points {
    let near = view.past.iter().any(|turn| turn.words.sketch.likeness(&view.words.sketch) >= APART);
    let plain = view.tiers.iter().all(|tier| *tier == Tier::Plain);
    let touched = view.highest() >= Tier::Subject || view.count(|turn| turn.stopped) > 0;
    match () {
        () if view.tier < Tier::Means && !view.caught.likely() => None,
        () if view.switched() && touched => Some((1.5, "goes on in another language")),
        () if view.switched() => Some((1.0, "turns to it in another language")),
        () if view.past.len() >= 2 && plain && !near && view.tier >= Tier::Means => {
            Some((if view.tier == Tier::Harm { 1.0 } else { 0.5 }, "turns to it out of the blue"))
        }
        () => None,
    }
}
