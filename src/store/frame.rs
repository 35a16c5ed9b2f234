//! One record as bytes: a frame that describes itself, so that a segment needs no header and survives any damage but
//! that to the record itself.
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
pub(super) const SCHEMA: u16 = 5;

/// What every frame begins with. Its bytes are all different, which lets a search for it go byte by byte without
/// ever stepping back.
pub(super) const MARKER: [u8; 8] = *b"\x89vgrun\x1a\n";

/// The length of everything before the payload.
pub(super) const HEAD: usize = 42;

const CHECKSUM: std::ops::Range<usize> = 26..HEAD;

/// Everything before the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) schema: u16,
    pub(super) numerics: u32,
    pub(super) id: RunId,
    pub(super) payload: u32,
    pub(super) checksum: [u8; 16],
}

impl Head {
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

    /// Whether this version of vgrun can use the record.
    pub(super) fn is_ours(&self) -> bool {
        self.schema == SCHEMA && self.numerics == NUMERICS
    }
}

/// The checksum of a frame whose payload comes piece by piece.
pub(super) struct Check(blake3::Hasher);

impl Check {
    /// Begins with the head's bytes before the checksum.
    pub(super) fn new(head: &[u8; HEAD]) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(&head[..CHECKSUM.start]);
        Self(hash)
    }

    /// Takes the next piece of the payload.
    pub(super) fn update(&mut self, payload: &[u8]) {
        self.0.update(payload);
    }

    /// Whether the frame is as it was written.
    pub(super) fn holds(&self, head: &Head) -> bool {
        self.value() == head.checksum
    }

    fn value(&self) -> [u8; 16] {
        self.0.finalize().as_bytes()[..16].try_into().expect("a hash has 32 bytes")
    }
}

/// Writes the frame of a record over `frame`; false where the payload is too long for the format.
pub(super) fn encode(id: RunId, record: &Record, frame: &mut Vec<u8>) -> bool {
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
    let mut check = Check::new(head);
    check.update(payload);
    head[CHECKSUM].copy_from_slice(&check.value());
    true
}

/// Reads the frame of `id`; none where a bit of it is not as it was written, or where no vgrun can have written it.
pub(super) fn decode(id: RunId, frame: &[u8]) -> Option<Record> {
    let (bytes, payload) = frame.split_first_chunk::<HEAD>()?;
    let head = Head::parse(bytes)?;
    let mut check = Check::new(bytes);
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

/// Whether a payload that begins with `first` is a failed run: postcard writes a variant's number first.
pub(super) fn is_failed(first: Option<u8>) -> bool {
    first == Some(1)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
pub(super) mod tests {
    use super::*;
    use crate::data::Moments;
    use crate::metric::{Gains, GateReading, LayerReading, RowStatus, TimeReading};
    use crate::nn::ModelKind;
    use crate::trace::{Outcome, StepReading, ThroughTime, Trace};

    /// A small diverged run with one layer and a head at two steps; `x` stands in every layer.
    pub(in crate::store) fn trace(x: f64) -> Trace {
        let outcome = Outcome {
            diverged_at: Some(7),
            loss_first: 2.5,
            loss_last: f64::NAN,
            accuracy_last: 0.25,
            loss_of_chance: 2.25,
            test_loss: f64::INFINITY,
            test_accuracy: 0.125,
            parameters: 300,
        };
        let step =
            |step| StepReading { step, loss: 2.0, accuracy: 0.5, total_grad_norm: f64::NEG_INFINITY, clip_factor: 1.0 };
        let layer = LayerReading {
            grad_norm: x,
            delta_rms: x,
            log10_grad_norm: x,
            log10_delta_rms: -x,
            weight_norm: 1.0,
            update_norm: 0.5,
            moved: 0.25,
            act_mean: 0.0,
            act_std: 1.0,
            zero_fraction: 0.0,
            saturated_fraction: 0.0,
            gains: Some(Gains { weight: x, activation: -x, norm: 0.0, branch_share: 1.0 }),
            status: RowStatus::Underflow,
        };
        let inputs = Moments { inputs: 3, square: 1.25, variance: 1.0, unevenness: 0.5, directions: 2.5 };
        Trace { outcome, inputs, steps: vec![step(0), step(9)], layers: vec![layer; 4], through_time: None }
    }

    /// The same of an lstm with one layer, over three time steps; `x` is what reaches the second of them.
    pub(in crate::store) fn recurrent_trace(x: f64) -> Trace {
        let time = |dh_rms, dc_rms, status| TimeReading::new([dh_rms, dc_rms, 0.5], status);
        let times = [
            time(0.0, x, RowStatus::Underflow),
            time(x, f64::NAN, RowStatus::Underflow),
            time(f64::from(0.1_f32), 2.0, RowStatus::Ok),
        ];
        let through_time = ThroughTime {
            kind: ModelKind::Lstm,
            length: 3,
            first_answer: 3,
            times: [times, times].concat(),
            gates: vec![GateReading { mean: 0.25, saturated_fraction: 0.125 }; 2 * 4],
        };
        Trace { through_time: Some(through_time), ..trace(x) }
    }

    pub(in crate::store) fn failed(text: &str) -> Record {
        Record::Failed(text.into())
    }

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
        let mut check = Check::new(head);
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
