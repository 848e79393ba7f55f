//! The Qwen 2 and Qwen 3 networks over quantised weights, with a cache whose prefix is shared.
//!
//! Our own because the cache must be copied in no time (an answer starts from the document's cache and leaves it
//! as it was) and because the weights are padded for the kernels.

use super::weights::{Matrix, Weights};
use candle_core::{D, DType, Device, Result, Tensor, bail};
use candle_nn::ops::{rms_norm, silu, softmax_last_dim};
use candle_nn::rotary_emb::rope;

/// Tokens that go through the network at once: more gain nothing, and the attention's memory grows with them.
const CHUNK: usize = 128;
/// Longest context in tokens: 24,000 for the prompt and room for the answer.
pub(super) const MAX_CONTEXT: usize = 28_000;

/// The network.
pub(super) struct Graph {
    embedding: Matrix,
    layers: Vec<Layer>,
    norm: Tensor,
    output: Matrix,
    cos: Tensor,
    sin: Tensor,
    eps: f32,
    shape: Shape,
}

#[derive(Clone, Copy)]
struct Shape {
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
}

struct Layer {
    norm: Tensor,
    q: Projection,
    k: Projection,
    v: Projection,
    out: Matrix,
    ffn_norm: Tensor,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

/// One of query, key, value: Qwen 2 adds a bias, Qwen 3 normalises each head of query and key.
struct Projection {
    weight: Matrix,
    bias: Option<Tensor>,
    norm: Option<Tensor>,
}

/// What the network remembers of the tokens it has seen. A clone costs nothing and shares everything.
#[derive(Clone, Default)]
pub(super) struct Cache {
    layers: Vec<Slot>,
    len: usize,
}

/// Keys and values of one layer: a long part that no longer changes, and a short one that grows.
#[derive(Clone, Default)]
struct Slot {
    prefix: Option<(Tensor, Tensor)>,
    tail: Option<(Tensor, Tensor)>,
}

impl Cache {
    /// How many tokens were seen.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Joins the tail to the prefix, so that what follows appends to an empty tail.
    pub(super) fn freeze(&mut self) -> Result<()> {
        for slot in &mut self.layers {
            slot.prefix = match (slot.prefix.take(), slot.tail.take()) {
                (Some((pk, pv)), Some((k, v))) => {
                    Some((Tensor::cat(&[pk, k], 1)?, Tensor::cat(&[pv, v], 1)?))
                }
                (prefix, tail) => prefix.or(tail),
            };
        }
        Ok(())
    }
}

impl Graph {
    /// Builds the network that the file describes.
    pub(super) fn load(weights: &mut Weights) -> Result<Self> {
        if !matches!(weights.architecture(), "qwen2" | "qwen3") {
            bail!("its architecture is {:?}; only qwen2 and qwen3 are built in", weights.architecture());
        }
        let heads = weights.count("attention.head_count")?;
        let kv_heads = weights.count("attention.head_count_kv")?;
        let width = weights.count("embedding_length")?;
        let head_dim =
            weights.count("attention.key_length").or_else(|e| width.checked_div(heads).ok_or(e))?;
        if heads == 0 || kv_heads == 0 || !heads.is_multiple_of(kv_heads) || head_dim == 0 {
            bail!("its attention heads do not fit together");
        }
        let eps = match weights.setting("attention.layer_norm_rms_epsilon") {
            Some(value) => value.to_f32()?,
            None => bail!("the file lacks its norm's epsilon"),
        };
        let base = weights.setting("rope.freq_base").map_or(Ok(10_000.0), |value| value.to_f32())?;
        let context = weights.count("context_length")?.min(MAX_CONTEXT);
        // Only looked up, so a third smaller as the file has it; a model that also multiplies by it needs one form.
        let (embedding, output) = if weights.has("output.weight") {
            (weights.table("token_embd.weight")?, weights.matrix("output.weight")?)
        } else {
            let both = weights.matrix("token_embd.weight")?;
            (both.clone(), both)
        };
        let blocks = weights.count("block_count")?;
        let layers = (0..blocks).map(|i| Layer::load(weights, i)).collect::<Result<_>>()?;
        let norm = weights.vector("output_norm.weight")?;
        let (cos, sin) = rotations(head_dim, base, context)?;
        let shape = Shape { heads, kv_heads, head_dim };
        Ok(Self { embedding, layers, norm, output, cos, sin, eps, shape })
    }

