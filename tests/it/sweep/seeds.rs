//! One spec, trained with several seeds at the same time.

use std::ops::ControlFlow;

use vgrun::data::Dataset;
use vgrun::spec::RunSpec;
use vgrun::trace::Trace;
use vgrun::train;

/// What the runs of seeds 0, 1, .. measured, with data of their own.
pub(crate) fn traces(spec: &RunSpec, seeds: u64) -> Vec<Trace> {
    let train = &|seed: u64| {
        let mut spec = RunSpec { seed, ..spec.clone() };
        spec.data.seed = seed;
        let data = Dataset::load(&spec.data).expect("no files");
        train::run(&spec, &data, &mut |_| ControlFlow::Continue(())).expect("nothing stops it").trace
    };
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut all: Vec<(u64, Trace)> = std::thread::scope(|scope| {
        let of_worker =
            |first: u64| (first..seeds).step_by(workers).map(|seed| (seed, train(seed))).collect::<Vec<_>>();
        let threads: Vec<_> = (0..workers as u64).map(|first| scope.spawn(move || of_worker(first))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a worker's runs")).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all.into_iter().map(|(_, trace)| trace).collect()
}
