//! The doors: the only places that open files, start processes, speak HTTP or read a clock.

pub mod clock;
pub mod workspace;
