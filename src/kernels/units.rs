//! Numbers counted in units of the smallest subnormal number, 2^-149 in f32: there every number is a normal one, and
//! arithmetic on it is as fast as any other. Powers of two are exact, so that what is rounded to whole units is rounded as
//! the number itself would have been.
//!
//! A unit is written as 2^-22 in f32. So the smallest normal number, 2^23 units, is 2, and one bit tells whether a number
//! is below it: the highest of its exponent.

use std::sync::OnceLock;

use super::Real;

/// The bits of a precision, as far as they matter here.
pub trait Units: Copy {
    /// A unit as it is written here: 2^-22 in f32.
    const ONE_UNIT: Self;
    /// The smallest normal number in units: 2^23 of them in f32, which is 2.
    const NORMAL: Self;
    /// The smallest normal number itself.
    const LEAST: Self;
    /// What turns a number into its units: 2^127 in f32.
    const UNITS: Self;
    /// What turns them back, as the product of two normal numbers.
    const UNIT: (Self, Self);
    /// Somewhat above the smallest normal number.
    const FAINT: Self;
    /// Two factors whose product is `UNITS`, and each with what turns units into as much: of normal numbers
    /// below 2^40, and of subnormal ones, both make normal numbers.
    const HALVES: [(Self, Self); 2];

    /// The exponent of `UNITS`: 127 in f32.
    const BIAS: i32;
    /// The exponent of the smallest subnormal number: -149 in f32.
    const LOWEST: i32;
    /// The digits of a normal number: 24 in f32.
    const DIGITS: i32;

    /// 2^exponent, a normal number.
    fn power_of_two(exponent: i32) -> Self;
    /// The largest n with 2^n <= |self|; of 0 a number below all others.
    fn exponent(self) -> i32;
    /// Whether the number is subnormal or 0.
    fn is_subnormal(self) -> bool;
    /// Whether both are the same, to the sign of a zero and the digits of a NaN.
    fn has_bits_of(self, other: Self) -> bool;
    /// Whether |self| < `NORMAL`; not of NaN.
    fn is_below_normal(self) -> bool;
    /// The one of larger magnitude, without its sign; NaN is the largest.
    fn larger(self, other: Self) -> Self;
    /// The one of lower magnitude, without its sign; not of NaN.
    fn smaller(self, other: Self) -> Self;
    /// The one of lower magnitude that is not 0, without its sign: self where `other` is 0 or NaN, of a positive self.
    fn lower_but_0(self, other: Self) -> Self;
    /// The least magnitude among these numbers that is not 0, at most 1, and the largest one, at least 0; NaN is the
    /// largest.
    fn extremes(x: &[Self]) -> (Self, Self);
    /// The units in a number that is subnormal or 0, without their sign.
    fn units(self) -> Self;
    /// So many units, of a whole number below `NORMAL`.
    fn of_units(self) -> Self;
    /// So many units as the number is above `NORMAL`, of a whole number from 1 to 2 `NORMAL`.
    fn beyond_normal(self) -> Self;
    /// So many units as the number is above the middle, 1.5 `NORMAL`, of a whole number between 1 and 2 `NORMAL`.
    fn beyond_middle(self) -> Self;
    /// |self| with the sign of `sign`.
    fn signed_like(self, sign: Self) -> Self;
    /// Whether both are negative, or neither; -0 is negative.
    fn is_signed_like(self, other: Self) -> bool;
}

