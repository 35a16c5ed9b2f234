//! Products of numbers so small that their sums are subnormal: the same bits without subnormal arithmetic.
//!
//! Gradients that vanish end there, and many CPUs take a hundred times as long over a multiply-add that reads or makes a
//! subnormal number. So the chains run in units of the smallest subnormal number (2^-149 in f32), in which every number
//! is a normal one, and every link is rounded as it would have been: to a whole number of units below 2^23 of them.
//!
//! Let s be the exact value of a b + c, and c1 what a multiply-add makes of it. Where |c1| >= 2^23, c1 is the answer, as
//! scaling by a power of two changes no rounding. Elsewhere s is rounded in another sum, s + m, which lies where
//! neighbours are a unit apart, 2^23 <= |s + m| <= 2^24, while c + m is exact: m is -2^24 in the direction of c where s
//! has the sign of c, and -2^23 where it has the other. Both are even, so that ties go to the same side. A sum that
//! rounds to zero has the sign of s.

use std::sync::OnceLock;

use super::blocks::{DEPTH, Part, Product};
use super::multiply::Start;
use crate::kernels::Real;

/// The bits of a precision, as far as they matter here.
pub trait Faint: Copy {
    /// The smallest normal number in units: 2^23 in f32.
    const NORMAL: Self;
    /// A unit as the product of two normal numbers, 2^-125 and 2^-24 in f32.
    const UNIT: (Self, Self);
    /// The inverses of those.
    const UNITS: (Self, Self);
    /// A factor all of whose entries are below this runs in units. Somewhat above the smallest normal number, as single
    /// sums are far smaller than their factors; much above, chains in units cost more than the few subnormal sums.
    const FAINT: Self;
    /// Two factors whose product is the number of units in 1, and each with its product with a unit: of normal numbers
    /// below 2^40, and of subnormal ones, both make normal numbers.
    const HALVES: [(Self, Self); 2];
    /// Below this, the other entries and what chains start from cannot overflow in units.
    const ORDINARY: (Self, Self);

    /// Whether the number is subnormal or 0.
    fn is_subnormal(self) -> bool;
    /// Whether |self| < limit, without arithmetic; not of NaN.
    fn is_below(self, limit: Self) -> bool;
    /// The one of larger magnitude, without its sign; NaN is the largest.
    fn larger(self, other: Self) -> Self;
    /// The units in a number that is subnormal or 0, without their sign.
    fn units(self) -> Self;
    /// So many units, of a whole number below `NORMAL`.
    fn of_units(self) -> Self;
    /// |self| with the sign of `sign`.
    fn signed_like(self, sign: Self) -> Self;
    /// Whether both are negative, or neither; -0 is negative.
    fn is_signed_like(self, other: Self) -> bool;
}

