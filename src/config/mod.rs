//! A config's TOML text -> an [`Experiment`], with every error of the text at once, each at its own place.
//!
//! Knows the config language and how errors are shown; knows nothing of points, runs, threads or results. The text is
//! walked with the parser's spans, not derived: serde stops at the first error and loses the place of many.

mod check;
mod claim;
mod diagnostic;
mod expect;
mod experiment;
mod fields;
mod flatten;
mod head;
mod notes;
mod parse;
mod range;
mod range_table;
mod read;
mod relation;
mod render;
mod schema;
mod sections;
mod set_argument;
mod setting;
mod source;
mod suggest;
mod syntax;
mod text_file;
mod tree;
mod values;

pub use diagnostic::{Diagnostic, Label, Severity, has_errors, sort_by_place};
pub use experiment::{Axis, Check, Column, Expectation, Experiment, Include, Item, OutputTables, Rule, Table, Values};
pub use parse::parse;
pub use range::Range;
pub use read::{Encoding, ReadError, read};
pub use render::render;
pub use schema::schema;
pub use source::{Place, Source};
pub(crate) use suggest::{closest, quoted};
pub(crate) use text_file::{Bounded, open_file, read_text};
