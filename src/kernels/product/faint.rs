//! Products of numbers so small that their sums, or they themselves, are subnormal: the same bits, nearly as fast as any.
//!
//! Gradients that vanish end there, and many CPUs take a hundred times as long over a multiply-add that reads or makes a
//! subnormal number. So both factors are raised by powers of two until their product counts units of the smallest
//! subnormal number (2^-149 in f32), where every number is a normal one. Every link of a chain has to be rounded as it
//! would have been: to a whole number of units below 2^23 of them. How, depends on how large the sums of a row can come
//! ([`Kind`]); no part of a sum of products is larger than the product of the factors' Euclidean norms.
//!
//! For larger sums, let s be the exact value of a b + c, and c1 what a multiply-add makes of it. Where |c1| >= 2^23, c1 is
//! the answer, as scaling by a power of two changes no rounding. Elsewhere s is rounded in another sum, s + m, which lies
//! where neighbours are a unit apart, 2^23 <= |s + m| <= 2^24, while c + m is exact: m is -2^24 in the direction of c where
//! s has the sign of c, and -2^23 where it has the other. Both are even, so that ties go to the same side. A sum that
//! rounds to zero has the sign of s. (This is [`link`].)

use super::blocks::{DEPTH, Part, Product, parts};
use super::dispatch::run_on;
use super::low;
use super::multiply::{Start, whole};
use super::room::Panel;
use crate::kernels::tier::Pass;
use crate::kernels::units::{costs, in_units, link, out_of_units, raised};
use crate::kernels::{Real, Tier, sqrt};

/// Columns that are raised together.
pub(super) const WIDTH: usize = 64;

/// Rows that are looked at before any of them runs.
const ROWS: usize = 128;

/// How the chains of a row are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As any others: few of their sums are subnormal, or none. Or they are no numbers, or all zeros, which cost nothing.
    Ordinary,
    /// In units, link by link, some ten times as long as an ordinary one.
    Faint,
    /// In units, in the ordinary kernel: no sum comes to 2^22 of them.
    Low,
    /// Not at all: every sum is rounded to zero, and only its sign is to be found.
    Zero,
}

/// A product of which some rows may not be ordinary.
pub(super) struct Small<'a, F> {
    pub(super) tier: Tier,
    pub(super) product: Product<'a, F>,
}

/// Below this, no sum comes to 2^22 units. Every link adds half a unit at most by its rounding, and the squares of the
/// norms are rounded, too.
#[inline(always)]
fn low<F: Real>() -> F {
    F::of(0.48) * F::NORMAL
}

/// Where single products come to fewer units than this, subnormal sums take longer than units do, link by link: the
/// early sums of a chain are the smallest, and one of 16 lanes is enough. Tried with training on an Intel CPU.
#[inline(always)]
fn faint<F: Real>() -> F {
    F::of(1024.0) * F::NORMAL
}

