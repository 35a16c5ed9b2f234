//! Which record counts for each run, and where it stands.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

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

/// The record that counts, for every run that has one.
#[derive(Debug, Default)]
pub(super) struct Index {
    places: HashMap<RunId, Place>,
}

impl Index {
    /// Adds a record, in whatever order records come, and gives the one back that counts no longer, or never did.
    pub(super) fn insert(&mut self, id: RunId, place: Place) -> Option<Place> {
        match self.places.entry(id) {
            Entry::Vacant(vacant) => {
                vacant.insert(place);
                None
            }
            Entry::Occupied(mut known) if place.wins_over(known.get()) => Some(known.insert(place)),
            Entry::Occupied(_) => Some(place),
        }
    }

    pub(super) fn get(&self, id: RunId) -> Option<Place> {
        self.places.get(&id).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The length of the longest payload, and that of all together.
    pub(super) fn payloads(&self) -> (u32, u64) {
        let payloads = || self.places.values().map(|place| place.payload);
        (payloads().max().unwrap_or(0), payloads().map(u64::from).sum())
    }

    /// Every record that counts, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (RunId, Place)> {
        self.places.iter().map(|(&id, &place)| (id, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_at_most_32_bytes() {
        assert!(size_of::<(RunId, Place)>() <= 32);
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
            }
        }
    }
}
