//! Losses, each the mean over the batch:
//!
//! | name | loss of an example | dLoss/dlogits of the batch |
//! |---|---|---|
//! | softmax cross-entropy | -ln p_y, p = softmax(logits) | (p - onehot(y)) / B |
//! | squared error | mean over outputs of (out - y)^2 | 2 (out - y) / (B outputs) |
//!
//! The error at the label is minus the sum of the other probabilities, not p_y - 1, and the loss goes through ln(1 + x),
//! not ln p_y: a net that is nearly sure of the answer has a small gradient, not none. Where all errors of a batch are so
//! small that the precision would lose digits of them, they are made anew with an exponent.

use ndarray::Array2;

use super::Errors;
use super::rows::as_slice;
use crate::kernels::{Pass, Real, Tier, exp, exp_times_power, is_faint, ln_1p, lowered, settle};

/// What a net is trained to minimise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Cross-entropy of a softmax, for classes.
    SoftmaxCrossEntropy,
    /// Squared error, for numbers.
    SquaredError,
}

/// The right answers for a batch.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a, F> {
    /// The class of each example, (B).
    Classes(&'a [usize]),
    /// The numbers of each example, (B, outputs).
    Values(&'a Array2<F>),
}

/// How a batch was answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered {
    /// Mean loss.
    pub loss: f64,
    /// Share of examples whose largest logit is the label's; NaN for numbers.
    pub accuracy: f64,
}

impl<F: Real> Target<'_, F> {
    /// The loss that goes with this kind of answer.
    pub fn loss(&self) -> Loss {
        match self {
            Self::Classes(_) => Loss::SoftmaxCrossEntropy,
            Self::Values(_) => Loss::SquaredError,
        }
    }

    /// The loss of `logits` (B, outputs), and dLoss/dlogits.
    pub fn evaluate(&self, logits: &Array2<F>, dlogits: &mut Errors<F>) -> Answered {
        let outputs = logits.ncols();
        let logits = as_slice(logits);
        let (dlogits, exponent) = dlogits.one_mut();
        let evaluate = |raised: i32, dlogits: &mut [F]| match self {
            Self::Classes(labels) => Tier::current().run(CrossEntropy { outputs, logits, labels, raised, dlogits }),
            Self::Values(values) => {
                Tier::current().run(SquaredError { out: logits, values: as_slice(values), raised, dlogits })
            }
        };
        let answered = evaluate(0, dlogits);
        *exponent = 0;
        if is_faint(dlogits) {
            let raised = match self {
                Self::Classes(labels) => sureness::<F>(logits, labels, outputs),
                Self::Values(_) => F::BIAS / 2,
            };
            evaluate(raised, dlogits);
            *exponent = -raised;
        }
        settle([dlogits], exponent);
        answered
    }
}

struct CrossEntropy<'a, F> {
    outputs: usize,
    /// (B, outputs).
    logits: &'a [F],
    /// (B).
    labels: &'a [usize],
    /// The errors are made times 2^raised.
    raised: i32,
    /// (B, outputs).
    dlogits: &'a mut [F],
}

/// The largest sureness. Beyond, the logits of f32 are more than a digit apart, and e^x has lost its own.
const MOST_SURE: f64 = 1e5;

/// Returns the n for which 2^-n is about the largest odds against the right class, where every example is sure of it.
fn sureness<F: Real>(logits: &[F], labels: &[usize], outputs: usize) -> i32 {
    let margin = |(logits, &label): (&[F], &usize)| {
        let others = logits.iter().enumerate().filter(|&(j, _)| j != label);
        others.map(|(_, other)| logits[label].f64() - other.f64()).fold(f64::INFINITY, f64::min)
    };
    let least = logits.chunks_exact(outputs).zip(labels).map(margin).fold(f64::INFINITY, f64::min);
    #[expect(clippy::cast_possible_truncation, reason = "a number within these bounds")]
    let n = (least / std::f64::consts::LN_2).clamp(0.0, MOST_SURE) as i32;
    n
}

