//! The images and labels of all files, in bytes, and the data set that they make.

use ndarray::Array2;

use super::array::IdxArray;
use crate::data::dataset::Dataset;
use crate::data::examples::{Answers, Examples};
use crate::data::file::class_sizes::{check_classes, few_examples};
use crate::data::file::error::{DataError, Problem};
use crate::data::spec::{FewExamples, NamedFile, Sizes, TestFraction};
use crate::data::split::Split;
use crate::kernels::sqrt;

/// The training and the test part in bytes.
pub(super) struct RawImages {
    pixels: usize,
    classes: usize,
    train: Images,
    test: Images,
    /// What makes a split of these files doubtful.
    pub(super) few: Option<FewExamples>,
    /// What was taken for what in the files: a sentence each.
    pub(super) notes: Vec<String>,
}

/// The bytes of some images, (examples, pixels), and their classes.
struct Images {
    images: Vec<u8>,
    labels: Vec<usize>,
}

impl RawImages {
    /// The files as they are, with a hash over their contents.
    pub(super) fn read(files: &[NamedFile], test_fraction: TestFraction) -> Result<(Self, blake3::Hash), DataError> {
        let mut content = blake3::Hasher::new();
        let (mut pairs, mut notes) = (Vec::new(), Vec::new());
        let mut arrays = IdxArray::read_all(files)?.into_iter();
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

    fn with_test_part(
        images: IdxArray,
        labels: &IdxArray,
        test: IdxArray,
        test_labels: &IdxArray,
    ) -> Result<Self, Problem> {
        let names = names(&labels.elements);
        let class = |label: &u8| names.iter().position(|name| name == label);
        let known = |labels: &IdxArray| -> Result<Vec<usize>, Problem> {
            let unknown = |i: usize| Problem::UnknownLabel { byte: labels.place(i), label: labels.elements[i] };
            labels.elements.iter().enumerate().map(|(i, label)| class(label).ok_or_else(|| unknown(i))).collect()
        };
        Ok(Self {
            pixels: images.size,
            classes: names.len(),
            train: Images { images: images.elements, labels: known(labels)? },
            test: Images { images: test.elements, labels: known(test_labels)? },
            few: None,
            notes: Vec::new(),
        })
    }

    fn divided(images: &IdxArray, labels: &IdxArray, test_fraction: TestFraction) -> Result<Self, Problem> {
        let names = names(&labels.elements);
        let class = |label: &u8| names.iter().position(|name| name == label).expect("the names are of these labels");
        let labels: Vec<usize> = labels.elements.iter().map(class).collect();
        let split = Split::stratified(&labels, test_fraction);
        let name = |class: usize| names[class].to_string();
        check_classes(&labels, names.len(), &split.train, name)?;
        let few = few_examples(&labels, names.len(), split.test.len(), name);
        let pixels = images.size;
        let part = |rows: &[usize]| Images {
            images: rows.iter().flat_map(|row| &images.elements[row * pixels..(row + 1) * pixels]).copied().collect(),
            labels: rows.iter().map(|&row| labels[row]).collect(),
        };
        let (train, test) = (part(&split.train), part(&split.test));
        Ok(Self { pixels, classes: names.len(), train, test, few, notes: Vec::new() })
    }

    pub(super) fn sizes(&self) -> Sizes {
        let (train, test) = (self.train.labels.len(), self.test.labels.len());
        Sizes::without_time((train, test), (self.pixels, self.classes))
    }

    pub(super) fn scaled(self) -> Dataset {
        let values = scale(&self.train.images);
        let part = |part: Images| Examples {
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
