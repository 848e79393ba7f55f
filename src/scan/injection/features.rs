//! What the model sees of a text: its tokens, and for each the hashes of its words, word pairs and pieces of 3-5 characters.
//!
//! Everything is computed once for a text and belongs to a token, so that windows and sentences are ranges of tokens. The trainer
//! (`examples/train_tripwire`) reads texts by this code too: whoever changes it trains again.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization as _;

#[cfg(test)]
mod tests;

/// Bits of a feature's number; the model has one weight for each number.
pub const BITS: u32 = 18;
const MASK: u32 = (1 << BITS) - 1;

/// Most visible characters of a token. A longer one is cut, so that words joined by dots or underscores do not hide in one token.
const MAX_TOKEN: usize = 40;

/// Which way a text came: the same words mean other things in a request and in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// A user wrote it to us.
    User,
    /// A tool, a document or a model holds it.
    Data,
}

/// A unit of a text, for which words also count by themselves under another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// A window, or the whole text.
    Window,
    /// A single sentence of a document.
    Sentence,
}

/// A run of characters without white space, or up to two characters of a script that is written without spaces.
#[derive(Debug, Clone)]
pub struct Token {
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// How many characters of the text end with this token.
    pub chars: usize,
    /// Whether a sentence begins here.
    pub begins: bool,
    /// First of its words, and one past the last.
    words: Range<usize>,
    /// First of its pieces, and one past the last.
    pieces: Range<usize>,
}

/// A word's numbers: alone and after its predecessor; each bare, with the text's port, and as part of a sentence.
#[derive(Debug, Clone, Copy)]
struct Word {
    alone: [u32; 3],
    pair: [u32; 3],
}

/// A text as the model sees it.
#[derive(Debug, Clone, Default)]
pub struct Features {
    tokens: Vec<Token>,
    words: Vec<Word>,
    pieces: Vec<u32>,
}

impl Features {
    /// Reads a text.
    pub fn of(text: &str, port: Port) -> Self {
        let mut out = Self::default();
        let mut reader = Reader::new(port);
        for raw in split(text) {
            let words = out.words.len();
            let pieces = out.pieces.len();
            reader.token(text.get(raw.span.clone()).unwrap_or_default(), &mut out);
            let (words, pieces) = (words..out.words.len(), pieces..out.pieces.len());
            out.tokens.push(Token { span: raw.span, chars: raw.chars, begins: raw.begins, words, pieces });
        }
        out
    }

    /// The tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The numbers of all features of a unit.
    pub fn unit(&self, tokens: &Range<usize>, frame: Frame) -> impl Iterator<Item = u32> {
        self.singles(tokens, frame).chain(self.pairs(self.inner_pairs(tokens), frame))
    }

    /// The numbers of the words and pieces of these tokens, without pairs.
    pub fn singles(&self, tokens: &Range<usize>, frame: Frame) -> impl Iterator<Item = u32> {
        let (words, pieces) = self.parts(tokens);
        let words = self.words.get(words).unwrap_or_default().iter();
        let pieces = self.pieces.get(pieces).unwrap_or_default().iter().copied();
        words.flat_map(move |word| named(&word.alone, frame)).chain(pieces)
    }

    /// The numbers of the pairs whose second word is one of these.
    pub fn pairs(&self, words: Range<usize>, frame: Frame) -> impl Iterator<Item = u32> {
        self.words.get(words).unwrap_or_default().iter().flat_map(move |word| named(&word.pair, frame))
    }

    /// Which pairs stand inside these tokens, by their second words.
    pub fn inner_pairs(&self, tokens: &Range<usize>) -> Range<usize> {
        let words = self.parts(tokens).0;
        (words.start + 1).min(words.end)..words.end
    }

    fn parts(&self, tokens: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let Some([first, .., last] | [first @ last]) = self.tokens.get(tokens.clone()) else {
            return (0..0, 0..0);
        };
        (first.words.start..last.words.end, first.pieces.start..last.pieces.end)
    }
}

fn named([bare, port, sentence]: &[u32; 3], frame: Frame) -> [u32; 2] {
    match frame {
        Frame::Window => [*bare, *port],
        Frame::Sentence => [*bare, *sentence],
    }
}

/// A token before its words are read.
struct Raw {
    span: Range<usize>,
    chars: usize,
    begins: bool,
}

/// Scripts that are written without spaces: kana, Han, Hangul, Thai.
fn is_dense(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{e00}'..='\u{e7f}')
}

/// Characters that nobody sees and that are no part of a word.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Ends a sentence even without white space after it.
fn is_full_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '।' | '؟')
}

fn closes_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | ']' | '*' | '”' | '’' | '»' | '」' | '』')
}

/// Cuts a text into tokens.
fn split(text: &str) -> Vec<Raw> {
    let mut out: Vec<Raw> = Vec::with_capacity(text.len() / 5 + 1);
    let mut begins = true;
    let mut open: Option<(usize, usize, bool)> = None;
    let mut before = ' ';
    let mut close = |open: &mut Option<(usize, usize, bool)>,
                     end: usize,
                     chars: usize,
                     begins: &mut bool,
                     space: bool| {
        let Some((start, _, _)) = open.take() else { return };
        out.push(Raw { span: start..end, chars, begins: *begins });
        let said = text.get(start..end).unwrap_or_default().trim_end_matches(closes_quote);
        *begins = said.ends_with(is_full_stop) || (space && said.ends_with(['.', '!', '?']));
    };
    let mut chars = 0;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            close(&mut open, at, chars, &mut begins, true);
            begins |= c == '\n';
        } else {
            let dense = is_dense(c);
            let visible = usize::from(!is_invisible(c));
            let fits = open.is_some_and(|(_, len, was_dense)| {
                was_dense == dense && len + visible <= if dense { 2 } else { MAX_TOKEN }
            });
            let stopped = is_full_stop(before) && !is_full_stop(c) && !closes_quote(c);
            if !fits || stopped {
                close(&mut open, at, chars, &mut begins, false);
            }
            let (start, len, _) = open.unwrap_or((at, 0, dense));
            open = Some((start, len + visible, dense));
        }
        before = c;
        chars += 1;
    }
    close(&mut open, text.len(), chars, &mut begins, true);
    out
}