impl<F: Real> Pass for CrossEntropy<'_, F> {
    type Output = Answered;

    #[inline(always)]
    fn run(self) -> Answered {
        let batch = self.labels.len() as f64;
        let per_example = F::from_f64(1.0 / batch);
        let (mut loss, mut correct) = (0.0, 0.0);
        // One pass over all entries, so that the exponentials fill vectors however few the classes.
        let rows = self.logits.chunks_exact(self.outputs).zip(self.dlogits.chunks_exact_mut(self.outputs));
        for (logits, delta) in rows {
            let top = logits[largest(logits)];
            logits.iter().zip(delta).for_each(|(&logit, delta)| *delta = logit - top);
        }
        let raised = self.raised;
        if raised == 0 {
            self.dlogits.iter_mut().for_each(|delta| *delta = exp(*delta));
        } else {
            self.dlogits.iter_mut().for_each(|delta| *delta = exp_times_power(*delta, raised));
        }
        let lowered = lowered::<F>(-raised, 0);
        let rows = self.logits.chunks_exact(self.outputs).zip(self.dlogits.chunks_exact_mut(self.outputs));
        for ((logits, delta), &label) in rows.zip(self.labels) {
            let top = largest(logits);
            // others = sum over j != top of e^(logit_j - logit_top), so that the softmax's denominator is 1 + others. (Where
            // they are raised, nothing but the right class is the top.)
            let mut others = F::zero();
            for (j, &delta) in delta.iter().enumerate() {
                if j != top {
                    others += delta;
                }
            }
            let others = lowered * others;
            let example_loss = (logits[top] - logits[label]) + ln_1p(others);
            let mut wrong = F::zero();
            for (j, delta) in delta.iter_mut().enumerate() {
                *delta /= F::one() + others;
                if j != label {
                    wrong += *delta;
                }
                *delta *= per_example;
            }
            delta[label] = -wrong * per_example;
            loss += example_loss.f64();
            if top == label && example_loss.is_finite() {
                correct += 1.0;
            }
        }
        Answered { loss: loss / batch, accuracy: correct / batch }
    }
}

/// The index of the largest entry, the first of equal ones; 0 where none is larger, as with NaN.
#[inline(always)]
fn largest<F: Real>(x: &[F]) -> usize {
    let mut top = 0;
    for (j, &x_j) in x.iter().enumerate() {
        if x_j > x[top] {
            top = j;
        }
    }
    top
}

struct SquaredError<'a, F> {
    /// (B, outputs), like the other two.
    out: &'a [F],
    values: &'a [F],
    /// The errors are made times 2^raised.
    raised: i32,
    dlogits: &'a mut [F],
}

