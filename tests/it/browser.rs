//! The page in a real browser: Debian's Chromium, against the HTTP house of `tests/it/http`.
//!
//! Every test has `browser` in its name by this module, so that `scripts/test --quick` leaves them out.

mod accessible;
mod change;
mod chromium;
mod conversations;
mod crowded;
mod edits;
mod hostile;
mod keyboard;
mod lost;
mod main_path;
mod modules;
mod origins;
mod person;
mod phone;
mod pictures;
mod reports;
mod rerun;
mod restart;
mod rules;
mod session;
mod steps;
mod telling;
mod transports;
mod two_tabs;
mod writing;
