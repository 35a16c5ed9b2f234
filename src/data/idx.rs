//! Images and labels in the format of MNIST (Y. LeCun: "the IDX file format"), gzipped or not: two zero bytes, the type
//! of an element (0x08, an unsigned byte), the number of dimensions, the dimensions as big-endian 32-bit numbers, the
//! elements.
//!
//! All pixels are put on one scale: mean 0 and standard deviation 1 over all pixels of the training part. The labels
//! that occur in the training part, in ascending order, are the classes. Without test files, a share of each class is for
//! testing.

use ndarray::Array2;

use super::file::{MOST_BYTES, Unpacked};
use super::found::NamedFile;
use super::split::{Split, check_classes, few_examples};
use super::{
    Answers, DataError, Dataset, Examples, FewExamples, Found, Header, Label, Problem, Separator, Sizes, TestFraction,
};
use crate::kernels::sqrt;

/// Reads the files for the first time: images and labels, then those for testing, if there are some.
pub(super) fn look(files: Vec<NamedFile>, test_fraction: TestFraction) -> Result<Found, DataError> {
    let (raw, content) = Raw::read(&files, test_fraction)?;
    let (label, separator, header) = (Label::default(), Separator::default(), Header::default());
    let (sizes, few) = (raw.sizes(), raw.few);
    Ok(Found { content, sizes, label, separator, header, notes: Vec::new(), few, files })
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
        let mut pairs = Vec::new();
        for pair in files.chunks(2) {
            let [images_file, labels_file] = pair else { unreachable!("images come with labels") };
            let images = Array::read(images_file, &IMAGES).map_err(|problem| images_file.error(problem))?;
            let labels = Array::read(labels_file, &LABELS).map_err(|problem| labels_file.error(problem))?;
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
        Ok((raw, content.finalize()))
    }

    fn with_test_part(images: Array, labels: &Array, test: Array, test_labels: &Array) -> Result<Self, Problem> {
        let names = names(&labels.elements);
        let class = |label: &u8| names.iter().position(|name| name == label);
        let known = |labels: &Array| -> Result<Vec<usize>, Problem> {
            let unknown = |i: usize| Problem::UnknownLabel { byte: LABELS.header + i, label: labels.elements[i] };
            labels.elements.iter().enumerate().map(|(i, label)| class(label).ok_or_else(|| unknown(i))).collect()
        };
        Ok(Self {
            pixels: images.size,
            classes: names.len(),
            train: Part { images: images.elements, labels: known(labels)? },
            test: Part { images: test.elements, labels: known(test_labels)? },
            few: None,
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
        Ok(Self { pixels, classes: names.len(), train: part(&split.train), test: part(&split.test), few })
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
    /// Bytes before the first label.
    header: usize,
}

const IMAGES: Kind = Kind { what: "images", dimensions: 2..=4, expected: "2 to 4", header: 0 };
const LABELS: Kind = Kind { what: "labels", dimensions: 1..=1, expected: "1", header: 8 };

/// The content of one file.
struct Array {
    examples: usize,
    /// Elements of one example.
    size: usize,
    elements: Vec<u8>,
    hash: blake3::Hash,
}

impl Array {
    fn read(file: &NamedFile, kind: &Kind) -> Result<Self, Problem> {
        let mut bytes = file.unpacked()?;
        let mut hash = blake3::Hasher::new();
        let start = complete(&mut bytes, 0, 4, &mut hash)?;
        if start[..2] != [0, 0] {
            return Err(Problem::Magic { first: start[0], second: start[1] });
        }
        if start[2] != 8 {
            return Err(Problem::ElementType { code: start[2], name: type_name(start[2]) });
        }
        if !kind.dimensions.contains(&start[3]) {
            return Err(Problem::Dimensions { found: start[3], what: kind.what, expected: kind.expected });
        }
        let header = 4 + 4 * u64::from(start[3]);
        let sizes = complete(&mut bytes, 4, header - 4, &mut hash)?;
        let sizes: Vec<u64> =
            sizes.chunks_exact(4).map(|b| u64::from(u32::from_be_bytes(b.try_into().expect("a chunk of 4")))).collect();
        if let Some(empty) = sizes.iter().position(|&size| size == 0) {
            return Err(Problem::EmptyDimension { byte: 4 + 4 * empty });
        }
        let total = sizes.iter().fold(1, |product: u64, &size| product.saturating_mul(size));
        if total > MOST_BYTES {
            return Err(Problem::TooLarge { limit: MOST_BYTES });
        }
        let elements = complete(&mut bytes, header, total, &mut hash)?;
        if !bytes.next(1)?.is_empty() {
            return Err(Problem::TooLong { promised: header + total });
        }
        let size = |n: u64| usize::try_from(n).expect("the elements are in memory");
        Ok(Self { examples: size(sizes[0]), size: size(total / sizes[0]), elements, hash: hash.finalize() })
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

fn type_name(code: u8) -> &'static str {
    match code {
        0x09 => "signed bytes",
        0x0b => "16-bit numbers",
        0x0c => "32-bit numbers",
        0x0d => "32-bit floats",
        0x0e => "64-bit floats",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests;
