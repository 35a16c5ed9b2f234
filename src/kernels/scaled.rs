//! How an error travels back: as entries and one exponent, value = entries x 2^exponent.
//!
//! An error shrinks by a factor per layer and per time step, so in a deep net it leaves every format of numbers. Its
//! entries stay in the middle of the format instead: [`settle`] looks for the largest one after each layer and each
//! time step. Where it is small, all entries are multiplied by a power of two, which is exact, and the exponent says
//! so. An entry that is then below the smallest normal number counts as 0: it is below the last digit of the largest
//! one.
//!
//! Weights, slopes and inputs may make an error 2^60 times larger or 2^48 times smaller at once, in f32, without a
//! change of a digit. Weights of 1e30 behind a small error make it infinite.
//!
//! The exponent is 0 until an error is small, and never above 0: what is too large for the precision is infinite, as in
//! any framework. Where nothing is small, every number is therefore what it is without exponents, to the bit. Where
//! something is small, this holds as long as no digit is lost without them.
//!
//! | what meets | what becomes of the exponent |
//! |---|---|
//! | an error and weights, slopes, a norm, s of a residual branch | it stays |
//! | slopes so small that nothing would be left | the error is multiplied before ([`multiply_by_map`]) |
//! | two errors, of a branch and the stream, or of two time steps | the larger one counts ([`add_errors`], [`bring_to`]) |
//! | an error that is all 0 | [`NOTHING`], so that the other one counts |
//! | x^T dz over many time steps | their rows are brought to the largest exponent before |
//! | a norm | it is a [`Magnitude`]: a sum in f64, and the exponent |
//! | an update | each gradient is multiplied by 2^exponent; below the smallest normal number it is 0 |

use super::elementwise::{Unary, map_zip};
use super::reduce::largest_magnitude;
use super::tier::{Pass, Tier};
use super::{Real, log10};

/// The exponent of an error that is all 0: below every other one.
pub const NOTHING: i32 = i32::MIN / 4;

/// The exponent of the largest entry after it was multiplied: 31 in f32. It is multiplied again when it is as far
/// below 1. Until then, half of the exponents below and a quarter of those above are left for what weights, slopes and inputs
/// make of it.
const fn home<F: Real>() -> i32 {
    F::BIAS / 4
}

/// Whether an error has lost digits, or all is 0.
pub fn is_faint<F: Real>(x: &[F]) -> bool {
    // Mostly the beginning tells.
    x.chunks(BLOCK).all(|x| largest_magnitude(x) < faint())
}

/// Where the largest entry is above this, every entry down to its last digit has all its digits.
fn faint<F: Real>() -> F {
    F::power_of_two(-F::BIAS * 5 / 8)
}

/// A root mean square or a norm with an exponent of its own: it does not leave the range of f64.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Magnitude {
    /// The root mean square or norm of the entries.
    pub entries: f64,
    /// The exponent of the entries.
    pub exponent: i32,
}

impl From<f64> for Magnitude {
    fn from(entries: f64) -> Self {
        Self { entries, exponent: 0 }
    }
}

impl Magnitude {
    /// The value as a number, which is 0 or subnormal where f64 holds no more.
    pub fn value(self) -> f64 {
        times_power(self.entries, self.exponent)
    }

    /// Its logarithm to base 10; -inf of 0 alone.
    pub fn decades(self) -> f64 {
        let value = self.value();
        if value >= f64::MIN_POSITIVE || self.entries == 0.0 || value.is_nan() {
            return log10(value);
        }
        log10(self.entries) + f64::from(self.exponent) * std::f64::consts::LOG10_2
    }

    /// Returns its entries as they would be with this exponent.
    pub fn at(self, exponent: i32) -> f64 {
        times_power(self.entries, self.exponent.saturating_sub(exponent))
    }

    /// Returns the ratio of this to `other`.
    pub fn over(self, other: Self) -> f64 {
        times_power(self.entries / other.entries, self.exponent.saturating_sub(other.exponent))
    }

    /// Returns this times `factor`.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { entries: factor * self.entries, ..self }
    }
}

/// x times 2^exponent, in as many steps as keep every power a number.
fn times_power(x: f64, exponent: i32) -> f64 {
    let mut left = exponent.clamp(-3000, 3000);
    let mut product = x;
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        product *= f64::power_of_two(step);
        left -= step;
    }
    product
}

