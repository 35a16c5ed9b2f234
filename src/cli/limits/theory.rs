//! What `vgrun theory` refuses: nets of more layers than it can go through, and data sets that do not fit.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::plan::{Job, Plan};

use crate::cli::limits::machine::available_memory;
use crate::cli::terminal::number::{bytes, thousands};
use crate::cli::view::run_name::name;

/// Layers, or time steps, of a run: the theory takes some microseconds over each, and a number of each is kept.
const MOST: usize = 1_000_000;

/// Why nothing is predicted.
#[derive(Debug, Error)]
pub(crate) enum TheoryError {
    /// A net that is too deep, or a sequence that is too long.
    #[error("{}: {name} has {count} {what}, and the theory takes at most {}", config.display(), thousands(MOST as u64))]
    TooDeep {
        /// The config.
        config: PathBuf,
        /// The run.
        name: String,
        /// How many.
        count: String,
        /// Layers or time steps.
        what: &'static str,
    },
    /// A data set whose moments nobody can take.
    #[error("{}: {name} has a data set of about {size}, and the theory needs its moments; this process may use only {available}", config.display())]
    TooMuchData {
        /// The config.
        config: PathBuf,
        /// The run.
        name: String,
        /// The size of the data set.
        size: String,
        /// What this process may use.
        available: String,
    },
}

/// Checks that every run of a plan can be predicted.
pub(crate) fn check_limits(config: &Path, plan: &Plan) -> Result<(), TheoryError> {
    let available = available_memory().map_or(f64::INFINITY, |available| available.bytes as f64);
    for run in plan.runs() {
        let Job { spec, memory, .. } = plan.job(run);
        let (config, name) = (|| config.to_path_buf(), || name(plan, run));
        for (count, what) in [(spec.model.hidden_layers(), "layers"), (spec.data.length(), "time steps")] {
            if count > MOST {
                let count = thousands(count as u64);
                return Err(TheoryError::TooDeep { config: config(), name: name(), count, what });
            }
        }
        let size = memory.data;
        if size > available {
            let (size, available) = (bytes(size), bytes(available));
            return Err(TheoryError::TooMuchData { config: config(), name: name(), size, available });
        }
    }
    Ok(())
}
