//! What a folder has and lacks of a plan, run by run and shard by shard; for `status` and `merge`.

use std::num::NonZeroU32;

use crate::cluster::Tasks;
use crate::plan::{Plan, Shard};
use crate::store::{Ending, Store};

/// How each run of a plan ended, in the order in which runs are dealt to shards.
pub(crate) struct Gaps {
    dealt: Vec<u32>,
    endings: Vec<Option<Ending>>,
}

/// How many runs of a plan or a shard are done, failed or missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Count {
    pub(crate) done: usize,
    pub(crate) failed: usize,
    pub(crate) missing: usize,
}

impl Gaps {
    pub(crate) fn of(plan: &Plan, store: &Store) -> Self {
        let dealt = plan.dealt();
        let endings = dealt.iter().map(|&run| store.ending_of(plan, run as usize)).collect();
        Self { dealt, endings }
    }

    /// Counts over all runs.
    pub(crate) fn count(&self) -> Count {
        Count::of(self.endings.iter())
    }

    /// Counts over the runs of a shard.
    pub(crate) fn shard(&self, shard: Shard) -> Count {
        Count::of(self.endings.iter().skip(shard.index() as usize).step_by(shard.count().get() as usize))
    }

    /// Returns every one of so many shards that has runs: of four billion shards only the first few do.
    pub(crate) fn shards(&self, count: NonZeroU32) -> impl Iterator<Item = (Shard, Count)> {
        (0..count.get()).take(self.dealt.len()).map(move |index| {
            let shard = Shard::new(index, count).expect("below the count");
            (shard, self.shard(shard))
        })
    }

    /// Returns those of so many shards that have something left to do.
    pub(crate) fn unfinished(&self, count: NonZeroU32) -> Tasks {
        self.shards(count).filter(|(_, count)| !count.is_done()).map(|(shard, _)| shard.index()).collect()
    }

    /// Returns the first few of the runs without a record, in plan order.
    pub(crate) fn missing(&self, most: usize) -> Vec<usize> {
        let all = self.dealt.iter().zip(&self.endings).filter(|(_, ending)| ending.is_none());
        let mut runs: Vec<usize> = all.map(|(&run, _)| run as usize).collect();
        runs.sort_unstable();
        runs.truncate(most);
        runs
    }
}

impl Count {
    fn of<'a>(endings: impl Iterator<Item = &'a Option<Ending>>) -> Self {
        let mut count = Self::default();
        for ending in endings {
            match ending {
                Some(Ending::Done) => count.done += 1,
                Some(Ending::Failed) => count.failed += 1,
                None => count.missing += 1,
            }
        }
        count
    }

    pub(crate) fn all(self) -> usize {
        self.done + self.failed + self.missing
    }

    /// Whether every run has a result.
    pub(crate) fn is_done(self) -> bool {
        self.failed + self.missing == 0
    }
}
