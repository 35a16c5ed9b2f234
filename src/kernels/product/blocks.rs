//! A product cut into tiles: over rows and k so that a block of A fits the L2 cache and a panel of B the L1 cache, then
//! over panels, then over the tiles of a panel. Chains that k cuts are carried on from C, which holds them exactly.

use super::dispatch::Kernel;
use super::room::{Block, Panel};
use super::tile::Tile;
use super::vector::Vector;
use crate::kernels::Real;

/// The longest stretch of k between two visits to C.
const DEPTH: usize = 256;

/// Entries between the rows of a copied block of A, so that rows a power of two long do not share cache sets.
const GAP: usize = 16;

/// A product whose slices were checked and whose sides are not 0.
pub(super) struct Blocks<'a, F> {
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
    /// Chains start from C's entries, not from zero.
    pub(super) resume: bool,
    /// Where panels of B are copied to.
    pub(super) panel: &'a mut Panel,
    /// Where blocks of A are copied to; without it, A is read in place.
    pub(super) block: Option<&'a mut Block>,
}

impl<F: Real> Blocks<'_, F> {
    /// Reading A in place goes through all of it for every panel of B: fine while the L2 cache holds it.
    pub(super) fn wants_block((m, k, n): (usize, usize, usize)) -> bool {
        m * k * size_of::<F>() > 256 * 1024 && n >= 48
    }

    /// B's rows lie far apart, so that a panel's share one set of the cache, and enough rows of C pay for a copy.
    fn copies_panels(&self) -> bool {
        let (m, _, n) = self.size;
        m >= 32 && n * size_of::<F>() >= 512
    }
}

impl<F: Real> Kernel<F> for Blocks<'_, F> {
    #[inline(always)]
    #[expect(unsafe_code, reason = "blocks are addressed through pointers")]
    unsafe fn run<V: Vector<Element = F>>(mut self) {
        let (m, k, _) = self.size;
        // The fewer the rows, the wider the panel: enough chains must run side by side to hide the latency of one.
        let widest = [8, 4].into_iter().zip([V::TALLEST[3], V::TALLEST[2]]).find(|&(_, tallest)| m <= tallest);
        let widest = widest.map_or(2, |(vectors, _)| vectors);
        let deepest = DEPTH.min(Panel::entries::<F>() / (widest * V::LANES));
        for (k0, depth) in parts(k, deepest) {
            let highest = if self.block.is_some() { Block::entries::<F>() / (depth + GAP) - GAP } else { m };
            for (i0, height) in parts(m, highest) {
                let (row, step) = self.a_steps;
                // SAFETY: row i0 of C and k0 lie in the product, so their entry lies in A.
                let a = unsafe { self.a.as_ptr().add(i0 * row + k0 * step) };
                let (a, a_steps) = match &mut self.block {
                    // SAFETY: A has an entry for each of these rows of C and each of these k.
                    Some(block) if step == 1 => unsafe {
                        (block.copy::<V>((height, depth), (a, row), depth + GAP), (depth + GAP, 1))
                    },
                    // SAFETY: as above, and here the rows of A are k.
                    Some(block) => unsafe {
                        (block.copy::<V>((depth, height), (a, step), height + GAP), (1, height + GAP))
                    },
                    None => (a, self.a_steps),
                };
                // SAFETY: the caller vouches for the instructions; `a` holds the entries of these rows and k.
                unsafe { self.panels::<V>(widest, (a, a_steps), (i0, height), (k0, depth)) }
            }
        }
    }
}

impl<F: Real> Blocks<'_, F> {
    /// Rows `i0 .. i0 + height` of C, carried on by k from `k0` to `k0 + depth`, in panels of at most `widest` vectors.
    ///
    /// # Safety
    /// The CPU must have V's instructions; rows and k must lie in the product; `a` must hold A's entries for them.
    #[inline(always)]
    #[expect(unsafe_code, reason = "panels are addressed through pointers")]
    unsafe fn panels<V: Vector<Element = F>>(
        &mut self,
        widest: usize,
        (a, a_steps): (*const F, (usize, usize)),
        (i0, height): (usize, usize),
        (k0, depth): (usize, usize),
    ) {
        let (_, k, n) = self.size;
        let copied = self.copies_panels();
        let mut j = 0;
        while j < n {
            let left = (n - j).div_ceil(V::LANES);
            let vectors = [8, 4, 2].into_iter().find(|&vectors| vectors <= widest.min(left)).unwrap_or(1);
            let width = (n - j).min(vectors * V::LANES);
            let b = self.b.as_ptr();
            // SAFETY: this stretch of k and these columns lie in B.
            let (b, b_step) = unsafe {
                if self.b_transposed {
                    (self.panel.copy_transposed::<V>((depth, width), (b.add(j * k + k0), k)), width)
                } else if copied {
                    (self.panel.copy::<V>((depth, width), (b.add(k0 * n + j), n), width), width)
                } else {
                    (b.add(k0 * n + j), n)
                }
            };
            // SAFETY: the CPU has V's instructions; the last vector has 1 to LANES entries.
            let last = unsafe { V::mask(width - (vectors - 1) * V::LANES) };
            // SAFETY: row i0 and column j lie in C.
            let c = unsafe { self.c.as_mut_ptr().add(i0 * n + j) };
            let resume = self.resume || k0 > 0;
            let tile = Tile::<V> { k: depth, a, a_steps, b, b_step, c, c_row: n, last, resume };
            // SAFETY: the CPU has V's instructions; these rows and columns of C, and their factors, were shown to exist.
            unsafe {
                match vectors {
                    8 => tile.rows::<8>(height, V::TALLEST[3]),
                    4 => tile.rows::<4>(height, V::TALLEST[2]),
                    2 => tile.rows::<2>(height, V::TALLEST[1]),
                    _ => tile.rows::<1>(height, V::TALLEST[0]),
                }
            }
            j += width;
        }
    }
}

/// The starts and lengths of as few parts of `whole` as are no longer than `longest`, all of nearly the same length.
#[inline(always)]
fn parts(whole: usize, longest: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = whole.div_ceil(longest);
    let (length, longer) = (whole / count, whole % count);
    (0..count).map(move |part| (part * length + part.min(longer), length + usize::from(part < longer)))
}
