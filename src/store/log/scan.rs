//! Reading a segment from front to back: which whole records it holds and which bytes belong to none.
//!
//! Memory does not grow with the file: payloads stream through the checksum. A frame that does not hold, for whatever
//! reason, costs only itself: the search goes on at the next marker after its first byte. Nor does time grow faster than
//! the file, however it was made: of heads that lead nowhere, only so much is read in vain.

use std::io::{self, BufRead, BufReader, Read, Seek};
use std::ops::Range;

use super::frame::{self, FrameCheck, FrameHead, HEAD, MARKER};

/// How many times its length a segment may be read in vain. Damage takes less than once, but for lengths in heads that
/// were changed to others that fit.
const MOST_IN_VAIN: u64 = 8;

/// What a segment holds at some place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole record.
    Frame(WholeFrame),
    /// Bytes that belong to no whole record.
    Skipped(Range<u64>),
}

/// A whole record in a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WholeFrame {
    /// The frame's head.
    pub(super) head: FrameHead,
    /// The position of the frame's first byte.
    pub(super) offset: u64,
    /// Whether it is the record of a failed run; only meaningful in our schema.
    pub(super) failed: bool,
}

impl WholeFrame {
    /// Returns the position after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.offset + HEAD as u64 + u64::from(self.head.payload)
    }
}

/// Reads the first `length` bytes of `source` and reports what they hold, in order and without gaps.
pub(super) fn scan<R: Read + Seek>(source: R, length: u64, mut found: impl FnMut(Found)) -> io::Result<()> {
    let reader = BufReader::with_capacity(1 << 16, source);
    let mut input = SegmentReader { reader, position: 0, length, in_vain: length.saturating_mul(MOST_IN_VAIN) };
    let mut at = 0;
    let mut skipped_from = None;
    while at < length {
        if let Some(frame) = input.frame_at(at)? {
            if let Some(start) = skipped_from.take() {
                found(Found::Skipped(start..at));
            }
            at = frame.end();
            found(Found::Frame(frame));
        } else {
            skipped_from.get_or_insert(at);
            at = input.marker_from(at + 1)?;
        }
    }
    if let Some(start) = skipped_from {
        found(Found::Skipped(start..length));
    }
    Ok(())
}

/// A segment with a known position and an end that is not passed even while another process appends.
struct SegmentReader<R> {
    reader: BufReader<R>,
    position: u64,
    length: u64,
    /// Bytes that may still be read of frames that do not hold.
    in_vain: u64,
}

impl<R: Read + Seek> SegmentReader<R> {
    /// Reads the frame that begins at `at`, if a whole one does.
    fn frame_at(&mut self, at: u64) -> io::Result<Option<WholeFrame>> {
        self.go_to(at)?;
        let mut bytes = [0; HEAD];
        if self.length - at < HEAD as u64 || !self.fill(&mut bytes)? {
            return Ok(None);
        }
        let Some(head) = FrameHead::parse(&bytes) else { return Ok(None) };
        let mut left = u64::from(head.payload);
        // Asked before a byte of the payload is read: a damaged length must not lead past the end.
        if left > self.length - self.position || left > self.in_vain {
            return Ok(None);
        }
        let mut check = FrameCheck::new(&bytes);
        let mut first = None;
        while left > 0 {
            let Some(piece) = self.piece(left)? else { return Ok(None) };
            first = first.or(piece.first().copied());
            check.update(piece);
            let read = piece.len();
            self.consume(read);
            left -= read as u64;
        }
        if !check.holds(&head) {
            self.in_vain -= u64::from(head.payload);
            return Ok(None);
        }
        Ok(Some(WholeFrame { head, offset: at, failed: frame::is_failed(first) }))
    }

    /// Finds the first marker at or after `at`; the end where there is none.
    fn marker_from(&mut self, at: u64) -> io::Result<u64> {
        self.go_to(at.min(self.length))?;
        let mut matched = 0;
        while let Some(piece) = self.piece(u64::MAX)? {
            for (i, &byte) in piece.iter().enumerate() {
                // The marker's bytes differ from each other, so a mismatch can only be the start of a new match.
                matched = if byte == MARKER[matched] { matched + 1 } else { usize::from(byte == MARKER[0]) };
                if matched == MARKER.len() {
                    return Ok(self.position + i as u64 + 1 - MARKER.len() as u64);
                }
            }
            let read = piece.len();
            self.consume(read);
        }
        Ok(self.length)
    }

