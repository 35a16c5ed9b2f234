//! Arithmetic where numbers of f32 underflow gradually: the same bits by way of f64, where they are normal numbers.
//!
//! Many CPUs take a hundred times as long over a product or a quotient that reads or makes a subnormal number, but not over
//! a sum, a difference or a conversion. What two f32 give is rounded to 53 bits in f64, and then to the 24 bits of
//! f32, or below its smallest normal number to a multiple of the smallest subnormal one. A product is exact in f64. A
//! quotient comes no nearer to the middle of two neighbours, without being there, than 2^-49 of themselves, as 53
//! is 2 times 24 and 2, or more (Figueroa 1995, "When is double rounding innocuous?"); and where the last digits of f32 are
//! missing, its middles have fewer digits, too.

use super::Real;
use super::function::{raised_exp, sigmoid_from};
use super::units::Down;

/// Arithmetic to the bits of the operators, without slow steps where numbers are subnormal in f32.
pub trait Gradual: Sized {
    /// self other.
    fn product(self, other: Self) -> Self;
    /// self / other.
    fn quotient(self, other: Self) -> Self;
}

/// The same value, but 0 for -0. A compiler takes an operation on numbers that were f32 in f32 if that gives the same: it
/// must not see that they were.
#[inline(always)]
fn wide(x: f32) -> f64 {
    f64::from(x) + 0.0
}

/// The nearest f32 to |x|, with the sign of a product or quotient of a and b.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is the purpose")]
fn narrow(x: f64, a: f32, b: f32) -> f32 {
    const SIGN: u32 = 1 << 31;
    f32::from_bits((x as f32).to_bits() & !SIGN | (a.to_bits() ^ b.to_bits()) & SIGN)
}

/// How an [update](super::update()) multiplies and divides: to the bits of the operators.
pub trait Arithmetic {
    /// a b.
    fn product<F: Real>(a: F, b: F) -> F;
    /// a / b.
    fn quotient<F: Real>(a: F, b: F) -> F;
}

/// By the operators.
#[derive(Debug)]
pub struct Plain;

/// As [`Gradual`] does.
#[derive(Debug)]
pub struct Careful;

/// Of numbers whose products are all +0.
#[derive(Debug)]
pub struct Vanished;

impl Arithmetic for Plain {
    #[inline(always)]
    fn product<F: Real>(a: F, b: F) -> F {
        a * b
    }

    #[inline(always)]
    fn quotient<F: Real>(a: F, b: F) -> F {
        a / b
    }
}

impl Arithmetic for Careful {
    #[inline(always)]
    fn product<F: Real>(a: F, b: F) -> F {
        a.product(b)
    }

    #[inline(always)]
    fn quotient<F: Real>(a: F, b: F) -> F {
        a.quotient(b)
    }
}

impl Arithmetic for Vanished {
    #[inline(always)]
    fn product<F: Real>(_: F, _: F) -> F {
        F::zero()
    }

    #[inline(always)]
    fn quotient<F: Real>(_: F, _: F) -> F {
        F::zero()
    }
}

impl Gradual for f32 {
    #[inline(always)]
    fn product(self, other: Self) -> Self {
        narrow(wide(self) * wide(other), self, other)
    }

    #[inline(always)]
    fn quotient(self, other: Self) -> Self {
        narrow(wide(self) / f64::from(other), self, other)
    }
}

impl Gradual for f64 {
    #[inline(always)]
    fn product(self, other: Self) -> Self {
        self * other
    }

    #[inline(always)]
    fn quotient(self, other: Self) -> Self {
        self / other
    }
}

/// To the bits of [`sigmoid`](super::sigmoid).
#[inline(always)]
pub fn gradual_sigmoid<F: Real>(x: F) -> F {
    let e = raised_exp(-x.abs());
    // 2^-58, raised: it counts for nothing beside 1, and its square is no subnormal number. What is smaller is held there,
    // and not replaced by a choice, which compilers drop.
    let least = F::of(64.0);
    let near = sigmoid_from(e.larger(least) * F::power_of_two(-64), x);
    if e.is_below(least) && x < F::zero() { Down::by(64).at(e) } else { near }
}