macro_rules! faint {
    ($type:ident, $power:ident, $mantissa:literal, $bias:literal, $halves:expr, $faint:expr, $ordinary:expr) => {
        impl Faint for $type {
            const NORMAL: Self = $power($mantissa);
            const UNIT: (Self, Self) = ($power(2 - $bias), $power(-1 - $mantissa));
            const UNITS: (Self, Self) = ($power($bias - 2), $power($mantissa + 1));
            const HALVES: [(Self, Self); 2] =
                [($power($halves.0), $power(-$halves.1)), ($power($halves.1), $power(-$halves.0))];
            const FAINT: Self = $faint;
            const ORDINARY: (Self, Self) = $ordinary;

            #[inline(always)]
            fn is_subnormal(self) -> bool {
                // All bits of the exponent are 0.
                (self.to_bits() << 1) >> ($mantissa + 1) == 0
            }
            #[inline(always)]
            fn is_below(self, limit: Self) -> bool {
                // Numbers of one sign are ordered as their bits are.
                self.to_bits() << 1 < limit.to_bits() << 1
            }
            #[inline(always)]
            fn larger(self, other: Self) -> Self {
                // Numbers of one sign are ordered as their bits are.
                Self::from_bits((self.to_bits() << 1 >> 1).max(other.to_bits() << 1 >> 1))
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
    f32::from_bits((127 + exponent).cast_unsigned() << 23)
}

/// 2^exponent, a normal number.
const fn power_f64(exponent: i64) -> f64 {
    f64::from_bits((1023 + exponent).cast_unsigned() << 52)
}

faint!(f32, power_f32, 23, 127, (75, 74), power_f32(-104), (power_f32(40), power_f32(-60)));
faint!(f64, power_f64, 52, 1023, (537, 537), power_f64(-1000), (power_f64(100), power_f64(-500)));

/// Columns whose chains run side by side.
const WIDTH: usize = 64;

/// Rows that are looked at before any of them runs.
pub(super) const ROWS: usize = 128;

/// Which factor is faint.
#[derive(Clone, Copy)]
enum Side {
    A,
    B,
}

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

impl<F: Real> Product<'_, F> {
    /// Whether some of these k may meet faint entries: a look at a few of each factor.
    #[inline(always)]
    pub(super) fn looks_faint(&self, (k0, depth): Part) -> bool {
        const LOOKS: usize = 8;
        let (m, k, n) = self.size;
        let ((row, step), mut found) = (self.a_steps, false);
        for look in 0..LOOKS {
            let at = |length: usize| look * length / LOOKS;
            let q = k0 + at(depth);
            let j = at(n);
            let a = self.a[at(m) * row + q * step];
            let b = self.b[if self.b_transposed { j * k + q } else { q * n + j }];
            found |= (a.is_below(F::FAINT) && a != F::zero()) | (b.is_below(F::FAINT) && b != F::zero());
        }
        found
    }

    /// Of these k, whether B is faint, or else ordinary, or neither.
    fn side_of_b(&self, (k0, depth): Part) -> Option<Side> {
        let (_, k, n) = self.size;
        let is_below = |limit: F| {
            if self.b_transposed {
                self.b.chunks_exact(k).all(|b| b[k0..k0 + depth].iter().all(|b| b.is_below(limit)))
            } else {
                self.b[k0 * n..(k0 + depth) * n].iter().all(|b| b.is_below(limit))
            }
        };
        match (is_below(F::FAINT), is_below(F::ORDINARY.0)) {
            (true, _) => Some(Side::B),
            (false, true) => Some(Side::A),
            (false, false) => None,
        }
    }

    /// Whether the chains of row `i` are to run over these k in units, with that side faint.
    fn is_faint(&self, (k0, depth): Part, i: usize, side: Side) -> bool {
        let n = self.size.2;
        let (row, step) = self.a_steps;
        let limit = match side {
            Side::A => F::FAINT,
            Side::B => F::ORDINARY.0,
        };
        let starts_low = |start: &[F]| start.iter().all(|start| start.is_below(F::ORDINARY.1));
        (k0..k0 + depth).all(|q| self.a[i * row + q * step].is_below(limit))
            && match self.start {
                Start::Zero if k0 == 0 => true,
                Start::Row(start) if k0 == 0 => starts_low(start),
                Start::Zero | Start::Row(_) | Start::Current => starts_low(&self.c[i * n..][..n]),
            }
    }

    /// Runs the faint ones of the rows from `i0` on over these k, and says which they are: the first of so many entries.
    #[inline(always)]
    pub(super) fn run_faint_rows(&mut self, k: Part, i0: usize) -> ([bool; ROWS], usize) {
        let (mut is_faint, height) = ([false; ROWS], ROWS.min(self.size.0 - i0));
        if let Some(side) = self.side_of_b(k) {
            for (i, is_faint) in is_faint[..height].iter_mut().enumerate() {
                *is_faint = self.is_faint(k, i0 + i, side);
            }
            if is_faint.contains(&true) {
                self.run_in_units(k, (i0, &is_faint[..height]), side);
            }
        }
        (is_faint, height)
    }

    /// Those rows of C, carried on by these k, in units.
    #[inline(always)]
    fn run_in_units(&mut self, (k0, depth): Part, (i0, which): (usize, &[bool]), faint: Side) {
        let (_, k, n) = self.size;
        let (row, step) = self.a_steps;
        // One factor is raised by the larger part of a unit, the other by the smaller.
        let (large, small) = ((F::UNITS.0, F::UNIT.1), (F::UNITS.1, F::UNIT.0));
        let (of_a, of_b) = match faint {
            Side::A => (large, small),
            Side::B => (small, large),
        };
        let mut b = [[F::zero(); WIDTH]; DEPTH]; // (depth, width), the rest is 0
        for j0 in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - j0);
            for (q, b) in b[..depth].iter_mut().enumerate() {
                *b = [F::zero(); WIDTH];
                for (j, b) in b[..width].iter_mut().enumerate() {
                    *b = self.b[if self.b_transposed { (j0 + j) * k + k0 + q } else { (k0 + q) * n + j0 + j }];
                }
                for b in b {
                    *b = raised(*b, of_b);
                }
            }
            for i in (i0..).zip(which).filter_map(|(i, &is_faint)| is_faint.then_some(i)) {
                let mut sums = [F::zero(); WIDTH];
                let c = &mut self.c[i * n + j0..][..width];
                match self.start {
                    Start::Zero if k0 == 0 => {}
                    Start::Row(start) if k0 == 0 => sums[..width].copy_from_slice(&start[j0..][..width]),
                    Start::Zero | Start::Row(_) | Start::Current => sums[..width].copy_from_slice(c),
                }
                for sum in &mut sums {
                    *sum = in_units(*sum);
                }
                for (q, b) in b[..depth].iter().enumerate() {
                    let a = raised(self.a[i * row + (k0 + q) * step], of_a);
                    for (sum, &b) in sums.iter_mut().zip(b) {
                        *sum = link(a, b, *sum);
                    }
                }
                for sum in &mut sums {
                    *sum = out_of_units(*sum);
                }
                c.copy_from_slice(&sums[..width]);
            }
        }
    }
}

/// x times a power of two, given with its product with a unit.
#[inline(always)]
pub(super) fn raised<F: Real>(x: F, (power, unit): (F, F)) -> F {
    let is_subnormal = x.is_subnormal();
    let normal = if is_subnormal { F::zero() } else { x };
    let units = x.units() * unit;
    if is_subnormal { units.signed_like(x) } else { normal * power }
}

#[inline(always)]
pub(super) fn in_units<F: Real>(x: F) -> F {
    let is_subnormal = x.is_subnormal();
    let normal = if is_subnormal { F::zero() } else { x };
    if is_subnormal { x.units().signed_like(x) } else { normal * F::UNITS.0 * F::UNITS.1 }
}

#[inline(always)]
pub(super) fn out_of_units<F: Real>(x: F) -> F {
    let is_subnormal = x.abs() < F::NORMAL;
    let normal = if is_subnormal { F::NORMAL } else { x };
    if is_subnormal { x.abs().of_units().signed_like(x) } else { normal * F::UNIT.0 * F::UNIT.1 }
}

/// a b + c in units, rounded as it would have been.
#[inline(always)]
pub(super) fn link<F: Real>(a: F, b: F, c: F) -> F {
    let sum = a.mul_add(b, c);
    let away = if sum.is_signed_like(c) { F::NORMAL + F::NORMAL } else { F::NORMAL };
    let m = -away.signed_like(c);
    let rounded = a.mul_add(b, c + m) - m;
    if sum.abs() < F::NORMAL { rounded.abs().signed_like(sum) } else { sum }
}
