//! Room for matrices: arrays whose entries begin at a border of cache lines, so that whole vectors of a row of 16 f32 or
//! 8 f64 lie in one line each. A vector across two lines takes the time of two, in every product and every pass.

use ndarray::{Array1, Array2, s};

use crate::kernels::{Magnitude, Real, norm, sqrt};

/// Bytes of a cache line: so many does a matrix take beside its entries.
pub const LINE: usize = 64;

/// An error on its way back: entries x 2^exponent, as [`crate::kernels::settle`] keeps it.
#[derive(Debug, Clone)]
pub struct Scaled<F> {
    /// One row per example, or per example and time step.
    pub entries: Array2<F>,
    /// The exponent of all entries.
    pub exponent: i32,
}

impl<F: Real> Scaled<F> {
    /// No entries.
    pub fn empty() -> Self {
        Self { entries: Array2::zeros((0, 0)), exponent: 0 }
    }

    /// The entries, row by row, and where their exponent stands.
    pub fn parts(&mut self) -> (&mut [F], &mut i32) {
        (self.entries.as_slice_mut().expect(ROW_MAJOR), &mut self.exponent)
    }

    /// The entries, row by row.
    pub fn slice(&self) -> &[F] {
        self.entries.as_slice().expect(ROW_MAJOR)
    }

    /// The root mean square of the entries with their exponent.
    pub fn rms(&self) -> Magnitude {
        rms(self.slice(), self.exponent)
    }
}

/// The root mean square of entries x 2^exponent.
pub fn rms<F: Real>(entries: &[F], exponent: i32) -> Magnitude {
    Magnitude { entries: norm(entries) / sqrt(entries.len() as f64), exponent }
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
