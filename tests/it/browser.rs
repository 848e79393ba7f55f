//! The page in a real browser: Debian's Chromium, against the HTTP house of `tests/it/http`.
//!
//! Every test has `browser` in its name by this module, so that `scripts/test --quick` leaves them out.

mod accessible;
mod chromium;
mod crowded;
mod hostile;
mod keyboard;
mod main_path;
mod modules;
mod person;
mod phone;
mod pictures;
mod reports;
mod restart;
mod session;
mod transports;
mod two_tabs;
