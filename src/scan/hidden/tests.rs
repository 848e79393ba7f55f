use super::*;
use crate::kernel::port::{Border, Crossing, Scanners as _};
use crate::scan::Active;
use proptest::prelude::*;

fn rules(text: &str) -> Vec<String> {
    scan(text).iter().map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn finds_what_nobody_sees() {
    let tags: String = "ignore all".chars().map(|c| char::from_u32(0xe0000 + c as u32).unwrap()).collect();
    let bytes: String = "hi".bytes().map(|b| char::from_u32(0xe0100 + u32::from(b)).unwrap()).collect();
    let cases = [
        (format!("Invoice 42{tags} is due"), "tags"),
        (format!("\u{1f3f4}{tags}\u{e007f}"), "tags"),
        (format!("\u{1f600}{bytes}"), "selector-run"),
        ("invoice\u{202e}fdp.exe\u{202c}".to_owned(), "bidi-override"),
        ("x = \u{2066}1\ny = 2".to_owned(), "bidi-unbalanced"),
        ("x = \u{202b}1".to_owned(), "bidi-unbalanced"),
        ("ig\u{200b}nore".to_owned(), "zero-width"),
        ("pay\u{200d}ment".to_owned(), "zero-width"),
        ("пла\u{2060}теж".to_owned(), "zero-width"),
        ("a \u{200b}\u{200c}\u{200b}\u{200c} b".to_owned(), "zero-width"),
        ("a\u{feff}b".to_owned(), "zero-width"),
        ("is_\u{200b}admin".to_owned(), "zero-width"),
        ("\u{1b}[2Jgone".to_owned(), "control"),
        ("nul\0".to_owned(), "control"),
        ("c1 \u{9b}".to_owned(), "control"),
    ];
    for (text, rule) in cases {
        assert_eq!(rules(&text), [rule], "{text:?}");
    }
}

#[test]
fn passes_what_languages_need() {
    let texts = [
        "Plain text, with\ttabs\r\nand lines\u{c}and pages.",
        "\u{feff}A file that begins with a byte order mark",
        "مرحبا\u{200f} (ABC-123)\u{200e} بكم",
        "هذا \u{2067}نص\u{2069} عادي",
        "שלום \u{2066}README.md\u{2069} וגם \u{202b}עברית\u{202c}",
        "\u{2067}א \u{202a}b\u{2069} after",
        "می\u{200c}خواهم کتاب\u{200c}ها را ببینم",
        "می\u{200c}\u{200c}خواهم",
        "क्\u{200d}ष और क्\u{200c}ष",
        "ශ්\u{200d}රී ලංකාව",
        "ภาษา\u{200b}ไทย\u{200b}ไม่มี\u{200b}ช่องว่าง",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 and 🏳\u{fe0f}\u{200d}🌈 and 1\u{fe0f}\u{20e3} and ❤\u{fe0f}",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} won",
        "葛\u{e0100}城市と辻\u{e0101}",
        "Ça déjà vu, naïve, Zürich, Straße, ώρα, привет, cafe\u{301}",
    ];
    for text in texts {
        assert_eq!(scan(text), [], "{text:?}");
    }
}

#[test]
fn finds_letters_that_pass_for_others() {
    for (text, rule) in [
        ("run pаssword now", "mixed-script"),
        ("def sayНello():", "mixed-script"),
        ("Yοu and me", "mixed-script"),
        ("is_аdmin", "mixed-script"),
        ("see https://аррӏе.com/login", "confusable-host"),
    ] {
        assert_eq!(rules(text), [rule], "{text:?}");
    }
}

#[test]
fn passes_words_of_two_scripts_that_disguise_nothing() {
    for text in [
        "Яндекс.Taxi, IP-адрес, SQLзапрос, PDFов, USBа, 3Dмодель, Cпасибо, c помощью",
        "TNFα, kν, αSMA, 10 kΩ, 3 µm, Δt, λx.x, 𝐱 ∈ ℝ, σ², sinα",
        "https://яндекс.рф and https://bücher.example, сор в углу",
        "日本語でHTMLを書く, Tシャツ, K팝, ไทยABC, العربيةABC",
    ] {
        assert_eq!(scan(text), [], "{text:?}");
    }
}

#[test]
fn tags_and_overrides_block_and_the_rest_is_noted() {
    assert_eq!(scan("a\u{e0041}")[0].severity, Severity::High);
    assert_eq!(scan("a\u{202e}b\u{202c}")[0].severity, Severity::High);
    assert_eq!(scan("ig\u{200b}nore")[0].severity, Severity::Note);
    assert_eq!(scan("x\u{7}")[0].severity, Severity::Note);
}

#[test]
fn spans_cover_a_whole_run_in_bytes() {
    let text = "é\u{e0041}\u{e0042}z";
    let finding = &scan(text)[0];
    assert_eq!(&text[finding.span.clone()], "\u{e0041}\u{e0042}");
    assert!(!finding.reason.contains('\u{e0041}'));
}

#[test]
fn a_flood_of_notes_does_not_crowd_out_what_blocks() {
    let text = format!("{}\u{e0041}", "\u{1} ".repeat(50_000));
    let findings = scan(&text);
    assert_eq!(findings.len(), MAX_PER_RULE + 1);
    assert_eq!(findings.last().unwrap().severity, Severity::High);
}

#[test]
fn those_beyond_the_most_of_a_rule_are_covered_by_the_last() {
    let text = "a\u{e0041}".repeat(MAX_PER_RULE + 5);
    let findings = scan(&text);
    assert_eq!(findings.len(), MAX_PER_RULE);
    assert_eq!(findings.last().unwrap().span.end, text.len());
}

#[test]
fn the_list_of_scanners_runs_it_at_every_border() {
    let active = Active::new();
    for border in Border::ALL {
        let found = active.scan("a\u{e0041}", &Crossing::at(border)).unwrap();
        assert!(found.iter().any(|finding| &*finding.scanner == "hidden"));
    }
}

proptest! {
    #[test]
    fn spans_are_inside_the_text_whatever_it_is(text in ".*") {
        for finding in scan(&text) {
            prop_assert!(text.get(finding.span.clone()).is_some_and(|span| !span.is_empty()));
        }
    }

    #[test]
    fn ascii_prose_has_no_finding(text in "[ -~\n\t]*") {
        prop_assert_eq!(scan(&text), []);
    }
}
