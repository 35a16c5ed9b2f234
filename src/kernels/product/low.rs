//! Products whose sums all stay below 2^22 units of the smallest subnormal number (see [`super::faint`]), nearly as fast as
//! others and to the same bits.
//!
//! A subnormal sum is rounded to whole units, whatever its size; and so is a sum in [2^23, 2^24], where neighbours are 1
//! apart. So chains start M = 1.5 2^23 higher, in the kernel of all other products. As long as no sum comes to 2^22 units,
//! every link is rounded to the same number, ties included, for M is even. At the end the bits beyond those of M are the
//! units.
//!
//! One thing is lost: a sum that rounds to zero has the sign of the exact sum. It is found again from the last link with
//! a product that is not zero. If a b is that product and the result 0, the sum before was the number nearest to -a b that
//! there is, and what was rounded is a b less that. Only where a b lies half-way between two whole numbers is that not
//! known, and the chain is run again. Behind it zeros are added, and a zero to which 0 is added is 0 from then on.

use super::blocks::{Part, Product};
use super::dispatch::run_on;
use super::multiply::Start;
use super::raised::{GROUP, RaisedColumns, Row, WIDTH, raise_rows};
use super::room::{Panel, RaisedA, Sums};
use crate::kernels::units::{in_units, link, middle, out_of_units, rounded_product};
use crate::kernels::{Real, Tier};

/// These columns of these rows of a product, which are low, carried on by these k. B is raised.
#[inline(always)]
pub(super) fn rows<F: Real>(
    tier: Tier,
    product: &mut Product<F>,
    (k0, depth): Part,
    rows: &[usize],
    columns: Part,
    b: &RaisedColumns<F>,
    (raised_a, sums): (&mut RaisedA, &mut Sums),
) {
    for rows in rows.chunks(GROUP) {
        let a = raise_rows(product, (k0, depth), rows, raised_a);
        let c = raise_starts(product, k0, rows, columns, sums);
        let raised = Product {
            size: (rows.len(), depth, WIDTH),
            ks: (0, depth),
            a: a.values,
            a_steps: a.steps,
            b: b.rows.as_flattened(),
            b_transposed: false,
            c,
            start: Start::Current,
            panel: &mut Panel::new(),
            blocks: None,
        };
        run_on(tier, raised);
        for (at, (&i, c)) in rows.iter().zip(c.chunks_exact_mut(WIDTH)).enumerate() {
            let c: &mut [F; WIDTH] = c.try_into().expect("a chunk is a row");
            let mut some_are_zero = false;
            for c in &mut *c {
                *c = c.beyond_middle();
                some_are_zero |= c.has_bits_of(F::zero());
            }
            if some_are_zero {
                let mut start = [F::zero(); WIDTH];
                product.start_at(k0, i, columns, &mut start);
                sign_zeros(a.row(at), b, &start, columns.1, c);
            }
            product.put(i, columns, c);
        }
    }
}

/// What the chains of these rows start from at k0, in units beyond the middle (rows, `WIDTH`).
#[inline(always)]
fn raise_starts<'a, F: Real>(
    product: &Product<F>,
    k0: usize,
    rows: &[usize],
    columns: Part,
    sums: &'a mut Sums,
) -> &'a mut [F] {
    if product.start_of(k0, rows[0], columns).is_none() {
        return sums.fill(rows.len() * WIDTH, middle());
    }
    let c = sums.fill(rows.len(), [F::zero(); WIDTH]);
    for (&i, c) in rows.iter().zip(&mut *c) {
        product.start_at(k0, i, columns, c);
        for c in c {
            *c = middle::<F>() + in_units(*c);
        }
    }
    c.as_flattened_mut()
}

