//! The one integration binary: each further one would link everything again.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod worker;
