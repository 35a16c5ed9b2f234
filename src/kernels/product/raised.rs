//! Factors raised by powers of two, so that their products count units of the smallest subnormal number (see
//! [`super::faint`]); and the rows of C that are made of them.

use super::blocks::{Part, Product};
use super::extent::Extent;
use super::room::{RaisedA, RaisedB};
use super::transpose::transpose_part;
use crate::kernels::units::raised;
use crate::kernels::{Real, Tier};

/// Columns that are raised together.
pub(super) const WIDTH: usize = 64;

/// Rows that are raised together.
pub(super) const GROUP: usize = 64;

/// Some columns of B over some k, raised.
#[derive(Clone, Copy)]
pub(super) struct RaisedColumns<'a, F> {
    /// By k; beyond the columns that exist there are zeros.
    pub(super) rows: &'a [[F; WIDTH]],
    /// The largest magnitude of each.
    pub(super) largest: [F; WIDTH],
}

impl<'a, F: Real> RaisedColumns<'a, F> {
    #[inline(always)]
    fn of(values: &'a [F]) -> Self {
        let (rows, mut largest) = (values.as_chunks().0, [F::zero(); WIDTH]);
        for row in rows {
            for (largest, &b) in largest.iter_mut().zip(row) {
                *largest = largest.larger(b);
            }
        }
        Self { rows, largest }
    }
}

/// Some rows of A over some k, raised.
#[derive(Clone, Copy)]
pub(super) struct RaisedRows<'a, F> {
    pub(super) values: &'a [F],
    /// How many k.
    depth: usize,
    /// The steps to the next row, and to the next k; one of them is 1.
    pub(super) steps: (usize, usize),
}

/// The entries of a row, so many apart.
pub(super) type Row<'a, F> = (&'a [F], usize);

impl<'a, F: Real> RaisedRows<'a, F> {
    /// The entries of a row in the order of k: the first of so many values each.
    #[inline(always)]
    pub(super) fn row(self, row: usize) -> Row<'a, F> {
        (&self.values[row * self.steps.0..][..=(self.depth - 1) * self.steps.1], self.steps.1)
    }
}

/// A of these rows and k, raised: k by k where they lie side by side in A.
#[inline(always)]
pub(super) fn raise_rows<'a, F: Real>(
    product: &Product<F>,
    (k0, depth): Part,
    rows: &[usize],
    room: &'a mut RaisedA,
) -> RaisedRows<'a, F> {
    let (row, step) = product.a_steps;
    let raise = |a: F| raised(a, F::HALVES[0]);
    let (first, count) = (rows[0], rows.len());
    if step == 1 {
        let of_row = |at: usize| &product.a[rows[at] * row + k0..];
        return RaisedRows { values: room.fill_rows((count, depth), of_row, raise), depth, steps: (depth, 1) };
    }
    let steps = (1, count);
    if rows[count - 1] - first < count {
        let of_k = |q: usize| &product.a[first + (k0 + q) * step..];
        return RaisedRows { values: room.fill_rows((depth, count), of_k, raise), depth, steps };
    }
    let values = room.fill(depth * count, F::zero());
    for (q, to) in (k0..).zip(values.chunks_exact_mut(count)) {
        for (to, &i) in to.iter_mut().zip(rows) {
            *to = product.a[i + q * step];
        }
    }
    for a in &mut *values {
        *a = raise(*a);
    }
    RaisedRows { values, depth, steps }
}

impl<F: Real> Product<'_, F> {
    /// B (depth, width) of these k and columns, raised; the rest is 0.
    #[inline(always)]
    pub(super) fn raise_b<'a>(
        &self,
        tier: Tier,
        (k0, depth): Part,
        (j0, width): Part,
        extent: Extent<F>,
        room: &'a mut RaisedB,
    ) -> RaisedColumns<'a, F> {
        let (_, k, n) = self.size;
        let raise = F::HALVES[1];
        let to = if self.b_transposed {
            let to = room.fill(depth * WIDTH, F::zero());
            transpose_part(tier, (width, depth), (&self.b[j0 * k + k0..], k), (&mut *to, WIDTH));
            to
        } else if width == WIDTH {
            let from = |q: usize| &self.b[(k0 + q) * n + j0..];
            let to = if extent.has_subnormal() {
                room.fill_rows((depth, WIDTH), from, |b| raised(b, raise))
            } else {
                room.fill_rows((depth, WIDTH), from, |b| b * raise.0)
            };
            return RaisedColumns::of(to);
        } else {
            let to = room.fill(depth * WIDTH, F::zero());
            for (q, to) in (k0..).zip(to.chunks_exact_mut(WIDTH)) {
                to[..width].copy_from_slice(&self.b[q * n + j0..][..width]);
            }
            to
        };
        if extent.has_subnormal() {
            for b in &mut *to {
                *b = raised(*b, raise);
            }
        } else {
            for b in &mut *to {
                *b *= raise.0;
            }
        }
        RaisedColumns::of(to)
    }

    /// What the chains of row `i` start from at k0, in these columns; the rest is 0. Through a reference, as a row of values
    /// that is returned is copied again.
    #[inline(always)]
    pub(super) fn start_at(&self, k0: usize, i: usize, (j0, width): Part, start: &mut [F; WIDTH]) {
        start.fill(F::zero());
        if let Some(values) = self.start_of(k0, i, (j0, width)) {
            copy(values, &mut start[..width]);
        }
    }

    /// Puts the first sums of these to the columns of row `i`.
    #[inline(always)]
    pub(super) fn put(&mut self, i: usize, (j0, width): Part, sums: &[F; WIDTH]) {
        let n = self.size.2;
        copy(&sums[..width], &mut self.c[i * n + j0..][..width]);
    }
}

/// Copies as many as there are; a whole row without a call.
#[inline(always)]
fn copy<F: Real>(from: &[F], to: &mut [F]) {
    match (<&[F; WIDTH]>::try_from(from), <&mut [F; WIDTH]>::try_from(&mut *to)) {
        (Ok(from), Ok(to)) => *to = *from,
        (_, _) => to.copy_from_slice(from),
    }
}
