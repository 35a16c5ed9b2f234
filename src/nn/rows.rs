//! What travels through a net: rows of numbers on the way forward, and rows of errors on the way back.
//!
//! The entries of every array begin at a border of cache lines, so that whole vectors of a row of 16 f32 or 8 f64 lie in
//! one line each. A vector across two lines takes the time of two, in every product and every pass.

use ndarray::{Array1, Array2, s};

use super::BatchShape;
use crate::kernels::{Magnitude, NOTHING, Real, norm, settle, sqrt};

/// Bytes of a cache line: so many does a matrix take beside its entries.
pub const LINE: usize = 64;

/// Which rows of a batch something has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowsOf {
    /// Every time step's: T B, the examples of t = 1 first.
    Steps,
    /// The last M time steps', which are answered: M B.
    Answers,
}

/// The shape of what an op reads or writes, but for the numbers of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Its rows.
    pub rows: RowsOf,
    /// Whether B rows of the states at t = 0 stand before them.
    pub has_start: bool,
    /// Units of a row.
    pub units: usize,
}

impl Extent {
    /// What every op but a recurrence writes.
    pub fn of_steps(units: usize) -> Self {
        Self { rows: RowsOf::Steps, has_start: false, units }
    }

    /// Rows in front of the rows proper.
    pub fn start(self, batch: BatchShape) -> usize {
        if self.has_start { batch.examples } else { 0 }
    }

    /// All rows, and the units of each.
    pub fn size(self, batch: BatchShape) -> (usize, usize) {
        let rows = match self.rows {
            RowsOf::Steps => batch.rows(),
            RowsOf::Answers => batch.answered_rows(),
        };
        (self.start(batch).saturating_add(rows), self.units)
    }

    /// Groups of rows whose errors have one exponent: the time steps, t = 0 among them where it has rows.
    pub fn groups(self, batch: BatchShape) -> usize {
        match self.rows {
            RowsOf::Steps => batch.length.saturating_add(usize::from(self.has_start)),
            RowsOf::Answers => 1,
        }
    }
}

/// Rows on their way forward.
#[derive(Debug, Clone)]
pub struct Rows<F> {
    entries: Array2<F>,
    start: usize,
}

impl<F: Real> Rows<F> {
    /// No rows.
    pub fn empty() -> Self {
        Self { entries: Array2::zeros((0, 0)), start: 0 }
    }

    pub(super) fn fit(&mut self, extent: Extent, batch: BatchShape) {
        fit(&mut self.entries, extent.size(batch));
        self.start = extent.start(batch) * extent.units;
    }

    /// Units of a row.
    pub fn units(&self) -> usize {
        self.entries.ncols()
    }

    /// The rows, one after the other, without those of t = 0.
    pub fn slice(&self) -> &[F] {
        &as_slice(&self.entries)[self.start..]
    }

    /// The rows, one after the other, without those of t = 0.
    pub fn slice_mut(&mut self) -> &mut [F] {
        &mut as_slice_mut(&mut self.entries)[self.start..]
    }

    /// The rows as a matrix, with those of t = 0 if there are any.
    pub fn matrix(&self) -> &Array2<F> {
        &self.entries
    }

    /// The rows as a matrix, with those of t = 0 if there are any.
    pub fn matrix_mut(&mut self) -> &mut Array2<F> {
        &mut self.entries
    }

    pub(super) fn with_start(&self) -> &[F] {
        as_slice(&self.entries)
    }

    pub(super) fn with_start_mut(&mut self) -> &mut [F] {
        as_slice_mut(&mut self.entries)
    }
}

/// Errors on their way back: entries x 2^exponent, as [`crate::kernels::settle`] keeps them. Each group of rows has an
/// exponent of its own.
#[derive(Debug, Clone)]
pub struct Errors<F> {
    entries: Array2<F>,
    start: usize,
    exponents: Vec<i32>,
}

impl<F: Real> Errors<F> {
    /// No rows.
    pub fn empty() -> Self {
        Self { entries: Array2::zeros((0, 0)), start: 0, exponents: vec![] }
    }

    pub(super) fn fit(&mut self, extent: Extent, batch: BatchShape) {
        fit(&mut self.entries, extent.size(batch));
        self.start = extent.start(batch) * extent.units;
        self.exponents.resize(extent.groups(batch), NOTHING);
    }

    /// Entries before those of t = 1.
    fn groups_before(&self) -> usize {
        usize::from(self.start > 0)
    }

    /// The entries of t = 1, .., T and their exponents.
    pub fn steps(&self) -> (&[F], &[i32]) {
        (&as_slice(&self.entries)[self.start..], &self.exponents[self.groups_before()..])
    }

    /// The entries of t = 1, .., T and their exponents.
    pub fn steps_mut(&mut self) -> (&mut [F], &mut [i32]) {
        let before = self.groups_before();
        (&mut as_slice_mut(&mut self.entries)[self.start..], &mut self.exponents[before..])
    }

