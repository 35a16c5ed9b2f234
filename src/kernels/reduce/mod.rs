//! Sums in a fixed order, compiled for every tier. They accumulate in f64 whatever the run's precision: an f32 square
//! below about 1e-23 is zero, and would invent a vanishing gradient.

use super::Real;
use super::tier::{Pass, Tier};

/// Independent partial sums; element i goes to lane i mod `LANES`. The number is part of the numerics: it fixes the
/// order of every sum, whatever the width of the machine's vectors. 32 keep eight vectors of four in flight, as many as
/// hide the latency of an addition.
pub(super) const LANES: usize = 32;

struct SumOf<'a, F, G> {
    x: &'a [F],
    f: G,
}

impl<F: Real, G: Fn(f64, f64) -> f64> Pass for SumOf<'_, F, G> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [0.0; LANES];
        add_terms(&mut lanes, self.x, self.f);
        fold(lanes)
    }
}

struct SumOfZip<'a, F, G> {
    x: &'a [F],
    y: &'a [F],
    f: G,
}

impl<F: Real, G: Fn(f64, F, F) -> f64> Pass for SumOfZip<'_, F, G> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [0.0; LANES];
        add_pair_terms(&mut lanes, self.x, self.y, self.f);
        fold(lanes)
    }
}

/// Every lane's sum becomes f(sum, x), for one x after the other, in a pass's own loop.
#[inline(always)]
pub(super) fn add_terms<F: Real>(lanes: &mut [f64; LANES], x: &[F], f: impl Fn(f64, f64) -> f64) {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut sums = *lanes;
    for chunk in chunks {
        for i in 0..LANES {
            sums[i] = f(sums[i], chunk[i].f64());
        }
    }
    *lanes = sums;
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane = f(*lane, x.f64());
    }
}

/// Every lane's sum becomes f(sum, x, y), for as many entries as both have.
#[inline(always)]
pub(super) fn add_pair_terms<F: Real>(lanes: &mut [f64; LANES], x: &[F], y: &[F], f: impl Fn(f64, F, F) -> f64) {
    let n = x.len().min(y.len());
    let ((x, x_rest), (y, y_rest)) = (x[..n].as_chunks::<LANES>(), y[..n].as_chunks::<LANES>());
    let mut sums = *lanes;
    for (x, y) in x.iter().zip(y) {
        for i in 0..LANES {
            sums[i] = f(sums[i], x[i], y[i]);
        }
    }
    *lanes = sums;
    for (lane, (&x, &y)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *lane = f(*lane, x, y);
    }
}

/// The lanes' sum: the upper half is added to the lower one until one lane is left.
#[inline(always)]
pub(super) fn fold(mut lanes: [f64; LANES]) -> f64 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The largest f(x), or 0; of numbers that are not NaN.
struct LargestOf<'a, F, G> {
    x: &'a [F],
    f: G,
}

impl<F: Real, G: Fn(f64) -> f64> Pass for LargestOf<'_, F, G> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        // In lanes, too: a maximum of a plain loop is no vector code, as it would have to care for NaN.
        let mut lanes = [0.0; LANES];
        let (chunks, rest) = self.x.as_chunks::<LANES>();
        for chunk in chunks {
            for (lane, x) in lanes.iter_mut().zip(chunk) {
                *lane = Real::max((self.f)(x.f64()), *lane);
            }
        }
        for (lane, x) in lanes.iter_mut().zip(rest) {
            *lane = Real::max((self.f)(x.f64()), *lane);
        }
        lanes.into_iter().fold(0.0, Real::max)
    }
}

struct Count<'a, F, G> {
    x: &'a [F],
    condition: G,
}

impl<F: Real, G: Fn(F) -> bool> Pass for Count<'_, F, G> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        // Blocks whose count fits 32 bits, of which a vector holds more. Wrapping, as a check for overflow would end the
        // loop early, and what may end early is no vector code.
        let of_block = |block: &[F]| block.iter().fold(0, |n: u32, &x| n.wrapping_add(u32::from((self.condition)(x))));
        self.x.chunks(1 << 16).map(|block| of_block(block) as usize).sum()
    }
}

