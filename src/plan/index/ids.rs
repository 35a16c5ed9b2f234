//! The ids of a plan's runs, to be found by number and by id: twelve bytes a run. A store that is read for a plan shares
//! them.

use crate::spec::RunId;

/// How far a search goes at first.
const FIRST_STEP: usize = 64;

/// The id of each run of a plan, and which run has an id.
#[derive(Debug, Default)]
pub(crate) struct RunIds {
    /// The ids in plan order.
    ids: Vec<u64>,
    /// The runs in the order of their ids.
    by_id: Vec<u32>,
}

impl RunIds {
    /// Takes the ids in plan order, each once.
    pub(crate) fn new(ids: Vec<u64>) -> Self {
        let mut by_id: Vec<u32> = (0..=u32::MAX).take(ids.len()).collect();
        by_id.sort_unstable_by_key(|run| ids[*run as usize]);
        Self { ids, by_id }
    }

    /// The number of runs.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no run.
    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id of run number `run`.
    pub(crate) fn id(&self, run: usize) -> RunId {
        RunId(self.ids[run])
    }

    /// All of them, in plan order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = RunId> {
        self.ids.iter().copied().map(RunId)
    }

    /// The run with an id, if there is one. Ids are hashes, so that one of them tells about where it stands among all: a
    /// search from there does not go far.
    pub(crate) fn find(&self, id: RunId) -> Option<usize> {
        let runs = &self.by_id[..];
        let id_at = |at: usize| self.ids[runs[at] as usize];
        let near = usize::try_from((u128::from(id.0) * runs.len() as u128) >> 64).expect("below the length");
        let (mut low, mut high) = (near, near);
        let mut step = FIRST_STEP;
        while low > 0 && id_at(low) > id.0 {
            low = low.saturating_sub(step);
            step *= 2;
        }
        step = FIRST_STEP;
        while high < runs.len() && id_at(high) < id.0 {
            high = runs.len().min(high + step);
            step *= 2;
        }
        let found = &runs[low..runs.len().min(high + 1)];
        let at = found.binary_search_by_key(&id.0, |run| self.ids[*run as usize]).ok()?;
        Some(found[at] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_by_its_id_however_ids_are_spread() {
        // Over the whole range, as hashes are, and all in one corner of it.
        for spread in [u64::MAX / 5000, 1, (1 << 60) + 1] {
            let ids: Vec<u64> = (0..5000).map(|i: u64| (i * 3001 % 5000).wrapping_mul(spread)).collect();
            let known: std::collections::HashMap<u64, usize> = ids.iter().copied().zip(0..).collect();
            let all = RunIds::new(ids.clone());
            assert_eq!((all.len(), all.is_empty(), known.len()), (5000, false, 5000));
            for (run, id) in ids.into_iter().enumerate() {
                assert_eq!((all.id(run), all.find(RunId(id))), (RunId(id), Some(run)));
                for other in [id ^ 1, id.wrapping_sub(1), !id] {
                    assert_eq!(all.find(RunId(other)), known.get(&other).copied());
                }
            }
        }
        assert_eq!(RunIds::default().find(RunId(0)), None);
    }
}
