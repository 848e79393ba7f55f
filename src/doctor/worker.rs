//! The quarantined worker: confined when it is a child of ours, reached by a private address only when it is a server.

#[cfg(test)]
mod tests;

use super::{Gap, Tried};
use crate::egress::http;
use crate::kernel::port::WorkerFailure;
use crate::worker::embedded::{Layers, Probe, probe};
use crate::worker::{Embedded, EmbeddedConfig, Ollama, OllamaConfig};
use std::net::IpAddr;
use std::time::Duration;

const MEND_CONFINEMENT: &str =
    "use a Linux kernel with seccomp (and Landlock, 5.13 or later), or run the worker behind Ollama";
/// For the server's version and for the list of its models, each.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Starts the real worker with the real model: all that it tried after it confined itself was refused, while a child
/// without a confinement could do most of it.
///
/// # Errors
/// What got through, or that there is no model.
pub fn confined(config: Result<EmbeddedConfig, WorkerFailure>) -> Tried {
    let unmade = |e: WorkerFailure| {
        Gap::new(
            format!("nothing was tried: {e}"),
            "run scripts/fetch-models, or set SENTINEL_WORKER_MODEL_PATH",
        )
    };
    let config = config.map_err(unmade)?;
    let free = probe(&config.exe, Layers::Nothing).map_err(unmade)?.probes;
    // Before the model is loaded: a worker that is not confined does not start, and would not say so as plainly.
    held(&probe(&config.exe, Layers::Everything).map_err(unmade)?.probes, &free)?;
    let worker = Embedded::start(config).map_err(unmade)?;
    let ready = worker.readiness();
    held(&ready.probes, &free)?;
    let tried: Vec<&str> = ready.probes.iter().map(|probe| probe.attempt.as_str()).collect();
    Ok(format!(
        "the real worker ({}) was refused all {} things it tried ({}); Landlock {}",
        ready.model,
        tried.len(),
        tried.join(", "),
        ready.landlock
    ))
}

/// Everything was refused, and would not have been without the confinement: an attempt that fails anyway proves nothing.
fn held(confined: &[Probe], free: &[Probe]) -> Result<(), Gap> {
    if let Some(probe) = confined.iter().find(|probe| !probe.refused()) {
        return Err(Gap::new(format!("the worker could {}", probe.attempt), MEND_CONFINEMENT));
    }
    let meant = free.iter().filter(|probe| !probe.refused()).count();
    if confined.is_empty() || meant * 2 < confined.len() {
        let found =
            format!("only {meant} of {} attempts would succeed without a confinement", confined.len());
        return Err(Gap::new(found, MEND_CONFINEMENT));
    }
    Ok(())
}

/// Every address of the worker's server is private: what untrusted text reaches stays in this network. What the server
/// itself may reach is for its own network to limit, and cannot be seen from here.
///
/// # Errors
/// The first address that is not, or that the name has none.
pub fn private_address(url: &str) -> Tried {
    let found = http::addresses(url);
    let found = found.map_err(|e| Gap::new(e.to_string(), "start the server, or set SENTINEL_OLLAMA_URL"))?;
    judge(&found)
}

fn judge(found: &[IpAddr]) -> Tried {
    if let Some(public) = found.iter().find(|address| !is_private(**address)) {
        return Err(Gap::new(
            format!("the worker's server is at {public}, which is not a private address"),
            "run Ollama on this machine or in a network of its own, and set SENTINEL_OLLAMA_URL",
        ));
    }
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    Ok(format!(
        "the worker's server is at {}, a private address; that it reaches nothing itself is its network's to hold and was \
         not tried from here",
        shown.join(", ")
    ))
}

/// This machine, or a network that is routed nowhere else (RFC 1918, RFC 4193, link-local).
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The server answers and has the model. No model is loaded by that.
///
/// # Errors
/// What is missing.
pub fn reachable(config: OllamaConfig) -> Tried {
    let model = config.model.clone();
    let unfit = |e: WorkerFailure| Gap::new(e.to_string(), "start Ollama there and pull the model");
    let health = Ollama::new(config).and_then(|server| server.health(TIMEOUT)).map_err(unfit)?;
    Ok(format!("the worker's server (version {}) answered and has the model {model}", health.version))
}
