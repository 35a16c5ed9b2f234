//! Putting together what several writers stored. A result that stands twice must be the same both times, and segments of
//! other folders are copied in, each whole or not at all.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::atomic::AtomicFile;
use super::error::StoreError;
use super::log::{Ending, Index, RecordPlace, SegmentContents, Store, segment};
use super::notice::Notice;
use super::shards::ShardManifest;
use super::writer::Writer;
use crate::config::open_file;
use crate::plan::{Plan, changed_keys};
use crate::spec::{NUMERICS, RunId};

/// Counts of what a merge found in a folder, or took in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Segments that were copied.
    pub segments: usize,
    /// Results that stood twice, the same to the byte.
    pub duplicates: usize,
    /// Files that runs were asked to keep, and that were copied.
    pub kept: usize,
}

impl ShardManifest {
    /// Refuses a shard that did not train runs of this plan, whose hash is `hash`, in these numerics.
    pub fn must_fit(&self, path: &Path, plan: &Plan, hash: &str) -> Result<(), StoreError> {
        let path = path.to_path_buf();
        if self.sweep.plan != hash {
            let changes = changed_keys(&self.sweep.values, &plan.value_sets());
            let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
            let changes = if changes.is_empty() { String::new() } else { format!(" ({})", changes.join(", ")) };
            return Err(StoreError::OtherPlan { path, theirs: self.sweep.plan.clone(), ours: hash.into(), changes });
        }
        if self.sweep.numerics != NUMERICS {
            return Err(StoreError::OtherNumerics { path, theirs: self.sweep.numerics, ours: NUMERICS });
        }
        Ok(())
    }
}

impl Writer {
    /// Opens a folder to merge what its shards stored; see [`Writer::create`]. A result that stands twice must be the
    /// same to the byte.
    pub fn merging(folder: &Path, plan: &Plan) -> Result<(Self, Vec<Notice>, Taken), StoreError> {
        let mut twice = Vec::new();
        let (writer, notices) =
            Self::create_with(folder, "main", Index::of_runs(plan.ids()), &mut twice_in(plan, &mut twice))?;
        let duplicates = writer.store().must_agree(&twice)?;
        Ok((writer, notices, Taken { duplicates, ..Taken::default() }))
    }

    /// Takes in the records of the plan's runs that are in the experiment's folder `from` and not here, with all files that
    /// belong to them. Does nothing the second time.
    pub fn take_in(&mut self, plan: &Plan, from: &Path) -> Result<Taken, StoreError> {
        let mut twice = Vec::new();
        // A shard has few runs: an index of the whole plan would take longer to walk than they do.
        let theirs = Store::open_with(from, Index::default(), &mut twice_in(plan, &mut twice))?;
        let mut taken = Taken { duplicates: theirs.must_agree(&twice)?, ..Taken::default() };
        let mut needed = Vec::new();
        // In the order of the ids, so that of several conflicts the same one is told every time.
        for id in theirs.ids() {
            let Some(run) = plan.find(id) else { continue };
            let place = theirs.index.get(id).expect("the store has these ids");
            match self.store().index.get_run(plan.ids(), run) {
                Some(ours) if ours.ending() == Ending::Done && place.ending() == Ending::Done => {
                    same(id, (self.store(), ours), (&theirs, place))?;
                    taken.duplicates += 1;
                }
                Some(ours) if ours.ending() == place.ending() || ours.ending() == Ending::Done => {}
                Some(_) | None => needed.push(place.segment),
            }
            taken.kept += self.take_kept(id, &plan.spec(run), from)?;
        }
        needed.sort_unstable();
        needed.dedup();
        for contents in theirs.segments.iter().filter(|contents| needed.binary_search(&contents.number).is_ok()) {
            self.copy_segment(from, contents)?;
            taken.segments += 1;
        }
        ShardManifest::take_in(self.store().folder(), from)?;
        Ok(taken)
    }

    fn copy_segment(&mut self, from: &Path, contents: &SegmentContents) -> Result<(), StoreError> {
        let source = segment::path(from, contents.number);
        let folder = self.store().folder().to_path_buf();
        let mut number = segment::numbers(&folder)?.last().map_or(1, |last| last + 1);
        let name = |number| segment::path(&folder, number).file_name().map(|n| n.to_string_lossy().into_owned());
        let mut copy = AtomicFile::create(&segment::runs_folder(&folder), name(number).expect("a segment has a name"))?;
        let file = open_file(&source).map_err(StoreError::io("read", &source))?;
        // Not what its writer may be appending at this moment.
        io::copy(&mut file.take(contents.length), &mut copy).map_err(StoreError::io("copy", &source))?;
        while let Err(again) = copy.publish_new()? {
            // The writer of another shard took the number meanwhile.
            (copy, number) = (again, number + 1);
            copy.rename(&name(number).expect("a segment has a name"));
        }
        self.store_mut().scan_segment(number, &mut |_, _| {})
    }
}

/// Makes what notes the results of the plan's runs that do not count because another one does.
fn twice_in<'a>(plan: &'a Plan, twice: &'a mut Vec<(RunId, RecordPlace)>) -> impl FnMut(RunId, RecordPlace) + 'a {
    |id, place| {
        if place.ending() == Ending::Done && plan.find(id).is_some() {
            twice.push((id, place));
        }
    }
}

impl Store {
    /// Refuses results that differ from those that count for their runs. Returns how many there are.
    fn must_agree(&self, twice: &[(RunId, RecordPlace)]) -> Result<usize, StoreError> {
        for &(id, place) in twice {
            let counts = self.index.get(id).expect("a superseded record has one that counts");
            same(id, (self, counts), (self, place))?;
        }
        Ok(twice.len())
    }

    fn segment_path(&self, place: RecordPlace) -> PathBuf {
        segment::path(self.folder(), place.segment)
    }
}

/// Refuses two results of a run that are not the same to the byte, by their checksums.
fn same(id: RunId, (a, at_a): (&Store, RecordPlace), (b, at_b): (&Store, RecordPlace)) -> Result<(), StoreError> {
    if at_a.payload == at_b.payload && a.checksum(id, at_a)? == b.checksum(id, at_b)? {
        return Ok(());
    }
    Err(StoreError::Conflict { id, a: a.segment_path(at_a), b: b.segment_path(at_b) })
}
