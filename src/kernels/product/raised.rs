//! Products of numbers so small that their sums, or they themselves, may be subnormal.
//!
//! Gradients that vanish end there. A chain of subnormal numbers loses digits at every link, and many CPUs take a hundred
//! times as long over a multiply-add that reads or makes one. So the factors, and what chains start from, are raised by
//! powers of two, and the sums are lowered again: the chain is one of normal numbers, rounded to all digits of the
//! precision at every link, and at its end, once, to a whole number of the smallest subnormal one.
//!
//! Powers of two are exact, so that the bits are those of the chain as it is wherever all of its sums are such whole numbers
//! before they are rounded. That is so where the least factors are large enough, as nearly everywhere: then nothing is
//! raised. (But a zero that was lowered is +0.) How far numbers are raised depends on the largest of the whole matrices and
//! of what chains start from.

use std::ops::Range;

use super::blocks::{DEPTH, parts};
use super::multiply::{Form, Start, begin, product_rows};
use crate::kernels::reduce::Extreme;
use crate::kernels::tier::Pass;
use crate::kernels::units::{Down, raised};
use crate::kernels::{Real, Tier};

/// The exponent to which the largest product of two entries is raised. Even 2^30 of them have a finite sum in f32, and
/// those 2^-216 times as large are normal numbers still.
const PEAK: i32 = 90;

/// Sums of more terms than this may change by their rounding errors alone.
const MOST_TERMS: usize = 1 << 20;

/// Entries of A that are raised together, as far as one row of them is no longer: enough to make use of B.
const ROOM: usize = 1 << 16;

/// How a product is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// In the numbers as they are.
    Plain,
    /// Raised.
    Raised(Powers),
    /// Not at all: no sum changes what it starts from, but for -0.
    Nothing,
}

/// The exponents of the powers of two by which a product's factors are raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Powers {
    a: i32,
    b: i32,
}

impl Way {
    /// How this product, of at least one link, is to be taken.
    pub(super) fn of<F: Real>(tier: Tier, terms: usize, start: Start<'_, F>, (a, b): (&[F], &[F]), c: &[F]) -> Self {
        // Of those that are not 0; at most 1.
        let least = |x: &[F]| tier.run(Extreme { x, start: F::one(), of_two: F::lower_but_0 });
        let largest = |x: &[F]| tier.run(Extreme { x, start: F::zero(), of_two: F::larger });
        let (least_a, least_b) = (least(a), least(b));
        let is_zero = |least: F, x: &[F]| least == F::one() && are_zeros(x);
        if (is_zero(least_a, a) || is_zero(least_b, b)) && largest(a).is_finite() && largest(b).is_finite() {
            return Self::Nothing;
        }
        // The last digit of every product, and so of every sum, is a whole number of the smallest subnormal one.
        if least_a.exponent() + least_b.exponent() >= F::LOWEST + 2 * (F::DIGITS - 1) {
            return Self::Plain;
        }
        let largest_start = match start {
            Start::Zero => F::zero(),
            Start::Row(row) => largest(row),
            Start::Current => largest(c),
        };
        let (largest_a, largest_b) = (largest(a), largest(b));
        if ![largest_a, largest_b, largest_start].iter().all(|x| x.is_finite()) {
            return Self::Plain;
        }
        let (of_a, of_b) = (largest_a.exponent(), largest_b.exponent());
        // Each factor is less than twice its power of two.
        let of_sums = of_a + of_b + 2 + terms.next_power_of_two().ilog2().cast_signed();
        if of_sums < F::LOWEST - 1 && terms <= MOST_TERMS {
            return Self::Nothing;
        }
        let of_start = if largest_start == F::zero() { F::LOWEST } else { largest_start.exponent() };
        // All powers are to be normal numbers, and so is what starts are raised to.
        let sum = (PEAK - of_a - of_b).min(F::BIAS - 7 - of_start).min(2 * F::BIAS - 4);
        if sum <= 0 {
            return Self::Plain;
        }
        // One factor alone, if that can be: the other one then stays where it is.
        let fits = |least: F, other: i32| !least.is_subnormal() && other + sum < F::BIAS;
        let a = match () {
            () if of_a <= of_b && fits(least_b, of_a) => sum,
            () if fits(least_a, of_b) => 0,
            () if fits(least_b, of_a) => sum,
            () => ((sum + of_b - of_a) / 2).clamp(0, sum),
        };
        Self::Raised(Powers { a, b: sum - a })
    }
}

