//! Places of records by the ids of their runs, in as little memory as they take.

use std::collections::HashMap;
use std::mem;

use super::place::RecordPlace;
use crate::spec::RunId;

/// The share of the sorted records that may wait unsorted beside them: all together are then moved some 16 times at most.
const MOST_RECENT_SHARE: usize = 16;

/// The length of the first step of a search.
const FIRST_STEP: usize = 64;

/// The number of records that may always wait.
const MOST_RECENT: usize = 1024;

/// A place for each of some ids: 24 bytes each. A hash map of as many would take up to three times the memory, as it keeps
/// room and doubles.
#[derive(Debug, Default)]
pub(super) struct SortedPlaces {
    /// The places in the order of the ids.
    sorted: Vec<(RunId, RecordPlace)>,
    /// The places that came later, of runs that are not among the sorted ones.
    recent: HashMap<RunId, RecordPlace>,
}

impl SortedPlaces {
    /// Sets the place of an id, in whatever order they come.
    pub(super) fn put(&mut self, id: RunId, place: RecordPlace) {
        if let Ok(at) = self.position(id) {
            self.sorted[at].1 = place;
            return;
        }
        self.recent.insert(id, place);
        if self.recent.len() > MOST_RECENT.max(self.sorted.len() / MOST_RECENT_SHARE) {
            self.settle();
        }
    }

    /// Sorts what has come, and frees the memory that only more records would have needed.
    pub(super) fn settle(&mut self) {
        let mut recent: Vec<(RunId, RecordPlace)> = mem::take(&mut self.recent).into_iter().collect();
        recent.sort_unstable_by_key(|(id, _)| *id);
        let (mut old, mut new) = (self.sorted.len(), recent.len());
        self.sorted.extend_from_slice(&recent);
        // From the end, so that nothing is overwritten that is still to be moved.
        while new > 0 {
            let at = old + new - 1;
            if old > 0 && self.sorted[old - 1].0 > recent[new - 1].0 {
                self.sorted[at] = self.sorted[old - 1];
                old -= 1;
            } else {
                self.sorted[at] = recent[new - 1];
                new -= 1;
            }
        }
    }

    pub(super) fn get(&self, id: RunId) -> Option<RecordPlace> {
        self.position(id).map_or_else(|_| self.recent.get(&id).copied(), |at| Some(self.sorted[at].1))
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len() + self.recent.len()
    }

    /// Iterates over all places, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (RunId, RecordPlace)> {
        self.sorted.iter().copied().chain(self.recent.iter().map(|(&id, &place)| (id, place)))
    }

    /// Finds where the run stands among the sorted ones. Ids are hashes, so that one of them tells about where it stands: a
    /// search from there stays near it, and so in the caches.
    fn position(&self, id: RunId) -> Result<usize, usize> {
        let near = usize::try_from((u128::from(id.0) * self.sorted.len() as u128) >> 64).expect("below the length");
        let (mut low, mut high) = (near, near);
        let mut step = FIRST_STEP;
        while low > 0 && self.sorted[low].0 > id {
            low = low.saturating_sub(step);
            step *= 2;
        }
        step = FIRST_STEP;
        while high < self.sorted.len() && self.sorted[high].0 < id {
            high = self.sorted.len().min(high + step);
            step *= 2;
        }
        let high = self.sorted.len().min(high + 1);
        self.sorted[low..high].binary_search_by_key(&id, |(id, _)| *id).map(|at| low + at).map_err(|at| low + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::log::Ending;

    #[test]
    fn an_entry_takes_24_bytes() {
        assert_eq!(size_of::<(RunId, RecordPlace)>(), 24);
    }

    #[test]
    fn it_holds_what_a_map_would_in_whatever_order_records_come_and_whenever_it_is_settled() {
        // Ids over the whole range, as hashes are, and all in one corner of it.
        for spread in [u64::MAX / 5000, 1, (1 << 60) + 1] {
            holds_what_a_map_would(|i| RunId((i * 3001 % 5000).wrapping_mul(spread)));
        }
    }

    /// Every id of 5000 once, scattered, and every third one a second time.
    fn holds_what_a_map_would(id: impl Fn(u64) -> RunId) {
        let mut places = SortedPlaces::default();
        let mut map = std::collections::BTreeMap::new();
        for i in 0..6666 {
            let place = RecordPlace::new(u32::try_from(i).expect("small"), i, 7, Ending::Done);
            let id = if i < 5000 { id(i) } else { id((i - 5000) * 3) };
            places.put(id, place);
            map.insert(id, place);
            if i % 1717 == 0 {
                places.settle();
            }
            assert_eq!((places.len(), places.get(id)), (map.len(), Some(place)));
        }
        let mut all: Vec<(RunId, RecordPlace)> = places.iter().collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        assert_eq!(all, map.into_iter().collect::<Vec<_>>());
        for (id, _) in &all {
            let other = RunId(id.0 ^ 1);
            assert_eq!(places.get(other).is_some(), all.binary_search_by_key(&other, |(id, _)| *id).is_ok());
        }
    }
}
