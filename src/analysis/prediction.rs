//! What the mean field says of a run at its first step, from its spec and the moments of its data.

use crate::data::Moments;
use crate::metric::{slope_across_layers, slope_through_time};
use crate::nn::{Init, ModelKind, ModelSpec, NORM_EPS, NormKind};
use crate::spec::RunSpec;
use crate::theory::{Cell, Inputs, Net, Norm, Recurrent, Theory, outputs_through_time};

/// What the mean field says of a run at initialisation, in the definitions of what is measured there. NaN, and no layers
/// or time steps, wherever the theory gives no number.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// log10(`delta_rms` of this layer / of layer L) of layers 1..L of a feed-forward net.
    pub log10_delta: Vec<f64>,
    /// Its slope, as `decades_per_layer` has it; NaN for L = 1, too.
    pub decades_per_layer: f64,
    /// log10(`delta_rms` of layer 1 / of layer L).
    pub gradient_decades: f64,
    /// The standard deviation of that over seeds, at most: see [`crate::theory::Profile::spread`].
    pub spread: f64,
    /// log10(`dh_rms` at t / at T) at t = 1..T of a recurrent net that is answered once, at T.
    pub log10_dh: Vec<f64>,
    /// Its slope, as `decades_per_step` has it; NaN for T = 1, too.
    pub decades_per_step: f64,
    /// log10(`dh_rms` at t = 1 / at T).
    pub time_decades: f64,
}

/// Predicts one run after the other and remembers what they share.
#[derive(Debug, Default)]
pub struct Predictor {
    theory: Theory,
}

impl Prediction {
    /// No number.
    pub const NONE: Self = Self {
        log10_delta: Vec::new(),
        decades_per_layer: f64::NAN,
        gradient_decades: f64::NAN,
        spread: f64::NAN,
        log10_dh: Vec::new(),
        decades_per_step: f64::NAN,
        time_decades: f64::NAN,
    };

    /// Of a run whose data have the moments `inputs`.
    pub fn of(spec: &RunSpec, inputs: Moments) -> Self {
        Predictor::default().predict(spec, inputs)
    }
}

impl Predictor {
    /// What the theory says of a run whose data have the moments `inputs`.
    pub fn predict(&mut self, spec: &RunSpec, inputs: Moments) -> Prediction {
        if spec.model.kind.is_recurrent() { time(spec, inputs) } else { self.layers(spec, inputs) }
    }

    /// Of a feed-forward net.
    fn layers(&mut self, spec: &RunSpec, inputs: Moments) -> Prediction {
        let Some(profile) = self.theory.profile(&net(spec, inputs)) else { return Prediction::NONE };
        let log10_delta: Vec<f64> = profile.layers.iter().map(|layer| layer.log10_delta).collect();
        Prediction {
            decades_per_layer: slope_across_layers(&log10_delta),
            gradient_decades: log10_delta[0],
            spread: profile.spread,
            log10_delta,
            ..Prediction::NONE
        }
    }
}

/// Of a recurrent net: one layer, read once, at the end.
fn time(spec: &RunSpec, inputs: Moments) -> Prediction {
    let [units] = spec.model.hidden_widths()[..] else { return Prediction::NONE };
    if spec.data.answers() > 1 {
        return Prediction::NONE;
    }
    let layer = recurrent(&spec.model, units, inputs);
    let Some(log10_dh) = layer.and_then(|layer| outputs_through_time(&layer, spec.data.length())) else {
        return Prediction::NONE;
    };
    Prediction {
        decades_per_step: slope_through_time(&log10_dh),
        time_decades: log10_dh[0],
        log10_dh,
        ..Prediction::NONE
    }
}

/// The feed-forward net that a spec describes.
fn net(spec: &RunSpec, inputs: Moments) -> Net {
    let model = &spec.model;
    Net {
        activation: model.activation,
        slope: model.negative_slope,
        init: model.init,
        init_gain: model.init_gain,
        bias_std: model.bias.then_some(model.bias_std),
        inputs: Inputs { units: inputs.inputs, square: inputs.square, variance: inputs.variance },
        widths: model.hidden_widths(),
        norm: match model.norm() {
            NormKind::None => Norm::None,
            NormKind::Layer => Norm::Layer { eps: NORM_EPS },
            NormKind::Batch => {
                Norm::Batch { examples: spec.train.batch_size.of(spec.data.train_examples()), eps: NORM_EPS }
            }
        },
        residual: model.residual.then(|| model.residual_scaling.factor(model.hidden_layers())),
    }
}

