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

use super::Purpose;
use crate::kernels::{Arithmetic, Change, Real, Rule, measured_update, sqrt, update};

/// The family of an update rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the module's table says what each one is")]
pub enum OptimizerKind {
    Sgd,
    Momentum,
    Rmsprop,
    Adam,
    Adamw,
}

impl OptimizerKind {
    /// Every rule, in the order in which docs list them.
    pub const ALL: [Self; 5] = [Self::Sgd, Self::Momentum, Self::Rmsprop, Self::Adam, Self::Adamw];

    /// The name in configs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Momentum => "momentum",
            Self::Rmsprop => "rmsprop",
            Self::Adam => "adam",
            Self::Adamw => "adamw",
        }
    }

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

    /// What it does with the gradients of weights.
    pub fn purpose(&self) -> Purpose {
        match self.spec.kind {
            OptimizerKind::Sgd => Purpose::Descent(self.spec.learning_rate),
            OptimizerKind::Momentum | OptimizerKind::Rmsprop | OptimizerKind::Adam | OptimizerKind::Adamw => {
                Purpose::Reading
            }
        }
    }

    /// Updates the tensor number `index` from its gradient, which becomes 0; both of the size announced at birth.
    pub fn update(&mut self, index: usize, w: &mut [F], g: &mut [F]) {
        self.run(index, w, g, None);
    }

    /// [`Self::update`], measured; `before` is room for the tensor as it was.
    pub fn measured_update(&mut self, index: usize, w: &mut [F], g: &mut [F], before: &mut [F]) -> Change {
        self.run(index, w, g, Some(before)).expect("with room for it, an update is measured")
    }

    fn run(&mut self, index: usize, w: &mut [F], g: &mut [F], before: Option<&mut [F]>) -> Option<Change> {
        let Self { spec, powers, memory } = self;
        let Memory { first, second } = &mut memory[index];
        let lr = F::of(spec.learning_rate);
        match spec.kind {
            OptimizerKind::Sgd => apply(Sgd { lr }, w, g, [], before),
            OptimizerKind::Momentum => apply(Momentum { lr, momentum: F::of(spec.momentum) }, w, g, [first], before),
            OptimizerKind::Rmsprop => {
                let (keep, add) = (F::of(spec.alpha), F::of(1.0 - spec.alpha));
                let epsilon = F::of(spec.epsilon);
                let rule = Rmsprop { lr, keep, add, epsilon, least: least_beside(epsilon, F::one()) };
                apply(rule, w, g, [second], before)
            }
            OptimizerKind::Adam | OptimizerKind::Adamw => {
                let decays = spec.kind == OptimizerKind::Adamw;
                let (root, epsilon) = (F::of(sqrt(1.0 - powers.1)), F::of(spec.epsilon));
                let rule = Adam {
                    decay: F::of(if decays { 1.0 - spec.learning_rate * spec.weight_decay } else { 1.0 }),
                    first: (F::of(spec.beta1), F::of(1.0 - spec.beta1)),
                    second: (F::of(spec.beta2), F::of(1.0 - spec.beta2)),
                    // The corrections are taken in f64, as PyTorch takes them.
                    rate: F::of(spec.learning_rate / (1.0 - powers.0)),
                    root,
                    epsilon,
                    least: least_beside(epsilon, root),
                };
                apply(rule, w, g, [first, second], before)
            }
        }
    }
}

