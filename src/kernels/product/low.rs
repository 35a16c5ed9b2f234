//! Products whose sums are subnormal, nearly as fast as others and to the same bits.
//!
//! Two factors that are small by themselves make products far smaller, and so do gradients on their way back: where sums
//! are subnormal, many CPUs take a hundred times as long over each multiply-add. Such a sum is rounded to whole units,
//! 2^-149 in f32, whatever its size; and so is a sum in [2^23, 2^24], where neighbours are 1 apart. So both factors are
//! raised until their product is in units, and chains start M = 1.5 2^23 higher, in the kernel of all other products. As
//! long as no sum comes to 2^22 units, every link is rounded to the same number, ties included, for M is even. At the
//! end M is taken away. (`super::faint` has larger sums, and takes several operations for a link.)
//!
//! One thing is lost: a sum that rounds to zero has the sign of the exact sum. It is found again from the last link with
//! a product that is not zero. If a b is that product and the result 0, the sum before was the whole number nearest to
//! -a b, and what was rounded is a b less its nearest whole number. Only where a b lies half-way between two whole
//! numbers is that not known, and the chain is run again.

use super::blocks::{DEPTH, Part, Product, parts};
use super::dispatch::run_on;
use super::faint::{ROWS, costs, in_units, link, out_of_units, raised};
use super::multiply::{Start, whole};
use super::room::Panel;
use crate::kernels::tier::Pass;
use crate::kernels::{Real, Tier};

/// Columns that are raised together.
const WIDTH: usize = 64;

/// Rows that are raised together.
const GROUP: usize = 16;

impl<F: Real> Product<'_, F> {
    /// Whether some rows may be low on a CPU that takes long over subnormal sums: a look at a few entries. Zeros tell
    /// nothing, so the largest of B is held against each of A.
    #[inline]
    pub(super) fn looks_low(&self) -> bool {
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
        let b = raised((0..LOOKS).map(of_b).fold(F::zero(), F::larger), F::HALVES[1]);
        let is_low = |a: F| a != F::zero() && raised(a, F::HALVES[0]).abs() * b < limit();
        b != F::zero() && (0..LOOKS).map(of_a).any(is_low)
    }

    /// The largest |B| over these k.
    #[inline(always)]
    fn largest_b(&self, (k0, depth): Part) -> F {
        let (_, k, n) = self.size;
        if self.b_transposed {
            self.b.chunks_exact(k).fold(F::zero(), |most, b| most.larger(largest(&b[k0..k0 + depth])))
        } else {
            largest(&self.b[k0 * n..(k0 + depth) * n])
        }
    }

    /// Of each of these rows, the largest |A| over these k.
    #[inline(always)]
    fn largest_a(&self, (k0, depth): Part, (i0, height): Part) -> [F; ROWS] {
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

    /// Entry (i, j) of what the chains start from at k0.
    #[inline(always)]
    fn start_of(&self, k0: usize, i: usize, (j0, width): Part) -> Option<&[F]> {
        let n = self.size.2;
        match self.start {
            Start::Zero if k0 == 0 => None,
            Start::Row(start) if k0 == 0 => Some(&start[j0..j0 + width]),
            Start::Zero | Start::Row(_) | Start::Current => Some(&self.c[i * n + j0..][..width]),
        }
    }
}

#[inline(always)]
fn largest<F: Real>(x: &[F]) -> F {
    x.iter().fold(F::zero(), |most, &x| most.larger(x))
}

/// 1.5 2^23, from which chains start.
#[inline(always)]
fn middle<F: Real>() -> F {
    F::of(1.5) * F::NORMAL
}

/// Below this, no sum comes to 2^22 units: every link adds half a unit at most by its rounding.
#[inline(always)]
fn limit<F: Real>() -> F {
    F::of(0.49) * F::NORMAL
}

/// A product of which some rows may be low: their sums stay below 2^22 units.
pub(super) struct Low<'a, F> {
    pub(super) tier: Tier,
    pub(super) product: Product<'a, F>,
}

impl<F: Real> Pass for Low<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (m, k, _) = self.product.size;
        for part in parts(k, DEPTH) {
            let largest_b = self.product.largest_b(part);
            for (i0, height) in parts(m, ROWS) {
                let is_low = self.low_rows(part, (i0, height), largest_b);
                if part.1 == k && height == m && !is_low.contains(&true) {
                    return whole(self.tier, self.product);
                }
                let mut i = 0;
                while i < height {
                    let ordinary = is_low[i..height].iter().take_while(|&&is_low| !is_low).count();
                    if ordinary > 0 {
                        self.ordinary_rows(part, (i0 + i, ordinary));
                    }
                    i += ordinary;
                    let low = is_low[i..height].iter().take_while(|&&is_low| is_low).count();
                    if low > 0 {
                        self.run_low_rows(part, (i0 + i, low));
                    }
                    i += low;
                }
            }
        }
    }
}

