//! Examples in memory: inputs with their right answers.

use ndarray::{Array2, Axis};

/// Inputs with their right answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// (examples, features); of sequences (examples, T inputs), the inputs of the first time step first.
    pub x: Array2<f64>,
    /// One answer for each example; for sequences, one for each time step that is answered, example by example.
    pub answers: Answers,
}

/// The right answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answers {
    /// Classes 0..count.
    Classes {
        /// One per example.
        labels: Vec<usize>,
        /// How many classes there are.
        count: usize,
    },
    /// Numbers, (examples, outputs).
    Values(Array2<f64>),
}

impl Answers {
    /// The answers of these rows.
    pub(in crate::data) fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Classes { labels, count } => {
                Self::Classes { labels: rows.iter().map(|&row| labels[row]).collect(), count: *count }
            }
            Self::Values(values) => Self::Values(values.select(Axis(0), rows)),
        }
    }
}
