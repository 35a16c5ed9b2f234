//! A file as text, within bounds: what has no end, or is larger than anybody meant, is an error.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Opens the file at `path` for reading; an error if it is a folder, a pipe or a device.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    // Asked before it is opened: to open a pipe waits until somebody writes.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    File::open(path)
}

/// Reads the text of the file at `path`, which [`open_file`] opens and which has at most `most` bytes.
pub(crate) fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    Bounded::new(open_file(path)?, most).read_to_string(&mut text)?;
    Ok(text)
}

/// A reader that fails from byte `most` on, so that a parser does not take the beginning for the whole.
#[derive(Debug)]
pub(crate) struct Bounded<R> {
    from: R,
    most: u64,
    left: u64,
}

impl<R> Bounded<R> {
    /// Begins to read.
    pub(crate) fn new(from: R, most: u64) -> Self {
        Self { from, most, left: most }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            let most = if self.most < 1 << 20 {
                format!("{} KiB", self.most >> 10)
            } else {
                format!("{} MiB", self.most >> 20)
            };
            io::Error::new(ErrorKind::InvalidData, format!("it holds more than {most}"))
        })?;
        Ok(read)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound_and_what_is_larger_or_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
        assert_eq!(read_text(&path, 1 << 20).unwrap().len(), 1 << 20);
        fs::write(&path, vec![b'x'; (1 << 20) + 1]).unwrap();
        assert_eq!(read_text(&path, 1 << 20).unwrap_err().to_string(), "it holds more than 1 MiB");
        assert_eq!(read_text(&path, 64 << 10).unwrap_err().to_string(), "it holds more than 64 KiB");
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_text(&path, 1 << 20).unwrap_err().kind(), ErrorKind::InvalidData);
        for other in [folder.path(), Path::new("/dev/zero")] {
            assert_eq!(read_text(other, 1 << 20).unwrap_err().to_string(), "it is not a file");
        }
        assert_eq!(read_text(&folder.path().join("none"), 1).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
