use super::*;
use proptest::prelude::*;

const TEXT: &str = "Anna: a@b.de, Bob: c@d.de, again a@b.de.";

fn parts() -> Vec<(Range<usize>, &'static str)> {
    vec![(19..25, "mail"), (6..12, "mail"), (33..39, "mail")]
}

#[test]
fn a_mask_keeps_the_length_in_characters() {
    assert_eq!(redact("tel äöü.", &[(4..10, "x")], &Redaction::Mask), "tel ***.");
}

#[test]
fn tokens_are_equal_where_the_parts_are() {
    assert_eq!(redact(TEXT, &parts(), &Redaction::Token), "Anna: [mail-1], Bob: [mail-2], again [mail-1].");
}

#[test]
fn hashes_depend_on_the_part_and_on_the_key() {
    let one = redact(TEXT, &parts(), &Redaction::Hash(b"one"));
    let two = redact(TEXT, &parts(), &Redaction::Hash(b"two"));
    let hashes =
        |text: &str| -> Vec<String> { text.split("[mail:").skip(1).map(|s| s[..12].to_owned()).collect() };
    let (of_one, of_two) = (hashes(&one), hashes(&two));
    assert_eq!((of_one.len(), &of_one[0]), (3, &of_one[2]));
    assert_ne!(of_one[0], of_one[1]);
    assert_ne!(of_one[0], of_two[0]);
    // RFC 4231, test case 2: the key "Jefe" and this text.
    let known = redact("what do ya want for nothing?", &[(0..28, "x")], &Redaction::Hash(b"Jefe"));
    assert_eq!(known, "[x:5bdcc146bf60]");
}

#[test]
fn what_overlaps_goes_as_one_and_no_character_is_cut() {
    assert_eq!(
        redact("0123456789", &[(4..6, "b"), (2..5, "a"), (8..99, "c")], &Redaction::Token),
        "01[a-1]67[c-1]"
    );
    assert_eq!(redact("aöb", &[(2..3, "x")], &Redaction::Mask), "a*b");
    assert_eq!(redact("ab", &[(1..1, "x")], &Redaction::Token), "ab");
}

proptest! {
    #[test]
    fn nothing_of_a_part_is_left(text in "\\PC{0,40}", spans in prop::collection::vec((0usize..60, 0usize..60), 0..6)) {
        let parts: Vec<_> = spans.into_iter().map(|(a, b)| (a.min(b)..a.max(b), "x")).collect();
        let masked = redact(&text, &parts, &Redaction::Mask);
        prop_assert_eq!(masked.chars().count(), text.chars().count());
        for ((at, c), m) in text.char_indices().zip(masked.chars()) {
            let covered = parts.iter().any(|(span, _)| span.start < at + c.len_utf8() && at < span.end);
            prop_assert_eq!(m, if covered { '*' } else { c });
        }
    }
}
