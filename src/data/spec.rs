//! The description of a data set: what the config chooses, and what a look into its files found.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Found, Source, blobs, digits, moons, spirals};

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
    /// Which files, and how to read them.
    pub files: FileSpec,
    /// What the files held when the plan was made; none for a source without files, or before anyone looked.
    pub found: Option<Arc<Found>>,
}

/// The files of a data set as a config names them, and how to read them. Paths are relative to the config.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct FileSpec {
    /// The table, or the training images.
    pub path: Option<Arc<str>>,
    /// The labels of the training images.
    pub labels: Option<Arc<str>>,
    /// The test images; where there are none, a part of the training images is kept for testing.
    pub test_path: Option<Arc<str>>,
    /// The labels of the test images.
    pub test_labels: Option<Arc<str>>,
    /// The table's column of answers.
    pub label: Label,
    /// Whether the table's first row names its columns.
    pub header: Header,
    /// What the column of answers holds.
    pub target: TargetKind,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Label {
    /// The last one.
    #[default]
    Last,
    /// The one that the header calls so.
    Name(Arc<str>),
    /// The one of this number, from 1.
    Number(NonZeroUsize),
}

/// Whether the first row of a table names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Training examples.
    pub train: usize,
    /// Test examples.
    pub test: usize,
    /// Input width.
    pub inputs: usize,
    /// Width of the network's output: the number of classes, or 1 for a number.
    pub outputs: usize,
}

impl DataSpec {
    /// The sizes, known without loading anything; none for files that nobody looked into, or that cannot be read.
    pub fn sizes(&self) -> Option<Sizes> {
        let (train, classes) = (self.examples.get(), self.classes.get());
        Some(match self.source {
            Source::Digits => digits::SIZES,
            Source::Blobs => blobs::SIZES,
            Source::Spirals => Sizes { train, test: train / 4, inputs: spirals::FEATURES, outputs: classes },
            Source::Moons => Sizes { train, test: train / 4, inputs: moons::FEATURES, outputs: moons::CLASSES },
            Source::Noise => Sizes { train, test: 0, inputs: self.features.get(), outputs: classes },
            Source::Csv | Source::Idx => self.found.as_ref()?.sizes,
        })
    }

    fn known_sizes(&self) -> Sizes {
        self.sizes().expect("a plan's runs have files that someone looked into")
    }

    /// Number of training examples.
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

    /// Input width.
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
