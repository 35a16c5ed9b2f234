//! Files that appear whole or not at all: they are written beside their place under another name, then renamed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::error::StoreError;

/// A file being written. Dropping it before [`AtomicFile::publish`] leaves everything as it was.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// Begins the file that will be `name` in `folder`, which is created where it does not exist.
    pub(crate) fn create(folder: &Path, name: impl AsRef<OsStr>) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        let name = name.as_ref();
        let path = folder.join(name);
        let prefix = [OsStr::new("."), name, OsStr::new(".")].into_iter().collect::<OsString>();
        let temporary = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(".tmp")
            // Readable by all as far as the user's umask lets it; the crate's default is 0600.
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(folder)
            .map_err(StoreError::io("create a temporary file for", &path))?;
        Ok(Self { temporary, path })
    }

    /// Returns the place that the file will have.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Brings the file to the disk and then to its place, unless there is a file already: then it returns itself.
    pub(super) fn publish_new(mut self) -> Result<Result<(), Self>, StoreError> {
        self.temporary.as_file().sync_all().map_err(StoreError::io("write", &self.path))?;
        match self.temporary.persist_noclobber(&self.path) {
            Ok(_) => Ok(Ok(())),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {
                self.temporary = e.file;
                Ok(Err(self))
            }
            Err(e) => Err(StoreError::io("create", &self.path)(e.error)),
        }
    }

    /// Brings the file to its place without a wait for the disk; false where there is a file already. An error may mean that
    /// the file system cannot do that.
    pub(super) fn place_new(self) -> io::Result<bool> {
        match self.temporary.persist_noclobber(&self.path) {
            Ok(_) => Ok(true),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(e.error),
        }
    }

    /// Gives the file another name in the same folder.
    pub(super) fn rename(&mut self, name: &str) {
        self.path.set_file_name(name);
    }

    /// Brings the file to the disk and then to its place.
    pub(crate) fn publish(self) -> Result<(), StoreError> {
        self.temporary.as_file().sync_all().map_err(StoreError::io("write", &self.path))?;
        self.temporary.persist(&self.path).map_err(|e| StoreError::io("replace", &self.path)(e.error))?;
        Ok(())
    }
}

/// Writes a file whole, in the place of what was there.
pub fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> Result<(), StoreError> {
    written(path, content.as_ref())?.publish()
}

/// Writes a file whole, unless there is one of that name already. Returns whether it was written.
pub fn write_new(path: &Path, text: &str) -> Result<bool, StoreError> {
    Ok(written(path, text.as_bytes())?.publish_new()?.is_ok())
}

fn written(path: &Path, content: &[u8]) -> Result<AtomicFile, StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = AtomicFile::create(folder, path.file_name().unwrap_or_default())?;
    file.write_all(content).map_err(StoreError::io("write", path))?;
    Ok(file)
}

/// A temporary file that nobody has written to for this long was left by a killed process.
const LEFT_AFTER: Duration = Duration::from_secs(3600);

/// Removes temporary files that killed processes left in `folder`, as far as that is possible: they only take space.
pub(super) fn remove_leftovers(folder: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(StoreError::io("list", folder))? {
        let entry = entry.map_err(StoreError::io("list", folder))?;
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with('.'))
            && entry.path().extension().is_some_and(|extension| extension == "tmp");
        // A folder may hold the files of thousands of shards: only what is ours is looked at more closely.
        let modified = || entry.metadata().and_then(|metadata| metadata.modified());
        if is_ours && modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LEFT_AFTER)) {
            // Another process may have been faster.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

/// Writes text that is whole already, past a buffer that holds this file.
impl Write for &AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.as_file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.as_file().flush()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_given_up_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.csv"), "old").unwrap();
        let mut file = AtomicFile::create(folder.path(), "a.csv").unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(folder.path().join("a.csv")).unwrap(), "old");
    }

    #[test]
    fn a_new_file_is_written_and_one_that_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        assert!(write_new(&path, "mine").unwrap() && !write_new(&path, "other").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        std::os::unix::fs::symlink(folder.path().join("gone"), folder.path().join("link")).unwrap();
        assert!(!write_new(&folder.path().join("link"), "other").unwrap(), "a link to nothing is there, too");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_cannot_take_its_place_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a.csv")).unwrap();
        let error = AtomicFile::create(folder.path(), "a.csv").unwrap().publish().unwrap_err();
        assert!(error.to_string().contains("cannot replace") && error.to_string().contains("a.csv"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_process_left_is_removed_once_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".runs.csv.AbCdEf.tmp", ".trace.csv.AbCdEf.tmp", "mine.tmp", ".hidden"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        for name in [".runs.csv.AbCdEf.tmp", "mine.tmp", ".hidden"] {
            let file = fs::File::options().write(true).open(folder.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - 2 * LEFT_AFTER).unwrap();
        }
        remove_leftovers(folder.path()).unwrap();
        assert!(!folder.path().join(".runs.csv.AbCdEf.tmp").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_published_file_can_be_read_by_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(&folder.path().join("new"), "a.csv").unwrap();
        file.write_all(b"text").unwrap();
        file.publish().unwrap();
        let path = folder.path().join("new/a.csv");
        assert_eq!(fs::read_to_string(&path).unwrap(), "text");
        // What any other new file here gets, but for the bits that 0644 does not have.
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), mode(&plain) & 0o644);
    }
}
