//! A kernel written once over [`Vector`], compiled for every tier with the tier's own vector.

use super::vector::{Lanes, Vector};
use crate::kernels::tier::{Level, Tier};

/// Work on vectors of `F`. `run` must be `#[inline(always)]`, and so must everything in it that touches a vector.
pub(super) trait Kernel<F: Lanes> {
    /// Does the work.
    ///
    /// # Safety
    /// The CPU must have V's instructions.
    #[expect(unsafe_code, reason = "vector instructions need a CPU that has them")]
    unsafe fn run<V: Vector<Element = F>>(self);
}

/// Runs the kernel with the tier's vectors. Never inlined: a copy per caller would cost minutes of compiling.
#[inline(never)]
#[expect(unsafe_code, reason = "the calls after the detection of CPU features")]
pub(super) fn run_on<F: Lanes>(tier: Tier, kernel: impl Kernel<F>) {
    match tier.0 {
        // SAFETY: the portable vector needs no instructions beyond the target's.
        Level::Portable => unsafe { kernel.run::<F::Portable>() },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Tier` of this level is made only where AVX2 and FMA were detected.
        Level::Avx2 => unsafe { avx2::run(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Tier` of this level is made only where these AVX-512 subsets were detected.
        Level::Avx512 => unsafe { avx512::run(kernel) },
    }
}

// Each in a module of its own, as modules are compiled side by side.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Kernel, Lanes};

    #[target_feature(enable = "avx2,fma")]
    #[inline(never)]
    #[expect(unsafe_code, reason = "the vector is that of the function's instructions")]
    pub(super) fn run<F: Lanes>(kernel: impl Kernel<F>) {
        // SAFETY: whoever calls this function vouches for the instructions.
        unsafe { kernel.run::<F::Avx2>() }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{Kernel, Lanes};

    #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
    #[inline(never)]
    #[expect(unsafe_code, reason = "the vector is that of the function's instructions")]
    pub(super) fn run<F: Lanes>(kernel: impl Kernel<F>) {
        // SAFETY: whoever calls this function vouches for the instructions.
        unsafe { kernel.run::<F::Avx512>() }
    }
}
