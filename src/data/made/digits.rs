//! 1,797 handwritten digits of 8x8 pixels: the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin
//! and C. Kaynak, UCI Machine Learning Repository, doi 10.24432/C50P49, CC BY 4.0), embedded in the binary.
//!
//! The split is fixed and stratified, and no seed changes it: examples in the order of (class, position), every fifth
//! of which is for testing. Pixels are standardised by the training part; constant ones are left at 0.

use std::io::Read as _;

use flate2::read::GzDecoder;
use ndarray::Array2;

use crate::data::dataset::Dataset;
use crate::data::examples::Answers;
use crate::data::spec::{Sizes, TestFraction};
use crate::data::split::{Split, standardise};

pub(in crate::data) const SIZES: Sizes = Sizes::without_time((EXAMPLES - TEST, TEST), (PIXELS, CLASSES));

const EXAMPLES: usize = 1797;
const TEST: usize = 360;
/// Pixels of an image.
pub(in crate::data) const PIXELS: usize = 64;
/// Rows of an image.
pub(in crate::data) const ROWS: usize = 8;
const CLASSES: usize = 10;

/// 64 pixels from 0 to 16 and the label, comma-separated, one image per line.
static PACKED: &[u8] = include_bytes!("digits.csv.gz");

pub(in crate::data) fn load() -> Dataset {
    let (images, labels) = unpack();
    let split = Split::stratified(&labels, TestFraction::default());
    let mut data = split.of(&images, &Answers::Classes { labels, count: CLASSES });
    standardise(&mut data.train.x, &mut data.test.x).expect("pixels are from 0 to 16");
    data
}

/// Images (examples, pixels) and their labels.
fn unpack() -> (Array2<f64>, Vec<usize>) {
    const EMBEDDED: &str = "the embedded file is whole";
    let mut text = String::new();
    GzDecoder::new(PACKED).read_to_string(&mut text).expect(EMBEDDED);
    let numbers: Vec<u8> =
        text.lines().flat_map(|line| line.split(',')).map(|cell| cell.trim().parse().expect(EMBEDDED)).collect();
    let table = Array2::from_shape_vec((EXAMPLES, PIXELS + 1), numbers).expect(EMBEDDED);
    let labels = table.column(PIXELS).iter().map(|&label| usize::from(label)).collect();
    (table.slice(ndarray::s![.., ..PIXELS]).mapv(f64::from), labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::mean_and_std;

    #[test]
    fn the_split_is_stratified_and_has_the_stated_sizes() {
        let data = load();
        assert_eq!(data.train.x.dim(), (1437, 64));
        assert_eq!(data.test.x.dim(), (360, 64));
        let Answers::Classes { labels, .. } = &data.test.answers else { panic!("digits are classes") };
        for class in 0..10 {
            let n = labels.iter().filter(|&&l| l == class).count();
            assert!((34..=37).contains(&n), "{n} of class {class}");
        }
    }

    #[test]
    fn training_pixels_are_standardised_and_constant_ones_are_zero() {
        let data = load();
        for column in data.train.x.columns() {
            let (mean, std) = mean_and_std(&column.to_vec());
            assert!(mean.abs() < 1e-12 && (std == 0.0 || (std - 1.0).abs() < 1e-12));
        }
        assert!(data.test.x.column(0).iter().all(|&x| x == 0.0));
    }
}
