//! The vectors of x86-64: AVX2 with FMA, and AVX-512. They differ in width, masks and number of registers only.

use std::arch::x86_64::{
    __m256, __m256d, __m256i, __m512, __m512d, __mmask8, __mmask16, _mm_castps_pd, _mm_loadu_pd, _mm_loadu_ps,
    _mm_movehl_ps, _mm_store_sd, _mm_store_ss, _mm_storel_pd, _mm_storeu_pd, _mm_storeu_ps, _mm256_broadcast_sd,
    _mm256_broadcast_ss, _mm256_castpd128_pd256, _mm256_castpd256_pd128, _mm256_castps128_ps256,
    _mm256_castps256_ps128, _mm256_extractf128_pd, _mm256_extractf128_ps, _mm256_fmadd_pd, _mm256_fmadd_ps,
    _mm256_insertf128_pd, _mm256_insertf128_ps, _mm256_loadu_pd, _mm256_loadu_ps, _mm256_loadu_si256,
    _mm256_maskload_pd, _mm256_maskload_ps, _mm256_setzero_pd, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_storeu_pd,
    _mm256_storeu_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps, _mm256_unpacklo_pd, _mm256_unpacklo_ps, _mm512_fmadd_pd,
    _mm512_fmadd_ps, _mm512_loadu_pd, _mm512_loadu_ps, _mm512_mask_storeu_pd, _mm512_mask_storeu_ps,
    _mm512_maskz_loadu_pd, _mm512_maskz_loadu_ps, _mm512_set1_pd, _mm512_set1_ps, _mm512_setzero_pd, _mm512_setzero_ps,
    _mm512_storeu_pd, _mm512_storeu_ps,
};

use super::vector::Vector;

/// Eight set words, then eight clear ones: the mask of n lanes starts n before the middle.
static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/// The first entries of an AVX2 vector: for loads as set words, for stores as their number.
#[derive(Debug, Clone, Copy)]
pub struct Mask256 {
    count: usize,
    words: __m256i,
}

impl Mask256 {
    /// The mask of `count` lanes of one word or of two.
    #[inline(always)]
    #[expect(unsafe_code, reason = "a vector load, by a mask that only its own instructions can use")]
    fn first(count: usize, words_per_lane: usize) -> Self {
        let words = &MASKS[8 - words_per_lane * count..][..8];
        // SAFETY: eight words were cut out; masks are made in code for AVX2 alone, as `Vector` demands.
        let words = unsafe { _mm256_loadu_si256(words.as_ptr().cast()) };
        Self { count, words }
    }
}

/// Writes the mask's entries in powers of two; the masked store of AVX2 takes tens of cycles on some CPUs.
///
/// # Safety
/// The CPU must have AVX; `to` must have room for the mask's entries.
#[inline(always)]
#[expect(unsafe_code, reason = "vector instructions, and stores through pointers")]
unsafe fn store_first_f32(to: *mut f32, mask: Mask256, vector: __m256) {
    if mask.count == 8 {
        // SAFETY: the CPU has the instruction, and there is room for eight entries.
        return unsafe { _mm256_storeu_ps(to, vector) };
    }
    // SAFETY: the CPU has the instructions; the bits of the count add up to the room that the caller vouches for.
    unsafe {
        let (mut to, mut rest) = (to, _mm256_castps256_ps128(vector));
        if mask.count & 4 != 0 {
            _mm_storeu_ps(to, rest);
            (to, rest) = (to.add(4), _mm256_extractf128_ps::<1>(vector));
        }
        if mask.count & 2 != 0 {
            _mm_storel_pd(to.cast(), _mm_castps_pd(rest));
            (to, rest) = (to.add(2), _mm_movehl_ps(rest, rest));
        }
        if mask.count & 1 != 0 {
            _mm_store_ss(to, rest);
        }
    }
}

