//! Whether the rows of A are all the same, and with them the rows of C: behind layers in which a signal has vanished, every
//! example of a batch has the same activations, which the biases make.

use super::blocks::Product;
use super::multiply::Start;
use crate::kernels::Real;
use crate::kernels::tier::Pass;

impl<F: Real> Product<'_, F> {
    /// Whether the first two rows begin alike, and rows that are alike would have the same results.
    #[inline(always)]
    pub(super) fn looks_alike(&self) -> bool {
        const LOOKS: usize = 4;
        let (m, k, _) = self.size;
        let (row, step) = self.a_steps;
        m > 1
            && step == 1
            && self.start != Start::Current
            && are_same(&self.a[..LOOKS.min(k)], &self.a[row..row + LOOKS.min(k)])
    }
}

/// Whether every row has the bits of the first one.
pub(super) struct AreAlike<'a, F> {
    pub(super) rows: &'a [F],
    pub(super) length: usize,
}

impl<F: Real> Pass for AreAlike<'_, F> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let (first, others) = self.rows.split_at(self.length);
        for other in others.chunks_exact(self.length) {
            if !are_same(first, other) {
                return false;
            }
        }
        true
    }
}

/// Whether both have the same bits.
#[inline(always)]
fn are_same<F: Real>(x: &[F], y: &[F]) -> bool {
    let mut are_same = true;
    for (&x, &y) in x.iter().zip(y) {
        are_same &= x.has_bits_of(y);
    }
    are_same
}
