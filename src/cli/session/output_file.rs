//! Files that a command is asked to write beside its results: reports for other programs. What stands there is replaced
//! only where it is such a report itself.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::store;

use crate::cli::session::error::CliError;

/// A report that was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutputFile<'a> {
    /// The option that asks for it.
    pub(crate) option: &'static str,
    /// Where it goes.
    pub(crate) path: &'a Path,
    /// What every such report begins with.
    pub(crate) beginning: &'a [u8],
}

/// What a command reads, and what it is called.
pub(crate) type Input<'a> = (&'a Path, &'static str);

impl OutputFile<'_> {
    /// Checks that nothing is lost where it goes: neither what the command reads, nor anything in the folder of its
    /// results, nor a file that is no earlier report. What is no file, such as a pipe, holds nothing.
    pub(crate) fn check_place(self, inputs: &[Input<'_>], results: &Path) -> Result<(), CliError> {
        let Self { option, path, .. } = self;
        if path == Path::new("-") {
            return Err(CliError::NoFile { option });
        }
        if path.exists() && !path.is_file() {
            return Ok(());
        }
        let place = place(path);
        let mut inputs = inputs.iter();
        let precious = inputs.find(|(input, _)| self::place(input) == place).map(|(_, what)| *what);
        let is_result = || results.canonicalize().is_ok_and(|results| place.starts_with(results));
        if let Some(what) = precious.or_else(|| is_result().then_some("in the folder of the results")) {
            return Err(CliError::Precious { option, path: path.into(), what });
        }
        if path.is_symlink() {
            return Err(CliError::LinkedFile { option, path: path.into() });
        }
        if path.exists() && !self.is_replaced().map_err(file("read", path))? {
            return Err(CliError::OtherFile { option, path: path.into() });
        }
        Ok(())
    }

    /// Whether what is there holds nothing, or begins as such a report does.
    fn is_replaced(self) -> io::Result<bool> {
        let mut found = Vec::new();
        File::open(self.path)?.take(self.beginning.len() as u64).read_to_end(&mut found)?;
        Ok(found.is_empty() || found == self.beginning)
    }

    /// Whether it goes to the same place as another.
    pub(crate) fn is_at(self, other: Self) -> bool {
        place(self.path) == place(other.path)
    }

    /// Removes what an earlier command wrote there, so that nobody takes it for this one's. Makes sure that the folder
    /// is there before anything else begins.
    pub(crate) fn clear(self) -> Result<(), CliError> {
        let path = self.path;
        if !folder(path).is_dir() {
            return Err(file("write", path)(io::Error::new(ErrorKind::NotFound, "there is no such folder")));
        }
        if path.is_file() {
            fs::remove_file(path).map_err(file("write", path))?;
        }
        Ok(())
    }

    /// Writes all of it or none. What is no file, such as a pipe, is written as it comes.
    pub(crate) fn write(self, content: impl AsRef<[u8]>) -> Result<(), CliError> {
        let path = self.path;
        if path.exists() && !path.is_file() {
            return fs::write(path, content).map_err(file("write", path));
        }
        Ok(store::write_whole(path, content)?)
    }
}

/// Adds to a file that others write to, too.
pub(crate) fn append(path: &Path, text: &str) -> Result<(), CliError> {
    let opened = fs::OpenOptions::new().create(true).append(true).open(path);
    opened.and_then(|mut opened| opened.write_all(text.as_bytes())).map_err(file("write", path))
}

/// Returns the folder that a file is in, or would be.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns where a path leads, by whatever links; for a file that is not there, where it would be.
fn place(path: &Path) -> PathBuf {
    let would_be = || Some(folder(path).canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(would_be).unwrap_or_else(|| path.into())
}

fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CliError {
    let path = path.to_path_buf();
    move |source| CliError::File { action, path, source }
}
