use super::*;

const FORMS: [Form; 6] = [Form::Iban, Form::Date, Form::Amount, Form::Email, Form::Url, Form::Phone];

fn all(text: &str, form: Form) -> Vec<&str> {
    candidates(text, form, 100).unwrap()
}

#[test]
fn an_iban_is_whole_and_its_sum_is_right() {
    let text = "Pay to DE89 3704 0044 0532 0130 00 BIC COBADEFF, not DE00 3704 0044 0532 0130 00; \
        or GB29NWBK60161331926819.";
    assert_eq!(all(text, Form::Iban), ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"]);
}

#[test]
fn an_amount_is_never_cut() {
    assert_eq!(all("Total: EUR 1,206.35.", Form::Amount), ["1,206.35"]);
    assert_eq!(all("Qty 3 400.00", Form::Amount), ["3 400.00", "3", "400.00"]);
    assert_eq!(all("v1.2.3a", Form::Amount), Vec::<&str>::new());
}

#[test]
fn dates_addresses_and_links_are_found_as_written() {
    assert_eq!(all("due 3 May 2026, sent 2026-04-03.", Form::Date), ["3 May 2026", "2026-04-03"]);
    assert_eq!(all("Write to a.b+c@mail.example.org. Or x@y.", Form::Email), ["a.b+c@mail.example.org"]);
    assert_eq!(all("See https://example.org/a?b=1.", Form::Url), ["https://example.org/a?b=1"]);
    assert_eq!(all("Call +44 20 7946 0958 now", Form::Phone), ["+44 20 7946 0958"]);
}

#[test]
fn every_candidate_passes_the_kernels_check() {
    let text = concat!(
        include_str!("../../../tests/worker/documents/solar-reminder.txt"),
        include_str!("../../../tests/worker/documents/rent-letter.txt")
    );
    for form in FORMS {
        let found = candidates(text, form, 10_000).unwrap();
        assert!(found.iter().all(|part| form.matches(part) && text.contains(part)), "{form}");
        assert!(form == Form::Url || form == Form::Phone || !found.is_empty(), "{form}");
    }
}

#[test]
fn too_many_are_given_up() {
    assert_eq!(candidates("1 2 3", Form::Amount, 2), None);
}
