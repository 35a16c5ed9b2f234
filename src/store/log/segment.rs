//! The segments of a results folder: their names, and appending to one's own.
//!
//! A segment has one writer for its whole life and is never changed by any other process.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::store::error::StoreError;
use crate::store::subfolder::subfolder;

const RUNS: &str = "runs";

/// Returns the folder of segments and locks.
pub(in crate::store) fn runs_folder(folder: &Path) -> PathBuf {
    folder.join(RUNS)
}

/// Returns that folder for a writer; a link in its place is an error.
pub(in crate::store) fn own_runs_folder(folder: &Path) -> Result<PathBuf, StoreError> {
    subfolder(folder, RUNS)
}

/// Returns the path of segment `number`.
pub(in crate::store) fn path(folder: &Path, number: u32) -> PathBuf {
    runs_folder(folder).join(format!("{number:06}.seg"))
}

/// Lists the numbers of the segments that exist, ascending; none where the folder does not exist.
pub(in crate::store) fn numbers(folder: &Path) -> Result<Vec<u32>, StoreError> {
    let runs = runs_folder(folder);
    let list = match fs::read_dir(&runs) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        list => list.map_err(StoreError::io("list", &runs))?,
    };
    let mut numbers = Vec::new();
    for entry in list {
        let name = entry.map_err(StoreError::io("list", &runs))?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".seg"));
        // Only names as this module writes them, so that `number -> path` leads back to the file.
        if let Some(number) = stem.and_then(|s| s.parse().ok()).filter(|&number| number < u32::MAX)
            && path(folder, number).file_name() == Some(&name)
        {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A file that can be shortened again.
pub(in crate::store) trait Shorten: Write {
    /// Cuts everything from byte `length` on.
    fn shorten(&mut self, length: u64) -> io::Result<()>;
}

impl Shorten for File {
    fn shorten(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// A segment that this process appends to.
#[derive(Debug)]
pub(in crate::store) struct Segment<F> {
    pub(in crate::store) number: u32,
    pub(in crate::store) path: PathBuf,
    file: F,
    end: u64,
}

impl Segment<File> {
    /// Creates the segment after the last one that exists.
    pub(in crate::store) fn create(folder: &Path) -> Result<Self, StoreError> {
        let mut number = numbers(folder)?.last().map_or(1, |last| last + 1);
        loop {
            let path = path(folder, number);
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { number, path, file, end: 0 }),
                // The writer of another shard took the number meanwhile.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(e) => return Err(StoreError::io("create", &path)(e)),
            }
        }
    }

    /// Brings everything appended so far to the disk.
    pub(in crate::store) fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(StoreError::io("write to disk", &self.path))
    }
}

/// Why an append failed, and whether the segment ends with a whole frame nevertheless.
#[derive(Debug)]
pub(in crate::store) struct AppendError {
    pub(in crate::store) error: StoreError,
    pub(in crate::store) is_usable: bool,
}

impl<F: Shorten> Segment<F> {
    /// Appends a whole frame and says where it begins. What a failure left of the frame is cut off again.
    pub(in crate::store) fn append(&mut self, frame: &[u8]) -> Result<u64, AppendError> {
        let offset = self.end;
        match self.file.write_all(frame) {
            Ok(()) => {
                self.end += frame.len() as u64;
                Ok(offset)
            }
            Err(e) => {
                let is_usable = self.file.shorten(offset).is_ok();
                Err(AppendError { error: StoreError::io("append to", &self.path)(e), is_usable })
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    /// A disk with room for `room` bytes.
    struct SmallDisk {
        bytes: Vec<u8>,
        room: usize,
        shortens: bool,
    }

    impl Write for SmallDisk {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            let taken = data.len().min(self.room - self.bytes.len());
            self.bytes.extend_from_slice(&data[..taken]);
            if taken == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shorten for SmallDisk {
        fn shorten(&mut self, length: u64) -> io::Result<()> {
            if !self.shortens {
                return Err(ErrorKind::Other.into());
            }
            self.bytes.truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }

    fn segment(room: usize, shortens: bool) -> Segment<SmallDisk> {
        let file = SmallDisk { bytes: Vec::new(), room, shortens };
        Segment { number: 1, path: "results/x/runs/000001.seg".into(), file, end: 0 }
    }

    #[test]
    fn a_full_disk_leaves_only_whole_frames() {
        let mut segment = segment(8, true);
        assert_eq!(segment.append(b"12345").unwrap(), 0);
        let failure = segment.append(b"67890").unwrap_err();
        assert!(failure.is_usable);
        assert!(matches!(failure.error, StoreError::Full { action: "append to", .. }), "{}", failure.error);
        assert_eq!(segment.append(b"678").unwrap(), 5);
        assert_eq!(segment.file.bytes, b"12345678");
    }

    #[test]
    fn a_segment_that_cannot_be_shortened_is_not_usable() {
        assert!(!segment(3, false).append(b"12345").unwrap_err().is_usable);
    }

    #[test]
    fn segments_are_numbered_on_and_other_files_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(numbers(folder.path()).unwrap(), [0; 0]);
        let runs = runs_folder(folder.path());
        fs::create_dir(&runs).unwrap();
        for name in ["000002.seg", "1234567.seg", "7.seg", "main.lock", "x.seg"] {
            fs::write(runs.join(name), "").unwrap();
        }
        assert_eq!(numbers(folder.path()).unwrap(), [2, 1_234_567]);
        assert_eq!(Segment::create(folder.path()).unwrap().number, 1_234_568);
    }
}
