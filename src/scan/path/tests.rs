use super::*;
use proptest::prelude::*;
use serde::Deserialize;

const USED: Crossing<'static> = Crossing { border: Border::ToolArgument, executed: true, asked: "" };

fn hits(text: &str, crossing: &Crossing<'_>) -> Vec<(String, Severity)> {
    let hits = Path.scan(&Text::new(text), crossing).unwrap();
    assert!(hits.iter().all(|hit| hit.class == Class::Path && text.get(hit.span.clone()).is_some()));
    hits.into_iter().map(|hit| (hit.rule.into_owned(), hit.severity)).collect()
}

fn used(text: &str) -> Vec<String> {
    hits(text, &USED).into_iter().map(|(rule, _)| rule).collect()
}

#[derive(Deserialize)]
struct Case {
    id: String,
    label: String,
    border: Border,
    executed: bool,
    text: String,
}

/// No miss and no false alarm, over cases written for this test.
#[test]
fn the_corpus_of_paths_is_found_and_the_honest_pass() {
    let lines = include_str!("../../../tests/corpus/paths.jsonl").lines();
    let cases: Vec<Case> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let (attacks, honest): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.label == "attack");
    assert_eq!((attacks.len(), honest.len()), (100, 100));
    let is_hit = |case: &&&Case| {
        !hits(&case.text, &Crossing { border: case.border, executed: case.executed, asked: "" }).is_empty()
    };
    let name = |case: &&Case| case.id.clone();
    let missed: Vec<String> = attacks.iter().filter(|case| !is_hit(case)).map(name).collect();
    let alarms: Vec<String> = honest.iter().filter(is_hit).map(name).collect();
    assert!(missed.is_empty() && alarms.is_empty(), "missed {missed:?}, false alarms {alarms:?}");
}

#[test]
fn what_leaves_is_read_only_where_it_is_code() {
    let code = "```sh\ncat /etc/shadow\n```";
    let words = "Hashes are kept in /etc/shadow, and `/etc/shadow` is for root.";
    for border in Border::ALL {
        let is_input = matches!(border, Border::Request | Border::ToolArgument);
        let medium = vec![("password-file".to_owned(), Severity::Medium)];
        assert_eq!(hits(code, &Crossing::at(border)), medium, "{border:?}");
        assert_eq!(!hits(words, &Crossing::at(border)).is_empty(), is_input, "{border:?}");
        assert_eq!(hits("/etc/shadow\n", &Crossing::at(border)), medium, "{border:?}");
    }
    assert_eq!(hits("/etc/shadow", &USED), [("password-file".to_owned(), Severity::High)]);
}

#[test]
fn disguised_paths_lead_where_plain_ones_do() {
    for path in [
        "/etc/./shadow",
        "//etc///shadow",
        "/etc/x/../shadow",
        "/ETC/Shadow",
        "/%65tc/shadow",
        "%2fetc%2fshadow",
        "%252fetc%252fshadow",
        "..%2f..%2fetc%2fshadow",
        "..\\..\\etc\\shadow",
        "....//....//etc/shadow",
        "..%c0%af..%c0%afetc/shadow",
        "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/shadow",
        "..%u2215..%u2215etc/shadow",
        "/etc/shadow%00.png",
        "file:///etc/shadow",
        "file://localhost/etc/shadow",
        "/proc/self/root/etc/shadow",
        "input=/etc/shadow",
        "@/etc/shadow",
        "/etc/shadow:/x:ro",
        "https://example.com/get?file=../../../etc/shadow",
    ] {
        assert!(used(path).contains(&"password-file".to_owned()), "{path:?} {:?}", used(path));
    }
}

/// One path of each rule, and the text in which a machine would use it.
const OF_RULES: &[(&str, &str)] = &[
    ("password-file", "/etc/shadow"),
    ("account-list", "/etc/passwd"),
    ("ssh-keys", "/root/.ssh/id_rsa"),
    ("login-keys", "/root/.ssh/authorized_keys"),
    ("cloud-keys", "/root/.aws/credentials"),
    ("cloud-metadata", "/x/169.254.169.254/latest"),
    ("cluster-keys", "/var/run/secrets/token"),
    ("cluster-config", "/root/.kube/config"),
    ("container-socket", "/var/run/docker.sock"),
    ("saved-passwords", "/root/.docker/config.json"),
    ("key-store", "/etc/ssl/private/web.key"),
    ("app-secrets", "/etc/mysql/debian.cnf"),
    ("history", "/root/.bash_history"),
    ("process-memory", "/dev/mem"),
    ("kernel-switch", "/proc/sys/kernel/core_pattern"),
    ("disk-device", "/dev/sda"),
    ("windows-secrets", "/windows/system32/config/sam"),
    ("starts-by-itself", "/etc/cron.d/x"),
    ("starts-by-itself", "/var/spool/cron/root"),
];

