use super::*;
use crate::kernel::port::Border;
use proptest::prelude::*;

fn scan(text: &str) -> Vec<Hit> {
    Credential.scan(&Text::new(text), &Crossing::at(Border::Reply)).unwrap()
}

/// What was found, as rule, severity and words.
fn found(text: &str) -> Vec<(String, Severity, String)> {
    scan(text).into_iter().map(|h| (h.rule.into_owned(), h.severity, text[h.span].to_owned())).collect()
}

/// A key's body, so that no key stands in this file: of letters and digits, the same each time.
fn body(len: usize) -> String {
    from("q7Rk2vXz9LmP4tWbN8sYd3HgJ6cFaE5uTiKoZ1xVnBw0GhQyDjUe", len)
}

fn hex(len: usize) -> String {
    from("3f9a1c7e50b8d264", len)
}

fn from(alphabet: &str, len: usize) -> String {
    let bytes = alphabet.as_bytes();
    (0..len).map(|at| char::from(bytes[(at * at + 3 * at + at / 7) % bytes.len()])).collect()
}

#[test]
fn every_pattern_of_the_file_compiles() {
    assert_eq!(Rules::read().unwrap().compile_all().unwrap(), 221);
}

#[test]
fn a_providers_own_form_is_found_exactly_and_is_high() {
    let keys = [
        ("github-pat", format!("ghp_{}", body(36))),
        ("github-fine-grained-pat", format!("github_pat_{}", body(82))),
        ("gitlab-pat", format!("glpat-{}", body(20))),
        ("stripe-access-token", format!("sk_live_{}", body(24))),
        ("anthropic-api-key", format!("sk-ant-api03-{}AA", body(93))),
        ("openai-api-key", format!("sk-proj-{}T3BlbkFJ{}", body(74), body(74))),
        ("npm-access-token", format!("npm_{}", body(36).to_lowercase())),
        ("slack-bot-token", format!("xoxb-{}-{}-{}", "4820571936", "7193048265", body(24))),
        ("digitalocean-pat", format!("dop_v1_{}", hex(64))),
        ("huggingface-access-token", format!("hf_{}", from("qRkvXzLmPtWbNsYdHgJcFaEu", 34))),
    ];
    for (rule, key) in keys {
        let text = format!("Ünïcode before; use {key} for the deploy job");
        assert_eq!(found(&text), [(rule.to_owned(), Severity::High, key)], "{rule}");
    }
    let key = format!("AKIA{}", from("Q7RK2VXZ5LMP4TWBN6SYD3HGJ", 16));
    assert_eq!(
        found(&format!("aws_access_key_id = {key}\n")),
        [("aws-access-token".into(), Severity::High, key)]
    );
}

#[test]
fn a_value_beside_a_providers_name_is_medium() {
    let text = format!("adafruit_key = \"{}\"", hex(32));
    assert_eq!(found(&text), [("adafruit-api-key".into(), Severity::Medium, hex(32))]);
}

#[test]
fn private_keys_are_found_whole_cut_and_in_one_line() {
    for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
        for text in [
            format!("-----BEGIN {label}-----\n{}\n{}\n-----END {label}-----", body(64), body(50)),
            format!("-----BEGIN {label}-----\n{}\n", body(64)),
            format!("\"key\": \"-----BEGIN {label}-----\\n{}\\n-----END {label}-----\"", body(64)),
        ] {
            let kinds: Vec<_> =
                found(&text).into_iter().map(|(rule, severity, _)| (rule, severity)).collect();
            assert_eq!(kinds, [("private-key".to_owned(), Severity::High)], "{text}");
        }
    }
}

