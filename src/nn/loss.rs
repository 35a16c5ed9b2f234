//! Losses, each the mean over the batch:
//!
//! | name | loss of an example | dLoss/dlogits of the batch |
//! |---|---|---|
//! | softmax cross-entropy | -ln p_y, p = softmax(logits) | (p - onehot(y)) / B |
//! | squared error | mean over outputs of (out - y)^2 | 2 (out - y) / (B outputs) |
//!
//! The error at the label is minus the sum of the other probabilities, not p_y - 1, and the loss goes through ln(1 + x),
//! not ln p_y: a net that is nearly sure of the answer has a small gradient, not none.

use ndarray::Array2;

use super::dense::{as_slice, as_slice_mut};
use crate::kernels::{Pass, Real, Tier, exp, ln_1p};

/// What a net is trained to minimise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// For classes.
    SoftmaxCrossEntropy,
    /// For numbers.
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
    pub fn judge(&self, logits: &Array2<F>, dlogits: &mut Array2<F>) -> Answered {
        let outputs = logits.ncols();
        let (logits, dlogits) = (as_slice(logits), as_slice_mut(dlogits));
        match self {
            Self::Classes(labels) => Tier::current().run(CrossEntropy { outputs, logits, labels, dlogits }),
            Self::Values(values) => {
                Tier::current().run(SquaredError { out: logits, values: as_slice(values), dlogits })
            }
        }
    }
}

struct CrossEntropy<'a, F> {
    outputs: usize,
    /// (B, outputs).
    logits: &'a [F],
    /// (B).
    labels: &'a [usize],
    /// (B, outputs).
    dlogits: &'a mut [F],
}

