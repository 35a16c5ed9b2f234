//! What the mean field says of a run at its first step, from its spec and the moments of its data.

use crate::data::{Moments, TargetKind};
use crate::kernels::exp10;
use crate::metric::{slope_across_layers, slope_through_time};
use crate::nn::{Cell, Init, ModelSpec, NORM_EPS, NormKind};
use crate::spec::RunSpec;
use crate::theory::{
    Batch, Inputs, Limit, Net, Normalisation, RecurrentCell, RecurrentNet, Theory, outputs_through_time, state_decades,
    time_spread,
};

/// What the mean field says of a run at initialisation, in the definitions of what is measured there. It is NaN, or has
/// no layers or time steps, wherever the theory gives no number.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// log10(`delta_rms` of this layer / of layer L) of layers 1..L of a feed-forward net.
    pub log10_delta: Vec<f64>,
    /// Its slope, as `decades_per_layer` has it; NaN for L = 1, too.
    pub decades_per_layer: f64,
    /// log10(`delta_rms` of layer 1 / of layer L).
    pub gradient_decades: f64,
    /// How much higher the mean over seeds is at this width (and batch size) than what is predicted. For a feed-forward
    /// net that is the mean of `gradient_decades`, and below 0. For a recurrent net it is that of `time_decades`, which
    /// may also be above 0, as its error at one and the same W_h can be larger.
    pub bias: f64,
    /// The standard deviation over seeds of these decades.
    pub spread: f64,
    /// The standard deviation of `gradient_decades` in a batch of one example.
    pub widest_spread: f64,
    /// log10(`dh_rms` at t / at T) at t = 1..T of a recurrent net that is answered once, at T.
    pub log10_dh: Vec<f64>,
    /// Its slope, as `decades_per_step` has it; NaN for T = 1, too.
    pub decades_per_step: f64,
    /// log10(`state_rms` at t = 1 / at T - 1), as `init_time_decades` has it; NaN for T = 1, too.
    pub time_decades: f64,
}

/// Predicts one run after the other and remembers what they share.
#[derive(Debug, Default)]
pub struct Predictor {
    theory: Theory,
}

/// What the mean field says of a run's net, and of deeper nets like it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Where more and more layers like the last would lead; none for a recurrent net, for widths that differ, and where
    /// the theory does not know what the norm does.
    pub limit: Option<Limit>,
    /// The depth to which such a net can be trained, by the rule that was found with plain nets; NaN for others.
    pub trainable_depth: f64,
    /// What it says of the run.
    pub prediction: Prediction,
}

impl Outlook {
    /// Returns the factor on the RMS of an error per layer, in the limit; NaN without one.
    pub fn factor_per_layer(&self) -> f64 {
        self.limit.map_or(f64::NAN, Limit::factor)
    }

    /// Returns the number of layers over which its mean square changes by a factor of e; NaN without a limit.
    pub fn depth_scale(&self) -> f64 {
        self.limit.map_or(f64::NAN, Limit::depth_scale)
    }

    /// Returns the factor on the RMS of an error per time step of a recurrent net, by the slope over all of them; NaN
    /// for others.
    pub fn factor_per_step(&self) -> f64 {
        exp10(self.prediction.decades_per_step)
    }
}

impl Prediction {
    /// The prediction where the theory gives no number.
    pub const NONE: Self = Self {
        log10_delta: Vec::new(),
        decades_per_layer: f64::NAN,
        gradient_decades: f64::NAN,
        bias: f64::NAN,
        spread: f64::NAN,
        widest_spread: f64::NAN,
        log10_dh: Vec::new(),
        decades_per_step: f64::NAN,
        time_decades: f64::NAN,
    };

    /// Returns how far a run that measured so many decades is from what nets of its width and batch size show, in the
    /// standard deviation of one seed: through time for a recurrent net, across the layers for others. NaN without a
    /// prediction, and for one layer or two time steps, where one error is compared with itself.
    pub fn z(&self, gradient_decades: f64, time_decades: f64) -> f64 {
        let is_through_time = !self.log10_dh.is_empty();
        let (measured, predicted) =
            if is_through_time { (time_decades, self.time_decades) } else { (gradient_decades, self.gradient_decades) };
        (measured - predicted - self.bias) / self.spread
    }

