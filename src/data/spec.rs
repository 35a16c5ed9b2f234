//! The description of a data set: what the config chooses, and what a look into its files found.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::known::{optional_text, text};
use super::{Found, Source, adding, blobs, copy, digits, fresh, moons, spirals};

/// A data set's description. Fields that the source does not use hold their defaults, so equal descriptions are equal
/// data sets.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSpec {
    /// Where the examples come from.
    pub source: Source,
    /// Governs synthetic data.
    pub seed: u64,
    /// Input width of noise.
    pub features: NonZeroUsize,
    /// Classes of noise and of spirals.
    pub classes: NonZeroUsize,
    /// Training examples of noise, spirals and moons.
    pub examples: NonZeroUsize,
    /// Standard deviation of the inputs of noise.
    pub std: f64,
    /// Standard deviation of what is added to every input of spirals and moons.
    pub noise_std: f64,
    /// Time steps of noise and adding; symbols to remember of copy. 1 for noise without time.
    pub length: NonZeroUsize,
    /// How many symbols copy chooses from.
    pub symbols: NonZeroUsize,
    /// Time steps of copy between the last symbol that is read and the first that is told.
    pub delay: NonZeroUsize,
    /// Which files, and how to read them.
    pub files: FileSpec,
    /// What the files held when the plan was made; none for a source without files, or before anyone looked.
    pub found: Option<Arc<Found>>,
}

/// The files of a data set as a config names them, and how to read them. Paths are relative to the config.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileSpec {
    /// The table, or the training images.
    #[serde(with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub path: Option<Arc<str>>,
    /// The labels of the training images.
    #[serde(with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub labels: Option<Arc<str>>,
    /// The test images; where there are none, a part of the training images is kept for testing.
    #[serde(with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub test_path: Option<Arc<str>>,
    /// The labels of the test images.
    #[serde(with = "optional_text", skip_serializing_if = "Option::is_none")]
    pub test_labels: Option<Arc<str>>,
    /// The table's column of answers.
    #[serde(skip_serializing_if = "is_default")]
    pub label: Label,
    /// Whether the table's first row names its columns.
    #[serde(skip_serializing_if = "is_default")]
    pub header: Header,
    /// What the column of answers holds.
    #[serde(skip_serializing_if = "is_default")]
    pub target: TargetKind,
}

/// Whether nothing was asked for.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// The last one.
    #[default]
    Last,
    /// The one that the header calls so.
    Name(#[serde(with = "text")] Arc<str>),
    /// The one of this number, from 1.
    Number(NonZeroUsize),
}

/// Whether the first row of a table names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// As its cells tell.
    #[default]
    Auto,
    /// It does.
    Present,
    /// It is an example like the others.
    Absent,
}

/// What is to be learned from a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// One of several classes, by any name.
    #[default]
    Class,
    /// A number.
    Regression,
}

impl TargetKind {
    /// Every kind, in the order in which docs list them.
    pub const ALL: [Self; 2] = [Self::Class, Self::Regression];

    /// The name in configs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Regression => "regression",
        }
    }
}

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
    /// Of examples that are not sequences: (training, test) examples, (inputs, outputs).
    pub const fn without_time((train, test): (usize, usize), (inputs, outputs): (usize, usize)) -> Self {
        Self { train, test, length: 1, answers: 1, inputs, outputs }
    }

    /// Bytes of the data set in memory: every input and every answer has 8.
    pub fn bytes(self) -> f64 {
        let of_one = self.length as f64 * self.inputs as f64 + self.answers as f64;
        8.0 * of_one * (self.train as f64 + self.test as f64)
    }

    /// The same examples, their inputs handed out over `length` time steps.
    fn in_steps(self, length: usize) -> Self {
        Self { length, inputs: self.inputs / length, ..self }
    }
}

impl DataSpec {
    /// The sizes, known without loading anything; none for files that nobody looked into, or that cannot be read.
    pub fn sizes(&self) -> Option<Sizes> {
        let (train, classes) = (self.examples.get(), self.classes.get());
        Some(match self.source {
            Source::Digits => digits::SIZES,
            Source::Blobs => blobs::SIZES,
            Source::Spirals => Sizes::without_time((train, train / 4), (spirals::FEATURES, classes)),
            Source::Moons => Sizes::without_time((train, train / 4), (moons::FEATURES, moons::CLASSES)),
            Source::Noise => {
                Sizes { length: self.length.get(), ..Sizes::without_time((train, 0), (self.features.get(), classes)) }
            }
            Source::Adding => Sizes {
                length: self.length.get(),
                ..Sizes::without_time((0, fresh::TEST), (adding::INPUTS, adding::OUTPUTS))
            },
            Source::Copy => {
                let (length, symbols, delay) = (self.length.get(), self.symbols.get(), self.delay.get());
                Sizes {
                    train: 0,
                    test: fresh::TEST,
                    length: copy::time_steps(length, delay),
                    answers: length,
                    inputs: copy::inputs(symbols),
                    outputs: symbols,
                }
            }
            Source::DigitsRows => digits::SIZES.in_steps(digits::ROWS),
            Source::DigitsPixels => digits::SIZES.in_steps(digits::PIXELS),
            Source::Csv | Source::Idx => self.found.as_ref()?.sizes,
        })
    }

    /// What is to be learned.
    pub fn target(&self) -> TargetKind {
        match self.source {
            Source::Csv => self.files.target,
            Source::Adding => TargetKind::Regression,
            Source::Digits
            | Source::Spirals
            | Source::Moons
            | Source::Blobs
            | Source::Noise
            | Source::Idx
            | Source::Copy
            | Source::DigitsRows
            | Source::DigitsPixels => TargetKind::Class,
        }
    }

    fn known_sizes(&self) -> Sizes {
        self.sizes().expect("a plan's runs have files that someone looked into")
    }

    /// Number of training examples; 0 where every step draws its own.
    ///
    /// # Panics
    /// As the other sizes do: if [`DataSpec::sizes`] has none.
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

    /// The description of the data themselves, once someone looked into the files: their content stands for their
    /// paths, and the column of answers for the words in which it was asked for.
    pub fn resolve(&mut self) {
        let Some(found) = &self.found else { return };
        let target = self.files.target;
        self.files = FileSpec { label: found.label.clone(), header: found.header, target, ..FileSpec::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Answers, Dataset};

    #[test]
    fn the_target_is_told_before_the_data_are_there() {
        for source in Source::ALL.into_iter().filter(|source| !matches!(source, Source::Csv | Source::Idx)) {
            let length = NonZeroUsize::new(2).expect("positive");
            let spec = DataSpec { source, length, ..crate::spec::RunSpec::default().data };
            let is_class = matches!(Dataset::load(&spec).expect("no files").test.answers, Answers::Classes { .. });
            assert_eq!(spec.target() == TargetKind::Class, is_class, "{source:?}");
        }
    }
}
