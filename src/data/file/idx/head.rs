//! The first bytes of a file: the type of its elements, and its dimensions.

use super::content::{Content, IMAGES, LABELS};
use super::element::{ByteOrder, Element};
use crate::data::file::bytes::Unpacked;
use crate::data::file::error::Problem;
use crate::data::file::format::Format;

/// The columns of QMNIST's labels, 32-bit numbers of which the first is the class (Yadav and Bottou 2019).
const QMNIST_COLUMNS: u64 = 8;

/// What the first bytes of a file say of it.
pub(super) struct IdxHead {
    pub(super) element: Element,
    pub(super) order: ByteOrder,
    pub(super) sizes: Vec<u64>,
    /// Bytes before the first element.
    pub(super) header: u64,
}

impl IdxHead {
    pub(super) fn read(bytes: &mut Unpacked, kind: &Content, hash: &mut blake3::Hasher) -> Result<Self, Problem> {
        let start = complete(bytes, 0, 4, hash)?;
        let (order, code, dimensions) = match start.as_slice() {
            [0, 0, code, dimensions] => (ByteOrder::Big, *code, *dimensions),
            [dimensions, code, 0, 0] if Element::of(*code).is_some() => (ByteOrder::Little, *code, *dimensions),
            [first, second, ..] => {
                let more = bytes.next(Format::TOLD_BY)?;
                let format = Format::of(&[start.as_slice(), &more].concat());
                return Err(format.map_or(Problem::Magic { first: *first, second: *second }, Problem::OtherFormat));
            }
            _ => unreachable!("four bytes were read"),
        };
        let element = Element::of(code).ok_or(Problem::ElementType { code })?;
        if !kind.dimensions.contains(&dimensions) {
            return Err(Problem::Dimensions { found: dimensions, what: kind.what, expected: kind.expected });
        }
        let header = 4 + 4 * u64::from(dimensions);
        let sizes = complete(bytes, 4, header - 4, hash)?;
        let sizes = sizes.chunks_exact(4).map(|b| u32::from_be_bytes(b.try_into().expect("a chunk of 4")));
        let sizes =
            sizes.map(|size| u64::from(if order == ByteOrder::Big { size } else { size.swap_bytes() })).collect();
        Ok(Self { element, order, sizes, header })
    }

    /// Bytes of all elements.
    pub(super) fn bytes(&self) -> u64 {
        self.sizes.iter().fold(self.element.size() as u64, |product, &size| product.saturating_mul(size))
    }

    /// The head with its sizes in the other order of bytes: some programs write the first four bytes alone as they should.
    pub(super) fn swapped(&self) -> Self {
        let other = |size: &u64| u32::try_from(*size).map_or(*size, |size| u64::from(size.swap_bytes()));
        Self {
            element: self.element,
            order: self.order.other(),
            sizes: self.sizes.iter().map(other).collect(),
            header: self.header,
        }
    }

    /// What is not as the format says, and read all the same.
    pub(super) fn notes(&self, kind: &Content) -> Vec<&'static str> {
        let mut notes = Vec::new();
        if self.order == ByteOrder::Little {
            notes.push("has the bytes of its numbers in the other order, the lowest first");
        }
        let has_columns = kind.what == LABELS.what && self.sizes.len() > 1;
        let columns: u64 = self.sizes[1..].iter().product();
        if has_columns && columns > 1 {
            notes.push("has 8 numbers for each image, of which the first is read as the class, as in QMNIST");
        } else if self.element != Element::U8 {
            notes.push("holds other numbers than unsigned bytes, and all of them are read as bytes");
        }
        if has_columns && columns == 1 {
            notes.push("holds the labels in a column of their own");
        }
        notes
    }

    /// Whether numbers by eight may be QMNIST's: a digit before other numbers, not eight marks of which one is set.
    pub(super) fn is_qmnist(&self, elements: &[u8]) -> bool {
        let number = |bytes: &[u8]| self.element.number(bytes, self.order);
        let row = self.element.size() * 8;
        let mut rows = elements.chunks_exact(row);
        let others = || elements.chunks_exact(row).flat_map(|row| row.chunks_exact(row.len() / 8).skip(1));
        rows.all(|row| (0.0..=9.0).contains(&number(&row[..row.len() / 8])))
            && others().any(|other| ![0.0, 1.0].contains(&number(other)))
    }

    /// How many elements of each example count: all pixels, and one label.
    pub(super) fn columns(&self, kind: &Content, elements: &[u8]) -> Result<usize, Problem> {
        let columns: u64 = self.sizes[1..].iter().product();
        if kind.what == IMAGES.what {
            return Ok(usize::try_from(columns).expect("the elements are in memory"));
        }
        let is_qmnist = columns == QMNIST_COLUMNS && self.element == Element::I32 && self.is_qmnist(elements);
        if columns == 1 || is_qmnist { Ok(1) } else { Err(Problem::LabelColumns { columns }) }
    }
}

/// The next `count` bytes, from byte `at` on.
fn complete(bytes: &mut Unpacked, at: u64, count: u64, hash: &mut blake3::Hasher) -> Result<Vec<u8>, Problem> {
    let read = bytes.next(count)?;
    if (read.len() as u64) < count {
        let end = usize::try_from(at).expect("so many were read") + read.len();
        return Err(Problem::Truncated { end, promised: at + count });
    }
    hash.update(&read);
    Ok(read)
}
