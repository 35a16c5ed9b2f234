//! Data sets: what a run learns from, drawn from a seed, embedded, or in files of the user's. Knows sizes and numbers;
//! knows nothing of networks.
//!
//! A later part may use an earlier one: `spec` (the description), `examples` and `moments` (numbers in memory), `fresh`
//! (sequences that every step draws), `dataset` and `split`, `made` (drawn or embedded) and `file` (the user's), `load` and
//! `catalog` (from a description to its data).

mod catalog;
mod dataset;
mod examples;
mod file;
mod fresh;
mod load;
mod made;
mod moments;
mod spec;
mod split;

pub use catalog::Catalog;
pub use dataset::Dataset;
pub use examples::{Answers, Examples};
pub(crate) use file::{BoundedRecords, MOST_COLUMNS};
pub use file::{CellPlace, DataError, Format, Problem, RareNumber, Unclear};
pub use fresh::Fresh;
pub use moments::Moments;
// The name that the layers above import; the type is called what it is.
pub use spec::{
    About, DataSource, DataSpec, FewExamples, FileSpec, Found, Header, KnownFiles, Label, Separator, Sizes, TargetKind,
    TestFraction,
};
