//! 1,797 handwritten digits of 8x8 pixels: the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin
//! and C. Kaynak, UCI Machine Learning Repository, doi 10.24432/C50P49, CC BY 4.0), embedded in the binary.
//!
//! The split is fixed and stratified, and no seed changes it: examples in the order of (class, position), every fifth
//! of which is for testing. Pixels are standardised by the training part; constant ones are left at 0.

use std::io::Read as _;

use flate2::read::GzDecoder;
use ndarray::{Array2, Axis};

use super::{Answers, Dataset, Examples};
use crate::kernels::mean_and_std;

pub(super) const PIXELS: usize = 64;
pub(super) const CLASSES: usize = 10;
pub(super) const TRAIN: usize = EXAMPLES - TEST;

const EXAMPLES: usize = 1797;
const TEST: usize = 360;

/// 64 pixels from 0 to 16 and the label, comma-separated, one image per line.
static PACKED: &[u8] = include_bytes!("digits.csv.gz");

pub(super) fn load() -> Dataset {
    let (images, labels) = unpack();
    let mut by_class: Vec<usize> = (0..EXAMPLES).collect();
    by_class.sort_by_key(|&i| (labels[i], i));
    // Evenly spaced positions: exactly TEST of them, and in each class its share to within one.
    let is_test = |position: usize| (position + 1) * TEST / EXAMPLES > position * TEST / EXAMPLES;
    let pick = |test: bool| -> Vec<usize> {
        (0..EXAMPLES).filter(|&p| is_test(p) == test).map(|position| by_class[position]).collect()
    };
    let part = |rows: &[usize]| Examples {
        x: images.select(Axis(0), rows),
        answers: Answers::Classes { labels: rows.iter().map(|&i| labels[i]).collect(), count: CLASSES },
    };
    let (mut train, mut test) = (part(&pick(false)), part(&pick(true)));
    for pixel in 0..PIXELS {
        let (mean, std) = mean_and_std(&train.x.column(pixel).to_vec());
        let standardise = |x: &mut f64| *x = if std > 0.0 { (*x - mean) / std } else { 0.0 };
        train.x.column_mut(pixel).iter_mut().for_each(standardise);
        test.x.column_mut(pixel).iter_mut().for_each(standardise);
    }
    Dataset { train, test }
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