    /// How many tokens fit.
    pub(super) fn context(&self) -> usize {
        self.cos.dims().first().copied().unwrap_or(0)
    }

    /// Shows the network these tokens and returns the logits after the last one.
    pub(super) fn read(&self, tokens: &[u32], cache: &mut Cache) -> Result<Vec<f32>> {
        if tokens.is_empty() {
            bail!("nothing to read");
        }
        if cache.len + tokens.len() > self.context() {
            bail!("more tokens than the model's context of {}", self.context());
        }
        cache.layers.resize_with(self.layers.len(), Slot::default);
        let mut last = None;
        for chunk in tokens.chunks(CHUNK) {
            last = Some(self.pass(chunk, cache)?);
            cache.len += chunk.len();
            if chunk.len() == CHUNK {
                cache.freeze()?;
            }
        }
        let Some(hidden) = last else { bail!("nothing to read") };
        let hidden = hidden.narrow(0, hidden.dim(0)? - 1, 1)?.contiguous()?;
        let hidden = rms_norm(&hidden, &self.norm, self.eps)?;
        self.output.times(&self.output.fit(&hidden)?)?.flatten_all()?.to_vec1()
    }

    fn pass(&self, tokens: &[u32], cache: &mut Cache) -> Result<Tensor> {
        let count = tokens.len();
        let mut x = self.embedding.rows(&Tensor::new(tokens, &Device::Cpu)?)?.contiguous()?;
        let turn = (self.cos.narrow(0, cache.len, count)?, self.sin.narrow(0, cache.len, count)?);
        let tail =
            cache.layers.first().and_then(|slot| slot.tail.as_ref()).map_or(Ok(0), |(k, _)| k.dim(1))?;
        let mask = if count > 1 { Some(causal(count, tail)?) } else { None };
        for (layer, slot) in self.layers.iter().zip(&mut cache.layers) {
            let attended = layer.attend(&x, slot, &turn, mask.as_ref(), self.shape, self.eps)?;
            x = (x + attended)?;
            let fed = layer.feed(&x, self.eps)?;
            x = (x + fed)?;
        }
        Ok(x)
    }
}

impl Layer {
    fn load(weights: &mut Weights, i: usize) -> Result<Self> {
        let name = |part: &str| format!("blk.{i}.{part}");
        let mut projection = |part: &str| -> Result<Projection> {
            let weight = weights.matrix(&name(&format!("attn_{part}.weight")))?;
            let mut optional = |name: String| weights.has(&name).then(|| weights.vector(&name)).transpose();
            let bias = optional(name(&format!("attn_{part}.bias")))?;
            let norm = optional(name(&format!("attn_{part}_norm.weight")))?;
            Ok(Projection { weight, bias, norm })
        };
        let (q, k, v) = (projection("q")?, projection("k")?, projection("v")?);
        Ok(Self {
            norm: weights.vector(&name("attn_norm.weight"))?,
            q,
            k,
            v,
            out: weights.matrix(&name("attn_output.weight"))?,
            ffn_norm: weights.vector(&name("ffn_norm.weight"))?,
            gate: weights.matrix(&name("ffn_gate.weight"))?,
            up: weights.matrix(&name("ffn_up.weight"))?,
            down: weights.matrix(&name("ffn_down.weight"))?,
        })
    }