#[test]
fn secrets_that_are_assigned_to_a_name_are_found() {
    for (text, secret) in [
        ("password = \"kV7!mq2Lz9\"", "kV7!mq2Lz9"),
        ("DB_PASSWORD=Kestrel#4821\nNEXT=1", "Kestrel#4821"),
        ("  password: 'mango77!'", "mango77!"),
        ("{\"password\": \"orbit5521x\"}", "orbit5521x"),
        ("<password>tiger@991</password>", "tiger@991"),
        ("mysql -u root --password=Delta$771x shop", "Delta$771x"),
        ("User ID=sa;Password=Blue_Kite!42;Server=db1", "Blue_Kite!42"),
        ("My wifi password is Tr0ub4dor&3x please save it.", "Tr0ub4dor&3x"),
        ("setPassword(\"winter!8842\")", "winter!8842"),
        ("if password == \"s3Qret!x\" {", "s3Qret!x"),
        ("let pass = \"Summer_9!x\";", "Summer_9!x"),
        ("const PASSWORD: &str = \"kV7!mq2Lz9\";", "kV7!mq2Lz9"),
        ("postgres://app:h7Gk2pQ9@db.prod.net:5432/main", "h7Gk2pQ9"),
    ] {
        let secrets: Vec<_> =
            found(text).into_iter().map(|(_, severity, secret)| (severity, secret)).collect();
        assert_eq!(secrets, [(Severity::Medium, secret.to_owned())], "{text}");
    }
    for (before, after) in [
        ("api_key = \"", "\""),
        ("export GH_TOKEN=", "\n"),
        ("client_secret: ", "\nregion: eu"),
        ("Authorization: Bearer ", ""),
        ("deploy --token ", " now"),
    ] {
        let text = format!("{before}{}{after}", body(40));
        let secrets: Vec<_> = found(&text).into_iter().map(|(_, _, secret)| secret).collect();
        assert_eq!(secrets, [body(40)], "{text}");
    }
}

/// Texts in which nothing is to be found: each has bothered somebody who uses a scanner.
const HONEST: &[&str] = &[
    "password = \"changeme\"",
    "password = os.environ[\"DB_PASSWORD\"]",
    "const password = process.env.PASSWORD2;",
    "String password = request.getParameter(\"password1\");",
    "password: ${DB_PASSWORD}",
    "password: <your password 1>",
    "password123",
    "password: password123",
    "api_key = \"YOUR_API_KEY_1234\"",
    "api_key: xxxxxxxxxxxxxxxxxxxx1",
    "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "token: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "\"integrity\": \"sha512-z0yWI+4FDrrweS8Zmt4Ej5HdJmky15+L2e6Wgn3+iK5fWzb6T3fhNFq2+MeTRb064c6Wr4N/wv0DzQTjNzHNGQ==\"",
    "checksum = \"e6e4313cd5fcd3dad5cafa179702e2b244f760991f45397d14d4ebf38247da75\"",
    "commit 83d9cd684c87d95d656c1458ef04895a7f1cbd8e",
    "key sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "golang.org/x/sys v0.15.0 h1:h48lPFYpsTvQJZF4EKyI4aLHaev3CxivZmfZ7ev/ThIQ=",
    "secret_request: 550e8400-e29b-41d4-a716-446655440000",
    "The password must be at least 12 characters long.",
    "<input type=\"password\" name=\"password\" id=\"password1\">",
    "password_hash = \"$2b$12$KIXQJ1t1vJq8v1v2v3v4vOe5cTtT9oQyq1v5v6v7v8v9v0\"",
    "max_tokens: 4096, token_type: \"bearer2\"",
    "tokenizer = AutoTokenizer.from_pretrained(\"bert-base-uncased\")",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq7Rk2vXz9LmP4tWbN8sY\n-----END PUBLIC KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
    "a file that begins with -----BEGIN PRIVATE KEY----- is a key",
    "postgres://user:password@localhost:5432/db and mysql://root:root@127.0.0.1/test",
    "https://bob:h7Gk2pQ9@example.com/",
    "secret: {{ .Values.secret1 }}",
    "secret_arn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdE4",
    "primary_key: id, cache_key = \"user:1234:profile:v2\"",
    "Authorization: Bearer $TOKEN1",
    "curl -H \"Authorization: Bearer $GITHUB_TOKEN\" https://api.github.com/user",
    "docker run -e POSTGRES_PASSWORD=postgres -p 5432:5432 postgres:16",
    "password: str = Field(min_length=8, max_length=128)",
    "passwords are stored with pbkdf2_sha256 and 260000 iterations",
    "password  required  pam_unix.so sha512 shadow nullok",
    "secret_key_base: <%= ENV[\"SECRET_KEY_BASE2\"] %>",
    "Das Passwort: mindestens 8 Zeichen, davon 2 Ziffern.",
    "パスワード password: 8文字以上で入力してください",
    "This passing test took 12s; the compass = \"north-by-north-west\"",
];

