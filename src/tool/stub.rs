//! The catalogue as typed Python stubs: what a planner sees of the tools.

#[cfg(test)]
mod tests;

use crate::kernel::catalogue::Catalogue;

/// The stubs of all tools, in the catalogue's order.
pub fn render(_catalogue: &Catalogue) -> String {
    String::new()
}
