use super::*;
use crate::kernel::port::Border;
use proptest::prelude::*;

/// What was found, as rule and words.
fn found(text: &str) -> Vec<(String, String)> {
    let hits = Personal.scan(&Text::new(text), &Crossing::at(Border::Reply)).unwrap();
    hits.into_iter().map(|hit| (hit.rule.into_owned(), text[hit.span].to_owned())).collect()
}

fn each_is_found(rule: &str, cases: &[(&str, &str)]) {
    for (text, part) in cases {
        assert_eq!(found(text), [(rule.to_owned(), (*part).to_owned())], "{text}");
    }
}

fn none_is_found(cases: &[&str]) {
    for text in cases {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn mail_addresses_are_found() {
    each_is_found(
        "mail",
        &[
            ("Write to anna.kovacs@posteo.hu.", "anna.kovacs@posteo.hu"),
            ("<jörg@web.de>, tomorrow", "jörg@web.de"),
            ("'o'brien+list@mail.example-host.co.uk'", "o'brien+list@mail.example-host.co.uk"),
            ("mailto:k.sato@docomo.ne.jp?subject=x", "k.sato@docomo.ne.jp"),
            ("klara77@example.com", "klara77@example.com"),
        ],
    );
}

#[test]
fn what_only_looks_like_a_mail_address_passes() {
    none_is_found(&[
        "git@github.com:a/b.git",
        "user@example.com and you@example.org",
        "logo@2x.png, react@18.2.0, getty@tty1.service",
        "https://bob:secret@host.io/x and ssh://bob@host.io",
        "@app.route and a @ b.c and @scope/pkg.name",
        "a..b@@c",
    ]);
}

#[test]
fn cards_are_found_with_and_without_words() {
    each_is_found(
        "card",
        &[
            ("pay with 4111 1111 1111 1111 today", "4111 1111 1111 1111"),
            ("5500-0055-5555-5559", "5500-0055-5555-5559"),
            ("My card 30569309025904 expires", "30569309025904"),
            ("card no 6759649826438453", "6759649826438453"),
            ("amex 3782 822463 10005.", "3782 822463 10005"),
        ],
    );
}

#[test]
fn long_numbers_that_are_no_cards_pass() {
    none_is_found(&[
        // A wrong check digit.
        "card 4111 1111 1111 1112",
        // A right one, without a word or an issuer: nanoseconds, ids.
        "at 1700000000000000003 ns",
        "id=4111111111111111,",
        "[4111111111111111, 5500005555555559]",
        "0000000000000000 card",
        "card sha 41111111111111110a",
        "card 4111111111111111.25",
    ]);
}

#[test]
fn ibans_are_found_spaced_or_not() {
    each_is_found(
        "iban",
        &[
            ("pay DE89 3704 0044 0532 0130 00 now", "DE89 3704 0044 0532 0130 00"),
            ("(gb29nwbk60161331926819)", "gb29nwbk60161331926819"),
            ("IBAN:FR14-2004-1010-0505-0001-3M02-606", "FR14-2004-1010-0505-0001-3M02-606"),
        ],
    );
    none_is_found(&["DE89 3704 0044 0532 0130 01", "XDE89370400440532013000", "DE893704004405320130001"]);
}

#[test]
fn social_security_numbers_are_found() {
    each_is_found(
        "ssn",
        &[
            ("Here's my SSN: 494-33-0748", "494-33-0748"),
            ("ssn 494 33 0748", "494 33 0748"),
            ("social security number 494330748", "494330748"),
        ],
    );
    none_is_found(&[
        "494-00-0748",
        "666-33-0748",
        "933-33-0748",
        "494-33-0000",
        "order 494-33-0748",
        "494330748",
        "1494-33-0748",
        "494-33-07481",
    ]);
}

#[test]
fn addresses_of_machines_are_found() {
    each_is_found(
        "ip",
        &[
            ("blocked 86.121.97.248 twice", "86.121.97.248"),
            ("http://86.121.97.248:8080/x", "86.121.97.248"),
            ("my ip is 192.168.4.20", "192.168.4.20"),
            ("from 2a02:8109:9a80:12::5 at noon", "2a02:8109:9a80:12::5"),
        ],
    );
    none_is_found(&[
        "127.0.0.1 0.0.0.0 255.255.255.0 8.8.8.8 192.0.2.17 192.168.1.1",
        "version 10.20.130.140 of it",
        "v86.121.97.248 and 86.121.97.248-rc1 and 86.121.97.248.5",
        "86.121.97.0/24",
        "286.121.97.248",
        "std::fmt::Display, a::b::c::d, 12:30:45, 00:1a:2b:3c:4d:5e",
        "::1 fe80::1 2001:db8::1",
    ]);
}

#[test]
fn phone_numbers_are_found() {
    each_is_found(
        "phone",
        &[
            ("+41 (0)96 471 07 95", "+41 (0)96 471 07 95"),
            ("+1-903-140-4508x769", "+1-903-140-4508x769"),
            ("Fax: 259.735.7502x459", "259.735.7502x459"),
            ("+4915123456789", "+4915123456789"),
            ("(415) 555-2671", "(415) 555-2671"),
            ("Phone: 0490 75 40 81", "0490 75 40 81"),
            ("call me at 78 651 450", "78 651 450"),
            ("655 437 108 office", "655 437 108"),
            ("Tel. 03.93.92.16.85", "03.93.92.16.85"),
        ],
    );
}

#[test]
fn what_only_looks_like_a_phone_number_passes() {
    none_is_found(&[
        "call on 2024-03-12 or 12.03.2024",
        "call 5 people, 30 times",
        "1234567890 rows in 0.123 s at 1700000000",
        "CALL: u32 = 3225439754;",
        "order 415-555-2671",
        "/pull/4155552671 and issues/264#issuecomment-2352654806",
        "phone 1.2.3",
        "the range 100-200-3000 and 015-555-2671",
        "tel: 12345",
        "x+14155552671y",
    ]);
}

#[test]
fn checksums_versions_and_constants_pass() {
    none_is_found(&[
        "checksum = \"e6e4313cd5fcd3dad5cafa179702e2b244f760991f45397d14d4ebf38247da75\"",
        "const K: [u64; 4] = [0x428a2f98d728ae22, 7137449123689119, 1899447441140371, 3049323471923053];",
        "let pi = 3.14159265358979323846; let e = 2.718281828459045;",
        "2024-01-15T10:30:45.123456789Z 1705314645123 550e8400-e29b-41d4-a716-446655440000",
        "Invoice 4711 of 3 May is due on Friday; the total is 206.35 EUR.",
        "ISBN 978-3-16-148410-0",
        "Ubuntu 22.04.3 LTS, kernel 5.15.0-91.101, gcc 11.4.0",
    ]);
}

#[test]
fn severities_are_a_note_or_medium() {
    let severity =
        |text: &str| Personal.scan(&Text::new(text), &Crossing::at(Border::Reply)).unwrap()[0].severity;
    assert_eq!(severity("anna.kovacs@posteo.hu"), Severity::Note);
    assert_eq!(severity("4111 1111 1111 1111"), Severity::Medium);
}

#[test]
fn a_megabyte_of_one_character_is_nothing() {
    for c in ["1", "@", ":", ".", "1 ", "a@", "+", "DE89"] {
        assert_eq!(found(&c.repeat((1 << 18) / c.len())), [], "{c}");
    }
}

proptest! {
    #[test]
    fn spans_are_within_the_text_and_on_characters(text in ".{0,200}|([0-9 .:@+()x/-]|é|tel|card|DE89|2001:|a@b.de){0,80}") {
        for hit in Personal.scan(&Text::new(&text), &Crossing::at(Border::Reply)).unwrap() {
            prop_assert!(text.get(hit.span.clone()).is_some_and(|part| !part.is_empty()), "{hit:?}");
        }
    }
}
