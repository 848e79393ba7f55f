//! What every gate does with a text: have it scanned, and ask policy what is done about what was found.

use super::GateFailure;
use super::screened::Request;
use crate::kernel::port::{Crossing, Finding, FindingFacts, Policy, Reason, Scanners, Treated, Treatment};

#[cfg(test)]
mod tests;

/// Who scans and who decides about findings, for one request.
#[derive(Clone, Copy)]
pub(super) struct Screener<'a> {
    pub scanners: &'a dyn Scanners,
    pub policy: &'a dyn Policy,
    pub request: &'a Request,
}

impl Screener<'_> {
    /// INVARIANT: without a scanner nothing passes.
    pub(super) fn active(&self) -> Result<(), GateFailure> {
        if self.scanners.names().is_empty() { Err(GateFailure::NoScanner) } else { Ok(()) }
    }

    /// Scans a text and says what is done about each finding. `trusted`: no untrusted source had a say in it.
    pub(super) fn screen(
        &self,
        text: &str,
        crossing: &Crossing<'_>,
        trusted: bool,
    ) -> Result<Vec<Treated>, GateFailure> {
        self.active()?;
        let findings = self.scanners.scan(text, crossing)?;
        findings.into_iter().map(|finding| self.treat(finding, crossing, trusted)).collect()
    }

    /// Says what is done about a finding at a border.
    pub(super) fn treat(
        &self,
        finding: Finding,
        crossing: &Crossing<'_>,
        trusted: bool,
    ) -> Result<Treated, GateFailure> {
        let request = self.request;
        let (treatment, reasons) = self.policy.treat(&FindingFacts {
            principal: &request.principal,
            channel: &request.channel,
            trust_level: request.trust_level,
            border: crossing.border,
            executed: crossing.executed,
            trusted,
            finding: &finding,
        })?;
        Ok(Treated { finding, treatment, reasons })
    }
}

/// The findings themselves.
pub(super) fn findings(treated: &[Treated]) -> Vec<Finding> {
    treated.iter().map(|t| t.finding.clone()).collect()
}

/// Why a text is treated so: the rules, and what the scanners say. Each once; empty when nothing is treated so.
pub(super) fn reasons(treated: &[Treated], treatments: &[Treatment]) -> Vec<Reason> {
    let mut all: Vec<Reason> = Vec::new();
    for one in treated.iter().filter(|t| treatments.contains(&t.treatment)) {
        for reason in &one.reasons {
            let text = format!("{}: {}", reason.text, one.finding.reason);
            let told = Reason { policy: reason.policy.clone(), text };
            if !all.contains(&told) {
                all.push(told);
            }
        }
    }
    all
}
