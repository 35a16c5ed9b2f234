//! Files that a command is asked to write beside its results: reports for other programs.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use crate::store;

use super::error::CliError;

/// Removes what an earlier command wrote there, so that nobody takes it for this one's, and sees to it that the folder is
/// there before anything else begins.
pub(super) fn clear(path: &Path) -> Result<(), CliError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(file(path)(io::Error::new(ErrorKind::NotFound, "there is no such folder")));
    }
    if path.is_file() {
        fs::remove_file(path).map_err(file(path))?;
    }
    Ok(())
}

/// Writes all of a file or none of it. What is no file, such as a pipe, is written as it comes.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    if path.exists() && !path.is_file() {
        return fs::write(path, text).map_err(file(path));
    }
    Ok(store::write_whole(path, text)?)
}

/// Adds to a file that others write to, too.
pub(super) fn append(path: &Path, text: &str) -> Result<(), CliError> {
    let opened = fs::OpenOptions::new().create(true).append(true).open(path);
    opened.and_then(|mut opened| opened.write_all(text.as_bytes())).map_err(file(path))
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> CliError {
    let path = path.to_path_buf();
    move |source| CliError::File { path, source }
}
