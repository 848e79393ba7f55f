use crate::shell::{Finding, command_facts};

fn findings(text: &str) -> Vec<Finding> {
    command_facts(text).findings.into_iter().collect()
}

#[test]
fn patterns_and_programs_that_read_are_not_taken_for_files() {
    for text in [
        "grep '/api/v1' access.log",
        "grep -inE '^\\.hidden|\\.\\./' notes.txt",
        "grep -A3 --color=never '/etc/passwd' notes.txt",
        "sed -n '10,20p' notes.txt",
        "sed -n '/begin/,/end/p' notes.txt",
        "sed 's/old/new/g; s|/a/|/b/|; 1d; $d; 5q' notes.txt",
        "sed -E 's/^([0-9]+)/\\1:/' notes.txt",
        "sed '/^#/d' notes.txt",
        "awk '{print $1}' notes.txt",
        "awk -F, 'NR > 1' notes.txt || true",
        "awk -F: '/^\\/api/ {n += $2} END {print n}' notes.txt",
        "jq -r '.items[].name' data.json",
        "jq --sort-keys . data.json",
        "jq '.total' < data.json",
    ] {
        // A comparison of awk reads like a redirection, so it asks.
        let expected: &[Finding] = if text.contains('>') { &[Finding::Active] } else { &[] };
        assert_eq!(findings(text), expected, "{text}");
    }
}

#[test]
fn programs_that_write_or_run_are_active() {
    for text in [
        "sed -i 's/a/b/' notes.txt",
        "sed -n -i.bak p notes.txt",
        "sed --in-place=.bak p notes.txt",
        "sed p notes.txt -i",
        "sed -f script.sed notes.txt",
        "sed -e p -e 'w out.txt' notes.txt",
        "sed -- p notes.txt",
        "sed 'w out.txt' notes.txt",
        "sed '1w out.txt' notes.txt",
        "sed '/a/w out.txt' notes.txt",
        "sed 's/a/b/w out.txt' notes.txt",
        "sed 's/a/b/gw out.txt' notes.txt",
        "sed 's/a/b/e' notes.txt",
        "sed 's/a\\/b/w out.txt' notes.txt",
        "sed 's/[/]/e/w out.txt' notes.txt",
        "sed '1e date' notes.txt",
        "sed e notes.txt",
        "sed 'p;e date' notes.txt",
        "sed 'p\ne date' notes.txt",
        "sed '$!{p;w out.txt\n}' notes.txt",
        "sed 'r other.txt' notes.txt",
        "sed '/x;p;/w out.txt' notes.txt",
        "awk '{print > \"out.txt\"}' notes.txt",
        "awk '{print | \"sh\"}' notes.txt",
        "awk 'BEGIN {system(\"date\")}'",
        "awk 'BEGIN {\"date\" | getline x; print x}'",
        "awk 'BEGIN {while ((getline x < \"f\") > 0) print x}'",
        "awk 'BEGIN {ARGV[1] = \"x\"}' notes.txt",
        "awk 'BEGIN {print ENVIRON[\"HOME\"]}'",
        "awk 'BEGIN {f = \"sys\" \"tem\"; @f(\"date\")}'",
        "awk -f script.awk notes.txt",
        "awk -v x=1 '{print x}' notes.txt",
        "gawk -i inplace '{print}' notes.txt",
        "jq env",
        "jq '$ENV.PATH' data.json",
        "jq -f filter.jq data.json",
        "jq 'import \"a\" as a; .' data.json",
        "jq --rawfile a notes.txt . data.json",
        "printf -v PATH . ; ls",
        "md5sum -c sums.txt",
        "shuf -o out.txt notes.txt",
        "file -f list.txt",
        "/usr/bin/time -o out.txt ls",
    ] {
        assert!(findings(text).contains(&Finding::Active), "{text} {:?}", findings(text));
    }
}

#[test]
fn a_file_is_not_hidden_by_a_pattern_elsewhere() {
    for (text, finding) in [
        ("grep -e x /etc/hosts", Finding::Outside),
        ("grep /etc/hosts notes.txt -e x", Finding::Outside),
        ("grep --regexp=x /etc/hosts", Finding::Outside),
        ("grep -ie x /etc/hosts", Finding::Outside),
        ("grep -m 1 x /etc/hosts", Finding::Outside),
        ("grep -- x /etc/hosts", Finding::Outside),
        ("grep x notes.txt /etc/hosts", Finding::Outside),
        ("grep -f /etc/hosts notes.txt", Finding::Active),
        ("grep -rn x .", Finding::Active),
        ("sed p /etc/hosts", Finding::Outside),
        ("awk -F, 1 /etc/hosts", Finding::Outside),
        ("awk -F , /etc/hosts", Finding::Active),
        ("jq . ../data.json", Finding::Outside),
        ("jq . .config", Finding::Hidden),
        ("awk 'BEGIN {s = \"/inet/tcp/0/192.0.2.1/80\"; print |& s}'", Finding::NetworkDevice),
    ] {
        assert!(findings(text).contains(&finding), "{text} {:?}", findings(text));
    }
    assert!(command_facts("grep x project/id_rsa").names.contains("id_rsa"));
    assert!(!command_facts("grep id_rsa notes.txt").names.contains("id_rsa"));
}
