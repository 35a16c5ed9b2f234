//! What the numbers of a run say: its verdict, whether it learned, its profile in a few numbers; cells over seeds; and what the
//! mean field says of it beforehand.
//!
//! Knows traces and specs; opens no file and prints nothing.

mod cell;
mod prediction;
mod reach;
mod statistics;
mod summary;
mod verdict;

pub use cell::{Cell, CellBuilder};
pub use prediction::{Outlook, Prediction, Predictor};
pub use reach::{Family, largest_that_learned};
pub use statistics::Statistics;
pub use summary::{LayerSummary, Summary};
pub use verdict::Verdict;
