//! Which record counts for each run, and where it stands.

use std::sync::Arc;

use super::sorted_places::SortedPlaces;
use crate::plan::RunIds;
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
    /// there may be one of these for every run.
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

/// A place in twelve bytes, for the runs of a plan: the payload's length, and in one number from the highest bit the
/// segment and 1, the offset, and whether the run failed. All zeros for a run without a record: memory that is asked for in
/// zeros takes none until it is written to.
type PackedPlace = [u32; 3];

/// Of a run without a record.
const NOWHERE: PackedPlace = [0; 3];

/// Bits of the offset: half a terabyte.
const OFFSET_BITS: u32 = 39;

/// The segments that fit: some 17 million.
const SEGMENTS: u64 = (1 << (u64::BITS - 1 - OFFSET_BITS)) - 1;

/// None of a place that does not fit.
fn pack(place: Place) -> Option<PackedPlace> {
    let segment = u64::from(place.segment);
    let fits = segment < SEGMENTS && place.offset() >> OFFSET_BITS == 0;
    let bits = (segment + 1) << (OFFSET_BITS + 1) | place.packed;
    fits.then(|| [place.payload, low_half(bits), low_half(bits >> 32)])
}

/// None of a run without a record.
fn unpack(packed: PackedPlace) -> Option<Place> {
    let [payload, low, high] = packed;
    let bits = u64::from(high) << 32 | u64::from(low);
    let segment = low_half(bits >> (OFFSET_BITS + 1)).checked_sub(1)?;
    Some(Place { segment, payload, packed: bits & ((1 << (OFFSET_BITS + 1)) - 1) })
}

fn low_half(bits: u64) -> u32 {
    u32::try_from(bits & u64::from(u32::MAX)).expect("32 bits")
}

/// The record that counts, for every run that has one: 12 bytes for each run of the plan that it is read for, and 24 for
/// each other one.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The runs of a plan.
    ids: Arc<RunIds>,
    /// The places of their records, by the run's number.
    places: Vec<PackedPlace>,
    /// How many of these are somewhere.
    placed: usize,
    /// Those of all other runs, and of runs of which some record's place did not fit.
    others: SortedPlaces,
}

impl Index {
    /// Of no record, to be asked for the runs of a plan.
    pub(super) fn of_runs(ids: &Arc<RunIds>) -> Self {
        Self { ids: Arc::clone(ids), places: vec![NOWHERE; ids.len()], ..Self::default() }
    }

    /// Adds a record, in whatever order records come, and gives the one back that counts no longer, or never did.
    pub(super) fn insert(&mut self, id: RunId, place: Place) -> Option<Place> {
        let run = self.ids.find(id);
        let known = self.known(run, id);
        if known.is_some_and(|known| !place.wins_over(&known)) {
            return Some(place);
        }
        let is_other = |run: usize| known.is_some() && self.places[run] == NOWHERE;
        match (run.filter(|&run| !is_other(run)), pack(place)) {
            (Some(run), Some(packed)) => {
                self.placed += usize::from(known.is_none());
                self.places[run] = packed;
            }
            (Some(run), None) => {
                self.placed -= usize::from(known.is_some());
                self.places[run] = NOWHERE;
                self.others.put(id, place);
            }
            (None, _) => self.others.put(id, place),
        }
        known
    }

    /// Gives the memory back that only more records would have needed.
    pub(super) fn settle(&mut self) {
        self.others.settle();
    }

    pub(super) fn get(&self, id: RunId) -> Option<Place> {
        self.known(self.ids.find(id), id)
    }

    /// The record of run number `run` of a plan with these ids; without a search where they are the ones that it is
    /// read for.
    pub(super) fn get_run(&self, ids: &Arc<RunIds>, run: usize) -> Option<Place> {
        let id = ids.id(run);
        if Arc::ptr_eq(ids, &self.ids) { self.known(Some(run), id) } else { self.get(id) }
    }

    fn known(&self, run: Option<usize>, id: RunId) -> Option<Place> {
        run.and_then(|run| unpack(self.places[run])).or_else(|| self.others.get(id))
    }

    pub(super) fn len(&self) -> usize {
        self.placed + self.others.len()
    }

    /// The length of the longest payload, and that of all together.
    pub(super) fn payloads(&self) -> (u32, u64) {
        let payloads = || self.iter().map(|(_, place)| place.payload);
        (payloads().max().unwrap_or(0), payloads().map(u64::from).sum())
    }

    /// Every record that counts, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (RunId, Place)> {
        let placed = self.ids.iter().zip(&self.places).filter_map(|(id, &packed)| Some((id, unpack(packed)?)));
        placed.chain(self.others.iter())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn place(segment: u32, offset: u64, payload: u32, ending: Ending) -> Place {
        Place::new(segment, offset, payload, ending)
    }