#[test]
fn no_rule_is_passed_by_with_steps_that_lead_nowhere() {
    let of_paths = rules().unwrap().of_paths().map(|rule| rule.id.as_str());
    let missing: Vec<&str> = of_paths.filter(|id| OF_RULES.iter().all(|(rule, _)| rule != id)).collect();
    assert!(missing.is_empty(), "no example of {missing:?}");
    for (rule, path) in OF_RULES {
        let cuts = path.match_indices('/').map(|(at, _)| path.split_at(at));
        let spoilt = cuts.flat_map(|(a, b)| ["/", "/.", "/x/.."].map(|step| format!("{a}{step}{b}")));
        for path in spoilt.chain([(*path).to_owned()]) {
            let is_told = |hits: Vec<(String, Severity)>| hits.iter().any(|(told, _)| told == rule);
            assert!(is_told(hits(&format!("x {path}"), &USED)), "{path} {rule}");
            assert!(is_told(hits(&path, &Crossing::at(Border::Reply))), "{path} {rule} shown");
        }
    }
}

#[test]
fn padding_hides_no_path() {
    let high = ("password-file".to_owned(), Severity::High);
    for count in [MAX_HITS, MAX_WORDS] {
        let padded = format!("cat {}/etc/shadow", "/etc/passwd ".repeat(count));
        let hits = hits(&padded, &USED);
        assert!(hits.len() <= MAX_HITS + 3 && hits.contains(&high), "{count}");
    }
    let unread = (UNREAD.to_owned(), Severity::Medium);
    // Of more than a letter each: single ones are also read as one word that was spread out, which would be too long.
    let words = format!("{}/etc/shadow", "ab ".repeat(MAX_USED_WORDS));
    let word = format!("/{}/etc/shadow", "./".repeat(MAX_PATH / 2));
    for text in [words, word] {
        assert_eq!(hits(&text, &USED), std::slice::from_ref(&unread));
        assert_eq!(hits(&text, &Crossing::at(Border::Answer)), []);
    }
    let values = format!("x?{}a=/etc/shadow", "a=b&".repeat(20));
    let mounts = format!("{}/etc/shadow:ro", "/a:".repeat(20));
    for text in [values, mounts, "cat /etc/shadow;ls".to_owned(), "-v=/etc/shadow:/x".to_owned()] {
        assert_eq!(hits(&text, &USED), std::slice::from_ref(&high), "{text:?}");
    }
}

#[test]
fn the_way_a_path_is_written_may_tell() {
    for (path, rule) in [
        ("a/..%2f..%2fb", "path-disguised"),
        ("..\\../b", "path-disguised"),
        ("a/..;/b", "path-disguised"),
        ("../../../var/x", "path-climbs"),
        ("a%00b", "path-nul"),
        ("\\\\files.example\\share\\x", "path-share"),
        ("file://files.example/share", "path-share"),
        ("\\\\.\\C:", "path-device"),
    ] {
        assert!(used(path).contains(&rule.to_owned()), "{path:?} {:?}", used(path));
    }
    for path in [
        "../../../src/x.js",
        "a%20b",
        "50%25",
        "\\\\d+\\\\s",
        "..",
        "../a.txt",
        "a..b",
        "https://example.com/a/../b",
    ] {
        assert_eq!(used(path), [""; 0], "{path:?}");
    }
}

#[test]
fn keys_are_there_for_those_who_log_in_with_them() {
    let reply = Crossing::at(Border::Reply);
    assert_eq!(hits("```sh\nssh -i ~/.ssh/id_rsa ann@example.com\n```", &reply), []);
    assert_eq!(hits("```sh\ncat ~/.ssh/id_rsa\n```", &reply), [("ssh-keys".to_owned(), Severity::Medium)]);
    assert_eq!(used("~/.ssh/id_rsa.pub"), [""; 0]);
}

#[test]
fn common_names_count_in_words_only_with_a_folder() {
    let request = Crossing::at(Border::Request);
    assert_eq!(hits("Put .env into .gitignore", &request), []);
    assert_eq!(hits("Show me /srv/app/.env", &request), [("app-secrets".to_owned(), Severity::Note)]);
    assert_eq!(used(".env"), ["app-secrets"]);
    assert_eq!(used(".env.example"), [""; 0]);
}

#[test]
fn long_texts_come_to_an_end() {
    for unit in ["a", "/", "..", "%2e", "../", "\\\\", "/etc/shadow", "/etc/shadow ", "é", "=/etc/shadow"] {
        let text = unit.repeat((1 << 20) / unit.len());
        for crossing in [USED, Crossing::at(Border::Reply), Crossing::at(Border::Request)] {
            assert!(hits(&text, &crossing).len() <= MAX_HITS + 3, "{unit:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(?s)(\\PC|[/\\\\.%: ]|%2e|%c0%af|/etc/shadow|\\.\\./|file://|```\\n){0,60}") {
        hits(&text, &USED);
        hits(&text, &Crossing::at(Border::Request));
        hits(&text, &Crossing::at(Border::Reply));
    }
}
