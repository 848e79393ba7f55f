//! Phone numbers: with a country's code, in the North American form, or in any form beside a word that says so.
//!
//! Own code, not libphonenumber's tables: half of the numbers that people write are local ones, which those tables
//! cannot tell from other digits either; words can.

use super::numbers::{Numbers, near};
use std::ops::Range;

/// Words that a phone number follows.
const BEFORE: &[&str] = &[
    "phone",
    "phones",
    "telephone",
    "tel",
    "tél",
    "telefon",
    "telefono",
    "teléfono",
    "call",
    "calls",
    "called",
    "calling",
    "mobile",
    "mob",
    "cell",
    "cellphone",
    "fax",
    "desk",
    "dial",
    "sms",
    "whatsapp",
    "text me",
    "texted",
    "reach",
    "hotline",
    "helpline",
    "answering at",
    "messages to",
    "message to",
    "handy",
    "móvil",
    "celular",
    "contact number",
    "my number",
    "number is",
    "registered",
    "rufnummer",
    "voicemail",
    "contact",
    "pager",
];
/// Words that follow one.
const AFTER: &[&str] = &["fax", "mobile", "office", "home", "work", "cell", "phone", "desk", "tel"];
/// Words after which digits are something else, whatever else is said.
const OTHER: &[&str] = &[
    "order",
    "invoice",
    "isbn",
    "account",
    "port",
    "pid",
    "id",
    "zip",
    "version",
    "serial",
    "ticket",
    "amount",
    "card",
    "iban",
    "tracking",
    "timestamp",
    "address",
];

/// The codes of E.164 that are given out, by their length.
const ONE: &[u8] = b"17";
const TWO: &[&str] = &[
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81",
    "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];
/// Codes of three digits begin with these two.
const THREE: &[&str] = &[
    "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69", "80",
    "85", "87", "88", "96", "97", "99",
];
/// Fewest and most digits of a number with its country's code (E.164), and fewest of a local one.
const FEWEST: usize = 8;
const MOST: usize = 15;
const LOCAL: usize = 6;

/// Every phone number.
pub(super) fn find(text: &str, numbers: &Numbers<'_>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for groups in numbers.tails() {
        let Some(first) = groups.first() else { continue };
        if first.len() > MOST || found.last().is_some_and(|last| first.start < last.end) {
            continue;
        }
        let written = Written::at(text, groups);
        if written.is_whole(text)
            && (written.is_international(text) || written.is_american(text) || written.is_told(text))
        {
            found.push(written.span);
        }
    }
    found
}

/// Digits as somebody wrote them: groups with single signs between them.
struct Written {
    span: Range<usize>,
    lens: Vec<usize>,
    digits: usize,
    plus: bool,
}

impl Written {
    /// What begins with the first of the groups; a number ends with its line.
    fn at(text: &str, groups: &[Range<usize>]) -> Self {
        let bytes = text.as_bytes();
        let first = groups.first().cloned().unwrap_or_default();
        let before = bytes.get(..first.start).unwrap_or_default();
        let (plus, signs) = match before {
            [.., b'+', b'('] | [.., b'(', b'+'] => (true, 2),
            [.., b'+'] => (true, 1),
            [.., b'('] => (false, 1),
            _ => (false, 0),
        };
        let (mut lens, mut digits, mut end) = (vec![first.len()], first.len(), first.end);
        for pair in groups.windows(2).take(7) {
            let [a, b] = pair else { break };
            let gap = text.get(a.end..b.start).unwrap_or_default();
            let joins = matches!(
                gap,
                " " | "-"
                    | "."
                    | "/"
                    | ") "
                    | ")"
                    | " ("
                    | "("
                    | ")-"
                    | "-("
                    | " - "
                    | ") - "
                    | "\u{a0}"
                    | "\u{2011}"
            );
            if !joins || digits + b.len() > MOST + 1 {
                break;
            }
            lens.push(b.len());
            digits += b.len();
            end = b.end;
        }
        let extension = text.get(end..).map_or(0, extension);
        Self { span: first.start - signs..end + extension, lens, digits, plus }
    }

