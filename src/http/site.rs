//! What all handlers share.

use super::Phase;
use super::api::health::Probe;
use super::api::metrics::Tally;
use super::assets::Assets;
use super::auth::{Auth, AuthFailure};
use super::limit::Rates;
use super::origin::Origins;
use crate::bus::Feed;
use crate::config::ServeSettings;
use crate::egress::workspace::WorkspaceFailure;
use crate::flow::controller::Controller;
use crate::policy::InForce;
use crate::store::{Clock, Store, StoreError};
use secrecy::SecretString;
use std::sync::Arc;
use tokio::sync::watch;

/// Says a sentence to the operator. Never gets a secret or a stranger's text.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// What all handlers share. Plain parts, so that whoever adds a route adds a field.
pub struct Site {
    /// The journal and everything beside it.
    pub store: Arc<Store>,
    /// Tells the time, Unix milliseconds.
    pub clock: Clock,
    /// Runs tasks.
    pub controller: Controller,
    /// The journal as events.
    pub feed: Arc<Feed>,
    /// Judges.
    pub policy: Arc<InForce>,
    /// The settings.
    pub settings: ServeSettings,
    /// Says who is there.
    pub auth: Auth,
    /// The page's files.
    pub assets: Assets,
    /// Says which pages may give orders.
    pub origins: Origins,
    /// Says how often.
    pub rates: Rates,
    /// How far the journal is counted in the metrics.
    pub tally: Tally,
    /// Looks again at a store that failed.
    pub probe: Probe,
    /// Speaks to the operator.
    pub notice: Notice,
    /// How far the server is on its way down. [`super::serve`] turns it.
    pub phase: watch::Sender<Phase>,
}

/// The site cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SiteFailure {
    /// PIN, code or throttle.
    #[error(transparent)]
    Auth(#[from] AuthFailure),
    /// The journal.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of the page's files.
    #[error("`ui_dir`: {0}")]
    Assets(#[from] WorkspaceFailure),
}

impl Site {
    /// A site over a controller and its store. `pin` is the content of the PIN's file, where there is one; where there is none and
    /// none was ever set, a one-time setup code is told by `whisper`, which is
    /// written down nowhere.
    ///
    /// # Errors
    /// When the PIN is unfit, the store cannot be read or written, or `ui_dir` is no folder.
    pub fn new(
        controller: Controller,
        policy: Arc<InForce>,
        settings: ServeSettings,
        pin: Option<SecretString>,
        notice: Notice,
        whisper: &Notice,
    ) -> Result<Self, SiteFailure> {
        let (store, clock) = (controller.parts().store.clone(), controller.parts().clock.clone());
        let auth = Auth::open(store.clone(), clock.clone(), &settings, pin, &notice, whisper)?;
        Ok(Self {
            auth,
            assets: Assets::open(settings.ui_dir.as_deref())?,
            origins: Origins::new(settings.allowed_origins.clone()),
            rates: Rates::new(&settings.limits, clock.clone()),
            phase: watch::Sender::new(Phase::Open),
            feed: Arc::new(Feed::new(store.clone())),
            tally: Tally::from_now(&store)?,
            probe: Probe::default(),
            controller,
            policy,
            store,
            clock,
            settings,
            notice,
        })
    }
}
