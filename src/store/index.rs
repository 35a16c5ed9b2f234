//! Which record counts for each run, and where it stands.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem;

use crate::spec::RunId;

/// How the run of a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, diverged or not.
    Done,
    /// By a panic or an I/O error.
    Failed,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) segment: u32,
    /// The length of the payload.
    pub(super) payload: u32,
    /// The frame's first byte, shifted left by one; the lowest bit says that the run failed. It is packed because
    /// there is one of these for every run.
    packed: u64,
}

impl Place {
    pub(super) fn new(segment: u32, offset: u64, payload: u32, ending: Ending) -> Self {
        let failed = match ending {
            Ending::Done => 0,
            Ending::Failed => 1,
        };
        Self { segment, payload, packed: (offset << 1) | failed }
    }

    pub(super) fn offset(&self) -> u64 {
        self.packed >> 1
    }

    pub(super) fn ending(&self) -> Ending {
        if self.packed & 1 == 0 { Ending::Done } else { Ending::Failed }
    }

    /// Whether this record is to be used rather than `other`: the later one, except that a failure never hides a
    /// result.
    fn wins_over(&self, other: &Self) -> bool {
        let rank = |p: &Self| (p.ending() == Ending::Done, p.segment, p.offset());
        rank(self) > rank(other)
    }
}

/// The share of the sorted records that may wait unsorted beside them: all together are then moved some 16 times at most.
const MOST_RECENT_SHARE: usize = 16;

/// How far a search goes at first.
const FIRST_STEP: usize = 64;

/// So many may always wait.
const MOST_RECENT: usize = 1024;

/// The record that counts, for every run that has one: 24 bytes each.
///
/// A hash map of as many would take up to three times the memory, as it keeps room and doubles.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// In the order of the ids.
    sorted: Vec<(RunId, Place)>,
    /// Those that came later, of runs that are not among the sorted ones.
    recent: HashMap<RunId, Place>,
}

impl Index {
    /// Adds a record, in whatever order records come, and gives the one back that counts no longer, or never did.
    pub(super) fn insert(&mut self, id: RunId, place: Place) -> Option<Place> {
        if let Ok(at) = self.position(id) {
            return Some(supersede(&mut self.sorted[at].1, place));
        }
        let superseded = match self.recent.entry(id) {
            Entry::Vacant(vacant) => {
                vacant.insert(place);
                None
            }
            Entry::Occupied(mut known) => Some(supersede(known.get_mut(), place)),
        };
        if self.recent.len() > MOST_RECENT.max(self.sorted.len() / MOST_RECENT_SHARE) {
            self.settle();
        }
        superseded
    }

    /// Sorts what has come, and gives the memory back that only more records would have needed.
    pub(super) fn settle(&mut self) {
        let mut recent: Vec<(RunId, Place)> = mem::take(&mut self.recent).into_iter().collect();
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

    pub(super) fn get(&self, id: RunId) -> Option<Place> {
        self.position(id).map_or_else(|_| self.recent.get(&id).copied(), |at| Some(self.sorted[at].1))
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len() + self.recent.len()
    }

    /// The length of the longest payload, and that of all together.
    pub(super) fn payloads(&self) -> (u32, u64) {
        let payloads = || self.iter().map(|(_, place)| place.payload);
        (payloads().max().unwrap_or(0), payloads().map(u64::from).sum())
    }

    /// Every record that counts, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (RunId, Place)> {
        self.sorted.iter().copied().chain(self.recent.iter().map(|(&id, &place)| (id, place)))
    }

    /// Where the run stands among the sorted ones. Ids are hashes, so that one of them tells about where it stands: a
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

/// Puts `place` where `known` stands if it wins, and gives the other one back.
fn supersede(known: &mut Place, place: Place) -> Place {
    if place.wins_over(known) { mem::replace(known, place) } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_24_bytes() {
        assert_eq!(size_of::<(RunId, Place)>(), 24);
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
        let mut index = Index::default();
        let mut map = std::collections::BTreeMap::new();
        for i in 0..6666 {
            let place = Place::new(u32::try_from(i).expect("small"), i, 7, Ending::Done);
            let id = if i < 5000 { id(i) } else { id((i - 5000) * 3) };
            assert_eq!(index.insert(id, place), map.insert(id, place), "{i}");
            if i % 1717 == 0 {
                index.settle();
            }
            assert_eq!((index.len(), index.get(id)), (map.len(), Some(place)));
        }
        let mut all: Vec<(RunId, Place)> = index.iter().collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        assert_eq!(all, map.into_iter().collect::<Vec<_>>());
        for (id, _) in &all {
            let other = RunId(id.0 ^ 1);
            assert_eq!(index.get(other).is_some(), all.binary_search_by_key(&other, |(id, _)| *id).is_ok());
        }
        assert_eq!(index.payloads(), (7, 7 * 5000));
    }

    #[test]
    fn a_place_holds_what_it_was_given() {
        for ending in [Ending::Done, Ending::Failed] {
            let place = Place::new(3, 1 << 50, 17, ending);
            assert_eq!((place.offset(), place.ending()), (1 << 50, ending));
        }
    }

    #[test]
    fn the_later_record_wins_and_a_failure_never_hides_a_result() {
        let done = |segment, offset| Place::new(segment, offset, 1, Ending::Done);
        let failed = |segment, offset| Place::new(segment, offset, 1, Ending::Failed);
        let cases = [
            (done(1, 0), done(1, 50)),
            (done(1, 90), done(2, 0)),
            (failed(1, 0), failed(2, 0)),
            (failed(1, 0), done(1, 50)),
            (failed(3, 0), done(1, 0)),
        ];
        for (loser, winner) in cases {
            for order in [[loser, winner], [winner, loser]] {
                let mut index = Index::default();
                for place in order {
                    index.insert(RunId(1), place);
                }
                assert_eq!(index.get(RunId(1)), Some(winner));
                let mut index = Index::default();
                for place in order {
                    index.insert(RunId(1), place);
                    index.settle();
                }
                assert_eq!((index.get(RunId(1)), index.len()), (Some(winner), 1));
            }
        }
    }
}
