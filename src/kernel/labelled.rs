//! A value with its label, as it exists outside the kernel.

use super::label::Label;
use std::fmt;

/// A `T` that carries where it came from.
///
/// Outside the kernel it can be carried, asked for its label, or handed to a gate; nothing else. There is no
/// `Deref`, `Display` or `Serialize`, and `Debug` prints the label only:
///
/// ```
/// # fn show(value: sentinel::kernel::labelled::Labelled<String>) {
/// println!("{:?}", value.label());
/// # }
/// ```
/// ```compile_fail,E0277
/// # fn show(value: sentinel::kernel::labelled::Labelled<String>) {
/// println!("{value}");
/// # }
/// ```
/// ```compile_fail,E0616
/// # fn show(value: sentinel::kernel::labelled::Labelled<String>) {
/// println!("{:?}", value.inner);
/// # }
/// ```
pub struct Labelled<T> {
    pub(in crate::kernel) inner: T,
    pub(in crate::kernel) label: Label,
}

impl<T> Labelled<T> {
    pub(in crate::kernel) fn new(inner: T, label: Label) -> Self {
        Self { inner, label }
    }

    /// Where the value comes from and who may read it.
    pub fn label(&self) -> &Label {
        &self.label
    }
}

impl<T> fmt::Debug for Labelled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Labelled({})", self.label)
    }
}
