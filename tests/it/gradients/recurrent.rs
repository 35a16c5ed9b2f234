//! The backward pass through time against central differences, and the states against a plain reference, in f64.

use std::num::NonZeroUsize;

use ndarray::Array2;
use vgrun::kernels::ThreadBudget;
use vgrun::nn::{
    Activation, BatchShape, Buffers, Gradients, Mode, ModelKind, ModelSpec, Network, ResidualScaling, States,
};
use vgrun::seed::{Random, Stream};
use vgrun::spec::RunSpec;

use super::answers::Answers;
use crate::gradients::recurrent_reference::{Nudge, Reference};

const BATCH: usize = 3;
const INPUTS: usize = 2;
const OUTPUTS: usize = 3;
const WIDTH: usize = 5;

/// As in `differences`: half the width of the stencil's inner pair, and how far arguments stay from a kink.
const STEP: f64 = 2.5e-4;
const KINK_MARGIN: f64 = 6e-3;

/// The step where a state is nudged before an activation with a kink: a layer norm over units that are nearly all dead
/// moves later arguments by some hundred times the nudge.
const SMALL_STEP: f64 = STEP / 100.0;

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("positive")
}

/// Depth, layer norm and residual connections.
const SURROUNDINGS: [(usize, bool, Option<ResidualScaling>); 6] = [
    (1, false, None),
    (2, false, None),
    (2, true, None),
    (2, false, Some(ResidualScaling::None)),
    (3, true, Some(ResidualScaling::InvSqrtDepth)),
    (3, false, Some(ResidualScaling::InvSqrtDepth)),
];

/// T and M.
const LENGTHS: [(usize, usize); 4] = [(1, 1), (2, 1), (7, 1), (7, 3)];

fn model(
    kind: ModelKind,
    activation: Activation,
    bias: bool,
    (depth, layer_norm, residual): (usize, bool, Option<ResidualScaling>),
) -> ModelSpec {
    ModelSpec {
        kind,
        depth: count(depth),
        width: count(WIDTH),
        activation,
        negative_slope: activation.default_slope(),
        init_gain: 1.3,
        bias,
        bias_std: if bias { 0.3 } else { 0.0 },
        forget_bias: if bias && kind == ModelKind::Lstm { 1.0 } else { 0.0 },
        update_bias: if bias && kind == ModelKind::Gru { 0.5 } else { 0.0 },
        layer_norm,
        residual: residual.is_some(),
        residual_scaling: residual.unwrap_or(ResidualScaling::None),
        ..RunSpec::default().model
    }
}

/// A state of one layer and time step with its total gradient, (B, H) each; without c where there is none.
struct State {
    h: Vec<f64>,
    c: Vec<f64>,
    dh: Vec<f64>,
    dc: Vec<f64>,
}

impl State {
    fn of(at: &States<'_, f64>, t: usize) -> Self {
        assert_eq!(at.exponents[t], 0, "plain numbers");
        let [h, c, dh, dc] = [at.h_at(t), at.c_at(t), at.dh_at(t), at.dc_at(t)].map(<[f64]>::to_vec);
        Self { h, c, dh, dc }
    }
}

/// What a batch left: logits, and the states by layer and time step.
struct Total {
    logits: Vec<f64>,
    layers: Vec<Vec<State>>,
}

struct Case {
    net: Network<f64>,
    spec: ModelSpec,
    shape: BatchShape,
    x: Array2<f64>,
    answers: Answers,
    buffers: Buffers<f64>,
}