/// One pass of a rule, measured where there is room for the parameters as they were.
fn apply<F: Real, const M: usize>(
    rule: impl Rule<F, M> + Copy,
    w: &mut [F],
    g: &mut [F],
    memory: [&mut Vec<F>; M],
    before: Option<&mut [F]>,
) -> Option<Change> {
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

impl<F: Real> Rule<F, 0> for Sgd<F> {
    const HAS_SQUARES: bool = false;

    #[inline(always)]
    fn at<G: Arithmetic, S: Arithmetic>(&self, w: F, g: F, memory: [F; 0]) -> (F, [F; 0]) {
        (w - G::product(self.lr, g), memory)
    }

    fn least_factor(&self) -> F {
        self.lr
    }
}

#[derive(Clone, Copy)]
struct Momentum<F> {
    lr: F,
    momentum: F,
}

impl<F: Real> Rule<F, 1> for Momentum<F> {
    const HAS_SQUARES: bool = false;

    #[inline(always)]
    fn at<G: Arithmetic, S: Arithmetic>(&self, w: F, g: F, [v]: [F; 1]) -> (F, [F; 1]) {
        let v = G::product(self.momentum, v) + g;
        (w - G::product(self.lr, v), [v])
    }

    fn least_factor(&self) -> F {
        self.lr
    }
}

/// What may take the place of a smaller v in sqrt(v) / `divisor` + epsilon: the smallest normal number, if beside epsilon
/// its root counts for nothing, or else 0. So no root is taken of a subnormal number, over which many CPUs take long.
fn least_beside<F: Real>(epsilon: F, divisor: F) -> F {
    // Half the gap above epsilon is a quarter of the gap at 1 times it, or more: with less added, it stays.
    if sqrt(F::LEAST) / divisor < F::of(F::GAP_AT_1 / 8.0) * epsilon { F::LEAST } else { F::zero() }
}

#[derive(Clone, Copy)]
struct Rmsprop<F> {
    lr: F,
    /// alpha and 1 - alpha.
    keep: F,
    add: F,
    epsilon: F,
    /// As [`least_beside`] has it.
    least: F,
}

impl<F: Real> Rule<F, 1> for Rmsprop<F> {
    const HAS_SQUARES: bool = true;

    #[inline(always)]
    fn at<G: Arithmetic, S: Arithmetic>(&self, w: F, g: F, [v]: [F; 1]) -> (F, [F; 1]) {
        let v = S::product(self.keep, v) + S::product(S::product(self.add, g), g);
        (w - G::product(self.lr, G::quotient(g, sqrt(v.larger(self.least)) + self.epsilon)), [v])
    }

    fn least_factor(&self) -> F {
        self.add
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
    /// As [`least_beside`] has it.
    least: F,
}

impl<F: Real> Rule<F, 2> for Adam<F> {
    const HAS_SQUARES: bool = true;

    #[inline(always)]
    fn at<G: Arithmetic, S: Arithmetic>(&self, w: F, g: F, [m, v]: [F; 2]) -> (F, [F; 2]) {
        let m = G::product(self.first.0, m) + G::product(self.first.1, g);
        let v = S::product(self.second.0, v) + S::product(S::product(self.second.1, g), g);
        let step = G::product(self.rate, G::quotient(m, sqrt(v.larger(self.least)) / self.root + self.epsilon));
        // Weights are no smaller where gradients are.
        (self.decay * w - step, [m, v])
    }

    fn least_factor(&self) -> F {
        self.first.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Careful, Plain};

    fn two_steps(kind: OptimizerKind) -> Vec<f64> {
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
        for mut g in [[0.5, -1.0], [0.25, 2.0]] {
            optimizer.next_step();
            optimizer.update(0, &mut w, &mut g);
        }
        w
    }

    /// What an update makes of numbers of every size, which is what the operators make of each by the exact rule.
    fn check_small<F: Real, R: Rule<F, M> + Copy, const M: usize>(
        rule: &R,
        exact: &R,
        exponents: impl Iterator<Item = i32>,
    ) {
        let bits = |x: F| if x.f64().is_nan() { 1 } else { x.f64().to_bits() };
        for exponent in exponents {
            let power = f64::exp2(f64::from(exponent / 2)) * f64::exp2(f64::from(exponent - exponent / 2));
            let g: Vec<F> = (0..60).map(|i| F::of((f64::from(i * 7919 % 1009) / 1009.0 - 0.5) * power)).collect();
            for remembered in [0.0, 0.7 * power, 1e-3 * power, power * power, f64::exp2(-148.0), 0.3] {
                for w in [0.0, -0.0, 0.3, -1.0, 1e-20, 1.5 * power, -0.05 * power, f64::INFINITY] {
                    for squares in [F::of(remembered), F::zero()] {
                        let mut before = [F::of(remembered); M];
                        if let Some(last) = before.last_mut() {
                            *last = squares;
                        }
                        let (mut weights, mut gradients) = (vec![F::of(w); g.len()], g.clone());
                        let mut memory = before.map(|x| vec![x; g.len()]);
                        update(*rule, &mut weights, &mut gradients, memory.each_mut().map(Vec::as_mut_slice));
                        for (i, &g) in g.iter().enumerate() {
                            let got = (bits(weights[i]), memory.each_ref().map(|memory| bits(memory[i])));
                            for (w, memory) in [
                                exact.at::<Plain, Plain>(F::of(w), g, before),
                                exact.at::<Careful, Careful>(F::of(w), g, before),
                            ] {
                                let expected = (bits(w), memory.map(bits));
                                assert_eq!(got, expected, "{w:?}, {g:?}, {before:?}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn small_gradients_are_taken_off_to_the_same_bits() {
        fn all<F: Real>(exponents: &(impl Iterator<Item = i32> + Clone)) {
            let [lr, epsilon, keep] = [0.1, 1e-8, 0.9].map(F::of);
            let sgd = Sgd { lr };
            check_small(&sgd, &sgd, exponents.clone());
            let momentum = Momentum { lr, momentum: keep };
            check_small(&momentum, &momentum, exponents.clone());
            // Squares that are added whole are the last ones to vanish.
            for (add, epsilon) in [(0.01, epsilon), (1.0, epsilon), (0.01, F::of(1e-13))] {
                let rule = Rmsprop { lr, keep, add: F::of(add), epsilon, least: least_beside(epsilon, F::one()) };
                check_small(&rule, &Rmsprop { least: F::zero(), ..rule }, exponents.clone());
            }
            for (decay, epsilon) in [(1.0, 1e-8), (0.999, 1e-8), (1.0, 0.0), (1.0, 3e-12)] {
                let (decay, epsilon) = (F::of(decay), F::of(epsilon));
                let (first, second) = ((keep, F::of(1.0 - 0.9)), (F::of(0.999), F::of(1.0 - 0.999)));
                let (rate, root) = (F::of(0.02), F::of(0.03));
                let rule = Adam { decay, first, second, rate, root, epsilon, least: least_beside(epsilon, root) };
                check_small(&rule, &Adam { least: F::zero(), ..rule }, exponents.clone());
            }
        }
        all::<f32>(&(-149..130));
        all::<f64>(&(-1074..1000).step_by(9));
    }

    fn close(got: &[f64], want: [f64; 2]) {
        assert!(got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-12), "{got:?}, not {want:?}");
    }

    #[test]
    fn two_updates_by_hand() {
        close(&two_steps(OptimizerKind::Sgd), [0.925, -2.1]);
        // v = g1, then 0.9 g1 + g2.
        close(&two_steps(OptimizerKind::Momentum), [1.0 - 0.05 - 0.07, -2.0 + 0.1 - 0.11]);
        let rmsprop = |w: f64, g: [f64; 2]| {
            let v1 = 0.01 * g[0] * g[0];
            let v2 = 0.99 * v1 + 0.01 * g[1] * g[1];
            w - 0.1 * g[0] / (v1.sqrt() + 1e-8) - 0.1 * g[1] / (v2.sqrt() + 1e-8)
        };
        close(&two_steps(OptimizerKind::Rmsprop), [rmsprop(1.0, [0.5, 0.25]), rmsprop(-2.0, [-1.0, 2.0])]);
        let adam = |w: f64, g: [f64; 2], kept: f64| {
            let (m1, v1) = (0.1 * g[0], 0.001 * g[0] * g[0]);
            let (m2, v2) = (0.9 * m1 + 0.1 * g[1], 0.999 * v1 + 0.001 * g[1] * g[1]);
            let first = 0.1 * (m1 / 0.1) / ((v1 / 0.001).sqrt() + 1e-8);
            let second = 0.1 * (m2 / 0.19) / ((v2 / 0.001_999).sqrt() + 1e-8);
            (w * kept - first) * kept - second
        };
        for (kind, kept) in [(OptimizerKind::Adam, 1.0), (OptimizerKind::Adamw, 1.0 - 0.1 * 0.01)] {
            close(&two_steps(kind), [adam(1.0, [0.5, 0.25], kept), adam(-2.0, [-1.0, 2.0], kept)]);
        }
    }
}