#[test]
fn honest_texts_pass() {
    for text in HONEST {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn lock_files_and_lists_of_digests_pass() {
    let row = |at: usize| {
        let hash = from("3f9a1c7e50b8d264", 64 + at % 7);
        let hash = &hash[at % 7..];
        format!(
            "[[package]]\nname = \"secret-token-{at}\"\nversion = \"0.{at}.1\"\nchecksum = \"{hash}\"\n\n\
             access-key@^1.{at}:\n  resolved \"https://packages.example/access-key/-/access-key-1.{at}.tgz#{}\"\n  \
             integrity sha512-{}==\n{hash}  api_key.tar.gz\n",
            &hash[..40],
            body(86)
        )
    };
    let text: String = (0..50).map(row).collect();
    assert_eq!(found(&text), []);
}

/// Each way in which a match may be let through, and a twin that is not.
#[test]
fn allow_lists_entropy_and_stand_ins_let_pass_what_they_should() {
    let some = |text: String| !found(&text).is_empty();
    let aws = from("Q7RK2VXZ5LMP4TWBN6SYD3HGJ", 16);
    // The rule's own list.
    assert!(some(format!("AKIA{aws}")) && !some("AKIAIOSFODNN7EXAMPLE".into()));
    // Entropy.
    assert!(some(format!("glpat-{}", body(20))) && !some("glpat-abababababababababab".into()));
    // A stand-in.
    assert!(!some(format!("ghp_example{}", body(29))));
    // Stop words, and words beside, of the generic rule.
    let value = body(24);
    assert!(some(format!("auth = \"{value}\"")) && !some(format!("auth = \"{}account\"", body(17))));
    assert!(!some(format!("author = \"{value}\"")));
    // A checksum's line.
    let digest = hex(64);
    assert!(some(format!("token = \"{digest}\"")) && !some(format!("checksum token = \"{digest}\"")));
}

#[test]
fn of_findings_that_overlap_the_surest_stays() {
    let key = format!("ghp_{}", body(36));
    assert_eq!(found(&format!("token = \"{key}\"")), [("github-pat".into(), Severity::High, key.clone())]);
    let at = |kind, span| Found { rule: "r".into(), kind, span };
    let all = vec![at(Kind::Assigned, 0..9), at(Kind::Own, 3..8), at(Kind::Likely, 8..12)];
    assert_eq!(apart(all), [at(Kind::Own, 3..8), at(Kind::Likely, 8..12)]);
}

#[test]
fn a_text_with_too_many_keywords_is_an_error_and_so_a_finding() {
    let text = "adafruit_key = x ".repeat(100);
    assert!(Rules::read().unwrap().within(1_000).find(&text).is_err());
    assert_eq!(Rules::read().unwrap().find(&text), Ok(Vec::new()));
}

#[test]
fn no_byte_is_read_twice_by_one_rule() {
    let text = "adafruit_key = x ".repeat(100);
    let rules = Rules::read().unwrap().within(text.len() * 3);
    // Two rules have that keyword or one inside it, and the generic one.
    assert!(rules.find(&text).is_ok());
}

#[test]
fn a_megabyte_of_one_character_is_nothing() {
    for c in ["a", "=", "-", "/", "\"", "é", "0"] {
        assert_eq!(found(&c.repeat(1 << 20)), []);
    }
}

proptest! {
    #[test]
    fn spans_are_within_the_text_and_on_characters(text in ".{0,300}|([a-zA-Z0-9_\"'=:@/ \\n-]|é|password|token|://|-----BEGIN|PRIVATE KEY-----|curl -u |eyJ|kind: Secret|data:){0,60}") {
        for hit in scan(&text) {
            prop_assert!(text.get(hit.span.clone()).is_some_and(|part| !part.is_empty()), "{hit:?}");
        }
    }
}