    fn go_to(&mut self, at: u64) -> io::Result<()> {
        let distance = i64::try_from(i128::from(at) - i128::from(self.position)).map_err(io::Error::other)?;
        self.reader.seek_relative(distance)?;
        self.position = at;
        Ok(())
    }

    /// Returns up to `most` buffered bytes, not past the end; none at the end, also where the file shrank meanwhile.
    fn piece(&mut self, most: u64) -> io::Result<Option<&[u8]>> {
        let most = usize::try_from(most.min(self.length - self.position)).unwrap_or(usize::MAX);
        let buffer = self.reader.fill_buf()?;
        let piece = &buffer[..buffer.len().min(most)];
        Ok((!piece.is_empty()).then_some(piece))
    }

    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.position += bytes as u64;
    }

    /// Fills `bytes`; false where the file ends before.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<bool> {
        let mut filled = 0;
        while filled < bytes.len() {
            let Some(piece) = self.piece((bytes.len() - filled) as u64)? else { return Ok(false) };
            let read = piece.len();
            bytes[filled..filled + read].copy_from_slice(piece);
            self.consume(read);
            filled += read;
        }
        Ok(true)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::store::fixtures::{failed, trace};
    use crate::store::log::frame::tests::{foreign, frame};
    use crate::trace::Record;

    fn scanned(bytes: &[u8]) -> Vec<Found> {
        let mut all = Vec::new();
        scan(Cursor::new(bytes), bytes.len() as u64, |found| all.push(found)).unwrap();
        assert_covers(&all, bytes.len() as u64);
        all
    }

    /// Fails unless what was found follows on each other from the first byte to the last.
    fn assert_covers(all: &[Found], length: u64) {
        let mut at = 0;
        for found in all {
            let (start, end) = match found {
                Found::Frame(frame) => (frame.offset, frame.end()),
                Found::Skipped(bytes) => (bytes.start, bytes.end),
            };
            assert!(start == at && end > start, "{all:?}");
            at = end;
        }
        assert_eq!(at, length, "{all:?}");
    }

    fn ids(all: &[Found]) -> Vec<u64> {
        let id = |found: &Found| match found {
            Found::Frame(frame) => Some(frame.head.id.0),
            Found::Skipped(_) => None,
        };
        all.iter().filter_map(id).collect()
    }

    fn skipped(all: &[Found]) -> Vec<(u64, u64)> {
        let range = |found: &Found| match found {
            Found::Frame(_) => None,
            Found::Skipped(bytes) => Some((bytes.start, bytes.end)),
        };
        all.iter().filter_map(range).collect()
    }

    /// Records 1 to 4, most of them failed; also where each ends.
    fn segment() -> (Vec<u8>, Vec<usize>) {
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        let text = "a\u{1a}\nb";
        for (id, record) in [(1, failed("")), (2, Record::Done(trace(0.5))), (3, failed(text)), (4, failed("z"))] {
            bytes.extend(frame(id, &record));
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn a_whole_segment_is_all_frames() {
        let (bytes, _) = segment();
        let all = scanned(&bytes);
        assert_eq!((ids(&all), skipped(&all)), (vec![1, 2, 3, 4], vec![]));
        let failed: Vec<bool> = all.iter().map(|f| matches!(f, Found::Frame(f) if f.failed)).collect();
        assert_eq!(failed, [true, false, true, true]);
        assert_eq!(scanned(&[]), []);
    }

    #[test]
    fn a_cut_at_any_byte_loses_only_the_record_it_goes_through() {
        let (bytes, ends) = segment();
        for cut in 0..=bytes.len() {
            let all = scanned(&bytes[..cut]);
            let whole = ends.iter().filter(|&&end| end <= cut).count() as u64;
            assert_eq!(ids(&all), (1..=whole).collect::<Vec<_>>(), "cut at {cut}");
            assert_eq!(skipped(&all).is_empty(), cut == 0 || ends.contains(&cut), "cut at {cut}");
        }
    }

    #[test]
    fn a_flip_of_any_bit_loses_only_the_record_it_is_in() {
        let (mut bytes, ends) = segment();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let all = scanned(&bytes);
            let hit = ends.iter().position(|&end| bit / 8 < end).unwrap();
            let rest: Vec<u64> = (1..=4).filter(|&id| id != hit as u64 + 1).collect();
            assert_eq!(ids(&all), rest, "bit {bit}");
            let start = if hit == 0 { 0 } else { ends[hit - 1] };
            assert_eq!(skipped(&all), [(start as u64, ends[hit] as u64)], "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn bytes_that_were_lost_or_added_anywhere_cost_one_record_at_most() {
        let (bytes, ends) = segment();
        for at in 0..bytes.len() {
            let hit = ends.iter().position(|&end| at < end).unwrap() as u64 + 1;
            let rest: Vec<u64> = (1..=4).filter(|&id| id != hit).collect();
            let lost = [&bytes[..at], &bytes[at + 1..]].concat();
            assert_eq!(ids(&scanned(&lost)), rest, "without byte {at}");
            let added = [&bytes[..at], &[0x89, 0x76], &bytes[at..]].concat();
            let all = ids(&scanned(&added));
            assert!(rest.iter().all(|id| all.contains(id)), "more at byte {at}");
        }
    }

    #[test]
    fn a_record_behind_a_torn_one_is_found() {
        let torn = &frame(1, &Record::Done(trace(1.0)))[..100];
        let bytes = [torn, &frame(2, &failed("x"))].concat();
        let all = scanned(&bytes);
        assert_eq!((ids(&all), skipped(&all)), (vec![2], vec![(0, 100)]));
    }

    #[test]
    fn records_of_other_versions_are_whole_frames() {
        let all = scanned(&[foreign(1, 2, 1), foreign(2, 1, 9), frame(3, &failed(""))].concat());
        assert_eq!((ids(&all), skipped(&all)), (vec![1, 2, 3], vec![]));
    }

    /// Counts the bytes that are read.
    struct Counting<'a>(Cursor<&'a [u8]>, &'a std::cell::Cell<u64>);

    impl Read for Counting<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(to)?;
            self.1.set(self.1.get() + read as u64);
            Ok(read)
        }
    }

    impl Seek for Counting<'_> {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn heads_that_all_claim_the_rest_of_the_file_do_not_take_for_ever() {
        let head = &frame(7, &failed("x"))[..HEAD];
        let kept = frame(8, &failed("kept"));
        let mut bytes = kept.clone();
        for left in (0..20_000).rev() {
            bytes.extend(head);
            let rest = u32::try_from(left * HEAD).unwrap();
            let at = bytes.len() - HEAD;
            bytes[at + 22..at + 26].copy_from_slice(&rest.to_le_bytes());
        }
        let (read, mut all) = (std::cell::Cell::new(0), Vec::new());
        scan(Counting(Cursor::new(&bytes), &read), bytes.len() as u64, |found| all.push(found)).unwrap();
        assert_covers(&all, bytes.len() as u64);
        assert_eq!(ids(&all).first(), Some(&8));
        let times = read.get() / bytes.len() as u64;
        assert!(times <= 3 * MOST_IN_VAIN, "read {times} times");
    }

    #[test]
    fn a_file_that_shrank_meanwhile_is_read_to_its_end() {
        let (bytes, ends) = segment();
        for cut in [0, 1, ends[0], ends[0] + 50, ends[2]] {
            let mut all = Vec::new();
            scan(Cursor::new(&bytes[..cut]), bytes.len() as u64, |found| all.push(found)).unwrap();
            assert_covers(&all, bytes.len() as u64);
            assert_eq!(ids(&all).len(), ends.iter().filter(|&&end| end <= cut).count());
        }
    }

    /// Makes noise, whole frames, and what looks like a frame with whatever length.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            Just(MARKER.to_vec()),
            (0..MARKER.len()).prop_map(|n| MARKER[..n].to_vec()),
            (any::<u64>(), ".{0,40}").prop_map(|(id, text)| frame(id, &failed(&text))),
            (any::<u32>(), 0..300_u32, any::<bool>()).prop_map(|(long, short, is_short)| {
                let mut bytes = frame(7, &failed("x"));
                let length = if is_short { short } else { long };
                bytes[22..26].copy_from_slice(&length.to_le_bytes());
                bytes
            }),
        ]
    }

    proptest! {
        #[test]
        fn garbage_is_read_without_harm(pieces in proptest::collection::vec(piece(), 0..12)) {
            // `scanned` checks that what was found covers the bytes without a gap and does not pass their end.
            scanned(&pieces.concat());
        }

        #[test]
        fn whole_frames_between_noise_are_all_found(
            noise in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 1..8)
        ) {
            let mut bytes = Vec::new();
            for (id, noise) in noise.iter().enumerate() {
                bytes.extend(noise);
                bytes.extend(frame(id as u64, &failed("kept")));
            }
            prop_assert_eq!(ids(&scanned(&bytes)), (0..noise.len() as u64).collect::<Vec<_>>());
        }
    }
}
