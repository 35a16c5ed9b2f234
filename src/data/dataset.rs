//! A data set in memory, and the sizes of its parts.

use std::sync::OnceLock;

use super::examples::{Answers, Examples};
use super::fresh::Fresh;
use super::moments::Moments;
use super::spec::Sizes;
use crate::kernels::{ln, mean_and_std};

/// Examples to learn from and examples to be judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The part that training sees; no rows where `fresh` draws them.
    pub train: Examples,
    /// The part that it does not; no rows where the source has none.
    pub test: Examples,
    /// What draws examples for every training step anew, for problems without a training part.
    pub fresh: Option<Fresh>,
    /// Time steps of an example; 1 where it has no time.
    pub length: usize,
    /// How many of the last time steps are answered.
    pub answers: usize,
    /// Reckoned when they are first asked for.
    pub(crate) moments: OnceLock<Moments>,
}

impl Dataset {
    /// Examples that are not sequences.
    pub(crate) fn without_time(train: Examples, test: Examples) -> Self {
        Self { train, test, fresh: None, length: 1, answers: 1, moments: OnceLock::new() }
    }

    /// Sequences that every step draws anew: no training part, and the test's sequences.
    pub(super) fn of_fresh(fresh: Fresh) -> Self {
        let (length, answers) = fresh.time_steps();
        let without_time = Self::without_time(fresh.room(0), fresh.test());
        Self { fresh: Some(fresh), length, answers, ..without_time }
    }

    /// The moments of the inputs.
    pub fn moments(&self) -> Moments {
        *self.moments.get_or_init(|| {
            let part = if self.fresh.is_some() { &self.test } else { &self.train };
            Moments::of(part, self.inputs())
        })
    }

    /// Loss of an even guess among C classes, ln C, however often each occurs; of the target's mean, its variance.
    pub fn loss_of_chance(&self) -> f64 {
        match (&self.train.answers, &self.fresh) {
            (Answers::Classes { count, .. }, _) => ln(*count as f64),
            (Answers::Values(_), Some(fresh)) => fresh.target_variance(),
            (Answers::Values(values), None) => {
                let columns = values.columns().into_iter().map(|c| mean_and_std(&c.to_vec()).1);
                columns.map(|std| std * std).sum::<f64>() / values.ncols() as f64
            }
        }
    }

    /// The sizes of its parts, and of a net for it.
    pub fn sizes(&self) -> Sizes {
        let (train, test) = (self.train.x.nrows(), self.test.x.nrows());
        let (length, answers) = (self.length, self.answers);
        Sizes { train, test, length, answers, inputs: self.inputs(), outputs: self.outputs() }
    }

    /// Inputs of one time step.
    pub fn inputs(&self) -> usize {
        self.train.x.ncols() / self.length
    }

    /// Width of a net's output for this data.
    pub fn outputs(&self) -> usize {
        match &self.train.answers {
            Answers::Classes { count, .. } => *count,
            Answers::Values(values) => values.ncols(),
        }
    }
}
