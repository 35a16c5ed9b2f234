//! Work over many runs, done on all cores, with its results in plan order.

use std::ops::Range;
use std::thread;

use super::plan::Plan;

/// Runs that are worth a thread of their own.
pub(super) const RUNS_OF_A_THREAD: usize = 8192;

/// Runs of which something is made on all cores before it is put together.
pub(super) const RUNS_TOGETHER: usize = 1 << 16;

/// More threads than this have to wait for the memory.
const MOST_THREADS: usize = 8;

impl Plan {
    /// Returns what `of` makes of every run, in plan order; on all cores where there are many runs.
    pub(in crate::plan) fn of_each<T: Send>(&self, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
        // Some at a time, as what the threads have made is copied.
        let mut all = Vec::with_capacity(self.len());
        for first in self.runs().step_by(RUNS_TOGETHER) {
            let runs = first..self.len().min(first + RUNS_TOGETHER);
            let parts = in_parts(runs, RUNS_OF_A_THREAD, |part| part.map(&of).collect::<Vec<T>>());
            parts.into_iter().for_each(|part| all.extend(part));
        }
        all
    }
}

/// Cuts `runs` into as many parts as there are cores, if each is of `enough` runs, and returns what `of` makes of each, in
/// order.
pub(in crate::plan) fn in_parts<T: Send>(
    runs: Range<usize>,
    enough: usize,
    of: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let threads = (runs.len() / enough).clamp(1, cores);
    if threads == 1 {
        return vec![of(runs)];
    }
    let (each, end, of) = (runs.len().div_ceil(threads), runs.end, &of);
    thread::scope(|scope| {
        let part = |first: usize| scope.spawn(move || of(first..end.min(first + each)));
        let parts: Vec<_> = runs.step_by(each).map(part).collect();
        parts.into_iter().map(|part| part.join().expect("what is said of a run does not panic")).collect()
    })
}
