//! Data sets: what a run learns from. Knows sizes and numbers; knows nothing of networks.

mod blobs;
mod dataset;
mod digits;
mod noise;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

pub use dataset::{Answers, Dataset, Examples};

/// Where the examples come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// 1,797 real 8x8 images of handwritten digits, embedded in the binary.
    Digits,
    /// 10 Gaussian classes in 32 dimensions.
    Blobs,
    /// Gaussian inputs with random labels: the set-up of mean-field theory.
    Noise,
}

/// What a source is, as a person reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The examples.
    pub what: &'static str,
    /// How many there are.
    pub size: &'static str,
    /// Where they come from.
    pub origin: &'static str,
}

impl Source {
    /// Every source, in the order in which docs list them.
    pub const ALL: [Self; 3] = [Self::Digits, Self::Blobs, Self::Noise];

    /// The name in configs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Blobs => "blobs",
            Self::Noise => "noise",
        }
    }

    /// What the examples are, how many there are, and where they come from.
    pub fn about(self) -> About {
        let about = |what, size, origin| About { what, size, origin };
        match self {
            Self::Digits => about(
                "handwritten digits of 8x8 pixels, standardised, in 10 classes",
                "1,437 train + 360 test",
                "Alpaydin and Kaynak, UCI Machine Learning Repository, doi 10.24432/C50P49, CC BY 4.0; embedded",
            ),
            Self::Blobs => about(
                "10 Gaussian classes in 32 dimensions, of variance 1",
                "2,048 train + 512 test",
                "drawn from data.seed",
            ),
            Self::Noise => about(
                "x ~ N(0, std^2) with random labels, the set-up of mean-field theory; nothing to learn",
                "data.examples, no test part",
                "drawn from data.seed",
            ),
        }
    }

    /// Whether the examples are drawn from a seed.
    pub fn is_synthetic(self) -> bool {
        match self {
            Self::Digits => false,
            Self::Blobs | Self::Noise => true,
        }
    }
}

/// A data set's description. Fields that the source does not use hold their defaults, so equal descriptions are equal
/// data sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DataSpec {
    /// Where the examples come from.
    pub source: Source,
    /// Governs synthetic data.
    pub seed: u64,
    /// Input width of noise.
    pub features: NonZeroUsize,
    /// Classes of noise.
    pub classes: NonZeroUsize,
    /// Training examples of noise.
    pub examples: NonZeroUsize,
    /// Standard deviation of the inputs of noise.
    pub std: f64,
}

impl DataSpec {
    /// Number of training examples, known without loading anything.
    pub fn train_examples(&self) -> usize {
        match self.source {
            Source::Digits => digits::TRAIN,
            Source::Blobs => blobs::TRAIN,
            Source::Noise => self.examples.get(),
        }
    }

    /// Input width, known without loading anything.
    pub fn inputs(&self) -> usize {
        match self.source {
            Source::Digits => digits::PIXELS,
            Source::Blobs => blobs::FEATURES,
            Source::Noise => self.features.get(),
        }
    }

    /// Width of the network's output, known without loading anything.
    pub fn outputs(&self) -> usize {
        match self.source {
            Source::Digits => digits::CLASSES,
            Source::Blobs => blobs::CLASSES,
            Source::Noise => self.classes.get(),
        }
    }
}
