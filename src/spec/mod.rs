//! The specification of one run: plain typed data, the table of its keys, its canonical form and its id.
//!
//! Knows the types of `nn` and `data`; knows nothing of TOML files, grids, threads or results.

mod draft;
mod id;
mod keys;
mod run;
mod value;

pub use draft::{Conflict, Draft};
pub use id::{NUMERICS, RunId};
pub use keys::{KEYS, Key, KeySet, key, key_index};
pub use run::{BatchSize, Every, KeptWeights, Precision, RunSpec, TrainSpec};
pub use value::Shown;
