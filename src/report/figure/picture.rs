//! What every figure is: a picture, what it says in words, and the numbers behind it.

use super::data::FigureData;
use crate::report::band::Mark;
use crate::report::draw::{Entry, Picture, Sample, Sheet};

/// A picture, what it says in words, and the numbers behind it.
#[derive(Debug, Clone, PartialEq)]
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
    /// Width and height in pixels.
    pub size: (f64, f64),
    /// The numbers that it is drawn from.
    pub data: FigureData,
    /// The part of the height that is panels, without a stretch.
    pub(super) panels: f64,
}

impl Figure {
    /// Ends a sheet with the caption.
    pub(super) fn of(name: &'static str, mut sheet: Sheet, caption: String, data: FigureData) -> Self {
        sheet.caption(&caption);
        let (title, description) = (sheet.title.clone(), sheet.description.clone());
        let Picture { svg, size, panels } = sheet.finish(name);
        Self { name, title, caption, description, svg, size, data, panels }
    }
}

/// A line of the legend for each mark.
pub(super) fn mark_entries(marks: impl Iterator<Item = Mark>) -> Vec<Entry> {
    marks.map(|mark| Entry::new(Sample::Mark(mark), mark.name())).collect()
}
