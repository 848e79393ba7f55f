use super::*;
use proptest::prelude::*;

fn programs(text: &str) -> Vec<String> {
    command_facts(text).programs.into_iter().map(|p| p.name).collect()
}

fn found(text: &str, finding: Finding) -> bool {
    command_facts(text).findings.contains(&finding)
}

#[test]
fn every_program_is_found_wherever_it_stands() {
    for (text, expected) in [
        ("a | b && c || d; e & f", "a b c d e f"),
        ("(a; { b; }) > out.txt", "a b"),
        ("if a; then b; elif c; then d; else e; fi", "a b c d e"),
        ("while a; do b; done; until c; do d; done", "a b c d"),
        ("for x in $(a) `b`; do c; done", "a b c"),
        ("case $(a) in x) b ;; *) c ;; esac", "a b c"),
        ("f() { a; }; f", "a f"),
        ("x=$(a) y[$(b)]=$(c) d", "a b c d"),
        ("a \"$(b \"$(c)\")\" '$(no)'", "c b a"),
        ("a <(b) >(c) < <(d)", "b c d a"),
        ("a <<END\n$(b) `c` '$(d)'\nEND\n", "b c d a"),
        ("a <<< \"$(b)\"", "b a"),
        ("[[ -n $(a) && ! $(b) == x ]]", "a b"),
        ("(( x = $(a) ))", "a"),
        ("for ((i=$(a); i<3; i++)); do b; done", "a b"),
        ("echo ${x:-$(a)} ${y#`b`} $((1+$(c)))", "a b c echo"),
        ("sh -c 'a; b'", "sh a b"),
        ("bash -euo pipefail -c 'a'", "bash a"),
        ("bash <<'END'\na\nEND\n", "bash a"),
        ("sudo -u bob -E a -x", "sudo a"),
        ("env -i A=b -u C a", "env -u"),
        ("env -i -u C A=b nohup a", "env nohup a"),
        ("env -S 'a b' c", "env a"),
        ("timeout -s KILL 5 nice -n 3 stdbuf -oL a", "timeout nice stdbuf a"),
        ("a | xargs -I{} -n 1 b {}", "a xargs b"),
        ("find . -exec a {} ; -execdir b", "find a -execdir"),
        ("find . -name x -exec a {} \\; -execdir b {} +", "find a b"),
        ("su -c 'a b' bob", "su a"),
        ("trap 'a' EXIT; eval a b", "trap a eval a"),
        ("coproc a { b; }", "b"),
        ("time a; ! b", "a b"),
    ] {
        assert_eq!(programs(text).join(" "), expected, "{text:?} {:?}", command_facts(text).findings);
    }
}

#[test]
fn a_program_comes_with_its_flags_arguments_and_place() {
    let facts = command_facts("echo x | grep -i --color=never \"$1\" a*.txt 2>/dev/null >> out/../log.txt &");
    let grep = &facts.programs[1];
    assert_eq!((grep.name.as_str(), grep.literal, grep.piped, grep.background), ("grep", true, true, true));
    assert_eq!(grep.flags, ["-i", "--color=never"]);
    let args: Vec<_> = grep.args.iter().map(|a| (a.text.as_str(), a.literal)).collect();
    assert_eq!(args, [("$1", false), ("a*.txt", false)]);
    assert_eq!(
        facts.redirects,
        [Redirect {
            access: Access::Append,
            target: "out/../log.txt".into(),
            canonical: Some("log.txt".into()),
            literal: true
        }]
    );
    assert!(command_facts("A=1 B=x; export C=2").assigned.iter().eq(["A", "B", "C"]));
}

#[test]
fn what_cannot_be_judged_is_unreadable() {
    let deep = |n: usize| format!("{}ls{}", "echo $(".repeat(n), ")".repeat(n));
    for text in [
        "".to_owned(),
        " \n\t ".to_owned(),
        "ls\0".to_owned(),
        "ls \u{1b}[31m".to_owned(),
        "ls\rrm x".to_owned(),
        "ls\r\nrm x".to_owned(),
        "ls \u{202e}x".to_owned(),
        "ls\u{a0}x".to_owned(),
        "ls \u{200b}".to_owned(),
        "echo 'x".to_owned(),
        "echo \"x".to_owned(),
        "echo $'x".to_owned(),
        "echo `x".to_owned(),
        "echo ${x".to_owned(),
        "echo $((1".to_owned(),
        "echo x \\".to_owned(),
        "cat <<END\nx".to_owned(),
        "if true; then ls".to_owned(),
        "ls; ;".to_owned(),
        ")".to_owned(),
        "ls 99999999999>x".to_owned(),
        deep(1000),
        deep(40),
        "x".repeat(MAX_COMMAND + 1),
        "a ".repeat(500_000),
        "(".repeat(4000),
        "((".repeat(60) + &"))".repeat(60),
        "{ ".repeat(2000),
        "if ".repeat(1300),
        "echo ".to_owned() + &"$((".repeat(200),
        "echo ".to_owned() + &"${x:-".repeat(100) + &"}".repeat(100),
        "case x in a) ".repeat(30),
        "sh -c 'sh -c \"sh -c ls'".to_owned(),
    ] {
        let head: String = text.chars().take(40).collect();
        assert!(found(&text, Finding::Unreadable), "{head:?} {:?}", command_facts(&text).findings);
    }
    assert!(!found(&deep(4), Finding::Unreadable));
    assert!(!found(&format!("echo {}", "x".repeat(MAX_COMMAND - 5)), Finding::Unreadable));
}

