//! The segments that are open for reading. A record is read from the middle of one, and to open its file anew every time
//! would cost a file system across a network several messages.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::segment;
use crate::config::open_file;

/// The most files that are worth having open at a time.
const WANTED: u64 = 16 << 10;

/// Files that a process opens besides: tables, locks, pipes.
const OTHERS: u64 = 128;

/// The most segments that are open at a time. A process may usually open 1,024 files, and more as soon as it asks for
/// them; a merge of a thousand shards that could not keep all of them open would open one anew for every other record.
static MOST_OPEN: LazyLock<usize> = LazyLock::new(|| {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_some_and(|current| current < wanted) {
        // Where that is refused, fewer will do.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
    let allowed = getrlimit(Resource::Nofile).current.map_or(WANTED, |allowed| allowed.min(WANTED));
    usize::try_from(allowed.saturating_sub(OTHERS).max(1)).expect("some thousand")
});

/// Segments of one folder by number.
#[derive(Debug, Default)]
pub(super) struct SegmentFiles {
    open: Mutex<HashMap<u32, Arc<File>>>,
}

impl SegmentFiles {
    /// Opens segment `number` of `folder`, or returns the open file; none where the segment is gone.
    pub(super) fn get(&self, folder: &Path, number: u32) -> io::Result<Option<Arc<File>>> {
        // A panic while the lock was held leaves a map that is still whole.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&number) {
            return Ok(Some(Arc::clone(file)));
        }
        let file = match open_file(&segment::path(folder, number)) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            file => Arc::new(file?),
        };
        if open.len() >= *MOST_OPEN {
            // Whichever: records are read in an order that has nothing to do with segments.
            let some = open.keys().next().copied();
            some.and_then(|some| open.remove(&some));
        }
        open.insert(number, Arc::clone(&file));
        Ok(Some(file))
    }
}
