//! Products whose sums all stay below 2^22 units of the smallest subnormal number (see [`super::faint`]), nearly as fast as
//! others and to the same bits.
//!
//! A subnormal sum is rounded to whole units, whatever its size; and so is a sum in [2^23, 2^24], where neighbours are 1
//! apart. So chains start M = 1.5 2^23 higher, in the kernel of all other products. As long as no sum comes to 2^22 units,
//! every link is rounded to the same number, ties included, for M is even. At the end the bits beyond those of M are the
//! units.
//!
//! One thing is lost: a sum that rounds to zero has the sign of the exact sum. It is found again from the last link with
//! a product that is not zero. If a b is that product and the result 0, the sum before was the whole number nearest to
//! -a b, and what was rounded is a b less its nearest whole number. Only where a b lies half-way between two whole
//! numbers is that not known, and the chain is run again.

use super::blocks::{Part, Product};
use super::dispatch::run_on;
use super::faint::WIDTH;
use super::multiply::Start;
use super::room::{Panel, RaisedA, Sums};
use crate::kernels::units::{in_units, link, middle, out_of_units, raised};
use crate::kernels::{Real, Tier};

/// Rows that are raised together.
pub(super) const GROUP: usize = 64;

/// These columns of these rows of a product, which are low, carried on by these k; without a tier, all their sums are known
/// to be zero. B is raised.
#[inline(always)]
pub(super) fn rows<F: Real>(
    tier: Option<Tier>,
    product: &mut Product<F>,
    (k0, depth): Part,
    rows: &[usize],
    columns: Part,
    b: &[[F; WIDTH]],
) {
    let n = product.size.2;
    let (mut raised_a, mut sums) = (RaisedA::new(), Sums::new());
    for rows in rows.chunks(GROUP) {
        let a = raise_rows(product, (k0, depth), rows, &mut raised_a);
        let c = sums.fill(rows.len(), [middle::<F>(); WIDTH]);
        for (&i, c) in rows.iter().zip(&mut *c) {
            if product.start_of(k0, i, columns).is_some() {
                for (c, start) in c.iter_mut().zip(product.start_at(k0, i, columns)) {
                    *c += in_units(start);
                }
            }
        }
        if let Some(tier) = tier {
            let raised = Product {
                size: (rows.len(), depth, WIDTH),
                ks: (0, depth),
                a,
                a_steps: (depth, 1),
                b: b.as_flattened(),
                b_transposed: false,
                c: c.as_flattened_mut(),
                start: Start::Current,
                panel: &mut Panel::new(),
                blocks: None,
            };
            run_on(tier, raised);
        }
        for (&i, (a, c)) in rows.iter().zip(a.chunks_exact(depth).zip(c)) {
            let (mut is_zero, mut some_are) = ([false; WIDTH], false);
            for (j, (is_zero, c)) in is_zero.iter_mut().zip(&mut *c).enumerate() {
                // Beyond the columns everything is 0.
                *is_zero = j < columns.1 && *c == middle();
                some_are |= *is_zero;
                *c = c.beyond_middle();
            }
            if some_are {
                sign_zeros(a, b, &product.start_at(k0, i, columns), is_zero, c);
            }
            product.c[i * n + columns.0..][..columns.1].copy_from_slice(&c[..columns.1]);
        }
    }
}

/// A (rows, depth) of these rows and k, raised.
#[inline(always)]
pub(super) fn raise_rows<'a, F: Real>(
    product: &Product<F>,
    (k0, depth): Part,
    rows: &[usize],
    room: &'a mut RaisedA,
) -> &'a [F] {
    let (row, step) = product.a_steps;
    let to = room.fill(rows.len() * depth, F::zero());
    for (&i, to) in rows.iter().zip(to.chunks_exact_mut(depth)) {
        let from = &product.a[i * row + k0 * step..];
        if step == 1 {
            to.copy_from_slice(&from[..depth]);
        } else {
            for (to, &a) in to.iter_mut().zip(from.iter().step_by(step)) {
                *to = a;
            }
        }
    }
    for to in &mut *to {
        *to = raised(*to, F::HALVES[0]);
    }
    to
}

/// Gives the zeros among the sums of a row, which `is_open` tells, the signs that they would have had. `a` (depth) and `b`
/// (depth, width) are raised, `start` is not.
#[inline(always)]
fn sign_zeros<F: Real>(
    a: &[F],
    b: &[[F; WIDTH]],
    start: &[F; WIDTH],
    mut is_open: [bool; WIDTH],
    sums: &mut [F; WIDTH],
) {
    let zero = F::zero();
    let negative = |x: F| x.is_signed_like(-zero);
    // Whether all products of a zero so far, from the last one back, were -0.
    let (mut stays_negative, mut is_tie) = ([true; WIDTH], [false; WIDTH]);
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
            is_tie[j] |= decides && rest.abs() == F::of(0.5) * F::ONE_UNIT;
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
            let mut sum = in_units(start[j]);
            for (&a, b) in a.iter().zip(b) {
                sum = link(a, b[j], sum);
            }
            sums[j] = out_of_units(sum);
        }
    }
}