/// 2^(from - to) of `from` up to `to`; 0 where that is below the smallest normal number, and counts for nothing beside 1.
pub fn lowered<F: Real>(from: i32, to: i32) -> F {
    F::power_of_two(from.saturating_sub(to).max(-2 * F::BIAS))
}

/// 2^exponent as two factors, so that what is a normal number after both is not lost at once.
pub(super) fn two_powers<F: Real>(exponent: i32) -> (F, F) {
    let first = exponent.max(1 - F::BIAS);
    (F::power_of_two(first), lowered(exponent, first))
}

/// Multiplies the entries of an error, which may be in several pieces, by a power of two where the largest of them asks for
/// it, and says so in their exponent.
pub fn settle<F: Real, const N: usize>(pieces: [&mut [F]; N], exponent: &mut i32) {
    let mut largest = F::zero();
    for piece in &pieces {
        largest = largest.larger(largest_magnitude(piece));
    }
    if largest == F::zero() {
        *exponent = NOTHING;
    } else if largest < F::power_of_two(-home::<F>())
        || *exponent < 0 && largest.is_finite() && largest > F::power_of_two(2 * home::<F>())
    {
        let above_home = (exponent_of(largest) - home::<F>()).min(-*exponent);
        for piece in pieces {
            bring_to(piece, *exponent, *exponent + above_home);
        }
        *exponent += above_home;
    }
}

/// The n of 2^n <= x < 2^(n + 1), of a finite x above 0.
fn exponent_of<F: Real>(x: F) -> i32 {
    let bits_of_exponent = |x: f64| i32::try_from(x.to_bits() >> 52).expect("11 bits of a positive number") - f64::BIAS;
    // Of f32's subnormal numbers, too; those of f64 count as the smallest normal one.
    bits_of_exponent(f64::max(x.f64(), f64::MIN_POSITIVE))
}

/// Entries with the exponent `from` as entries with the exponent `to`.
pub fn bring_to<F: Real>(x: &mut [F], from: i32, to: i32) {
    let mut left = from.saturating_sub(to);
    if left < -3 * F::BIAS {
        return x.fill(F::zero());
    }
    while left != 0 {
        let step = left.clamp(1 - F::BIAS, F::BIAS - 1);
        Tier::current().run(Times { x: &mut *x, power: Power::of(step) });
        left -= step;
    }
}

/// Makes entries with the exponent `from` terms of a sum with entries of the exponent `to`, which are about as large as
/// [`settle`] leaves them. An entry that is too small to count in that sum becomes 0: sums of such entries alone might be
/// subnormal.
pub fn bring_to_sum<F: Real>(x: &mut [F], from: i32, to: i32) {
    if from != to {
        bring_to(x, from, to.saturating_add(home::<F>()));
        bring_to(x, to.saturating_add(home::<F>()), to);
    }
}

/// 2^exponent, and the least magnitude that it makes a normal number of. No product is taken of what is below it, for
/// many CPUs take long over a subnormal one.
#[derive(Clone, Copy)]
struct Power<F> {
    value: F,
    least: F,
}

impl<F: Real> Power<F> {
    fn of(exponent: i32) -> Self {
        let least = if exponent < 0 { 1 - F::BIAS - exponent } else { 1 - F::BIAS };
        Self { value: F::power_of_two(exponent), least: F::power_of_two(least.min(F::BIAS)) }
    }

    #[inline(always)]
    fn times(self, x: F) -> F {
        if x.is_below(self.least) { F::zero() } else { self.value * x }
    }
}

struct Times<'a, F> {
    x: &'a mut [F],
    power: Power<F>,
}

impl<F: Real> Pass for Times<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for x in self.x {
            *x = self.power.times(*x);
        }
    }
}

/// y += x of two errors, of which x is settled.
pub fn add_errors<F: Real>((x, of_x): (&[F], i32), y: &mut [F], of_y: &mut i32) {
    if of_x != *of_y {
        settle([&mut *y], of_y);
    }
    if of_x == *of_y {
        return map_zip(x, y, |y: F, x: F| (y + x).flush());
    }
    let larger = of_x.max(*of_y);
    let [power_x, power_y] = [of_x, *of_y].map(|of| Power::of(of.saturating_sub(larger).max(-2 * F::BIAS)));
    map_zip(x, y, move |y: F, x: F| (power_y.times(y) + power_x.times(x)).flush());
    *of_y = larger;
}