/// Writes the mask's entries of an f64 vector, as [`store_first_f32`] does for f32.
///
/// # Safety
/// The CPU must have AVX; `to` must have room for the mask's entries.
#[inline(always)]
#[expect(unsafe_code, reason = "vector instructions, and stores through pointers")]
unsafe fn store_first_f64(to: *mut f64, mask: Mask256, vector: __m256d) {
    if mask.count == 4 {
        // SAFETY: the CPU has the instruction, and there is room for four entries.
        return unsafe { _mm256_storeu_pd(to, vector) };
    }
    // SAFETY: the CPU has the instructions; the bits of the count add up to the room that the caller vouches for.
    unsafe {
        let (mut to, mut rest) = (to, _mm256_castpd256_pd128(vector));
        if mask.count & 2 != 0 {
            _mm_storeu_pd(to, rest);
            (to, rest) = (to.add(2), _mm256_extractf128_pd::<1>(vector));
        }
        if mask.count & 1 != 0 {
            _mm_store_sd(to, rest);
        }
    }
}

/// What differs from vector to vector: types, constants and the names of the instructions.
macro_rules! vector {
    (
        $vector:ty, $element:ty, $lanes:literal, $tallest:expr, widest $widest:literal, mask $mask:ty: $make_mask:expr,
        $zero:ident, $splat:expr, $load:ident, $load_first:expr, $store:ident, $store_first:expr, $fma:ident,
        $transpose:ident
    ) => {
        #[expect(unsafe_code, reason = "vector instructions, and loads and stores through pointers")]
        impl Vector for $vector {
            type Element = $element;
            type Mask = $mask;
            const LANES: usize = $lanes;
            const BLOCK: usize = 32 / size_of::<$element>();
            const TALLEST: [usize; 5] = $tallest;
            const WIDEST: usize = $widest;

            #[inline(always)]
            unsafe fn mask(count: usize) -> Self::Mask {
                debug_assert!((1..=$lanes).contains(&count), "a mask of {count} lanes");
                $make_mask(count)
            }
            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: the CPU has the instruction, says the caller.
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn splat(from: *const $element) -> Self {
                // SAFETY: the CPU has the instruction and `from` an entry, says the caller.
                unsafe { $splat(from) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                // SAFETY: the CPU has the instruction and `from` a vector's entries, says the caller.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn load_first(from: *const $element, mask: Self::Mask) -> Self {
                // SAFETY: the CPU has the instruction and `from` the mask's entries, says the caller.
                unsafe { $load_first(from, mask) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                // SAFETY: the CPU has the instruction and `to` room for a vector, says the caller.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn store_first(self, to: *mut $element, mask: Self::Mask) {
                // SAFETY: the CPU has the instruction and `to` room for the mask's entries, says the caller.
                unsafe { $store_first(to, mask, self) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
                // SAFETY: the CPU has the instruction, says the caller.
                unsafe { $fma(self, factor, term) }
            }
            #[inline(always)]
            unsafe fn transpose_block(from: *const $element, from_row: usize, to: *mut $element, to_row: usize) {
                // SAFETY: the CPU has the instructions, and both blocks exist, says the caller.
                unsafe { $transpose(from, from_row, to, to_row) }
            }
        }
    };
}

vector!(
    __m256, f32, 8, [8, 6, 4, 3, 1], widest 2, mask Mask256: |count| Mask256::first(count, 1),
    _mm256_setzero_ps, |from: *const f32| _mm256_broadcast_ss(&*from), _mm256_loadu_ps,
    |from, mask: Mask256| _mm256_maskload_ps(from, mask.words),
    _mm256_storeu_ps, store_first_f32, _mm256_fmadd_ps, transpose_f32
);
vector!(
    __m256d, f64, 4, [8, 6, 4, 3, 1], widest 2, mask Mask256: |count| Mask256::first(count, 2),
    _mm256_setzero_pd, |from: *const f64| _mm256_broadcast_sd(&*from), _mm256_loadu_pd,
    |from, mask: Mask256| _mm256_maskload_pd(from, mask.words),
    _mm256_storeu_pd, store_first_f64, _mm256_fmadd_pd, transpose_f64
);
vector!(
    __m512, f32, 16, [12, 12, 8, 6, 2], widest 4, mask __mmask16: |count| u16::MAX >> (16 - count),
    _mm512_setzero_ps, |from: *const f32| _mm512_set1_ps(*from), _mm512_loadu_ps,
    |from, mask| _mm512_maskz_loadu_ps(mask, from),
    _mm512_storeu_ps, _mm512_mask_storeu_ps, _mm512_fmadd_ps, transpose_f32
);
vector!(
    __m512d, f64, 8, [12, 12, 8, 6, 2], widest 4, mask __mmask8: |count| u8::MAX >> (8 - count),
    _mm512_setzero_pd, |from: *const f64| _mm512_set1_pd(*from), _mm512_loadu_pd,
    |from, mask| _mm512_maskz_loadu_pd(mask, from),
    _mm512_storeu_pd, _mm512_mask_storeu_pd, _mm512_fmadd_pd, transpose_f64
);

/// An 8 x 8 block of f32, also where vectors are wider: this one is tried on every machine with AVX2.
///
/// # Safety
/// The CPU must have AVX; `from` and `to` must have eight entries at each of eight rows.
#[inline(always)]
#[expect(unsafe_code, reason = "vector instructions, and loads and stores through pointers")]
unsafe fn transpose_f32(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
    // SAFETY: for all blocks here, the CPU has the instructions and rows 0 to 7 exist, says the caller.
    let load = |i: usize, j: usize| unsafe { _mm_loadu_ps(from.add(i * from_row + j)) };
    for half in [0, 4] {
        // Row i in the low lanes and row i + 4 in the high ones, four columns of each.
        // SAFETY: as above.
        let pair =
            |i: usize| unsafe { _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(load(i, half)), load(i + 4, half)) };
        let (r0, r1, r2, r3) = (pair(0), pair(1), pair(2), pair(3));
        // SAFETY: as above.
        let (low01, low23) = unsafe { (_mm256_unpacklo_ps(r0, r1), _mm256_unpacklo_ps(r2, r3)) };
        // SAFETY: as above.
        let (high01, high23) = unsafe { (_mm256_unpackhi_ps(r0, r1), _mm256_unpackhi_ps(r2, r3)) };
        // SAFETY: as above.
        let store = |j: usize, column: __m256| unsafe { _mm256_storeu_ps(to.add((half + j) * to_row), column) };
        // SAFETY: as above.
        unsafe {
            store(0, _mm256_shuffle_ps::<0x44>(low01, low23));
            store(1, _mm256_shuffle_ps::<0xee>(low01, low23));
            store(2, _mm256_shuffle_ps::<0x44>(high01, high23));
            store(3, _mm256_shuffle_ps::<0xee>(high01, high23));
        }
    }
}

/// A 4 x 4 block of f64.
///
/// # Safety
/// The CPU must have AVX; `from` and `to` must have four entries at each of four rows.
#[inline(always)]
#[expect(unsafe_code, reason = "vector instructions, and loads and stores through pointers")]
unsafe fn transpose_f64(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
    // SAFETY: for all blocks here, the CPU has the instructions and rows 0 to 3 exist, says the caller.
    let load = |i: usize, j: usize| unsafe { _mm_loadu_pd(from.add(i * from_row + j)) };
    for half in [0, 2] {
        // Row i in the low lanes and row i + 2 in the high ones, two columns of each.
        // SAFETY: as above.
        let pair =
            |i: usize| unsafe { _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(load(i, half)), load(i + 2, half)) };
        let (r0, r1) = (pair(0), pair(1));
        // SAFETY: as above.
        unsafe {
            _mm256_storeu_pd(to.add(half * to_row), _mm256_unpacklo_pd(r0, r1));
            _mm256_storeu_pd(to.add((half + 1) * to_row), _mm256_unpackhi_pd(r0, r1));
        }
    }
}
