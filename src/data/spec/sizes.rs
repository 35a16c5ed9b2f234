//! The sizes of a data set.

use serde::{Deserialize, Serialize};

/// The sizes of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// Training examples; 0 where every step draws its own.
    pub train: usize,
    /// Test examples.
    pub test: usize,
    /// Time steps T of an example; 1 where it has no time.
    pub length: usize,
    /// How many of the last time steps are answered.
    pub answers: usize,
    /// Inputs of one time step.
    pub inputs: usize,
    /// Width of the network's output: the number of classes, or 1 for a number.
    pub outputs: usize,
}

impl Sizes {
    /// The sizes of examples that are not sequences: (training, test) examples, (inputs, outputs).
    pub const fn without_time((train, test): (usize, usize), (inputs, outputs): (usize, usize)) -> Self {
        Self { train, test, length: 1, answers: 1, inputs, outputs }
    }

    /// Bytes of the data set in memory: every input and every answer has 8.
    pub fn bytes(self) -> f64 {
        let of_one = self.length as f64 * self.inputs as f64 + self.answers as f64;
        8.0 * of_one * (self.train as f64 + self.test as f64)
    }

    /// Hands the inputs of each example out over `length` time steps.
    pub(in crate::data) fn in_steps(self, length: usize) -> Self {
        Self { length, inputs: self.inputs / length, ..self }
    }
}
