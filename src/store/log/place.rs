//! The place of a record in the segments, in sixteen bytes and in twelve, and how the run of a record ended.

/// How the run of a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It ended by itself, diverged or not.
    Done,
    /// A panic or an I/O error ended it.
    Failed,
}

/// The place of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct RecordPlace {
    pub(in crate::store) segment: u32,
    /// The length of the payload.
    pub(in crate::store) payload: u32,
    /// The frame's first byte, shifted left by one; the lowest bit says that the run failed. It is packed because
    /// there may be one of these for every run.
    packed: u64,
}

impl RecordPlace {
    pub(in crate::store) fn new(segment: u32, offset: u64, payload: u32, ending: Ending) -> Self {
        let failed = match ending {
            Ending::Done => 0,
            Ending::Failed => 1,
        };
        Self { segment, payload, packed: (offset << 1) | failed }
    }

    pub(in crate::store) fn offset(&self) -> u64 {
        self.packed >> 1
    }

    pub(in crate::store) fn ending(&self) -> Ending {
        if self.packed & 1 == 0 { Ending::Done } else { Ending::Failed }
    }

    /// Returns whether this record is to be used rather than `other`: the later one, except that a failure never hides a
    /// result.
    pub(super) fn wins_over(&self, other: &Self) -> bool {
        let rank = |p: &Self| (p.ending() == Ending::Done, p.segment, p.offset());
        rank(self) > rank(other)
    }

    /// Packs the place into twelve bytes; none where it does not fit.
    pub(super) fn pack(self) -> Option<PackedPlace> {
        let segment = u64::from(self.segment);
        let fits = segment < SEGMENTS && self.offset() >> OFFSET_BITS == 0;
        let bits = (segment + 1) << (OFFSET_BITS + 1) | self.packed;
        fits.then(|| [self.payload, low_half(bits), low_half(bits >> 32)])
    }

    /// Unpacks a place; none for [`NOWHERE`].
    pub(super) fn unpack(packed: PackedPlace) -> Option<Self> {
        let [payload, low, high] = packed;
        let bits = u64::from(high) << 32 | u64::from(low);
        let segment = low_half(bits >> (OFFSET_BITS + 1)).checked_sub(1)?;
        Some(Self { segment, payload, packed: bits & ((1 << (OFFSET_BITS + 1)) - 1) })
    }
}

/// A place in twelve bytes, for the runs of a plan: the payload's length, and in one number from the highest bit the
/// segment and 1, the offset, and whether the run failed. All zeros for a run without a record: memory that is asked for in
/// zeros takes none until it is written to.
pub(super) type PackedPlace = [u32; 3];

/// What stands for a run without a record.
pub(super) const NOWHERE: PackedPlace = [0; 3];

/// Bits of the offset: half a terabyte.
const OFFSET_BITS: u32 = 39;

/// The segments that fit: some 17 million.
const SEGMENTS: u64 = (1 << (u64::BITS - 1 - OFFSET_BITS)) - 1;

fn low_half(bits: u64) -> u32 {
    u32::try_from(bits & u64::from(u32::MAX)).expect("32 bits")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_place_takes_12_bytes_and_comes_back_where_it_fits() {
        let place = RecordPlace::new;
        assert_eq!((size_of::<PackedPlace>(), size_of::<RecordPlace>()), (12, 16));
        let last_segment = u32::try_from(SEGMENTS - 1).unwrap();
        for ending in [Ending::Done, Ending::Failed] {
            for segment in [0, 1, 3, last_segment] {
                for offset in [0, 1 << 32, (1 << OFFSET_BITS) - 1] {
                    for payload in [0, 17, u32::MAX] {
                        let at = place(segment, offset, payload, ending);
                        assert_eq!((at.offset(), at.ending()), (offset, ending));
                        assert_eq!(at.pack().and_then(RecordPlace::unpack), Some(at));
                    }
                }
            }
            assert_eq!(place(last_segment + 1, 0, 0, ending).pack(), None);
            assert_eq!(place(u32::MAX - 1, 0, 0, ending).pack(), None);
            assert_eq!(place(1, 1 << OFFSET_BITS, 0, ending).pack(), None);
        }
        assert_eq!(RecordPlace::unpack(NOWHERE), None);
    }
}
