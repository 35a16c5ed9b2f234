//! What several commands do: load a plan, train it into its folder, read what is stored, write reports; and why that can
//! fail.

pub(crate) mod chosen;
pub(crate) mod difference_report;
pub(crate) mod drawing;
pub(crate) mod error;
pub(crate) mod judged;
pub(crate) mod load;
pub(crate) mod manifest;
pub(crate) mod nearby;
pub(crate) mod output_file;
pub(crate) mod progress;
pub(crate) mod reports;
pub(crate) mod signals;
pub(crate) mod stored;
pub(crate) mod training;