    #[test]
    fn a_place_takes_12_bytes_and_comes_back_where_it_fits() {
        assert_eq!((size_of::<PackedPlace>(), size_of::<Place>()), (12, 16));
        let last_segment = u32::try_from(SEGMENTS - 1).unwrap();
        for ending in [Ending::Done, Ending::Failed] {
            for segment in [0, 1, 3, last_segment] {
                for offset in [0, 1 << 32, (1 << OFFSET_BITS) - 1] {
                    for payload in [0, 17, u32::MAX] {
                        let at = place(segment, offset, payload, ending);
                        assert_eq!((at.offset(), at.ending()), (offset, ending));
                        assert_eq!(pack(at).and_then(unpack), Some(at));
                    }
                }
            }
            assert_eq!(pack(place(last_segment + 1, 0, 0, ending)), None);
            assert_eq!(pack(place(u32::MAX - 1, 0, 0, ending)), None);
            assert_eq!(pack(place(1, 1 << OFFSET_BITS, 0, ending)), None);
        }
        assert_eq!(unpack(NOWHERE), None);
    }

    #[test]
    fn a_place_that_does_not_fit_counts_like_any_other() {
        let fits = place(1, 5, 1, Ending::Done);
        let far = place(2, 1 << 50, 1, Ending::Done);
        for mut index in indices() {
            assert_eq!(index.insert(RunId(1), fits), None);
            assert_eq!(index.insert(RunId(1), far), Some(fits));
            assert_eq!((index.get(RunId(1)), index.len()), (Some(far), 1));
            assert_eq!(index.insert(RunId(1), fits), Some(fits));
            let last = place(3, 0, 1, Ending::Done);
            assert_eq!(index.insert(RunId(1), last), Some(far));
            assert_eq!((index.get(RunId(1)), index.len(), index.iter().count()), (Some(last), 1, 1));
            assert_eq!(index.insert(RunId(7), far), None);
            index.settle();
            assert_eq!((index.get(RunId(7)), index.len(), index.iter().count()), (Some(far), 2, 2));
        }
    }

    /// For a plan with a run of id 1, for one with another, and for none.
    fn indices() -> [Index; 3] {
        let of = |ids: Vec<u64>| Index::of_runs(&Arc::new(RunIds::new(ids)));
        [of(vec![7, 1]), of(vec![3]), Index::default()]
    }

    #[test]
    fn it_holds_what_a_map_would_in_whatever_order_records_come_and_of_whatever_plan_their_runs_are() {
        let id = |i: u64| (i * 3001 % 5000).wrapping_mul(u64::MAX / 5000);
        let of_plan = |runs: u64| Arc::new(RunIds::new((0..runs).map(|i| id(i * 7 % 5000)).collect()));
        for ids in [of_plan(0), of_plan(1000), of_plan(5000)] {
            let mut index = Index::of_runs(&ids);
            let mut map = std::collections::BTreeMap::new();
            // Every id of 5000 once, scattered, and every third one a second time.
            for i in 0..6666 {
                let at = place(u32::try_from(i).expect("small"), i, 7, Ending::Done);
                let id = RunId(if i < 5000 { id(i) } else { id((i - 5000) * 3) });
                assert_eq!(index.insert(id, at), map.insert(id, at), "{i}");
                assert_eq!((index.len(), index.get(id)), (map.len(), Some(at)));
            }
            let mut all: Vec<(RunId, Place)> = index.iter().collect();
            all.sort_unstable_by_key(|(id, _)| *id);
            assert_eq!(all, map.clone().into_iter().collect::<Vec<_>>());
            for (id, _) in &all {
                let other = RunId(id.0 ^ 1);
                assert_eq!(index.get(other), map.get(&other).copied());
            }
            assert_eq!(index.payloads(), (7, 7 * 5000));
            // By the numbers of another plan, which has some of the runs and one that nobody knows.
            let other = Arc::new(RunIds::new([u64::MAX - 1].into_iter().chain((0..900).rev().map(id)).collect()));
            for ids in [&ids, &other] {
                for run in 0..ids.len() {
                    assert_eq!(index.get_run(ids, run), map.get(&ids.id(run)).copied());
                }
            }
        }
    }

    #[test]
    fn a_run_of_the_plan_without_a_record_has_no_place() {
        let [mut index, ..] = indices();
        index.insert(RunId(1), place(0, 0, 0, Ending::Done));
        assert_eq!((index.get(RunId(7)), index.get_run(&Arc::clone(&index.ids), 0), index.len()), (None, None, 1));
        assert_eq!(index.iter().map(|(id, _)| id).collect::<Vec<_>>(), [RunId(1)]);
    }

    #[test]
    fn the_later_record_wins_and_a_failure_never_hides_a_result() {
        let done = |segment, offset| place(segment, offset, 1, Ending::Done);
        let failed = |segment, offset| place(segment, offset, 1, Ending::Failed);
        let cases = [
            (done(1, 0), done(1, 50)),
            (done(1, 90), done(2, 0)),
            (failed(1, 0), failed(2, 0)),
            (failed(1, 0), done(1, 50)),
            (failed(3, 0), done(1, 0)),
        ];
        for (loser, winner) in cases {
            for order in [[loser, winner], [winner, loser]] {
                for mut index in indices() {
                    for place in order {
                        index.insert(RunId(1), place);
                    }
                    assert_eq!((index.get(RunId(1)), index.len()), (Some(winner), 1));
                }
            }
        }
    }
}
