//! Reading the records of a results folder.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::files::Files;
use super::frame::{self, HEAD, Head, SCHEMA};
use super::index::{Ending, Index, Place};
use super::scan::{Found, Frame, scan};
use super::{Notice, StoreError, segment};
use crate::plan::Plan;
use crate::spec::{RunId, RunSpec};
use crate::trace::{Record, Trace};

/// The records of a results folder as they were when it was opened. Memory: one small index entry per run.
#[derive(Debug)]
pub struct Store {
    pub(super) folder: PathBuf,
    pub(super) index: Index,
    pub(super) segments: Vec<Contents>,
    files: Files,
}

/// What a segment holds.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) number: u32,
    /// Records that this vgrun can use, superseded or not.
    pub(super) records: u64,
    pub(super) other_numerics: u64,
    pub(super) other_schema: u64,
    pub(super) skipped: Vec<Range<u64>>,
    pub(super) length: u64,
}

impl Contents {
    pub(super) fn new(number: u32) -> Self {
        Self { number, records: 0, other_numerics: 0, other_schema: 0, skipped: Vec::new(), length: 0 }
    }
}

impl Store {
    /// Opens `results/<name>/`; a folder that does not exist is an empty store.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, &mut |_, _| {})
    }

    /// The same; `superseded` sees every record that does not count because another of its run does.
    pub(super) fn open_with(folder: &Path, superseded: &mut dyn FnMut(RunId, Place)) -> Result<Self, StoreError> {
        let (index, segments) = (Index::default(), Vec::new());
        let mut store = Self { folder: folder.to_path_buf(), index, segments, files: Files::default() };
        for number in segment::numbers(folder)? {
            store.scan_segment(number, superseded)?;
        }
        store.index.settle();
        Ok(store)
    }

    /// Adds a segment that has come into the folder.
    pub(super) fn scan_segment(
        &mut self,
        number: u32,
        superseded: &mut dyn FnMut(RunId, Place),
    ) -> Result<(), StoreError> {
        let path = segment::path(&self.folder, number);
        let file = match File::open(&path) {
            // A writer compacted the folder between the listing and now.
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            file => file.map_err(StoreError::io("read", &path))?,
        };
        let length = file.metadata().map_err(StoreError::io("read", &path))?.len();
        let mut contents = Contents { length, ..Contents::new(number) };
        let index = &mut self.index;
        scan(file, length, |found| match found {
            Found::Frame(frame) => {
                if let Some(place) = take_frame(index, &mut contents, &frame) {
                    superseded(frame.head.id, place);
                }
            }
            Found::Skipped(bytes) => contents.skipped.push(bytes),
        })
        .map_err(StoreError::io("read", &path))?;
        self.segments.push(contents);
        Ok(())
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How the run ended, if there is a record of it. A failed run is to be tried again.
    pub fn ending(&self, id: RunId) -> Option<Ending> {
        self.index.get(id).map(|place| place.ending())
    }

    /// Whether the run has a result.
    pub fn is_done(&self, id: RunId) -> bool {
        self.ending(id) == Some(Ending::Done)
    }

    /// The runs that have a record, in the order of their ids.
    pub fn ids(&self) -> Vec<RunId> {
        let mut ids: Vec<RunId> = self.index.iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// Records that are not used because another record of the same run is.
    pub fn superseded(&self) -> u64 {
        self.segments.iter().map(|s| s.records).sum::<u64>() - self.index.len() as u64
    }

    /// The record of a run, checked again; none where there is none.
    pub fn read(&self, id: RunId) -> Result<Option<Record>, StoreError> {
        let Some(place) = self.index.get(id) else { return Ok(None) };
        let frame = self.bytes(place, HEAD + place.payload as usize)?;
        let record = frame.and_then(|frame| frame::decode(id, &frame));
        record.map(Some).ok_or_else(|| self.damaged(id, place))
    }

    /// The record of a plan's run number `run`; that of another net is an error.
    pub fn read_run(&self, plan: &Plan, run: usize) -> Result<Option<Record>, StoreError> {
        let id = plan.id(run);
        let Some(record) = self.read(id)? else { return Ok(None) };
        let is_of_run = match &record {
            Record::Done(trace) => is_of(trace, &plan.spec(run)),
            Record::Failed(_) => true,
        };
        match self.index.get(id) {
            Some(place) if !is_of_run => Err(self.damaged(id, place)),
            Some(_) | None => Ok(Some(record)),
        }
    }

    /// The checksum of the frame at a place.
    pub(super) fn checksum(&self, id: RunId, place: Place) -> Result<[u8; 16], StoreError> {
        let head = self.bytes(place, HEAD)?.and_then(|bytes| Head::parse(bytes.first_chunk()?));
        head.map(|head| head.checksum).ok_or_else(|| self.damaged(id, place))
    }

    fn damaged(&self, id: RunId, place: Place) -> StoreError {
        StoreError::Damaged { path: segment::path(&self.folder, place.segment), id, offset: place.offset() }
    }

    /// The first bytes of the frame at a place; none where the file has become shorter or is gone.
    fn bytes(&self, place: Place, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
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

    /// What the user should know about the folder.
    pub fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        for contents in &self.segments {
            notices.extend(contents.skipped.iter().map(|bytes| Notice::Skipped {
                segment: segment::path(&self.folder, contents.number),
                bytes: bytes.clone(),
                at_end: bytes.end == contents.length,
            }));
        }
        let count = |of: fn(&Contents) -> u64| self.segments.iter().map(of).sum();
        notices.extend([
            Notice::OtherNumerics { records: count(|s| s.other_numerics) },
            Notice::OtherSchema { records: count(|s| s.other_schema) },
        ]);
        notices.retain(|n| !matches!(n, Notice::OtherNumerics { records: 0 } | Notice::OtherSchema { records: 0 }));
        notices
    }
}

/// Whether a trace has the layers and time steps of a spec's net. A run's id says so, too, unless somebody made it up.
fn is_of(trace: &Trace, spec: &RunSpec) -> bool {
    let kind_and_length = trace.through_time.as_ref().map(|time| (time.kind, time.length));
    let expected = spec.model.kind.is_recurrent().then(|| (spec.model.kind, spec.data.length()));
    trace.layers_per_step() == spec.model.hidden_layers() + 1 && kind_and_length == expected
}

/// Enters a frame into the index; gives the place of a record back that counts no longer, or never did.
fn take_frame(index: &mut Index, contents: &mut Contents, frame: &Frame) -> Option<Place> {
    if frame.head.schema != SCHEMA {
        contents.other_schema += 1;
        None
    } else if !frame.head.is_ours() {
        contents.other_numerics += 1;
        None
    } else {
        let ending = if frame.failed { Ending::Failed } else { Ending::Done };
        contents.records += 1;
        index.insert(frame.head.id, Place::new(contents.number, frame.offset, frame.head.payload, ending))
    }
}
