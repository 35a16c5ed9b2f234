//! The right answers of a batch, of either kind, for tests of gradients.

use ndarray::Array2;
use vgrun::nn::Target;

/// Answers of either kind.
pub(super) enum Answers {
    Classes(Vec<usize>),
    Values(Array2<f64>),
}

impl Answers {
    /// The answers as a loss takes them.
    pub(super) fn target(&self) -> Target<'_, f64> {
        match self {
            Self::Classes(labels) => Target::Classes(labels),
            Self::Values(values) => Target::Values(values),
        }
    }
}
