//! Why another program's trace cannot be used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a trace cannot be used.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is not what the plan's runs would have written.
    #[error("{}{}: {problem}", path.display(), line.map_or(String::new(), |line| format!(", line {line}")))]
    Format {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1; none where the problem is not about a line.
        line: Option<u64>,
        /// What is wrong, and the remedy.
        problem: String,
    },
}

/// What is wrong with a trace, and on which line.
#[derive(Debug)]
pub(super) struct Problem {
    /// The line's number, from 1; none where the problem is not about a line.
    pub(super) line: Option<u64>,
    /// What is wrong, and the remedy.
    pub(super) text: String,
}

impl Problem {
    /// Makes a problem with the row that begins on a line.
    pub(super) fn at(line: u64, text: impl Into<String>) -> Self {
        Self { line: Some(line), text: text.into() }
    }

    /// Makes a problem with the file as a whole.
    pub(super) fn of_file(text: impl Into<String>) -> Self {
        Self { line: None, text: text.into() }
    }
}
