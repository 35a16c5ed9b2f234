//! How large the entries of a product's factors are: what decides how its sums are taken (see [`super::faint`]).

use super::blocks::{Part, Product};
use super::faint::ROWS;
use super::raised::WIDTH;
use crate::kernels::units::raised;
use crate::kernels::{Real, sqrt};

/// What entries come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent<F> {
    /// The largest magnitude; NaN where there is one.
    pub(super) largest: F,
    /// The least magnitude that is not 0; at most 1.
    least: F,
}

impl<F: Real> Extent<F> {
    #[inline(always)]
    fn none() -> Self {
        Self { largest: F::zero(), least: F::one() }
    }

    #[inline(always)]
    fn with(self, x: &[F]) -> Self {
        let Self { mut largest, mut least } = self;
        for &x in x {
            largest = largest.larger(x);
            least = least.lower_but_0(x);
        }
        Self { largest, least }
    }

    /// Whether some entry is subnormal.
    #[inline(always)]
    pub(super) fn has_subnormal(self) -> bool {
        self.least.is_subnormal()
    }
}

impl<F: Real> Product<'_, F> {
    /// What B comes to over these k.
    #[inline(always)]
    pub(super) fn extent_of_b(&self, (k0, depth): Part) -> Extent<F> {
        let (_, k, n) = self.size;
        if !self.b_transposed || depth == k {
            return Extent::none().with(&self.b[k0 * n..(k0 + depth) * n]);
        }
        let mut extent = Extent::none();
        for column in self.b.chunks_exact(k) {
            extent = extent.with(&column[k0..k0 + depth]);
        }
        extent
    }

    /// Of each of these rows, the largest magnitude in A over these k.
    #[inline(always)]
    pub(super) fn largest_of_a(&self, (k0, depth): Part, (i0, height): Part) -> [F; ROWS] {
        let (row, step) = self.a_steps;
        let mut found = [F::zero(); ROWS];
        if step == 1 {
            for (i, found) in (i0..).zip(&mut found[..height]) {
                *found = largest(&self.a[i * row + k0..][..depth]);
            }
        } else {
            for q in k0..k0 + depth {
                for (found, &a) in found.iter_mut().zip(&self.a[i0 + q * step..][..height]) {
                    *found = found.larger(a);
                }
            }
        }
        found
    }

    /// The largest magnitude in that column of B, over these k, of which it is the least, but for those of zeros; at most 1.
    #[inline(always)]
    pub(super) fn least_column_of_b(&self, (k0, depth): Part) -> F {
        let (_, k, n) = self.size;
        let mut least = F::one();
        if self.b_transposed {
            for column in self.b.chunks_exact(k) {
                least = least.lower_but_0(largest(&column[k0..k0 + depth]));
            }
            return least;
        }
        for j0 in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - j0);
            let mut most = [F::zero(); WIDTH];
            for q in k0..k0 + depth {
                for (most, &b) in most.iter_mut().zip(&self.b[q * n + j0..][..width]) {
                    *most = most.larger(b);
                }
            }
            least = Extent { largest: F::zero(), least }.with(&most).least;
        }
        least
    }

    /// Of each of these rows, how many entries of A over these k are below a limit, but not 0.
    #[inline(always)]
    pub(super) fn count_small_of_a(&self, (k0, depth): Part, (i0, height): Part, limit: F) -> [F; ROWS] {
        let (row, step) = self.a_steps;
        let mut found = [F::zero(); ROWS];
        let one_if_small = |a: F| if a != F::zero() && a.abs() < limit { F::one() } else { F::zero() };
        if step == 1 {
            for (i, found) in (i0..).zip(&mut found[..height]) {
                let mut lanes = [F::zero(); 16];
                for a in self.a[i * row + k0..][..depth].chunks(lanes.len()) {
                    for (lane, &a) in lanes.iter_mut().zip(a) {
                        *lane += one_if_small(a);
                    }
                }
                *found = sum_in_halves(lanes);
            }
        } else {
            for q in k0..k0 + depth {
                for (found, &a) in found.iter_mut().zip(&self.a[i0 + q * step..][..height]) {
                    *found += one_if_small(a);
                }
            }
        }
        found
    }

    /// The Euclidean norm of B's longest column over these k, raised.
    #[inline(always)]
    pub(super) fn longest_of_b(&self, part: Part, largest: F) -> F {
        let raise = F::HALVES[1];
        let most = raised(largest, raise);
        if is_plain(largest) {
            most * sqrt(self.squares_of_b::<false>(part, F::one() / largest))
        } else {
            most * sqrt(self.squares_of_b::<true>(part, F::one() / most))
        }
    }

    #[inline(always)]
    fn squares_of_b<const RAISED: bool>(&self, (k0, depth): Part, factor: F) -> F {
        let (_, k, n) = self.size;
        let raise = F::HALVES[1];
        let mut most = F::zero();
        if self.b_transposed {
            for column in self.b.chunks_exact(k) {
                most = most.larger(squares::<F, RAISED>(&column[k0..k0 + depth], raise, factor));
            }
            return most;
        }
        for j0 in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - j0);
            let mut squares = [F::zero(); WIDTH];
            for q in k0..k0 + depth {
                add_squares::<F, RAISED>(&mut squares, &self.b[q * n + j0..][..width], raise, factor);
            }
            most = most.larger(largest(&squares));
        }
        most
    }

    /// Of each of these rows, the Euclidean norm of A over these k, raised.
    #[inline(always)]
    pub(super) fn lengths_of_a(&self, (k0, depth): Part, (i0, height): Part, largest_of_a: &[F; ROWS]) -> [F; ROWS] {
        let (row, step) = self.a_steps;
        let (mut found, raise) = ([F::zero(); ROWS], F::HALVES[0]);
        if step == 1 {
            for (i, (found, &largest)) in (i0..).zip(found[..height].iter_mut().zip(largest_of_a)) {
                let row = &self.a[i * row + k0..][..depth];
                let most = raised(largest, raise);
                let squares = if is_plain(largest) {
                    squares::<F, false>(row, raise, F::one() / largest)
                } else {
                    squares::<F, true>(row, raise, F::one() / most)
                };
                *found = most * sqrt(squares);
            }
            return found;
        }
        let largest = largest(&largest_of_a[..height]);
        let most = raised(largest, raise);
        for q in k0..k0 + depth {
            let a = &self.a[i0 + q * step..][..height];
            if is_plain(largest) {
                add_squares::<F, false>(&mut found, a, raise, F::one() / largest);
            } else {
                add_squares::<F, true>(&mut found, a, raise, F::one() / most);
            }
        }
        // Of a row much smaller than another, squares may have been lost, and subnormal entries count: it counts as one of
        // zeros. Above the limit, 256 squares of entries below the smallest normal number are less than 1.5 % of the sum.
        for sum in &mut found[..height] {
            *sum = if *sum > F::of(1e-12) { most * sqrt(*sum) } else { F::zero() };
        }
        found
    }
}