struct All<'a, F, G> {
    x: &'a [F],
    condition: G,
}

impl<F: Real, G: Fn(F) -> bool> Pass for All<'_, F, G> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        // Without an early end within a block, so that a block is vector code.
        self.x.chunks(1024).all(|block| block.iter().fold(true, |all, &x| all & (self.condition)(x)))
    }
}

pub(super) struct Extreme<'a, F, G> {
    pub(super) x: &'a [F],
    pub(super) start: F,
    pub(super) of_two: G,
}

impl<F: Real, G: Fn(F, F) -> F> Pass for Extreme<'_, F, G> {
    type Output = F;

    #[inline(always)]
    fn run(self) -> F {
        self.x.iter().fold(self.start, |extreme, &x| (self.of_two)(extreme, x))
    }
}

struct AddColumnSums<'a, F> {
    x: &'a [F],
    sums: &'a mut [F],
}

impl<F: Real> Pass for AddColumnSums<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for row in self.x.chunks_exact(self.sums.len()) {
            for (sum, &x) in self.sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
    }
}

/// The sum of f(x) over the slice; `f` is to be a closure of a few operations.
pub fn sum_of<F: Real>(x: &[F], f: impl Fn(f64) -> f64) -> f64 {
    Tier::current().run(SumOf { x, f: |sum, x| sum + f(x) })
}

/// The sum of f(x, y) over two slices of one length; `f` likewise.
pub fn sum_of_zip<F: Real>(x: &[F], y: &[F], f: impl Fn(F, F) -> f64) -> f64 {
    Tier::current().run(SumOfZip { x, y, f: |sum, x, y| sum + f(x, y) })
}

/// The sum of f(x)^2 over the slice, each square added as it is, without being rounded before.
fn sum_of_squares<F: Real>(tier: Tier, x: &[F], f: impl Fn(f64) -> f64) -> f64 {
    tier.run(SumOf { x, f: |sum, x| add_square(sum, f(x)) })
}

/// sum + x^2, rounded once.
#[inline(always)]
pub(super) fn add_square(sum: f64, x: f64) -> f64 {
    x.mul_add(x, sum)
}

/// How many entries satisfy a condition.
pub fn count<F: Real>(x: &[F], condition: impl Fn(F) -> bool) -> usize {
    Tier::current().run(Count { x, condition })
}

/// Whether all entries satisfy a condition.
pub fn all<F: Real>(x: &[F], condition: impl Fn(F) -> bool) -> bool {
    Tier::current().run(All { x, condition })
}

/// The sum of the entries.
pub fn sum<F: Real>(x: &[F]) -> f64 {
    sum_of(x, |x| x)
}

/// The Euclidean norm (for a matrix: Frobenius). Neither over- nor underflows while the result is a number.
pub fn norm<F: Real>(x: &[F]) -> f64 {
    norm_on(Tier::current(), x)
}

fn norm_on<F: Real>(tier: Tier, x: &[F]) -> f64 {
    // The usual scale has a loop of its own, which is shorter by the multiplication.
    let squares = |scale: f64| {
        if scale == 1.0 { sum_of_squares(tier, x, |x| x) } else { sum_of_squares(tier, x, move |x| x * scale) }
    };
    scaled_norm::<F>(x.len(), squares, || tier.run(LargestOf { x, f: f64::abs }))
}

/// The Euclidean norm of a - b, each difference taken in f64.
pub fn difference_norm<F: Real>(a: &[F], b: &[F]) -> f64 {
    difference_norm_on(Tier::current(), a, b)
}

fn difference_norm_on<F: Real>(tier: Tier, a: &[F], b: &[F]) -> f64 {
    let squares = |scale: f64| {
        let f = move |sum, a: F, b: F| add_square(sum, (a.f64() - b.f64()) * scale);
        tier.run(SumOfZip { x: a, y: b, f })
    };
    // Rarely asked for: a loop that is no vector code will do.
    let largest = || a.iter().zip(b).fold(0.0, |m: f64, (&a, &b)| m.max((a.f64() - b.f64()).abs()));
    scaled_norm::<F>(a.len(), squares, largest)
}

