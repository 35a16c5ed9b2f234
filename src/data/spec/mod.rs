//! The description of a data set: where its examples come from, its files, and what a look into them found. Plain typed
//! data; opens nothing.

mod data_spec;
mod file_spec;
mod found;
mod known;
mod shared_text;
mod sizes;
mod source;
mod test_fraction;

pub use data_spec::DataSpec;
pub use file_spec::{FileSpec, Header, Label, Separator, TargetKind};
pub(in crate::data) use found::NamedFile;
pub use found::{FewExamples, Found};
pub use known::KnownFiles;
pub(in crate::data) use known::short;
pub use sizes::Sizes;
pub use source::{About, DataSource};
pub use test_fraction::TestFraction;
