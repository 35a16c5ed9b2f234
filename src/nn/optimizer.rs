//! Update rules, as `torch.optim` defines them, with its defaults:
//!
//! | name | update of a parameter w with gradient g at step t = 1, 2, .. |
//! |---|---|
//! | sgd | w -= lr g |
//! | momentum | v = momentum v + g; w -= lr v |
//! | rmsprop | v = alpha v + (1 - alpha) g^2; w -= lr g / (sqrt(v) + epsilon) |
//! | adam | m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon) |
//! | adamw | w -= lr weight_decay w; then as adam |
//!
//! Momentum is Polyak's (1964) in the form without dampening; rmsprop is Tieleman and Hinton's (2012), neither centred nor
//! with momentum; adam is Kingma and Ba's (2015); adamw is Loshchilov and Hutter's (2019): its decay does not pass
//! through the moments. Weight decay is adamw's alone; the other rules have none, as in PyTorch unless it is asked for.
//! Every parameter decays, biases and norms included, as when a PyTorch optimizer is given `model.parameters()`.

use serde::{Deserialize, Serialize};

use crate::kernels::{Real, UpdateRule, WeightChange, measured_update, sqrt, update};
use crate::names::named;

named! {
    /// The family of an update rule.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(missing_docs, reason = "the module's table says what each one is")]
    pub enum OptimizerKind {
        Sgd = "sgd",
        Momentum = "momentum",
        Rmsprop = "rmsprop",
        Adam = "adam",
        Adamw = "adamw",
    }
}

impl OptimizerKind {
    /// Whether the rule keeps the two moments of adam.
    pub fn is_adam(self) -> bool {
        match self {
            Self::Sgd | Self::Momentum | Self::Rmsprop => false,
            Self::Adam | Self::Adamw => true,
        }
    }
}

/// An update rule with its rates. Rates that the rule does not use hold their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerSpec {
    /// The family.
    pub kind: OptimizerKind,
    /// lr.
    pub learning_rate: f64,
    /// Decay of the velocity.
    pub momentum: f64,
    /// Decay of rmsprop's second moment.
    pub alpha: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Share of a weight that an update takes away, times the learning rate.
    pub weight_decay: f64,
}

/// An update rule at work: its rates, and what it remembers of each parameter tensor.
#[derive(Debug)]
pub struct Optimizer<F> {
    spec: OptimizerSpec,
    /// One tensor after the other, by their numbers.
    memory: Vec<Memory<F>>,
    /// beta1^t and beta2^t.
    powers: (f64, f64),
}

/// What a rule remembers of one tensor.
#[derive(Debug)]
struct Memory<F> {
    /// The velocity, or the first moment.
    first: Vec<F>,
    /// The second moment.
    second: Vec<F>,
}

impl<F: Real> Optimizer<F> {
    /// The rule at the start, with room for tensors of these sizes, which are numbered from 0.
    pub fn new(spec: &OptimizerSpec, tensor_sizes: impl IntoIterator<Item = usize>) -> Self {
        let (first, second) = match spec.kind {
            OptimizerKind::Sgd => (0, 0),
            OptimizerKind::Momentum => (1, 0),
            OptimizerKind::Rmsprop => (0, 1),
            OptimizerKind::Adam | OptimizerKind::Adamw => (1, 1),
        };
        let memory = |n: usize| Memory { first: vec![F::zero(); first * n], second: vec![F::zero(); second * n] };
        Self { spec: spec.clone(), memory: tensor_sizes.into_iter().map(memory).collect(), powers: (1.0, 1.0) }
    }

    /// Begins the next update t, before its tensors.
    pub fn next_step(&mut self) {
        self.powers.0 *= self.spec.beta1;
        self.powers.1 *= self.spec.beta2;
    }

    /// Updates the tensor number `index` from its gradient, entries x 2^exponent, after which the entries are 0; both of the
    /// size announced at birth.
    pub fn update(&mut self, index: usize, w: &mut [F], g: (&mut [F], i32)) {
        self.run(index, w, g, None);
    }

