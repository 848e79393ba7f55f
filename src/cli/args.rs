//! What can be written after `sentinel`.

use super::bench::BenchCommand;
use super::demo::DemoArgs;
use super::doctor::DoctorArgs;
use super::eval::EvalCommand;
use super::pin::PinCommand;
use super::plan::PlanCommand;
use super::policy::PolicyCommand;
use super::run::RunArgs;
use super::scan::ScanArgs;
use super::serve::ServeArgs;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// An agent orchestrator with security by construction.
#[derive(Debug, Parser)]
#[command(name = "sentinel", version, about, after_help = "Example: sentinel demo")]
pub struct Cli {
    /// The settings file; `sentinel.toml` is read when it is there
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The controller: HTTPS, WebSocket and events for people and programs
    Serve(ServeArgs),
    /// Run a plan or playbook on the workspace
    Run(RunArgs),
    /// The guided main job on the shipped example: no key, no network
    Demo(DemoArgs),
    /// Look at plans without running them
    #[command(subcommand)]
    Plan(PlanCommand),
    /// Check policies and their decision tables
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The PIN of the service
    #[command(subcommand)]
    Pin(PinCommand),
    /// Prove, by trying, that each control is active
    Doctor(DoctorArgs),
    /// Show a text to all scanners: standard input
    Scan(ScanArgs),
    /// Measure what an attacker reaches, and how well the scanners tell labelled texts apart
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Measure speed
    #[command(subcommand)]
    Bench(BenchCommand),
    /// The confined child that runs the embedded model; started by Sentinel itself
    #[command(hide = true)]
    WorkerChild,
}
