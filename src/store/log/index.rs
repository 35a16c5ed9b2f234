//! The index of a store: which record counts for each run, and where it stands.

use std::sync::Arc;

use super::place::{NOWHERE, PackedPlace, RecordPlace};
use super::sorted_places::SortedPlaces;
use crate::plan::RunIds;
use crate::spec::RunId;

/// The record that counts, for every run that has one: 12 bytes for each run of the plan that it is read for, and 24 for
/// each other one.
#[derive(Debug, Default)]
pub(in crate::store) struct Index {
    /// The runs of a plan.
    ids: Arc<RunIds>,
    /// The places of their records, by the run's number.
    places: Vec<PackedPlace>,
    /// The number of runs with a place.
    placed: usize,
    /// The places of all other runs, and of runs of which some record's place did not fit.
    others: SortedPlaces,
}

impl Index {
    /// Makes an index without records, to be asked for the runs of a plan.
    pub(in crate::store) fn of_runs(ids: &Arc<RunIds>) -> Self {
        Self { ids: Arc::clone(ids), places: vec![NOWHERE; ids.len()], ..Self::default() }
    }

    /// Adds a record, in whatever order records come. Returns the one that counts no longer, or never did.
    pub(in crate::store) fn insert(&mut self, id: RunId, place: RecordPlace) -> Option<RecordPlace> {
        let run = self.ids.find(id);
        let known = self.known(run, id);
        if known.is_some_and(|known| !place.wins_over(&known)) {
            return Some(place);
        }
        let is_other = |run: usize| known.is_some() && self.places[run] == NOWHERE;
        match (run.filter(|&run| !is_other(run)), place.pack()) {
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

    /// Frees the memory that only more records would have needed.
    pub(in crate::store) fn settle(&mut self) {
        self.others.settle();
    }

    pub(in crate::store) fn get(&self, id: RunId) -> Option<RecordPlace> {
        self.known(self.ids.find(id), id)
    }

    /// Returns the record of run number `run` of a plan with these ids; without a search where the index was made for them.
    pub(in crate::store) fn get_run(&self, ids: &Arc<RunIds>, run: usize) -> Option<RecordPlace> {
        let id = ids.id(run);
        if Arc::ptr_eq(ids, &self.ids) { self.known(Some(run), id) } else { self.get(id) }
    }

    fn known(&self, run: Option<usize>, id: RunId) -> Option<RecordPlace> {
        run.and_then(|run| RecordPlace::unpack(self.places[run])).or_else(|| self.others.get(id))
    }

    pub(in crate::store) fn len(&self) -> usize {
        self.placed + self.others.len()
    }

    /// Returns the length of the longest payload, and that of all together.
    pub(in crate::store) fn payloads(&self) -> (u32, u64) {
        let payloads = || self.iter().map(|(_, place)| place.payload);
        (payloads().max().unwrap_or(0), payloads().map(u64::from).sum())
    }

    /// Iterates over every record that counts, in no particular order.
    pub(in crate::store) fn iter(&self) -> impl Iterator<Item = (RunId, RecordPlace)> {
        let placed =
            self.ids.iter().zip(&self.places).filter_map(|(id, &packed)| Some((id, RecordPlace::unpack(packed)?)));
        placed.chain(self.others.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::log::Ending;

    fn place(segment: u32, offset: u64, payload: u32, ending: Ending) -> RecordPlace {
        RecordPlace::new(segment, offset, payload, ending)
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

    /// Makes an index for a plan with a run of id 1, one for a plan with another, and one for no plan.
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
            let mut all: Vec<(RunId, RecordPlace)> = index.iter().collect();
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

    /// Tries what the docs say of an index, with 20,000 runs of its plan and as many that another plan left.
    #[test]
    fn a_record_takes_12_bytes_and_one_of_another_plan_24() {
        let ids: Vec<u64> = (0..20_000_u64).map(|i| (i * 7919 % 20_000).wrapping_mul(u64::MAX / 20_000)).collect();
        let runs = ids.len() as f64;
        let ids = Arc::new(RunIds::new(ids));
        let at = |run: usize| place(1, run as u64 * 100, 100, Ending::Done);
        let mut kept = None;
        let taken = allocation_counter::measure(|| {
            let mut index = Index::of_runs(&ids);
            (0..ids.len()).for_each(|run| _ = index.insert(ids.id(run), at(run)));
            kept = Some(index);
        });
        let bytes = taken.bytes_max as f64 / runs;
        assert!((12.0..13.0).contains(&bytes), "{bytes} bytes a run");
        let foreign = allocation_counter::measure(|| {
            let index = kept.as_mut().expect("it was made");
            (0..ids.len()).for_each(|run| _ = index.insert(RunId(ids.id(run).0 ^ 1), at(run)));
            index.settle();
        });
        let bytes = foreign.bytes_current as f64 / runs;
        assert!((24.0..50.0).contains(&bytes), "{bytes} bytes a run of another plan");
    }
}
