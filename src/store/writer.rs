//! Writing the records of a results folder: one writer per folder and shard.

use std::fs::{self, File};
use std::path::Path;

use super::error::StoreError;
use super::lock::WriterLock;
use super::log::frame::{self, HEAD};
use super::log::segment::{self, Segment};
use super::log::{Ending, Index, RecordPlace, SegmentContents, Store};
use super::notice::Notice;
use super::{atomic, kept_files, shards};
use crate::plan::Plan;
use crate::spec::RunId;
use crate::trace::Record;

/// The one writer of a folder's shard. Its segment comes into being with the first record. Dropping it gives the lock
/// back; [`Writer::finish`] also says whether everything reached the disk.
#[derive(Debug)]
pub struct Writer {
    store: Store,
    segment: Option<Segment<File>>,
    /// The frame being written, kept for its memory.
    frame: Vec<u8>,
    lock: WriterLock,
}

impl Writer {
    /// Takes the lock of `shard` ("main" where there are none) and opens the folder for a plan's runs; it is created
    /// where it does not exist. The notices are what the user should know.
    pub fn create(folder: &Path, shard: &str, plan: &Plan) -> Result<(Self, Vec<Notice>), StoreError> {
        Self::create_with(folder, shard, Index::of_runs(plan.ids()), &mut |_, _| {})
    }

    /// Does what [`Writer::create`] does, into an index without records; `superseded` sees every record that does not
    /// count because another of its run does.
    pub(super) fn create_with(
        folder: &Path,
        shard: &str,
        index: Index,
        superseded: &mut dyn FnMut(RunId, RecordPlace),
    ) -> Result<(Self, Vec<Notice>), StoreError> {
        let runs = segment::own_runs_folder(folder)?;
        fs::create_dir_all(&runs).map_err(StoreError::io("create", &runs))?;
        let (lock, took_over) = WriterLock::take(&runs, shard)?;
        atomic::remove_leftovers(folder)?;
        kept_files::remove_leftovers(folder)?;
        shards::remove_leftovers(folder)?;
        // Only now: what a writer that has just ended appended must be seen.
        let store = Store::open_with(folder, index, superseded)?;
        let notices = took_over.into_iter().chain(store.notices()).collect();
        Ok((Self { store, segment: None, frame: Vec::new(), lock }, notices))
    }

    /// Returns the records of the folder, those of this writer included.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the same records, to be told of segments that came in.
    pub(super) fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Adds a record. It wins over every earlier one of the run, but for a failure beside a result. After an error
    /// the writer can go on.
    pub fn append(&mut self, id: RunId, record: &Record) -> Result<(), StoreError> {
        if !frame::encode(id, record, &mut self.frame) {
            return Err(StoreError::TooLarge { id });
        }
        let mut segment = match self.segment.take() {
            Some(segment) => segment,
            None => self.create_segment()?,
        };
        let appended = segment.append(&self.frame);
        if appended.as_ref().map_or_else(|failure| failure.is_usable, |_| true) {
            // Otherwise the next record begins a new segment, behind no torn one.
            self.segment = Some(segment);
        }
        let offset = appended.map_err(|failure| failure.error)?;
        let ending = match record {
            Record::Done(_) => Ending::Done,
            Record::Failed(_) => Ending::Failed,
        };
        let contents = self.store.segments.last_mut().expect("creating the segment added its contents");
        contents.records += 1;
        contents.length = offset + self.frame.len() as u64;
        let payload = u32::try_from(self.frame.len() - HEAD).expect("encoding checked the length");
        self.store.index.insert(id, RecordPlace::new(contents.number, offset, payload, ending));
        Ok(())
    }

    fn create_segment(&mut self) -> Result<Segment<File>, StoreError> {
        let segment = Segment::create(&self.store.folder)?;
        self.store.segments.push(SegmentContents::new(segment.number));
        Ok(segment)
    }

    /// Removes the segments in which every record is superseded, and returns how many that were. Does nothing while
    /// another shard has a lock, since its writer may be appending to one of them.
    pub fn compact(&mut self) -> Result<usize, StoreError> {
        if self.lock.has_company()? {
            return Ok(0);
        }
        let dead = self.superseded_segments();
        if dead.is_empty() {
            return Ok(0);
        }
        // What stands in for the removed records must be on the disk before they are gone from it.
        for contents in self.store.segments.iter().filter(|s| !dead.contains(&s.number)) {
            let path = segment::path(&self.store.folder, contents.number);
            File::open(&path).and_then(|file| file.sync_all()).map_err(StoreError::io("write to disk", &path))?;
        }
        for &number in &dead {
            let path = segment::path(&self.store.folder, number);
            fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
            self.store.segments.retain(|s| s.number != number);
        }
        Ok(dead.len())
    }

