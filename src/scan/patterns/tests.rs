use super::*;

#[test]
fn a_pattern_of_text_reads_characters_and_one_of_bytes_does_not() {
    let text = Pattern::of_text("ÄPFEL.").unwrap();
    assert_eq!(text.find("zwei äpfelä und äpfel!", 10), [5..13, 18..25]);
    assert_eq!(text.find("zwei äpfelä und äpfel!", 1).len(), 1);
    let bytes = Pattern::of_bytes(r"\w+").unwrap();
    let found = bytes.captures_at("xä".as_bytes(), 0).unwrap();
    assert_eq!(found.get_group(0).unwrap().range(), 0..1);
    assert!(bytes.captures_at(b"ab", 2).is_none());
}

#[test]
fn a_search_may_begin_inside_and_still_sees_what_is_before() {
    let word = Pattern::of_bytes(r"\bkey").unwrap();
    assert!(word.is_match_at(b"a key", 2) && !word.is_match_at(b"monkey", 3));
}

#[test]
fn a_set_says_which_of_its_patterns_match() {
    let patterns = ["rm .*-rf", "curl", "RM"].map(str::to_owned);
    assert_eq!(Set::new(&patterns, Case::Told, SIZE).unwrap().matches(b"rm -v -rf"), [0]);
    assert_eq!(Set::new(&patterns, Case::Ignored, SIZE).unwrap().matches(b"rm -v -rf"), [0, 2]);
    let set = Set::new(&patterns, Case::Told, SIZE).unwrap();
    assert!(set.is_match(b"rm -v -rf") && !set.is_match(b"ls"));
    let short = Pattern::of_short_bytes(r"^(?:rm|mv)\b").unwrap();
    assert!(short.is_match(b"rm x") && !short.is_match(b"xrm"));
    assert!(Set::new(&["a{1000}{1000}".to_owned()], Case::Told, SIZE).is_err());
}

#[test]
fn patterns_find_the_same_however_many_were_used_between() {
    let patterns: Vec<Pattern> = (0..300)
        .map(|n| Pattern::of_text(&format!(r"w{n}(?:[\t-\r ]+)[a-z0-9]{{1,30}} end")).unwrap())
        .collect();
    let text: String = (0..300).map(|n| format!("w{n} é{n}  w{n} some{n} end. ")).collect();
    let first: Vec<_> = patterns.iter().map(|pattern| pattern.find(&text, 100)).collect();
    assert!(first.iter().all(|found| found.len() == 1));
    for (pattern, first) in patterns.iter().zip(&first) {
        assert_eq!(&pattern.find(&text, 100), first);
    }
}