impl Case {
    /// The net of the first seed whose arguments all keep away from the kink.
    fn new(spec: &ModelSpec, (length, answers): (usize, usize), regression: bool) -> Self {
        let shape = BatchShape { examples: BATCH, length, answers };
        for seed in 0.. {
            let mut inputs = Random::new(seed, Stream::TrainInputs);
            let x = Array2::from_shape_simple_fn((shape.rows(), INPUTS), || inputs.normal());
            let rows = shape.answered_rows();
            let answers = if regression {
                Answers::Values(Array2::from_shape_simple_fn((rows, OUTPUTS), || inputs.normal()))
            } else {
                Answers::Classes((0..rows).map(|_| inputs.below(OUTPUTS)).collect())
            };
            let mut net = Network::new(spec, INPUTS, OUTPUTS, seed, Gradients::All);
            let mut buffers = Buffers::new(ThreadBudget::alone());
            net.fit(&mut buffers, shape);
            // Gains, shifts and slopes start at 1, 0 and one value; any mistake in them must show.
            net.visit(&mut buffers, |_, values, _| values.iter_mut().for_each(|v| *v += 0.2 * inputs.symmetric()));
            // Arrays that another net has used before.
            let mut other = Network::new(spec, INPUTS, OUTPUTS, seed + 1, Gradients::All);
            let longer = BatchShape { length: 9, ..shape };
            other.fit(&mut buffers, longer);
            buffers.input().iter_mut().for_each(|x| *x = inputs.normal());
            other.forward(Mode::Train, &mut buffers);
            let (entries, exponent) = buffers.answers().1.one_mut();
            entries.fill(1.0);
            *exponent = 0;
            other.backward(&mut buffers);
            net.fit(&mut buffers, shape);
            buffers.input().assign(&x);
            net.forward(Mode::Train, &mut buffers);
            let far = |z: &[f64]| z.iter().all(|z| z.abs() > KINK_MARGIN);
            let smooth = spec.kind != ModelKind::Rnn || !Reference::has_kink(spec.activation);
            let mut sites = 1..=net.hidden_layers();
            if smooth || sites.all(|l| net.states(l, &buffers).is_some_and(|at| far(at.z))) {
                return Self { net, spec: spec.clone(), shape, x, answers, buffers };
            }
        }
        unreachable!("the seeds do not end")
    }

    fn loss(&mut self) -> f64 {
        self.buffers.input().assign(&self.x);
        self.net.forward(Mode::Train, &mut self.buffers);
        let (logits, dlogits) = self.buffers.answers();
        self.answers.target().evaluate(logits, dlogits).loss
    }

    /// The loss with `by` added to entry `entry` of tensor `tensor`.
    fn shifted_loss(&mut self, tensor: usize, entry: usize, by: f64) -> f64 {
        let mut kept = 0.0;
        self.net.visit(&mut self.buffers, |t, values, _| {
            if t == tensor {
                kept = values[entry];
                values[entry] += by;
            }
        });
        let loss = self.loss();
        self.net.visit(&mut self.buffers, |t, values, _| {
            if t == tensor {
                values[entry] = kept;
            }
        });
        loss
    }

    /// The loss of the reference with one state nudged.
    fn nudged_loss(&self, reference: &Reference, nudge: Nudge) -> f64 {
        let x: Vec<Vec<f64>> = self.x.rows().into_iter().map(|row| row.to_vec()).collect();
        let logits = reference.forward(&x, self.shape, Some(nudge)).logits;
        let logits = Array2::from_shape_vec((self.shape.answered_rows(), OUTPUTS), logits).expect("as many");
        // Errors of this shape, which nobody reads.
        let mut room = self.net.buffers(self.shape);
        self.answers.target().evaluate(&logits, room.answers().1).loss
    }

    /// The gradients of all tensors by the backward pass.
    fn analytic(&mut self) -> Vec<Vec<f64>> {
        self.buffers.forget_gradients();
        let _ = self.loss();
        self.net.backward(&mut self.buffers);
        let mut gradients = Vec::new();
        self.net.visit(&mut self.buffers, |number, _, (gradient, exponent)| {
            assert_eq!(number, gradients.len(), "the numbers have no gap");
            gradients.push(gradient.iter().map(|g| g * 2_f64.powi(exponent)).collect());
        });
        gradients
    }

    /// Goes forward and back, and keeps every state and its total gradient while they are there.
    fn states(&mut self) -> Total {
        let _ = self.loss();
        let Self { net, buffers, .. } = self;
        let logits = buffers.answers().0.iter().copied().collect();
        let mut layers = Vec::new();
        for l in (1..=net.hidden_layers() + 1).rev() {
            net.backward_site(l, buffers, None);
            if let Some(at) = net.states(l, buffers) {
                layers.push((1..at.exponents.len()).map(|t| State::of(&at, t)).collect());
            }
        }
        layers.reverse();
        Total { logits, layers }
    }