    /// Predicts a run whose data have the moments `inputs`.
    pub fn of(spec: &RunSpec, inputs: Moments) -> Self {
        Predictor::default().predict(spec, inputs)
    }
}

impl Predictor {
    /// Returns what the theory says of a run whose data have the moments `inputs`.
    pub fn predict(&mut self, spec: &RunSpec, inputs: Moments) -> Prediction {
        if spec.model.kind.is_recurrent() { time(spec, inputs) } else { self.layers(spec, inputs) }
    }

    /// Predicts a run, and says what the theory expects of deeper nets like its own.
    pub fn outlook(&mut self, spec: &RunSpec, inputs: Moments) -> Outlook {
        let limit = self.limit(spec, inputs);
        let trainable_depth = limit.filter(|_| is_plain(&spec.model)).map_or(f64::NAN, Limit::trainable_depth);
        Outlook { limit, trainable_depth, prediction: self.predict(spec, inputs) }
    }

    /// Returns where more and more layers like the last would lead a plain net, for which the rule of the trainable
    /// depth was found; none for others.
    pub fn limit_of_plain(&mut self, spec: &RunSpec, inputs: Moments) -> Option<Limit> {
        if is_plain(&spec.model) { self.limit(spec, inputs) } else { None }
    }

    fn limit(&mut self, spec: &RunSpec, inputs: Moments) -> Option<Limit> {
        if spec.model.kind.is_recurrent() { None } else { self.theory.limit(&net_of(spec, inputs)) }
    }

    /// Predicts a feed-forward net.
    fn layers(&mut self, spec: &RunSpec, inputs: Moments) -> Prediction {
        let Some(profile) = self.theory.profile(&net_of(spec, inputs)) else { return Prediction::NONE };
        let log10_delta: Vec<f64> = profile.layers.iter().map(|layer| layer.log10_delta).collect();
        Prediction {
            decades_per_layer: slope_across_layers(&log10_delta),
            gradient_decades: log10_delta[0],
            bias: profile.layers[0].bias,
            spread: profile.layers[0].spread,
            widest_spread: profile.widest_spread,
            log10_delta,
            ..Prediction::NONE
        }
    }
}

fn is_plain(model: &ModelSpec) -> bool {
    model.norm() == NormKind::None && !model.residual
}

/// Predicts a recurrent net: one layer, read once, at the end.
fn time(spec: &RunSpec, inputs: Moments) -> Prediction {
    let [units] = spec.model.hidden_widths()[..] else { return Prediction::NONE };
    if spec.data.answers() > 1 {
        return Prediction::NONE;
    }
    let layer = recurrent(&spec.model, units, inputs);
    let length = spec.data.length();
    let Some(log10_dh) = layer.as_ref().and_then(|layer| outputs_through_time(layer, length)) else {
        return Prediction::NONE;
    };
    let spread = layer.as_ref().and_then(|layer| time_spread(layer, length));
    Prediction {
        decades_per_step: slope_through_time(&log10_dh),
        time_decades: layer.as_ref().and_then(|layer| state_decades(layer, length)).unwrap_or(f64::NAN),
        bias: spread.map_or(f64::NAN, |spread| spread.bias),
        spread: spread.map_or(f64::NAN, |spread| spread.spread),
        log10_dh,
        ..Prediction::NONE
    }
}

