//! Room for one example of a sequence.

use crate::data::examples::Answers;

/// Room for one example.
pub(super) struct ExampleRoom<'a> {
    /// Its number.
    pub(super) example: usize,
    /// Its inputs (T inputs).
    pub(super) x: &'a mut [f64],
    /// The answers of all examples.
    pub(super) answers: &'a mut Answers,
}
