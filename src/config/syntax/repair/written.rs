//! A stretch of a text, and what to write there.

use std::ops::Range;

/// A stretch of a text, and what to write there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Repair {
    pub(super) span: Range<usize>,
    /// The first is tried; a number of two readings has both.
    pub(super) write: Vec<String>,
}

/// The text with what is to be written.
pub(super) fn applied<'a>(text: &str, repairs: impl Iterator<Item = &'a Repair>) -> String {
    let mut repaired = String::with_capacity(text.len());
    let mut at = 0;
    for repair in repairs {
        repaired.push_str(&text[at..repair.span.start]);
        repaired.push_str(&repair.write[0]);
        at = repair.span.end;
    }
    repaired + &text[at..]
}

pub(super) fn moved(repairs: Vec<Repair>, by: usize) -> Vec<Repair> {
    repairs.into_iter().map(|r| Repair { span: r.span.start + by..r.span.end + by, ..r }).collect()
}
