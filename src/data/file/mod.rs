//! Data sets in files of the user's: tables, and images in MNIST's format; and what can be wrong with a file.

mod bytes;
mod class_sizes;
mod classes;
mod decimal_comma;
mod error;
mod format;
pub(in crate::data) mod idx;
mod records;
pub(in crate::data) mod table;

pub use error::{CellPlace, DataError, Problem, RareNumber, Unclear};
pub use format::Format;
pub(crate) use records::{BoundedRecords, MOST_COLUMNS};