macro_rules! units {
    ($type:ident, $power:ident, $mantissa:literal, $bias:literal, $half:literal, $faint:expr) => {
        impl Units for $type {
            const ONE_UNIT: Self = $power(1 - $mantissa);
            const NORMAL: Self = 2.0;
            const LEAST: Self = $type::MIN_POSITIVE;
            const UNITS: Self = $power($bias);
            const UNIT: (Self, Self) = ($power(-$half), $power($half - $bias));
            const HALVES: [(Self, Self); 2] =
                [($power($half), $power($half - $bias)), ($power($bias - $half), $power(-$half))];
            const FAINT: Self = $faint;
            const BIAS: i32 = $bias;
            const LOWEST: i32 = 1 - $bias - $mantissa;
            const DIGITS: i32 = $mantissa + 1;

            #[inline(always)]
            fn power_of_two(exponent: i32) -> Self {
                $power(exponent.into())
            }
            #[inline(always)]
            fn exponent(self) -> i32 {
                let of_bits =
                    |x: Self| i32::try_from((x.to_bits() << 1) >> ($mantissa + 1)).expect("a few bits") - $bias;
                if self.is_subnormal() { of_bits(self.units()) - $bias } else { of_bits(self) }
            }

            #[inline(always)]
            fn is_subnormal(self) -> bool {
                // All bits of the exponent are 0.
                (self.to_bits() << 1) >> ($mantissa + 1) == 0
            }
            #[inline(always)]
            fn has_bits_of(self, other: Self) -> bool {
                self.to_bits() == other.to_bits()
            }
            #[inline(always)]
            fn is_below_normal(self) -> bool {
                // The highest bit of the exponent is 1 from 2 on.
                self.to_bits() & Self::NORMAL.to_bits() == 0
            }
            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                // Numbers of one sign are ordered as their bits are.
                Self::from_bits((self.to_bits() << 1 >> 1).max(other.to_bits() << 1 >> 1))
            }
            #[inline(always)]
            fn smaller(self, other: Self) -> Self {
                // Numbers of one sign are ordered as their bits are.
                Self::from_bits((self.to_bits() << 1 >> 1).min(other.to_bits() << 1 >> 1))
            }
            #[inline(always)]
            fn lower_but_0(self, other: Self) -> Self {
                // Without its sign, and with 0 as the largest.
                let bits = |x: Self| (x.to_bits() << 1).wrapping_sub(1);
                Self::from_bits(bits(self).min(bits(other)).wrapping_add(1) >> 1)
            }
            #[inline(always)]
            fn extremes(x: &[Self]) -> (Self, Self) {
                // Numbers of one sign are ordered as their bits are. One below those of 0 are the largest bits without a
                // sign, and the least ones with one.
                let below = |x: Self| (x.to_bits() << 1 >> 1).wrapping_sub(1);
                let (mut least, mut largest) = (below(1.0), below(0.0).cast_signed());
                for &x in x {
                    least = least.min(below(x));
                    largest = largest.max(below(x).cast_signed());
                }
                (Self::from_bits(least + 1), Self::from_bits(largest.cast_unsigned().wrapping_add(1)))
            }
            #[inline(always)]
            fn units(self) -> Self {
                // NORMAL has zeros for the digits that a subnormal number has.
                let digits = self.to_bits() & ((1 << $mantissa) - 1);
                Self::from_bits(Self::NORMAL.to_bits() | digits) - Self::NORMAL
            }
            #[inline(always)]
            fn of_units(self) -> Self {
                Self::from_bits((self + Self::NORMAL).to_bits() & ((1 << $mantissa) - 1))
            }
            #[inline(always)]
            fn beyond_normal(self) -> Self {
                Self::from_bits(self.to_bits() - Self::NORMAL.to_bits())
            }
            #[inline(always)]
            fn beyond_middle(self) -> Self {
                // Numbers in this binade are 1 apart, and so are their bits.
                let units = self.to_bits().wrapping_sub((1.5 * Self::NORMAL).to_bits()).cast_signed();
                Self::from_bits(units.unsigned_abs() | (units.cast_unsigned() & (-0.0 as Self).to_bits()))
            }
            #[inline(always)]
            fn signed_like(self, sign: Self) -> Self {
                self.copysign(sign)
            }
            #[inline(always)]
            fn is_signed_like(self, other: Self) -> bool {
                self.is_sign_negative() == other.is_sign_negative()
            }
        }
    };
}

/// 2^exponent, a normal number.
const fn power_f32(exponent: i32) -> f32 {
    assert!(-127 < exponent && exponent < 128, "a normal number");
    f32::from_bits((127 + exponent).cast_unsigned() << 23)
}

/// 2^exponent, a normal number.
const fn power_f64(exponent: i64) -> f64 {
    assert!(-1023 < exponent && exponent < 1024, "a normal number");
    f64::from_bits((1023 + exponent).cast_unsigned() << 52)
}

units!(f32, power_f32, 23, 127, 64, power_f32(-123));
units!(f64, power_f64, 52, 1023, 512, power_f64(-1019));

/// Whether this CPU takes long over subnormal numbers. Only Intel's are known to; for the rest they are but numbers.
pub(super) fn costs() -> bool {
    static COSTS: OnceLock<bool> = OnceLock::new();
    *COSTS.get_or_init(|| cfg!(test) || is_of_intel())
}

#[cfg(target_arch = "x86_64")]
fn is_of_intel() -> bool {
    let vendor = std::arch::x86_64::__cpuid(0);
    [vendor.ebx, vendor.edx, vendor.ecx].map(u32::to_le_bytes).as_flattened() == b"GenuineIntel"
}

#[cfg(not(target_arch = "x86_64"))]
fn is_of_intel() -> bool {
    false
}

