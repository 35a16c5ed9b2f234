//! What a product has to know of its factors before it is taken: their least and largest entries, found once for as many
//! products as a factor is in.

use crate::kernels::tier::Pass;
use crate::kernels::{Real, Tier};

/// The entries of a factor and their extremes.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'a, F> {
    /// Of the matrix, row by row.
    pub entries: &'a [F],
    /// Of all entries.
    pub extremes: Extremes<F>,
}

impl<'a, F: Real> Factor<'a, F> {
    /// A factor of these entries, all of which are looked at.
    pub fn of(entries: &'a [F]) -> Self {
        Self { entries, extremes: Extremes::of(entries) }
    }

    /// A factor of these entries, of which the extremes are known: with other ones, the product is another one.
    ///
    /// # Panics
    /// In tests, if they are other ones.
    pub fn known(entries: &'a [F], extremes: Extremes<F>) -> Self {
        // In tests alone, as it is the search that is to be saved.
        if cfg!(any(test, debug_assertions)) {
            assert!(extremes.are_those_of(entries), "the extremes are not those of the entries");
        }
        Self { entries, extremes }
    }
}

/// The least and the largest magnitude among some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes<F> {
    /// The least |x| that is not 0; 1 where that is larger, or where there is none.
    pub least: F,
    /// The largest |x|, or 0; NaN where there is one.
    pub largest: F,
}

impl<F: Real> Extremes<F> {
    /// Those of no number.
    pub fn none() -> Self {
        Self { least: F::one(), largest: F::zero() }
    }

    /// Those of the entries.
    pub fn of(x: &[F]) -> Self {
        Self::on(Tier::current(), x)
    }

    pub(super) fn on(tier: Tier, x: &[F]) -> Self {
        let (least, largest) = tier.run(Search { x });
        Self { least, largest }
    }

    /// Those of both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        // Not the order of numbers: NaN is the largest.
        Self { least: self.least.smaller(other.least), largest: self.largest.larger(other.largest) }
    }

    /// Whether all numbers are 0.
    pub(super) fn are_of_zeros(self) -> bool {
        self.largest == F::zero()
    }

    /// Whether some number is subnormal, and not 0.
    pub(super) fn has_subnormal(self) -> bool {
        self.least.is_subnormal()
    }

    fn are_those_of(self, x: &[F]) -> bool {
        let of_x = Self::of(x);
        self.least.has_bits_of(of_x.least) && self.largest.has_bits_of(of_x.largest)
    }
}

struct Search<'a, F> {
    x: &'a [F],
}

impl<F: Real> Pass for Search<'_, F> {
    type Output = (F, F);

    #[inline(always)]
    fn run(self) -> (F, F) {
        F::extremes(self.x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extremes_are_those_of_a_loop<F: Real>(special: &[f64]) {
        let bits =
            |x: Extremes<F>| [x.least, x.largest].map(|x| if x.is_finite() { x.f64().to_bits() } else { u64::MAX });
        for length in 0..70 {
            for (step, &special) in special.iter().enumerate() {
                let magnitude = |i: usize| f64::exp2(((i * 7919 + step) % 83) as f64 - 70.0);
                let mut x: Vec<F> =
                    (0..length).map(|i| F::of(if i % 3 == 0 { -magnitude(i) } else { magnitude(i) })).collect();
                if let Some(x) = x.get_mut(length / 2) {
                    *x = F::of(special);
                }
                let (mut least, mut largest) = (1.0_f64, 0.0_f64);
                for x in x.iter().map(|x| x.f64().abs()) {
                    least = if x > 0.0 { least.min(x) } else { least };
                    largest = if x > largest || x.is_nan() { x } else { largest };
                }
                let expected = Extremes { least: F::of(least), largest: F::of(largest) };
                for tier in Tier::available() {
                    let found = Extremes::on(tier, &x);
                    assert_eq!(bits(found), bits(expected), "{tier:?}, {length} beside {special}");
                    let (first, second) = x.split_at(length / 3);
                    assert_eq!(bits(Extremes::on(tier, first).and(Extremes::on(tier, second))), bits(expected));
                }
            }
        }
    }

    #[test]
    fn extremes_are_those_of_a_loop_on_every_tier() {
        let special = [0.0, -0.0, 1.0, 3e38, -3e38, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN];
        extremes_are_those_of_a_loop::<f32>(&[&special[..], &[1e-45, -1e-45, 1e-39, -1e-38]].concat());
        extremes_are_those_of_a_loop::<f64>(&[&special[..], &[5e-324, -5e-324, 1e-310, -1e308]].concat());
    }

    #[test]
    fn extremes_that_are_not_those_of_the_entries_are_told_from_them() {
        let x = [0.5_f32, -0.25, 0.0];
        assert!(Extremes::of(&x).are_those_of(&x) && !Extremes::of(&x[1..]).are_those_of(&x));
        assert!(!Extremes::none().are_those_of(&x) && !Extremes::of(&x).and(Extremes::of(&[1e-9])).are_those_of(&x));
    }
}