impl<F: Real> Low<'_, F> {
    /// Which of these rows are low. Not those of zeros alone, which are as fast as any.
    #[inline(always)]
    fn low_rows(&self, part: Part, (i0, height): Part, largest_b: F) -> [bool; ROWS] {
        let n = self.product.size.2;
        let largest_a = self.product.largest_a(part, (i0, height));
        let mut is_low = [false; ROWS];
        if largest_b == F::zero() {
            return is_low;
        }
        let b = raised(largest_b, F::HALVES[1]);
        for (i, (is_low, &a)) in is_low.iter_mut().zip(&largest_a[..height]).enumerate() {
            let start = self.product.start_of(part.0, i0 + i, (0, n)).map_or(F::zero(), largest);
            let bound = F::of(part.1 as f64) * (raised(a, F::HALVES[0]) * b) + in_units(start);
            *is_low = a != F::zero() && bound < limit();
        }
        is_low
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

    /// These rows, which are low, carried on by these k.
    #[inline(always)]
    fn run_low_rows(&mut self, (k0, depth): Part, (first, count): Part) {
        let (_, k, n) = self.product.size;
        let (row, step) = self.product.a_steps;
        let (mut a, mut b) = ([[F::zero(); DEPTH]; GROUP], [[F::zero(); WIDTH]; DEPTH]);
        let mut c = [[F::zero(); WIDTH]; GROUP];
        for j0 in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - j0);
            for (q, b) in b[..depth].iter_mut().enumerate() {
                *b = [F::zero(); WIDTH];
                for (j, b) in b[..width].iter_mut().enumerate() {
                    *b = self.product.b
                        [if self.product.b_transposed { (j0 + j) * k + k0 + q } else { (k0 + q) * n + j0 + j }];
                }
                b.iter_mut().for_each(|b| *b = raised(*b, F::HALVES[1]));
            }
            for (i, count) in parts(count, GROUP).map(|(i, count)| (first + i, count)) {
                for (i, (a, c)) in (i..).zip(a.iter_mut().zip(&mut c)).take(count) {
                    for (q, a) in a[..depth].iter_mut().enumerate() {
                        *a = self.product.a[i * row + (k0 + q) * step];
                    }
                    a[..depth].iter_mut().for_each(|a| *a = raised(*a, F::HALVES[0]));
                    *c = [F::zero(); WIDTH];
                    if let Some(start) = self.product.start_of(k0, i, (j0, width)) {
                        c[..width].copy_from_slice(start);
                    }
                    c.iter_mut().for_each(|c| *c = middle::<F>() + in_units(*c));
                }
                let product = Product {
                    size: (count, depth, WIDTH),
                    ks: (0, depth),
                    a: a.as_flattened(),
                    a_steps: (DEPTH, 1),
                    b: b[..depth].as_flattened(),
                    b_transposed: false,
                    c: c[..count].as_flattened_mut(),
                    start: Start::Current,
                    panel: &mut Panel::new(),
                    blocks: None,
                };
                run_on(self.tier, product);
                for (i, (a, c)) in (i..).zip(a.iter().zip(&mut c)).take(count) {
                    c.iter_mut().for_each(|c| *c = *c - middle::<F>());
                    if c[..width].contains(&F::zero()) {
                        let mut start = [F::zero(); WIDTH];
                        if let Some(values) = self.product.start_of(k0, i, (j0, width)) {
                            start[..width].copy_from_slice(values);
                        }
                        sign_zeros(&a[..depth], &b[..depth], &start, c);
                    }
                    c.iter_mut().for_each(|c| *c = out_of_units(*c));
                    self.product.c[i * n + j0..][..width].copy_from_slice(&c[..width]);
                }
            }
        }
    }
}

/// Gives the zeros among the sums of a row, in units, the signs that they would have had. `a` (depth) and `b`
/// (depth, width) are raised, `start` is not.
#[inline(always)]
fn sign_zeros<F: Real>(a: &[F], b: &[[F; WIDTH]], start: &[F; WIDTH], sums: &mut [F; WIDTH]) {
    let zero = F::zero();
    let negative = |x: F| x.is_signed_like(-zero);
    // Which are not known yet, and whether all products of a zero so far, from the last one back, were -0.
    let (mut is_open, mut stays_negative, mut is_tie) = ([false; WIDTH], [true; WIDTH], [false; WIDTH]);
    for (is_open, &sum) in is_open.iter_mut().zip(&*sums) {
        *is_open = sum == zero;
    }
    for (&a, b) in a.iter().zip(b).rev() {
        if !is_open.contains(&true) {
            break;
        }
        for j in 0..WIDTH {
            let is_product = a != zero && b[j] != zero;
            let below = negative(a) != negative(b[j]);
            let whole = a.mul_add(b[j], middle()) - middle();
            let rest = a.mul_add(b[j], -whole);
            // Where a b is less than half a unit, the rest may be too small for any number.
            let is_below = if whole == zero { below } else { negative(rest) };
            let decides = is_open[j] && is_product;
            is_tie[j] |= decides && rest.abs() == F::of(0.5);
            sums[j] = if decides && is_below && stays_negative[j] { -zero } else { sums[j] };
            is_open[j] &= !is_product;
            stays_negative[j] &= below || !is_open[j];
        }
    }
    for j in 0..WIDTH {
        // A chain without any product keeps what it starts from.
        if is_open[j] && negative(start[j]) && stays_negative[j] {
            sums[j] = -zero;
        }
        if is_tie[j] {
            sums[j] = a.iter().zip(b).fold(in_units(start[j]), |sum, (&a, b)| link(a, b[j], sum));
        }
    }
}
