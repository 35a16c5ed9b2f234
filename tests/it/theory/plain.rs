//! Plain nets at initialisation (cases P1 to P4 of the theory's public cases): measured beside predicted. Predictions and
//! tolerances are those of the cases.

use vgrun::nn::{Activation, Init};
use vgrun::spec::Precision;

use crate::theory::mean_field::{Measured, measured, near, net, with_batch};

use Init::{HeNormal, LecunNormal, XavierNormal};

#[test]
fn sigmoid_vanishes_by_its_factor_per_layer_with_xavier_and_with_he() {
    for (init, ratio, factor) in [(XavierNormal, -25.99, 0.2360), (HeNormal, -20.65, 0.3178)] {
        let nets = measured(&net(Activation::Sigmoid, init, 20));
        let of = format!("sigmoid, {init:?}");
        near(nets.errors(2, 20), ratio, 0.5, &of);
        near(nets.gradients(2, 20), ratio, 0.6, &format!("{of}, gradients of weights"));
        near(nets.rate(4, 20) / factor, 1.0, 0.03, &format!("{of}, factor over {factor}"));
    }
}

#[test]
fn relu_halves_the_square_of_its_error_with_xavier_and_keeps_it_with_he() {
    // Forward, E h^2 is half of q, so that its ratios are those of q.
    for (init, ratio, halvings) in [(XavierNormal, -6.238, 19), (HeNormal, 0.0, 0)] {
        let nets = measured(&net(Activation::Relu, init, 20));
        near(nets.errors(2, 20), ratio, 0.25, &format!("relu, {init:?}"));
        let forward = nets.squares(20, 1) * 2_f64.powi(halvings);
        assert!((1.0 / 1.5..1.5).contains(&forward), "relu, {init:?}: q_20 / q_1 is {forward} times what it should be");
    }
}

#[test]
fn with_one_example_relus_gradients_of_weights_are_flat_for_both_inits_and_differ_by_a_common_factor() {
    // One example leaves more to chance than a batch: 20 seeds instead of 5.
    let [xavier, he] =
        [XavierNormal, HeNormal].map(|init| Measured::of(&with_batch(1, net(Activation::Relu, init, 20)), 20));
    near(xavier.gradients(2, 20), 0.0, 0.25, "xavier");
    near(he.gradients(2, 20), 0.0, 0.25, "he");
    near(xavier.errors(2, 20), -6.238, 0.25, "xavier's errors");
    // The errors of the logits are of order 1 for both, so all of xavier's gradients are smaller by 2^(-19/2), but for
    // that order 1.
    for layer in [2, 11, 20] {
        near(xavier.mean_gradient(layer) - he.mean_gradient(layer), -9.5 * 2_f64.ln(), 1.0, "the common factor");
    }
}

#[test]
fn in_a_batch_relus_gradients_of_weights_shrink_with_he_for_the_examples_errors_are_correlated() {
    near(measured(&net(Activation::Relu, HeNormal, 20)).gradients(2, 20), -0.8, 0.25, "relu, he, R_W");
}

#[test]
fn tanh_loses_its_gradient_as_a_power_of_the_depth_with_xavier_and_gains_with_he() {
    for (depth, ratio, tolerance) in [(10, -0.885, 0.2), (20, -1.253, 0.2), (50, -1.729, 0.3)] {
        let nets = measured(&net(Activation::Tanh, XavierNormal, depth));
        near(nets.errors(2, depth), ratio, tolerance, &format!("tanh, xavier, {depth} layers"));
    }
    near(measured(&net(Activation::Tanh, HeNormal, 20)).errors(2, 20), 0.710, 0.2, "tanh, he");
}

#[test]
fn other_activations_follow_their_maps() {
    for (activation, init, ratio, tolerance) in [
        (Activation::Selu, LecunNormal, 0.622, 0.2),
        (Activation::Silu, HeNormal, -5.03, 0.4),
        (Activation::Softplus, XavierNormal, -11.17, 0.4),
        (Activation::Prelu, HeNormal, 0.546, 0.2),
        (Activation::Elu, XavierNormal, -1.698, 0.25),
    ] {
        near(measured(&net(activation, init, 20)).errors(2, 20), ratio, tolerance, &format!("{activation:?}"));
    }
}

/// Logits so small that every class has the same probability, whatever the scale: the loss sends the same errors back.
const WHISPER: f64 = 1e-14;

#[test]
fn relus_profile_is_the_same_for_inputs_of_any_size() {
    let of = |std| {
        let mut spec = net(Activation::Relu, HeNormal, 20);
        spec.data.std = std;
        spec.train.precision = Precision::F64;
        Measured::of(&spec, 2)
    };
    let (small, smaller) = (of(1e-12), of(WHISPER));
    for layer in 1..20 {
        near(small.errors(layer, 20), smaller.errors(layer, 20), 1e-9, "R_d of inputs a hundred times smaller");
    }
    // Logits of order 1 send other errors back, which all layers share but for chance.
    near(of(1.0).errors(2, 20), small.errors(2, 20), 0.25, "R_d of inputs of order 1");
    near(of(10.0).errors(2, 20), small.errors(2, 20), 0.25, "R_d of inputs of order 10");
}

#[test]
fn doubling_the_gain_of_a_linear_net_doubles_every_step_of_its_error() {
    let of = |gain| {
        let mut spec = net(Activation::Linear, LecunNormal, 10);
        spec.model.init_gain = gain;
        spec.data.std = WHISPER;
        spec.train.precision = Precision::F64;
        Measured::of(&spec, 2)
    };
    let (once, twice) = (of(1.0), of(2.0));
    for layer in 1..10 {
        let (once, twice) = (once.errors(layer, layer + 1), twice.errors(layer, layer + 1));
        near(twice - once, 2_f64.ln(), 1e-9, &format!("the step from layer {} to {layer}", layer + 1));
    }
}