    /// All entries and exponents, those of t = 0 first.
    pub(super) fn with_start(&self) -> (&[F], &[i32]) {
        (as_slice(&self.entries), &self.exponents)
    }

    /// All entries and exponents, those of t = 0 first.
    pub(super) fn with_start_mut(&mut self) -> (&mut [F], &mut [i32]) {
        (as_slice_mut(&mut self.entries), &mut self.exponents)
    }

    /// The entries as a matrix, and the exponent that they all have.
    ///
    /// # Panics
    /// If they have several.
    pub fn as_one(&self) -> (&Array2<F>, i32) {
        let [exponent] = self.exponents[..] else { panic!("the rows have several exponents") };
        (&self.entries, exponent)
    }

    /// The entries, and the exponent that they all have.
    ///
    /// # Panics
    /// If they have several.
    pub fn one_mut(&mut self) -> (&mut [F], &mut i32) {
        let [exponent] = &mut self.exponents[..] else { panic!("the rows have several exponents") };
        (as_slice_mut(&mut self.entries), exponent)
    }

    /// Calls `each` with the rows of every group but t = 0 and their exponent.
    pub(super) fn each_group(&mut self, mut each: impl FnMut(usize, &mut [F], &mut i32)) {
        let (entries, exponents) = self.steps_mut();
        let size = (entries.len() / exponents.len()).max(1);
        for (group, (entries, exponent)) in entries.chunks_exact_mut(size).zip(exponents).enumerate() {
            each(group, entries, exponent);
        }
    }

    /// Settles errors that have one exponent. Those of several were settled one by one where they came about.
    pub(super) fn settle(&mut self) {
        if let [exponent] = &mut self.exponents[..] {
            settle([as_slice_mut(&mut self.entries)], exponent);
        }
    }

    /// The root mean square of the rows of t = 1, .., T, all of which have the exponent of the last one.
    pub fn rms(&self) -> Magnitude {
        let (entries, exponents) = self.steps();
        debug_assert!(exponents.windows(2).all(|pair| pair[0] == pair[1]), "errors were brought to one exponent");
        rms(entries, exponents.last().copied().unwrap_or(0))
    }
}

/// The root mean square of entries x 2^exponent.
pub fn rms<F: Real>(entries: &[F], exponent: i32) -> Magnitude {
    Magnitude { entries: norm(entries) / sqrt(entries.len() as f64), exponent }
}

/// The entries of a matrix that this crate made, row by row.
pub(super) fn as_slice<F>(a: &Array2<F>) -> &[F] {
    a.as_slice().expect(ROW_MAJOR)
}

/// The entries of a matrix that this crate made, row by row.
pub(super) fn as_slice_mut<F>(a: &mut Array2<F>) -> &mut [F] {
    a.as_slice_mut().expect(ROW_MAJOR)
}

const ROW_MAJOR: &str = "arrays of a net are row-major";

/// A matrix of zeros.
pub fn zeros<F: Real>(shape: (usize, usize)) -> Array2<F> {
    in_room(Vec::new(), shape)
}

/// Gives an array this shape, in its own memory if that is large enough. What it holds is of no meaning.
pub fn fit<F: Real>(array: &mut Array2<F>, shape: (usize, usize)) {
    if array.dim() != shape {
        let (room, _) = std::mem::replace(array, Array2::zeros((0, 0))).into_raw_vec_and_offset();
        *array = in_room(room, shape);
    }
}

/// A matrix whose entries begin at the first border of a cache line in `room`, which grows as needed.
fn in_room<F: Real>(mut room: Vec<F>, shape: (usize, usize)) -> Array2<F> {
    const SHAPE: &str = "as many entries as the shape has";
    let (entries, spare) = (shape.0 * shape.1, LINE / size_of::<F>());
    if entries == 0 {
        room.clear();
        return Array2::from_shape_vec(shape, room).expect(SHAPE);
    }
    room.resize(entries + spare, F::zero());
    // A border that cannot be told is one that need not be met: only speed depends on it.
    let start = room.as_ptr().align_offset(LINE).min(spare);
    Array1::from_vec(room).slice_move(s![start..start + entries]).into_shape_with_order(shape).expect(SHAPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_begin_at_a_cache_line_and_memory_is_used_again() {
        let mut array = zeros::<f32>((7, 9));
        for shape in [(7, 9), (3, 5), (1, 1), (0, 4), (9, 7), (40, 40)] {
            fit(&mut array, shape);
            assert_eq!((array.dim(), array.is_standard_layout()), (shape, true));
            assert!(array.is_empty() || array.as_ptr().addr().is_multiple_of(LINE), "{shape:?}");
        }
        let room = array.as_ptr();
        fit(&mut array, (0, 0));
        fit(&mut array, (20, 20));
        assert_eq!(array.as_ptr(), room);
        assert!(zeros::<f64>((3, 3)).iter().all(|&x| x == 0.0));
    }
}
