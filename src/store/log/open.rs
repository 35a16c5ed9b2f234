//! A results folder opened for reading: its segments, their index, and each record by its run.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::SegmentFiles;
use super::frame::{self, FrameHead, HEAD, SCHEMA};
use super::index::Index;
use super::place::{Ending, RecordPlace};
use super::scan::{Found, WholeFrame, scan};
use super::segment;
use crate::config::open_file;
use crate::plan::Plan;
use crate::spec::{RunId, RunSpec};
use crate::store::error::StoreError;
use crate::store::notice::Notice;
use crate::trace::{Record, Trace};

/// The records of a results folder as they were when it was opened. Memory: 12 bytes for each run of the plan for which it
/// was opened, and 24 for each record of another run, which is kept and found by its id.
#[derive(Debug)]
pub struct Store {
    pub(in crate::store) folder: PathBuf,
    pub(in crate::store) index: Index,
    pub(in crate::store) segments: Vec<SegmentContents>,
    files: SegmentFiles,
}

/// Bytes of segments that are scanned together: what they hold waits in a fraction of that memory.
const MOST_TOGETHER: u64 = 8 << 20;

/// The contents of a segment, in numbers.
#[derive(Debug)]
pub(in crate::store) struct SegmentContents {
    pub(in crate::store) number: u32,
    /// Records that this vgrun can use, superseded or not.
    pub(in crate::store) records: u64,
    pub(in crate::store) other_numerics: u64,
    pub(in crate::store) other_schema: u64,
    pub(in crate::store) skipped: Vec<Range<u64>>,
    pub(in crate::store) length: u64,
}

impl SegmentContents {
    pub(in crate::store) fn new(number: u32) -> Self {
        Self { number, records: 0, other_numerics: 0, other_schema: 0, skipped: Vec::new(), length: 0 }
    }
}

impl Store {
    /// Opens `results/<name>/`, to be asked for a plan's runs; a folder that does not exist is an empty store.
    pub fn open(folder: &Path, plan: &Plan) -> Result<Self, StoreError> {
        Self::open_with(folder, Index::of_runs(plan.ids()), &mut |_, _| {})
    }

    /// Opens the folder into an index without records; `superseded` sees every record that does not count because
    /// another of its run does.
    pub(in crate::store) fn open_with(
        folder: &Path,
        index: Index,
        superseded: &mut dyn FnMut(RunId, RecordPlace),
    ) -> Result<Self, StoreError> {
        let mut store =
            Self { folder: folder.to_path_buf(), index, segments: Vec::new(), files: SegmentFiles::default() };
        let numbers = segment::numbers(folder)?;
        let mut rest = &numbers[..];
        while let Some(&first) = rest.first() {
            let (together, later) = rest.split_at(store.small_ones(rest));
            // One alone needs no threads.
            if together.len() < 2 {
                store.scan_segment(first, superseded)?;
                rest = &rest[1..];
            } else {
                store.scan_together(together, superseded)?;
                rest = later;
            }
        }
        store.index.settle();
        Ok(store)
    }

    /// Counts the first segments that are small enough together for what they hold to wait in memory.
    fn small_ones(&self, numbers: &[u32]) -> usize {
        let mut all = 0;
        let is_small = |number: &&u32| {
            all += fs::metadata(segment::path(&self.folder, **number)).map_or(0, |file| file.len());
            all <= MOST_TOGETHER
        };
        numbers.iter().take_while(is_small).count()
    }

    /// Adds segments in their order, read on all cores.
    fn scan_together(
        &mut self,
        numbers: &[u32],
        superseded: &mut dyn FnMut(RunId, RecordPlace),
    ) -> Result<(), StoreError> {
        let folder = &self.folder;
        let read = |&number: &u32| {
            let mut all = Vec::new();
            scan_file(folder, number, |found| all.push(found)).map(|length| length.map(|length| (number, length, all)))
        };
        let scanned: Vec<_> = numbers.par_iter().map(read).collect();
        for scanned in scanned {
            let Some((number, length, all)) = scanned? else { continue };
            let mut contents = SegmentContents { length, ..SegmentContents::new(number) };
            all.into_iter().for_each(|found| note(&mut self.index, &mut contents, found, superseded));
            self.segments.push(contents);
        }
        Ok(())
    }

