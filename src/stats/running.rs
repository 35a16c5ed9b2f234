//! Means and deviations of numbers that come one by one and are not kept.

use crate::kernels::sqrt;

/// The mean of the numbers added so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunningMean {
    sum: f64,
    n: usize,
}

impl RunningMean {
    /// Adds a number.
    pub(crate) fn add(&mut self, x: f64) {
        self.sum += x;
        self.n += 1;
    }

    /// Adds a number unless it is NaN or infinite.
    pub(crate) fn add_finite(&mut self, x: f64) {
        if x.is_finite() {
            self.add(x);
        }
    }

    /// Returns whether no number was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Returns the mean; NaN where no number was added.
    pub(crate) fn mean(&self) -> f64 {
        self.sum / self.n as f64
    }
}

/// Returns the mean of some numbers, added in their order; NaN where there are none.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut running = RunningMean::default();
    values.into_iter().for_each(|x| running.add(x));
    running.mean()
}

/// The standard deviation of the numbers added so far, by Welford's recurrence, which does not cancel.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunningSpread {
    n: usize,
    mean: f64,
    squares: f64,
}

impl RunningSpread {
    /// Adds a number.
    pub(crate) fn add(&mut self, x: f64) {
        self.n += 1;
        let before = x - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (x - self.mean);
    }

    /// Returns the sample standard deviation, with n - 1 in the denominator; NaN for fewer than two numbers.
    pub(crate) fn sd(&self) -> f64 {
        if self.n > 1 { sqrt(self.squares / (self.n - 1) as f64) } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_deviations_are_those_of_all_numbers_at_once() {
        let numbers = [3.0, -1.0, 4.0, 1.0, -5.0];
        let (mut running, mut spread) = (RunningMean::default(), RunningSpread::default());
        assert!(running.is_empty() && running.mean().is_nan() && spread.sd().is_nan() && mean([]).is_nan());
        for x in numbers {
            running.add(x);
            spread.add(x);
        }
        let all = crate::stats::Statistics::of(numbers);
        assert!((running.mean() - all.mean).abs() < 1e-15 && (mean(numbers) - all.mean).abs() < 1e-15);
        assert!((spread.sd() - all.sd).abs() < 1e-14);
    }

    #[test]
    fn numbers_that_are_not_finite_can_be_left_out() {
        let mut running = RunningMean::default();
        [f64::NAN, 2.0, f64::INFINITY, 4.0, f64::NEG_INFINITY].into_iter().for_each(|x| running.add_finite(x));
        assert_eq!(running.mean(), 3.0);
    }
}