/// x times a power of two, given with its product with a unit. Of a subnormal number no product is taken: its magnitude is
/// held at the smallest normal one, and not replaced by a choice, which compilers move behind the product.
#[inline(always)]
pub(super) fn raised<F: Real>(x: F, (power, unit): (F, F)) -> F {
    let normal = x.larger(F::LEAST) * power;
    let units = x.units() * unit;
    if x.is_subnormal() { units } else { normal }.signed_like(x)
}

/// What multiplies by 2^-power, which is below 1, and rounds once, without subnormal arithmetic. -0 becomes 0.
#[derive(Clone, Copy)]
pub(super) struct Down<F> {
    /// In two steps, as 2^-power may be too small a number.
    steps: (F, F),
    /// What becomes the smallest normal number.
    least: F,
    /// What makes units of what becomes a smaller one.
    to_units: F,
}

impl<F: Real> Down<F> {
    #[inline(always)]
    pub(super) fn by(power: i32) -> Self {
        Self {
            steps: (F::power_of_two(-(power / 2)), F::power_of_two(power / 2 - power)),
            least: F::power_of_two(power + 1 - F::BIAS),
            to_units: F::power_of_two(F::BIAS - power),
        }
    }

    #[inline(always)]
    pub(super) fn at(self, x: F) -> F {
        let normal = x.larger(self.least) * self.steps.0 * self.steps.1;
        // From `NORMAL` to twice as far, neighbours are a unit apart.
        let units = x.smaller(self.least).mul_add(self.to_units, F::NORMAL).beyond_normal();
        let lowered = if x.abs() < self.least { units } else { normal };
        lowered.signed_like(x) + F::zero()
    }
}

#[inline(always)]
fn out_of_units<F: Real>(x: F) -> F {
    let normal = x.larger(F::NORMAL) * F::UNIT.0 * F::UNIT.1;
    if x.is_below_normal() { x.abs().of_units() } else { normal }.signed_like(x)
}

/// 1.5 2^23 units in f32: added to less than 2^22 units in magnitude, it leaves a whole number of them, the one that
/// rounding to a subnormal number would have left.
#[inline(always)]
fn middle<F: Real>() -> F {
    F::of(1.5) * F::NORMAL
}

/// Whether some product of numbers from these on may read or make a subnormal number.
#[inline(always)]
pub(super) fn is_small<F: Real>(lowest_a: F, lowest_b: F) -> bool {
    lowest_a.is_below(F::FAINT)
        || lowest_b.is_below(F::FAINT)
        || raised(lowest_a, F::HALVES[0]) * raised(lowest_b, F::HALVES[1]) < F::of(2.0) * F::NORMAL
}

/// Whether products of numbers up to these are finite in units, so that [`moderate_product_of`] gives them.
#[inline(always)]
pub(super) fn is_moderate<F: Real>(largest_a: F, largest_b: F) -> bool {
    (raised(largest_a, F::HALVES[0]) * raised(largest_b, F::HALVES[1])).is_finite()
}

/// a b, of which no more than the largest number comes in units, rounded as a multiplication rounds it.
#[inline(always)]
pub(super) fn moderate_product_of<F: Real>(a: F, b: F) -> F {
    out_of_units(rounded_product(raised(a, F::HALVES[0]), raised(b, F::HALVES[1])))
}

/// a b in units, with its sign and rounded as a multiplication rounds it.
#[inline(always)]
fn rounded_product<F: Real>(a: F, b: F) -> F {
    let product = a * b;
    // From m to twice as far, neighbours are a unit apart.
    let m = F::NORMAL.signed_like(product);
    let units = a.mul_add(b, m) - m;
    if product.is_below_normal() { units } else { product }.signed_like(product)
}

/// Whether no product of numbers up to these comes to 2^22 units, so that [`low_product_of`] gives it.
#[inline(always)]
pub(super) fn is_low<F: Real>(largest_a: F, largest_b: F) -> bool {
    raised(largest_a, F::HALVES[0]) * raised(largest_b, F::HALVES[1]) < F::of(0.49) * F::NORMAL
}

/// a b, of which less than 2^22 units are known to come, rounded as a multiplication rounds it.
#[inline(always)]
pub(super) fn low_product_of<F: Real>(a: F, b: F) -> F {
    let (high, low) = (raised(a, F::HALVES[0]), raised(b, F::HALVES[1]));
    let units = high.mul_add(low, middle()).beyond_middle();
    if high.is_signed_like(low) { units.signed_like(F::one()) } else { units.signed_like(-F::one()) }
}
