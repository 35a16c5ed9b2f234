//! What the machine allows, and the refusal of what would take more, before anything runs.

use std::path::Path;

use thiserror::Error;

use crate::plan::Plan;

use memory::{Largest, Share, Sizes};
use time::Times;

pub(crate) mod array;
pub(crate) mod machine;
pub(crate) mod memory;
pub(crate) mod peak_memory;
pub(crate) mod theory;
pub(crate) mod time;

/// Why runs may not begin.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    /// They would take more memory than there is.
    #[error(transparent)]
    Memory(#[from] Box<memory::TooLarge>),
    /// They would take more than a year.
    #[error(transparent)]
    Time(#[from] Box<time::TooLong>),
}

/// The largest of `runs`, of which there is at least one, if each fits into its job's share of the memory and none takes all
/// too long.
pub(crate) fn check_limits(share: Share, config: &Path, plan: &Plan, runs: &[usize]) -> Result<Largest, Refusal> {
    let (mut sizes, mut times) = (Sizes::default(), Times::default());
    for &run in runs {
        let job = plan.job(run);
        sizes.add(&job, share);
        times.add(&job);
    }
    let largest = sizes.all_fit(share, config, plan)?;
    times.all_end(config, plan)?;
    Ok(largest)
}
