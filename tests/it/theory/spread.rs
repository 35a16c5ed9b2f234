//! How far single seeds are from the prediction, in the standard deviation that is predicted of one seed.

use vgrun::analysis::{Prediction, Summary};
use vgrun::data::{DataSource, Dataset};
use vgrun::nn::{Activation, Init, ModelKind};
use vgrun::spec::{BatchSize, RunSpec};

use crate::sweep::seeds::traces;
use crate::theory::mean_field::{net, with_batch};

/// The mean of z, its standard deviation, and the share below 4.
pub(crate) fn of_z(z: &[f64]) -> (f64, f64, f64) {
    let of_all = |f: &dyn Fn(f64) -> f64| z.iter().map(|z| f(*z)).sum::<f64>() / z.len() as f64;
    let mean = of_all(&|z| z);
    (mean, of_all(&|z| (z - mean) * (z - mean)).sqrt(), of_all(&|z| f64::from(u8::from(z.abs() < 4.0))))
}

/// With one example, the bias is that of a product of independent factors, and nothing else is seen: a deviation of the mean
/// by 0.1 would be five of its standard errors. In a batch of 64, errors have more of the direction of the net's output than
/// a random share, which grows on the way back: the mean is 0.07 decades higher than the bias says, within the spread that
/// counts it. Without a bias, the mean z would be -0.49 with one example; with that of one example, it would be 0.42 in a batch of 64.
#[test]
fn a_thousand_seeds_of_narrow_relu_nets_are_as_far_from_the_prediction_as_it_says() {
    let narrow = 32.try_into().expect("positive");
    for (examples, mean_is) in [(1, -0.1..0.1), (64, 0.05..0.2)] {
        let mut spec = with_batch(examples, net(Activation::Relu, Init::HeNormal, 20));
        (spec.data.features, spec.model.width) = (narrow, narrow);
        let predicted = Prediction::of(&spec, Dataset::load(&spec.data).expect("no files").moments());
        let z = |trace| {
            let summary = Summary::of(trace);
            predicted.z(summary.init_gradient_decades, summary.init_time_decades)
        };
        let (mean, sd, below) = of_z(&traces(&spec, 1000).iter().map(z).collect::<Vec<_>>());
        assert!(mean_is.contains(&mean), "{examples} examples: a mean of {mean}");
        assert!((0.4..1.0).contains(&sd) && below >= 0.99, "{examples} examples: sd {sd}, {below} of all are below 4");
    }
}

/// All three cells on three data sets, with weights that are Gaussian, uniform and orthogonal: 48 nets.
#[test]
fn recurrent_nets_are_as_far_from_the_prediction_as_it_says() {
    let count = |n: usize| n.try_into().expect("positive");
    let mut all = Vec::new();
    for (kind, activation) in [
        (ModelKind::Rnn, Activation::Tanh),
        (ModelKind::Rnn, Activation::Relu),
        (ModelKind::Lstm, Activation::Tanh),
        (ModelKind::Gru, Activation::Tanh),
    ] {
        for (init, gain, source) in [
            (Init::Orthogonal, 0.9, DataSource::Adding),
            (Init::LecunNormal, 0.7, DataSource::Noise),
            (Init::PytorchDefault, 1.0, DataSource::DigitsRows),
        ] {
            let mut spec = RunSpec::default();
            (spec.model.kind, spec.model.activation) = (kind, activation);
            (spec.model.init, spec.model.init_gain) = (init, gain);
            (spec.model.depth, spec.model.width, spec.model.forget_bias) = (count(1), count(72), 0.5);
            (spec.data.source, spec.data.length, spec.data.std) = (source, count(24), 0.3);
            (spec.train.steps, spec.train.batch_size) = (count(1), BatchSize::Examples(count(16)));
            let predicted = Prediction::of(&spec, Dataset::load(&spec.data).expect("no files").moments());
            for summary in traces(&spec, 4).iter().map(Summary::of) {
                let z = predicted.z(summary.init_gradient_decades, summary.init_time_decades);
                assert!(z.abs() < 4.0, "{kind:?} {activation:?} {init:?} {source:?}: {z}");
                all.push(z);
            }
        }
    }
    let (mean, sd, _) = of_z(&all);
    assert!(mean.abs() < 0.5 && (0.5..1.3).contains(&sd), "a mean of {mean}, sd {sd} of {} nets", all.len());
}
