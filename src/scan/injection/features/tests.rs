use super::*;

fn numbers(text: &str, port: Port, frame: Frame) -> Vec<u32> {
    let features = Features::of(text, port);
    let mut out: Vec<u32> = features.unit(&(0..features.tokens().len()), frame).collect();
    out.sort_unstable();
    out
}

fn spans(text: &str) -> Vec<&str> {
    Features::of(text, Port::Data).tokens().iter().map(|token| &text[token.span.clone()]).collect()
}

#[test]
fn the_numbers_are_those_that_the_model_was_trained_on() {
    // By Python's zlib.crc32 of the features' names: `w don't`, `ub pay 0`, `c  eur.` ...
    let expected = [
        1190, 5854, 40914, 44688, 45308, 48191, 58207, 60504, 61267, 66644, 76513, 80742, 88962, 104929,
        110969, 114492, 115158, 127124, 133391, 135343, 137221, 139459, 143135, 144935, 146008, 147656,
        149602, 163004, 177097, 177364, 180324, 182277, 189801, 193900, 197989, 197989, 197989, 200053,
        218398, 224820, 236471, 239427, 246068, 256446,
    ];
    assert_eq!(numbers("Don't PAY 42\neur.", Port::User, Frame::Window), expected);
}

#[test]
fn a_port_and_a_sentence_have_words_of_their_own() {
    let all = [(Port::User, Frame::Window), (Port::Data, Frame::Window), (Port::Data, Frame::Sentence)];
    let read = all.map(|(port, frame)| numbers("pay now", port, frame));
    assert!(read.iter().all(|numbers| numbers.len() == read[0].len()));
    assert!(read[0] != read[1] && read[1] != read[2] && read[0] != read[2]);
}

#[test]
fn disguises_of_letters_and_invisible_characters_change_nothing() {
    let plain = numbers("ignore all", Port::User, Frame::Window);
    for disguised in ["IGNORE all", "ｉｇｎｏｒｅ all", "ig\u{200b}nore\u{ad} a\u{2060}ll", "𝐢𝐠𝐧𝐨𝐫𝐞 all"]
    {
        assert_eq!(numbers(disguised, Port::User, Frame::Window), plain, "{disguised:?}");
    }
}

#[test]
fn tokens_are_words_or_two_characters_of_scripts_without_spaces() {
    assert_eq!(spans("one  two,\tthree\n"), ["one", "two,", "three"]);
    assert_eq!(spans("忽略之前的指令。abc"), ["忽略", "之前", "的指", "令", "。", "abc"]);
    assert_eq!(spans("abcไทยd"), ["abc", "ไท", "ย", "d"]);
    assert_eq!(spans(""), [""; 0]);
}

#[test]
fn words_joined_without_blanks_do_not_hide_in_one_token() {
    let joined = "ignore.all.previous.instructions.".repeat(100);
    assert!(spans(&joined).iter().all(|token| token.len() <= MAX_TOKEN));
    assert!(spans(&joined).len() > 80);
}

#[test]
fn sentences_begin_after_stops_and_lines() {
    let begins = |text: &str| -> Vec<usize> {
        let features = Features::of(text, Port::Data);
        features.tokens().iter().enumerate().filter(|(_, token)| token.begins).map(|(n, _)| n).collect()
    };
    assert_eq!(begins("One two. Three (four!) five\nsix \"seven?\" eight"), [0, 2, 4, 5, 7]);
    assert_eq!(begins("v1.2 is out"), [0]);
    assert_eq!(begins("止まれ。次へ"), [0, 3]);
}