/// y = y f(u) of an error y, f being slopes. Where all products of its beginning are faint, as far out on a sigmoid, the error
/// is multiplied before, so that what is left of it has all its digits.
pub fn multiply_by_map<F: Real>(u: &[F], y: &mut [F], exponent: &mut i32, f: &impl Unary<F>) {
    let tier = Tier::current();
    let is_done = tier.run(Weigh { u, y: &mut *y, f, may_be_faint: false });
    if is_done {
        return;
    }
    let largest = largest_magnitude(y);
    if largest > F::zero() && largest.is_finite() {
        let above = (exponent_of(largest) - 2 * home::<F>()).min(0);
        bring_to(y, *exponent, exponent.saturating_add(above));
        *exponent = exponent.saturating_add(above);
    }
    tier.run(Weigh { u, y, f, may_be_faint: true });
}

struct Weigh<'a, F, U> {
    u: &'a [F],
    y: &'a mut [F],
    f: &'a U,
    may_be_faint: bool,
}

/// Entries of which slopes are made before the error is multiplied by them.
const BLOCK: usize = 512;

impl<F: Real, U: Unary<F>> Pass for Weigh<'_, F, U> {
    /// Whether it was done: otherwise the products of the first block are faint, and nothing was changed.
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let mut slopes = [F::zero(); BLOCK];
        let mut may_be_faint = self.may_be_faint;
        for (y, u) in self.y.chunks_mut(BLOCK).zip(self.u.chunks(BLOCK)) {
            let slopes = &mut slopes[..y.len()];
            for (slope, &u) in slopes.iter_mut().zip(u) {
                *slope = self.f.at(u);
            }
            if !may_be_faint {
                let mut largest = F::zero();
                for (&y, &slope) in y.iter().zip(&*slopes) {
                    largest = largest.larger(y * slope);
                }
                if largest < faint::<F>() {
                    return false;
                }
                may_be_faint = true;
            }
            for (y, &slope) in y.iter_mut().zip(&*slopes) {
                *y = (*y * slope).flush();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_magnitude_is_told_where_f64_ends_and_is_a_plain_number_elsewhere() {
        let far = Magnitude { entries: 1.5, exponent: -4000 };
        assert_eq!(far.value(), 0.0);
        assert!((far.decades() - (0.176_091_259_055_681_2 - 4000.0 * std::f64::consts::LOG10_2)).abs() < 1e-10);
        assert_eq!(far.over(Magnitude { exponent: -3999, ..far }), 0.5);
        let near = Magnitude { entries: 1.5, exponent: -100 };
        assert_eq!((near.value(), near.decades()), (1.5 * 2_f64.powi(-100), log10(1.5 * 2_f64.powi(-100))));
        for (entries, log10) in [(0.0, f64::NEG_INFINITY), (f64::INFINITY, f64::INFINITY)] {
            assert_eq!(Magnitude { entries, exponent: NOTHING }.decades(), log10);
        }
        assert!(Magnitude::from(f64::NAN).decades().is_nan());
    }

    fn error<F: Real>(n: usize, size: f64) -> Vec<F> {
        (0..n).map(|i| F::from_f64(((i * 7919) % 1009) as f64 * size / 1009.0 - 0.3 * size)).collect()
    }

    /// log10 of the norm.
    fn size<F: Real>(x: &[F], exponent: i32) -> f64 {
        Magnitude { entries: super::super::norm(x), exponent }.decades()
    }

    fn shrinks_and_grows_again<F: Real>(factor: f64) {
        let mut x = error::<F>(700, 0.01);
        let (before, mut exponent) = (x.clone(), 0);
        let (mut largest, mut least) = (F::zero(), F::one());
        for times in [1.0 / factor, factor] {
            for _ in 0..3000 {
                x.iter_mut().for_each(|x| *x *= F::from_f64(times));
                settle([&mut x], &mut exponent);
                largest = largest.larger(largest_magnitude(&x));
                least = if least < largest_magnitude(&x) { least } else { largest_magnitude(&x) };
            }
            if times < 1.0 {
                let expected = size(&before, 0) - 3000.0 * log10(factor);
                assert!((size(&x, exponent) - expected).abs() < 1e-9, "{} is not {expected}", size(&x, exponent));
            }
        }
        assert!(least > faint() && largest < F::power_of_two(2 * home::<F>() + 1), "{least:?}, {largest:?}");
        bring_to(&mut x, exponent, 0);
        assert!(x == before, "powers of two are exact");
    }

    #[test]
    fn an_error_shrinks_by_thousands_of_decades_and_grows_again_without_a_changed_bit() {
        shrinks_and_grows_again::<f32>(32.0);
        shrinks_and_grows_again::<f64>(32.0);
    }

    #[test]
    fn an_error_that_is_not_small_or_no_number_stays_as_it_is() {
        for x in [[1.0_f32, 1e-30], [1e30, 1.0], [f32::INFINITY, 1e-20], [f32::NAN, 1e-20], [1e-8, 0.0]] {
            let (mut y, mut exponent) = (x, 0);
            settle([&mut y], &mut exponent);
            assert!(y.map(f32::to_bits) == x.map(f32::to_bits) && exponent == 0, "{x:?}");
        }
        let mut exponent = 0;
        settle([&mut [0.0_f32; 4][..], &mut [-0.0; 2]], &mut exponent);
        assert_eq!(exponent, NOTHING);
    }

    #[test]
    fn of_two_errors_the_larger_exponent_counts_and_nothing_is_lost_but_below_its_last_digit() {
        for (of_x, of_y) in [(0, -40), (-40, 0), (-7, -7), (NOTHING, -300), (-300, NOTHING), (-300, 0)] {
            let is_nothing = |e| e == NOTHING;
            let x = if is_nothing(of_x) { vec![0.0; 50] } else { error::<f32>(50, 1.0) };
            let y = if is_nothing(of_y) { vec![0.0; 50] } else { error::<f32>(50, 3.0) };
            let (mut sum, mut exponent) = (y.clone(), of_y);
            add_errors((&x, of_x), &mut sum, &mut exponent);
            assert_eq!(exponent, of_x.max(of_y));
            for ((&x, &y), &sum) in x.iter().zip(&y).zip(&sum) {
                let at = |z: f32, e: i32| times_power(z.into(), e.saturating_sub(exponent));
                let exact = at(x, of_x) + at(y, of_y);
                assert!((f64::from(sum) - exact).abs() <= 1e-7 * exact.abs() + 1e-30, "{sum} is not {exact}");
            }
        }
    }

    #[test]
    fn what_counts_for_nothing_in_a_sum_is_0_and_what_is_left_has_all_its_digits() {
        let (mut x, exact) = ([1.5_f32, 1.5e-20, 1e-3, 1.5e-30, 0.0], [1.5_f32, 1.5e-20, 1e-3, 0.0, 0.0]);
        bring_to_sum(&mut x, -20, 0);
        assert_eq!(x, exact.map(|x| x * 2_f32.powi(-20)));
        let mut same = [1.5e-36_f32];
        bring_to_sum(&mut same, -7, -7);
        assert_eq!(same, [1.5e-36]);
    }

    #[test]
    fn slopes_that_leave_next_to_nothing_leave_it_with_all_its_digits() {
        fn check<F: Real>(slopes: &[f64]) {
            for &slope in slopes {
                for first in [0.0, 1.0] {
                    let (y, u) = (error::<F>(1300, 0.01), vec![F::from_f64(slope); 1300]);
                    let (mut got, mut exponent) = (y.clone(), 0);
                    // A first entry of another size than the rest.
                    multiply_by_map(&u, &mut got, &mut exponent, &|u: F| u);
                    settle([&mut got], &mut exponent);
                    let expected = size(&y, 0) + log10(slope);
                    assert!((size(&got, exponent) - expected).abs() < 1e-6, "{slope:e}, {first}");
                }
            }
        }
        check::<f32>(&[1.0, 0.25, 1e-10, 1e-25, 1e-37]);
        check::<f64>(&[1.0, 0.25, 1e-10, 1e-250, 1e-307]);
        let (mut dead, mut exponent) = ([0.5_f32; 700], 0);
        multiply_by_map(&[0.0; 700], &mut dead, &mut exponent, &|u: f32| u);
        assert!(dead == [0.0; 700]);
    }
}
