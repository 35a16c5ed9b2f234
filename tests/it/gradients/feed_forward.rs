//! Errors of a feed-forward net beside the gradients of its parameters.

use ndarray::Array2;
use vgrun::nn::{Activation, BatchShape, Buffers, Gradients, Mode, ModelSpec, Network, Target};
use vgrun::seed::{Random, Stream};
use vgrun::spec::RunSpec;

const BATCH: usize = 5;
const INPUTS: usize = 4;
const OUTPUTS: usize = 3;

/// A net of three layers after the forward of a batch, with the errors of its logits.
fn after_forward(change: impl FnOnce(&mut ModelSpec)) -> (Network<f64>, Buffers<f64>) {
    let count = |n: usize| n.try_into().expect("positive");
    let mut spec = RunSpec::default().model;
    (spec.depth, spec.width, spec.activation) = (count(3), count(5), Activation::Tanh);
    (spec.init_gain, spec.bias_std) = (1.3, 0.3);
    change(&mut spec);
    let mut net = Network::new(&spec, INPUTS, OUTPUTS, 0, Gradients::All);
    let mut buffers = net.buffers(BatchShape::of_examples(BATCH));
    let mut random = Random::new(0, Stream::TrainInputs);
    buffers.input().assign(&Array2::from_shape_simple_fn((BATCH, INPUTS), || random.normal()));
    let labels: Vec<usize> = (0..BATCH).map(|_| random.below(OUTPUTS)).collect();
    // Gains, shifts and slopes start at 1, 0 and one value; any mistake in them must show.
    net.visit(&mut buffers, |_, values, _| values.iter_mut().for_each(|v| *v += 0.2 * random.symmetric()));
    net.forward(Mode::Train, &mut buffers);
    let (logits, dlogits) = buffers.answers();
    let _ = Target::Classes(&labels).evaluate(logits, dlogits);
    (net, buffers)
}

/// The gradient of a parameter as plain numbers.
fn gradient(net: &Network<f64>, name: &str, buffers: &Buffers<f64>) -> Vec<f64> {
    let (entries, exponent) = net.gradient(name, buffers).expect("a parameter of this name");
    entries.iter().map(|g| g * 2_f64.powi(exponent)).collect()
}

#[test]
fn a_bias_before_a_batch_norm_has_no_gradient_but_rounding() {
    let (mut net, mut buffers) = after_forward(|spec| spec.batch_norm = true);
    net.backward(&mut buffers);
    let norm = |name: &str| gradient(&net, name, &buffers).iter().map(|g| g * g).sum::<f64>().sqrt();
    for layer in 1..=3 {
        assert!(norm(&format!("layers.{layer}.weight")) > 1e-3);
        assert!(norm(&format!("layers.{layer}.bias")) < 1e-15);
    }
}

#[test]
fn the_error_at_a_site_is_the_gradient_of_its_bias_summed_over_the_batch() {
    let (mut net, mut buffers) = after_forward(|spec| spec.residual = true);
    let names = ["layers.1.bias", "layers.2.bias", "layers.3.bias", "head.bias"];
    for (below, name) in names.iter().enumerate().rev() {
        net.backward_site(below + 1, &mut buffers, None);
        let (dz, exponent) = net.error(below + 1, &buffers).as_one();
        assert_eq!(exponent, 0);
        for (dz, db) in dz.columns().into_iter().zip(gradient(&net, name, &buffers)) {
            assert!((dz.sum() - db).abs() < 1e-15, "dz is dLoss/dz of the stream, and of the branch");
        }
    }
}
