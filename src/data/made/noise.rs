//! x ~ N(0, std^2) with labels that have nothing to do with it: the set-up in which mean-field theory speaks of a net
//! at initialisation. There is nothing to learn, and so no test part. A recurrent net reads every example as a sequence
//! of `length` time steps.

use ndarray::Array2;

use crate::data::dataset::Dataset;
use crate::data::examples::{Answers, Examples};
use crate::data::spec::DataSpec;
use crate::seed::{Random, Stream};

pub(in crate::data) fn draw(spec: &DataSpec) -> Dataset {
    let (features, count) = (spec.length.get() * spec.features.get(), spec.classes.get());
    let mut inputs = Random::new(spec.seed, Stream::TrainInputs);
    let mut labels = Random::new(spec.seed, Stream::Labels);
    let mut part = |examples: usize| Examples {
        x: Array2::from_shape_simple_fn((examples, features), || spec.std * inputs.normal()),
        answers: Answers::Classes { labels: (0..examples).map(|_| labels.below(count)).collect(), count },
    };
    Dataset { length: spec.length.get(), ..Dataset::without_time(part(spec.examples.get()), part(0)) }
}
