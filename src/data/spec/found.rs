//! What a look into a data set's files found: enough to plan with, and to know the files again.

use std::path::{Path, PathBuf};

use super::file_spec::{Header, Label, Separator};
use super::sizes::Sizes;

/// What the files of a data set held. Two are equal where the contents are, wherever the files lie.
#[derive(Debug, Clone)]
pub struct Found {
    /// A hash over the files' contents, unpacked.
    pub content: blake3::Hash,
    /// The sizes of the data set.
    pub sizes: Sizes,
    /// The column of answers: the last one, or its number.
    pub label: Label,
    /// What stands between the columns; `Auto` for commas.
    pub separator: Separator,
    /// Whether the first row is a header; `Auto` where the cells tell so themselves.
    pub header: Header,
    /// What was taken for what, and what looks odd: a sentence each. None where no file was opened.
    pub notes: Vec<String>,
    /// What makes the split doubtful; none where no file was opened.
    pub few: Option<FewExamples>,
    pub(in crate::data) files: Vec<NamedFile>,
}

/// Numbers of examples that are too small for a split to mean much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FewExamples {
    /// The smallest class, where it is small: its name and how many examples it has.
    pub smallest_class: Option<(String, usize)>,
    /// How many classes are small, that one included.
    pub small_classes: usize,
    /// How many examples there are for testing.
    pub tested: usize,
}

/// A file with the name that messages give it.
#[derive(Debug, Clone)]
pub(in crate::data) struct NamedFile {
    /// The key that names it.
    pub(in crate::data) key: &'static str,
    /// The file's name as the config writes it.
    pub(in crate::data) name: String,
    /// The place where it is.
    pub(in crate::data) path: PathBuf,
}

impl Found {
    /// The table, or the training images, as the config names them.
    pub fn path(&self) -> &str {
        &self.files[0].name
    }

    /// Where its files are.
    pub fn places(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        let Self { content, sizes, label, separator, header, notes: _, few: _, files: _ } = self;
        (content, sizes, label) == (&other.content, &other.sizes, &other.label)
            && (separator, header) == (&other.separator, &other.header)
    }
}
