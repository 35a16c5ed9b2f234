//! The lines of a text, by number and by place.

use std::ops::Range;

/// Where the lines of a text end.
pub(super) struct LineEnds(Vec<usize>);

impl LineEnds {
    /// Finds the lines of a text.
    pub(super) fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The number of the line, from 0, on which the byte at `at` stands.
    pub(super) fn number(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at)
    }

    /// Where a line of `text` stands, without its end.
    pub(super) fn span(&self, number: usize, text: &str) -> Range<usize> {
        let start = number.checked_sub(1).map_or(0, |before| self.0[before] + 1);
        start..self.0.get(number).copied().unwrap_or(text.len())
    }
}
