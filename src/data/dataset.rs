//! A data set in memory, and the sizes of its parts.

use std::sync::OnceLock;

use ndarray::Array2;

use super::{DataError, DataSpec, Fresh, Moments, Sizes, Source, blobs, digits, idx, moons, noise, spirals, table};
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

/// Inputs with their right answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// (examples, features); of sequences (examples, T inputs), the inputs of the first time step first.
    pub x: Array2<f64>,
    /// As many answers; of sequences as many times those that are answered, example by example.
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

const LOOKED: &str = "the plan looked into the files";

impl Dataset {
    /// Makes the data set; the same numbers on every machine. The error is of a file that changed or vanished since
    /// someone looked into it.
    ///
    /// # Panics
    /// If nobody looked into the files of a source that has some.
    pub fn load(spec: &DataSpec) -> Result<Self, DataError> {
        Ok(match spec.source {
            Source::Digits => digits::load(),
            Source::Spirals => spirals::draw(spec),
            Source::Moons => moons::draw(spec),
            Source::Blobs => blobs::draw(spec.seed),
            Source::Noise => noise::draw(spec),
            Source::Csv => table::load(spec.found.as_deref().expect(LOOKED), &spec.files)?,
            Source::Idx => idx::load(spec.found.as_deref().expect(LOOKED), spec.files.test_fraction)?,
            Source::Adding => Fresh::adding(spec).dataset(),
            Source::Copy => Fresh::copy(spec).dataset(),
            Source::DigitsRows => Self { length: digits::ROWS, ..digits::load() },
            Source::DigitsPixels => Self { length: digits::PIXELS, ..digits::load() },
        })
    }

    /// Examples that are not sequences.
    pub(crate) fn without_time(train: Examples, test: Examples) -> Self {
        Self { train, test, fresh: None, length: 1, answers: 1, moments: OnceLock::new() }
    }

    /// The moments of the inputs.
    pub fn moments(&self) -> Moments {
        *self.moments.get_or_init(|| Moments::of(self))
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
