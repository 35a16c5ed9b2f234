//! The products as a loop over single chains: what the fast ones must equal to the bit.

use super::super::blocks::Start;
use super::super::multiply::Form;
use crate::kernels::Real;

/// C = A B, or C += A B, as the contract of the module says.
pub(super) fn reference<F: Real>(
    form: Form,
    (m, k, n): (usize, usize, usize),
    start: Start<'_, F>,
    a: &[F],
    b: &[F],
    c: &mut [F],
) {
    for i in 0..m {
        for j in 0..n {
            let mut chain = match start {
                Start::Zero => F::zero(),
                Start::Current => c[i * n + j],
                Start::Row(row) => row[j],
            };
            for p in 0..k {
                let (x, y) = match form {
                    Form::Plain => (a[i * k + p], b[p * n + j]),
                    Form::LeftTransposed => (a[p * m + i], b[p * n + j]),
                    Form::RightTransposed => (a[i * k + p], b[j * k + p]),
                };
                chain = x.mul_add(y, chain);
            }
            c[i * n + j] = chain;
        }
    }
}
