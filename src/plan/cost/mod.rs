//! What a run takes before it has run: its time, its memory, and what would make it smaller. Knows one run's
//! specification; knows nothing of plans.

mod layers;
mod memory;
mod smaller;
mod time;

pub use memory::{Memory, memory};
pub use smaller::{Remedy, remedies, shorter};
pub use time::{Cost, cost};
