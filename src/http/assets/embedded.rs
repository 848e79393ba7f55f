//! The list of the files that are part of the program. What is not on it is served to nobody; a test holds it against
//! the folder.

use super::{Asset, packed, tag};
use axum::body::Bytes;
use std::sync::OnceLock;

/// A file of `static/`.
#[derive(Debug)]
pub(super) struct Embedded {
    pub(super) name: &'static str,
    bytes: &'static [u8],
    /// Its digest and its packed form, made when it is first asked for.
    made: OnceLock<(String, Option<Bytes>)>,
}

impl Embedded {
    pub(super) fn asset(&self, kind: &'static str) -> Asset {
        let (tag, packed) = self.made.get_or_init(|| (tag(self.bytes), packed(self.bytes))).clone();
        Asset { kind, tag, packed, plain: Bytes::from_static(self.bytes) }
    }
}

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        pub(super) static EMBEDDED: [Embedded; [$($name),*].len()] = [$(Embedded {
            name: $name,
            bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/", $name)),
            made: OnceLock::new(),
        }),*];
    };
}

embedded![
    "app/api.js",
    "app/backoff.js",
    "app/html.js",
    "app/main.js",
    "app/parts/argument.js",
    "app/parts/card.js",
    "app/parts/chain.js",
    "app/parts/change.js",
    "app/parts/composer.js",
    "app/parts/editor.js",
    "app/parts/flow-table.js",
    "app/parts/foretold.js",
    "app/parts/graph.js",
    "app/parts/hold.js",
    "app/parts/icon.js",
    "app/parts/kept.js",
    "app/parts/key-help.js",
    "app/parts/keys.js",
    "app/parts/label.js",
    "app/parts/lazy.js",
    "app/parts/markdown.js",
    "app/parts/notice.js",
    "app/parts/plan.js",
    "app/parts/rerun.js",
    "app/parts/status.js",
    "app/parts/steps.js",
    "app/parts/telling.js",
    "app/parts/time.js",
    "app/parts/value.js",
    "app/parts/words.js",
    "app/router.js",
    "app/settings.js",
    "app/state/alerts.js",
    "app/state/approvals.js",
    "app/state/draft.js",
    "app/state/health.js",
    "app/state/live.js",
    "app/state/origins.js",
    "app/state/policies.js",
    "app/state/progress.js",
    "app/state/session.js",
    "app/state/sessions.js",
    "app/state/stale.js",
    "app/state/task.js",
    "app/state/tasks.js",
    "app/theme.js",
    "app/transport.js",
    "app/views/approvals.js",
    "app/views/flow.js",
    "app/views/pin.js",
    "app/views/policies.js",
    "app/views/sessions.js",
    "app/views/system.js",
    "app/views/task.js",
    "app/views/tasks.js",
    "app/views/what-if.js",
    "index.html",
    "look/base.css",
    "look/icon-180.png",
    "look/icon-192.png",
    "look/icon-512.png",
    "look/icon-maskable.svg",
    "look/icon.svg",
    "look/parts.css",
    "look/sentinel.webmanifest",
    "look/views.css",
    "missing.html",
    "vendor/dagre.js",
    "vendor/htm.js",
    "vendor/licences/dagre-parts.txt",
    "vendor/licences/dagre.txt",
    "vendor/licences/dompurify.txt",
    "vendor/licences/htm.txt",
    "vendor/licences/marked.txt",
    "vendor/licences/pico.txt",
    "vendor/licences/preact.txt",
    "vendor/licences/signals-core.txt",
    "vendor/licences/signals.txt",
    "vendor/marked.js",
    "vendor/pico.css",
    "vendor/preact-hooks.js",
    "vendor/preact.js",
    "vendor/purify.js",
    "vendor/signals-core.js",
    "vendor/signals.js",
];
