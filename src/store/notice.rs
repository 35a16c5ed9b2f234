//! Notices: what a reader or writer of a results folder should be told, though nothing failed.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// Something worth a line to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The lock of a dead writer was taken over.
    TookOver {
        /// The lock file.
        lock: PathBuf,
        /// The process that held it, its host and since when.
        holder: String,
        /// The reason why it counts as dead.
        reason: String,
    },
    /// Bytes of a segment that hold no whole record.
    Skipped {
        /// The segment.
        segment: PathBuf,
        /// The bytes, from and to.
        bytes: Range<u64>,
        /// Whether they are the segment's end, as a killed writer leaves it.
        at_end: bool,
    },
    /// Records of another numerics version, which are never used.
    OtherNumerics {
        /// The number of records.
        records: u64,
    },
    /// Records in a format that this vgrun does not read.
    OtherSchema {
        /// The number of records.
        records: u64,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TookOver { lock, holder, reason } => {
                write!(f, "took over {} from {holder}: {reason}", lock.display())
            }
            Self::Skipped { segment, bytes, at_end: true } => write!(
                f,
                "{}: the last {} bytes are an unfinished record (its writer was killed, or is still writing); \
                 the run is trained again if no other record of it exists",
                segment.display(),
                bytes.end - bytes.start
            ),
            Self::Skipped { segment, bytes, at_end: false } => write!(
                f,
                "{}: bytes {} to {} are damaged and were skipped; the runs they held are trained again",
                segment.display(),
                bytes.start,
                bytes.end
            ),
            Self::OtherNumerics { records } => {
                write!(f, "{records} records are of another numerics version and are not used")
            }
            Self::OtherSchema { records } => {
                write!(f, "{records} records are in a format that this vgrun does not read, and are not used")
            }
        }
    }
}
