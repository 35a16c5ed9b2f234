//! Images and labels in the format of MNIST (Y. LeCun: "the IDX file format"), gzipped or not: two zero bytes, the type
//! of an element (0x08, an unsigned byte), the number of dimensions, the dimensions as big-endian 32-bit numbers, the
//! elements. What is plain is read as well: sizes with their bytes in the other order, labels in a column of their own or
//! in the first of QMNIST's eight, and elements of another type that are whole numbers from 0 to 255 or, of pixels, 255ths.
//!
//! All pixels are put on one scale: mean 0 and standard deviation 1 over all pixels of the training part. The labels
//! that occur in the training part, in ascending order, are the classes. Without test files, a share of each class is for
//! testing.

use ndarray::Array2;

use super::file::{MOST_BYTES, Unpacked};
use super::found::NamedFile;
use super::split::{Split, check_classes, few_examples};
use super::{
    Answers, DataError, Dataset, Examples, FewExamples, Format, Found, Header, Label, Problem, Separator, Sizes,
    TestFraction,
};
use crate::kernels::sqrt;

/// Reads the files for the first time: images and labels, then those for testing, if there are some.
pub(super) fn look(files: Vec<NamedFile>, test_fraction: TestFraction) -> Result<Found, DataError> {
    let (raw, content) = Raw::read(&files, test_fraction)?;
    let (label, separator, header) = (Label::default(), Separator::default(), Header::default());
    let (sizes, few, notes) = (raw.sizes(), raw.few, raw.notes);
    Ok(Found { content, sizes, label, separator, header, notes, few, files })
}

/// Reads the files again.
pub(super) fn load(found: &Found, test_fraction: TestFraction) -> Result<Dataset, DataError> {
    let (raw, content) = Raw::read(&found.files, test_fraction)?;
    if content == found.content { Ok(raw.scaled()) } else { Err(found.files[0].error(Problem::Changed)) }
}

/// Both parts in bytes.
struct Raw {
    pixels: usize,
    classes: usize,
    train: Part,
    test: Part,
    /// What makes a split of these files doubtful.
    few: Option<FewExamples>,
    /// What was taken for what in the files: a sentence each.
    notes: Vec<String>,
}

/// The bytes of some images, (examples, pixels), and their classes.
struct Part {
    images: Vec<u8>,
    labels: Vec<usize>,
}

impl Raw {
    /// The files as they are, with a hash over their contents.
    fn read(files: &[NamedFile], test_fraction: TestFraction) -> Result<(Self, blake3::Hash), DataError> {
        let mut content = blake3::Hasher::new();
        let (mut pairs, mut notes) = (Vec::new(), Vec::new());
        let mut arrays = Array::read_all(files)?.into_iter();
        for pair in files.chunks(2) {
            let [_, labels_file] = pair else { unreachable!("images come with labels") };
            let (Some(images), Some(labels)) = (arrays.next(), arrays.next()) else {
                unreachable!("all files were read")
            };
            for (file, array) in pair.iter().zip([&images, &labels]) {
                notes.extend(array.notes.iter().map(|note| format!("{} {note}", file.key)));
            }
            if images.examples != labels.examples {
                let problem = Problem::Counts { labels: labels.examples, images: images.examples };
                return Err(labels_file.error(problem));
            }
            content.update(images.hash.as_bytes()).update(labels.hash.as_bytes());
            pairs.push((images, labels));
        }
        let test = (pairs.len() > 1).then(|| pairs.pop().expect("there are two"));
        let (images, labels) = pairs.pop().expect("there are files");
        let raw = match test {
            Some((test_images, test_labels)) => {
                if test_images.size != images.size {
                    let problem = Problem::ImageSize { test: test_images.size, train: images.size };
                    return Err(files[2].error(problem));
                }
                Self::with_test_part(images, &labels, test_images, &test_labels).map_err(|p| files[3].error(p))
            }
            None => Self::divided(&images, &labels, test_fraction).map_err(|problem| files[1].error(problem)),
        }?;
        if raw.classes == 1 {
            let class = labels.elements[0].to_string();
            return Err(files[1].error(Problem::OneClass { class }));
        }
        Ok((Self { notes, ..raw }, content.finalize()))
    }

