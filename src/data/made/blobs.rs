//! 10 Gaussian classes in 32 dimensions: x = (mu_y + N(0, I)) / sqrt 2 with mu ~ N(0, I), so that inputs have variance
//! one. Labels are drawn uniformly.

use ndarray::Array2;

use crate::data::dataset::Dataset;
use crate::data::examples::{Answers, Examples};
use crate::data::spec::Sizes;
use crate::kernels::sqrt;
use crate::seed::{Random, Stream};

pub(in crate::data) const SIZES: Sizes = Sizes::without_time((TRAIN, TEST), (FEATURES, CLASSES));

const FEATURES: usize = 32;
const CLASSES: usize = 10;
const TRAIN: usize = 2048;
const TEST: usize = 512;

pub(in crate::data) fn draw(seed: u64) -> Dataset {
    let mut random = Random::new(seed, Stream::Centres);
    let centres = Array2::from_shape_simple_fn((CLASSES, FEATURES), || random.normal()); // (classes, features)
    let mut labels = Random::new(seed, Stream::Labels);
    let mut part = |examples: usize, inputs: Stream| {
        let labels: Vec<usize> = (0..examples).map(|_| labels.below(CLASSES)).collect();
        let mut random = Random::new(seed, inputs);
        let x = Array2::from_shape_fn((examples, FEATURES), |(i, j)| {
            (centres[[labels[i], j]] + random.normal()) / sqrt(2.0)
        });
        Examples { x, answers: Answers::Classes { labels, count: CLASSES } }
    };
    let train = part(TRAIN, Stream::TrainInputs);
    Dataset::without_time(train, part(TEST, Stream::TestInputs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::mean_and_std;

    #[test]
    fn inputs_have_variance_one_and_classes_stand_apart() {
        let data = draw(0);
        let (mean, std) = mean_and_std(data.train.x.as_slice().expect("row-major"));
        assert!(mean.abs() < 0.2 && (std - 1.0).abs() < 0.1, "{mean} {std}");
        let Answers::Classes { labels, .. } = &data.train.answers else { panic!("blobs are classes") };
        let of_class = |class| labels.iter().zip(data.train.x.rows()).filter(move |(l, _)| **l == class);
        let spread: Vec<f64> = of_class(3).map(|(_, x)| x[5]).collect();
        assert!((mean_and_std(&spread).1 - 0.5_f64.sqrt()).abs() < 0.1, "half the variance is within a class");
    }

    #[test]
    fn the_seed_decides_the_numbers() {
        assert_eq!(draw(4), draw(4));
        assert_ne!(draw(4), draw(5));
    }
}
