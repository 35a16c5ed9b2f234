//! Products of numbers so small that their sums, or they themselves, may be subnormal.
//!
//! Gradients that vanish end there. A chain of subnormal numbers loses digits at every link, and many CPUs take a hundred
//! times as long over a multiply-add that reads or makes one. So the factors, and what chains start from, are raised by
//! powers of two, and the sums are lowered again: the chain is one of normal numbers, rounded to all digits of the
//! precision at every link, and at its end, once, to a whole number of the smallest subnormal one.
//!
//! Powers of two are exact, so that the bits are those of the chain as it is wherever all of its sums are such whole numbers
//! before they are rounded. That is so where the least factors are large enough, as nearly everywhere: then nothing is
//! raised, unless a row that chains start from has subnormal numbers. (But a zero that was lowered is +0.) How far numbers
//! are raised depends on the largest of the whole matrices and of what chains start from, and on how many terms there are:
//! as far as they leave room.
//!
//! Terms may differ by more than all numbers do, so that a sum of the least ones alone would still be subnormal. Where all
//! are raised far, it comes to nothing. To keep to normal numbers, chains then start from one that is far below the
//! smallest number, and far above what is subnormal where all is raised: the [`anchor`]. The first term that counts drops
//! it in rounding; but where that one lies in the middle between two numbers, it is rounded to the larger one, and not to
//! the even one.

use std::ops::Range;

use super::blocks::{DEPTH, parts};
use super::factor::Extremes;
use super::multiply::{Form, Start, begin, product_rows};
use crate::kernels::tier::Pass;
use crate::kernels::units::{Down, raised};
use crate::kernels::{Real, Tier};

/// The exponent to which the largest product of two entries is raised: so many of them, each less than four times as large,
/// sum up to less than 2^(BIAS - 2), which leaves room for errors of rounding, and for what is up to [`highest_start`].
fn peak<F: Real>(terms: usize) -> i32 {
    F::BIAS - 2 - 2 - doublings(terms)
}

/// The exponent up to which the largest start is raised.
fn highest_start<F: Real>() -> i32 {
    F::BIAS - 2 - 5
}

/// The least n with 2^n >= terms.
fn doublings(terms: usize) -> i32 {
    terms.next_power_of_two().ilog2().cast_signed()
}

/// Sums of more terms than this may change by their rounding errors alone.
const MOST_TERMS: usize = 1 << 20;

/// In bytes.
const CACHE_LINE: usize = 64;

/// Entries of A that are raised together, as far as one row of them is no longer: enough to make use of B.
const ROOM: usize = 1 << 16;

/// What is added to each start where all is raised by 2^power, and the least product to 2^`least` or more: 2^-32 of the
/// smallest number in f32, 2^-61 in f64, which is less than half the last digit of a sum from 2^-7 of the smallest number
/// on. 0 where every product is large enough without, or where it would be no normal number itself, even after a term that
/// is nearly its negative.
fn anchor<F: Real>(power: i32, least: i32) -> F {
    let exponent = F::LOWEST + power - F::DIGITS - 8;
    let is_normal = |exponent: i32| exponent - F::DIGITS > -F::BIAS;
    if is_normal(exponent) && !is_normal(least) { F::power_of_two(exponent) } else { F::zero() }
}

/// How a product is to be taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Way<F> {
    /// In the numbers as they are.
    Plain,
    /// Raised.
    Raised(Rise<F>),
    /// Not at all: no sum changes what it starts from, but for -0.
    Nothing,
}

/// How far a product's factors are raised, and what is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rise<F> {
    /// The exponents of the powers of two for A and for B.
    powers: (i32, i32),
    /// What is added to starts.
    anchor: F,
    of_a: Extremes<F>,
    of_b: Extremes<F>,
    of_start: Extremes<F>,
}

impl<F: Real> Way<F> {
    /// How this product, of at least one link, is to be taken.
    pub(super) fn of(
        tier: Tier,
        terms: usize,
        start: Start<'_, F>,
        (of_a, of_b): (Extremes<F>, Extremes<F>),
        c: &[F],
    ) -> Self {
        let are_finite = of_a.largest.is_finite() && of_b.largest.is_finite();
        if (of_a.are_of_zeros() || of_b.are_of_zeros()) && are_finite {
            return Self::Nothing;
        }
        // The last digit of every product, and so of every sum, is a whole number of the smallest subnormal one.
        let is_exact = of_a.least.exponent() + of_b.least.exponent() >= F::LOWEST + 2 * (F::DIGITS - 1);
        let of_start = match start {
            Start::Row(row) => Extremes::on(tier, row),
            Start::Current if !is_exact => Extremes::on(tier, c),
            Start::Zero | Start::Current => Extremes::none(),
        };
        // But every row of C would start from these.
        if is_exact && !of_start.has_subnormal() {
            return Self::Plain;
        }
        if !are_finite || !of_start.largest.is_finite() {
            return Self::Plain;
        }
        let (largest_a, largest_b) = (of_a.largest.exponent(), of_b.largest.exponent());
        // Each factor is less than twice its power of two.
        if largest_a + largest_b + 2 + doublings(terms) < F::LOWEST - 1 && terms <= MOST_TERMS {
            return Self::Nothing;
        }
        let largest_start = if of_start.are_of_zeros() { F::LOWEST } else { of_start.largest.exponent() };
        // All powers are to be normal numbers, and so is what starts are raised to.
        let most = (highest_start::<F>() - largest_start).min(2 * F::BIAS - 4);
        let sum = (peak::<F>(terms) - largest_a - largest_b).min(most);
        if sum <= 0 {
            return Self::Plain;
        }
        // One factor alone, if that can be: the other one then stays where it is. (Whatever the shares, the bits are these.)
        let stays = |staying: Extremes<F>, other: i32| !staying.has_subnormal() && other + sum < F::BIAS;
        let a = match () {
            () if largest_a <= largest_b && stays(of_b, largest_a) => sum,
            () if stays(of_a, largest_b) => 0,
            () if stays(of_b, largest_a) => sum,
            () => ((sum + largest_b - largest_a) / 2).clamp(0, sum),
        };
        let anchor = anchor(sum, of_a.least.exponent() + of_b.least.exponent() + sum);
        Self::Raised(Rise { powers: (a, sum - a), anchor, of_a, of_b, of_start })
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

    /// Of any number.
    #[inline(always)]
    fn at(self, x: F) -> F {
        raised(x, self.first) * self.second
    }

    /// Of one that is not subnormal, or 0.
    #[inline(always)]
    fn at_normal(self, x: F) -> F {
        x * self.first.0 * self.second
    }
}

/// The entries, raised, to each of which a number is added.
struct Raised<'a, F> {
    x: &'a mut [F],
    power: i32,
    added: F,
    has_subnormal: bool,
}

