//! Data files: what they may look like, and what is said of those that cannot be read.

mod cases;
mod errors;
pub(crate) mod idx_file;
mod no_files;
mod sweeps;
