//! The content of one file, read within bounds.

use super::content::{Content, IMAGES, LABELS};
use super::head::IdxHead;
use crate::data::file::bytes::MOST_BYTES;
use crate::data::file::error::{DataError, Problem};
use crate::data::spec::NamedFile;

/// The content of one file.
pub(super) struct IdxArray {
    pub(super) examples: usize,
    /// Elements of one example.
    pub(super) size: usize,
    pub(super) elements: Vec<u8>,
    pub(super) hash: blake3::Hash,
    /// Where the elements begin, and how many bytes the file has for each example.
    header: usize,
    stride: usize,
    /// What was taken for what: the rest of a sentence that begins with the file's key.
    pub(super) notes: Vec<&'static str>,
}

impl IdxArray {
    /// Images and labels in turn, or what is wrong with all of them.
    pub(super) fn read_all(files: &[NamedFile]) -> Result<Vec<Self>, DataError> {
        let kinds = [IMAGES, LABELS];
        let read = |(file, kind): (&NamedFile, &Content)| Self::read(file, kind).map_err(|problem| file.error(problem));
        let (mut arrays, mut errors) = (Vec::new(), Vec::new());
        for read in files.iter().zip(kinds.iter().cycle()).map(read) {
            read.map_or_else(|error| errors.push(error), |array| arrays.push(array));
        }
        if errors.len() < 2 {
            return errors.pop().map_or(Ok(arrays), Err);
        }
        let DataError { file, key, problem } = errors.remove(0);
        let first = Box::new(problem);
        Err(DataError { file, key, problem: Problem::Several { first, others: errors } })
    }

    fn read(file: &NamedFile, kind: &Content) -> Result<Self, Problem> {
        let mut bytes = file.unpacked()?;
        let mut hash = blake3::Hasher::new();
        let mut head = IdxHead::read(&mut bytes, kind, &mut hash)?;
        let (mut promised, swapped) = (head.bytes(), head.swapped().bytes());
        // One byte more than is due tells whether there are more.
        let most = |bytes: u64| if bytes <= MOST_BYTES { bytes } else { 0 };
        let rest = bytes.next(most(promised).max(most(swapped)) + 1)?;
        if promised != rest.len() as u64 && swapped == rest.len() as u64 {
            (head, promised) = (head.swapped(), swapped);
        }
        if let Some(empty) = head.sizes.iter().position(|&size| size == 0) {
            return Err(Problem::EmptyDimension { byte: 4 + 4 * empty });
        }
        let header = head.header;
        if promised > MOST_BYTES {
            let (whole, held, packed) = (promised.saturating_add(header), file.size()?, bytes.is_packed());
            // Nothing that is packed is smaller than this share of what it holds.
            let holds_it = if packed { held.saturating_mul(GZIP_AT_BEST) } else { held } >= whole;
            return Err(if holds_it {
                Problem::TooLargeArray { promised: whole, limit: MOST_BYTES }
            } else {
                Problem::Promises { promised: whole, held, packed }
            });
        }
        let found = rest.len() as u64;
        if found < promised {
            let end = usize::try_from(header + found).expect("so many were read");
            return Err(Problem::Truncated { end, promised: header + promised });
        }
        if found > promised {
            let held = if bytes.is_packed() { None } else { Some(file.size()?) };
            return Err(Problem::TooLong { promised: header + promised, held });
        }
        hash.update(&rest);
        let mut notes = head.notes(kind);
        if bytes.is_packed_twice() {
            notes.push("is gzipped twice, and unpacked twice");
        }
        let size = |n: u64| usize::try_from(n).expect("the elements are in memory");
        let (examples, columns) = (size(head.sizes[0]), head.columns(kind, &rest)?);
        let (header, stride) = (size(header), rest.len() / examples);
        let elements = head.element.bytes(&rest, head.order, kind.what, header, (stride, columns))?;
        let (size, hash) = (elements.len() / examples, hash.finalize());
        Ok(Self { examples, size, elements, hash, header, stride, notes })
    }

    /// Where the element of an example begins, which has one.
    pub(super) fn place(&self, example: usize) -> usize {
        self.header + example * self.stride
    }
}

/// The most bytes that deflate makes of one.
const GZIP_AT_BEST: u64 = 1032;
