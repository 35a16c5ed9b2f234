//! The data sets in use: each is made once for all runs that share it. Only a few small ones are kept while no run uses
//! them, so that a sweep over many data seeds does not grow.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::data::{DataError, DataSpec, Dataset, Sizes};

/// The most data sets that are kept for runs to come while nobody uses them.
const MOST_SPARE: usize = 4;

/// The most bytes that these may have in all.
const MOST_SPARE_BYTES: f64 = 16.0 * 1024.0 * 1024.0;

/// A data set once it is made, or why it cannot be.
type Slot = Arc<OnceLock<Result<Dataset, DataError>>>;

/// Data sets by their description, most recently used last.
#[derive(Debug, Default)]
pub(super) struct Datasets {
    recent: Mutex<Vec<(DataSpec, Slot)>>,
}

/// A data set that stays alive while it is held.
pub(super) struct Held(Slot);

impl std::ops::Deref for Held {
    type Target = Dataset;
    fn deref(&self) -> &Dataset {
        self.0.get().and_then(|made| made.as_ref().ok()).expect("it is made before it is handed out")
    }
}

impl Datasets {
    /// Returns the data set of this description. Workers that ask for the same one wait for the first to make it;
    /// others do not. An error says that a file changed or vanished.
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
            forget_spare(&mut recent);
            cell
        };
        match cell.get_or_init(|| Dataset::load(spec)) {
            Ok(_) => Ok(Held(cell)),
            Err(error) => Err(error.clone()),
        }
    }
}

/// Forgets the data sets that nobody uses, except for the most recent ones.
fn forget_spare(recent: &mut Vec<(DataSpec, Slot)>) {
    let (mut spare, mut bytes) = (0, 0.0);
    for i in (0..recent.len()).rev() {
        let (spec, cell) = &recent[i];
        // Others take it from this list alone, which is locked: nobody comes by it now.
        if Arc::strong_count(cell) > 1 {
            continue;
        }
        spare += 1;
        bytes += spec.sizes().map_or(0.0, Sizes::bytes);
        if spare > MOST_SPARE || bytes > MOST_SPARE_BYTES {
            recent.remove(i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataSource;
    use crate::spec::RunSpec;

    fn noise(seed: u64, examples: usize) -> DataSpec {
        let examples = examples.try_into().expect("positive");
        DataSpec { source: DataSource::Noise, seed, examples, ..RunSpec::default().data }
    }

    impl Datasets {
        fn get_noise(&self, seed: u64, examples: usize) -> Held {
            self.get(&noise(seed, examples)).expect("noise needs no file")
        }

        fn seeds(&self) -> Vec<u64> {
            self.recent.lock().expect("no panic").iter().map(|(spec, _)| spec.seed).collect()
        }
    }

    #[test]
    fn data_sets_are_shared_and_those_in_use_are_kept() {
        let datasets = Datasets::default();
        let kept = datasets.get_noise(0, 10);
        for seed in 1..20 {
            datasets.get_noise(seed, 10);
        }
        assert!(Arc::ptr_eq(&kept.0, &datasets.get_noise(0, 10).0));
        drop(kept);
        datasets.get_noise(20, 10);
        assert_eq!(datasets.seeds(), [17, 18, 19, 0, 20], "four to spare, and the one that was asked for");
    }

    #[test]
    fn large_data_sets_are_not_kept_to_spare() {
        // 1,000 examples of 64 features take half a megabyte.
        let datasets = Datasets::default();
        let in_use = datasets.get_noise(0, 40_000);
        for seed in 1..5 {
            datasets.get_noise(seed, 15_000);
        }
        assert_eq!(datasets.seeds(), [0, 2, 3, 4]);
        drop(in_use);
        datasets.get_noise(5, 10);
        assert_eq!(datasets.seeds(), [3, 4, 5]);
    }
}
