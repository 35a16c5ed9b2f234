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
    /// What stands between the table's columns.
    #[serde(skip_serializing_if = "is_default")]
    pub separator: Separator,
    /// Whether the table's first row names its columns.
    #[serde(skip_serializing_if = "is_default")]
    pub header: Header,
    /// What the column of answers holds.
    #[serde(skip_serializing_if = "is_default")]
    pub target: TargetKind,
    /// The share of the examples that is kept for testing, where the files name no test part.
    #[serde(skip_serializing_if = "is_default")]
    pub test_fraction: TestFraction,
}

impl FileSpec {
    /// Whether some of the files are for testing, so that the others need not be divided.
    pub fn has_test_files(&self) -> bool {
        self.test_path.is_some() || self.test_labels.is_some()
    }
}

/// Whether nothing was asked for.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
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

/// What stands between the columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// What the file tells. Of a table that someone looked into, a comma.
    #[default]
    Auto,
    /// `,`
    #[serde(alias = ",")]
    Comma,
    /// `;`
    #[serde(alias = ";")]
    Semicolon,
    /// A tab.
    #[serde(alias = "\t")]
    Tab,
    /// `|`
    #[serde(alias = "|")]
    Pipe,
    /// Any number of blanks and tabs.
    #[serde(alias = " ")]
    Blank,
}

impl Separator {
    /// Every separator, in the order in which docs list them.
    pub const ALL: [Self; 6] = [Self::Auto, Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe, Self::Blank];

    /// The name in configs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
            Self::Blank => "blank",
        }
    }

    /// The character itself, which configs may write as well.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Auto => &[],
            Self::Comma => &[","],
            Self::Semicolon => &[";"],
            Self::Tab => &["\t"],
            Self::Pipe => &["|"],
            Self::Blank => &[" "],
        }
    }

    /// Several of them, as a sentence names them.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Auto | Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
            Self::Pipe => "vertical bars",
            Self::Blank => "blanks",
        }
    }
}

/// A share of examples from 0 to below 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct TestFraction {
    /// The bits of the number: equal shares are equal descriptions of a data set.
    bits: u64,
}

impl TestFraction {
    /// None for a number that is not from 0 to below 1.
    pub fn new(share: f64) -> Option<Self> {
        // The sum makes 0 of -0.
        (0.0..1.0).contains(&share).then(|| Self { bits: (share + 0.0).to_bits() })
    }

    /// The share as a number.
    pub fn get(self) -> f64 {
        f64::from_bits(self.bits)
    }

    /// How many of `examples` this is, rounded up.
    pub(super) fn of(self, examples: usize) -> usize {
        // A share such as 0.07 is a little more than that: 0.07 of 100 is 7.
        const ROUNDING: f64 = 1e-9;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the number of examples")]
        let tested = (self.get() * examples as f64 - ROUNDING).ceil().max(0.0) as usize;
        tested.min(examples)
    }
}

impl Default for TestFraction {
    fn default() -> Self {
        Self { bits: 0.2_f64.to_bits() }
    }
}

impl TryFrom<f64> for TestFraction {
    type Error = String;

    fn try_from(share: f64) -> Result<Self, String> {
        Self::new(share).ok_or_else(|| format!("{share} is no share from 0 to below 1"))
    }
}

impl From<TestFraction> for f64 {
    fn from(share: TestFraction) -> Self {
        share.get()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Answers, Dataset};

    #[test]
    fn a_fifth_is_a_fifth_rounded_up_of_any_number_and_other_shares_are_not_one_too_many() {
        let fifth = TestFraction::default();
        assert!((0..20_000).chain((1 << 28) - 20..1 << 28).all(|n: usize| fifth.of(n) == n.div_ceil(5)));
        let of = |share: f64, n: usize| TestFraction::new(share).expect("a share").of(n);
        assert_eq!((of(0.0, 10), of(-0.0, 10), of(0.07, 100), of(0.1, 30), of(0.999, 10)), (0, 0, 7, 3, 10));
        assert_eq!((of(0.5, 5), of(0.25, 1), of(0.25, 0)), (3, 1, 0));
        assert_eq!(TestFraction::new(0.0), TestFraction::new(-0.0));
        assert!([1.0, -0.1, f64::NAN, f64::INFINITY].iter().all(|&share| TestFraction::new(share).is_none()));
    }

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
