//! Gradients through time at initialisation (case P9 of the theory's public cases): by which factor the error of the last
//! state shrinks per time step on its way back. Predictions and tolerances are those of the case.
//!
//! A gated cell without inputs is linear around h = c = 0: a step back multiplies the error by J = a I + b W, where W is
//! the same at every step. a is the gate that keeps the old state, sigmoid of its bias; b is sw/4 of an lstm and
//! (1 - a) sw/2 of a gru, where sw is the root of n times the variance of W's entries. Over k steps the RMS then grows
//! by sqrt(sum over j of (C(k, j) a^(k-j) b^j)^2); the predictions are that over 60 steps, per step.

use vgrun::data::DataSource;
use vgrun::metric::TimeReading;
use vgrun::nn::{Activation, Init, ModelKind};
use vgrun::spec::{BatchSize, Precision, RunSpec};
use vgrun::trace::Trace;

use crate::sweep::seeds::traces;

const SEEDS: u64 = 4;
const UNITS: usize = 64;

/// The middle 60 of 100 time steps.
const MIDDLE: (usize, usize) = (20, 80);

/// Distributions of W with the tolerance that each has for gated cells.
const ORTHOGONAL: (Init, f64, f64) = (Init::Orthogonal, 1.0, 0.03);
const XAVIER: (Init, f64, f64) = (Init::XavierNormal, 1.0, 0.06);
/// U(-1/sqrt(n), 1/sqrt(n)), as PyTorch draws W, without the biases that it draws, too.
const UNIFORM: (Init, f64, f64) = (Init::LecunUniform, 0.577_350_269_189_625_8, 0.06);
const PYTORCH: (Init, f64, f64) = (Init::PytorchDefault, 1.0, 0.06);

/// A net of 64 units with W of this init and gain. It reads 100 time steps without inputs, and 16 random answers are
/// wanted of its last state.
fn net(kind: ModelKind, init: Init, gain: f64) -> RunSpec {
    let count = |n: usize| n.try_into().expect("positive");
    let mut spec = RunSpec::default();
    spec.data.source = DataSource::Noise;
    spec.data.length = count(100);
    // As many as units, so that Xavier's W_x gives the pre-activations the variance of the inputs.
    spec.data.features = count(UNITS);
    spec.data.std = 0.0;
    spec.data.examples = count(16);
    spec.train.batch_size = BatchSize::Full;
    spec.model.kind = kind;
    spec.model.depth = count(1);
    spec.model.width = count(UNITS);
    spec.model.activation = Activation::Tanh;
    spec.model.init = init;
    spec.model.init_gain = gain;
    spec.train.steps = count(1);
    spec.train.precision = Precision::F64;
    spec
}

/// The factor per step back over the middle time steps, of dLoss/dc of an lstm and of dLoss/dh of other cells, by seed.
fn factors(spec: &RunSpec) -> Vec<f64> {
    let rms = |at: &TimeReading| if spec.model.kind == ModelKind::Lstm { at.dc_rms } else { at.dh_rms };
    let factor = |trace: Trace| {
        let times = trace.through_time.expect("a recurrent net").times;
        let (early, late) = MIDDLE;
        (rms(&times[early - 1]) / rms(&times[late - 1])).powf(1.0 / (late - early) as f64)
    };
    traces(spec, SEEDS).into_iter().map(factor).collect()
}

/// The geometric mean over the seeds.
fn factor(spec: &RunSpec) -> f64 {
    factors(spec).iter().product::<f64>().powf(1.0 / SEEDS as f64)
}

fn is_within(tolerance: f64, spec: &RunSpec, want: f64) {
    let got = factor(spec);
    let what = &spec.model;
    let (forget, update, std) = (what.forget_bias, what.update_bias, spec.data.std);
    let of = format!("{:?} {:?}, biases {forget} and {update}, inputs {std}", what.kind, what.init);
    assert!((got / want - 1.0).abs() < tolerance, "{of}: {got}, not {want} within {tolerance}");
}

#[test]
fn an_rnn_without_inputs_loses_what_its_weights_take_and_nothing_with_orthogonal_ones() {
    for factor in factors(&net(ModelKind::Rnn, Init::Orthogonal, 1.0)) {
        assert!((factor - 1.0).abs() < 1e-3, "{factor}");
    }
    // PyTorch's biases would move it from h = 0, where the theory speaks.
    let mut spec = net(ModelKind::Rnn, Init::PytorchDefault, 1.0);
    spec.model.bias = false;
    is_within(0.05, &spec, 0.577);
}

#[test]
fn inputs_take_a_tanh_rnn_where_its_slope_is_smaller() {
    for init in [Init::Orthogonal, Init::XavierNormal] {
        for (variance, want) in [(0.1, 0.830), (1.0, 0.632)] {
            let mut spec = net(ModelKind::Rnn, init, 1.0);
            spec.data.std = f64::sqrt(variance);
            is_within(0.03, &spec, want);
        }
    }
}

#[test]
fn an_lstm_loses_per_step_what_its_forget_bias_and_weights_say() {
    // Predictions for forget biases of 0 and 1.
    for (inits, predictions) in [([ORTHOGONAL, XAVIER], [0.7342, 0.9610]), ([UNIFORM, PYTORCH], [0.6314, 0.8586])] {
        for (init, gain, tolerance) in inits {
            for (forget_bias, want) in [0.0, 1.0].into_iter().zip(predictions) {
                let mut spec = net(ModelKind::Lstm, init, gain);
                spec.model.forget_bias = forget_bias;
                is_within(tolerance, &spec, want);
            }
        }
    }
}

#[test]
fn a_gru_loses_per_step_what_its_update_bias_and_weights_say() {
    // Predictions for update biases of 0, 1, 2 and 3.
    let (of_1, of_root_third) = ([0.7342, 0.8491, 0.9257, 0.9650], [0.6314, 0.7948, 0.9029, 0.9576]);
    for (inits, predictions) in [([ORTHOGONAL, XAVIER], of_1), ([UNIFORM, PYTORCH], of_root_third)] {
        for (init, gain, tolerance) in inits {
            for (update_bias, want) in [0.0, 1.0, 2.0, 3.0].into_iter().zip(predictions) {
                let mut spec = net(ModelKind::Gru, init, gain);
                spec.model.update_bias = update_bias;
                is_within(tolerance, &spec, want);
            }
        }
    }
}

#[test]
fn the_forget_gate_alone_decides_only_where_the_weights_are_small() {
    // The gates are .5 and .7311; W has a tenth of the others' size.
    for (forget_bias, want) in [(0.0, 0.522), (1.0, 0.748)] {
        let mut spec = net(ModelKind::Lstm, Init::LecunNormal, 0.1);
        spec.model.forget_bias = forget_bias;
        is_within(0.03, &spec, want);
    }
}
