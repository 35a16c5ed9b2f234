//! Two interleaved half circles, as scikit-learn's `make_moons` has them: (cos a, sin a) for class 0 and
//! (1 - cos a, 1/2 - sin a) for class 1, a uniform on (0, pi), each plus N(0, noise_std^2). Example i is of class i mod 2.

use super::curves;
use crate::data::dataset::Dataset;
use crate::data::spec::DataSpec;
use crate::kernels::{cos, sin};

pub(in crate::data) const FEATURES: usize = 2;
pub(in crate::data) const CLASSES: usize = 2;

pub(in crate::data) fn draw(spec: &DataSpec) -> Dataset {
    curves::draw(spec, CLASSES, |class, t| {
        let (x, y) = (cos(std::f64::consts::PI * t), sin(std::f64::consts::PI * t));
        if class == 0 { [x, y] } else { [1.0 - x, 0.5 - y] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Answers, DataSource};

    #[test]
    fn points_lie_on_their_half_circles_and_classes_alternate() {
        let mut spec = crate::spec::RunSpec::default().data;
        spec.source = DataSource::Moons;
        spec.examples = 10.try_into().expect("positive");
        spec.noise_std = 0.0;
        let data = draw(&spec);
        let Answers::Classes { labels, count: 2 } = &data.train.answers else { panic!("moons are two classes") };
        assert_eq!((labels.as_slice(), data.test.x.nrows()), ([0, 1, 0, 1, 0, 1, 0, 1, 0, 1].as_slice(), 2));
        for (x, &label) in data.train.x.rows().into_iter().zip(labels) {
            let centre = [label as f64, 0.5 * label as f64];
            let (dx, dy) = (x[0] - centre[0], x[1] - centre[1]);
            assert!((dx * dx + dy * dy - 1.0).abs() < 1e-12);
            assert!((dy >= 0.0) == (label == 0));
        }
    }
}