/// A power of two, at least 1, times e^x / (1 + e^x)^2 of x up to 0, to the bits of the operators and of [`exp`](super::exp).
#[inline(always)]
pub fn gradual_slope<F: Real>(power: F, x: F) -> F {
    let e = raised_exp(x);
    let above = e.mul_add(F::power_of_two(-64), F::one());
    Down::by(64).at(power * e / (above * above))
}

#[cfg(test)]
mod tests {
    use super::super::{exp, sigmoid};
    use super::*;

    /// Numbers of every exponent and both signs, those at the ends of the subnormal ones, and no numbers.
    fn numbers() -> impl Iterator<Item = f32> {
        let digits = |i: u32| i.wrapping_mul(0x9e37_79b9) >> 9;
        let of_exponent = move |exponent: u32| {
            (0..7).map(move |i| f32::from_bits((i & 1) << 31 | exponent << 23 | digits(exponent * 7 + i)))
        };
        let ends = [1, 2, 3, 0x40_0000, 0x7f_ffff, 0x80_0000, 0x80_0001].map(f32::from_bits);
        let special = [0.0, -0.0, 1.0, -1.0, 0.5, 3.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
        (0..255).step_by(3).flat_map(of_exponent).chain(ends).chain(ends.map(|x| -x)).chain(special)
    }

    #[test]
    fn results_are_those_of_the_operators() {
        let same = |x: f32, y: f32| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
        for a in numbers() {
            for b in numbers() {
                assert!(same(a.product(b), a * b), "{a:e} times {b:e}: {:e}, not {:e}", a.product(b), a * b);
                assert!(same(a.quotient(b), a / b), "{a:e} over {b:e}: {:e}, not {:e}", a.quotient(b), a / b);
            }
        }
    }

    #[test]
    fn sigmoid_and_its_slope_are_those_of_the_formulas() {
        fn same<F: Real>(x: F, got: F, expected: F) {
            assert!(got == expected || got.f64().is_nan() && expected.f64().is_nan(), "{x}: {got:?}, not {expected:?}");
        }
        fn check<F: Real>(x: F) {
            let (e, above) = (exp(x), F::one() + exp(x));
            for power in [F::one(), F::of(4.0)] {
                same(x, gradual_slope(power, x), power * e / (above * above));
            }
            for x in [x, -x] {
                same(x, gradual_sigmoid(x), sigmoid(x));
            }
        }
        for x in (0_u32..0x7f80_0000).step_by(997).map(|bits| -f32::from_bits(bits)) {
            check(x);
            check(f64::from(x) * 7.2);
        }
        for i in 0..60_000 {
            check(-86.0 - i as f32 / 3000.0);
            check(-707.0 - f64::from(i) / 1500.0);
        }
        [f32::NAN, f32::NEG_INFINITY, -0.0, 0.0].into_iter().for_each(check);
    }

    #[test]
    fn quotients_near_the_middle_of_two_subnormal_numbers_are_those_of_the_operator() {
        // a and b of which a / b is next to an odd number of halves of the smallest number.
        for halves in (1..1 << 24).step_by(2 * 997) {
            for digits in [1, 0x7f_ffff, 0x2a_aaab] {
                let b = f32::from_bits(127 << 23 | digits);
                let middle = f64::from(halves) * f64::from(b) * f64::from(f32::from_bits(1)) / 2.0;
                for nudge in [-1.0, 0.0, 1.0] {
                    let a = narrow(middle + nudge * f64::from(f32::from_bits(1)), 1.0, 1.0);
                    assert_eq!(a.quotient(b).to_bits(), (a / b).to_bits(), "{a:e} over {b:e}");
                }
            }
        }
    }
}
