#![expect(clippy::disallowed_methods, reason = "tests put other certificates in place")]

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

fn place() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Arc::new(|| NOW)).unwrap();
    (dir, store)
}

fn names(extra: &[&str]) -> Vec<String> {
    extra.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn one_is_made_kept_and_renewed_in_time() {
    let (_dir, store) = place();
    let pem = |names: &[String], now| fs::read_to_string(made(&store, names, now).unwrap().0).unwrap();
    let first = pem(&names(&["home.example", "192.168.1.5"]), NOW);
    let again = |days: i64| pem(&names(&["home.example", "192.168.1.5"]), NOW + days * DAY);
    assert_eq!(again(0), first);
    assert_eq!(again(365), first);
    let renewed = again(367);
    assert_ne!(renewed, first, "fewer than 30 days are left");
    assert_ne!(pem(&names(&["other.example"]), NOW), renewed, "other names");
    let mode = |name| store.private_path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(KEY_FILE), mode(CERTIFICATE_FILE)), (0o600, 0o600));
}

#[test]
fn it_is_for_our_names_for_servers_only_and_no_authority() {
    let (chain, _) = make(OWN_NAMES.map(str::to_owned).into(), NOW).unwrap();
    let der = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).unwrap();
    assert!(!parsed.basic_constraints().unwrap().unwrap().value.ca);
    assert!(parsed.extended_key_usage().unwrap().unwrap().value.server_auth);
    let days = (parsed.validity().not_after.timestamp() - parsed.validity().not_before.timestamp()) / 86_400;
    assert_eq!(days, DAYS);
    let until = good_until(&chain, &OWN_NAMES.map(str::to_owned).into()).unwrap();
    assert!(until > NOW / 1_000 + 390 * 86_400);
}

#[test]
fn a_good_pair_replaces_the_one_in_use_and_a_bad_one_does_not() {
    let (_dir, store) = place();
    let (certificate, key) = made(&store, &[], NOW).unwrap();
    let (pair, seen) = read(&certificate, &key).unwrap();
    let current = RwLock::new(Arc::new(pair.unwrap()));
    let certificates =
        Certificates { current, seen: Mutex::new(seen), certificate: certificate.clone(), key: key.clone() };
    let in_use = || certificates.current.read().unwrap().cert.first().unwrap().to_vec();
    let before = in_use();
    assert_eq!(certificates.look().unwrap(), Look::Same);
    let (other, other_key) = make(BTreeSet::from(["other.example".to_owned()]), NOW).unwrap();
    fs::write(&certificate, &other).unwrap();
    assert!(matches!(certificates.look(), Err(CertificateFailure::Unfit { .. })), "its key is missing");
    assert_eq!(certificates.look().unwrap(), Look::Same, "complained of once");
    assert_eq!(in_use(), before);
    fs::write(&key, &other_key).unwrap();
    assert_eq!(certificates.look().unwrap(), Look::Changed);
    assert_ne!(in_use(), before);
    fs::remove_file(&key).unwrap();
    assert!(certificates.look().is_err());
    fs::write(&key, format!("{other_key}c4n4ry").replace("BEGIN", "BEGONE")).unwrap();
    assert!(!certificates.look().unwrap_err().to_string().contains("c4n4ry"));
}