/// Returns the feed-forward net that a spec describes, as the theory speaks of it.
pub fn net_of(spec: &RunSpec, inputs: Moments) -> Net {
    let model = &spec.model;
    let batch_size = spec.train.batch_size.of(spec.data.train_examples());
    Net {
        activation: model.activation,
        slope: model.negative_slope,
        init: model.init,
        init_gain: model.init_gain,
        bias_std: model.bias.then_some(model.bias_std),
        inputs: of_data(inputs),
        widths: model.hidden_widths(),
        norm: match model.norm() {
            NormKind::None => Normalisation::None,
            // Units have mean 0 at initialisation, so that a mean that is not taken away is none.
            NormKind::Layer | NormKind::Rms => Normalisation::Layer { eps: NORM_EPS },
            NormKind::Batch => Normalisation::Batch { examples: batch_size, eps: NORM_EPS },
        },
        batch: Batch { examples: batch_size, likeness: likeness_of_errors(spec) },
        residual: model.residual.then(|| model.branch_scale()),
    }
}

/// Returns the mean squared cosine between the derivatives of two examples' losses by the outputs, at most. The
/// derivatives by a single output are all alike. A net that holds every example to be of one of C classes, with e of
/// that class less e of the right one, has cosines of 1 between examples of one class, which are 1 in C - 1, and of 1/2
/// between others; one that holds all classes to be equally likely has 1 and -1 / (C - 1).
fn likeness_of_errors(spec: &RunSpec) -> f64 {
    let outputs = spec.data.outputs() as f64;
    match spec.data.target() {
        TargetKind::Class if outputs > 2.0 => 0.25 + 0.75 / (outputs - 1.0),
        TargetKind::Class => 1.0,
        TargetKind::Regression => 1.0 / outputs,
    }
}

/// Returns the moments of the data as the theory asks for them.
fn of_data(Moments { inputs, square, variance, unevenness, directions }: Moments) -> Inputs {
    Inputs { units: inputs, square, variance, unevenness, directions }
}

/// How much sequences differ from each other in ln of their mean square, if the data have time steps that are all 0,
/// such as the margins of an image. Nothing measures it; 0.3 is what nets show that read digits pixel by pixel.
const PARTLY_DARK: f64 = 0.3;

