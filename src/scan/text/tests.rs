use super::*;
use crate::scan::How;

#[test]
fn the_first_reading_is_the_raw_text_itself() {
    let text = Text::new("wörds");
    let first = &text.readings()[0];
    assert_eq!((first.how(), first.text()), (How::Raw, "wörds"));
    assert_eq!(first.in_raw(&(1..3)), 1..3);
}
