//! The errors of a results folder, each with its remedy.

use std::io;
use std::path::{Path, PathBuf};

use crate::spec::RunId;

/// An error of reading or writing a results folder.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or the quota is full.
    #[error(
        "cannot {action} {}: no space left ({source}); free space and run the same command again: finished runs are kept",
        path.display()
    )]
    Full {
        /// The action that failed, as in "cannot .. this path".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file would become larger than this process, or the file system, may make it.
    #[error(
        "cannot {action} {}: the file is at the limit of its size ({source}); raise the limit (ulimit -f) and run the \
         same command again: finished runs are kept",
        path.display()
    )]
    Limit {
        /// The action that failed, as in "cannot .. this path".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A link in the place of a folder that is written to.
    #[error(
        "{} is a link, and vgrun does not write through it, because its target may belong to someone else: remove the link, or \
         put a folder in its place (the results folder itself may be a link)",
        path.display()
    )]
    Linked {
        /// The link.
        path: PathBuf,
    },
    /// Any other error of the operating system.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The action that failed, as in "cannot .. this path".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Another writer holds the folder.
    #[error(
        "{} is held by {holder}; wait for it to end, or stop it and run the same command again (the lock of a writer \
         that is gone is taken over, at the latest two minutes after its last sign of life)",
        lock.display()
    )]
    Locked {
        /// The lock file.
        lock: PathBuf,
        /// The process that holds it, its host and since when.
        holder: String,
    },
    /// A shard's name that cannot be a file's.
    #[error("shard name \"{0}\": expected letters a-z, digits, \"_\" and \"-\", such as \"main\" or \"2-of-8\"")]
    ShardName(String),
    /// A record that was whole when the folder was opened and is not any more.
    #[error(
        "{}: the record of run {id} at byte {offset} has changed or is gone since the folder was opened; run the sweep \
         again: it trains the run anew if its record is lost",
        path.display()
    )]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// The run.
        id: RunId,
        /// The position of the record's first byte.
        offset: u64,
    },
    /// A record too large for the format.
    #[error("the record of run {id} takes more than 4 GiB; trace fewer steps (run.trace.every)")]
    TooLarge {
        /// The run.
        id: RunId,
    },
    /// A JSON file that is not what vgrun writes.
    #[error("{}: {reason}; move the file away and run the sweep again: it is written anew", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The parser's message, with line and column.
        reason: String,
    },
    /// Two results of one run that differ.
    #[error(
        "run {id} has two results that differ: one in {}, one in {}; one of them was not computed by this vgrun, or its \
         machine is faulty: move one of the two files away and train what is missing again",
        a.display(), b.display()
    )]
    Conflict {
        /// The run.
        id: RunId,
        /// A segment.
        a: PathBuf,
        /// Another, or the same.
        b: PathBuf,
    },
    /// A shard of another plan.
    #[error(
        "{}: this shard is of plan {theirs}, and the config makes plan {ours}{changes}: run the shard again with this \
         config, or remove the file if its shard is no longer wanted (its runs are kept)",
        path.display()
    )]
    OtherPlan {
        /// The shard's manifest.
        path: PathBuf,
        /// The shard's plan.
        theirs: String,
        /// The config's.
        ours: String,
        /// The keys that differ, as far as they are known, in parentheses.
        changes: String,
    },
    /// A shard of other numerics.
    #[error(
        "{}: this shard was trained in numerics version {theirs}, and this vgrun has version {ours}, whose numbers differ: \
         run the shard again with this vgrun",
        path.display()
    )]
    OtherNumerics {
        /// The shard's manifest.
        path: PathBuf,
        /// The shard's version.
        theirs: u32,
        /// The version of this program.
        ours: u32,
    },
    /// A file of a later vgrun.
    #[error("{} has schema {found}, this vgrun reads up to {known}; use the vgrun that wrote it", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's schema.
        found: u32,
        /// The latest schema that is known here.
        known: u32,
    },
}

impl StoreError {
    /// Makes an error of the operating system one of the store, which names what was being done to which path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_path_buf();
            match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { action, path, source },
                io::ErrorKind::FileTooLarge => Self::Limit { action, path, source },
                _ => Self::Io { action, path, source },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_its_path_and_the_remedy() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let error = StoreError::io("append to", Path::new("results/a/runs/000001.seg"))(kind.into());
            let text = error.to_string();
            assert!(text.starts_with("cannot append to results/a/runs/000001.seg: no space left"), "{text}");
            assert!(text.ends_with("run the same command again: finished runs are kept"), "{text}");
        }
        let limit = StoreError::io("write", Path::new("x"))(io::ErrorKind::FileTooLarge.into()).to_string();
        assert!(limit.starts_with("cannot write x: ") && limit.contains("ulimit -f"), "{limit}");
        let other = StoreError::io("read", Path::new("x"))(io::ErrorKind::PermissionDenied.into());
        assert_eq!(other.to_string(), "cannot read x: permission denied");
    }
}
