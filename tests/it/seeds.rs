//! One spec, trained with several seeds at the same time.

use std::ops::ControlFlow;

use vgrun::data::Dataset;
use vgrun::spec::RunSpec;
use vgrun::trace::Trace;
use vgrun::train;

/// What the runs of seeds 0, 1, .. measured, with data of their own.
pub(crate) fn traces(spec: &RunSpec, seeds: u64) -> Vec<Trace> {
    let train = |seed: u64| {
        let mut spec = RunSpec { seed, ..spec.clone() };
        spec.data.seed = seed;
        let data = Dataset::load(&spec.data).expect("no files");
        train::run(&spec, &data, &mut |_| ControlFlow::Continue(())).expect("nothing stops it").trace
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..seeds).map(|seed| scope.spawn(move || train(seed))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a run")).collect()
    })
}
