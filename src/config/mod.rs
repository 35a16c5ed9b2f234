//! A config's TOML text -> an [`Experiment`], with every error of the text at once, each at its own place.
//!
//! Knows the config language and how errors are shown; knows nothing of points, runs, threads or results. The text is
//! walked with the parser's spans, not derived: serde stops at the first error and loses the place of many.
//!
//! One pass leads down through the rooms, and a later one may use an earlier one, never the reverse: `spelling` (what
//! people write), `text` (texts and their tree), `meaning` (what a config says, typed), `keys` (what it may hold, as
//! tables), `diagnose` (errors and advice), `syntax` (errors of TOML itself), `read` and `expect` (from the tree to what
//! it means), `parse` (the whole). `schema` writes `keys` out for editors.

mod diagnose;
mod expect;
mod keys;
mod meaning;
mod parse;
mod read;
mod schema;
mod spelling;
mod syntax;
mod text;

pub use diagnose::{Diagnostic, LabelledPlace, Severity, has_errors, render, sort_by_place};
pub use meaning::{
    Axis, Check, Column, Expectation, Experiment, Include, Item, OutputTables, Range, Rule, Table, Values,
};
pub use parse::parse;
pub use schema::schema;
pub(crate) use spelling::{closest, quoted};
pub(crate) use text::{Bounded, open_file, read_text};
pub use text::{Encoding, Place, ReadError, Source, read};
