//! What is done with pointers for the sake of speed alone: hints to the CPU about what will be read soon, and a veil over
//! where a pointer comes from. They change when numbers arrive in the caches, never the numbers.

/// Bytes that the caches move at once.
pub(super) const LINE: usize = 64;

/// Asks for the line that `at` lies in; any pointer will do.
#[inline(always)]
#[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "the instruction takes a pointer"))]
pub(super) fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 CPU has the instruction; it reads nothing that a program can see, and never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Returns the same pointer, but the compiler no longer knows how it was computed: it stays in a register of its own.
#[inline(always)]
#[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "an empty piece of assembly"))]
pub(super) fn opaque<T>(at: *const T) -> *const T {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let mut at = at;
        // SAFETY: there is no instruction; the register keeps what it holds.
        unsafe { std::arch::asm!("/* {0} */", inout(reg) at, options(pure, readonly, nostack, preserves_flags)) }
        at
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    at
}
