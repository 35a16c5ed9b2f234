//! The fixed split into a training and a test part, and the scale that the training part sets. No seed changes either.

use ndarray::{Array2, Axis};

use super::dataset::Dataset;
use super::examples::{Answers, Examples};
use super::spec::TestFraction;
use crate::kernels::mean_and_std;

/// Rows by part, in the order in which the parts hold them.
#[derive(Debug, PartialEq)]
pub(in crate::data) struct Split {
    pub(in crate::data) train: Vec<usize>,
    pub(in crate::data) test: Vec<usize>,
}

impl Split {
    /// A share for testing, rounded up: in the order of (class, position), evenly spaced, so that in each class it is
    /// this share to within one.
    pub(in crate::data) fn stratified(labels: &[usize], share: TestFraction) -> Self {
        let mut by_class: Vec<usize> = (0..labels.len()).collect();
        by_class.sort_by_key(|&i| (labels[i], i));
        Self::evenly_spaced(&by_class, share)
    }

    /// A share of `order` for testing, rounded up: evenly spaced, the last one with it.
    pub(in crate::data) fn evenly_spaced(order: &[usize], share: TestFraction) -> Self {
        let (all, tested) = (order.len(), share.of(order.len()));
        let is_test = |position: usize| (position + 1) * tested / all > position * tested / all;
        let pick = |test: bool| (0..all).filter(|&p| is_test(p) == test).map(|p| order[p]).collect();
        Self { train: pick(false), test: pick(true) }
    }

    /// The two parts of a table.
    pub(in crate::data) fn of(&self, x: &Array2<f64>, answers: &Answers) -> Dataset {
        let part = |rows: &[usize]| Examples { x: x.select(Axis(0), rows), answers: answers.select(rows) };
        Dataset::without_time(part(&self.train), part(&self.test))
    }
}

/// Gives every column mean 0 and standard deviation 1 in the training part; constant ones are 0 everywhere, also in the
/// test part. The error is of the column at this index.
pub(in crate::data) fn standardise(train: &mut Array2<f64>, test: &mut Array2<f64>) -> Result<(), usize> {
    for column in 0..train.ncols() {
        let values = train.column(column).to_vec();
        // Not by the deviation: the mean of equal numbers need not be that number to the last bit.
        let is_constant = values.windows(2).all(|pair| pair[0] == pair[1]);
        let (mean, std) = mean_and_std(&values);
        let is_scalable = std.is_normal() && mean.is_finite();
        if !(is_constant || is_scalable) {
            return Err(column);
        }
        for part in [&mut *train, &mut *test] {
            for x in &mut part.column_mut(column) {
                *x = if is_constant { 0.0 } else { (*x - mean) / std };
                // A test value may be as far away as f64 reaches.
                if !x.is_finite() {
                    return Err(column);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_fifth_of_each_class_is_for_testing_and_no_row_is_in_both_parts() {
        let labels: Vec<usize> = (0..503).map(|i| i * i % 7).collect();
        let Split { train, test } = Split::stratified(&labels, TestFraction::default());
        assert_eq!((train.len(), test.len()), (402, 101));
        for class in 0..7 {
            let of = |rows: &[usize]| rows.iter().filter(|&&row| labels[row] == class).count();
            let share = of(&test) as f64 - 0.2 * (of(&test) + of(&train)) as f64;
            assert!(share.abs() <= 1.0, "class {class}: {share}");
        }
        let mut rows = [train, test].concat();
        rows.sort_unstable();
        assert!(rows.into_iter().eq(0..503));
    }

    #[test]
    fn few_rows_split_too() {
        let split = |n: usize, share: TestFraction| Split::evenly_spaced(&(0..n).collect::<Vec<_>>(), share);
        let of = |n: usize| split(n, TestFraction::default());
        assert_eq!(of(0), Split { train: vec![], test: vec![] });
        assert_eq!(of(1), Split { train: vec![], test: vec![0] });
        assert_eq!(of(6), Split { train: vec![0, 1, 3, 4], test: vec![2, 5] });
        let share = |share: f64| TestFraction::new(share).expect("a share");
        assert_eq!(split(3, share(0.0)), Split { train: vec![0, 1, 2], test: vec![] });
        assert_eq!(split(4, share(0.5)), Split { train: vec![0, 2], test: vec![1, 3] });
    }

    #[test]
    fn constant_columns_are_zero_and_extreme_ones_are_refused() {
        let mut train = array![[0.1, 1.0], [0.1, 3.0], [0.1, 5.0]];
        let mut test = array![[7.0, 3.0]];
        assert_eq!(standardise(&mut train, &mut test), Ok(()));
        assert_eq!((train.column(0).sum(), test[[0, 0]], test[[0, 1]]), (0.0, 0.0, 0.0));
        assert!((train[[2, 1]] - 1.5_f64.sqrt()).abs() < 1e-15);
        let mut wide = array![[1e200], [-1e200]];
        assert_eq!(standardise(&mut wide.clone(), &mut wide), Ok(()));
        assert_eq!(wide, array![[1.0], [-1.0]]);
        for extreme in [array![[1e-320], [2e-320]], array![[f64::MAX], [f64::MAX], [-f64::MAX]]] {
            assert_eq!(standardise(&mut extreme.clone(), &mut extreme.clone()), Err(0), "{extreme}");
        }
    }
}