impl<F: Real> Pass for CrossEntropy<'_, F> {
    type Output = Answered;

    #[inline(always)]
    fn run(self) -> Answered {
        let batch = self.labels.len() as f64;
        let per_example = F::of(1.0 / batch);
        let (mut loss, mut correct) = (0.0, 0.0);
        // One pass over all entries, so that the exponentials fill vectors however few the classes.
        let rows = self.logits.chunks_exact(self.outputs).zip(self.dlogits.chunks_exact_mut(self.outputs));
        for (logits, delta) in rows {
            let top = logits[largest(logits)];
            logits.iter().zip(delta).for_each(|(&logit, delta)| *delta = logit - top);
        }
        self.dlogits.iter_mut().for_each(|delta| *delta = exp(*delta));
        let rows = self.logits.chunks_exact(self.outputs).zip(self.dlogits.chunks_exact_mut(self.outputs));
        for ((logits, delta), &label) in rows.zip(self.labels) {
            let top = largest(logits);
            // others = sum over j != top of e^(logit_j - logit_top), so that the softmax's denominator is 1 + others.
            let mut others = F::zero();
            for (j, &delta) in delta.iter().enumerate() {
                if j != top {
                    others += delta;
                }
            }
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
    dlogits: &'a mut [F],
}

impl<F: Real> Pass for SquaredError<'_, F> {
    type Output = Answered;

    #[inline(always)]
    fn run(self) -> Answered {
        let n = self.out.len() as f64;
        let factor = F::of(2.0 / n);
        let mut loss = 0.0;
        for ((&out, &value), dout) in self.out.iter().zip(self.values).zip(self.dlogits) {
            let error = out - value;
            loss += error.f64() * error.f64();
            *dout = factor * error;
        }
        Answered { loss: loss / n, accuracy: f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_guess_costs_ln_c_and_sureness_keeps_its_digits() {
        let mut delta = Array2::zeros((1, 4));
        let even = Target::Classes(&[2]).judge(&array![[1.0, 1.0, 1.0, 1.0]], &mut delta);
        assert!((even.loss - 4.0_f64.ln()).abs() < 1e-15);
        assert_eq!(delta, array![[0.25, 0.25, -0.75, 0.25]]);

        let mut delta = Array2::zeros((1, 2));
        let sure = Target::Classes(&[0]).judge(&array![[50.0_f32, 0.0]], &mut delta);
        let p = libm::exp(-50.0);
        assert!((sure.loss / p - 1.0).abs() < 1e-6 && sure.accuracy == 1.0);
        assert!((f64::from(delta[[0, 0]]) / -p - 1.0).abs() < 1e-6);
        assert!((f64::from(delta[[0, 1]]) / p - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_wrong_answer_costs_its_margin() {
        let mut delta = Array2::zeros((2, 2));
        let answered = Target::Classes(&[1, 1]).judge(&array![[90.0_f32, 0.0], [0.0, 90.0]], &mut delta);
        assert_eq!(answered.loss, 45.0);
        assert_eq!(answered.accuracy, 0.5);
    }

    #[test]
    fn logits_that_are_not_numbers_make_the_loss_no_number_and_no_answer_right() {
        for logits in [array![[f32::NAN, 0.0]], array![[0.0, f32::NAN]], array![[f32::INFINITY, f32::INFINITY]]] {
            let answered = Target::Classes(&[0]).judge(&logits, &mut Array2::zeros((1, 2)));
            assert!(!answered.loss.is_finite() && answered.accuracy == 0.0);
        }
    }

    #[test]
    fn squared_error_is_a_mean_over_all_outputs() {
        let mut delta = Array2::zeros((2, 1));
        let answered = Target::Values(&array![[1.0], [0.0]]).judge(&array![[3.0], [1.0]], &mut delta);
        assert_eq!(answered.loss, 2.5);
        assert_eq!(delta, array![[2.0], [1.0]]);
    }

    /// 0, subnormal, smallest normal, ordinary and huge numbers of both signs, whose differences are finite.
    fn edges() -> Vec<f32> {
        let sizes = [0.0, 1e-45, 1e-40, f32::MIN_POSITIVE, 1e-20, 0.5, 20.0, 88.0, 104.0, 1e30, 1.7e38];
        sizes.into_iter().flat_map(|x| [x, -x]).collect()
    }

    #[test]
    fn cross_entropy_is_right_from_subnormal_to_huge_logits() {
        for (a, b) in edges().into_iter().flat_map(|a| edges().into_iter().map(move |b| (a, b))) {
            let mut delta = Array2::zeros((1, 2));
            let got = Target::Classes(&[0]).judge(&array![[a, b]], &mut delta);
            let margin = f64::from(a) - f64::from(b);
            let loss = libm::log1p(libm::exp(-margin.abs())) + (-margin).max(0.0);
            let wrong = if margin > 0.0 {
                libm::exp(-margin) / (1.0 + libm::exp(-margin))
            } else {
                1.0 / (1.0 + libm::exp(margin))
            };
            let near = |got: f64, want: f64| (got - want).abs() <= 1e-6 * want.abs() + 1e-44;
            assert!(near(got.loss, loss), "{a:e} {b:e}: loss {:e}, not {loss:e}", got.loss);
            assert!(near(f64::from(delta[[0, 1]]), wrong), "{a:e} {b:e}: {:e}, not {wrong:e}", delta[[0, 1]]);
            assert_eq!(delta[[0, 0]], -delta[[0, 1]]);
        }
    }

    #[test]
    fn squared_error_is_right_from_subnormal_to_huge_outputs_and_no_number_where_they_are_none() {
        for (out, value) in edges().into_iter().flat_map(|a| edges().into_iter().map(move |b| (a, b))) {
            let mut delta = Array2::zeros((1, 1));
            let got = Target::Values(&array![[value]]).judge(&array![[out]], &mut delta);
            assert_eq!(
                (got.loss, delta[[0, 0]]),
                (f64::from(out - value) * f64::from(out - value), 2.0 * (out - value))
            );
        }
        for out in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let got = Target::Values(&array![[1.0]]).judge(&array![[out]], &mut Array2::zeros((1, 1)));
            assert!(!got.loss.is_finite());
        }
    }
}