/// Whether subnormal entries add nothing to the norm of entries of which this is the largest magnitude.
#[inline(always)]
fn is_plain<F: Real>(largest: F) -> bool {
    !largest.is_below(F::FAINT * F::of(f64::from(1 << 24)))
}

#[inline(always)]
pub(super) fn largest<F: Real>(x: &[F]) -> F {
    let mut most = F::zero();
    for &x in x {
        most = most.larger(x);
    }
    most
}

/// Adds to each sum the square of its entry of `x`, times the factor; raised, or without those that are subnormal.
#[inline(always)]
fn add_squares<F: Real, const RAISED: bool>(sums: &mut [F], x: &[F], raise: (F, F), factor: F) {
    for (sum, &x) in sums.iter_mut().zip(x) {
        let plain = if x.is_subnormal() { F::zero() } else { x };
        let x = if RAISED { raised(x, raise) } else { plain } * factor;
        *sum = x.mul_add(x, *sum);
    }
}

/// The sum of the squares of x, as [`add_squares`] takes them.
#[inline(always)]
fn squares<F: Real, const RAISED: bool>(x: &[F], raise: (F, F), factor: F) -> F {
    let mut lanes = [F::zero(); 16];
    for x in x.chunks(lanes.len()) {
        add_squares::<F, RAISED>(&mut lanes, x, raise, factor);
    }
    sum_in_halves(lanes)
}

/// The lanes' sum. One after the other, each addition would wait for the one before.
#[inline(always)]
fn sum_in_halves<F: Real>(mut lanes: [F; 16]) -> F {
    let mut count = lanes.len();
    while count > 1 {
        count /= 2;
        for lane in 0..count {
            lanes[lane] += lanes[lane + count];
        }
    }
    lanes[0]
}
