//! The model's tokenizer, built from the GGUF file's metadata, and its view for the grammar.

use candle_core::quantized::gguf_file::Content;
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use llguidance::toktrie::{TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokenizers::Tokenizer;

/// An ordinary token in a GGUF file's `token_type`.
const NORMAL: u64 = 1;

/// Turns text into tokens and back.
pub(super) struct Vocab {
    tokenizer: Arc<Tokenizer>,
    env: TokEnv,
    control: Arc<HashSet<u32>>,
    /// Opens a turn.
    pub(super) start: u32,
    /// Ends a turn.
    pub(super) end: u32,
}

impl Vocab {
    /// Builds it from the file's header.
    ///
    /// # Errors
    /// A sentence that says what the file lacks.
    pub(super) fn load(content: &Content) -> Result<Self, String> {
        let mut tokenizer =
            Tokenizer::from_gguf(content).map_err(|e| format!("its tokenizer cannot be built: {e}"))?;
        // Control tokens in a document stay text. The prompt splices them in by number.
        tokenizer.set_encode_special_tokens(true);
        // Bytes stay as they are: normalised text would not match the source that a span is copied from.
        tokenizer.with_normalizer(None::<tokenizers::NormalizerWrapper>).map_err(|e| e.to_string())?;
        let names = content.metadata.get("tokenizer.ggml.tokens").and_then(|v| v.to_vec().ok());
        let kinds = content.metadata.get("tokenizer.ggml.token_type").and_then(|v| v.to_vec().ok());
        let (Some(names), Some(kinds)) = (names, kinds) else {
            return Err("it lists no tokens or token types".to_owned());
        };
        let letters = byte_letters();
        let mut bytes = Vec::with_capacity(names.len());
        let mut control = HashSet::new();
        for (id, (name, kind)) in (0_u32..).zip(names.iter().zip(kinds)) {
            let name = name.to_string().map_err(|e| e.to_string())?;
            let kind =
                kind.to_i32().map(|k| k as u64).or_else(|_| kind.to_u64()).map_err(|e| e.to_string())?;
            let plain: Option<Vec<u8>> = name.chars().map(|c| letters.get(&c).copied()).collect();
            match plain {
                Some(plain) if kind == NORMAL => bytes.push(plain),
                _ => {
                    control.insert(id);
                    let mut marked = vec![TokTrie::SPECIAL_TOKEN_MARKER];
                    marked.extend_from_slice(name.as_bytes());
                    bytes.push(marked);
                }
            }
        }
        let id_of = |name: &str| tokenizer.token_to_id(name).ok_or(format!("it has no token {name}"));
        let (start, end) = (id_of("<|im_start|>")?, id_of("<|im_end|>")?);
        let size = u32::try_from(bytes.len()).map_err(|e| e.to_string())?;
        let trie = TokTrie::from(&TokRxInfo::new(size, end), &bytes);
        let control = Arc::new(control);
        let tokenizer = Arc::new(tokenizer);
        let env: TokEnv = Arc::new(Env { tokenizer: Arc::clone(&tokenizer), trie });
        Ok(Self { tokenizer, env, control, start, end })
    }

    /// The tokens of a text, none of them a control token.
    ///
    /// # Errors
    /// When the tokenizer fails, or gives a control token for text.
    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding =
            self.tokenizer.encode_fast(text, false).map_err(|e| format!("cannot tokenize: {e}"))?;
        let ids = encoding.get_ids().to_vec();
        // INVARIANT: untrusted text never becomes a control token; it could end the turn it stands in.
        if ids.iter().any(|id| self.control.contains(id)) {
            return Err("the tokenizer made a control token out of text".to_owned());
        }
        Ok(ids)
    }

    /// The text of an answer's tokens.
    pub(super) fn decode(&self, tokens: &[u32]) -> Result<String, String> {
        String::from_utf8(self.env.tok_trie().decode(tokens))
            .map_err(|_| "the answer is not UTF-8".to_owned())
    }

    pub(super) fn env(&self) -> &TokEnv {
        &self.env
    }
}

struct Env {
    tokenizer: Arc<Tokenizer>,
    trie: TokTrie,
}

impl TokenizerEnv for Env {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, s: &[u8]) -> Vec<TokenId> {
        self.trie.tokenize_with_greedy_fallback(s, |text| {
            self.tokenizer
                .encode_fast(text, false)
                .map(|encoding| encoding.get_ids().to_vec())
                .unwrap_or_else(|_| self.trie.greedy_tokenize(text.as_bytes()))
        })
    }
}

/// The letters by which byte-level tokenizers write bytes: printable ones stand for themselves, the others are
/// shifted to 256 and above in order.
fn byte_letters() -> HashMap<char, u8> {
    let mut letters = HashMap::with_capacity(256);
    let mut next = 0x100_u32;
    for byte in 0..=255_u8 {
        let own = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
        let code = if own { u32::from(byte) } else { next };
        if !own {
            next += 1;
        }
        if let Some(letter) = char::from_u32(code) {
            letters.insert(letter, byte);
        }
    }
    letters
}

#[cfg(test)]
mod tests;
