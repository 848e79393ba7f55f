use super::*;

const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

#[test]
fn a_pin_has_six_digits_and_a_passphrase_eight_characters() {
    for good in ["918273", "019283746", "correct horse", "pässwörter"] {
        assert_eq!(fit(&secret(good)), Ok(()), "{good}");
    }
    for bad in ["", "12345", "1234 5", "seven77", "12345\n6", &"9".repeat(257)] {
        assert!(fit(&secret(bad)).is_err(), "{bad:?}");
    }
}

#[test]
fn only_the_same_pin_verifies_and_no_two_hashes_are_alike() {
    let (one, two) = (hash(&secret("918273"), CHEAP).unwrap(), hash(&secret("918273"), CHEAP).unwrap());
    assert_ne!(one, two);
    assert!(one.starts_with("$argon2id$v=19$m=8,t=1,p=1$") && !one.contains("918273"), "{one}");
    assert_eq!(verify(&secret("918273"), &one).unwrap(), Verified::Right);
    for wrong in ["123457", "", "1234567", "123456 "] {
        assert_eq!(verify(&secret(wrong), &one).unwrap(), Verified::Wrong, "{wrong}");
    }
}

#[test]
fn the_file_may_hold_a_pin_or_its_hash() {
    assert_eq!(from_file(&secret("918273")).unwrap(), FromFile::Pin);
    let made = hash(&secret("918273"), CHEAP).unwrap();
    assert_eq!(from_file(&secret(&made)).unwrap(), FromFile::Hash(made));
    for bad in ["1234", "$argon2id$nonsense"] {
        assert!(matches!(from_file(&secret(bad)), Err(AuthFailure::Pin(_))), "{bad}");
    }
}

#[test]
fn the_recommended_cost_is_that_of_rfc_9106() {
    let hash = hash(&secret("918273"), RECOMMENDED).unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{hash}");
    assert_eq!(verify(&secret("918273"), &hash).unwrap(), Verified::Right);
}