/// The one recurrent layer of a model; `None` of a feed-forward one.
fn recurrent(model: &ModelSpec, units: usize, inputs: Moments) -> Option<Recurrent> {
    // A gate's own bias is a part of the biases.
    let added = |bias: f64| if model.bias { bias } else { 0.0 };
    let cell = match model.kind {
        ModelKind::Mlp => return None,
        ModelKind::Rnn => Cell::Rnn { activation: model.activation, slope: model.negative_slope },
        ModelKind::Lstm => Cell::Lstm { forget_bias: added(model.forget_bias) },
        ModelKind::Gru => Cell::Gru { update_bias: added(model.update_bias) },
    };
    // As the layer draws them: each gate's block of W_x is Xavier's, but for PyTorch's default, which draws W_x and b
    // from the range of W_h.
    let of_range = Init::PytorchDefault.variance(units, units);
    let (input_weight, bias) = if model.init == Init::PytorchDefault {
        (of_range, of_range)
    } else {
        (Init::XavierNormal.variance(inputs.inputs, units), model.bias_std * model.bias_std)
    };
    Some(Recurrent {
        cell,
        units,
        init: model.init,
        init_gain: model.init_gain,
        bias_variance: if model.bias { bias } else { 0.0 },
        input_variance: inputs.inputs as f64 * input_weight * inputs.square,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Source;
    use crate::nn::Activation;
    use crate::spec::BatchSize;

    /// As many inputs of variance 1 as units.
    const INPUTS: Moments = Moments { inputs: 64, square: 1.0, variance: 1.0, unevenness: 0.0 };

    fn count(n: usize) -> std::num::NonZeroUsize {
        n.try_into().expect("positive")
    }

    fn plain(activation: Activation, init: Init, depth: usize) -> RunSpec {
        let mut spec = RunSpec::default();
        (spec.model.activation, spec.model.init) = (activation, init);
        (spec.model.depth, spec.model.width) = (count(depth), count(64));
        spec.model.negative_slope = activation.default_slope();
        spec
    }

    #[test]
    fn the_profile_of_a_plain_net_is_the_published_one() {
        let of = |spec: &RunSpec| Prediction::of(spec, INPUTS);
        let sigmoid = of(&plain(Activation::Sigmoid, Init::XavierNormal, 20));
        // R_d(2, 20) of the theory's public table, in natural logarithms.
        let second = sigmoid.log10_delta[1] * std::f64::consts::LN_10;
        assert!((second + 25.992).abs() < 5.1e-4, "{second}");
        assert!((sigmoid.decades_per_layer - 0.236_05_f64.log10()).abs() < 0.01, "{}", sigmoid.decades_per_layer);
        assert_eq!((sigmoid.log10_delta.len(), sigmoid.log10_delta[19]), (20, 0.0));
        assert_eq!(sigmoid.gradient_decades, sigmoid.log10_delta[0]);
        assert!(sigmoid.decades_per_step.is_nan() && sigmoid.log10_dh.is_empty());
        let relu = of(&plain(Activation::Relu, Init::HeNormal, 20));
        assert!(relu.decades_per_layer.abs() < 1e-12 && relu.gradient_decades.abs() < 1e-12);
        let one = of(&plain(Activation::Relu, Init::HeNormal, 1));
        assert!(one.decades_per_layer.is_nan() && one.gradient_decades == 0.0 && one.log10_delta == [0.0]);
    }

    #[test]
    fn every_part_of_a_spec_that_the_theory_knows_counts() {
        type Change = fn(&mut RunSpec);
        let base = plain(Activation::Tanh, Init::XavierNormal, 20);
        let changes: [(&str, Change); 10] = [
            ("activation", |s| s.model.activation = Activation::Selu),
            ("init", |s| s.model.init = Init::HeNormal),
            ("init_gain", |s| s.model.init_gain = 1.5),
            ("bias_std", |s| s.model.bias_std = 0.5),
            ("bias", |s| (s.model.init, s.model.bias) = (Init::PytorchDefault, false)),
            ("batch norm", |s| s.model.batch_norm = true),
            ("a batch of 16", |s| (s.model.batch_norm, s.train.batch_size) = (true, BatchSize::Examples(count(16)))),
            ("layer norm", |s| s.model.layer_norm = true),
            ("residual", |s| s.model.residual = true),
            ("scaling", |s| {
                (s.model.residual, s.model.residual_scaling) = (true, crate::nn::ResidualScaling::InvSqrtDepth);
            }),
        ];
        let mut slopes = vec![Prediction::of(&base, INPUTS).decades_per_layer];
        for (what, change) in changes {
            let mut spec = base.clone();
            change(&mut spec);
            let slope = Prediction::of(&spec, INPUTS).decades_per_layer;
            assert!(slope.is_finite() && slopes.iter().all(|known| (known - slope).abs() > 1e-4), "{what}: {slope}");
            slopes.push(slope);
        }
        let slope = |change: Change| {
            let mut spec = plain(Activation::Prelu, Init::HeNormal, 20);
            change(&mut spec);
            Prediction::of(&spec, INPUTS).decades_per_layer
        };
        // 2 (1 + a^2) / 2 per layer.
        assert!((slope(|_| ()) - 0.5 * 1.0625_f64.log10()).abs() < 1e-12);
        assert!((slope(|s| s.model.negative_slope = 0.5) - 0.5 * 1.25_f64.log10()).abs() < 1e-12);
        let unequal = slope(|s| s.model.widths = [64, 128, 256].map(count).into());
        assert!((unequal - 0.5 * (2.0 * 1.0625_f64).log10()).abs() < 1e-12, "fan out over fan in: {unequal}");
    }

    #[test]
    fn all_examples_in_one_batch_are_those_of_the_training_part() {
        let rate = |batch_size| {
            let mut spec = plain(Activation::Relu, Init::HeNormal, 10);
            (spec.model.batch_norm, spec.train.batch_size) = (true, batch_size);
            (spec.data.source, spec.data.examples) = (Source::Noise, count(200));
            Prediction::of(&spec, INPUTS).log10_delta
        };
        assert_eq!(rate(BatchSize::Full), rate(BatchSize::Examples(count(200))));
    }

    fn recurrent_net(kind: ModelKind, length: usize) -> RunSpec {
        let mut spec = plain(Activation::Tanh, Init::Orthogonal, 1);
        spec.model.kind = kind;
        (spec.data.source, spec.data.length) = (Source::Noise, count(length));
        spec
    }

    #[test]
    fn a_recurrent_net_has_a_prediction_through_time_alone() {
        let faint = Moments { square: 1e-4, ..INPUTS };
        let mut gru = recurrent_net(ModelKind::Gru, 100);
        gru.model.update_bias = 2.0;
        let of_gru = Prediction::of(&gru, faint);
        // The slope of log10 sqrt(G(k)) over k = 0..99, from its sum over all ways.
        assert!((of_gru.decades_per_step + 0.030_068_01).abs() < 1e-5, "{}", of_gru.decades_per_step);
        assert_eq!((of_gru.log10_dh.len(), of_gru.log10_dh[99]), (100, 0.0));
        assert_eq!(of_gru.time_decades, of_gru.log10_dh[0]);
        assert!(of_gru.log10_delta.is_empty() && of_gru.decades_per_layer.is_nan());
        // Without biases a gate has none of its own either.
        (gru.model.bias, gru.model.update_bias) = (false, 2.0);
        let without = Prediction::of(&gru, faint).decades_per_step;
        assert!((without + 0.128_253_61).abs() < 1e-5, "{without}");
        let lstm = Prediction::of(&recurrent_net(ModelKind::Lstm, 50), faint);
        assert!((lstm.log10_dh[48] - 0.25_f64.log10()).abs() < 1e-12, "{}", lstm.log10_dh[48]);
    }

    #[test]
    fn what_the_theory_does_not_know_has_no_number() {
        let mut stack = recurrent_net(ModelKind::Rnn, 10);
        stack.model.depth = count(2);
        let mut many_answers = recurrent_net(ModelKind::Rnn, 3);
        many_answers.data.source = Source::Copy;
        let marginal = plain(Activation::Gelu, Init::HeNormal, 50);
        for spec in [stack, many_answers, marginal] {
            let none = Prediction::of(&spec, INPUTS);
            let numbers =
                [none.decades_per_layer, none.gradient_decades, none.spread, none.decades_per_step, none.time_decades];
            assert!(numbers.iter().all(|number| number.is_nan()), "{none:?}");
            assert!(none.log10_delta.is_empty() && none.log10_dh.is_empty());
        }
        let dark = Moments { square: 0.0, variance: 0.0, ..INPUTS };
        assert!(Prediction::of(&plain(Activation::Relu, Init::HeNormal, 5), dark).log10_delta.is_empty());
    }

    #[test]
    fn what_a_predictor_remembers_changes_nothing() {
        let mut predictor = Predictor::default();
        for activation in [Activation::Relu, Activation::Tanh, Activation::Relu] {
            for batch in [16, 64, 16] {
                let mut spec = plain(activation, Init::HeNormal, 8);
                (spec.model.batch_norm, spec.train.batch_size) = (true, BatchSize::Examples(count(batch)));
                let (got, want) = (predictor.predict(&spec, INPUTS), Prediction::of(&spec, INPUTS));
                assert_eq!((got.log10_delta, got.spread), (want.log10_delta, want.spread));
            }
        }
    }
}
