//! The names of the sources that examples come from.

use serde::{Deserialize, Serialize};

/// Where the examples come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// 1,797 real 8x8 images of handwritten digits, embedded in the binary.
    Digits,
    /// Interleaved spiral arms in the plane, one for each class.
    Spirals,
    /// Two interleaved half circles in the plane.
    Moons,
    /// 10 Gaussian classes in 32 dimensions.
    Blobs,
    /// Gaussian inputs with random labels: the set-up of mean-field theory.
    Noise,
    /// A table of numbers in a file, with a column of classes or numbers to learn.
    Csv,
    /// Images and labels in files of MNIST's format.
    Idx,
}

impl Source {
    /// Every source, in the order in which docs list them.
    pub const ALL: [Self; 7] =
        [Self::Digits, Self::Spirals, Self::Moons, Self::Blobs, Self::Noise, Self::Csv, Self::Idx];

    /// The name in configs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Spirals => "spirals",
            Self::Moons => "moons",
            Self::Blobs => "blobs",
            Self::Noise => "noise",
            Self::Csv => "csv",
            Self::Idx => "idx",
        }
    }

    /// Whether the examples are drawn from a seed.
    pub fn is_synthetic(self) -> bool {
        match self {
            Self::Digits | Self::Csv | Self::Idx => false,
            Self::Spirals | Self::Moons | Self::Blobs | Self::Noise => true,
        }
    }

    /// Whether the number of examples is the config's to choose.
    pub fn has_any_size(self) -> bool {
        match self {
            Self::Spirals | Self::Moons | Self::Noise => true,
            Self::Digits | Self::Blobs | Self::Csv | Self::Idx => false,
        }
    }

    /// Whether the number of classes is the config's to choose.
    pub fn has_any_classes(self) -> bool {
        match self {
            Self::Spirals | Self::Noise => true,
            Self::Digits | Self::Moons | Self::Blobs | Self::Csv | Self::Idx => false,
        }
    }

    /// Whether the examples lie on curves, with noise around them.
    pub fn has_curves(self) -> bool {
        match self {
            Self::Spirals | Self::Moons => true,
            Self::Digits | Self::Blobs | Self::Noise | Self::Csv | Self::Idx => false,
        }
    }

    /// Whether the examples are in files of the user's.
    pub fn has_files(self) -> bool {
        match self {
            Self::Csv | Self::Idx => true,
            Self::Digits | Self::Spirals | Self::Moons | Self::Blobs | Self::Noise => false,
        }
    }
}
