//! The tile: a few rows by a few vectors of C, held in registers while k runs.

use super::prefetch::{LINE, prefetch};
use super::vector::Vector;

/// Where a tile's factors and results lie, and how they are stepped through.
#[derive(Clone, Copy)]
pub(super) struct Tile<V: Vector> {
    /// Links added to each chain.
    pub(super) k: usize,
    /// A's first entry for the tile; the step to the next row of C, and to the next k.
    pub(super) a: *const V::Element,
    pub(super) a_steps: (usize, usize),
    /// B's first entry for the tile; the step to the next k.
    pub(super) b: *const V::Element,
    pub(super) b_step: usize,
    /// C's first entry; the step to the next row.
    pub(super) c: *mut V::Element,
    pub(super) c_row: usize,
    /// What exists of the last vector of every row, of B as of C.
    pub(super) last: V::Mask,
    /// Chains start from C's entries, not from zero.
    pub(super) resume: bool,
    /// What the next panel will read.
    pub(super) ahead: Ahead<V::Element>,
}

/// Rows of a matrix that will be read soon; they need not exist.
#[derive(Clone, Copy)]
pub(super) struct Ahead<F> {
    /// The first row's first entry; the step to the next row.
    pub(super) start: *const F,
    pub(super) step: usize,
    /// How many rows there are, and entries in each.
    pub(super) rows: usize,
    pub(super) width: usize,
}

impl<F> Ahead<F> {
    /// Asks for the `part`-th of `count` parts.
    #[inline(always)]
    fn prefetch(&self, part: usize, count: usize) {
        for row in part * self.rows / count..(part + 1) * self.rows / count {
            for at in (0..self.width).step_by(LINE / size_of::<F>()) {
                prefetch(self.start.wrapping_add(row * self.step + at));
            }
        }
    }
}

#[expect(unsafe_code, reason = "registers are filled through pointers, without a check per vector")]
impl<V: Vector> Tile<V> {
    /// `height` rows from this tile on, in tiles of nearly the same height: a low one at the end would have too few
    /// chains side by side.
    ///
    /// # Safety
    /// As for [`Tile::run`], for `height` rows; `tallest` must be 1 to 12.
    #[inline(always)]
    pub(super) unsafe fn rows<const C: usize>(mut self, height: usize, tallest: usize) {
        let count = height.div_ceil(tallest);
        for part in 0..count {
            self.ahead.prefetch(part, count);
            // The next tile's rows of C come while this one is computed: a tile that waits for them stands still.
            for row in tallest..2 * tallest {
                for at in (0..C * V::LANES).step_by(LINE / size_of::<V::Element>()) {
                    prefetch(self.c.wrapping_add(row * self.c_row + at));
                }
            }
            let rows = height / count + usize::from(part < height % count);
            // SAFETY: the rows lie among those that the caller vouches for.
            unsafe {
                match rows {
                    2 if tallest >= 2 => self.run::<2, C>(),
                    3 if tallest >= 3 => self.run::<3, C>(),
                    4 if tallest >= 4 => self.run::<4, C>(),
                    5 if tallest >= 5 => self.run::<5, C>(),
                    6 if tallest >= 6 => self.run::<6, C>(),
                    7 if tallest >= 7 => self.run::<7, C>(),
                    8 if tallest >= 8 => self.run::<8, C>(),
                    9 if tallest >= 9 => self.run::<9, C>(),
                    10 if tallest >= 10 => self.run::<10, C>(),
                    11 if tallest >= 11 => self.run::<11, C>(),
                    12 if tallest >= 12 => self.run::<12, C>(),
                    _ => self.run::<1, C>(),
                }
            }
            // Wrapping, because after the last tile the pointers may lie beyond their matrices.
            self.a = self.a.wrapping_add(rows * self.a_steps.0);
            self.c = self.c.wrapping_add(rows * self.c_row);
        }
    }

    /// Computes `R` rows of `C` vectors.
    ///
    /// # Safety
    /// The CPU must have V's instructions. A must hold `R` x `k` entries, B `k` rows and C `R` rows of `C` vectors, the
    /// last of them cut to the mask; nothing else may read or write this part of C meanwhile.
    #[inline(always)]
    unsafe fn run<const R: usize, const C: usize>(&self) {
        // SAFETY: the CPU has V's instructions.
        let mut sums = [[unsafe { V::zero() }; C]; R];
        if self.resume {
            for (i, row) in sums.iter_mut().enumerate() {
                // SAFETY: row i < R of C exists, and has `C` vectors, the last cut to the mask.
                *row = unsafe { self.load(self.c.add(i * self.c_row)) };
            }
        }
        let (mut a, mut b) = (self.a, self.b);
        for _ in 0..self.k {
            // SAFETY: the row of B for this k has `C` vectors, the last cut to the mask.
            let right: [V; C] = unsafe { self.load(b) };
            for (i, row) in sums.iter_mut().enumerate() {
                // SAFETY: A has an entry for every row i < R and this k.
                let left = unsafe { V::splat(a.add(i * self.a_steps.0)) };
                for (sum, right) in row.iter_mut().zip(right) {
                    // SAFETY: the CPU has V's instructions.
                    *sum = unsafe { left.mul_add(right, *sum) };
                }
            }
            // Wrapping, because after the last k the pointers may lie beyond their matrices.
            a = a.wrapping_add(self.a_steps.1);
            b = b.wrapping_add(self.b_step);
        }
        for (i, row) in sums.iter().enumerate() {
            // SAFETY: row i < R of C exists, and has `C` vectors, the last cut to the mask.
            unsafe { self.store(row, self.c.add(i * self.c_row)) }
        }
    }

    /// `C` vectors from `from` on, the last one cut to the mask.
    ///
    /// # Safety
    /// The CPU must have V's instructions, `from` those entries.
    #[inline(always)]
    unsafe fn load<const C: usize>(&self, from: *const V::Element) -> [V; C] {
        // SAFETY: the CPU has V's instructions.
        let mut vectors = [unsafe { V::zero() }; C];
        for (j, vector) in vectors.iter_mut().enumerate() {
            // SAFETY: all vectors before the last are whole, and the last exists as far as the mask says.
            *vector = unsafe {
                let from = from.add(j * V::LANES);
                if j + 1 < C { V::load(from) } else { V::load_first(from, self.last) }
            };
        }
        vectors
    }

    /// Writes a row of `C` vectors to `to`, the last one cut to the mask.
    ///
    /// # Safety
    /// The CPU must have V's instructions, `to` those entries.
    #[inline(always)]
    unsafe fn store<const C: usize>(&self, row: &[V; C], to: *mut V::Element) {
        for (j, vector) in row.iter().enumerate() {
            // SAFETY: all vectors before the last are whole, and the last exists as far as the mask says.
            unsafe {
                let to = to.add(j * V::LANES);
                if j + 1 < C { vector.store(to) } else { vector.store_first(to, self.last) }
            }
        }
    }
}
