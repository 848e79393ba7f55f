//! The server's certificate: made at the first start, or the user's own; read again when its files change.

use crate::config::ServeSettings;
use crate::egress::file::{self, FileFailure};
use crate::kernel::id::Digest;
use crate::store::{Store, StoreError};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring as provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use x509_parser::extensions::GeneralName;

mod inspect;
#[cfg(test)]
mod tests;

pub use inspect::inspect;

/// The files of the certificate that is made here, in the data directory.
const CERTIFICATE_FILE: &str = "tls-cert.pem";
const KEY_FILE: &str = "tls-key.pem";
/// For how many days it is good: browsers and Apple's systems refuse more than 398.
const DAYS: i64 = 397;
/// It is made anew at a start when fewer days are left.
const RENEW_DAYS: i64 = 30;
/// This machine's own names.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Largest certificate or key file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// There is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFailure {
    /// A file.
    #[error(transparent)]
    File(#[from] FileFailure),
    /// The data directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files hold no pair.
    #[error("{} and {} are no certificate with its key: {what}", certificate.display(), key.display())]
    Unfit {
        /// The chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// It could not be made.
    #[error("cannot make a certificate for `tls_names`: {0}")]
    Make(String),
}

/// What a look at the files found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The same as before.
    Same,
    /// Another good pair, in use from now on.
    Changed,
}

/// The certificate in use. Connections that are open keep the one that they began with.
#[derive(Debug)]
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    /// Of the files as last looked at, good or bad: a bad pair is complained of once.
    seen: Mutex<Digest>,
}

impl Certificates {
    /// The user's own pair, or the one of the data directory, made or renewed where needed. `now` is Unix milliseconds.
    ///
    /// # Errors
    /// When there is none and none can be made.
    pub fn open(store: &Store, settings: &ServeSettings, now: i64) -> Result<Self, CertificateFailure> {
        let (certificate, key) = match &settings.tls {
            Some(own) => (own.certificate.clone(), own.key.clone()),
            None => made(store, &settings.tls_names, now)?,
        };
        let (pair, seen) = read(&certificate, &key)?;
        Ok(Self { current: RwLock::new(Arc::new(pair?)), seen: Mutex::new(seen), certificate, key })
    }

    /// Looks at the files again.
    ///
    /// # Errors
    /// When they changed and are no good pair; the one in use stays. Told once for each state of the files.
    pub fn look(&self) -> Result<Look, CertificateFailure> {
        let (pair, found) = read(&self.certificate, &self.key)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *seen, found) == found {
            return Ok(Look::Same);
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair?);
        Ok(Look::Changed)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

type Pair = Result<CertifiedKey, CertificateFailure>;

fn read(certificate: &std::path::Path, key: &std::path::Path) -> Result<(Pair, Digest), CertificateFailure> {
    let chain_pem = file::read_text(certificate, MAX_BYTES)?;
    let key_pem = file::read_text(key, MAX_BYTES)?;
    let seen = Digest::of_parts([chain_pem.as_bytes(), key_pem.as_bytes()]);
    let unfit = |what: String| CertificateFailure::Unfit {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        what,
    };
    let pair = || -> Result<CertifiedKey, String> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain_pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|e| format!("the certificate is not PEM ({e})"))?;
        if chain.is_empty() {
            return Err("the certificate's file holds none".to_owned());
        }
        // The parser's words are not told: they may hold a piece of the key.
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| "the key is not PEM")?;
        let pair = CertifiedKey::from_der(chain, key, &provider::default_provider());
        pair.map_err(|e| format!("they do not belong together or are of an unknown kind ({e})"))
    };
    Ok((pair().map_err(unfit), seen))
}

fn made(store: &Store, names: &[String], now: i64) -> Result<(PathBuf, PathBuf), CertificateFailure> {
    let names: BTreeSet<String> =
        OWN_NAMES.map(str::to_owned).into_iter().chain(names.iter().cloned()).collect();
    let (certificate, key) = (store.private_path(CERTIFICATE_FILE), store.private_path(KEY_FILE));
    if certificate.exists() && key.exists() {
        let pem = file::read_text(&certificate, MAX_BYTES)?;
        let lasts = now / 1_000 + RENEW_DAYS * 86_400;
        if good_until(&pem, &names).is_some_and(|until| until > lasts) {
            return Ok((certificate, key));
        }
    }
    let (chain_pem, key_pem) = make(names, now).map_err(CertificateFailure::Make)?;
    store.put_private(KEY_FILE, key_pem.as_bytes())?;
    store.put_private(CERTIFICATE_FILE, chain_pem.as_bytes())?;
    Ok((certificate, key))
}

/// Until when (Unix seconds) a certificate is good, when it is for exactly these names.
fn good_until(pem: &str, names: &BTreeSet<String>) -> Option<i64> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
    let listed = &parsed.subject_alternative_name().ok()??.value.general_names;
    let name = |general: &GeneralName<'_>| match general {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|b| IpAddr::from(b).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|b| IpAddr::from(b).to_string()),
        },
        _ => None,
    };
    let found: BTreeSet<String> = listed.iter().filter_map(name).collect();
    (found == *names).then(|| parsed.validity().not_after.timestamp())
}

/// A certificate and its key, both PEM.
fn make(names: BTreeSet<String>, now: i64) -> Result<(String, String), String> {
    let mut params =
        CertificateParams::new(names.into_iter().collect::<Vec<_>>()).map_err(|e| e.to_string())?;
    let today = Timestamp::from_millisecond(now).map_err(|e| e.to_string())?.to_zoned(TimeZone::UTC);
    let day = |days: i64| {
        let date = today.checked_add(days.days()).map_err(|e| e.to_string())?.date();
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        Ok::<_, String>(rcgen::date_time_ymd(i32::from(date.year()), month, day))
    };
    // From yesterday, for clients whose clock is behind.
    params.not_before = day(-1)?;
    params.not_after = day(DAYS - 1)?;
    params.distinguished_name.push(DnType::CommonName, "Sentinel");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().map_err(|e| e.to_string())?;
    let certificate = params.self_signed(&key).map_err(|e| e.to_string())?;
    Ok((certificate.pem(), key.serialize_pem()))
}