impl<F: Real> Product<'_, F> {
    /// Whether some rows may not be ordinary on a CPU that takes long over subnormal numbers: a look at a few entries.
    /// Zeros tell nothing, so the largest of B is held against each of A.
    #[inline]
    pub(super) fn looks_small(&self) -> bool {
        const LOOKS: usize = 8;
        let (m, k, n) = self.size;
        let (row, step) = self.a_steps;
        let at = |length: usize, look: usize| look * length / LOOKS;
        let of_a = |look| self.a[at(m, look) * row + at(k, look) * step];
        let of_b = |look| {
            let (q, j) = (at(k, look), at(n, look));
            self.b[if self.b_transposed { j * k + q } else { q * n + j }]
        };
        if !costs() {
            return false;
        }
        let b = (0..LOOKS).map(of_b).fold(F::zero(), F::larger);
        let raised_b = raised(b, F::HALVES[1]);
        let is_small =
            |a: F| a != F::zero() && (a.is_below(F::FAINT) || raised(a, F::HALVES[0]).abs() * raised_b < faint());
        b != F::zero() && (b.is_below(F::FAINT) || (0..LOOKS).map(of_a).any(is_small))
    }

    /// The Euclidean norm of B's longest column over these k, raised.
    #[inline(always)]
    fn longest_of_b(&self, (k0, depth): Part) -> F {
        let (_, k, n) = self.size;
        let raise = F::HALVES[1];
        if self.b_transposed {
            let columns = || self.b.chunks_exact(k).map(|column| &column[k0..k0 + depth]);
            let most = raised(columns().fold(F::zero(), |most, column| most.larger(largest(column))), raise);
            let squares = columns().map(|column| squares(column, raise, F::one() / most));
            return most * sqrt(squares.fold(F::zero(), F::larger));
        }
        let most = raised(largest(&self.b[k0 * n..(k0 + depth) * n]), raise);
        let mut longest = F::zero();
        for j0 in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - j0);
            let mut squares = [F::zero(); WIDTH];
            for q in k0..k0 + depth {
                add_squares(&mut squares, &self.b[q * n + j0..][..width], raise, F::one() / most);
            }
            longest = longest.larger(largest(&squares));
        }
        most * sqrt(longest)
    }

    /// Of each of these rows, the Euclidean norm of A over these k, raised.
    #[inline(always)]
    fn lengths_of_a(&self, (k0, depth): Part, (i0, height): Part) -> [F; ROWS] {
        let (row, step) = self.a_steps;
        let (mut found, raise) = ([F::zero(); ROWS], F::HALVES[0]);
        if step == 1 {
            for (i, found) in (i0..).zip(&mut found[..height]) {
                let row = &self.a[i * row + k0..][..depth];
                let most = raised(largest(row), raise);
                *found = most * sqrt(squares(row, raise, F::one() / most));
            }
            return found;
        }
        let rows = || (k0..k0 + depth).map(|q| &self.a[i0 + q * step..][..height]);
        let most = raised(rows().fold(F::zero(), |most, rows| most.larger(largest(rows))), raise);
        rows().for_each(|rows| add_squares(&mut found, rows, raise, F::one() / most));
        // Of a row much smaller than another, squares may have been lost: it counts as one of zeros.
        let is_whole = |squares: F| squares > F::of(1e-18);
        found.iter_mut().for_each(|sum| *sum = if is_whole(*sum) { most * sqrt(*sum) } else { F::zero() });
        found
    }

    /// Entry (i, j) of what the chains start from at k0.
    #[inline(always)]
    pub(super) fn start_of(&self, k0: usize, i: usize, (j0, width): Part) -> Option<&[F]> {
        let n = self.size.2;
        match self.start {
            Start::Zero if k0 == 0 => None,
            Start::Row(start) if k0 == 0 => Some(&start[j0..j0 + width]),
            Start::Zero | Start::Row(_) | Start::Current => Some(&self.c[i * n + j0..][..width]),
        }
    }

    /// B (depth, width) of these k and columns, raised; the rest is 0.
    #[inline(always)]
    pub(super) fn raise_b(&self, (k0, depth): Part, (j0, width): Part, to: &mut [[F; WIDTH]; DEPTH]) {
        let (_, k, n) = self.size;
        for (q, to) in (k0..).zip(&mut to[..depth]) {
            *to = [F::zero(); WIDTH];
            for (j, to) in (j0..).zip(&mut to[..width]) {
                *to = self.b[if self.b_transposed { j * k + q } else { q * n + j }];
            }
            to.iter_mut().for_each(|b| *b = raised(*b, F::HALVES[1]));
        }
    }

    /// What the chains of row `i` start from at k0, in these columns; the rest is 0.
    #[inline(always)]
    pub(super) fn start_at(&self, k0: usize, i: usize, (j0, width): Part) -> [F; WIDTH] {
        let mut start = [F::zero(); WIDTH];
        if let Some(values) = self.start_of(k0, i, (j0, width)) {
            start[..width].copy_from_slice(values);
        }
        start
    }
}

impl<F: Real> Pass for Small<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (m, k, _) = self.product.size;
        for part in parts(k, DEPTH) {
            let longest_b = self.product.longest_of_b(part);
            for (i0, height) in parts(m, ROWS) {
                let kinds = self.kinds(part, (i0, height), longest_b);
                let kinds = &kinds[..height];
                if part.1 == k && height == m && kinds.iter().all(|&kind| kind == Kind::Ordinary) {
                    return whole(self.tier, self.product);
                }
                let mut i = 0;
                while i < height {
                    let alike = kinds[i..].iter().take_while(|&&kind| kind == kinds[i]).count();
                    let rows = (i0 + i, alike);
                    match kinds[i] {
                        Kind::Ordinary => self.ordinary_rows(part, rows),
                        Kind::Faint => self.faint_rows(part, rows),
                        Kind::Low => low::rows(Some(self.tier), &mut self.product, part, rows),
                        Kind::Zero => low::rows(None, &mut self.product, part, rows),
                    }
                    i += alike;
                }
            }
        }
    }
}

