//! Every backward pass against central differences of its forward, in f64.

use std::num::NonZeroUsize;

use ndarray::Array2;
use vgrun::nn::{Activation, Mode, Model, ModelSpec, Network, ResidualScaling, Target};
use vgrun::seed::{Random, Stream};
use vgrun::spec::RunSpec;

const BATCH: usize = 5;
const INPUTS: usize = 4;
const OUTPUTS: usize = 3;

/// Half the width of the five-point stencil's inner pair: its truncation error is of order step^4.
const STEP: f64 = 2.5e-4;

/// No argument of a kinked activation may be nearer to its kink than this, or the stencil would straddle it.
const KINK_MARGIN: f64 = 6e-3;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("positive")
}

/// What surrounds the dense layers.
#[derive(Debug, Clone, Copy)]
struct Extras {
    batch_norm: bool,
    layer_norm: bool,
    residual: bool,
    scaling: ResidualScaling,
}

fn all_extras() -> Vec<Extras> {
    let mut all = Vec::new();
    for (batch_norm, layer_norm) in [(false, false), (true, false), (false, true)] {
        for (residual, scaling) in
            [(false, ResidualScaling::None), (true, ResidualScaling::None), (true, ResidualScaling::InvSqrtDepth)]
        {
            all.push(Extras { batch_norm, layer_norm, residual, scaling });
        }
    }
    all
}

fn model(activation: Activation, bias: bool, extras: Extras) -> ModelSpec {
    ModelSpec {
        depth: count(3),
        width: count(5),
        activation,
        negative_slope: activation.default_slope(),
        init_gain: 1.3,
        bias,
        bias_std: if bias { 0.3 } else { 0.0 },
        batch_norm: extras.batch_norm,
        layer_norm: extras.layer_norm,
        residual: extras.residual,
        residual_scaling: extras.scaling,
        ..RunSpec::default().model
    }
}

/// Answers of either kind.
enum Answers {
    Classes(Vec<usize>),
    Values(Array2<f64>),
}

impl Answers {
    fn target(&self) -> Target<'_, f64> {
        match self {
            Self::Classes(labels) => Target::Classes(labels),
            Self::Values(values) => Target::Values(values),
        }
    }
}

fn has_kink(activation: Activation) -> bool {
    use Activation::{Elu, Gelu, LeakyRelu, Linear, Prelu, Relu, Selu, Sigmoid, Silu, Softplus, Tanh};
    match activation {
        Relu | LeakyRelu | Prelu | Elu | Selu => true,
        Linear | Sigmoid | Tanh | Gelu | Silu | Softplus => false,
    }
}

struct Case {
    net: Network<f64>,
    x: Array2<f64>,
    answers: Answers,
}

impl Case {
    /// The net of the first seed whose arguments all keep away from the kink.
    fn new(spec: &ModelSpec, regression: bool) -> Self {
        for seed in 0.. {
            let mut inputs = Random::new(seed, Stream::TrainInputs);
            let x = Array2::from_shape_simple_fn((BATCH, INPUTS), || inputs.normal());
            let answers = if regression {
                Answers::Values(Array2::from_shape_simple_fn((BATCH, OUTPUTS), || inputs.normal()))
            } else {
                Answers::Classes((0..BATCH).map(|_| inputs.below(OUTPUTS)).collect())
            };
            let mut net = Network::new(spec, INPUTS, OUTPUTS, seed);
            // Gains, shifts and slopes start at 1, 0 and one value; any mistake in them must show.
            net.visit(|_, values, _| {
                values.iter_mut().for_each(|v| *v += 0.2 * inputs.symmetric());
            });
            let mut cache = net.cache(BATCH);
            net.forward(&x, Mode::Train, &mut cache);
            let nearest = |at: &Array2<f64>| at.iter().fold(f64::INFINITY, |m, u| m.min(u.abs()));
            if !has_kink(spec.activation) || cache.hidden.iter().all(|at| nearest(at.u()) > KINK_MARGIN) {
                return Self { net, x, answers };
            }
        }
        unreachable!("the seeds do not end")
    }

    fn loss(&mut self) -> f64 {
        let mut cache = self.net.cache(BATCH);
        self.net.forward(&self.x, Mode::Train, &mut cache);
        self.answers.target().evaluate(&cache.logits, &mut cache.dlogits).loss
    }

