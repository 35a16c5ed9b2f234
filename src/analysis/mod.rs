//! What the numbers of a run say: its verdict, whether it learned, its profile in a few numbers; cells over seeds; and what the
//! mean field says of it beforehand.
//!
//! Knows traces and specs; opens no file and prints nothing.

mod cause;
mod cell;
mod prediction;
mod reach;
mod sentence;
mod statistics;
mod step;
mod summary;
mod verdict;

pub use crate::metric::Verdict;
pub use cause::{Cause, Evidence, PerLayer, Why};
pub use cell::{Cell, CellBuilder};
pub use prediction::{Outlook, Prediction, Predictor, net_of};
pub use reach::{Family, largest_that_learned};
pub use statistics::Statistics;
pub use summary::{LayerSummary, Summary};