    /// Central differences of the loss that `at` gives for (case, entry, shift) are the gradients.
    fn agree(&mut self, analytic: &[f64], step: f64, mut at: impl FnMut(&mut Self, usize, f64) -> f64, what: &str) {
        let n: Vec<f64> = (0..analytic.len())
            .map(|entry| {
                let mut at = |steps: f64| at(self, entry, steps * step);
                (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * step)
            })
            .collect();
        let difference: Vec<f64> = analytic.iter().zip(&n).map(|(a, n)| a - n).collect();
        let allowed = 1e-6 * (norm(analytic) + 1e-6);
        // Central differences cannot resolve less than the loss's rounding error over the step.
        let resolution = 8.0 * f64::EPSILON * self.loss().max(1.0) / step * (n.len() as f64).sqrt();
        assert!(
            norm(&difference) <= allowed.max(resolution),
            "{what} of {:?} at {:?}: {analytic:?} by backward, {n:?} by differences",
            self.spec,
            self.shape
        );
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn gradients_agree(kind: ModelKind, activation: Activation) {
    for surroundings in SURROUNDINGS {
        for (bias, regression) in [(true, false), (false, true)] {
            for lengths in LENGTHS {
                let mut case = Case::new(&model(kind, activation, bias, surroundings), lengths, regression);
                for (tensor, analytic) in case.analytic().iter().enumerate() {
                    let shifted = |case: &mut Case, entry, by| case.shifted_loss(tensor, entry, by);
                    case.agree(analytic, STEP, shifted, &format!("tensor {tensor}"));
                }
            }
        }
    }
}

fn states_agree(kind: ModelKind, activation: Activation) {
    let step = if Reference::has_kink(activation) { SMALL_STEP } else { STEP };
    for surroundings in SURROUNDINGS {
        for lengths in [(1, 1), (2, 1), (7, 3)] {
            let mut case = Case::new(&model(kind, activation, true, surroundings), lengths, lengths.1 > 1);
            let total = case.states();
            let reference = Reference::of(&case.spec, &case.net);
            let x: Vec<Vec<f64>> = case.x.rows().into_iter().map(|row| row.to_vec()).collect();
            let states = reference.forward(&x, case.shape, None);
            let close =
                |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-13);
            assert!(close(&total.logits, &states.logits), "{:?}", case.spec);
            for layer in 1..=surroundings.0 {
                for t in 1..=lengths.0 {
                    let at = &total.layers[layer - 1][t - 1];
                    assert!(close(&at.h, &states.h[layer - 1][t - 1]), "{:?}, layer {layer}, {t}", case.spec);
                    let of_c = &at.c;
                    assert!(of_c.is_empty() || close(of_c, &states.c[layer - 1][t - 1]), "{layer}, {t}");
                    assert_eq!(of_c.is_empty(), kind != ModelKind::Lstm);
                    for (of_h, gradient) in [(true, &at.dh), (false, &at.dc)] {
                        let nudged = |case: &mut Case, entry, by| {
                            case.nudged_loss(&reference, Nudge { of_h, layer, t, entry, by })
                        };
                        let what = format!("layer {layer}, t {t}, d{}", if of_h { "h" } else { "c" });
                        case.agree(gradient, step, nudged, &what);
                    }
                }
            }
        }
    }
}

macro_rules! each_cell {
    ($($gradients:ident, $states:ident: $kind:ident $activation:ident),+ $(,)?) => {
        $(#[test]
        fn $gradients() {
            gradients_agree(ModelKind::$kind, Activation::$activation);
        }

        #[test]
        fn $states() {
            states_agree(ModelKind::$kind, Activation::$activation);
        })+
    };
}

each_cell! {
    tanh_rnns_agree_with_central_differences, states_of_tanh_rnns_and_their_total_gradients_are_right: Rnn Tanh,
    relu_rnns_agree_with_central_differences, states_of_relu_rnns_and_their_total_gradients_are_right: Rnn Relu,
    prelu_rnns_agree_with_central_differences, states_of_prelu_rnns_and_their_total_gradients_are_right: Rnn Prelu,
    lstms_agree_with_central_differences, states_of_lstms_and_their_total_gradients_are_right: Lstm Tanh,
    grus_agree_with_central_differences, states_of_grus_and_their_total_gradients_are_right: Gru Tanh,
}

#[test]
fn the_second_batch_of_a_shape_allocates_nothing_and_is_the_first_one_again() {
    for kind in [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru] {
        let surroundings = (2, true, Some(ResidualScaling::InvSqrtDepth));
        let mut case = Case::new(&model(kind, Activation::Tanh, true, surroundings), (7, 3), false);
        let once = case.analytic();
        let Case { net, x, buffers, answers, .. } = &mut case;
        let allocated = allocation_counter::measure(|| {
            buffers.forget_gradients();
            buffers.input().assign(x);
            net.forward(Mode::Train, buffers);
            let (logits, dlogits) = buffers.answers();
            let _ = answers.target().evaluate(logits, dlogits);
            net.backward(buffers);
        });
        assert_eq!(allocated.count_total, 0, "{kind:?}");
        let mut number = 0;
        net.visit(buffers, |_, _, (again, _)| {
            assert_eq!(again, once[number]);
            number += 1;
        });
    }
}