/// What raises entries by 2^power, which is positive: in two steps, as 2^power may be too large a number.
#[derive(Clone, Copy)]
struct Up<F> {
    /// As [`raised`] has it.
    first: (F, F),
    second: F,
}

impl<F: Real> Up<F> {
    #[inline(always)]
    fn by(power: i32) -> Self {
        let (first, second) = (power - power / 2, power / 2);
        Self { first: (F::power_of_two(first), F::power_of_two(first - F::BIAS)), second: F::power_of_two(second) }
    }

    #[inline(always)]
    fn at(self, x: F) -> F {
        raised(x, self.first) * self.second
    }
}

/// The entries, raised.
struct Raised<'a, F> {
    x: &'a mut [F],
    power: i32,
}

impl<F: Real> Pass for Raised<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let up = Up::by(self.power);
        for x in self.x {
            *x = up.at(*x);
        }
    }
}

/// The entries, raised, in place of those in the room.
struct RaisedCopy<'a, F> {
    x: &'a [F],
    power: i32,
    room: &'a mut Vec<F>,
}

impl<'a, F: Real> Pass for RaisedCopy<'a, F> {
    type Output = &'a [F];

    #[inline(always)]
    fn run(self) -> &'a [F] {
        let up = Up::by(self.power);
        self.room.clear();
        self.room.extend_from_slice(self.x);
        for x in &mut *self.room {
            *x = up.at(*x);
        }
        self.room
    }
}

/// The sums, lowered by 2^power.
struct Lowered<'a, F> {
    x: &'a mut [F],
    power: i32,
}

impl<F: Real> Pass for Lowered<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let down = Down::by(self.power);
        for x in self.x {
            *x = down.at(*x);
        }
    }
}

/// Rows of C in the range, by raised factors: as [`product_rows`] takes them.
pub(super) fn raised_rows<F: Real>(
    tier: Tier,
    form: Form,
    (m, k, n): (usize, usize, usize),
    start: Start<'_, F>,
    powers: Powers,
    (a, b): (&[F], &[F]),
    (rows, c): (Range<usize>, &mut [F]),
) {
    let raise = |x: &mut [F], power: i32| tier.run(Raised { x, power });
    let (mut room_a, mut room_b, mut row) = (Vec::new(), Vec::new(), Vec::new());
    let sum = powers.a + powers.b;
    let start = match start {
        Start::Zero => Start::Zero,
        Start::Current => {
            raise(c, sum);
            Start::Current
        }
        Start::Row(values) => Start::Row(raised_copy(tier, values, sum, &mut row)),
    };
    if form == Form::LeftTransposed {
        let mut start = start;
        // The time steps in which all has vanished add nothing.
        for (k0, depth) in parts(k, DEPTH) {
            let (a, b) = (&a[k0 * m..][..depth * m], &b[k0 * n..][..depth * n]);
            if are_zeros(a) || are_zeros(b) {
                continue;
            }
            let a = raised_copy(tier, a, powers.a, &mut room_a);
            let b = raised_copy(tier, b, powers.b, &mut room_b);
            product_rows(tier, form, (m, depth, n), start, rows.clone(), (a, b), c);
            start = Start::Current;
        }
        if start != Start::Current {
            begin(start, n, c);
        }
    } else {
        let b = raised_copy(tier, b, powers.b, &mut room_b);
        let height = if powers.a == 0 { rows.len() } else { (ROOM / k).min(rows.len()) }.max(1);
        for (i, c) in rows.step_by(height).zip(c.chunks_mut(height * n)) {
            let height = c.len() / n;
            let a = raised_copy(tier, &a[i * k..][..height * k], powers.a, &mut room_a);
            product_rows(tier, form, (height, k, n), start, 0..height, (a, b), c);
        }
    }
    tier.run(Lowered { x: c, power: sum });
}

/// The entries, raised; in the room, where they are raised at all.
fn raised_copy<'a, F: Real>(tier: Tier, x: &'a [F], power: i32, room: &'a mut Vec<F>) -> &'a [F] {
    if power == 0 { x } else { tier.run(RaisedCopy { x, power, room }) }
}

fn are_zeros<F: Real>(x: &[F]) -> bool {
    x.iter().all(|&x| x == F::zero())
}
