//! One record as bytes: a frame that describes itself. So a segment needs no header, and damage to one record costs no
//! other.
//!
//! | bytes | what |
//! |---|---|
//! | 0..8 | marker |
//! | 8..10 | schema of the payload |
//! | 10..14 | numerics version |
//! | 14..22 | run id |
//! | 22..26 | length of the payload |
//! | 26..42 | checksum: the first 16 bytes of blake3 over all other bytes of the frame |
//! | 42.. | payload: postcard of a `Record` |
//!
//! Numbers are little-endian. A change of `Record` or anything in it is a new schema.

use crate::spec::{NUMERICS, RunId};
use crate::trace::Record;

/// The format of the payload.
pub(in crate::store) const SCHEMA: u16 = 5;

/// The first bytes of every frame. They are all different, which lets a search for them go byte by byte without
/// ever stepping back.
pub(super) const MARKER: [u8; 8] = *b"\x89vgrun\x1a\n";

/// The length of everything before the payload.
pub(in crate::store) const HEAD: usize = 42;

const CHECKSUM: std::ops::Range<usize> = 26..HEAD;

/// Everything before the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHead {
    pub(super) schema: u16,
    pub(super) numerics: u32,
    pub(super) id: RunId,
    pub(super) payload: u32,
    pub(super) checksum: [u8; 16],
}

impl FrameHead {
    /// Reads a head; none where the marker is not in place.
    pub(super) fn parse(bytes: &[u8; HEAD]) -> Option<Self> {
        fn take<const N: usize>(bytes: &[u8; HEAD], at: usize) -> [u8; N] {
            bytes[at..at + N].try_into().expect("the range is N long")
        }
        (bytes[..8] == MARKER).then(|| Self {
            schema: u16::from_le_bytes(take(bytes, 8)),
            numerics: u32::from_le_bytes(take(bytes, 10)),
            id: RunId(u64::from_le_bytes(take(bytes, 14))),
            payload: u32::from_le_bytes(take(bytes, 22)),
            checksum: take(bytes, CHECKSUM.start),
        })
    }

    /// Returns whether this version of vgrun can use the record.
    pub(super) fn is_ours(&self) -> bool {
        self.schema == SCHEMA && self.numerics == NUMERICS
    }
}

/// The checksum of a frame whose payload comes piece by piece.
pub(super) struct FrameCheck(blake3::Hasher);

impl FrameCheck {
    /// Begins the checksum with the head's bytes before it.
    pub(super) fn new(head: &[u8; HEAD]) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(&head[..CHECKSUM.start]);
        Self(hash)
    }

    /// Adds the next piece of the payload.
    pub(super) fn update(&mut self, payload: &[u8]) {
        self.0.update(payload);
    }

    /// Returns whether the frame is as it was written.
    pub(super) fn holds(&self, head: &FrameHead) -> bool {
        self.value() == head.checksum
    }

    fn value(&self) -> [u8; 16] {
        self.0.finalize().as_bytes()[..16].try_into().expect("a hash has 32 bytes")
    }
}

/// Writes the frame of a record over `frame`; false where the payload is too long for the format.
pub(in crate::store) fn encode(id: RunId, record: &Record, frame: &mut Vec<u8>) -> bool {
    frame.clear();
    frame.extend_from_slice(&MARKER);
    frame.extend_from_slice(&SCHEMA.to_le_bytes());
    frame.extend_from_slice(&NUMERICS.to_le_bytes());
    frame.extend_from_slice(&id.0.to_le_bytes());
    frame.extend_from_slice(&[0; 20]);
    *frame = postcard::to_extend(record, std::mem::take(frame))
        .expect("numbers and text always serialize, and a Vec takes all of them");
    let Ok(payload) = u32::try_from(frame.len() - HEAD) else { return false };
    frame[22..26].copy_from_slice(&payload.to_le_bytes());
    let (head, payload) = frame.split_at_mut(HEAD);
    let head: &mut [u8; HEAD] = head.try_into().expect("split at the head's length");
    let mut check = FrameCheck::new(head);
    check.update(payload);
    head[CHECKSUM].copy_from_slice(&check.value());
    true
}

