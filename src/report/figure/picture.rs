//! What every figure is: a picture, and what it says in words.

use crate::report::band::Mark;
use crate::report::draw::{Entry, Sample};

/// A picture, and what it says in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The file's name without its ending; unique in a report.
    pub name: &'static str,
    /// What stands above it.
    pub title: String,
    /// What is shown of how much, and how to read it; it also stands in the picture.
    pub caption: String,
    /// The essence in words and numbers, for those who do not see it; it is the picture's `<desc>`.
    pub description: String,
    /// The picture: an `<svg>` element, with nothing before it.
    pub svg: String,
}

impl Figure {
    /// The names of all figures that there may be.
    pub const NAMES: [&'static str; 8] =
        ["profile", "speed", "heatmap", "learning", "matrix", "phase", "lags", "effects"];
}

/// A line of the legend for each mark.
pub(super) fn mark_entries(marks: impl Iterator<Item = Mark>) -> Vec<Entry> {
    marks.map(|mark| Entry::new(Sample::Mark(mark), mark.name())).collect()
}