impl<F: Real> Small<'_, F> {
    /// How each of these rows is to be run.
    #[inline(always)]
    fn kinds(&self, part: Part, (i0, height): Part, longest_b: F) -> [Kind; ROWS] {
        let n = self.product.size.2;
        let lengths = self.product.lengths_of_a(part, (i0, height));
        let mut kinds = [Kind::Ordinary; ROWS];
        for (i, (kind, &length)) in kinds.iter_mut().zip(&lengths[..height]).enumerate() {
            let start = in_units(self.product.start_of(part.0, i0 + i, (0, n)).map_or(F::zero(), largest));
            let most = length * longest_b + start;
            let is_faint = length * longest_b < F::of(part.1 as f64) * faint()
                || length < raised(F::FAINT, F::HALVES[0])
                || longest_b < raised(F::FAINT, F::HALVES[1]);
            // Of zeros alone it is no number, or 0.
            *kind = match length > F::zero() && most.is_finite() {
                // No sum comes to half a unit.
                true if most < F::of(0.25) => Kind::Zero,
                true if most < low() => Kind::Low,
                true if is_faint => Kind::Faint,
                _ => Kind::Ordinary,
            };
        }
        kinds
    }

    /// These rows, carried on by these k as any others.
    #[inline(always)]
    fn ordinary_rows(&mut self, (k0, depth): Part, (i, count): Part) {
        let Product { size: (_, k, n), a, a_steps, b, b_transposed, ref mut c, start, .. } = self.product;
        let start = if k0 == 0 { start } else { Start::Current };
        let (a, c) = (&a[i * a_steps.0..], &mut c[i * n..(i + count) * n]);
        let (size, ks, panel) = ((count, k, n), (k0, depth), &mut Panel::new());
        run_on(self.tier, Product { size, ks, a, a_steps, b, b_transposed, c, start, panel, blocks: None });
    }

    /// These rows, carried on by these k, link by link.
    #[inline(always)]
    fn faint_rows(&mut self, (k0, depth): Part, (first, count): Part) {
        let n = self.product.size.2;
        let (row, step) = self.product.a_steps;
        let mut b = [[F::zero(); WIDTH]; DEPTH];
        for j0 in (0..n).step_by(WIDTH) {
            let columns = (j0, WIDTH.min(n - j0));
            self.product.raise_b((k0, depth), columns, &mut b);
            for i in first..first + count {
                let mut sums = self.product.start_at(k0, i, columns);
                sums.iter_mut().for_each(|sum| *sum = in_units(*sum));
                for (q, b) in b[..depth].iter().enumerate() {
                    let a = raised(self.product.a[i * row + (k0 + q) * step], F::HALVES[0]);
                    for (sum, &b) in sums.iter_mut().zip(b) {
                        *sum = link(a, b, *sum);
                    }
                }
                sums.iter_mut().for_each(|sum| *sum = out_of_units(*sum));
                self.product.c[i * n + j0..][..columns.1].copy_from_slice(&sums[..columns.1]);
            }
        }
    }
}

#[inline(always)]
fn largest<F: Real>(x: &[F]) -> F {
    x.iter().fold(F::zero(), |most, &x| most.larger(x))
}

/// Adds to each sum the square of its entry of `x`, raised and times the factor.
#[inline(always)]
fn add_squares<F: Real>(sums: &mut [F], x: &[F], raise: (F, F), factor: F) {
    for (sum, &x) in sums.iter_mut().zip(x) {
        let x = raised(x, raise) * factor;
        *sum = x.mul_add(x, *sum);
    }
}

/// The sum of the squares of x, raised, times the factor.
#[inline(always)]
fn squares<F: Real>(x: &[F], raise: (F, F), factor: F) -> F {
    let mut lanes = [F::zero(); 16];
    x.chunks(lanes.len()).for_each(|x| add_squares(&mut lanes, x, raise, factor));
    lanes.into_iter().fold(F::zero(), |sum, lane| sum + lane)
}
