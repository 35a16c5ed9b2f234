//! The transpose of a matrix.

use super::dispatch::{Kernel, run_on};
use super::vector::Vector;
use crate::kernels::{Real, Tier};

/// Writes the transpose of `from` (rows, columns) to `to` (columns, rows), both row-major.
///
/// # Panics
/// If a slice's length is not the product of the sides.
pub fn transpose<F: Real>(rows: usize, columns: usize, from: &[F], to: &mut [F]) {
    transpose_on(Tier::current(), rows, columns, from, to);
}

/// [`transpose`] on a tier of the caller's choice.
pub(super) fn transpose_on<F: Real>(tier: Tier, rows: usize, columns: usize, from: &[F], to: &mut [F]) {
    assert_eq!(from.len(), rows * columns, "`from` is as long as its matrix has entries");
    assert_eq!(to.len(), rows * columns, "`to` is as long as its matrix has entries");
    if rows > 0 && columns > 0 {
        run_on(tier, Transpose { rows, columns, from, to });
    }
}

/// A transpose whose slices were checked.
struct Transpose<'a, F> {
    rows: usize,
    columns: usize,
    from: &'a [F],
    to: &'a mut [F],
}

impl<F: Real> Kernel<F> for Transpose<'_, F> {
    #[inline(always)]
    #[expect(unsafe_code, reason = "blocks are addressed through pointers")]
    unsafe fn run<V: Vector<Element = F>>(self) {
        let (from, to) = ((self.from.as_ptr(), self.columns), (self.to.as_mut_ptr(), self.rows));
        // SAFETY: the caller vouches for the instructions; both slices reach to the ends of their matrices.
        unsafe { transpose_block::<V>((self.rows, self.columns), from, to) }
    }
}

/// `to[j][i] = from[i][j]` for i < rows, j < columns, where rows lie `from_row` and `to_row` entries apart.
///
/// # Safety
/// The CPU must have V's instructions; `from` must have `rows` rows of `columns` entries, `to` the transpose's.
#[inline(always)]
#[expect(unsafe_code, reason = "blocks are addressed through pointers")]
pub(super) unsafe fn transpose_block<V: Vector>(
    (rows, columns): (usize, usize),
    (from, from_row): (*const V::Element, usize),
    (to, to_row): (*mut V::Element, usize),
) {
    let (whole_rows, whole_columns) = (rows - rows % V::BLOCK, columns - columns % V::BLOCK);
    for j in (0..whole_columns).step_by(V::BLOCK) {
        for i in (0..whole_rows).step_by(V::BLOCK) {
            // SAFETY: entry (i, j) exists in the one, (j, i) in the other.
            let (from, to) = unsafe { (from.add(i * from_row + j), to.add(j * to_row + i)) };
            // SAFETY: the CPU has V's instructions, and the whole block lies in both matrices.
            unsafe { V::transpose_block(from, from_row, to, to_row) }
        }
    }
    // What no whole block covers: the last columns of the whole rows, then the last rows.
    for (edge_rows, edge_columns) in [(0..whole_rows, whole_columns..columns), (whole_rows..rows, 0..columns)] {
        for j in edge_columns {
            for i in edge_rows.clone() {
                // SAFETY: entry (i, j) exists in the one, (j, i) in the other.
                let (from, to) = unsafe { (from.add(i * from_row + j), to.add(j * to_row + i)) };
                // SAFETY: as above, and `to` is the caller's alone.
                unsafe { *to = *from }
            }
        }
    }
}
