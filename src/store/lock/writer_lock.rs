//! The lock of a writer: taking it, also from a dead holder, keeping it alive, and giving it back.
//!
//! `runs/<shard>.lock` is created exclusively and holds its [`Owner`] as JSON; a thread writes it again every 20
//! seconds. It needs no flock, which network file systems lack or ignore.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::look::{MOST_BYTES, content_of, is_shard_name, look};
use super::owner::Owner;
use crate::config::Bounded;
use crate::store::atomic::AtomicFile;
use crate::store::error::StoreError;
use crate::store::notice::Notice;

/// The time between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// How often a lock may change hands while it is looked at before we give up.
const ATTEMPTS: usize = 100;

/// A lock that this process holds until it is dropped.
#[derive(Debug)]
pub(in crate::store) struct WriterLock {
    path: PathBuf,
    content: Vec<u8>,
    heart: Option<(Sender<()>, JoinHandle<()>)>,
}

impl WriterLock {
    /// Takes the lock of `shard` in the folder `runs`. The notice says whose dead lock was taken over.
    pub(in crate::store) fn take(runs: &Path, shard: &str) -> Result<(Self, Option<Notice>), StoreError> {
        if !is_shard_name(shard) {
            return Err(StoreError::ShardName(shard.to_owned()));
        }
        let me = Owner::this_process();
        let path = runs.join(format!("{shard}.lock"));
        let content = serde_json::to_vec(&me).expect("numbers and text always serialize");
        let took_over = acquire(&path, &me, &content)?;
        let mut lock = Self { path, content, heart: None };
        lock.heart = Some(lock.start_heart()?);
        Ok((lock, took_over))
    }

