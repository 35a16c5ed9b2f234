//! The files of a data set as a config names them, and how a table among them is read.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shared_text::{optional_text, text};
use super::test_fraction::TestFraction;

use crate::names::named;

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

named! {
    /// What stands between the columns of a table.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Separator {
        /// What the file tells; a comma in a table that someone looked into.
        #[default]
        Auto = "auto",
        /// `,`
        #[serde(alias = ",")]
        Comma = "comma",
        /// `;`
        #[serde(alias = ";")]
        Semicolon = "semicolon",
        /// A tab.
        #[serde(alias = "\t")]
        Tab = "tab",
        /// `|`
        #[serde(alias = "|")]
        Pipe = "pipe",
        /// Any number of blanks and tabs.
        #[serde(alias = " ")]
        Blank = "blank",
    }
}

impl Separator {
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
    pub(in crate::data) fn plural(self) -> &'static str {
        match self {
            Self::Auto | Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
            Self::Pipe => "vertical bars",
            Self::Blank => "blanks",
        }
    }
}

/// Whether the first row of a table names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// Its cells tell.
    #[default]
    Auto,
    /// It does.
    Present,
    /// It is an example like the others.
    Absent,
}

named! {
    /// What is to be learned from a table.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum TargetKind {
        /// One of several classes, by any name.
        #[default]
        Class = "class",
        /// A number.
        Regression = "regression",
    }
}
