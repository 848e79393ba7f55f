//! The certificate as it lies on the disk, for `doctor`. Nothing is made or renewed.

use super::{CERTIFICATE_FILE, KEY_FILE, MAX_BYTES, read};
use crate::config::ServeSettings;
use crate::doctor::{Gap, Tried};
use crate::egress::file;
use crate::egress::standing;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;

#[cfg(test)]
mod tests;

/// Fewest days that must be left: time to get another one.
const LEAST_DAYS: i64 = 7;
const MEND: &str = "remove tls-cert.pem and tls-key.pem and start anew, or renew the files of tls_cert_file and tls_key_file";

/// Reads the pair that the server would present, checks that they belong together, and counts the days. `now` is Unix
/// milliseconds.
///
/// # Errors
/// When there is no good pair, others may read the key, or it is over soon.
pub fn inspect(data: &Path, settings: &ServeSettings, now: i64) -> Tried {
    let (certificate, key) = match &settings.tls {
        Some(own) => (own.certificate.clone(), own.key.clone()),
        None => (data.join(CERTIFICATE_FILE), data.join(KEY_FILE)),
    };
    let unread = |e: &dyn std::fmt::Display| {
        Gap::new(
            format!("there is no certificate to look at: {e}"),
            "run `sentinel serve` once, which makes one",
        )
    };
    let (pair, _) = read(&certificate, &key).map_err(|e| unread(&e))?;
    pair.map_err(|e| Gap::new(e.to_string(), MEND))?;
    let standing = standing::of(&key).map_err(|e| unread(&e))?;
    if !standing.is_private() {
        let found = format!("others may read the key {} (mode {:o})", key.display(), standing.mode);
        return Err(Gap::new(found, format!("chmod 600 {}", key.display())));
    }
    let pem = file::read_text(&certificate, MAX_BYTES).map_err(|e| unread(&e))?;
    let days = days_left(&pem, now)?;
    Ok(format!("certificate and key belong together, the key is this user's only, and {days} days are left"))
}

fn days_left(pem: &str, now: i64) -> Result<i64, Gap> {
    let unfit = || Gap::new("the certificate cannot be read", MEND);
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| unfit())?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).map_err(|_| unfit())?;
    let (now, validity) = (now / 1_000, parsed.validity());
    if now < validity.not_before.timestamp() {
        return Err(Gap::new("the certificate is not good yet", "set this machine's clock, or replace it"));
    }
    match (validity.not_after.timestamp() - now) / 86_400 {
        days if days >= LEAST_DAYS => Ok(days),
        days if days < 0 => Err(Gap::new(format!("the certificate is over since {} days", -days), MEND)),
        days => Err(Gap::new(format!("the certificate is good for {days} more days"), MEND)),
    }
}
