//! What a run takes before it has run: its time, its memory, and what would make it smaller. Knows one run's
//! specification; knows nothing of plans.

mod memory;
mod smaller;
mod time;

use crate::nn::{self, Description};
use crate::spec::RunSpec;

pub use memory::{Memory, memory};
pub use smaller::{Remedy, remedies, shorter};
pub use time::{Cost, cost};

/// The net of a run.
fn describe(spec: &RunSpec) -> Description {
    nn::describe(&spec.model, spec.data.inputs(), spec.data.outputs())
}
