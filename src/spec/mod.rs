//! The specification of one run: plain typed data, the table of its keys, its canonical form and its id; and what can be
//! claimed of runs.
//!
//! Knows the types of `nn`, `data` and `metric`; knows nothing of TOML files, grids, threads or results.

mod default;
mod draft;
mod expect;
mod id;
mod keys;
mod number;
mod run;
mod shape;
mod subject;
mod value;

pub use draft::{Conflict, Draft};
pub use expect::{Assertion, Bounds, Claim, LayerAt, Missing, Of, Reading, Share, StepAt};
pub use id::{NUMERICS, RunId, SAME_NUMBERS_FROM};
pub use keys::{GROUPS, Group, KEYS, Key, KeySet, key, key_index};
pub(crate) use number::grouped;
pub use run::{BatchSize, Every, KeptWeights, Precision, RunSpec, TrainSpec};
pub use shape::{Choice, Interval, Shape, Text};
pub use subject::{LagMetric, LayerMetric, Metric, RunMetric};
pub use value::Shown;
