//! The one integration binary: each further one would link everything again.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod easy;
#[cfg(test)]
mod fake_claude;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod gates;
#[cfg(test)]
mod honest;
#[cfg(test)]
mod http;
#[cfg(test)]
mod ollama;
#[cfg(test)]
mod otlp;
#[cfg(test)]
mod output;
#[cfg(test)]
mod planner;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod scanning;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod worker;
