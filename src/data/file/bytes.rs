//! The bytes of a file, within bounds.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::error::{DataError, Problem};
use crate::data::spec::NamedFile;

/// The most bytes of one file, unpacked: eight times as many in memory, once they are numbers.
pub(super) const MOST_BYTES: u64 = 256 << 20;

impl NamedFile {
    /// A problem with this file.
    pub(in crate::data) fn error(&self, problem: Problem) -> DataError {
        DataError { file: self.name.clone(), key: self.key, problem }
    }

    /// Opens it, if it is a file: a pipe or a device may have no end.
    fn open(&self) -> Result<BufReader<File>, Problem> {
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => self.nearby().map_or(Problem::Missing, |near| Problem::Misnamed { near }),
            _ => Problem::Io(error.to_string()),
        };
        let metadata = std::fs::metadata(&self.path).map_err(failed)?;
        if !metadata.is_file() {
            return Err(Problem::NotAFile);
        }
        Ok(BufReader::new(File::open(&self.path).map_err(failed)?))
    }

    /// The file of its folder that was most likely meant, as the config would name it: one whose name differs by a few
    /// characters, or by being gzipped.
    fn nearby(&self) -> Option<String> {
        const MOST: usize = 3;
        // Publishers part the words of one name by dots, dashes or underscores.
        let plain = |name: &str| {
            let name = name.to_lowercase().replace(['.', '_', ' '], "-");
            // Windows shows `data.csv.txt` as `data.csv`.
            let name = name.strip_suffix("-gz").unwrap_or(&name);
            if name.ends_with("-csv-txt") { name.trim_end_matches("-txt").to_owned() } else { name.to_owned() }
        };
        let wanted = self.path.file_name()?.to_str()?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let names = std::fs::read_dir(folder).ok()?.flatten().filter(|entry| entry.path().is_file());
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let allowed = MOST.min(plain(wanted).len() / 3);
        // Names that are alike but for that come in the order of how alike they are as they stand.
        let distance = |name: &str| {
            let (near, meant) = (plain(name), plain(wanted));
            if near.len().abs_diff(meant.len()) > MOST {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&near, &meant);
            (distance <= allowed).then(|| (distance, strsim::damerau_levenshtein(name, wanted)))
        };
        let near = names.filter(|name| !name.contains(char::is_control));
        let near = near.filter_map(|name| Some((distance(&name)?, name))).min().map(|(_, name)| name)?;
        Some(Path::new(&self.name).with_file_name(near).display().to_string())
    }

    /// How many bytes it has as it lies there.
    pub(in crate::data) fn size(&self) -> Result<u64, Problem> {
        std::fs::metadata(&self.path).map(|metadata| metadata.len()).map_err(|error| Problem::Io(error.to_string()))
    }

    /// All bytes.
    pub(in crate::data) fn read(&self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        let io = |error: io::Error| Problem::Io(error.to_string());
        self.open()?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(Problem::TooLarge { limit: MOST_BYTES });
        }
        Ok(bytes)
    }

    /// Its bytes one after the other, unpacked if they are gzipped; twice, if somebody packed a packed file.
    pub(in crate::data) fn unpacked(&self) -> Result<Unpacked, Problem> {
        const MOST_LAYERS: usize = 2;
        let mut from: Box<dyn BufRead> = Box::new(self.open()?);
        let (mut packing, mut layers) = (Packing::None, 0);
        for _ in 0..MOST_LAYERS {
            let start = from.fill_buf().map_err(|error| packing.problem(0, &error))?;
            if !is_gzip(start) {
                break;
            }
            (packing, layers) = (Packing::Gzip, layers + 1);
            from = Box::new(BufReader::new(Gunzip(Member::Inside(GzDecoder::new(from)))));
        }
        Ok(Unpacked { from, packing, layers, at: 0 })
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

impl Packing {
    /// What an error at a byte says of the file.
    fn problem(self, byte: usize, error: &io::Error) -> Problem {
        match self {
            Self::Gzip => Problem::DamagedGzip { byte, error: error.to_string() },
            Self::None => Problem::Io(error.to_string()),
        }
    }
}

/// Unpacks as gunzip does: one stream after the other, and zero bytes behind the last one are none of the content. Some
/// tools fill a file's last block with them.
struct Gunzip<R>(Member<R>);

enum Member<R> {
    Inside(GzDecoder<R>),
    /// While the stream behind one is looked for.
    Between,
    After,
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.0 {
                Member::Inside(member) => {
                    let read = member.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        return Ok(read);
                    }
                }
                Member::Between | Member::After => return Ok(0),
            }
            let Member::Inside(ended) = std::mem::replace(&mut self.0, Member::Between) else { return Ok(0) };
            let mut rest = ended.into_inner();
            let is_over = loop {
                let next = rest.fill_buf()?;
                let zeros = next.iter().take_while(|byte| **byte == 0).count();
                let (is_end, all_zeros) = (next.is_empty(), zeros == next.len());
                rest.consume(zeros);
                if is_end || !all_zeros {
                    break is_end;
                }
            };
            self.0 = if is_over { Member::After } else { Member::Inside(GzDecoder::new(rest)) };
        }
    }
}

/// A file's bytes, unpacked on the way.
pub(in crate::data) struct Unpacked {
    from: Box<dyn BufRead>,
    packing: Packing,
    /// How many times it is packed.
    layers: usize,
    /// Bytes so far.
    at: usize,
}

impl Unpacked {
    /// Up to `most` of the next bytes: fewer only where the file ends. Memory grows with what comes, not with `most`.
    pub(super) fn next(&mut self, most: u64) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        let read = self.from.by_ref().take(most).read_to_end(&mut bytes);
        self.at += bytes.len();
        read.map(|_| bytes).map_err(|error| self.packing.problem(self.at, &error))
    }

    /// Whether the bytes are those of a packed file, so that its size says little of theirs.
    pub(super) fn is_packed(&self) -> bool {
        self.layers > 0
    }

    /// Whether the bytes are those of a packed file that was packed again.
    pub(super) fn is_packed_twice(&self) -> bool {
        self.layers > 1
    }
}
