//! The one integration binary.

mod worker;
