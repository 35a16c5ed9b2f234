//! Points on curves in the plane, one curve for each class, with noise around them.

use ndarray::Array2;

use crate::data::dataset::Dataset;
use crate::data::examples::{Answers, Examples};
use crate::data::spec::DataSpec;
use crate::seed::{Random, Stream};

/// A data set whose example i lies at `curve(i mod classes, t)` with t uniform on (0, 1), plus noise. The noise is drawn
/// whatever its size, so that descriptions which differ in that alone share all draws.
pub(in crate::data) fn draw(spec: &DataSpec, classes: usize, curve: impl Fn(usize, f64) -> [f64; 2]) -> Dataset {
    let part = |examples: usize, inputs: Stream| {
        let mut random = Random::new(spec.seed, inputs);
        let mut x = Array2::zeros((examples, 2));
        for (i, mut row) in x.rows_mut().into_iter().enumerate() {
            let point = curve(i % classes, random.uniform());
            for (x, at) in row.iter_mut().zip(point) {
                *x = at + spec.noise_std * random.normal();
            }
        }
        Examples {
            x,
            answers: Answers::Classes { labels: (0..examples).map(|i| i % classes).collect(), count: classes },
        }
    };
    let examples = spec.examples.get();
    Dataset::without_time(part(examples, Stream::TrainInputs), part(examples / 4, Stream::TestInputs))
}
