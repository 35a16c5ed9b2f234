//! Batch and layer norm before the activation (cases P5 and P6 of the theory's public cases): measured beside predicted.
//! Predictions and tolerances are those of the cases; where these state an endless batch, the prediction is vgrun's own
//! for a batch of 64, which must be near it.

use vgrun::nn::{Activation, Init};
use vgrun::spec::RunSpec;
use vgrun::theory::{limit, profile};

use crate::theory::mean_field::{in_theory, measured, near, net, with_batch};

/// How far the rate per layer may be from the prediction, which is that of endless width.
const RATE: f64 = 0.012;

fn batch_norm(activation: Activation) -> RunSpec {
    let mut spec = net(activation, Init::XavierNormal, 20);
    spec.model.batch_norm = true;
    spec
}

fn layer_norm(activation: Activation) -> RunSpec {
    let mut spec = net(activation, Init::XavierNormal, 20);
    spec.model.layer_norm = true;
    spec
}

#[test]
fn under_batch_norm_every_activation_grows_by_its_rate_per_layer() {
    use Activation::{Elu, Gelu, LeakyRelu, Linear, Prelu, Relu, Selu, Sigmoid, Silu, Softplus, Tanh};
    // sqrt(E phi'^2 / Var phi), the rates of endless batches, and by how much a batch of 64 may exceed them.
    for (activation, endless, more) in [
        (Linear, 1.0, 0.01),
        (Sigmoid, 1.0167, 0.01),
        (Tanh, 1.0853, 0.01),
        (Relu, 1.2112, 0.012),
        (LeakyRelu, 1.2056, 0.012),
        (Prelu, 1.0967, 0.012),
        (Elu, 1.0388, 0.012),
        (Selu, 1.0352, 0.012),
        (Gelu, 1.1484, 0.02),
        (Silu, 1.1009, 0.02),
        (Softplus, 1.0395, 0.012),
    ] {
        let spec = batch_norm(activation);
        let factor = limit(&in_theory(&spec)).expect("a limit under batch norm").factor();
        let of = format!("{activation:?}");
        assert!((endless..endless + more).contains(&factor), "{of}: {factor} in a batch of 64, {endless} without end");
        let nets = measured(&spec);
        near(nets.rate(2, 20), factor, RATE, &of);
        near(nets.gradient_rate(2, 20), factor, RATE, &format!("{of}, gradients of weights"));
    }
}

#[test]
fn under_batch_norm_relu_explodes_by_more_in_smaller_batches() {
    for (examples, rate) in [(8, 1.3372), (16, 1.2609), (32, 1.2337), (64, 1.2219), (128, 1.2164), (256, 1.2138)] {
        let nets = measured(&with_batch(examples, batch_norm(Activation::Relu)));
        near(nets.rate(2, 20), rate, RATE, &format!("{examples} examples"));
    }
    near(measured(&batch_norm(Activation::Relu)).errors(2, 20), 3.61, 18.0 * RATE, "R_d");
    near(measured(&batch_norm(Activation::Tanh)).rate(2, 20), 1.092, RATE, "tanh");
    near(measured(&batch_norm(Activation::Sigmoid)).rate(2, 20), 1.024, RATE, "sigmoid");
}

#[test]
fn batch_norm_makes_the_gain_of_the_init_a_matter_of_its_eps_alone() {
    let of = |gain: f64| {
        let mut spec = batch_norm(Activation::Relu);
        spec.model.init_gain = gain;
        measured(&spec)
    };
    let (small, one, large) = (of(0.3), of(1.0), of(3.0));
    for layer in 1..20 {
        // The smallest variance is 0.3^2 Var phi = 0.03, in which eps is 3e-4; half of it each layer, less what layer
        // 20, to which all are relative, has of it.
        near(small.errors(layer, 20), one.errors(layer, 20), 5e-3, &format!("layer {layer}, gain .3"));
        near(large.errors(layer, 20), one.errors(layer, 20), 5e-3, &format!("layer {layer}, gain 3"));
    }
}

#[test]
fn under_layer_norm_every_activation_has_its_rate_per_layer() {
    use Activation::{Elu, Gelu, Relu, Selu, Sigmoid, Silu, Softplus, Tanh};
    for (activation, rate) in [
        (Relu, 1.0),
        (Tanh, 1.0853),
        (Selu, 1.0352),
        (Gelu, 1.0354),
        (Silu, 1.0328),
        (Elu, 1.0178),
        (Softplus, 0.5643),
        (Sigmoid, 0.3909),
    ] {
        near(measured(&layer_norm(activation)).rate(2, 20), rate, RATE, &format!("{activation:?}"));
    }
}

#[test]
fn layer_norm_does_not_rescue_sigmoid_and_batch_norm_does() {
    near(measured(&layer_norm(Activation::Sigmoid)).errors(2, 20), -16.91, 0.6, "sigmoid, layer norm");
    near(measured(&layer_norm(Activation::Tanh)).errors(2, 20), 1.473, 0.15, "tanh, layer norm");
    near(measured(&layer_norm(Activation::Relu)).errors(2, 20), 0.0, 0.3, "relu, layer norm");
    let rescued = measured(&batch_norm(Activation::Sigmoid)).errors(2, 20);
    assert!((0.0..1.0).contains(&rescued), "sigmoid, batch norm: {rescued}");
}

/// Where batch norm's examples stay alike, there is a profile to compare with, too; see `profiles` for the others.
#[test]
fn batch_norms_first_layer_is_that_of_its_inputs_and_not_of_the_rate() {
    for activation in [Activation::Relu, Activation::Sigmoid, Activation::Tanh] {
        let spec = batch_norm(activation);
        let predicted = profile(&in_theory(&spec)).expect("a prediction").layers[0].log10_delta;
        near(measured(&spec).log10_error(1), predicted, 0.1, &format!("{activation:?}, decades of layer 1"));
    }
}