    fn attend(
        &self,
        x: &Tensor,
        slot: &mut Slot,
        (cos, sin): &(Tensor, Tensor),
        mask: Option<&Tensor>,
        shape: Shape,
        eps: f32,
    ) -> Result<Tensor> {
        let count = x.dim(0)?;
        let Shape { heads, kv_heads, head_dim } = shape;
        let x = self.q.weight.fit(&rms_norm(x, &self.norm, eps)?)?;
        // (heads, count, head_dim), turned by position.
        let q = rope(&self.q.apply(&x, heads, head_dim, eps)?, cos, sin)?.squeeze(0)?;
        let k = rope(&self.k.apply(&x, kv_heads, head_dim, eps)?, cos, sin)?.squeeze(0)?;
        let v = self.v.apply(&x, kv_heads, head_dim, eps)?.squeeze(0)?;
        let (k, v) = match slot.tail.take() {
            Some((tail_k, tail_v)) => (Tensor::cat(&[tail_k, k], 1)?, Tensor::cat(&[tail_v, v], 1)?),
            None => (k, v),
        };
        slot.tail = Some((k.clone(), v.clone()));
        // The heads that share a key lie side by side: no copy of keys and values per head is needed.
        let group = heads / kv_heads;
        let q = (q.reshape((kv_heads, group * count, head_dim))? * (head_dim as f64).sqrt().recip())?;
        let mut scores = q.matmul(&k.t()?)?;
        if let Some(mask) = mask {
            let len = k.dim(1)?;
            scores = scores.reshape((kv_heads, group, count, len))?.broadcast_add(mask)?.reshape((
                kv_heads,
                group * count,
                len,
            ))?;
        }
        let y = match &slot.prefix {
            None => softmax_last_dim(&scores)?.matmul(&v)?,
            Some((prefix_k, prefix_v)) => {
                let split = prefix_k.dim(1)?;
                let all = softmax_last_dim(&Tensor::cat(&[q.matmul(&prefix_k.t()?)?, scores], 2)?)?;
                let old = all.narrow(2, 0, split)?.contiguous()?.matmul(prefix_v)?;
                let new = all.narrow(2, split, all.dim(2)? - split)?.contiguous()?.matmul(&v)?;
                (old + new)?
            }
        };
        let y = y.reshape((heads, count, head_dim))?.transpose(0, 1)?.reshape((count, heads * head_dim))?;
        self.out.times(&self.out.fit(&y)?)
    }

    fn feed(&self, x: &Tensor, eps: f32) -> Result<Tensor> {
        let x = self.gate.fit(&rms_norm(x, &self.ffn_norm, eps)?)?;
        let y = (silu(&self.gate.times(&x)?)? * self.up.times(&x)?)?;
        self.down.times(&self.down.fit(&y)?)
    }
}

impl Projection {
    fn apply(&self, x: &Tensor, heads: usize, head_dim: usize, eps: f32) -> Result<Tensor> {
        let count = x.dim(0)?;
        let mut y = self.weight.times(x)?;
        if let Some(bias) = &self.bias {
            y = y.broadcast_add(bias)?;
        }
        y = y.reshape((count, heads, head_dim))?;
        if let Some(norm) = &self.norm {
            y = rms_norm(&y, norm, eps)?;
        }
        y.transpose(0, 1)?.contiguous()?.unsqueeze(0)
    }
}

/// Adds minus infinity where a token would look at a later one; `before` tokens of the tail are seen by all.
fn causal(count: usize, before: usize) -> Result<Tensor> {
    let row =
        |i: usize| (0..before + count).map(move |j| if j > before + i { f32::NEG_INFINITY } else { 0.0 });
    let mask: Vec<f32> = (0..count).flat_map(row).collect();
    Tensor::from_vec(mask, (count, before + count), &Device::Cpu)
}

fn rotations(head_dim: usize, base: f32, context: usize) -> Result<(Tensor, Tensor)> {
    let turns: Vec<f32> =
        (0..head_dim).step_by(2).map(|i| base.powf(i as f32 / head_dim as f32).recip()).collect();
    let turns = Tensor::from_vec(turns, (1, head_dim / 2), &Device::Cpu)?;
    let places =
        Tensor::arange(0, context as u32, &Device::Cpu)?.to_dtype(DType::F32)?.unsqueeze(D::Minus1)?;
    let angles = places.matmul(&turns)?;
    Ok((angles.cos()?, angles.sin()?))
}
