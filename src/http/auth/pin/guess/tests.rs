use super::super::{Cost, hash};
use super::*;

/// Cheap to verify: what is tested is the guessing.
const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };

#[test]
fn a_pin_that_a_stranger_would_guess_is_found() {
    for pin in ["123456", "222222", "345678", "987654", "Password", "aaaaaaaa", "abcdefgh", "sentinel"] {
        let pin = SecretString::from(pin);
        assert!(withstands(&pin).unwrap_err().found.contains("first that a stranger"));
    }
    assert!(withstands(&SecretString::from("12")).unwrap_err().found.contains("unfit"));
    for pin in ["918273", "correct horse battery"] {
        assert!(withstands(&SecretString::from(pin)).is_ok());
    }
}

#[test]
fn a_hash_is_guessed_at() {
    let hashed = |pin: &str| SecretString::from(hash(&SecretString::from(pin), CHEAP).unwrap());
    assert!(withstands(&hashed("918273")).unwrap().contains("18 first guesses"));
    assert!(withstands(&hashed("159753")).is_err());
    assert!(withstands(&SecretString::from("$argon2id$broken")).is_err());
}

#[test]
fn a_pin_that_our_documents_show_is_refused() {
    let documents = [include_str!("../../../../../README.md"), include_str!("../../../../../docs/api.md")];
    let lines =
        documents.iter().flat_map(|text| text.lines()).filter(|line| line.to_lowercase().contains("pin"));
    for digits in lines.flat_map(|line| line.split(|c: char| !c.is_ascii_digit())).filter(|d| d.len() >= 6) {
        assert!(is_trivial(digits), "{digits}: show none, or refuse it");
    }
    assert!(is_trivial("271828"));
}
