//! Reads a GGUF file's tensors into the forms that the fast kernels take.

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Module, Result, Tensor, bail};
use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

/// Values in a block of Q5_0 and of Q8_0.
const BLOCK: usize = 32;
/// Bytes of a Q5_0 block: a half float, 32 high bits, 16 bytes of low halves.
const Q5_0_BYTES: usize = 22;
/// Bytes of a Q8_0 block: a half float and 32 signed bytes.
const Q8_0_BYTES: usize = 34;
/// The fast kernels want rows of a multiple of this many values.
const KERNEL_ROW: usize = 256;

/// A GGUF file, read tensor by tensor.
pub(super) struct Weights {
    content: Content,
    file: BufReader<File>,
    architecture: String,
    pad: bool,
}

impl Weights {
    /// Reads the header. Rows are padded only where the kernels then chosen pay for the memory: with AVX-512 VNNI
    /// a padded model is six times as fast, with AVX2 alone it gains nothing.
    pub(super) fn open(file: File) -> Result<Self> {
        let mut file = BufReader::with_capacity(1 << 20, file);
        let content = Content::read(&mut file)?;
        let architecture = match content.metadata.get("general.architecture") {
            Some(value) => value.to_string()?.clone(),
            None => bail!("the file does not name its architecture"),
        };
        Ok(Self { content, file, architecture, pad: wide_kernels() })
    }

    /// The header, for the tokenizer.
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// Drops the tokenizer's lists, which are as long as the vocabulary.
    pub(super) fn forget_words(&mut self) {
        self.content.metadata.retain(|key, _| !key.starts_with("tokenizer."));
    }

    /// Such as `qwen2`.
    pub(super) fn architecture(&self) -> &str {
        &self.architecture
    }

    /// A setting of the model, such as `block_count`.
    pub(super) fn setting(&self, name: &str) -> Option<&Value> {
        self.content.metadata.get(&format!("{}.{name}", self.architecture))
    }

    /// A setting that must be there, as a count.
    pub(super) fn count(&self, name: &str) -> Result<usize> {
        match self.setting(name) {
            Some(value) => Ok(value.to_u64()? as usize),
            None => bail!("the file lacks {}.{name}", self.architecture),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    /// A vector, such as a norm or a bias, as floats.
    pub(super) fn vector(&mut self, name: &str) -> Result<Tensor> {
        self.tensor(name)?.dequantize(&Device::Cpu)
    }

    /// A weight matrix, widened and padded for the kernels.
    pub(super) fn matrix(&mut self, name: &str) -> Result<Matrix> {
        let raw = self.tensor(name)?;
        let (rows, inputs) = raw.shape().dims2()?;
        if raw.rank() != 2 || inputs.is_multiple_of(KERNEL_ROW) {
            return Ok(Matrix { weight: Arc::new(raw), inputs, padded: inputs });
        }
        let blocks = inputs / BLOCK;
        let wide = if self.pad { inputs.next_multiple_of(KERNEL_ROW) / BLOCK } else { blocks };
        let data = raw.data()?;
        let bytes = match raw.dtype() {
            GgmlDType::Q5_0 => widen(&data, rows, blocks, wide),
            GgmlDType::Q8_0 if wide != blocks => pad(&data, blocks, wide),
            _ => return Ok(Matrix { weight: Arc::new(raw), inputs, padded: inputs }),
        };
        let padded = wide * BLOCK;
        let storage = QStorage::from_data(Cow::Owned(bytes), &Device::Cpu, GgmlDType::Q8_0)?;
        Ok(Matrix { weight: Arc::new(QTensor::new(storage, (rows, padded))?), inputs, padded })
    }

    /// A matrix whose rows are only looked up, as the file has it.
    pub(super) fn table(&mut self, name: &str) -> Result<Matrix> {
        let raw = self.tensor(name)?;
        let (_, inputs) = raw.shape().dims2()?;
        Ok(Matrix { weight: Arc::new(raw), inputs, padded: inputs })
    }

    fn tensor(&mut self, name: &str) -> Result<QTensor> {
        self.content.tensor(&mut self.file, name, &Device::Cpu)
    }
}

fn wide_kernels() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("avx512vnni")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// A weight matrix whose rows may be longer than its inputs, the rest being zeros.
#[derive(Clone)]
pub(super) struct Matrix {
    weight: Arc<QTensor>,
    inputs: usize,
    padded: usize,
}

impl Matrix {
    /// Lengthens the last dimension of `x` by zeros to this matrix's rows.
    pub(super) fn fit(&self, x: &Tensor) -> Result<Tensor> {
        if self.padded == self.inputs {
            return Ok(x.clone());
        }
        x.pad_with_zeros(candle_core::D::Minus1, 0, self.padded - self.inputs)
    }

    /// Multiplies; `x` must fit.
    pub(super) fn times(&self, x: &Tensor) -> Result<Tensor> {
        struct Multiply<'a>(&'a QTensor);
        impl Module for Multiply<'_> {
            fn forward(&self, x: &Tensor) -> Result<Tensor> {
                x.apply_op1_no_bwd(self.0)
            }
        }
        Multiply(&self.weight).forward(x)
    }

    /// The rows of these numbers, as floats.
    pub(super) fn rows(&self, ids: &Tensor) -> Result<Tensor> {
        self.weight.embedding(ids)?.narrow(1, 0, self.inputs)
    }
}

/// Q5_0 to Q8_0 with the same scale: exact, since five bits fit into eight. Eight values at a time: these are 350
/// million, and a test build has no optimiser.
fn widen(data: &[u8], rows: usize, blocks: usize, wide: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows * wide * Q8_0_BYTES);
    for row in data.chunks_exact(blocks * Q5_0_BYTES) {
        for block in row.as_chunks::<Q5_0_BYTES>().0 {
            let [s0, s1, h0, h1, h2, h3, low @ ..] = *block;
            let low = u128::from_le_bytes(low);
            let (first, second) = (low as u64, (low >> 64) as u64);
            out.extend_from_slice(&[s0, s1]);
            out.extend_from_slice(&eight(first, h0));
            out.extend_from_slice(&eight(second, h1));
            out.extend_from_slice(&eight(first >> 4, h2));
            out.extend_from_slice(&eight(second >> 4, h3));
        }
        out.resize(out.len() + (wide - blocks) * Q8_0_BYTES, 0);
    }
    out
}

/// Eight signed values out of eight low halves and eight high bits: a value less 16 is its low half where the high
/// bit is set, and its low half with 0xf0 in front where it is not.
fn eight(low: u64, high: u8) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const DIAGONAL: u64 = 0x8040_2010_0804_0201;
    // Bit i of `clear` becomes byte i, then 0x80, then 1, then 0xf0; no step carries into the next byte.
    let clear = u64::from(!high).wrapping_mul(ONES) & DIAGONAL;
    let flags = clear.wrapping_add((ONES << 7).wrapping_sub(DIAGONAL)) >> 7 & ONES;
    (low & (ONES * 0x0f) | flags.wrapping_mul(0xf0)).to_le_bytes()
}

fn pad(data: &[u8], blocks: usize, wide: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / blocks * wide);
    for row in data.chunks_exact(blocks * Q8_0_BYTES) {
        out.extend_from_slice(row);
        out.resize(out.len() + (wide - blocks) * Q8_0_BYTES, 0);
    }
    out
}

#[cfg(test)]
mod tests;
