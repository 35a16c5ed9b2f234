//! A vector register as the products see it, and the portable one. Knows nothing of matrices.

use crate::kernels::Real;

/// A few neighbouring entries of a row, in one register.
///
/// # Safety
/// Every function needs the instructions of its vector's tier; pointers must be good for the entries that are named.
/// No alignment is asked for beyond that of an entry.
#[expect(unsafe_code, reason = "vector instructions need a CPU that has them, and loads go through pointers")]
pub trait Vector: Copy {
    /// The type of one entry.
    type Element: Real;
    /// Which of the first entries a partial load or store touches.
    type Mask: Copy;
    /// Entries in a vector.
    const LANES: usize;
    /// The side of the square that is transposed in registers.
    const BLOCK: usize;
    /// The most rows of a tile that is 1, 2, 3, 4 and 8 vectors wide: as many as leave registers for the factors.
    const TALLEST: [usize; 5];
    /// The vectors in a row of a tile of many rows: with as many rows as columns, a multiply-add takes the fewest loads.
    const WIDEST: usize;

    /// The mask of the first `count` entries, 1 to `LANES`.
    ///
    /// # Safety
    /// As said above.
    unsafe fn mask(count: usize) -> Self::Mask;
    /// Zeros.
    ///
    /// # Safety
    /// As said above.
    unsafe fn zero() -> Self;
    /// One entry in every lane.
    ///
    /// # Safety
    /// As said above.
    unsafe fn splat(from: *const Self::Element) -> Self;
    /// `LANES` entries.
    ///
    /// # Safety
    /// As said above.
    unsafe fn load(from: *const Self::Element) -> Self;
    /// The mask's entries, and zeros; nothing else is read.
    ///
    /// # Safety
    /// As said above.
    unsafe fn load_first(from: *const Self::Element, mask: Self::Mask) -> Self;
    /// Writes `LANES` entries.
    ///
    /// # Safety
    /// As said above.
    unsafe fn store(self, to: *mut Self::Element);
    /// Writes the mask's entries, and nothing else.
    ///
    /// # Safety
    /// As said above.
    unsafe fn store_first(self, to: *mut Self::Element, mask: Self::Mask);
    /// self * factor + term, rounded once.
    ///
    /// # Safety
    /// As said above.
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self;
    /// Transposes a block of `BLOCK` x `BLOCK` entries; a row is `from_row` or `to_row` entries after the one before.
    ///
    /// # Safety
    /// As said above.
    unsafe fn transpose_block(from: *const Self::Element, from_row: usize, to: *mut Self::Element, to_row: usize);
}

/// The vectors of one floating-point type, by tier.
pub trait Lanes: Sized {
    /// The vector of plain Rust, for any CPU: the compiler uses the instructions that the target has.
    type Portable: Vector<Element = Self>;
    /// The vector of AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Vector<Element = Self>;
    /// The vector of AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Vector<Element = Self>;
}

impl Lanes for f32 {
    type Portable = Array<f32>;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = std::arch::x86_64::__m256;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = std::arch::x86_64::__m512;
}

impl Lanes for f64 {
    type Portable = Array<f64>;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = std::arch::x86_64::__m256d;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = std::arch::x86_64::__m512d;
}

const LANES: usize = 4;

/// The vector of plain Rust.
#[derive(Debug, Clone, Copy)]
pub struct Array<F>([F; LANES]);

#[expect(unsafe_code, reason = "the trait's loads and stores take pointers")]
impl<F: Real> Vector for Array<F> {
    type Element = F;
    type Mask = usize;
    const LANES: usize = LANES;
    const BLOCK: usize = LANES;
    // Where a multiply-add is a call of a function, no tile is fast, and tall ones would but take long to compile.
    const TALLEST: [usize; 5] = if cfg!(target_arch = "x86_64") { [2, 2, 1, 1, 1] } else { [8, 8, 5, 4, 2] };
    const WIDEST: usize = 2;

    #[inline(always)]
    unsafe fn mask(count: usize) -> usize {
        count
    }
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([F::zero(); LANES])
    }
    #[inline(always)]
    unsafe fn splat(from: *const F) -> Self {
        // SAFETY: the caller vouches for one entry.
        Self([unsafe { *from }; LANES])
    }
    #[inline(always)]
    unsafe fn load(from: *const F) -> Self {
        // SAFETY: the caller vouches for `LANES` entries, and an array is aligned as its entries are.
        Self(unsafe { *from.cast::<[F; LANES]>() })
    }
    #[inline(always)]
    unsafe fn load_first(from: *const F, mask: usize) -> Self {
        let mut lanes = [F::zero(); LANES];
        for (i, lane) in lanes.iter_mut().enumerate().take(mask) {
            // SAFETY: the caller vouches for the first `mask` entries, and i < mask.
            *lane = unsafe { *from.add(i) };
        }
        Self(lanes)
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut F) {
        // SAFETY: the caller vouches for `LANES` entries, and an array is aligned as its entries are.
        unsafe { *to.cast::<[F; LANES]>() = self.0 }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut F, mask: usize) {
        for (i, lane) in self.0.iter().enumerate().take(mask) {
            // SAFETY: the caller vouches for the first `mask` entries, and i < mask.
            unsafe { *to.add(i) = *lane }
        }
    }
    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        let mut lanes = term.0;
        for (i, lane) in lanes.iter_mut().enumerate() {
            *lane = self.0[i].mul_add(factor.0[i], *lane);
        }
        Self(lanes)
    }
    #[inline(always)]
    unsafe fn transpose_block(from: *const F, from_row: usize, to: *mut F, to_row: usize) {
        for i in 0..LANES {
            for j in 0..LANES {
                // SAFETY: the caller vouches for the block in `from`, and (i, j) lies in it.
                let x = unsafe { *from.add(i * from_row + j) };
                // SAFETY: the caller vouches for the transposed block in `to`, and (j, i) lies in it.
                unsafe { *to.add(j * to_row + i) = x }
            }
        }
    }
}