    /// Adds a segment that has come into the folder.
    pub(in crate::store) fn scan_segment(
        &mut self,
        number: u32,
        superseded: &mut dyn FnMut(RunId, RecordPlace),
    ) -> Result<(), StoreError> {
        let (index, mut contents) = (&mut self.index, SegmentContents::new(number));
        let length = scan_file(&self.folder, number, |found| note(index, &mut contents, found, superseded))?;
        if let Some(length) = length {
            self.segments.push(SegmentContents { length, ..contents });
        }
        Ok(())
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns how the run ended, if there is a record of it. A failed run is to be tried again.
    pub fn ending(&self, id: RunId) -> Option<Ending> {
        self.index.get(id).map(|place| place.ending())
    }

    /// Returns how run number `run` of a plan ended, if there is a record of it.
    pub fn ending_of(&self, plan: &Plan, run: usize) -> Option<Ending> {
        self.index.get_run(plan.ids(), run).map(|place| place.ending())
    }

    /// Returns whether the run has a result.
    pub fn is_done(&self, id: RunId) -> bool {
        self.ending(id) == Some(Ending::Done)
    }

    /// Lists the runs that have a record, in the order of their ids.
    pub fn ids(&self) -> Vec<RunId> {
        let mut ids: Vec<RunId> = self.index.iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// Counts the records that are not used because another record of the same run is.
    pub fn superseded(&self) -> u64 {
        self.segments.iter().map(|s| s.records).sum::<u64>() - self.index.len() as u64
    }

    /// Reads the record of a run and checks it again; none where there is none.
    pub fn read(&self, id: RunId) -> Result<Option<Record>, StoreError> {
        self.index.get(id).map(|place| self.record(id, place)).transpose()
    }

    fn record(&self, id: RunId, place: RecordPlace) -> Result<Record, StoreError> {
        let frame = self.bytes(place, HEAD + place.payload as usize)?;
        frame.and_then(|frame| frame::decode(id, &frame)).ok_or_else(|| self.damaged(id, place))
    }

    /// Reads the record of a plan's run number `run`; a record of another net is an error.
    pub fn read_run(&self, plan: &Plan, run: usize) -> Result<Option<Record>, StoreError> {
        self.read_of(plan, run, &plan.spec(run))
    }

    /// Does what [`Store::read_run`] does, with the run's spec at hand.
    pub(crate) fn read_of(&self, plan: &Plan, run: usize, spec: &RunSpec) -> Result<Option<Record>, StoreError> {
        let Some(place) = self.index.get_run(plan.ids(), run) else { return Ok(None) };
        let id = plan.id(run);
        let record = self.record(id, place)?;
        let is_of_run = match &record {
            Record::Done(trace) => is_of(trace, spec),
            Record::Failed(_) => true,
        };
        if is_of_run { Ok(Some(record)) } else { Err(self.damaged(id, place)) }
    }

    /// Returns the length of the longest record that counts, and that of all together, in bytes.
    pub(crate) fn payloads(&self) -> (u32, u64) {
        self.index.payloads()
    }

    /// Reads the checksum of the frame at a place.
    pub(in crate::store) fn checksum(&self, id: RunId, place: RecordPlace) -> Result<[u8; 16], StoreError> {
        let head = self.bytes(place, HEAD)?.and_then(|bytes| FrameHead::parse(bytes.first_chunk()?));
        head.map(|head| head.checksum).ok_or_else(|| self.damaged(id, place))
    }

    fn damaged(&self, id: RunId, place: RecordPlace) -> StoreError {
        StoreError::Damaged { path: segment::path(&self.folder, place.segment), id, offset: place.offset() }
    }

    /// Reads the first bytes of the frame at a place; none where the file has become shorter or is gone.
    fn bytes(&self, place: RecordPlace, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let mut bytes = vec![0; length];
        let read = match self.files.get(&self.folder, place.segment) {
            Ok(None) => return Ok(None),
            Ok(Some(file)) => file.read_exact_at(&mut bytes, place.offset()),
            Err(e) => Err(e),
        };
        match read {
            Ok(()) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(e) => Err(StoreError::io("read", &segment::path(&self.folder, place.segment))(e)),
        }
    }

    /// Lists what the user should know about the folder.
    pub fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        for contents in &self.segments {
            notices.extend(contents.skipped.iter().map(|bytes| Notice::Skipped {
                segment: segment::path(&self.folder, contents.number),
                bytes: bytes.clone(),
                at_end: bytes.end == contents.length,
            }));
        }
        let count = |of: fn(&SegmentContents) -> u64| self.segments.iter().map(of).sum();
        notices.extend([
            Notice::OtherNumerics { records: count(|s| s.other_numerics) },
            Notice::OtherSchema { records: count(|s| s.other_schema) },
        ]);
        notices.retain(|n| !matches!(n, Notice::OtherNumerics { records: 0 } | Notice::OtherSchema { records: 0 }));
        notices
    }
}

/// Returns whether a trace has the layers and time steps of a spec's net. A run's id says so, too, unless somebody made
/// it up.
fn is_of(trace: &Trace, spec: &RunSpec) -> bool {
    let kind_and_length = trace.through_time.as_ref().map(|time| (time.kind, time.length));
    let expected = spec.model.kind.is_recurrent().then(|| (spec.model.kind, spec.data.length()));
    trace.layers_per_step() == spec.model.hidden_layers() + 1 && kind_and_length == expected
}

/// Reads a segment from front to back. Returns its length, or none where it is gone.
fn scan_file(folder: &Path, number: u32, found: impl FnMut(Found)) -> Result<Option<u64>, StoreError> {
    let path = segment::path(folder, number);
    let file = match open_file(&path) {
        // A writer compacted the folder between the listing and now.
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(StoreError::io("read", &path))?,
    };
    let length = file.metadata().map_err(StoreError::io("read", &path))?.len();
    scan(file, length, found).map_err(StoreError::io("read", &path))?;
    Ok(Some(length))
}

/// Enters what was found into the index and into what is known of the segment.
fn note(
    index: &mut Index,
    contents: &mut SegmentContents,
    found: Found,
    superseded: &mut dyn FnMut(RunId, RecordPlace),
) {
    match found {
        Found::Frame(frame) => {
            if let Some(place) = take_frame(index, contents, &frame) {
                superseded(frame.head.id, place);
            }
        }
        Found::Skipped(bytes) => contents.skipped.push(bytes),
    }
}

/// Enters a frame into the index. Returns the place of a record that counts no longer, or never did.
fn take_frame(index: &mut Index, contents: &mut SegmentContents, frame: &WholeFrame) -> Option<RecordPlace> {
    if frame.head.schema != SCHEMA {
        contents.other_schema += 1;
        None
    } else if !frame.head.is_ours() {
        contents.other_numerics += 1;
        None
    } else {
        let ending = if frame.failed { Ending::Failed } else { Ending::Done };
        contents.records += 1;
        index.insert(frame.head.id, RecordPlace::new(contents.number, frame.offset, frame.head.payload, ending))
    }
}
