//! SIGHUP: what can be read again while the program runs is read again; what cannot is named.

use crate::config::{self, Explained, Settings, secret};
use crate::http::Notice;
use crate::http::certificate::{Certificates, Look};
use crate::kernel::port::Policy as _;
use crate::policy::InForce;
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The file of the settings, and whether it must be there.
pub(super) type SettingsFile = (PathBuf, bool);

/// Where the PIN is looked for, and what was there at the start.
pub(super) struct PinFile {
    /// Whether a PIN is asked for at all.
    required: bool,
    named: Option<PathBuf>,
    begun_with: Option<SecretString>,
}

impl PinFile {
    /// With the content that the program began with, where there was a file.
    pub(super) fn new(settings: &Settings, begun_with: Option<SecretString>) -> Self {
        let login = &settings.serve.login;
        Self { required: login.pin_required, named: login.pin_file.clone(), begun_with }
    }

    /// What is to be said of the file as it is now; nothing where it is the same.
    fn said(&self) -> Option<String> {
        if !self.required {
            return None;
        }
        let now = match secret::locate(self.named.as_deref(), secret::PIN, &secret::PLACES.map(Path::new)) {
            Some(path) => match secret::read(&path) {
                Ok(read) => Some(read.value),
                Err(e) => return Some(format!("the PIN stays as it was, and a restart would fail: {e}")),
            },
            None => None,
        };
        let content = |secret: &Option<SecretString>| secret.as_ref().map(|s| s.expose_secret().to_owned());
        (content(&now) != content(&self.begun_with))
            .then(|| "the PIN's file changed and needs a restart, which ends all sessions".to_owned())
    }
}

/// What is read again at SIGHUP.
pub(super) struct Reload {
    hangup: Signal,
    file: SettingsFile,
    pin: PinFile,
    /// The settings as the program began with them; none when they could not be told.
    begun_with: Vec<Explained>,
    folder: PathBuf,
    policy: Arc<InForce>,
    certificates: Arc<Certificates>,
    notice: Notice,
}

impl Reload {
    /// Takes SIGHUP from here on; before, it ends the program.
    pub(super) fn new(
        file: SettingsFile,
        pin: PinFile,
        folder: PathBuf,
        policy: Arc<InForce>,
        certificates: Arc<Certificates>,
        notice: Notice,
    ) -> std::io::Result<Self> {
        let begun_with = config::explain(&file.0, file.1).unwrap_or_default();
        let hangup = signal(SignalKind::hangup())?;
        Ok(Self { hangup, file, pin, begun_with, folder, policy, certificates, notice })
    }

    /// Waits for SIGHUP. Nothing is lost when it is dropped while waiting.
    pub(super) async fn asked(&mut self) {
        if self.hangup.recv().await.is_none() {
            std::future::pending().await
        }
    }

    /// Reads policies, certificate and settings again, and says what came of each.
    pub(super) fn now(&self) {
        for said in [self.policies(), self.certificate(), self.settings()].into_iter().chain(self.pin.said())
        {
            (self.notice)(&format!("SIGHUP: {said}"));
        }
    }

    fn policies(&self) -> String {
        match self.policy.read_again(&self.folder) {
            Ok(engine) => format!(
                "{} policies are in force, version {}; runs under way end under those they began with",
                engine.policies().len(),
                engine.version().short()
            ),
            Err(faults) => {
                let (version, text) = (self.policy.now().version(), faults.to_string());
                let first = text.lines().next().unwrap_or_default();
                tracing::error!("the policies were not read again: they have faults");
                format!(
                    "the policies have {} faults and stay as they were, version {}; the first: {first}",
                    faults.0.len(),
                    version.short()
                )
            }
        }
    }

    fn certificate(&self) -> String {
        match self.certificates.look() {
            Ok(Look::Changed) => "the certificate was read again and is in use".to_owned(),
            Ok(Look::Same) => "the certificate is the same as before".to_owned(),
            Err(e) => format!("the certificate stays as it was: {e}"),
        }
    }

    /// Settings are parts of what was built from them at the start: none changes while the program runs.
    fn settings(&self) -> String {
        match config::explain(&self.file.0, self.file.1) {
            Ok(now) => match changed(&self.begun_with, &now).as_slice() {
                [] => "no setting changed".to_owned(),
                names => format!("these settings changed and need a restart: {}", names.join(", ")),
            },
            Err(e) => format!("the settings have faults, and a restart would fail: {e}"),
        }
    }
}

/// The names of what differs, never a value.
fn changed(before: &[Explained], now: &[Explained]) -> Vec<&'static str> {
    let differs = |row: &&Explained| !before.iter().any(|old| old.key == row.key && old.value == row.value);
    now.iter().filter(differs).map(|row| row.key).collect()
}
