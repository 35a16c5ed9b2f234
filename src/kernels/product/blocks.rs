//! A product cut into tiles: over rows and k so that what is in use fits the caches, then over
//! panels of B, then over the tiles of a panel. Chains that k cuts are carried on from C, which holds them exactly.

use super::dispatch::Kernel;
use super::room::{Blocks, ColumnRoom, Panel, Rows};
use super::tile::{Ahead, Tile};
use super::vector::Vector;
use crate::kernels::Real;

/// The longest stretch of k between two visits to C.
pub(super) const DEPTH: usize = 256;

/// Entries between the rows of a copied block of A, so that rows a power of two long do not share cache sets.
const GAP: usize = 16;

/// What the chains of a product start from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start<'a, F> {
    /// 0: the product is assigned.
    Zero,
    /// C's entries: the product is added to them.
    Current,
    /// The entry of this row, n long, in the same column: the product and the row are assigned.
    Row(&'a [F]),
}

/// A product whose slices were checked and whose sides are not 0.
pub(super) struct Product<'a, F> {
    /// (m, k, n).
    pub(super) size: (usize, usize, usize),
    /// A from the first row of C on.
    pub(super) a: &'a [F],
    /// The step in A to the next row of C, and to the next k; one of them is 1.
    pub(super) a_steps: (usize, usize),
    /// B (k, n), or (n, k) if transposed.
    pub(super) b: &'a [F],
    pub(super) b_transposed: bool,
    /// C (m, n).
    pub(super) c: &'a mut [F],
    /// What chains start from.
    pub(super) start: Start<'a, F>,
    /// Where panels of B are copied to.
    pub(super) panel: &'a mut Panel,
    /// Where blocks of A and B are copied to; without it, A is read in place, and B in panels.
    pub(super) blocks: Option<&'a mut Blocks>,
}

impl<F: Real> Product<'_, F> {
    /// Reading A in place goes through all of it for every panel of B: fine while the L2 cache holds it.
    pub(super) fn wants_blocks(&self) -> bool {
        let (m, k, n) = self.size;
        m * k * size_of::<F>() > 256 * 1024 && n >= 48
    }
}

impl<F: Real> Kernel<F> for Product<'_, F> {
    #[inline(always)]
    #[expect(unsafe_code, reason = "blocks are addressed through pointers")]
    unsafe fn run<V: Vector<Element = F>>(mut self) {
        let (m, k, _) = self.size;
        // The fewer the rows, the wider the panel: enough chains must run side by side to hide the latency of one.
        let widest = if m <= V::TALLEST[4] { 8 } else { V::WIDEST.max(if m <= V::TALLEST[3] { 4 } else { 1 }) };
        let deepest = DEPTH.min(Panel::entries::<F>() / (widest * V::LANES));
        for (k0, depth) in parts(k, deepest) {
            // SAFETY: the caller vouches for the instructions; rows and k lie in the product.
            unsafe { self.rows::<V>(widest, (k0, depth), (0, m)) }
        }
    }
}

/// A start and a length.
pub(super) type Stretch = (usize, usize);