impl<F: Real> Pass for Raised<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (up, added) = (Up::by(self.power), self.added);
        if self.has_subnormal {
            for x in self.x {
                *x = up.at(*x) + added;
            }
        } else {
            for x in self.x {
                *x = up.at_normal(*x) + added;
            }
        }
    }
}

/// The entries, raised, in as many places.
struct RaisedCopy<'a, F> {
    x: &'a [F],
    power: i32,
    has_subnormal: bool,
    to: &'a mut [F],
}

impl<F: Real> Pass for RaisedCopy<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let up = Up::by(self.power);
        if self.has_subnormal {
            for (to, &x) in self.to.iter_mut().zip(self.x) {
                *to = up.at(x);
            }
        } else {
            for (to, &x) in self.to.iter_mut().zip(self.x) {
                *to = up.at_normal(x);
            }
        }
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
    rise: Rise<F>,
    (a, b): (&[F], &[F]),
    (rows, c): (Range<usize>, &mut [F]),
) {
    let Rise { powers: (power_a, power_b), anchor: added, of_a, of_b, of_start } = rise;
    let (mut room_a, mut room_b) = (Vec::new(), Vec::new());
    let (sum, has_subnormal) = (power_a + power_b, of_start.has_subnormal());
    let mut row;
    let mut start = match start {
        Start::Row(values) => {
            row = values.to_vec();
            tier.run(Raised { x: &mut row, power: sum, added, has_subnormal });
            Start::Row(&row)
        }
        Start::Current if !of_start.are_of_zeros() => {
            tier.run(Raised { x: &mut *c, power: sum, added, has_subnormal });
            Start::Current
        }
        Start::Zero | Start::Current => {
            row = vec![added; n];
            Start::Row(&row)
        }
    };
    if form == Form::LeftTransposed {
        for (k0, depth) in parts(k, DEPTH) {
            let (a, b) = (&a[k0 * m..][..depth * m], &b[k0 * n..][..depth * n]);
            let (of_a, of_b) = (Extremes::on(tier, a), Extremes::on(tier, b));
            // The time steps in which all has vanished add nothing.
            if of_a.are_of_zeros() || of_b.are_of_zeros() {
                continue;
            }
            let a = raised_copy(tier, a, power_a, of_a, &mut room_a);
            let b = raised_copy(tier, b, power_b, of_b, &mut room_b);
            product_rows(tier, form, (m, depth, n), start, rows.clone(), (a, b), c);
            start = Start::Current;
        }
        if start != Start::Current {
            begin(start, n, c);
        }
    } else {
        let b = raised_copy(tier, b, power_b, of_b, &mut room_b);
        let height = if power_a == 0 { rows.len() } else { (ROOM / k).min(rows.len()) }.max(1);
        for (i, c) in rows.step_by(height).zip(c.chunks_mut(height * n)) {
            let height = c.len() / n;
            let a = raised_copy(tier, &a[i * k..][..height * k], power_a, of_a, &mut room_a);
            product_rows(tier, form, (height, k, n), start, 0..height, (a, b), c);
        }
    }
    tier.run(Lowered { x: c, power: sum });
}

/// Entries, of which these are the extremes, raised; in the room, where they are raised at all.
fn raised_copy<'a, F: Real>(
    tier: Tier,
    x: &'a [F],
    power: i32,
    extremes: Extremes<F>,
    room: &'a mut Vec<F>,
) -> &'a [F] {
    if power == 0 {
        return x;
    }
    // Vectors that cross the borders of cache lines would have the product copy B once more.
    let line = CACHE_LINE / size_of::<F>();
    if room.len() < x.len() + line {
        room.resize(x.len() + line, F::zero());
    }
    let skipped = room.as_ptr().align_offset(CACHE_LINE).min(line);
    let to = &mut room[skipped..][..x.len()];
    tier.run(RaisedCopy { x, power, has_subnormal: extremes.has_subnormal(), to: &mut *to });
    to
}
