//! Room on the stack for the part of a factor that is in use: its rows side by side, without the rest of the matrix
//! between them. Products of factors as they are therefore allocate nothing, on any thread.

use std::mem::MaybeUninit;

use super::transpose::transpose_block;
use super::vector::Vector;

/// Room for a panel of B, a few vectors wide: it stays in an L1 cache of 48 KiB, and where vectors are shorter half of
/// it is used and stays in one of 32 KiB.
pub(super) type Panel = Room<{ 32 * 1024 }>;

/// Room for the blocks of large matrices.
pub(super) struct Blocks {
    /// Rows of A.
    pub(super) rows: Rows,
    /// Columns of B.
    pub(super) columns: ColumnRoom,
}

/// Room for a block of A; together with [`ColumnRoom`] it stays in an L2 cache of 512 KiB or more.
pub(super) type Rows = Room<{ 128 * 1024 }>;

/// Room for a block of B, from which panels are read.
pub(super) type ColumnRoom = Room<{ 256 * 1024 }>;

impl Blocks {
    /// Room with nothing in it.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self { rows: Rows::new(), columns: ColumnRoom::new() }
    }
}

/// An array of `BYTES` bytes that starts at a cache line; they may be uninitialised.
#[repr(align(64))]
pub(super) struct Room<const BYTES: usize>([MaybeUninit<u8>; BYTES]);

impl<const BYTES: usize> Room<BYTES> {
    /// Room with nothing in it.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self([MaybeUninit::uninit(); BYTES])
    }

    /// How many entries fit.
    #[inline(always)]
    pub(super) const fn entries<F>() -> usize {
        BYTES / size_of::<F>()
    }

    /// Copies `rows` x `width` entries, neither of them 0, from rows that lie `from_row` entries apart to rows that lie
    /// `to_row` apart.
    ///
    /// # Safety
    /// The CPU must have V's instructions; `from` must have those rows.
    #[inline(always)]
    #[expect(unsafe_code, reason = "vectors are copied through pointers")]
    pub(super) unsafe fn copy<V: Vector>(
        &mut self,
        (rows, width): (usize, usize),
        (from, from_row): (*const V::Element, usize),
        to_row: usize,
    ) -> *const V::Element {
        assert!(width <= to_row && rows * to_row <= Self::entries::<V::Element>(), "the copy fits its room");
        let room = self.0.as_mut_ptr().cast::<V::Element>();
        let whole = (width - 1) / V::LANES * V::LANES;
        // SAFETY: the CPU has V's instructions, says the caller; 1 to LANES entries are left.
        let last = unsafe { V::mask(width - whole) };
        for row in 0..rows {
            // SAFETY: this row exists in `from`, says the caller, and in the room, says the assertion.
            let (from, to) = unsafe { (from.add(row * from_row), room.add(row * to_row)) };
            for j in (0..whole).step_by(V::LANES) {
                // SAFETY: a whole vector is left in this row of both.
                unsafe { V::load(from.add(j)).store(to.add(j)) }
            }
            // SAFETY: the mask's entries are left in this row of both.
            unsafe { V::load_first(from.add(whole), last).store_first(to.add(whole), last) }
        }
        room
    }

    /// Copies `rows` x `width` entries of the transpose of `from`, whose `width` rows lie `from_row` entries apart.
    ///
    /// # Safety
    /// The CPU must have V's instructions; `from` must have `width` rows of `rows` entries.
    #[inline(always)]
    #[expect(unsafe_code, reason = "vectors are copied through pointers")]
    pub(super) unsafe fn copy_transposed<V: Vector>(
        &mut self,
        (rows, width): (usize, usize),
        (from, from_row): (*const V::Element, usize),
        to_row: usize,
    ) -> *const V::Element {
        assert!(width <= to_row && rows * to_row <= Self::entries::<V::Element>(), "the copy fits its room");
        let room = self.0.as_mut_ptr().cast::<V::Element>();
        // SAFETY: the caller vouches for instructions and `from`, the assertion for the room.
        unsafe { transpose_block::<V>((width, rows), (from, from_row), (room, to_row)) }
        room
    }
}