#[expect(unsafe_code, reason = "blocks are addressed through pointers")]
impl<F: Real> Product<'_, F> {
    /// These rows of C, carried on by these k.
    ///
    /// # Safety
    /// The CPU must have V's instructions; rows and k must lie in the product.
    #[inline(always)]
    unsafe fn rows<V: Vector<Element = F>>(&mut self, widest: usize, (k0, depth): Stretch, (i0, height): Stretch) {
        let n = self.size.2;
        let (mut most_rows, mut most_columns) = (height, n);
        if self.blocks.is_some() {
            most_rows = Rows::entries::<F>() / (depth + GAP) - GAP;
            most_columns = ColumnRoom::entries::<F>() / depth - GAP;
            most_columns -= most_columns % (widest * V::LANES);
        }
        for j0 in (0..n).step_by(most_columns) {
            let columns = (j0, most_columns.min(n - j0));
            // SAFETY: the caller vouches for the instructions; k and columns lie in the product.
            let b = unsafe { self.block_of_b::<V>((k0, depth), columns) };
            for (i, height) in parts(height, most_rows) {
                let rows = (i0 + i, height);
                // SAFETY: the caller vouches for the instructions; rows and k lie in the product.
                let a = unsafe { self.block_of_a::<V>(rows, (k0, depth)) };
                // SAFETY: as above, and `a` and `b` hold the factors of these rows, k and columns.
                unsafe { self.panels::<V>(widest, a, b, (rows, (k0, depth), columns)) }
            }
        }
    }

    /// The entries of A for these rows of C and these k, and the steps to the next row and the next k.
    ///
    /// # Safety
    /// The CPU must have V's instructions; rows and k must lie in the product.
    #[inline(always)]
    unsafe fn block_of_a<V: Vector<Element = F>>(
        &mut self,
        (i0, height): Stretch,
        (k0, depth): Stretch,
    ) -> (*const F, (usize, usize)) {
        let (row, step) = self.a_steps;
        // SAFETY: row i0 of C and k0 lie in the product, so their entry lies in A.
        let a = unsafe { self.a.as_ptr().add(i0 * row + k0 * step) };
        match &mut self.blocks {
            // SAFETY: A has an entry for each of these rows of C and each of these k.
            Some(Blocks { rows, .. }) if step == 1 => unsafe {
                (rows.copy::<V>((height, depth), (a, row), depth + GAP), (depth + GAP, 1))
            },
            // SAFETY: as above, and here k are the rows of A.
            Some(Blocks { rows, .. }) => unsafe {
                (rows.copy::<V>((depth, height), (a, step), height + GAP), (1, height + GAP))
            },
            None => (a, self.a_steps),
        }
    }

    /// The entries of B for these k and columns, and the step to the next k; nothing where B is not copied in blocks.
    ///
    /// # Safety
    /// The CPU must have V's instructions; k and columns must lie in the product.
    #[inline(always)]
    unsafe fn block_of_b<V: Vector<Element = F>>(
        &mut self,
        (k0, depth): Stretch,
        (j0, width): Stretch,
    ) -> Option<(*const F, usize)> {
        let (_, k, n) = self.size;
        let Blocks { columns, .. } = self.blocks.as_deref_mut()?;
        let b = self.b.as_ptr();
        // SAFETY: B has an entry for each of these k and columns.
        let copy = unsafe {
            if self.b_transposed {
                columns.copy_transposed::<V>((depth, width), (b.add(j0 * k + k0), k), width + GAP)
            } else {
                columns.copy::<V>((depth, width), (b.add(k0 * n + j0), n), width + GAP)
            }
        };
        Some((copy, width + GAP))
    }

    /// The entries of B for one panel, and the step to the next k, where B is not copied in blocks.
    ///
    /// # Safety
    /// The CPU must have V's instructions; k and columns must lie in the product.
    #[inline(always)]
    unsafe fn panel_of_b<V: Vector<Element = F>>(
        &mut self,
        (k0, depth): Stretch,
        (j, width): Stretch,
    ) -> (*const F, usize) {
        let (m, k, n) = self.size;
        let b = self.b.as_ptr();
        // Enough rows of C pay for a copy where B's rows lie so far apart that a panel's share few sets of the cache, or
        // where vectors cross the borders of cache lines: such a load takes twice as long, for every row of C anew.
        let crosses = !b.addr().is_multiple_of(64) || !(n * size_of::<F>()).is_multiple_of(64);
        let copied = m >= 32 && (n * size_of::<F>() >= 512 || crosses);
        // SAFETY: B has an entry for each of these k and columns.
        unsafe {
            if self.b_transposed {
                (self.panel.copy_transposed::<V>((depth, width), (b.add(j * k + k0), k), width), width)
            } else if copied {
                (self.panel.copy::<V>((depth, width), (b.add(k0 * n + j), n), width), width)
            } else {
                (b.add(k0 * n + j), n)
            }
        }
    }

    /// What of B a panel will read; nothing where blocks were copied.
    #[inline(always)]
    fn ahead(&self, (k0, depth): Stretch, (j, width): Stretch, is_copied: bool) -> Ahead<F> {
        let (_, k, n) = self.size;
        let b = self.b.as_ptr();
        if width == 0 || is_copied {
            Ahead { start: b, step: 0, rows: 0, width: 0 }
        } else if self.b_transposed {
            Ahead { start: b.wrapping_add(j * k + k0), step: k, rows: width, width: depth }
        } else {
            Ahead { start: b.wrapping_add(k0 * n + j), step: n, rows: depth, width }
        }
    }

    /// These rows and columns of C, carried on by these k, in panels of at most `widest` vectors.
    ///
    /// # Safety
    /// The CPU must have V's instructions; rows, k and columns must lie in the product; `a` and `b` must hold their
    /// factors.
    #[inline(always)]
    unsafe fn panels<V: Vector<Element = F>>(
        &mut self,
        widest: usize,
        (a, a_steps): (*const F, (usize, usize)),
        block: Option<(*const F, usize)>,
        ((i0, height), (k0, depth), (j0, all)): (Stretch, Stretch, Stretch),
    ) {
        let n = self.size.2;
        let mut j = j0;
        while j < j0 + all {
            let left = j0 + all - j;
            // Panels of nearly the same width: a narrow one at the end would have too few chains side by side.
            let vectors = left.div_ceil(V::LANES);
            let vectors = match vectors.div_ceil(vectors.div_ceil(widest)) {
                vectors @ 0..=4 => vectors,
                5..=7 => 4,
                8.. => 8,
            };
            let width = left.min(vectors * V::LANES);
            let (b, b_step) = match block {
                // SAFETY: the block holds column j.
                Some((b, step)) => (unsafe { b.add(j - j0) }, step),
                // SAFETY: the CPU has V's instructions; k and columns lie in the product.
                None => unsafe { self.panel_of_b::<V>((k0, depth), (j, width)) },
            };
            // SAFETY: the CPU has V's instructions; the last vector has 1 to LANES entries.
            let last = unsafe { V::mask(width - (vectors - 1) * V::LANES) };
            // SAFETY: row i0 and column j lie in C.
            let c = unsafe { self.c.as_mut_ptr().add(i0 * n + j) };
            let start = match self.start {
                // Chains that k cut are carried on.
                _ if k0 > 0 => Some((c.cast_const(), n)),
                Start::Zero => None,
                Start::Current => Some((c.cast_const(), n)),
                Start::Row(row) => Some((row[j..].as_ptr(), 0)),
            };
            let ahead = self.ahead((k0, depth), (j + width, width.min(left - width)), block.is_some());
            let tile = Tile::<V> { k: depth, a, a_steps, b, b_step, c, c_row: n, last, start, ahead };
            // SAFETY: the CPU has V's instructions; the rows and columns lie in C, and `a` and `b` hold their factors.
            unsafe {
                match (vectors, width == vectors * V::LANES) {
                    // The mask of a whole vector costs little, and a copy of every tile without one much code.
                    (8, _) => tile.rows::<8, false>(height, V::TALLEST[4]),
                    (4, true) => tile.rows::<4, true>(height, V::TALLEST[3]),
                    (4, false) => tile.rows::<4, false>(height, V::TALLEST[3]),
                    (3, true) => tile.rows::<3, true>(height, V::TALLEST[2]),
                    (3, false) => tile.rows::<3, false>(height, V::TALLEST[2]),
                    (2, true) => tile.rows::<2, true>(height, V::TALLEST[1]),
                    (2, false) => tile.rows::<2, false>(height, V::TALLEST[1]),
                    (_, true) => tile.rows::<1, true>(height, V::TALLEST[0]),
                    (_, false) => tile.rows::<1, false>(height, V::TALLEST[0]),
                }
            }
            j += width;
        }
    }
}

/// The starts and lengths of as few parts of `whole` as are no longer than `longest`, all of nearly the same length.
#[inline(always)]
pub(super) fn parts(whole: usize, longest: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = whole.div_ceil(longest);
    let (length, longer) = (whole / count, whole % count);
    (0..count).map(move |part| (part * length + part.min(longer), length + usize::from(part < longer)))
}
