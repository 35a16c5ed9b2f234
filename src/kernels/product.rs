//! Matrix products over row-major slices, through ndarray's own.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use super::Real;

/// Which of the factors is read transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// C = A B with A (m, k), B (k, n).
    Plain,
    /// C = A^T B with A (k, m), B (k, n).
    LeftTransposed,
    /// C = A B^T with A (m, k), B (n, k).
    RightTransposed,
}

/// C = A B in the given form; `size` is (m, k, n), C is (m, n), all row-major.
///
/// # Panics
/// If a slice's length is not the product of its sides.
pub fn product<F: Real>(form: Form, size: (usize, usize, usize), a: &[F], b: &[F], c: &mut [F]) {
    multiply(form, size, a, b, F::zero(), c);
}

/// C += A B in the given form; `size` is (m, k, n), C is (m, n), all row-major.
///
/// # Panics
/// If a slice's length is not the product of its sides.
pub fn product_add<F: Real>(form: Form, size: (usize, usize, usize), a: &[F], b: &[F], c: &mut [F]) {
    multiply(form, size, a, b, F::one(), c);
}

fn multiply<F: Real>(form: Form, (m, k, n): (usize, usize, usize), a: &[F], b: &[F], beta: F, c: &mut [F]) {
    const FITS: &str = "a slice is as long as its matrix has entries";
    let mut c = ArrayViewMut2::from_shape((m, n), c).expect(FITS);
    match form {
        Form::Plain => {
            let a = ArrayView2::from_shape((m, k), a).expect(FITS);
            let b = ArrayView2::from_shape((k, n), b).expect(FITS);
            general_mat_mul(F::one(), &a, &b, beta, &mut c);
        }
        Form::LeftTransposed => {
            let a = ArrayView2::from_shape((k, m), a).expect(FITS);
            let b = ArrayView2::from_shape((k, n), b).expect(FITS);
            general_mat_mul(F::one(), &a.t(), &b, beta, &mut c);
        }
        Form::RightTransposed => {
            let a = ArrayView2::from_shape((m, k), a).expect(FITS);
            let b = ArrayView2::from_shape((n, k), b).expect(FITS);
            general_mat_mul(F::one(), &a, &b.t(), beta, &mut c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_agree_with_a_loop_and_add_keeps_what_was_there() {
        let (m, k, n) = (3, 4, 5);
        let a: Vec<f64> = (0..m * k).map(|i| i as f64 - 5.0).collect();
        let b: Vec<f64> = (0..k * n).map(|i| 0.5 * i as f64 - 3.0).collect();
        let transpose = |x: &[f64], rows: usize, columns: usize| -> Vec<f64> {
            (0..columns).flat_map(|j| (0..rows).map(move |i| (i, j))).map(|(i, j)| x[i * columns + j]).collect()
        };
        let mut expected = vec![0.0; m * n];
        for i in 0..m {
            for j in 0..n {
                expected[i * n + j] = (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum();
            }
        }
        let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
        for (form, a, b) in [(Form::Plain, &a, &b), (Form::LeftTransposed, &at, &b), (Form::RightTransposed, &a, &bt)] {
            let mut c = vec![f64::NAN; m * n];
            product(form, (m, k, n), a, b, &mut c);
            assert_eq!(c, expected, "{form:?}");
            product_add(form, (m, k, n), a, b, &mut c);
            assert_eq!(c, expected.iter().map(|x| 2.0 * x).collect::<Vec<_>>(), "{form:?} +=");
        }
    }
}