    /// Not a part of a word, a path, a longer number, a sum or a date.
    fn is_whole(&self, text: &str) -> bool {
        let mut left = text.get(..self.span.start).unwrap_or_default().chars().rev();
        let (before, before2) = (left.next(), left.next());
        let mut after = text.get(self.span.end..).unwrap_or_default().chars();
        let (a, a2) = (after.next(), after.next());
        let joined = |c: char| c.is_alphanumeric() || c == '_';
        let left = before.is_some_and(|c| {
            // A dash may be a list's, but not a name's.
            let dash = c == '-' && !before2.is_some_and(|c| c.is_alphanumeric());
            joined(c) || "-./=#$€£)]".contains(c) && !dash
        });
        let right = a.is_some_and(|c| joined(c) || "%$€£°".contains(c))
            || a.is_some_and(|c| ".,:/-".contains(c)) && a2.is_some_and(|c| c.is_ascii_digit());
        !left && !right && !self.is_date(text)
    }

    /// A year, a month and a day, in this order or backwards, anywhere in it.
    fn is_date(&self, text: &str) -> bool {
        let held = text.get(self.span.clone()).unwrap_or_default();
        let groups: Vec<&str> = held.split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).collect();
        let year = |g: &str| g.len() == 4 && (g.starts_with("19") || g.starts_with("20"));
        let day = |g: &str| g.len() <= 2 && g.parse::<u8>().is_ok_and(|n| n <= 31);
        groups.windows(3).any(|three| match three {
            [a, b, c] => year(a) && day(b) && day(c) || day(a) && day(b) && year(c),
            _ => false,
        })
    }

    fn is_international(&self, text: &str) -> bool {
        let plain: String = text
            .get(self.span.clone())
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_digit)
            .take(3)
            .collect();
        let code = plain.bytes().next().is_some_and(|b| ONE.contains(&b))
            || plain.get(..2).is_some_and(|two| TWO.contains(&two) || THREE.contains(&two));
        self.plus && code && (FEWEST + 1..=MOST + 1).contains(&self.digits)
    }

    /// Three, three and four digits, of which no code begins with 0 or 1 (NANP).
    fn is_american(&self, text: &str) -> bool {
        let held = text.get(self.span.clone()).unwrap_or_default();
        let lens = match self.lens.as_slice() {
            [1, rest @ ..] if held.trim_start_matches(['+', '(']).starts_with('1') => rest,
            all => all,
        };
        let begins = |at: usize| {
            let groups = held.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
            groups
                .skip(self.lens.len() - lens.len() + at)
                .map(|g| !g.starts_with(['0', '1']))
                .next()
                .unwrap_or(false)
        };
        lens.len() >= 3
            && lens.get(..3) == Some(&[3, 3, 4])
            && lens.len() == 3
            && begins(0)
            && begins(1)
            && !near(text, &self.span, 25, 0, OTHER)
    }

    /// Of any form, beside a word.
    fn is_told(&self, text: &str) -> bool {
        let local = (LOCAL + 1..=MOST).contains(&self.digits);
        let before = text.get(..self.span.start).unwrap_or_default();
        // `RING_CALL = 2147483648` is a constant.
        let constant = self.lens.len() == 1 && before.trim_end_matches(' ').ends_with('=');
        local
            && !constant
            && !near(text, &self.span, 14, 0, OTHER)
            && (near(text, &self.span, 30, 0, BEFORE) || near(text, &self.span, 0, 10, AFTER))
    }
}

/// How long the extension is that follows a number: `x769`, ` ext. 12`.
fn extension(rest: &str) -> usize {
    let marks = [" ext. ", " ext.", " ext ", " x", "x", " extension "];
    let Some(mark) = marks.iter().find(|mark| rest.starts_with(**mark)) else { return 0 };
    let digits = rest.bytes().skip(mark.len()).take_while(u8::is_ascii_digit).count();
    let ends =
        !rest.get(mark.len() + digits..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
    if (1..=6).contains(&digits) && ends { mark.len() + digits } else { 0 }
}
