//! Spiral arms, one for each of C classes: x = sqrt(6) t (cos a, sin a) + N(0, noise_std^2) with a = 2 pi (t + y / C)
//! and t uniform on (0, 1). An arm makes one turn from the origin, the arms are each other's rotations, and without
//! noise the inputs have variance one. Example i is of class i mod C.

use super::curves;
use crate::data::dataset::Dataset;
use crate::data::spec::DataSpec;
use crate::kernels::{cos, sin, sqrt};

pub(in crate::data) const FEATURES: usize = 2;

pub(in crate::data) fn draw(spec: &DataSpec) -> Dataset {
    let classes = spec.classes.get();
    curves::draw(spec, classes, |class, t| {
        let angle = std::f64::consts::TAU * (t + class as f64 / classes as f64);
        let radius = sqrt(6.0) * t;
        [radius * cos(angle), radius * sin(angle)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Answers, DataSource};
    use crate::kernels::mean_and_std;

    fn spec() -> DataSpec {
        let mut spec = crate::spec::RunSpec::default().data;
        spec.source = DataSource::Spirals;
        spec.examples = 4096.try_into().expect("positive");
        spec.classes = 3.try_into().expect("positive");
        spec.noise_std = 0.1;
        spec
    }

    /// The arm that comes closest to a point, of 1,000 points on each.
    fn nearest_arm(x: [f64; 2], classes: usize) -> usize {
        let least = |class: usize| {
            let squares = (0..1000).map(|i| {
                let t = f64::from(i) / 1000.0;
                let a = std::f64::consts::TAU * (t + class as f64 / classes as f64);
                let (dx, dy) = (x[0] - sqrt(6.0) * t * cos(a), x[1] - sqrt(6.0) * t * sin(a));
                dx * dx + dy * dy
            });
            squares.fold(f64::INFINITY, f64::min)
        };
        (0..classes).min_by(|a, b| least(*a).total_cmp(&least(*b))).expect("a class")
    }

    #[test]
    fn inputs_have_variance_one_and_arms_stand_apart() {
        let data = draw(&spec());
        let (mean, std) = mean_and_std(data.train.x.as_slice().expect("row-major"));
        assert!(mean.abs() < 0.1 && (std - 1.0).abs() < 0.05, "{mean} {std}");
        let Answers::Classes { labels, count } = &data.test.answers else { panic!("spirals are classes") };
        assert_eq!((labels.len(), *count), (1024, 3));
        let right = data.test.x.rows().into_iter().zip(labels).take(200);
        let right = right.filter(|(x, label)| nearest_arm([x[0], x[1]], 3) == **label).count();
        // Near the origin the arms meet.
        assert!(right > 170, "{right} of 200 are nearest to their own arm");
    }

    #[test]
    fn the_seed_decides_and_noise_only_moves_the_points() {
        assert_eq!(draw(&spec()), draw(&spec()));
        assert_ne!(draw(&spec()), draw(&DataSpec { seed: 9, ..spec() }));
        let still = draw(&DataSpec { noise_std: 0.0, ..spec() });
        let moved = draw(&spec());
        let largest = (&still.train.x - &moved.train.x).iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        assert!(0.2 < largest && largest < 0.6, "{largest}: the same places, a few deviations away");
    }

    #[test]
    fn one_example_has_no_test_part() {
        let data = draw(&DataSpec { examples: 1.try_into().expect("positive"), ..spec() });
        assert_eq!((data.train.x.nrows(), data.test.x.nrows()), (1, 0));
    }
}