    /// [`Self::update`], measured; `before` is room for the tensor as it was.
    pub fn measured_update(&mut self, index: usize, w: &mut [F], g: (&mut [F], i32), before: &mut [F]) -> WeightChange {
        self.run(index, w, g, Some(before)).expect("with room for it, an update is measured")
    }

    fn run(&mut self, index: usize, w: &mut [F], g: (&mut [F], i32), before: Option<&mut [F]>) -> Option<WeightChange> {
        let Self { spec, powers, memory } = self;
        let Memory { first, second } = &mut memory[index];
        let lr = F::from_f64(spec.learning_rate);
        match spec.kind {
            OptimizerKind::Sgd => apply(Sgd { lr }, w, g, [], before),
            OptimizerKind::Momentum => {
                apply(Momentum { lr, momentum: F::from_f64(spec.momentum) }, w, g, [first], before)
            }
            OptimizerKind::Rmsprop => {
                let (keep, add) = (F::from_f64(spec.alpha), F::from_f64(1.0 - spec.alpha));
                let rule = Rmsprop { lr, keep, add, epsilon: F::from_f64(spec.epsilon) };
                apply(rule, w, g, [second], before)
            }
            OptimizerKind::Adam | OptimizerKind::Adamw => {
                let decays = spec.kind == OptimizerKind::Adamw;
                let rule = Adam {
                    decay: F::from_f64(if decays { 1.0 - spec.learning_rate * spec.weight_decay } else { 1.0 }),
                    first: (F::from_f64(spec.beta1), F::from_f64(1.0 - spec.beta1)),
                    second: (F::from_f64(spec.beta2), F::from_f64(1.0 - spec.beta2)),
                    // The corrections are taken in f64, as PyTorch takes them.
                    rate: F::from_f64(spec.learning_rate / (1.0 - powers.0)),
                    root: F::from_f64(sqrt(1.0 - powers.1)),
                    epsilon: F::from_f64(spec.epsilon),
                };
                apply(rule, w, g, [first, second], before)
            }
        }
    }
}

/// One pass of a rule, measured where there is room for the parameters as they were.
fn apply<F: Real, const M: usize>(
    rule: impl UpdateRule<F, M> + Copy,
    w: &mut [F],
    g: (&mut [F], i32),
    memory: [&mut Vec<F>; M],
    before: Option<&mut [F]>,
) -> Option<WeightChange> {
    let memory = memory.map(Vec::as_mut_slice);
    if let Some(before) = before {
        return Some(measured_update(rule, w, g, memory, before));
    }
    update(rule, w, g, memory);
    None
}

#[derive(Clone, Copy)]
struct Sgd<F> {
    lr: F,
}

impl<F: Real> UpdateRule<F, 0> for Sgd<F> {
    #[inline(always)]
    fn at(&self, w: F, g: F, memory: [F; 0]) -> (F, [F; 0]) {
        (w - self.lr * g, memory)
    }
}

#[derive(Clone, Copy)]
struct Momentum<F> {
    lr: F,
    momentum: F,
}

impl<F: Real> UpdateRule<F, 1> for Momentum<F> {
    #[inline(always)]
    fn at(&self, w: F, g: F, [v]: [F; 1]) -> (F, [F; 1]) {
        let v = self.momentum * v + g;
        (w - self.lr * v, [v])
    }
}

/// share g g, and 0 where g^2 is below the smallest normal number.
#[inline(always)]
fn share_of_square<F: Real>(share: F, g: F) -> F {
    let g = if g.abs() < F::power_of_two(-F::BIAS / 2) { F::zero() } else { g };
    share * g * g
}

#[derive(Clone, Copy)]
struct Rmsprop<F> {
    lr: F,
    /// alpha and 1 - alpha.
    keep: F,
    add: F,
    epsilon: F,
}

impl<F: Real> UpdateRule<F, 1> for Rmsprop<F> {
    #[inline(always)]
    fn at(&self, w: F, g: F, [v]: [F; 1]) -> (F, [F; 1]) {
        let v = self.keep * v + share_of_square(self.add, g);
        (w - self.lr * (g / (sqrt(v) + self.epsilon)), [v])
    }
}