/// Reads the frame of `id`; none where a bit of it has changed, or where no vgrun can have written it.
pub(super) fn decode(id: RunId, frame: &[u8]) -> Option<Record> {
    let (bytes, payload) = frame.split_first_chunk::<HEAD>()?;
    let head = FrameHead::parse(bytes)?;
    let mut check = FrameCheck::new(bytes);
    check.update(payload);
    if head.id != id || !head.is_ours() || !check.holds(&head) {
        return None;
    }
    // Whoever computes the checksum may write anything: what reads a trace relies on its parts.
    let is_whole = |record: &Record| match record {
        Record::Done(trace) => trace.is_whole(),
        Record::Failed(_) => true,
    };
    postcard::from_bytes(payload).ok().filter(is_whole)
}

/// Returns whether a payload that begins with `first` is a failed run: postcard writes a variant's number first.
pub(super) fn is_failed(first: Option<u8>) -> bool {
    first == Some(1)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
pub(in crate::store) mod tests {
    use super::*;
    use crate::store::fixtures::{failed, recurrent_trace, trace};
    use crate::trace::Trace;

    pub(in crate::store) fn frame(id: u64, record: &Record) -> Vec<u8> {
        let mut frame = Vec::new();
        assert!(encode(RunId(id), record, &mut frame));
        frame
    }

    /// A frame of another schema or numerics version, with a checksum that holds.
    pub(in crate::store) fn foreign(id: u64, schema: u16, numerics: u32) -> Vec<u8> {
        let mut bytes = frame(id, &failed("from elsewhere"));
        bytes[8..10].copy_from_slice(&schema.to_le_bytes());
        bytes[10..14].copy_from_slice(&numerics.to_le_bytes());
        let (head, payload) = bytes.split_first_chunk_mut::<HEAD>().unwrap();
        let mut check = FrameCheck::new(head);
        check.update(payload);
        head[CHECKSUM].copy_from_slice(&check.value());
        bytes
    }

    #[test]
    fn a_record_comes_back_bit_for_bit() {
        for record in [Record::Done(recurrent_trace(5e-324)), Record::Done(trace(5e-324))] {
            let bytes = frame(3, &record);
            assert_eq!(format!("{:?}", decode(RunId(3), &bytes).unwrap()), format!("{record:?}"));
        }
        let bytes = frame(3, &Record::Done(trace(1.0)));
        assert_eq!(decode(RunId(4), &bytes), None);
        assert!(!is_failed(bytes.get(HEAD).copied()));
        assert!(is_failed(frame(3, &failed("")).get(HEAD).copied()));
    }

    #[test]
    fn the_format_is_the_one_of_schema_5() {
        let bytes = frame(3, &failed("a"));
        let head = b"\x89vgrun\x1a\n\x05\0\x05\0\0\0\x03\0\0\0\0\0\0\0\x03\0\0\0";
        assert_eq!(bytes[..26], *head);
        assert_eq!(bytes[HEAD..], *b"\x01\x01a");
        let whole = [&bytes[..26], &bytes[HEAD..]].concat();
        assert_eq!(bytes[CHECKSUM], blake3::hash(&whole).as_bytes()[..16]);
        // Everything that a record holds: a change here is a change of the format, and needs a new schema.
        let hash = |trace| blake3::hash(&frame(3, &Record::Done(trace))[HEAD..]).to_hex()[..16].to_owned();
        assert_eq!(
            (hash(trace(0.5)), hash(recurrent_trace(0.5))),
            ("a4acc262f1a48066".into(), "b2272dc3d7d79f18".into())
        );
    }

    #[test]
    fn a_trace_whose_parts_do_not_fit_is_no_record() {
        let spoil: [fn(&mut Trace); 8] = [
            |trace| trace.steps.clear(),
            |trace| trace.layers.clear(),
            |trace| trace.layers.truncate(3),
            |trace| trace.layers.truncate(2),
            |trace| trace.through_time.as_mut().unwrap().length = usize::MAX,
            |trace| trace.through_time.as_mut().unwrap().first_answer = 0,
            |trace| trace.through_time.as_mut().unwrap().times.truncate(5),
            |trace| trace.through_time.as_mut().unwrap().gates.clear(),
        ];
        let good = recurrent_trace(1.0);
        assert!(decode(RunId(1), &frame(1, &Record::Done(good.clone()))).is_some());
        for (i, spoil) in spoil.into_iter().enumerate() {
            let mut bad = good.clone();
            spoil(&mut bad);
            assert_eq!(decode(RunId(1), &frame(1, &Record::Done(bad))), None, "{i}");
        }
    }
}