impl<F: Real> Pass for SquaredError<'_, F> {
    type Output = Answered;

    #[inline(always)]
    fn run(self) -> Answered {
        let n = self.out.len() as f64;
        let (factor, raised) = (F::from_f64(2.0 / n), F::power_of_two(self.raised));
        let mut loss = 0.0;
        for ((&out, &value), dout) in self.out.iter().zip(self.values).zip(self.dlogits) {
            let error = out - value;
            loss += error.f64() * error.f64();
            *dout = factor * (raised * error);
        }
        Answered { loss: loss / n, accuracy: f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{BatchShape, Extent};
    use ndarray::array;

    fn zeros<F: Real>(rows: usize, columns: usize) -> Errors<F> {
        let mut errors = Errors::empty();
        errors.fit(Extent::of_steps(columns), BatchShape::of_examples(rows));
        errors
    }

    /// The entries as plain numbers.
    fn plain<F: Real>(delta: &Errors<F>) -> Array2<f64> {
        let (entries, exponent) = delta.as_one();
        entries.mapv(|x| x.f64() * 2_f64.powi(exponent.max(-2000)))
    }

    #[test]
    fn a_guess_costs_ln_c_and_sureness_keeps_its_digits() {
        let mut delta = zeros(1, 4);
        let even = Target::Classes(&[2]).evaluate(&array![[1.0, 1.0, 1.0, 1.0]], &mut delta);
        assert!((even.loss - 4.0_f64.ln()).abs() < 1e-15);
        assert_eq!(plain(&delta), array![[0.25, 0.25, -0.75, 0.25]]);

        let mut delta = zeros(1, 2);
        let sure = Target::Classes(&[0]).evaluate(&array![[50.0_f32, 0.0]], &mut delta);
        let p = libm::exp(-50.0);
        assert!((sure.loss / p - 1.0).abs() < 1e-6 && sure.accuracy == 1.0);
        assert!((plain(&delta)[[0, 0]] / -p - 1.0).abs() < 1e-6);
        assert!((plain(&delta)[[0, 1]] / p - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_wrong_answer_costs_its_margin() {
        let mut delta = zeros(2, 2);
        let answered = Target::Classes(&[1, 1]).evaluate(&array![[90.0_f32, 0.0], [0.0, 90.0]], &mut delta);
        assert_eq!(answered.loss, 45.0);
        assert_eq!(answered.accuracy, 0.5);
    }

    #[test]
    fn logits_that_are_not_numbers_make_the_loss_no_number_and_no_answer_right() {
        for logits in [array![[f32::NAN, 0.0]], array![[0.0, f32::NAN]], array![[f32::INFINITY, f32::INFINITY]]] {
            let answered = Target::Classes(&[0]).evaluate(&logits, &mut zeros(1, 2));
            assert!(!answered.loss.is_finite() && answered.accuracy == 0.0);
        }
    }

    #[test]
    fn squared_error_is_a_mean_over_all_outputs() {
        let mut delta = zeros(2, 1);
        let answered = Target::Values(&array![[1.0], [0.0]]).evaluate(&array![[3.0], [1.0]], &mut delta);
        assert_eq!(answered.loss, 2.5);
        assert_eq!(plain(&delta), array![[2.0], [1.0]]);
    }

    /// 0, subnormal, smallest normal, ordinary and huge numbers of both signs, whose differences are finite.
    fn edges() -> Vec<f32> {
        let sizes = [0.0, 1e-45, 1e-40, f32::MIN_POSITIVE, 1e-20, 0.5, 20.0, 88.0, 104.0, 1e30, 1.7e38];
        sizes.into_iter().flat_map(|x| [x, -x]).collect()
    }

    #[test]
    fn cross_entropy_is_right_from_subnormal_to_huge_logits() {
        for (a, b) in edges().into_iter().flat_map(|a| edges().into_iter().map(move |b| (a, b))) {
            let mut delta = zeros(1, 2);
            let got = Target::Classes(&[0]).evaluate(&array![[a, b]], &mut delta);
            let margin = f64::from(a) - f64::from(b);
            let loss = libm::log1p(libm::exp(-margin.abs())) + (-margin).max(0.0);
            let wrong = if margin > 0.0 {
                libm::exp(-margin) / (1.0 + libm::exp(-margin))
            } else {
                1.0 / (1.0 + libm::exp(margin))
            };
            // A loss below the smallest normal number counts as 0.
            let near = |got: f64, want: f64| (got - want).abs() <= 1e-6 * want.abs() + 2e-38;
            assert!(near(got.loss, loss), "{a:e} {b:e}: loss {:e}, not {loss:e}", got.loss);
            let delta = plain(&delta);
            let is_right = (delta[[0, 1]] - wrong).abs() <= 1e-6 * wrong;
            assert!(is_right, "{a:e} {b:e}: {:e}, not {wrong:e}", delta[[0, 1]]);
            assert_eq!(delta[[0, 0]], -delta[[0, 1]]);
        }
    }

    #[test]
    fn squared_error_is_right_from_subnormal_to_huge_outputs_and_no_number_where_they_are_none() {
        for (out, value) in edges().into_iter().flat_map(|a| edges().into_iter().map(move |b| (a, b))) {
            let mut delta = zeros(1, 1);
            let got = Target::Values(&array![[value]]).evaluate(&array![[out]], &mut delta);
            assert_eq!(
                (got.loss, plain(&delta)[[0, 0]]),
                (f64::from(out - value) * f64::from(out - value), f64::from(2.0 * (out - value)))
            );
        }
        for out in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let got = Target::Values(&array![[1.0]]).evaluate(&array![[out]], &mut zeros(1, 1));
            assert!(!got.loss.is_finite());
        }
    }
}
