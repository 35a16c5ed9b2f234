//! The tile: a few rows by a few vectors of C, held in registers while k runs.

use super::pointer::{LINE, opaque, prefetch};
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
    /// What chains start from where it is not zero: the first entry, and the step to the next row.
    pub(super) start: Option<(*const V::Element, usize)>,
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
    pub(super) unsafe fn rows<const C: usize, const WHOLE: bool>(mut self, height: usize, tallest: usize) {
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
                    2 if tallest >= 2 => self.run::<2, C, WHOLE>(),
                    3 if tallest >= 3 => self.run::<3, C, WHOLE>(),
                    4 if tallest >= 4 => self.run::<4, C, WHOLE>(),
                    5 if tallest >= 5 => self.run::<5, C, WHOLE>(),
                    6 if tallest >= 6 => self.run::<6, C, WHOLE>(),
                    7 if tallest >= 7 => self.run::<7, C, WHOLE>(),
                    8 if tallest >= 8 => self.run::<8, C, WHOLE>(),
                    9 if tallest >= 9 => self.run::<9, C, WHOLE>(),
                    10 if tallest >= 10 => self.run::<10, C, WHOLE>(),
                    11 if tallest >= 11 => self.run::<11, C, WHOLE>(),
                    12 if tallest >= 12 => self.run::<12, C, WHOLE>(),
                    _ => self.run::<1, C, WHOLE>(),
                }
            }
            // Wrapping, because after the last tile the pointers may lie beyond their matrices.
            self.a = self.a.wrapping_add(rows * self.a_steps.0);
            self.c = self.c.wrapping_add(rows * self.c_row);
            self.start = self.start.map(|(start, row)| (start.wrapping_add(rows * row), row));
        }
    }

    /// Computes `R` rows of `C` vectors.
    ///
    /// # Safety
    /// The CPU must have V's instructions. A must hold `R` x `k` entries, B `k` rows, C and the start `R` rows of `C`
    /// vectors, the last of them cut to the mask; nothing else may read or write this part of C meanwhile.
    #[inline(always)]
    unsafe fn run<const R: usize, const C: usize, const WHOLE: bool>(&self) {
        // SAFETY: the CPU has V's instructions.
        let mut sums = [[unsafe { V::zero() }; C]; R];
        if let Some((start, row_step)) = self.start {
            for (i, row) in sums.iter_mut().enumerate() {
                // SAFETY: what row i < R starts from exists, and has `C` vectors, the last cut to the mask.
                *row = unsafe { self.load::<C, WHOLE>(start.add(i * row_step)) };
            }
        }
        let (row, next) = self.a_steps;
        // Every third row of A has a pointer of its own, and the others lie one or two steps from it. Stepped through
        // from row to row, as the compiler would, each k's last address waits for as many additions as there are rows:
        // longer than the multiply-adds take.
        let pointer = |i: usize| opaque(self.a.wrapping_add(i * row));
        let mut a = [pointer(0), pointer(3), pointer(6), pointer(9)];
        let mut b = self.b;
        for _ in 0..self.k {
            // SAFETY: the row of B for this k has `C` vectors, the last cut to the mask.
            let right = unsafe { self.load::<C, WHOLE>(b) };
            for (i, sums) in sums.iter_mut().enumerate() {
                // SAFETY: A has an entry for every row i < R <= 12 and this k.
                let left = unsafe { V::splat(a[i / 3].add(i % 3 * row)) };
                // By value: the borrowed array would stay in memory.
                for (sum, right) in sums.iter_mut().zip(right) {
                    // SAFETY: the CPU has V's instructions.
                    *sum = unsafe { left.mul_add(right, *sum) };
                }
            }
            // Wrapping, because after the last k the pointers may lie beyond their matrices.
            for a in &mut a {
                *a = a.wrapping_add(next);
            }
            b = b.wrapping_add(self.b_step);
        }
        for (i, row) in sums.iter().enumerate() {
            // SAFETY: row i < R of C exists, and has `C` vectors, the last cut to the mask.
            unsafe { self.store::<C, WHOLE>(row, self.c.add(i * self.c_row)) }
        }
    }

    /// `C` vectors from `from` on, the last one cut to the mask.
    ///
    /// # Safety
    /// The CPU must have V's instructions, `from` those entries.
    #[inline(always)]
    unsafe fn load<const C: usize, const WHOLE: bool>(&self, from: *const V::Element) -> [V; C] {
        // SAFETY: the CPU has V's instructions.
        let mut vectors = [unsafe { V::zero() }; C];
        for (j, vector) in vectors.iter_mut().enumerate() {
            // SAFETY: all vectors before the last are whole, and the last exists as far as the mask says.
            *vector = unsafe {
                let from = from.add(j * V::LANES);
                if WHOLE || j + 1 < C { V::load(from) } else { V::load_first(from, self.last) }
            };
        }
        vectors
    }

    /// Writes a row of `C` vectors to `to`, the last one cut to the mask.
    ///
    /// # Safety
    /// The CPU must have V's instructions, `to` those entries.
    #[inline(always)]
    unsafe fn store<const C: usize, const WHOLE: bool>(&self, row: &[V; C], to: *mut V::Element) {
        for (j, vector) in row.iter().enumerate() {
            // SAFETY: all vectors before the last are whole, and the last exists as far as the mask says.
            unsafe {
                let to = to.add(j * V::LANES);
                if WHOLE || j + 1 < C { vector.store(to) } else { vector.store_first(to, self.last) }
            }
        }
    }
}