    /// Returns whether another shard of the same folder has a lock, dead or alive.
    pub(in crate::store) fn has_company(&self) -> Result<bool, StoreError> {
        let runs = self.path.parent().expect("the lock is in a folder");
        for entry in fs::read_dir(runs).map_err(StoreError::io("list", runs))? {
            let path = entry.map_err(StoreError::io("list", runs))?.path();
            if path != self.path && path.extension().is_some_and(|e| e == "lock") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn start_heart(&self) -> Result<(Sender<()>, JoinHandle<()>), StoreError> {
        let (stop, stopped) = mpsc::channel::<()>();
        let (path, content) = (self.path.clone(), self.content.clone());
        let beats = move || {
            while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                // An error may pass: the file system may only be away for a moment. Someone else's lock is let be.
                if beat(&path, &content).is_ok_and(|is_ours| !is_ours) {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().name("heartbeat".into()).spawn(beats);
        Ok((stop, thread.map_err(StoreError::io("start the heartbeat of", &self.path))?))
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.heart.take() {
            drop(stop);
            // A panic of that thread has harmed nobody, and a drop has no one to tell.
            let _ = thread.join();
        }
        if content_of(&self.path).is_ok_and(|found| found == self.content) {
            // A lock that cannot be removed is taken over by the next writer, which sees that we are gone.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes the lock again, which sets its time; false where it is not ours any more.
fn beat(path: &Path, content: &[u8]) -> io::Result<bool> {
    if content_of(path).is_err_and(|e| e.kind() == ErrorKind::NotFound) {
        return Ok(false);
    }
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut found = Vec::new();
    Bounded::new(&mut file, MOST_BYTES).read_to_end(&mut found)?;
    if found != content {
        return Ok(false);
    }
    file.rewind()?;
    file.write_all(content)?;
    Ok(true)
}

/// Makes `path` a file with our `content`, if nobody alive has it.
///
/// One of several takers of the same dead lock wins: the right to replace it is itself a lock, named after the dead
/// one's content, and taken in the same way, so that a taker that dies on the way blocks nobody either. It is then
/// renamed over the dead lock. Whoever comes late to that right finds the dead lock replaced and looks again.
fn acquire(path: &Path, me: &Owner, content: &[u8]) -> Result<Option<Notice>, StoreError> {
    for _ in 0..ATTEMPTS {
        if create(path, content)? {
            return Ok(None);
        }
        let Some(holder) = look(path, me)? else { continue };
        let Some(reason) = holder.dead else {
            return Err(StoreError::Locked { lock: path.to_path_buf(), holder: holder.name });
        };
        let mut right = path.as_os_str().to_owned();
        right.push(format!(".{}.takeover", &blake3::hash(&holder.content).to_hex()[..16]));
        let right = PathBuf::from(right);
        acquire(&right, me, content)?;
        if content_of(path).is_ok_and(|found| found == holder.content) {
            fs::rename(&right, path).map_err(StoreError::io("take over", path))?;
            return Ok(Some(Notice::TookOver {
                lock: path.to_path_buf(),
                holder: holder.name,
                reason: reason.to_owned(),
            }));
        }
        fs::remove_file(&right).map_err(StoreError::io("remove", &right))?;
    }
    Err(StoreError::Locked { lock: path.to_path_buf(), holder: "ever other processes".to_owned() })
}

/// Creates the file; false where there is one. It has its content from the first moment, so that a taker that is killed
/// on the way leaves no lock of an unknown process.
fn create(path: &Path, content: &[u8]) -> Result<bool, StoreError> {
    let (folder, name) =
        (path.parent().expect("the lock is in a folder"), path.file_name().expect("a lock has a name"));
    if path.exists() {
        return Ok(false);
    }
    let mut file = AtomicFile::create(folder, name)?;
    file.write_all(content).map_err(StoreError::io("write", path))?;
    // Where the file system has no way to that, in two steps.
    file.place_new().or_else(|_| create_and_write(path, content))
}

fn create_and_write(path: &Path, content: &[u8]) -> Result<bool, StoreError> {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return Ok(false),
        file => file.map_err(StoreError::io("create", path))?,
    };
    if let Err(e) = file.write_all(content) {
        // Without its content it would look like the lock of an unknown process; what cannot be removed ages.
        let _ = fs::remove_file(path);
        return Err(StoreError::io("write", path)(e));
    }
    Ok(true)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::super::look::DEAD_AFTER;
    use super::*;
    use std::fs::File;
    use std::sync::Barrier;
    use std::time::SystemTime;
    use tempfile::TempDir;

    fn folder() -> TempDir {
        tempfile::tempdir().unwrap()
    }

    fn lock_file(folder: &TempDir) -> PathBuf {
        folder.path().join("main.lock")
    }

    /// Leaves a lock file as `owner` would have left it `age` seconds ago.
    fn leave(path: &Path, owner: &Owner, age: u64) {
        fs::write(path, serde_json::to_vec(owner).unwrap()).unwrap();
        set_age(path, age);
    }

    fn set_age(path: &Path, age: u64) {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }

    fn elsewhere() -> Owner {
        Owner { host: "elsewhere".into(), pid: 77, started: "2026-11-03T12:34:56Z".into(), ..Owner::this_process() }
    }

    fn ended() -> Owner {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        Owner { pid: child.id(), ..Owner::this_process() }
    }

    fn take(folder: &TempDir) -> Result<(WriterLock, Option<Notice>), StoreError> {
        WriterLock::take(folder.path(), "main")
    }

    fn names(folder: &TempDir) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_second_writer_is_refused_until_the_first_is_dropped() {
        let folder = folder();
        let (first, notice) = take(&folder).unwrap();
        assert_eq!(notice, None);
        let refusal = take(&folder).unwrap_err().to_string();
        let owner: Owner = serde_json::from_slice(&first.content).unwrap();
        let who = format!("process {} on {} since {}", std::process::id(), crate::store::host_name(), owner.started);
        assert!(refusal.contains("main.lock is held by") && refusal.contains(&who), "{refusal}");
        // Another shard is another lock.
        let second = WriterLock::take(folder.path(), "2-of-3").unwrap();
        assert!(first.has_company().unwrap());
        drop(second);
        assert!(!first.has_company().unwrap());
        drop(first);
        assert_eq!(names(&folder), [""; 0]);
        take(&folder).unwrap();
    }

    #[test]
    fn a_lock_that_is_seen_has_its_content() {
        let folder = folder();
        let path = lock_file(&folder);
        let is_done = std::sync::atomic::AtomicBool::new(false);
        let order = std::sync::atomic::Ordering::Relaxed;
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..3000 {
                    assert!(create(&path, b"content").unwrap());
                    fs::remove_file(&path).unwrap();
                }
                is_done.store(true, order);
            });
            while !is_done.load(order) {
                assert!(fs::read(&path).map_or(true, |found| found == b"content"));
            }
        });
        assert_eq!(names(&folder), [""; 0]);
    }

    #[test]
    fn a_lock_of_a_process_that_is_gone_is_taken_over_with_a_notice() {
        let folder = folder();
        let dead = ended();
        leave(&lock_file(&folder), &dead, 0);
        let (lock, notice) = take(&folder).unwrap();
        let Some(Notice::TookOver { holder, reason, .. }) = notice else { panic!("{notice:?}") };
        assert_eq!((holder, reason.as_str()), (dead.describe(), "that process is gone"));
        assert_eq!(names(&folder), ["main.lock"]);
        assert_eq!(fs::read(lock_file(&folder)).unwrap(), lock.content);
    }

    #[test]
    fn a_lock_of_another_host_lives_as_long_as_its_heart_beats() {
        let folder = folder();
        leave(&lock_file(&folder), &elsewhere(), 100);
        let refusal = take(&folder).unwrap_err().to_string();
        assert!(refusal.contains("process 77 on elsewhere since 2026-11-03T12:34:56Z"), "{refusal}");
        set_age(&lock_file(&folder), 130);
        let (_lock, notice) = take(&folder).unwrap();
        assert!(notice.unwrap().to_string().contains("no sign of life"));
    }

    #[test]
    fn a_running_process_of_this_host_keeps_its_lock_however_old() {
        let folder = folder();
        leave(&lock_file(&folder), &Owner::this_process(), 1_000_000);
        take(&folder).unwrap_err();
    }

    #[test]
    fn a_lock_without_a_name_is_held_until_it_is_old() {
        let folder = folder();
        for content in ["", "{\"host\": 3", "\u{0}"] {
            fs::write(lock_file(&folder), content).unwrap();
            assert!(take(&folder).unwrap_err().to_string().contains("has not written its name"));
            set_age(&lock_file(&folder), 121);
            drop(take(&folder).unwrap());
        }
    }

    #[test]
    fn a_lock_with_a_time_in_the_future_is_held() {
        let folder = folder();
        leave(&lock_file(&folder), &elsewhere(), 0);
        let file = File::options().write(true).open(lock_file(&folder)).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(1000)).unwrap();
        take(&folder).unwrap_err();
    }

    #[test]
    fn a_taker_that_died_on_the_way_blocks_nobody() {
        let folder = folder();
        let lock = lock_file(&folder);
        leave(&lock, &elsewhere(), 1000);
        let hash = blake3::hash(&fs::read(&lock).unwrap()).to_hex();
        let right = folder.path().join(format!("main.lock.{}.takeover", &hash[..16]));
        // A taker that is still at it.
        leave(&right, &elsewhere(), 0);
        take(&folder).unwrap_err();
        // One that is not.
        leave(&right, &ended(), 0);
        let (_lock, notice) = take(&folder).unwrap();
        assert!(notice.is_some());
        assert_eq!(names(&folder), ["main.lock"]);
    }

    #[test]
    fn of_racing_takers_exactly_one_wins() {
        const TAKERS: usize = 4;
        let dead = ended();
        for round in 0..100 {
            let folder = folder();
            if round % 3 != 0 {
                leave(&lock_file(&folder), &dead, 0);
            }
            let start = Barrier::new(TAKERS);
            let taken: Vec<_> = thread::scope(|scope| {
                let takers: Vec<_> = (0..TAKERS)
                    .map(|_| {
                        scope.spawn(|| {
                            start.wait();
                            take(&folder)
                        })
                    })
                    .collect();
                takers.into_iter().map(|taker| taker.join().unwrap()).collect()
            });
            let winners: Vec<_> = taken.iter().flatten().collect();
            assert_eq!(winners.len(), 1, "{taken:?}");
            assert_eq!(fs::read(lock_file(&folder)).unwrap(), winners[0].0.content);
            assert!(taken.iter().flatten().all(|(_, notice)| notice.is_some() == (round % 3 != 0)));
            drop(taken);
            assert_eq!(names(&folder), [""; 0]);
        }
    }

    #[test]
    fn a_beat_renews_our_lock_and_leaves_another_alone() {
        let folder = folder();
        let (lock, _) = take(&folder).unwrap();
        set_age(&lock.path, 1000);
        let age = || fs::metadata(&lock.path).unwrap().modified().unwrap().elapsed().unwrap_or_default();
        assert!(age() > DEAD_AFTER);
        assert!(beat(&lock.path, &lock.content).unwrap());
        assert!(age() < DEAD_AFTER);
        assert_eq!(fs::read(&lock.path).unwrap(), lock.content);
        leave(&lock.path, &elsewhere(), 1000);
        assert!(!beat(&lock.path, &lock.content).unwrap());
        assert!(age() > DEAD_AFTER);
        let path = lock.path.clone();
        drop(lock);
        assert!(path.exists(), "the lock of another must stay");
        fs::remove_file(&path).unwrap();
        assert!(!beat(&path, b"").unwrap());
    }

    #[test]
    fn shard_names_cannot_leave_the_folder() {
        let folder = folder();
        for name in ["", "../x", "a/b", "A", "a.b"] {
            let error = WriterLock::take(folder.path(), name).unwrap_err();
            assert!(matches!(error, StoreError::ShardName(_)), "{name}");
        }
    }
}