    /// Lists the segments without a record that counts. The last one is never among them, so that its number is not given
    /// twice; nor is one with damage or with records of another version, which are not superseded by anything.
    fn superseded_segments(&self) -> Vec<u32> {
        let mut counts: Vec<u32> = self.store.index.iter().map(|(_, place)| place.segment).collect();
        counts.sort_unstable();
        counts.dedup();
        let Some((_, earlier)) = self.store.segments.split_last() else { return Vec::new() };
        earlier
            .iter()
            .filter(|s| s.records > 0 && s.skipped.is_empty() && s.other_numerics + s.other_schema == 0)
            .filter(|s| counts.binary_search(&s.number).is_err())
            .map(|s| s.number)
            .collect()
    }

    /// Brings all records to the disk.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.segment.as_ref().map_or(Ok(()), Segment::sync)
    }

    /// Brings all records to the disk, gives the lock back and returns the store for reading.
    pub fn finish(self) -> Result<Store, StoreError> {
        self.sync()?;
        Ok(self.store)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::store::fixtures::{failed, trace};
    use crate::store::log::frame::tests::foreign;
    use tempfile::TempDir;

    fn folder() -> TempDir {
        tempfile::tempdir().unwrap()
    }

    /// Makes the index of a plan of some of the runs.
    fn some() -> Index {
        Index::of_runs(&std::sync::Arc::new(crate::plan::RunIds::new(vec![10, 1, 3])))
    }

    fn create(folder: &TempDir, shard: &str) -> Result<(Writer, Vec<Notice>), StoreError> {
        Writer::create_with(folder.path(), shard, some(), &mut |_, _| {})
    }

    fn open(folder: &TempDir) -> Store {
        open_path(folder.path())
    }

    fn open_path(folder: &Path) -> Store {
        Store::open_with(folder, some(), &mut |_, _| {}).unwrap()
    }

    fn writer(folder: &TempDir) -> Writer {
        let (writer, notices) = create(folder, "main").unwrap();
        assert_eq!(notices, []);
        writer
    }

    /// Appends in a segment of its own.
    fn append(folder: &TempDir, records: &[(u64, Record)]) {
        let mut writer = writer(folder);
        for (id, record) in records {
            writer.append(RunId(*id), record).unwrap();
        }
        writer.finish().unwrap();
    }

    fn done(x: f64) -> Record {
        let mut trace = trace(x);
        trace.outcome.loss_last = x;
        Record::Done(trace)
    }

    fn segments(folder: &TempDir) -> Vec<u32> {
        segment::numbers(folder.path()).unwrap()
    }

    #[test]
    fn a_writer_with_nothing_to_write_leaves_no_file() {
        let folder = folder();
        let store = writer(&folder).finish().unwrap();
        assert_eq!(store.ids(), []);
        assert_eq!(fs::read_dir(folder.path().join("runs")).unwrap().count(), 0);
    }

    #[test]
    fn what_was_written_is_read_by_the_writer_and_by_a_later_store() {
        let folder = folder();
        let mut writer = writer(&folder);
        let records = [(3, done(0.5)), (1, failed("no memory")), (2, done(5e-324))];
        for (id, record) in &records {
            writer.append(RunId(*id), record).unwrap();
        }
        let hold = |store: &Store| {
            assert_eq!(store.ids(), [RunId(1), RunId(2), RunId(3)]);
            for (id, record) in &records {
                assert_eq!(store.read(RunId(*id)).unwrap().as_ref(), Some(record));
            }
            assert_eq!(store.ending(RunId(1)), Some(Ending::Failed));
            assert!(store.is_done(RunId(2)) && !store.is_done(RunId(1)) && !store.is_done(RunId(9)));
            assert_eq!(store.read(RunId(9)).unwrap(), None);
            assert_eq!(store.notices(), []);
        };
        hold(writer.store());
        hold(&open(&folder));
        hold(&writer.finish().unwrap());
        assert_eq!(segments(&folder), [1]);
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_empty_store() {
        let store = open_path(&folder().path().join("never"));
        assert_eq!((store.ids(), store.notices()), (vec![], vec![]));
    }

    #[test]
    fn later_records_win_but_a_failure_never_hides_a_result() {
        let folder = folder();
        append(&folder, &[(1, done(1.0)), (2, failed("first")), (3, done(1.0))]);
        append(&folder, &[(1, done(2.0)), (2, failed("second")), (3, failed("later"))]);
        let store = open(&folder);
        assert_eq!(store.read(RunId(1)).unwrap(), Some(done(2.0)));
        assert_eq!(store.read(RunId(2)).unwrap(), Some(failed("second")));
        assert_eq!(store.read(RunId(3)).unwrap(), Some(done(1.0)));
        assert_eq!(store.superseded(), 3);
    }

    #[test]
    fn records_of_other_versions_are_counted_and_not_used() {
        let folder = folder();
        append(&folder, &[(1, done(1.0))]);
        let path = segment::path(folder.path(), 2);
        let newer = [
            foreign(1, frame::SCHEMA + 1, crate::spec::NUMERICS),
            foreign(4, frame::SCHEMA, crate::spec::NUMERICS + 1),
        ];
        fs::write(&path, newer.concat()).unwrap();
        fs::write(segment::path(folder.path(), 3), "").unwrap();
        let store = open(&folder);
        assert_eq!(store.ids(), [RunId(1)]);
        assert_eq!(store.read(RunId(1)).unwrap(), Some(done(1.0)));
        assert_eq!(store.notices(), [Notice::OtherNumerics { records: 1 }, Notice::OtherSchema { records: 1 }]);
    }

    #[test]
    fn a_torn_segment_is_reported_left_as_it_is_and_followed_by_another() {
        let folder = folder();
        append(&folder, &[(1, done(1.0)), (2, done(2.0))]);
        let path = segment::path(folder.path(), 1);
        let mut bytes = fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 1);
        fs::write(&path, &bytes).unwrap();
        let (mut writer, notices) = create(&folder, "main").unwrap();
        let skipped = bytes.len() as u64 / 2 + 1..bytes.len() as u64;
        assert_eq!(notices, [Notice::Skipped { segment: path.clone(), bytes: skipped, at_end: true }]);
        assert!(!writer.store().is_done(RunId(2)));
        writer.append(RunId(2), &done(2.0)).unwrap();
        writer.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(open(&folder).read(RunId(2)).unwrap(), Some(done(2.0)));
    }

    #[test]
    fn a_record_that_changed_after_opening_is_an_error_and_then_skipped() {
        let folder = folder();
        append(&folder, &[(1, done(1.0))]);
        let store = open(&folder);
        let path = segment::path(folder.path(), 1);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        for content in [&bytes[..], &bytes[..10], &[]] {
            fs::write(&path, content).unwrap();
            let error = store.read(RunId(1)).unwrap_err();
            assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
            assert_eq!(open(&folder).ids(), []);
        }
        fs::remove_file(&path).unwrap();
        assert!(store.read(RunId(1)).unwrap_err().to_string().contains("000001.seg"));
    }

    #[test]
    fn two_shards_write_side_by_side_and_one_shard_has_one_writer() {
        let folder = folder();
        let (mut first, _) = create(&folder, "1-of-2").unwrap();
        let (mut second, _) = create(&folder, "2-of-2").unwrap();
        create(&folder, "2-of-2").unwrap_err();
        for id in 0..3 {
            first.append(RunId(id), &done(1.0)).unwrap();
            second.append(RunId(10 + id), &failed("x")).unwrap();
        }
        drop((first, second));
        assert_eq!(segments(&folder), [1, 2]);
        assert_eq!(open(&folder).ids().len(), 6);
    }

    #[test]
    fn compacting_removes_segments_of_which_every_record_is_superseded() {
        let folder = folder();
        append(&folder, &[(1, done(1.0)), (2, failed("x"))]);
        append(&folder, &[(1, done(2.0)), (3, done(2.0))]);
        append(&folder, &[(2, done(3.0)), (1, done(3.0))]);
        let mut writer = writer(&folder);
        writer.append(RunId(4), &done(4.0)).unwrap();
        writer.append(RunId(2), &failed("later")).unwrap();
        assert_eq!(writer.compact().unwrap(), 1);
        assert_eq!(writer.compact().unwrap(), 0);
        assert_eq!(segments(&folder), [2, 3, 4]);
        assert_eq!(writer.store().superseded(), 2);
        for store in [writer.store(), &open(&folder)] {
            for (id, x) in [(1, 3.0), (2, 3.0), (3, 2.0), (4, 4.0)] {
                assert_eq!(store.read(RunId(id)).unwrap(), Some(done(x)));
            }
        }
    }

    #[test]
    fn compacting_keeps_what_may_still_be_of_use_or_written_to() {
        let folder = folder();
        append(&folder, &[(1, done(1.0))]);
        append(&folder, &[(1, done(2.0))]);
        // Behind a result, a failure does not count; but the last segment keeps its number from being given twice.
        append(&folder, &[(1, failed("x"))]);
        let mut writer = writer(&folder);
        let (company, _) = create(&folder, "other").unwrap();
        assert_eq!(writer.compact().unwrap(), 0, "another shard writes");
        drop(company);
        assert_eq!(writer.compact().unwrap(), 1);
        assert_eq!(segments(&folder), [2, 3]);
        drop(writer);
        append(&folder, &[(1, done(4.0))]);
        for number in [2, 3] {
            let path = segment::path(folder.path(), number);
            let more = if number == 2 { foreign(9, 2, 1) } else { b"damage".to_vec() };
            fs::write(&path, [fs::read(&path).unwrap(), more].concat()).unwrap();
        }
        let (mut writer, _) = create(&folder, "main").unwrap();
        assert_eq!(writer.compact().unwrap(), 0, "damage and other versions stay");
    }
}
