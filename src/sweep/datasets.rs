//! The data sets in use: each is made once for all runs that share it, and only the most recent are kept, so that a
//! sweep over many data seeds does not grow.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::data::{DataError, DataSpec, Dataset};

/// More than the workers can use at once: so many data sets are kept for runs to come.
const SPARE: usize = 4;

/// A data set once it is made, or why it cannot be.
type Cell = Arc<OnceLock<Result<Dataset, DataError>>>;

/// Data sets by their description, most recently used last.
#[derive(Debug)]
pub(super) struct Datasets {
    capacity: usize,
    recent: Mutex<Vec<(DataSpec, Cell)>>,
}

/// A data set that stays alive while it is held.
pub(super) struct Held(Cell);

impl std::ops::Deref for Held {
    type Target = Dataset;
    fn deref(&self) -> &Dataset {
        self.0.get().and_then(|made| made.as_ref().ok()).expect("it is made before it is handed out")
    }
}

impl Datasets {
    pub(super) fn new(jobs: NonZeroUsize) -> Self {
        Self { capacity: jobs.get() + SPARE, recent: Mutex::default() }
    }

    /// The data set of this description. Workers that ask for the same one wait for the first to make it; others do
    /// not. The error is of a file that changed or vanished.
    pub(super) fn get(&self, spec: &DataSpec) -> Result<Held, DataError> {
        let cell = {
            // A panic while the lock was held leaves a list that is still whole.
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = match recent.iter().position(|(s, _)| s == spec) {
                Some(i) => recent.remove(i),
                None => (spec.clone(), Arc::default()),
            };
            let cell = Arc::clone(&entry.1);
            recent.push(entry);
            if recent.len() > self.capacity {
                recent.remove(0);
            }
            cell
        };
        match cell.get_or_init(|| Dataset::load(spec)) {
            Ok(_) => Ok(Held(cell)),
            Err(error) => Err(error.clone()),
        }
    }
}
