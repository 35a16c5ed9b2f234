//! The description of a data set: what the config chooses, and what a look into its files found.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::file_spec::{FileSpec, TargetKind};
use super::found::Found;
use super::source::DataSource;
use super::test_fraction::TestFraction;

/// A data set's description. Fields that the source does not use hold their defaults, so equal descriptions are equal
/// data sets.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSpec {
    /// Where the examples come from.
    pub source: DataSource,
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

impl DataSpec {
    /// What is to be learned.
    pub fn target(&self) -> TargetKind {
        match self.source {
            DataSource::Csv => self.files.target,
            DataSource::Adding => TargetKind::Regression,
            DataSource::Digits
            | DataSource::Spirals
            | DataSource::Moons
            | DataSource::Blobs
            | DataSource::Noise
            | DataSource::Idx
            | DataSource::Copy
            | DataSource::DigitsRows
            | DataSource::DigitsPixels => TargetKind::Class,
        }
    }

    /// The description of the data themselves, once someone looked into the files: their content stands for their
    /// paths, and the column of answers and the separator for the words in which they were asked for.
    pub fn resolve(&mut self) {
        let Some(found) = &self.found else { return };
        let target = self.files.target;
        let test_fraction =
            if self.files.has_test_files() { TestFraction::default() } else { self.files.test_fraction };
        let (label, separator, header) = (found.label.clone(), found.separator, found.header);
        self.files = FileSpec { label, separator, header, target, test_fraction, ..FileSpec::default() };
    }
}