    /// The loss with `by` added to entry `entry` of tensor `tensor`.
    fn shifted_loss(&mut self, tensor: usize, entry: usize, by: f64) -> f64 {
        let mut kept = 0.0;
        self.net.visit(|t, values, _| {
            if t == tensor {
                kept = values[entry];
                values[entry] += by;
            }
        });
        let loss = self.loss();
        self.net.visit(|t, values, _| {
            if t == tensor {
                values[entry] = kept;
            }
        });
        loss
    }

    /// The gradients of all tensors by the backward pass.
    fn analytic(&mut self) -> Vec<Vec<f64>> {
        let mut cache = self.net.cache(BATCH);
        self.net.zero_gradients();
        self.net.forward(&self.x, Mode::Train, &mut cache);
        let _ = self.answers.target().evaluate(&cache.logits, &mut cache.dlogits);
        self.net.backward(&self.x, &mut cache);
        let mut gradients = Vec::new();
        self.net.visit(|_, _, (gradient, exponent)| {
            gradients.push(gradient.iter().map(|g| g * 2_f64.powi(exponent)).collect());
        });
        gradients
    }

    fn numeric(&mut self, tensor: usize, entry: usize) -> f64 {
        let mut at = |steps: f64| self.shifted_loss(tensor, entry, steps * STEP);
        (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * STEP)
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn gradients_agree(activation: Activation) {
    for regression in [false, true] {
        for bias in [false, true] {
            for extras in all_extras() {
                let mut case = Case::new(&model(activation, bias, extras), regression);
                let analytic = case.analytic();
                for (tensor, a) in analytic.iter().enumerate() {
                    let n: Vec<f64> = (0..a.len()).map(|entry| case.numeric(tensor, entry)).collect();
                    let difference: Vec<f64> = a.iter().zip(&n).map(|(a, n)| a - n).collect();
                    let allowed = 1e-6 * (norm(a) + 1e-6);
                    // Central differences cannot resolve less than the loss's rounding error over the step.
                    let resolution = 8.0 * f64::EPSILON * case.loss().max(1.0) / STEP;
                    assert!(
                        norm(&difference) <= allowed.max(resolution),
                        "{activation:?} regression {regression} bias {bias} {extras:?} tensor {tensor}: \
                         {a:?} by backward, {n:?} by differences"
                    );
                }
            }
        }
    }
}

macro_rules! each_activation {
    ($($name:ident: $activation:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            gradients_agree(Activation::$activation);
        })+

        #[test]
        fn no_activation_is_left_out() {
            assert_eq!([$(Activation::$activation),+], Activation::ALL);
        }
    };
}

each_activation! {
    linear_nets_agree_with_central_differences: Linear,
    sigmoid_nets_agree_with_central_differences: Sigmoid,
    tanh_nets_agree_with_central_differences: Tanh,
    relu_nets_agree_with_central_differences: Relu,
    leaky_relu_nets_agree_with_central_differences: LeakyRelu,
    prelu_nets_agree_with_central_differences: Prelu,
    elu_nets_agree_with_central_differences: Elu,
    selu_nets_agree_with_central_differences: Selu,
    gelu_nets_agree_with_central_differences: Gelu,
    silu_nets_agree_with_central_differences: Silu,
    softplus_nets_agree_with_central_differences: Softplus,
}

#[test]
fn a_bias_before_a_batch_norm_has_no_gradient_but_rounding() {
    let extras = Extras { batch_norm: true, layer_norm: false, residual: false, scaling: ResidualScaling::None };
    let mut case = Case::new(&model(Activation::Tanh, true, extras), false);
    let analytic = case.analytic();
    // Tensors of a layer: W, b, gain, shift.
    for layer in 0..3 {
        assert!(norm(&analytic[4 * layer]) > 1e-3);
        assert!(norm(&analytic[4 * layer + 1]) < 1e-15);
    }
}

#[test]
fn delta_of_the_head_is_the_gradient_of_its_bias_summed_over_the_batch() {
    let extras = Extras { batch_norm: false, layer_norm: false, residual: true, scaling: ResidualScaling::None };
    let mut case = Case::new(&model(Activation::Tanh, true, extras), false);
    let mut cache = case.net.cache(BATCH);
    case.net.zero_gradients();
    case.net.forward(&case.x, Mode::Train, &mut cache);
    let _ = case.answers.target().evaluate(&cache.logits, &mut cache.dlogits);
    case.net.backward(&case.x, &mut cache);
    for (layer, at) in case.net.hidden.iter().zip(&cache.hidden) {
        for (j, &db) in layer.dense.db.iter().enumerate() {
            assert!(
                (at.dz.entries.column(j).sum() - db).abs() < 1e-15,
                "dz is dLoss/dz of the stream, and of the branch"
            );
        }
    }
}
