//! The share of a data set's examples that is for testing.

use serde::{Deserialize, Serialize};

/// A share of examples from 0 to below 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct TestFraction {
    /// The bits of the number: equal shares are equal descriptions of a data set.
    bits: u64,
}

impl TestFraction {
    /// None for a number that is not from 0 to below 1.
    pub fn new(share: f64) -> Option<Self> {
        // The sum makes 0 of -0.
        (0.0..1.0).contains(&share).then(|| Self { bits: (share + 0.0).to_bits() })
    }

    /// The share as a number.
    pub fn get(self) -> f64 {
        f64::from_bits(self.bits)
    }

    /// How many of `examples` this is, rounded up.
    pub(in crate::data) fn of(self, examples: usize) -> usize {
        // A share such as 0.07 is a little more than that: 0.07 of 100 is 7.
        const ROUNDING: f64 = 1e-9;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the number of examples")]
        let tested = (self.get() * examples as f64 - ROUNDING).ceil().max(0.0) as usize;
        tested.min(examples)
    }
}

impl Default for TestFraction {
    fn default() -> Self {
        Self { bits: 0.2_f64.to_bits() }
    }
}

impl TryFrom<f64> for TestFraction {
    type Error = String;

    fn try_from(share: f64) -> Result<Self, String> {
        Self::new(share).ok_or_else(|| format!("{share} is no share from 0 to below 1"))
    }
}

impl From<TestFraction> for f64 {
    fn from(share: TestFraction) -> Self {
        share.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_is_a_fifth_rounded_up_of_any_number_and_other_shares_are_not_one_too_many() {
        let fifth = TestFraction::default();
        assert!((0..20_000).chain((1 << 28) - 20..1 << 28).all(|n: usize| fifth.of(n) == n.div_ceil(5)));
        let of = |share: f64, n: usize| TestFraction::new(share).expect("a share").of(n);
        assert_eq!((of(0.0, 10), of(-0.0, 10), of(0.07, 100), of(0.1, 30), of(0.999, 10)), (0, 0, 7, 3, 10));
        assert_eq!((of(0.5, 5), of(0.25, 1), of(0.25, 0)), (3, 1, 0));
        assert_eq!(TestFraction::new(0.0), TestFraction::new(-0.0));
        assert!([1.0, -0.1, f64::NAN, f64::INFINITY].iter().all(|&share| TestFraction::new(share).is_none()));
    }
}
