//! How far single seeds are from the prediction, in the standard deviation that is predicted of one seed.

use vgrun::analysis::{Prediction, Summary};
use vgrun::data::Dataset;
use vgrun::nn::{Activation, Init};

use crate::mean_field::{net, with_batch};
use crate::seeds::traces;

/// The mean of z, its standard deviation, and the share below 4.
pub(crate) fn of_z(z: &[f64]) -> (f64, f64, f64) {
    let of_all = |f: &dyn Fn(f64) -> f64| z.iter().map(|z| f(*z)).sum::<f64>() / z.len() as f64;
    let mean = of_all(&|z| z);
    (mean, of_all(&|z| (z - mean) * (z - mean)).sqrt(), of_all(&|z| f64::from(u8::from(z.abs() < 4.0))))
}

/// The bias and spread of a narrow and deep net, 1,000 times.
#[test]
fn a_thousand_seeds_of_narrow_relu_nets_are_as_far_from_the_prediction_as_it_says() {
    let narrow = 32.try_into().expect("positive");
    for examples in [1, 64] {
        let mut spec = with_batch(examples, net(Activation::Relu, Init::HeNormal, 20));
        (spec.data.features, spec.model.width) = (narrow, narrow);
        let predicted = Prediction::of(&spec, Dataset::load(&spec.data).expect("no files").moments());
        let decades = |trace| Summary::of(trace).init_gradient_decades;
        let measured: Vec<f64> = traces(&spec, 1000).iter().map(decades).collect();
        let z: Vec<f64> = measured.iter().map(|decades| predicted.z(*decades)).collect();
        let (mean, sd, below) = of_z(&z);
        eprintln!("{examples}: {mean} {sd} {below} {} {} {}", predicted.bias, predicted.spread, of_z(&measured).0);
    }
}