/// Adam; with a decay below 1, adamw.
#[derive(Clone, Copy)]
struct Adam<F> {
    /// What is left of a parameter before it moves.
    decay: F,
    /// beta and 1 - beta of the moments.
    first: (F, F),
    second: (F, F),
    /// lr / (1 - beta1^t).
    rate: F,
    /// sqrt(1 - beta2^t).
    root: F,
    epsilon: F,
}

impl<F: Real> UpdateRule<F, 2> for Adam<F> {
    #[inline(always)]
    fn at(&self, w: F, g: F, [m, v]: [F; 2]) -> (F, [F; 2]) {
        let m = self.first.0 * m + self.first.1 * g;
        let v = self.second.0 * v + share_of_square(self.second.1, g);
        let step = self.rate * (m / (sqrt(v) / self.root + self.epsilon));
        (self.decay * w - step, [m, v])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two updates whose gradients are entries times 2^exponent.
    fn two_steps(kind: OptimizerKind, gradients: [([f64; 2], i32); 2]) -> Vec<f64> {
        let spec = OptimizerSpec {
            kind,
            learning_rate: 0.1,
            momentum: 0.9,
            alpha: 0.99,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
        };
        let mut optimizer = Optimizer::new(&spec, [2]);
        let mut w = vec![1.0, -2.0];
        for (mut entries, exponent) in gradients {
            optimizer.next_step();
            optimizer.update(0, &mut w, (&mut entries, exponent));
        }
        w
    }

    const PLAIN: [([f64; 2], i32); 2] = [([0.5, -1.0], 0), ([0.25, 2.0], 0)];

    fn close(got: &[f64], want: [f64; 2]) {
        assert!(got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-12), "{got:?}, not {want:?}");
    }

    #[test]
    fn two_updates_by_hand() {
        close(&two_steps(OptimizerKind::Sgd, PLAIN), [0.925, -2.1]);
        // v = g1, then 0.9 g1 + g2.
        close(&two_steps(OptimizerKind::Momentum, PLAIN), [1.0 - 0.05 - 0.07, -2.0 + 0.1 - 0.11]);
        let rmsprop = |w: f64, g: [f64; 2]| {
            let v1 = 0.01 * g[0] * g[0];
            let v2 = 0.99 * v1 + 0.01 * g[1] * g[1];
            w - 0.1 * g[0] / (v1.sqrt() + 1e-8) - 0.1 * g[1] / (v2.sqrt() + 1e-8)
        };
        close(&two_steps(OptimizerKind::Rmsprop, PLAIN), [rmsprop(1.0, [0.5, 0.25]), rmsprop(-2.0, [-1.0, 2.0])]);
        let adam = |w: f64, g: [f64; 2], kept: f64| {
            let (m1, v1) = (0.1 * g[0], 0.001 * g[0] * g[0]);
            let (m2, v2) = (0.9 * m1 + 0.1 * g[1], 0.999 * v1 + 0.001 * g[1] * g[1]);
            let first = 0.1 * (m1 / 0.1) / ((v1 / 0.001).sqrt() + 1e-8);
            let second = 0.1 * (m2 / 0.19) / ((v2 / 0.001_999).sqrt() + 1e-8);
            (w * kept - first) * kept - second
        };
        for (kind, kept) in [(OptimizerKind::Adam, 1.0), (OptimizerKind::Adamw, 1.0 - 0.1 * 0.01)] {
            close(&two_steps(kind, PLAIN), [adam(1.0, [0.5, 0.25], kept), adam(-2.0, [-1.0, 2.0], kept)]);
        }
    }

    #[test]
    fn an_update_is_that_of_the_gradients_value_whatever_its_exponent() {
        for kind in OptimizerKind::ALL {
            let scaled = [([2_f64.powi(299), -(2_f64.powi(300))], -300), ([2_f64.powi(38), 2_f64.powi(41)], -40)];
            assert_eq!(two_steps(kind, scaled), two_steps(kind, PLAIN), "{kind:?}");
        }
    }
}
