//! Data sets: what a run learns from, drawn from a seed, embedded, or in files of the user's. Knows sizes and numbers;
//! knows nothing of networks.

mod adding;
mod blobs;
mod catalog;
mod classes;
mod copy;
mod csv;
mod curves;
mod dataset;
mod digits;
mod error;
mod file;
mod format;
mod found;
mod fresh;
mod idx;
mod known;
mod moments;
mod moons;
mod noise;
mod records;
mod source;
mod spec;
mod spirals;
mod split;

pub use catalog::Catalog;
pub use dataset::{Answers, Dataset, Examples};
pub use error::{CellPlace, DataError, Problem, Unclear};
pub use format::Format;
pub use found::Found;
pub use fresh::Fresh;
pub use known::KnownFiles;
pub use moments::Moments;
pub(crate) use records::{BoundedRecords, MOST_COLUMNS};
pub use source::{About, Source};
pub use spec::{DataSpec, FileSpec, Header, Label, Sizes, TargetKind};
