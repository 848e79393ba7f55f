use super::*;
use proptest::prelude::*;

const TEXT: &str = "Anna: a@b.de, Bob: c@d.de, again a@b.de.";

fn cut(span: Range<usize>, by: Treatment) -> Cut {
    Cut { span, class: Class::Personal, by }
}

fn mails(by: Treatment) -> [Cut; 3] {
    [cut(19..25, by), cut(6..12, by), cut(33..39, by)]
}

fn redacted(by: Treatment, key: Option<&RedactionKey>) -> String {
    Redactor::new(key).without(TEXT, mails(by))
}

#[test]
fn what_the_words_were_stands_for_them() {
    let removed = "Anna: [removed: personal], Bob: [removed: personal], again [removed: personal].";
    assert_eq!(redacted(Treatment::Redact, None), removed);
}

#[test]
fn a_mask_keeps_the_length_in_characters() {
    assert_eq!(redacted(Treatment::Mask, None), "Anna: ******, Bob: ******, again ******.");
    assert_eq!(Redactor::new(None).without("tel äöü.", [cut(4..10, Treatment::Mask)]), "tel ***.");
}

#[test]
fn numbers_are_equal_where_the_words_are_in_all_texts_of_a_value() {
    let mut redactor = Redactor::new(None);
    let first = redactor.without(TEXT, mails(Treatment::Token));
    assert_eq!(first, "Anna: [personal-1], Bob: [personal-2], again [personal-1].");
    let key = Cut { class: Class::Credential, ..cut(0..1, Treatment::Token) };
    let second =
        redactor.without("k c@d.de e@f.de", [key, cut(2..8, Treatment::Token), cut(9..15, Treatment::Token)]);
    assert_eq!(second, "[credential-1] [personal-2] [personal-3]");
}

#[test]
fn hashes_depend_on_the_words_and_on_the_key_and_there_is_none_without_a_key() {
    let (one, two) = (RedactionKey::new([1; 32]), RedactionKey::new([2; 32]));
    let hashes = |key| -> Vec<String> {
        let text = redacted(Treatment::Hash, Some(key));
        text.split("[personal:").skip(1).map(|rest| rest[..12].to_owned()).collect()
    };
    let (of_one, of_two) = (hashes(&one), hashes(&two));
    assert_eq!((of_one.len(), &of_one[0]), (3, &of_one[2]));
    assert_ne!(of_one[0], of_one[1]);
    assert_ne!(of_one[0], of_two[0]);
    assert_eq!(redacted(Treatment::Hash, None), redacted(Treatment::Redact, None));
    assert!(!format!("{one:?}").contains('1'));
}

#[test]
fn what_overlaps_goes_as_one_in_the_strictest_form_and_no_character_is_cut() {
    let without = |text, cuts: &[Cut]| Redactor::new(None).without(text, cuts.to_vec());
    let cuts = [cut(4..6, Treatment::Mask), cut(2..5, Treatment::Token), cut(8..99, Treatment::Token)];
    assert_eq!(without("0123456789", &cuts), "01****67[personal-1]");
    assert_eq!(without("aöb", &[cut(2..3, Treatment::Mask)]), "a*b");
    assert_eq!(without("ab", &[cut(1..1, Treatment::Redact)]), "ab");
}

proptest! {
    #[test]
    fn nothing_of_the_words_is_left(text in "\\PC{0,40}", spans in prop::collection::vec((0usize..60, 0usize..60), 0..6)) {
        let cuts: Vec<Cut> =
            spans.into_iter().map(|(a, b)| cut(a.min(b)..a.max(b), Treatment::Mask)).collect();
        let masked = Redactor::new(None).without(&text, cuts.clone());
        prop_assert_eq!(masked.chars().count(), text.chars().count());
        for ((at, c), m) in text.char_indices().zip(masked.chars()) {
            let covered = cuts.iter().any(|cut| cut.span.start < at + c.len_utf8() && at < cut.span.end);
            prop_assert_eq!(m, if covered { '*' } else { c });
        }
    }
}
