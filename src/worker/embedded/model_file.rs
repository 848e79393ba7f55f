//! Which file the embedded worker's model is, and where it lies.

use std::path::{Path, PathBuf};

/// The default model's file: Qwen2.5-Coder-0.5B-Instruct, Q4_K_M, 491 MB, Apache-2.0.
pub const DEFAULT_FILE: &str = "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf";
/// Its digest, the same as in `scripts/fetch-models`.
pub const DEFAULT_SHA256: &str = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32";

/// What to do about a model that is missing or broken.
pub(super) const HELP: &str =
    "run scripts/fetch-models, or set SENTINEL_WORKER_MODEL_PATH to a qwen2 or qwen3 GGUF file";

/// The model to use: the configured one, else `models/` below the working directory, else `models/` in the
/// executable's directory or one of the two above (a build lies in `target/release`). Says where it would be expected when there is none.
pub fn locate(configured: Option<&Path>, working_dir: &Path, exe: &Path) -> PathBuf {
    if let Some(path) = configured {
        return path.to_owned();
    }
    let below = |dir: &Path| dir.join("models").join(DEFAULT_FILE);
    let here = below(working_dir);
    std::iter::once(working_dir)
        .chain(exe.ancestors().skip(1).take(3))
        .map(below)
        .find(|path| path.is_file())
        .unwrap_or(here)
}

/// The digest that the file must have, where it is pinned: a file by the default's name is the default.
pub(super) fn pinned(path: &Path) -> Option<&'static str> {
    path.file_name().is_some_and(|name| name == DEFAULT_FILE).then_some(DEFAULT_SHA256)
}

#[cfg(test)]
mod tests;
