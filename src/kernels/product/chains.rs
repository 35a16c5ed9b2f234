//! Chains of which some sums are subnormal and others are not (see [`super::faint`]), to the same bits as any.
//!
//! Link by link that takes eight times as long as usual ([`quick_link`]). Where sums are not likely to come to 2^22 units,
//! but might, a few links are tried as [`super::low`] takes them all: the chains start higher by the middle of a binade of
//! whole numbers. A look at all their sums tells whether one has left it; then these links are taken again.

use super::blocks::{Part, Product};
use super::faint::has_zero;
use super::low::sign_zeros;
use super::raised::{GROUP, RaisedColumns, Row, WIDTH, raise_rows};
use super::room::RaisedA;
use crate::kernels::Real;
use crate::kernels::units::{any_link, in_units, middle, out_of_units, quick_link};

/// How links are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// One by one: products come to less than 2^45 units.
    Quick,
    /// One by one, whatever products come to.
    Any,
    /// As [`super::low`] takes them, as long as that will do.
    Tried,
}

/// Rows whose chains are carried on side by side: a vector waits for four operations, one after the other.
const ROWS: usize = 2;

/// Links that are tried together.
const LINKS: usize = 8;

/// The sums of a few rows in units; those beyond the rows and columns that exist are not used.
type Sums<F> = [[F; WIDTH]; ROWS];

/// These columns of these rows of a product, carried on by these k; B is raised.
#[inline(always)]
pub(super) fn rows<F: Real>(
    product: &mut Product<F>,
    (k0, depth): Part,
    (rows, how): (&[usize], Links),
    columns: Part,
    b: &RaisedColumns<F>,
    room: &mut RaisedA,
) {
    for group in rows.chunks(GROUP) {
        let raised = raise_rows(product, (k0, depth), group, room);
        for first in (0..group.len()).step_by(ROWS) {
            // Where one row is left, it is taken twice.
            let pair = [first, (first + 1).min(group.len() - 1)];
            let a = [raised.row(pair[0]), raised.row(pair[1])];
            let mut sums = [[F::zero(); WIDTH]; ROWS];
            start(product, (k0, group[pair[0]]), columns, &mut sums[0]);
            start(product, (k0, group[pair[1]]), columns, &mut sums[1]);
            // All of them together where none are tried.
            let together = if how == Links::Tried { LINKS } else { depth };
            for q in (0..depth).step_by(together) {
                let b = &b.rows[q..q + together.min(depth - q)];
                let [(a0, step), (a1, _)] = a;
                let a = [(&a0[q * step..], step), (&a1[q * step..], step)];
                match how {
                    Links::Any => carry_on::<F, true>(a, b, &mut sums),
                    Links::Tried if tried(a, b, &mut sums) => {}
                    Links::Tried | Links::Quick => carry_on::<F, false>(a, b, &mut sums),
                }
            }
            for ((&i, a), sums) in group[first..].iter().zip(a).zip(&mut sums) {
                let has_zero = has_zero(&sums[..columns.1]);
                for sum in &mut *sums {
                    // A -0 becomes 0.
                    *sum = out_of_units(*sum + F::zero());
                }
                if has_zero {
                    let mut start = [F::zero(); WIDTH];
                    product.start_at(k0, i, columns, &mut start);
                    sign_zeros(a, b, &start, columns.1, sums);
                }
                product.put(i, columns, sums);
            }
        }
    }
}

/// What the chains of row `i` start from at k0, in units.
#[inline(always)]
fn start<F: Real>(product: &Product<F>, (k0, i): (usize, usize), columns: Part, sums: &mut [F; WIDTH]) {
    product.start_at(k0, i, columns, sums);
    for sum in sums {
        *sum = in_units(*sum);
    }
}

/// Carries the chains on by these links, one by one. `a` are the rows from the first link on, `b` (links, width).
#[inline(always)]
fn carry_on<F: Real, const ANY: bool>([(a0, step), (a1, _)]: [Row<F>; ROWS], b: &[[F; WIDTH]], sums: &mut Sums<F>) {
    let [mut sums0, mut sums1] = *sums;
    for (q, b) in b.iter().enumerate() {
        let (a0, a1) = (a0[q * step], a1[q * step]);
        for ((sum0, sum1), &b) in sums0.iter_mut().zip(&mut sums1).zip(b) {
            *sum0 = if ANY { any_link(a0, b, *sum0) } else { quick_link(a0, b, *sum0) };
            *sum1 = if ANY { any_link(a1, b, *sum1) } else { quick_link(a1, b, *sum1) };
        }
    }
    *sums = [sums0, sums1];
}

/// Carries the chains on by these links if no sum comes to 2^22 units, and tells whether that was so.
#[inline(always)]
fn tried<F: Real>([(a0, step), (a1, _)]: [Row<F>; ROWS], b: &[[F; WIDTH]], sums: &mut Sums<F>) -> bool {
    let [mut sums0, mut sums1] = *sums;
    let (mut strays0, mut strays1) = ([F::zero(); WIDTH], [F::zero(); WIDTH]);
    for (sums, strays) in [(&mut sums0, &mut strays0), (&mut sums1, &mut strays1)] {
        for (sum, strays) in sums.iter_mut().zip(strays) {
            // A start that has no room here and is rounded leaves the binade, too.
            *sum += middle();
            *strays = strays.with_strays_of(*sum);
        }
    }
    for (q, b) in b.iter().enumerate() {
        let (a0, a1) = (a0[q * step], a1[q * step]);
        for j in 0..WIDTH {
            sums0[j] = a0.mul_add(b[j], sums0[j]);
            sums1[j] = a1.mul_add(b[j], sums1[j]);
            strays0[j] = strays0[j].with_strays_of(sums0[j]);
            strays1[j] = strays1[j].with_strays_of(sums1[j]);
        }
    }
    let mut all = F::zero();
    for (&strays0, &strays1) in strays0.iter().zip(&strays1) {
        all = all.with_strays(strays0).with_strays(strays1);
    }
    let is_low = !all.has_strayed();
    if is_low {
        for (sums, from) in sums.iter_mut().zip([sums0, sums1]) {
            for (sum, from) in sums.iter_mut().zip(from) {
                *sum = from - middle();
            }
        }
    }
    is_low
}