/// Reads tokens one after the other; remembers the last word, for pairs.
struct Reader {
    names: [Name; 3],
    last: Vec<u8>,
    plain: String,
    folded: String,
    ends: Vec<usize>,
}

/// The beginnings of the names of a word and of a pair.
#[derive(Clone, Copy)]
struct Name {
    word: Crc,
    pair: Crc,
}

impl Name {
    const fn of(word: &[u8], pair: &[u8]) -> Self {
        Self { word: Crc::NEW.and(word), pair: Crc::NEW.and(pair) }
    }
}

const PIECE: Crc = Crc::NEW.and(b"c ");

impl Reader {
    fn new(port: Port) -> Self {
        let by_port = match port {
            Port::User => Name::of(b"uw ", b"ub "),
            Port::Data => Name::of(b"dw ", b"db "),
        };
        let names = [Name::of(b"w ", b"b "), by_port, Name::of(b"sw ", b"sb ")];
        Self { names, last: Vec::new(), plain: String::new(), folded: String::new(), ends: Vec::new() }
    }

    fn token(&mut self, raw: &str, out: &mut Features) {
        self.fold(raw);
        self.words(out);
        self.pieces(out);
    }

    /// Compatibility forms undone, lower case, nothing invisible, each run of digits a zero; a blank on either side.
    fn fold(&mut self, raw: &str) {
        self.plain.clear();
        if raw.is_ascii() {
            self.plain.push_str(raw);
        } else {
            self.plain.extend(raw.chars().filter(|c| !is_invisible(*c)).nfkc());
        }
        self.folded.clear();
        self.folded.push(' ');
        let mut digit = false;
        for c in self.plain.chars().flat_map(char::to_lowercase) {
            let was = std::mem::replace(&mut digit, c.is_numeric());
            match (was, digit) {
                (true, true) => {}
                (false, true) => self.folded.push('0'),
                _ => self.folded.push(c),
            }
        }
        self.folded.push(' ');
    }

    /// Words are runs of letters and digits, with an apostrophe inside; of dense scripts each character.
    fn words(&mut self, out: &mut Features) {
        let folded = std::mem::take(&mut self.folded);
        let mut start = None;
        let mut chars = folded.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let inside = match (start, c) {
                (Some(_), '\'') => chars.peek().is_some_and(|(_, c)| c.is_alphanumeric() && !is_dense(*c)),
                (_, c) => c.is_alphanumeric() && !is_dense(c),
            };
            if !inside && let Some(start) = start.take() {
                self.word(folded.get(start..at).unwrap_or_default(), out);
            }
            if inside {
                start = start.or(Some(at));
            } else if is_dense(c) {
                self.word(folded.get(at..at + c.len_utf8()).unwrap_or_default(), out);
            }
        }
        self.folded = folded;
    }

    fn word(&mut self, word: &str, out: &mut Features) {
        let word = word.as_bytes();
        let alone = self.names.map(|name| name.word.and(word).number());
        let pair = self.names.map(|name| name.pair.and(&self.last).and(b" ").and(word).number());
        out.words.push(Word { alone, pair });
        self.last.clear();
        self.last.extend_from_slice(word);
    }

    /// Pieces of 3, 4 and 5 characters; a token that is shorter counts whole.
    fn pieces(&mut self, out: &mut Features) {
        let bytes = self.folded.as_bytes();
        self.ends.clear();
        self.ends.extend(self.folded.char_indices().map(|(at, c)| at + c.len_utf8()));
        let mut start = 0;
        for (from, end) in self.ends.iter().enumerate() {
            let Some([third, rest @ ..]) = self.ends.get(from + 2..) else {
                if from == 0 {
                    out.pieces.extend([PIECE.and(bytes).number(); 3])
                }
                break;
            };
            let three = PIECE.and(bytes.get(start..*third).unwrap_or_default());
            out.pieces.push(three.number());
            let mut piece = (three, *third);
            for n in 0..2 {
                match rest.get(n) {
                    Some(end) => piece = (piece.0.and(bytes.get(piece.1..*end).unwrap_or_default()), *end),
                    None if from > 0 => break,
                    None => {}
                }
                out.pieces.push(piece.0.number());
            }
            start = *end;
        }
    }
}

/// CRC-32 (IEEE 802.3). Its own few lines, because a piece's hash is continued to get the next longer one's.
#[derive(Debug, Clone, Copy)]
struct Crc(u32);

impl Crc {
    const NEW: Self = Self(!0);

    #[expect(
        clippy::indexing_slicing,
        reason = "a byte indexes a table of 256, and constants cannot call `get`"
    )]
    const fn and(self, bytes: &[u8]) -> Self {
        let mut crc = self.0;
        let mut at = 0;
        while at < bytes.len() {
            crc = CRC_TABLE[((crc ^ bytes[at] as u32) & 0xff) as usize] ^ (crc >> 8);
            at += 1;
        }
        Self(crc)
    }

    const fn number(self) -> u32 {
        !self.0 & MASK
    }
}

const CRC_TABLE: [u32; 256] = crc_table();

#[expect(clippy::indexing_slicing, reason = "the index is below the table's length")]
const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut crc = n as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
}
