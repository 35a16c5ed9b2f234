//! Looking at a lock: which process holds it, and whether that process lives.
//!
//! A lock counts as dead when its process is seen to be gone, or when it cannot be seen and the file is older than two
//! minutes. Ages are taken against a file created for it, so that both times come from the same clock, that of the file
//! system.

use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::owner::{Life, Owner};
use crate::config::{Bounded, open_file};
use crate::store::error::StoreError;

/// A heartbeat this old is that of a dead writer: five were missed, and a slow file system had time for one.
pub(super) const DEAD_AFTER: Duration = Duration::from_secs(120);

/// No lock that vgrun writes is larger.
pub(super) const MOST_BYTES: u64 = 64 << 10;

/// Returns whether a shard may have this name, so that its lock is a file of the folder.
pub(super) fn is_shard_name(name: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    !name.is_empty() && name.chars().all(is_fine)
}

/// Reads a lock file and its time.
fn read(path: &Path) -> io::Result<(Vec<u8>, SystemTime)> {
    let mut content = Vec::new();
    let mut file = open_file(path)?;
    Bounded::new(&mut file, MOST_BYTES).read_to_end(&mut content)?;
    Ok((content, file.metadata()?.modified()?))
}

/// Reads what a lock file holds.
pub(super) fn content_of(path: &Path) -> io::Result<Vec<u8>> {
    Ok(read(path)?.0)
}

/// The process that holds a lock.
pub(super) struct LockHolder {
    pub(super) content: Vec<u8>,
    pub(super) name: String,
    /// The reason why the process counts as dead, if it does.
    pub(super) dead: Option<&'static str>,
}

/// Looks at a lock; none where it went away meanwhile.
pub(super) fn look(path: &Path, me: &Owner) -> Result<Option<LockHolder>, StoreError> {
    let (content, modified) = match read(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(StoreError::io("read", path))?,
    };
    let runs = path.parent().expect("the lock is in a folder");
    // Where that may not be, as in somebody else's folder, this machine's clock has to do.
    let probe = tempfile::tempfile_in(runs).and_then(|probe| probe.metadata()?.modified());
    let now = probe.unwrap_or_else(|_| SystemTime::now());
    // A time in the future counts as now.
    let is_old = now.duration_since(modified).is_ok_and(|age| age > DEAD_AFTER);
    let by_heartbeat = is_old.then_some("it gave no sign of life for two minutes");
    let owner: Option<Owner> = serde_json::from_slice(&content).ok();
    let name = owner.as_ref().map_or_else(|| "a process that has not written its name".to_owned(), Owner::describe);
    let dead = match owner.map_or(Life::OutOfSight, |owner| owner.life(me)) {
        Life::Running => None,
        Life::Gone => Some("that process is gone"),
        Life::OutOfSight => by_heartbeat,
    };
    Ok(Some(LockHolder { content, name, dead }))
}