    fn with_test_part(images: Array, labels: &Array, test: Array, test_labels: &Array) -> Result<Self, Problem> {
        let names = names(&labels.elements);
        let class = |label: &u8| names.iter().position(|name| name == label);
        let known = |labels: &Array| -> Result<Vec<usize>, Problem> {
            let unknown = |i: usize| Problem::UnknownLabel { byte: labels.place(i), label: labels.elements[i] };
            labels.elements.iter().enumerate().map(|(i, label)| class(label).ok_or_else(|| unknown(i))).collect()
        };
        Ok(Self {
            pixels: images.size,
            classes: names.len(),
            train: Part { images: images.elements, labels: known(labels)? },
            test: Part { images: test.elements, labels: known(test_labels)? },
            few: None,
            notes: Vec::new(),
        })
    }

    fn divided(images: &Array, labels: &Array, test_fraction: TestFraction) -> Result<Self, Problem> {
        let names = names(&labels.elements);
        let class = |label: &u8| names.iter().position(|name| name == label).expect("the names are of these labels");
        let labels: Vec<usize> = labels.elements.iter().map(class).collect();
        let split = Split::stratified(&labels, test_fraction);
        let name = |class: usize| names[class].to_string();
        check_classes(&labels, names.len(), &split.train, name)?;
        let few = few_examples(&labels, names.len(), split.test.len(), name);
        let pixels = images.size;
        let part = |rows: &[usize]| Part {
            images: rows.iter().flat_map(|row| &images.elements[row * pixels..(row + 1) * pixels]).copied().collect(),
            labels: rows.iter().map(|&row| labels[row]).collect(),
        };
        let (train, test) = (part(&split.train), part(&split.test));
        Ok(Self { pixels, classes: names.len(), train, test, few, notes: Vec::new() })
    }

    fn sizes(&self) -> Sizes {
        let (train, test) = (self.train.labels.len(), self.test.labels.len());
        Sizes::without_time((train, test), (self.pixels, self.classes))
    }

    fn scaled(self) -> Dataset {
        let values = scale(&self.train.images);
        let part = |part: Part| Examples {
            x: Array2::from_shape_fn((part.labels.len(), self.pixels), |(i, j)| {
                values[usize::from(part.images[i * self.pixels + j])]
            }),
            answers: Answers::Classes { labels: part.labels, count: self.classes },
        };
        Dataset::without_time(part(self.train), part(self.test))
    }
}

/// What each of the 256 pixel values becomes: mean 0 and standard deviation 1 over these pixels, and 0 where they are
/// all the same. The sums are whole numbers, and so exact.
fn scale(pixels: &[u8]) -> [f64; 256] {
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for &pixel in pixels {
        sum += u64::from(pixel);
        squares += u64::from(pixel) * u64::from(pixel);
    }
    let n = pixels.len() as f64;
    let mean = sum as f64 / n;
    let spread = pixels.len() as u128 * u128::from(squares) - u128::from(sum) * u128::from(sum);
    let std = sqrt(spread as f64) / n;
    std::array::from_fn(|value| if spread == 0 { 0.0 } else { (value as f64 - mean) / std })
}

