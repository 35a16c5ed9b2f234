//! The data set of a description, and its sizes without loading it.

use super::dataset::Dataset;
use super::file::{DataError, idx, table};
use super::fresh::{Fresh, TEST, adding, copy};
use super::made::{blobs, digits, moons, noise, spirals};
use super::spec::{DataSource, DataSpec, Sizes};

const LOOKED: &str = "the plan looked into the files";

impl Dataset {
    /// Makes the data set; the same numbers on every machine. The error is of a file that changed or vanished since
    /// someone looked into it.
    ///
    /// # Panics
    /// If nobody looked into the files of a source that has some.
    pub fn load(spec: &DataSpec) -> Result<Self, DataError> {
        Ok(match spec.source {
            DataSource::Digits => digits::load(),
            DataSource::Spirals => spirals::draw(spec),
            DataSource::Moons => moons::draw(spec),
            DataSource::Blobs => blobs::draw(spec.seed),
            DataSource::Noise => noise::draw(spec),
            DataSource::Csv => table::load(spec.found.as_deref().expect(LOOKED), &spec.files)?,
            DataSource::Idx => idx::load(spec.found.as_deref().expect(LOOKED), spec.files.test_fraction)?,
            DataSource::Adding => Self::of_fresh(Fresh::adding(spec)),
            DataSource::Copy => Self::of_fresh(Fresh::copy(spec)),
            DataSource::DigitsRows => Self { length: digits::ROWS, ..digits::load() },
            DataSource::DigitsPixels => Self { length: digits::PIXELS, ..digits::load() },
        })
    }
}

impl DataSpec {
    /// The sizes, known without loading anything; none for files that nobody looked into, or that cannot be read.
    pub fn sizes(&self) -> Option<Sizes> {
        let (train, classes) = (self.examples.get(), self.classes.get());
        Some(match self.source {
            DataSource::Digits => digits::SIZES,
            DataSource::Blobs => blobs::SIZES,
            DataSource::Spirals => Sizes::without_time((train, train / 4), (spirals::FEATURES, classes)),
            DataSource::Moons => Sizes::without_time((train, train / 4), (moons::FEATURES, moons::CLASSES)),
            DataSource::Noise => {
                Sizes { length: self.length.get(), ..Sizes::without_time((train, 0), (self.features.get(), classes)) }
            }
            DataSource::Adding => {
                Sizes { length: self.length.get(), ..Sizes::without_time((0, TEST), (adding::INPUTS, adding::OUTPUTS)) }
            }
            DataSource::Copy => {
                let (length, symbols, delay) = (self.length.get(), self.symbols.get(), self.delay.get());
                Sizes {
                    train: 0,
                    test: TEST,
                    length: copy::time_steps(length, delay),
                    answers: length,
                    inputs: copy::inputs(symbols),
                    outputs: symbols,
                }
            }
            DataSource::DigitsRows => digits::SIZES.in_steps(digits::ROWS),
            DataSource::DigitsPixels => digits::SIZES.in_steps(digits::PIXELS),
            DataSource::Csv | DataSource::Idx => self.found.as_ref()?.sizes,
        })
    }

    fn known_sizes(&self) -> Sizes {
        self.sizes().expect("a plan's runs have files that someone looked into")
    }

    /// Number of training examples; 0 where every step draws its own.
    ///
    /// # Panics
    /// If [`DataSpec::sizes`] has none; so do the other sizes.
    pub fn train_examples(&self) -> usize {
        self.known_sizes().train
    }

    /// Number of test examples.
    pub fn test_examples(&self) -> usize {
        self.known_sizes().test
    }

    /// Time steps of an example; 1 where it has no time.
    pub fn length(&self) -> usize {
        self.known_sizes().length
    }

    /// How many of the last time steps are answered.
    pub fn answers(&self) -> usize {
        self.known_sizes().answers
    }

    /// Inputs of one time step.
    pub fn inputs(&self) -> usize {
        self.known_sizes().inputs
    }

    /// Width of the network's output.
    pub fn outputs(&self) -> usize {
        self.known_sizes().outputs
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::data::{Answers, TargetKind};

    #[test]
    fn the_target_is_told_before_the_data_are_there() {
        for source in DataSource::ALL.into_iter().filter(|source| !matches!(source, DataSource::Csv | DataSource::Idx))
        {
            let length = NonZeroUsize::new(2).expect("positive");
            let spec = DataSpec { source, length, ..crate::spec::RunSpec::default().data };
            let is_class = matches!(Dataset::load(&spec).expect("no files").test.answers, Answers::Classes { .. });
            assert_eq!(spec.target() == TargetKind::Class, is_class, "{source:?}");
        }
    }
}