/// Returns the one recurrent layer of a model; `None` for a feed-forward one.
fn recurrent(model: &ModelSpec, units: usize, inputs: Moments) -> Option<RecurrentNet> {
    // A gate's own bias is a part of the biases.
    let added = |bias: f64| if model.bias { bias } else { 0.0 };
    let cell = match model.cell()? {
        Cell::Rnn(activation) => RecurrentCell::Rnn { activation, slope: model.negative_slope },
        Cell::Lstm => RecurrentCell::Lstm { forget_bias: added(model.forget_bias) },
        Cell::Gru => RecurrentCell::Gru { update_bias: added(model.update_bias) },
    };
    // As the layer draws them: each gate's block of W_x is Xavier's, but for PyTorch's default, which draws W_x and b
    // from the range of W_h.
    let of_range = Init::PytorchDefault.variance(units, units);
    let (input_weight, bias) = if model.init == Init::PytorchDefault {
        (of_range, of_range)
    } else {
        (Init::XavierNormal.variance(inputs.inputs, units), model.bias_std * model.bias_std)
    };
    let of_input = inputs.inputs as f64 * input_weight;
    Some(RecurrentNet {
        cell,
        units,
        init: model.init,
        init_gain: model.init_gain,
        bias_variance: if model.bias { bias } else { 0.0 },
        input_variance: of_input * inputs.square,
        steady_variance: of_input * (inputs.square - inputs.variance).max(0.0),
        unevenness: if inputs.unevenness.is_infinite() { PARTLY_DARK } else { 0.0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataSource;
    use crate::nn::{Activation, ModelKind};
    use crate::spec::BatchSize;

    /// Data with as many inputs of variance 1 as the net has units.
    const INPUTS: Moments = Moments { inputs: 64, square: 1.0, variance: 1.0, unevenness: 0.0, directions: 64.0 };

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
        assert_eq!((relu.decades_per_layer, relu.gradient_decades), (0.0, 0.0), "no trace of rounding");
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
            (spec.data.source, spec.data.examples) = (DataSource::Noise, count(200));
            Prediction::of(&spec, INPUTS).log10_delta
        };
        assert_eq!(rate(BatchSize::Full), rate(BatchSize::Examples(count(200))));
    }

    fn recurrent_net(kind: ModelKind, length: usize) -> RunSpec {
        let mut spec = plain(Activation::Tanh, Init::Orthogonal, 1);
        spec.model.kind = kind;
        (spec.data.source, spec.data.length) = (DataSource::Noise, count(length));
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
        assert_eq!(of_gru.time_decades, of_gru.log10_dh[0] - of_gru.log10_dh[98]);
        assert!(Prediction::of(&recurrent_net(ModelKind::Gru, 1), faint).time_decades.is_nan());
        assert!(of_gru.log10_delta.is_empty() && of_gru.decades_per_layer.is_nan());
        // Without biases a gate has none of its own either.
        (gru.model.bias, gru.model.update_bias) = (false, 2.0);
        let without = Prediction::of(&gru, faint).decades_per_step;
        assert!((without + 0.128_253_61).abs() < 1e-5, "{without}");
        let lstm = Prediction::of(&recurrent_net(ModelKind::Lstm, 50), faint);
        assert!((lstm.log10_dh[48] - 0.25_f64.log10()).abs() < 1e-12, "{}", lstm.log10_dh[48]);
    }

    #[test]
    fn z_is_of_what_a_net_loses_through_time_where_it_is_recurrent() {
        let faint = Moments { square: 1e-4, ..INPUTS };
        let gru = Prediction::of(&recurrent_net(ModelKind::Gru, 40), faint);
        let expected = gru.time_decades + gru.bias;
        assert!(gru.z(f64::NAN, expected).abs() < 1e-12);
        assert!((gru.z(f64::NAN, expected - 2.0 * gru.spread) + 2.0).abs() < 1e-12);
        let mlp = Prediction::of(&plain(Activation::Relu, Init::HeNormal, 5), INPUTS);
        assert!(mlp.z(mlp.gradient_decades + mlp.bias, f64::NAN).abs() < 1e-12);
        // One error compared with itself.
        let two = Prediction::of(&recurrent_net(ModelKind::Gru, 2), faint);
        assert!(two.time_decades == 0.0 && two.z(f64::NAN, 0.0).is_nan());
        assert!(Prediction::of(&plain(Activation::Relu, Init::HeNormal, 1), INPUTS).z(0.0, f64::NAN).is_nan());
        assert!(Prediction::NONE.z(0.0, 0.0).is_nan());
    }

    #[test]
    fn what_is_steady_or_missing_in_sequences_counts() {
        let mut rnn = recurrent_net(ModelKind::Rnn, 40);
        rnn.model.activation = Activation::Relu;
        let spread = |variance| Prediction::of(&rnn, Moments { variance, ..INPUTS }).spread;
        assert!(spread(0.3) > 1.2 * spread(1.0), "{} {}", spread(0.3), spread(1.0));
        let tanh = recurrent_net(ModelKind::Rnn, 40);
        let bias =
            |unevenness| Prediction::of(&tanh, Moments { square: 0.1, variance: 0.1, unevenness, ..INPUTS }).bias;
        assert!(bias(f64::INFINITY) > 0.05 && bias(3.0) == 0.0, "{}", bias(f64::INFINITY));
    }

    #[test]
    fn what_the_theory_does_not_know_has_no_number() {
        let mut stack = recurrent_net(ModelKind::Rnn, 10);
        stack.model.depth = count(2);
        let mut many_answers = recurrent_net(ModelKind::Rnn, 3);
        many_answers.data.source = DataSource::Copy;
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
    fn the_outlook_of_a_plain_net_is_its_fixed_point_and_how_deep_it_can_be() {
        let of = |spec: &RunSpec| Predictor::default().outlook(spec, INPUTS);
        let sigmoid = of(&plain(Activation::Sigmoid, Init::XavierNormal, 20));
        let limit = sigmoid.limit.expect("a plain net has one");
        // The theory's public table of fixed points, to the digits printed.
        assert!((limit.fate.q() - 0.264_687).abs() < 5.1e-7 && (limit.chi - 0.055_721).abs() < 5.1e-7, "{limit:?}");
        assert!((sigmoid.factor_per_layer() - 0.236_05).abs() < 5.1e-6 && (sigmoid.depth_scale() - 0.346).abs() < 5e-4);
        assert_eq!(sigmoid.trainable_depth, 6.0 * sigmoid.depth_scale());
        let relu = of(&plain(Activation::Relu, Init::HeNormal, 20));
        let limit = relu.limit.expect("a plain net has one");
        assert_eq!((limit.fate.name(), limit.chi, relu.trainable_depth), ("neutral", 1.0, f64::INFINITY));
        for change in [|s: &mut RunSpec| s.model.residual = true, |s: &mut RunSpec| s.model.layer_norm = true] {
            let mut other = plain(Activation::Relu, Init::HeNormal, 20);
            change(&mut other);
            let outlook = of(&other);
            assert!(outlook.limit.is_some() && outlook.trainable_depth.is_nan(), "the rule is of plain nets");
        }
        let mut gru = recurrent_net(ModelKind::Gru, 50);
        gru.model.update_bias = 1.0;
        let gru = Predictor::default().outlook(&gru, Moments { square: 1e-4, ..INPUTS });
        assert!(gru.limit.is_none() && gru.factor_per_layer().is_nan() && gru.depth_scale().is_nan());
        assert!((gru.factor_per_step().log10() - gru.prediction.decades_per_step).abs() < 1e-12);
    }

    #[test]
    fn examples_of_very_different_size_have_no_number_where_few_of_them_decide() {
        let mut normed = plain(Activation::Tanh, Init::XavierNormal, 10);
        normed.model.layer_norm = true;
        let of = |spec: &RunSpec, unevenness| Prediction::of(spec, Moments { unevenness, ..INPUTS });
        let (even, uneven, wild) = (of(&normed, 0.0), of(&normed, 0.2), of(&normed, 3.0));
        // Layer 1 is E 1/q relative to layer 2, which is none of the examples' business: exp(unevenness) of a logarithm
        // that is normal.
        let more = uneven.gradient_decades - even.gradient_decades;
        assert!((more - 0.1 * std::f64::consts::LOG10_E).abs() < 1e-3, "{more}");
        assert!((uneven.decades_per_layer - even.decades_per_layer).abs() < 1e-4);
        assert!(wild.log10_delta[0].is_nan() && wild.gradient_decades.is_nan(), "{wild:?}");
        assert!((wild.decades_per_layer - even.decades_per_layer).abs() < 1e-3, "{}", wild.decades_per_layer);
        let infinite = of(&normed, f64::INFINITY);
        assert!(infinite.decades_per_layer.is_nan(), "{infinite:?}");
    }

    #[test]
    fn batch_norm_has_no_number_where_all_examples_lie_in_a_plane() {
        let mut normed = plain(Activation::Relu, Init::HeNormal, 10);
        normed.model.batch_norm = true;
        let of = |directions| Prediction::of(&normed, Moments { directions, ..INPUTS }).decades_per_layer;
        assert!(of(2.0).is_nan() && of(f64::NAN).is_nan() && of(20.0) == of(64.0) && of(64.0).is_finite());
    }

    #[test]
    fn what_a_predictor_remembers_changes_nothing() {
        let mut predictor = Predictor::default();
        for activation in [Activation::Relu, Activation::Tanh, Activation::Relu] {
            for (batch, depth) in [(Some(16), 8), (None, 8), (Some(16), 9), (None, 12), (Some(32), 8)] {
                let mut spec = plain(activation, Init::HeNormal, depth);
                if let Some(examples) = batch {
                    (spec.model.batch_norm, spec.train.batch_size) = (true, BatchSize::Examples(count(examples)));
                }
                let (got, want) = (predictor.predict(&spec, INPUTS), Prediction::of(&spec, INPUTS));
                assert_eq!((got.log10_delta, got.spread), (want.log10_delta, want.spread));
            }
        }
    }
}