/// The same of rows whose sums are all rounded to zero: each has the sign of its last product that is not zero, and stays
/// negative as long as -0 is added.
#[inline(always)]
pub(super) fn zero_rows<F: Real>(
    product: &mut Product<F>,
    (k0, _): Part,
    rows: &[usize],
    columns: Part,
    b: &RaisedColumns<F>,
) {
    let (zero, one) = (F::zero(), F::one());
    let (row, step) = product.a_steps;
    for &i in rows {
        let mut sums = [zero; WIDTH];
        product.start_at(k0, i, columns, &mut sums);
        let (mut signs, mut is_open, mut are_open) = ([-zero; WIDTH], [zero; WIDTH], false);
        for j in 0..columns.1 {
            let is_settled = is_settled(b.largest[j], sums[j]);
            signs[j] = if is_settled { zero } else { -zero };
            is_open[j] = if is_settled { zero } else { one };
            are_open |= !is_settled;
        }
        for (q, b) in b.rows.iter().enumerate().rev() {
            if !are_open {
                break;
            }
            let a = product.a[i * row + (k0 + q) * step];
            let is_zero = a.has_magnitude_of(zero);
            are_open = false;
            for j in 0..WIDTH {
                let next = signs[j].and_unlike(a, b[j]);
                signs[j] = if is_open[j] == zero { signs[j] } else { next };
                let stays_open = (is_zero || b[j] == zero) && one.signed_like(signs[j]) < zero;
                is_open[j] = if stays_open { is_open[j] } else { zero };
                are_open |= is_open[j] != zero;
            }
        }
        for j in 0..WIDTH {
            // A chain without any product keeps what it starts from.
            let sign = if is_open[j] == zero { signs[j] } else { signs[j].and_unlike(sums[j], zero) };
            sums[j] = zero.signed_like(sign);
        }
        product.put(i, columns, &sums);
    }
}

/// Gives the zeros among the first `width` sums of a row, all of them 0, the signs that they would have had. A and B are
/// raised, `start` is not.
#[inline(always)]
pub(super) fn sign_zeros<F: Real>(
    (a, step): Row<F>,
    b: &RaisedColumns<F>,
    start: &[F; WIDTH],
    width: usize,
    sums: &mut [F; WIDTH],
) {
    let (zero, one) = (F::zero(), F::one());
    // From the last link back: whether all products were -0 so far, as a sign, and where no other has come yet.
    let (mut signs, mut is_open, mut is_tie) = ([-zero; WIDTH], [zero; WIDTH], [zero; WIDTH]);
    let mut are_open = false;
    for j in 0..width {
        let is_settled = is_settled(b.largest[j], start[j]);
        signs[j] = if is_settled { zero } else { -zero };
        // By bits, since others are subnormal.
        is_open[j] = if sums[j].has_bits_of(zero) && !is_settled { one } else { zero };
        are_open |= is_open[j] != zero;
    }
    for (q, b) in b.rows.iter().enumerate().rev() {
        if !are_open {
            break;
        }
        let a = a[q * step];
        are_open = false;
        for j in 0..WIDTH {
            let (after, ties) = sign_after(a, b[j]);
            let is_product = a != zero && b[j] != zero;
            let product = (-zero).and_unlike(a, b[j]);
            let sign = signs[j].and_unlike(if is_product { after } else { product }, zero);
            let was_open = is_open[j] != zero;
            signs[j] = if was_open { sign } else { signs[j] };
            is_tie[j] = if was_open && is_product && ties { one } else { is_tie[j] };
            is_open[j] = if is_product || one.signed_like(signs[j]) > zero { zero } else { is_open[j] };
            are_open |= is_open[j] != zero;
        }
    }
    let mut are_ties = false;
    for j in 0..width {
        let is_zero = sums[j].has_bits_of(zero);
        // A chain without any product keeps what it starts from.
        let sign = if is_open[j] == zero { signs[j] } else { signs[j].and_unlike(start[j], zero) };
        sums[j] = if is_zero { zero.signed_like(sign) } else { sums[j] };
        are_ties |= is_tie[j] != zero;
    }
    if are_ties {
        for j in (0..width).filter(|&j| is_tie[j] != zero) {
            let links = a.iter().step_by(step).zip(b.rows).map(|(&a, b)| (a, b[j]));
            sums[j] = out_of_units(links.fold(in_units(start[j]), |sum, (a, b)| link(a, b, sum)));
        }
    }
}

/// Whether it is known at once that a chain over this column, of which this is the largest magnitude, ends at 0: it starts
/// from 0, and zeros are added.
#[inline(always)]
fn is_settled<F: Real>(largest: F, start: F) -> bool {
    largest == F::zero() && start.has_bits_of(F::zero())
}

/// A number with the sign of a zero to which the sum is rounded that ends with a b, neither of them 0; and whether that is
/// not known.
#[inline(always)]
fn sign_after<F: Real>(a: F, b: F) -> (F, bool) {
    let whole = rounded_product(a, b);
    let rest = a.mul_add(b, -whole);
    // Where a b is less than half a unit, the rest may be too small for any number.
    let sign = if whole == F::zero() { (-F::zero()).and_unlike(a, b) } else { rest };
    (sign, rest.abs() == F::of(0.5) * F::ONE_UNIT)
}
