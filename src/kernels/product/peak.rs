//! Multiply-adds that wait for nothing: what a core can do at most, for benchmarks to be held against.

use super::dispatch::{Kernel, run_on};
use super::vector::{Lanes, Vector};
use crate::kernels::{Real, Tier};

/// Independent chains: enough to hide the latency of a multiply-add on two units, and they fit 16 registers.
const CHAINS: usize = 12;

/// Does `rounds` multiply-adds in each of 12 registers and returns how many floating-point operations that were, two
/// for each multiply-add and lane.
pub fn peak<F: Real>(tier: Tier, rounds: usize) -> f64 {
    let (mut operations, mut sum) = (0.0, F::zero());
    run_on(tier, Peak { rounds, operations: &mut operations, sum: &mut sum });
    assert!(sum.is_finite(), "the sum is used, so that it is computed");
    operations
}

struct Peak<'a, F> {
    rounds: usize,
    operations: &'a mut f64,
    sum: &'a mut F,
}

impl<F: Real + Lanes> Kernel<F> for Peak<'_, F> {
    #[inline(always)]
    #[expect(unsafe_code, reason = "vector instructions need a CPU that has them")]
    unsafe fn run<V: Vector<Element = F>>(self) {
        let (half, one) = (F::from_f64(0.5), F::one());
        // SAFETY: the caller vouches for V's instructions, and both pointers are of entries.
        let (half, one) = unsafe { (V::splat(&raw const half), V::splat(&raw const one)) };
        let mut chains = [one; CHAINS];
        for _ in 0..self.rounds {
            for chain in &mut chains {
                // SAFETY: the caller vouches for V's instructions. x / 2 + 1 stays between 1 and 2.
                *chain = unsafe { chain.mul_add(half, one) };
            }
        }
        let mut entry = F::zero();
        for chain in chains {
            // SAFETY: the caller vouches for V's instructions, and the mask is of the one entry that there is room for.
            unsafe { chain.store_first(&raw mut entry, V::mask(1)) };
            *self.sum += entry;
        }
        *self.operations = (2 * CHAINS * V::LANES * self.rounds) as f64;
    }
}