#[test]
fn numbers_that_do_not_fit_do_not_break_the_parser() {
    for text in
        ["ls ~99999999999999999999999/x", "echo {1..99999999999999999999}", "ls 2147483648>x", "echo ~-"]
    {
        command_facts(text);
    }
}

/// The parser's tokenizer never ends on these by itself: without the guard this test does not fail, it hangs.
#[test]
fn here_documents_with_an_empty_tag_come_to_an_end() {
    for text in [
        "cat <<'' ",
        "cat <<\"\" x",
        "<<$(  d ",
        "<<<<<$( &! ",
        "''<<$( |#",
        "$(''<< &p ",
        "cat <<'' <<'' <<'' x",
        "echo $(cat <<  EOF\nx\nEOF\n) <<''",
        "echo ${x:-$(cat <<  ",
        "cat <<'' \\",
    ] {
        command_facts(text);
    }
    // A shell reads such a document up to an empty line or the end, and so do we.
    assert!(found("sh <<''\nrm -rf /", Finding::DestroysTree));
    assert!(found("sh <<'' ; ls\nrm -rf /\n\nls", Finding::DestroysTree));
    assert!(found("cat <<END\nhello", Finding::Unreadable));
    assert_eq!(programs("cat <<END && ls\nhello\nEND"), ["cat", "ls"]);
}

#[test]
fn words_that_look_like_indexed_names_are_not_tried_in_every_way() {
    for unit in ["x[\"\"", "x[\"", "x[$\"", "x[`", "x[${a%%", "x[\\'", "x[$(("] {
        let text = unit.repeat(40);
        assert!(found(&text, Finding::Unreadable), "{unit:?}");
        command_facts(&format!("{} ", unit.repeat(2)).repeat(400));
    }
    let text = "a[b[1]]=2 c[$((i + 1))]=$(date) ls file[0-9][0-9][0-9][0-9]-[0-9][0-9].txt";
    assert!(!found(text, Finding::Unreadable));
}

#[test]
fn the_worst_texts_take_no_longer_than_the_bounds_say() {
    // Each of these takes a backtracking parser a time that doubles with every bracket.
    for text in [
        "((".repeat(5) + "a",
        "echo ".to_owned() + &"$(( ".repeat(14) + "1" + &") )".repeat(14),
        "case x in a) ".repeat(4) + &"case y in esac; ".repeat(4),
        "echo ".to_owned() + &"\"$(".repeat(16) + &")\"".repeat(15),
    ] {
        command_facts(&text);
    }
}

fn a_command() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "rm",
        " -rf ",
        " / ",
        "$(",
        ")",
        "`",
        "'",
        "\"",
        "\\",
        "$",
        "{",
        "}",
        "(",
        "<<",
        "<",
        ">",
        "&",
        "|",
        ";",
        "\n",
        "#",
        "ls ",
        "sh -c ",
        "eval ",
        "x=",
        "${",
        "[[ ",
        " ]]",
        "case ",
        " in ",
        "esac",
        "if ",
        "then ",
        "fi",
        "do ",
        "done",
        "99999999999",
        "~",
        "*",
        "?",
        "é",
        "$'\\x",
        "EOF\n",
        "!",
        "((",
        "))",
        "for ",
        "coproc ",
        "function ",
        "time ",
        "-",
        "xargs ",
        "find . -exec ",
        "env -S",
        "sudo ",
        "<<-",
        "<<''",
        "<<<",
        "x[",
        "]=",
        "${x:-",
        "$((",
        "$[",
        "\\\n",
        "  ",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_have_facts(text in a_command()) {
        command_facts(&text);
    }

    // What stands often grows what a parser tries without end: nesting, unmatched openers, the same word again.
    #[test]
    fn any_repeated_pieces_have_facts(head in a_command(), unit in a_command(), times in 1..400usize) {
        let text: String = (head + &unit.repeat(times)).chars().take(MAX_COMMAND).collect();
        command_facts(&text);
    }

    #[test]
    fn any_text_has_facts(text in "\\PC{0,200}") {
        command_facts(&text);
    }

    #[test]
    fn a_bomb_in_any_honest_frame_is_found(before in "[a-z]{1,6}( -[a-z]){0,2}", frame in 0..6usize) {
        let bomb = "rm -rf /";
        let text = match frame {
            0 => format!("{before}; {bomb}"),
            1 => format!("{before} \"$({bomb})\""),
            2 => format!("if {before}; then {bomb}; fi"),
            3 => format!("{before} | {{ {bomb}; }}"),
            4 => format!("sh -c '{before} && {bomb}'"),
            _ => format!("{before} <({bomb})"),
        };
        let facts = command_facts(&text);
        prop_assert!(facts.findings.contains(&Finding::DestroysTree) || facts.findings.contains(&Finding::Unreadable)
            || facts.findings.contains(&Finding::PipesToShell), "{text}");
    }
}
