//! The products as a loop over single chains: what the fast ones must equal to the bit.

use super::super::multiply::{Form, Start};
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
    if !raised(form, size, start, a, b, c) {
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

/// The same in numbers that are raised, and whether they are to be.
fn raised<F: Real>(
    form: Form,
    size: (usize, usize, usize),
    start: Start<'_, F>,
    a: &[F],
    b: &[F],
    c: &mut [F],
) -> bool {
    let magnitudes = |x: &[F]| x.iter().map(|x| x.f64().abs()).collect::<Vec<_>>();
    let starts = match start {
        Start::Zero => Vec::new(),
        Start::Current => magnitudes(c),
        Start::Row(row) => magnitudes(row),
    };
    let [of_a, of_b] = [a, b].map(magnitudes);
    let are_finite = |x: &[f64]| x.iter().all(|x| x.is_finite());
    let largest = |x: &[f64]| exponent(x.iter().copied().fold(0.0, f64::max));
    let least = |x: &[f64]| exponent(x.iter().copied().filter(|&x| x > 0.0).fold(1.0, f64::min));
    if !are_finite(&of_a) || !are_finite(&of_b) || size.1 == 0 {
        return false;
    }
    let (Some(most_a), Some(most_b)) = (largest(&of_a), largest(&of_b)) else {
        // Of zeros: no chain changes, but that no -0 is left.
        plain(form, (size.0, 0, size.2), start, &[], &[], c);
        c.iter_mut().for_each(|c| *c += F::zero());
        return true;
    };
    // Products of numbers of so many digits are multiples of the smallest number.
    let all_digits = if size_of::<F>() == 4 { -149 + 2 * 23 } else { -1074 + 2 * 52 };
    let least_product = least(&of_a).zip(least(&of_b)).map(|(a, b)| a + b);
    let is_exact = least_product >= Some(all_digits);
    let starts_subnormal = matches!(start, Start::Row(row) if row.iter().any(|x| x.is_subnormal() && *x != F::zero()));
    if !are_finite(&starts) || (is_exact && !starts_subnormal) {
        return false;
    }
    // Each term is less than four times as large as the powers of two in it.
    let most_doublings = (0..63).find(|&n| size.1 <= 1 << n).expect("some power of two is larger");
    let all_terms = most_a + most_b + 2 + most_doublings;
    if all_terms < F::LOWEST - 1 && size.1 <= 1 << 20 {
        // Not half the smallest number, with all errors of rounding.
        plain(form, (size.0, 0, size.2), start, &[], &[], c);
        c.iter_mut().for_each(|c| *c += F::zero());
        return true;
    }
    let of_starts = largest(&starts).map_or(i32::MAX, |most| F::BIAS - 7 - most);
    let by = of_starts.min(F::BIAS - 4 - most_doublings - most_a - most_b).min(2 * F::BIAS - 4);
    if by <= 0 {
        return false;
    }
    // How it is shared among the factors makes no difference, as long as both remain finite.
    let of_a = ((by + most_b - most_a) / 2).clamp(0, by);
    let raise = |x: &[F], by: i32| x.iter().map(|x| F::of(scaled(x.f64(), by))).collect::<Vec<_>>();
    // Where the least products would be subnormal, or nearly: far below the smallest number, and yet above what chains of
    // normal numbers end at.
    let anchor = F::LOWEST + by - F::DIGITS - 8;
    let is_far = |exponent: i32| exponent - F::DIGITS > -F::BIAS;
    let has_anchor = is_far(anchor) && least_product.is_some_and(|least| !is_far(least + by));
    let anchor = if has_anchor { F::of(scaled(1.0, anchor)) } else { F::zero() };
    let raise_start = |x: &[F]| raise(x, by).into_iter().map(|x| x + anchor).collect::<Vec<_>>();
    let row;
    let start = match start {
        Start::Zero => {
            row = vec![anchor; size.2];
            Start::Row(&row)
        }
        Start::Current => {
            c.copy_from_slice(&raise_start(c));
            start
        }
        Start::Row(values) => {
            row = raise_start(values);
            Start::Row(&row)
        }
    };
    plain(form, size, start, &raise(a, of_a), &raise(b, by - of_a), c);
    for c in c {
        *c = F::of(scaled(c.f64(), -by)) + F::zero();
    }
    true
}

/// The largest n with 2^n <= x, unless x is 0.
fn exponent(x: f64) -> Option<i32> {
    (-1074..1024).rev().find(|&n| scaled(1.0, n) <= x)
}

/// x times 2^n, rounded once.
fn scaled(x: f64, n: i32) -> f64 {
    // The last step alone rounds, where it is not to 0 anyway.
    let last = n.clamp(-1022, 1023);
    x * 2_f64.powi(n - last) * 2_f64.powi(last)
}