/// The labels that occur, ascending.
fn names(labels: &[u8]) -> Vec<u8> {
    let mut names = labels.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

/// What a file is to hold.
struct Kind {
    what: &'static str,
    dimensions: std::ops::RangeInclusive<u8>,
    expected: &'static str,
}

const IMAGES: Kind = Kind { what: "images", dimensions: 2..=4, expected: "2 to 4" };
const LABELS: Kind = Kind { what: "labels", dimensions: 1..=2, expected: "1" };

/// The columns of QMNIST's labels, 32-bit numbers of which the first is the class (Yadav and Bottou 2019).
const QMNIST_COLUMNS: u64 = 8;

/// The content of one file.
struct Array {
    examples: usize,
    /// Elements of one example.
    size: usize,
    elements: Vec<u8>,
    hash: blake3::Hash,
    /// Where the elements begin, and how many bytes the file has for each example.
    header: usize,
    stride: usize,
    /// What was taken for what: the rest of a sentence that begins with the file's key.
    notes: Vec<&'static str>,
}

/// What the first bytes of a file say of it.
struct Head {
    element: Element,
    order: Order,
    sizes: Vec<u64>,
    /// Bytes before the first element.
    header: u64,
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The highest first: as the format says.
    Big,
    /// The lowest first: as a program writes it that copies its memory.
    Little,
}

impl Order {
    fn other(self) -> Self {
        match self {
            Self::Big => Self::Little,
            Self::Little => Self::Big,
        }
    }
}

impl Array {
    /// Images and labels in turn, or what is wrong with all of them.
    fn read_all(files: &[NamedFile]) -> Result<Vec<Self>, DataError> {
        let kinds = [IMAGES, LABELS];
        let read = |(file, kind): (&NamedFile, &Kind)| Self::read(file, kind).map_err(|problem| file.error(problem));
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

    fn read(file: &NamedFile, kind: &Kind) -> Result<Self, Problem> {
        let mut bytes = file.unpacked()?;
        let mut hash = blake3::Hasher::new();
        let mut head = Head::read(&mut bytes, kind, &mut hash)?;
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
    fn place(&self, example: usize) -> usize {
        self.header + example * self.stride
    }
}

/// The most bytes that deflate makes of one.
const GZIP_AT_BEST: u64 = 1032;

impl Head {
    fn read(bytes: &mut Unpacked, kind: &Kind, hash: &mut blake3::Hasher) -> Result<Self, Problem> {
        let start = complete(bytes, 0, 4, hash)?;
        let (order, code, dimensions) = match start.as_slice() {
            [0, 0, code, dimensions] => (Order::Big, *code, *dimensions),
            [dimensions, code, 0, 0] if Element::of(*code).is_some() => (Order::Little, *code, *dimensions),
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
        let sizes = sizes.map(|size| u64::from(if order == Order::Big { size } else { size.swap_bytes() })).collect();
        Ok(Self { element, order, sizes, header })
    }

    /// Bytes of all elements.
    fn bytes(&self) -> u64 {
        self.sizes.iter().fold(self.element.size() as u64, |product, &size| product.saturating_mul(size))
    }

    /// The same with its sizes in the other order of bytes: some programs write the first four bytes alone as they should.
    fn swapped(&self) -> Self {
        let other = |size: &u64| u32::try_from(*size).map_or(*size, |size| u64::from(size.swap_bytes()));
        Self {
            element: self.element,
            order: self.order.other(),
            sizes: self.sizes.iter().map(other).collect(),
            header: self.header,
        }
    }

    /// What is not as the format says, and read all the same.
    fn notes(&self, kind: &Kind) -> Vec<&'static str> {
        let mut notes = Vec::new();
        if self.order == Order::Little {
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
    fn is_qmnist(&self, elements: &[u8]) -> bool {
        let number = |bytes: &[u8]| self.element.number(bytes, self.order);
        let row = self.element.size() * 8;
        let mut rows = elements.chunks_exact(row);
        let others = || elements.chunks_exact(row).flat_map(|row| row.chunks_exact(row.len() / 8).skip(1));
        rows.all(|row| (0.0..=9.0).contains(&number(&row[..row.len() / 8])))
            && others().any(|other| ![0.0, 1.0].contains(&number(other)))
    }

    /// How many elements of each example count: all pixels, and one label.
    fn columns(&self, kind: &Kind, elements: &[u8]) -> Result<usize, Problem> {
        let columns: u64 = self.sizes[1..].iter().product();
        if kind.what == IMAGES.what {
            return Ok(usize::try_from(columns).expect("the elements are in memory"));
        }
        let is_qmnist = columns == QMNIST_COLUMNS && self.element == Element::I32 && self.is_qmnist(elements);
        if columns == 1 || is_qmnist { Ok(1) } else { Err(Problem::LabelColumns { columns }) }
    }
}

/// The type of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

/// How far from a whole number a 255th in 32 bits may be.
const ROUNDING: f64 = 1e-3;

impl Element {
    fn of(code: u8) -> Option<Self> {
        match code {
            0x08 => Some(Self::U8),
            0x09 => Some(Self::I8),
            0x0b => Some(Self::I16),
            0x0c => Some(Self::I32),
            0x0d => Some(Self::F32),
            0x0e => Some(Self::F64),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::U8 => "unsigned bytes",
            Self::I8 => "signed bytes",
            Self::I16 => "16-bit numbers",
            Self::I32 => "32-bit numbers",
            Self::F32 => "32-bit floats",
            Self::F64 => "64-bit floats",
        }
    }

    fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The number that its bytes are.
    fn number(self, bytes: &[u8], order: Order) -> f64 {
        let mut ordered = [0; 8];
        let ordered = &mut ordered[..bytes.len()];
        ordered.copy_from_slice(bytes);
        if order == Order::Little {
            ordered.reverse();
        }
        match self {
            Self::U8 => f64::from(ordered[0]),
            Self::I8 => f64::from(i8::from_be_bytes([ordered[0]])),
            Self::I16 => f64::from(i16::from_be_bytes(ordered.try_into().expect("two bytes"))),
            Self::I32 => f64::from(i32::from_be_bytes(ordered.try_into().expect("four bytes"))),
            Self::F32 => f64::from(f32::from_be_bytes(ordered.try_into().expect("four bytes"))),
            Self::F64 => f64::from_be_bytes(ordered.try_into().expect("eight bytes")),
        }
    }

    /// The first elements of each example as bytes, of which each example has `stride` with `columns` elements that count.
    /// Pixels from 0 to 1 are 255ths.
    fn bytes(
        self,
        all: &[u8],
        order: Order,
        what: &'static str,
        header: usize,
        (stride, columns): (usize, usize),
    ) -> Result<Vec<u8>, Problem> {
        if self == Self::U8 {
            return Ok(all.to_vec());
        }
        let places =
            (0..all.len()).step_by(stride).flat_map(|start| (0..columns).map(move |i| start + i * self.size()));
        let as_bytes = |order: Order| -> Result<Vec<u8>, usize> {
            let number = |at: usize| self.number(&all[at..at + self.size()], order);
            let is_share = what == IMAGES.what
                && matches!(self, Self::F32 | Self::F64)
                && places.clone().all(|at| (0.0..=1.0).contains(&number(at)));
            let scale = if is_share { 255.0 } else { 1.0 };
            places.clone().map(|at| byte(number(at), scale).ok_or(at)).collect()
        };
        as_bytes(order).map_err(|at| Problem::Element {
            byte: header + at,
            value: self.number(&all[at..at + self.size()], order).to_string(),
            name: self.name(),
            what: if what == IMAGES.what { "pixels" } else { what },
            fits_in_other_order: as_bytes(order.other()).is_ok(),
        })
    }
}

/// A share times 255, or a number, as a byte. Next to nothing is not 0: it is what the other order of bytes makes of
/// many numbers.
fn byte(number: f64, scale: f64) -> Option<u8> {
    let scaled = number * scale;
    let rounded = scaled.round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 255")]
    let byte = rounded as u8;
    let is_byte = (0.0..=255.0).contains(&rounded)
        && (scaled - rounded).abs() <= if scale == 1.0 { 0.0 } else { ROUNDING }
        && (rounded != 0.0 || number == 0.0);
    is_byte.then_some(byte)
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

#[cfg(test)]
mod tests;