/// The root of a plain sum of so many squares of F's numbers or of their differences, unless a square that matters has left
/// f64's normal range.
pub(super) fn norm_of_squares<F: Real>(entries: usize, sum: f64) -> Option<f64> {
    // All are multiples of the smallest number, and the square of f32's, 2^-298, loses no digits.
    let smallest = F::MIN_NORMAL * F::GAP_AT_1;
    let keeps_digits = smallest * smallest >= f64::MIN_POSITIVE;
    // Else an entry whose square lost some is below 1e-146, and `entries` of them cannot matter beside this sum.
    let safe = 1e-280 * (entries.max(1) as f64);
    (sum.is_nan() || ((keeps_digits || sum > safe) && sum < 1e300)).then(|| sum.sqrt())
}

/// sqrt(sum of squares), where `squares(s)` sums the squares of s times each entry. The plain sum is right unless a
/// square has left f64's normal range; then the entries are scaled by a power of two, which is exact.
fn scaled_norm<F: Real>(entries: usize, squares: impl Fn(f64) -> f64, largest: impl Fn() -> f64) -> f64 {
    if let Some(norm) = norm_of_squares::<F>(entries, squares(1.0)) {
        return norm;
    }
    let largest = largest();
    if largest == 0.0 || largest == f64::INFINITY {
        return largest;
    }
    // The power of two below the largest entry (the smallest normal one for subnormals), and its exact reciprocal.
    let exponent = ((largest.to_bits() >> 52) & 0x7ff).clamp(1, 2045);
    let scale = f64::from_bits((2046 - exponent) << 52);
    squares(scale).sqrt() / scale
}

/// Mean and population standard deviation of all entries, in two passes. Neither over- nor underflows while the results
/// are numbers, and the deviation of a constant is 0 although its mean may be rounded; of infinite entries it is NaN.
pub fn mean_and_std<F: Real>(x: &[F]) -> (f64, f64) {
    mean_and_std_on(Tier::current(), x)
}

fn mean_and_std_on<F: Real>(tier: Tier, x: &[F]) -> (f64, f64) {
    // 2^-64: no sum of 2^64 entries of this size can overflow, and scaling by a power of two is exact.
    const SMALL: f64 = 1.0 / 18_446_744_073_709_551_616.0;
    let n = x.len() as f64;
    let plain = tier.run(SumOf { x, f: |sum, x| sum + x }) / n;
    let small = || tier.run(SumOf { x, f: |sum, x| sum + x * SMALL });
    let mean = if plain.is_infinite() { small() / n / SMALL } else { plain };
    // The last entry is asked first, as it mostly tells. Infinite ones have no deviation.
    let is_constant =
        |first: F| x.last() == Some(&first) && tier.run(All { x, condition: move |entry| entry == first });
    if x.first().is_some_and(|&first| first.is_finite() && is_constant(first)) {
        return (mean, 0.0);
    }
    let squares = |scale: f64| {
        if scale == 1.0 {
            sum_of_squares(tier, x, move |x| x - mean)
        } else {
            sum_of_squares(tier, x, move |x| (x - mean) * scale)
        }
    };
    let largest = || tier.run(LargestOf { x, f: move |x: f64| (x - mean).abs() });
    (mean, scaled_norm::<f64>(x.len(), squares, largest) / n.sqrt())
}

/// sums += the column sums of `x` (m, n), rows in order; alone among the sums here in the run's precision, as the entries
/// of a product are.
pub fn add_column_sums<F: Real>(x: &[F], sums: &mut [F]) {
    Tier::current().run(AddColumnSums { x, sums });
}

/// The largest |x|, NaN where there is one, and 0 of none.
pub fn largest_magnitude<F: Real>(x: &[F]) -> F {
    Tier::current().run(Extreme { x, start: F::zero(), of_two: F::larger })
}

/// Whether no entry is NaN or infinite.
pub fn all_finite<F: Real>(x: &[F]) -> bool {
    all(x, F::is_finite)
}

/// Whether every entry is 0.
pub fn all_zero<F: Real>(x: &[F]) -> bool {
    all(x, |x| x == F::zero())
}

#[cfg(test)]
mod tests;
