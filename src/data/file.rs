//! The bytes of a file, within bounds.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use super::found::NamedFile;
use super::{DataError, Problem};

/// The most bytes of one file, unpacked: eight times as many in memory, once they are numbers.
pub(super) const MOST_BYTES: u64 = 256 << 20;

impl NamedFile {
    /// A problem with this file.
    pub(super) fn error(&self, problem: Problem) -> DataError {
        DataError { file: self.name.clone(), key: self.key, problem }
    }

    /// Opens it, if it is a file: a pipe or a device may have no end.
    fn open(&self) -> Result<BufReader<File>, Problem> {
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => Problem::Missing,
            _ => Problem::Io(error.to_string()),
        };
        let metadata = std::fs::metadata(&self.path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Problem::NotAFile);
        }
        Ok(BufReader::new(File::open(&self.path).map_err(failed)?))
    }

    /// All bytes.
    pub(super) fn read(&self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        let io = |error: std::io::Error| Problem::Io(error.to_string());
        self.open()?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(Problem::TooLarge { limit: MOST_BYTES });
        }
        Ok(bytes)
    }

    /// Its bytes one after the other, unpacked if they are gzipped.
    pub(super) fn unpacked(&self) -> Result<Unpacked, Problem> {
        let mut file = self.open()?;
        let start = file.fill_buf().map_err(|error| Problem::Io(error.to_string()))?;
        let packing = if is_gzip(start) { Packing::Gzip } else { Packing::None };
        let from: Box<dyn Read> = match packing {
            Packing::Gzip => Box::new(MultiGzDecoder::new(file)),
            Packing::None => Box::new(file),
        };
        Ok(Unpacked { from, packing, at: 0 })
    }
}

/// Whether bytes begin as those of gzip do.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

#[derive(Debug, Clone, Copy)]
enum Packing {
    Gzip,
    None,
}

/// A file's bytes, unpacked on the way.
pub(super) struct Unpacked {
    from: Box<dyn Read>,
    packing: Packing,
    /// Bytes so far.
    at: usize,
}

impl Unpacked {
    /// Up to `most` of the next bytes: fewer only where the file ends. Memory grows with what comes, not with `most`.
    pub(super) fn next(&mut self, most: u64) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        let read = self.from.by_ref().take(most).read_to_end(&mut bytes);
        self.at += bytes.len();
        match (read, self.packing) {
            (Ok(_), _) => Ok(bytes),
            (Err(error), Packing::Gzip) => Err(Problem::DamagedGzip { byte: self.at, error: error.to_string() }),
            (Err(error), Packing::None) => Err(Problem::Io(error.to_string())),
        }
    }
}
