//! The products as a loop over single chains: what the fast ones must equal to the bit.

use super::super::multiply::{Form, Start};
use super::super::raised::looks_small;
use crate::kernels::Real;

/// C = A B, or C += A B, as the contract of the module says.
pub(super) fn reference<F: Real>(
    form: Form,
    size: (usize, usize, usize),
    start: Start<'_, F>,
    a: &[F],
    b: &[F],
    c: &mut [F],
) {
    if !(looks_small(form, size, a, b) && raised(form, size, start, a, b, c)) {
        plain(form, size, start, a, b, c);
    }
}

/// The same in the numbers as they are.
pub(super) fn plain<F: Real>(
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

/// The same in numbers that are raised, and whether they could be.
fn raised<F: Real>(
    form: Form,
    size: (usize, usize, usize),
    start: Start<'_, F>,
    a: &[F],
    b: &[F],
    c: &mut [F],
) -> bool {
    let largest =
        |x: &[F]| x.iter().map(|x| x.f64().abs()).fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most });
    let largest_start = match start {
        Start::Zero => 0.0,
        Start::Current => largest(c),
        Start::Row(row) => largest(row),
    };
    let extremes = [largest(a), largest(b), largest_start];
    if !extremes.iter().all(|x| x.is_finite()) {
        return false;
    }
    // Factors that are all zeros are raised to be zeros.
    let by = if extremes[0] == 0.0 || extremes[1] == 0.0 {
        1
    } else {
        let top = if largest_start == 0.0 { 2 * F::BIAS - 4 } else { F::BIAS - 7 - exponent(largest_start) };
        top.min(90 - exponent(extremes[0]) - exponent(extremes[1]))
    };
    if by <= 0 {
        return false;
    }
    // How it is shared among the factors makes no difference, as long as both remain finite.
    let of_a = if extremes[0] == 0.0 || extremes[1] == 0.0 {
        0
    } else {
        ((by + exponent(extremes[1]) - exponent(extremes[0])) / 2).clamp(0, by)
    };
    let raise = |x: &[F], by: i32| x.iter().map(|x| F::of(scaled(x.f64(), by))).collect::<Vec<_>>();
    let row;
    let start = match start {
        Start::Zero => start,
        Start::Current => {
            c.copy_from_slice(&raise(c, by));
            start
        }
        Start::Row(values) => {
            row = raise(values, by);
            Start::Row(&row)
        }
    };
    plain(form, size, start, &raise(a, of_a), &raise(b, by - of_a), c);
    for c in c {
        *c = F::of(scaled(c.f64(), -by)) + F::zero();
    }
    true
}

/// The largest n with 2^n <= x.
fn exponent(x: f64) -> i32 {
    (-1074..1024).rev().find(|&n| scaled(1.0, n) <= x).expect("a positive number")
}

/// x times 2^n, rounded once.
fn scaled(x: f64, n: i32) -> f64 {
    // The last step alone rounds, where it is not to 0 anyway.
    let last = n.clamp(-1022, 1023);
    x * 2_f64.powi(n - last) * 2_f64.powi(last)
}
