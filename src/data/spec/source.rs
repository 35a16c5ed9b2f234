//! The names of the sources that examples come from.

use serde::{Deserialize, Serialize};

use crate::names::named;

named! {
    /// Where the examples come from.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum DataSource {
        /// 1,797 real 8x8 images of handwritten digits, embedded in the binary.
        Digits = "digits",
        /// Interleaved spiral arms in the plane, one for each class.
        Spirals = "spirals",
        /// Two interleaved half circles in the plane.
        Moons = "moons",
        /// 10 Gaussian classes in 32 dimensions.
        Blobs = "blobs",
        /// Gaussian inputs with random labels: the set-up of mean-field theory.
        Noise = "noise",
        /// A table of numbers in a file, with a column of classes or numbers to learn.
        Csv = "csv",
        /// Images and labels in files of MNIST's format.
        Idx = "idx",
        /// Sequences of numbers, two of them marked: their sum is to be told at the end.
        Adding = "adding",
        /// Sequences of symbols that are to be repeated after a delay.
        Copy = "copy",
        /// The digits row by row: 8 time steps of 8 pixels.
        DigitsRows = "digits_rows",
        /// The digits pixel by pixel: 64 time steps of 1.
        DigitsPixels = "digits_pixels",
    }
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

impl DataSource {
    /// What the examples are, how many there are, and where they come from.
    pub fn about(self) -> About {
        let about = |what, size, origin| About { what, size, origin };
        match self {
            Self::Digits => about(
                "handwritten digits of 8x8 pixels, standardised, in 10 classes",
                "1,437 train + 360 test",
                "Alpaydin and Kaynak, UCI Machine Learning Repository, doi 10.24432/C50P49, CC BY 4.0; embedded",
            ),
            Self::Spirals => about(
                "interleaved spiral arms in the plane, one for each of data.classes, with noise of data.noise_std",
                "data.examples, and a quarter as many for the test",
                "drawn from data.seed",
            ),
            Self::Moons => about(
                "two interleaved half circles in the plane, with noise of data.noise_std",
                "data.examples, and a quarter as many for the test",
                "drawn from data.seed",
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
            Self::Csv => about(
                "a table of numbers with a column of classes or numbers to learn, standardised",
                "data.test_fraction of the rows (a fifth) tests, the others train",
                "data.path",
            ),
            Self::Idx => about(
                "images and labels in files of MNIST's format, gzipped or not, all pixels on one scale",
                "data.test_path tests, or data.test_fraction (a fifth) of data.path",
                "data.path and data.labels",
            ),
            Self::Adding => about(
                "data.length numbers from U(0, 1) with two marks, one in each half; the sum of the marked numbers is told \
                 at the end",
                "new ones at every step + 512 test",
                "drawn from data.seed; Hochreiter and Schmidhuber 1997",
            ),
            Self::Copy => about(
                "data.length symbols out of data.symbols, data.delay steps of waiting, and then the same symbols are told",
                "new ones at every step + 512 test",
                "drawn from data.seed; Hochreiter and Schmidhuber 1997",
            ),
            Self::DigitsRows => about(
                "the digits row by row: 8 time steps of 8 pixels, in 10 classes",
                "1,437 train + 360 test",
                "as digits",
            ),
            Self::DigitsPixels => about(
                "the digits pixel by pixel: 64 time steps of 1 pixel, in 10 classes",
                "1,437 train + 360 test",
                "as digits",
            ),
        }
    }

    /// Whether the examples are drawn from a seed.
    pub fn is_synthetic(self) -> bool {
        match self {
            Self::Digits | Self::DigitsRows | Self::DigitsPixels | Self::Csv | Self::Idx => false,
            Self::Spirals | Self::Moons | Self::Blobs | Self::Noise | Self::Adding | Self::Copy => true,
        }
    }

    /// Whether the number of examples is the config's to choose.
    pub fn has_any_size(self) -> bool {
        match self {
            Self::Spirals | Self::Moons | Self::Noise => true,
            Self::Digits
            | Self::Blobs
            | Self::Csv
            | Self::Idx
            | Self::Adding
            | Self::Copy
            | Self::DigitsRows
            | Self::DigitsPixels => false,
        }
    }

    /// Whether the number of classes is the config's to choose.
    pub fn has_any_classes(self) -> bool {
        match self {
            Self::Spirals | Self::Noise => true,
            Self::Digits
            | Self::Moons
            | Self::Blobs
            | Self::Csv
            | Self::Idx
            | Self::Adding
            | Self::Copy
            | Self::DigitsRows
            | Self::DigitsPixels => false,
        }
    }

    /// Whether the examples lie on curves, with noise around them.
    pub fn has_curves(self) -> bool {
        match self {
            Self::Spirals | Self::Moons => true,
            Self::Digits
            | Self::Blobs
            | Self::Noise
            | Self::Csv
            | Self::Idx
            | Self::Adding
            | Self::Copy
            | Self::DigitsRows
            | Self::DigitsPixels => false,
        }
    }

    /// Whether the examples are in files of the user's.
    pub fn has_files(self) -> bool {
        match self {
            Self::Csv | Self::Idx => true,
            Self::Digits
            | Self::Spirals
            | Self::Moons
            | Self::Blobs
            | Self::Noise
            | Self::Adding
            | Self::Copy
            | Self::DigitsRows
            | Self::DigitsPixels => false,
        }
    }
    /// Whether every example is a sequence, which only recurrent nets read. Noise is one where the net is recurrent.
    pub fn is_sequence(self) -> bool {
        match self {
            Self::Adding | Self::Copy | Self::DigitsRows | Self::DigitsPixels => true,
            Self::Digits | Self::Spirals | Self::Moons | Self::Blobs | Self::Noise | Self::Csv | Self::Idx => false,
        }
    }

    /// Whether every training step draws examples of its own, and no training set exists.
    pub fn is_fresh(self) -> bool {
        match self {
            Self::Adding | Self::Copy => true,
            Self::Digits
            | Self::Spirals
            | Self::Moons
            | Self::Blobs
            | Self::Noise
            | Self::Csv
            | Self::Idx
            | Self::DigitsRows
            | Self::DigitsPixels => false,
        }
    }
}
