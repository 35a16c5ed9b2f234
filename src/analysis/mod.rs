//! What the numbers of a run say: its verdict and what that is due to, whether it learned, its profile in a few numbers, and
//! what the mean field says of it beforehand; cells over seeds; what cures a cell that
//! does not learn, what is worth trying for it, and what each axis of a grid does.
//!
//! Knows traces and specs; opens no file and prints nothing.

mod cause;
mod cell;
mod cure;
mod effects;
mod levels;
mod packed_rows;
mod prediction;
mod proposal;
mod reach;
mod sentence;
mod speed;
mod step;
mod summary;
mod verdict;

pub use crate::metric::Verdict;
pub use cause::{Broken, BrokenPlace, Cause, Evidence, NotLearned, PerLayer, Why};
pub use cell::{CellBuilder, CellSummary};
pub use cure::{Cure, Patient, cures};
pub use effects::{AxisEffects, Effect, Effects, Estimate, Saving, Shift};
pub use prediction::{Outlook, Prediction, Predictor, net_of};
pub use proposal::{Proposal, proposals};
pub use reach::{Family, largest_that_learned};
pub use speed::{SpeedBuilder, SpeedFinding};
pub use step::{Untold, last_telling_step, untold};
pub use summary::{LayerSummary, Summary};
