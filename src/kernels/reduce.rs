//! Sums in a fixed order. They accumulate in f64 whatever the run's precision: an f32 square below about 1e-23 is
//! zero, and would invent a vanishing gradient.

use super::Real;

/// Independent partial sums; element i goes to lane i mod `LANES`. The number is part of the numerics: it fixes the
/// order of every sum, whatever the width of the machine's vectors.
const LANES: usize = 8;

/// The sum of f(x) over the slice.
#[inline(always)]
pub fn sum_of<F: Real>(x: &[F], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let mut chunks = x.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x.f64());
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += f(x.f64());
    }
    fold(lanes)
}

/// The lanes' sum, as a balanced tree.
#[inline(always)]
fn fold(lanes: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// The sum of the entries.
pub fn sum<F: Real>(x: &[F]) -> f64 {
    sum_of(x, |x| x)
}

/// The Euclidean norm (for a matrix: Frobenius). Neither over- nor underflows while the result is a number.
pub fn norm<F: Real>(x: &[F]) -> f64 {
    scaled_norm(x.len(), |scale| sum_of(x, |x| (x * scale) * (x * scale)), || largest(x))
}

/// The Euclidean norm of a - b, each difference taken in f64.
pub fn difference_norm<F: Real>(a: &[F], b: &[F]) -> f64 {
    let squares = |scale: f64| {
        let mut lanes = [0.0; LANES];
        for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
            for (lane, (&a, &b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
                let d = (a.f64() - b.f64()) * scale;
                *lane += d * d;
            }
        }
        fold(lanes)
    };
    let largest = || a.iter().zip(b).fold(0.0, |m: f64, (&a, &b)| m.max((a.f64() - b.f64()).abs()));
    scaled_norm(a.len(), squares, largest)
}

fn largest<F: Real>(x: &[F]) -> f64 {
    x.iter().fold(0.0, |m: f64, &x| m.max(x.f64().abs()))
}

/// sqrt(sum of squares), where `squares(s)` sums the squares of s times each entry. The plain sum is right unless a
/// square has left f64's normal range; then the entries are scaled by a power of two, which is exact.
fn scaled_norm(entries: usize, squares: impl Fn(f64) -> f64, largest: impl Fn() -> f64) -> f64 {
    let plain = squares(1.0);
    // An entry whose square lost digits is below 1e-146, and `entries` of them cannot matter beside this sum.
    let safe = 1e-280 * (entries.max(1) as f64);
    if plain.is_nan() || (plain > safe && plain < 1e300) {
        return plain.sqrt();
    }
    let largest = largest();
    if largest == 0.0 || largest == f64::INFINITY {
        return largest;
    }
    // The power of two below the largest entry (the smallest normal one for subnormals), and its exact reciprocal.
    let exponent = ((largest.to_bits() >> 52) & 0x7ff).clamp(1, 2045);
    let scale = f64::from_bits((2046 - exponent) << 52);
    squares(scale).sqrt() / scale
}

/// Mean and population standard deviation of all entries, in two passes. Neither over- nor underflows while the results
/// are numbers, and the deviation of a constant is 0 although its mean may be rounded.
pub fn mean_and_std<F: Real>(x: &[F]) -> (f64, f64) {
    // 2^-64: no sum of 2^64 entries of this size can overflow, and scaling by a power of two is exact.
    const SMALL: f64 = 1.0 / 18_446_744_073_709_551_616.0;
    let n = x.len() as f64;
    let plain = sum(x) / n;
    let mean = if plain.is_infinite() { sum_of(x, |x| x * SMALL) / n / SMALL } else { plain };
    if x.iter().all(|&entry| entry == x[0]) {
        return (mean, 0.0);
    }
    let squares = |scale: f64| sum_of(x, |x| ((x - mean) * scale) * ((x - mean) * scale));
    let largest = || x.iter().fold(0.0, |m: f64, &x| m.max((x.f64() - mean).abs()));
    (mean, scaled_norm(x.len(), squares, largest) / n.sqrt())
}

/// sums += the column sums of `x` (m, n), rows in order; the run's precision.
pub fn add_column_sums<F: Real>(x: &[F], sums: &mut [F]) {
    for row in x.chunks_exact(sums.len()) {
        for (sum, &x) in sums.iter_mut().zip(row) {
            *sum += x;
        }
    }
}

/// Whether no entry is NaN or infinite.
pub fn all_finite<F: Real>(x: &[F]) -> bool {
    // x * 0 is 0 for a finite x and NaN otherwise, and NaN survives the sum.
    sum_of(x, |x| x * 0.0) == 0.0
}

/// Whether every entry is 0.
pub fn all_zero<F: Real>(x: &[F]) -> bool {
    x.iter().all(|&x| x == F::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norm_is_right_where_its_squares_are_not_numbers() {
        for scale in [1e-310, 1e-300, 1e-200, 1e-30, 1.0, 1e150, 1e300] {
            let x: Vec<f64> = [3.0, 4.0, 0.0].iter().map(|x| x * scale).collect();
            assert!((norm(&x) / (5.0 * scale) - 1.0).abs() < 1e-12, "{scale:e}: {:e}", norm(&x));
            let zero = [0.0; 3];
            assert!((difference_norm(&x, &zero) / (5.0 * scale) - 1.0).abs() < 1e-12, "{scale:e}");
        }
        assert_eq!(norm(&[5e-324, 0.0]), 5e-324);
        assert_eq!(norm::<f64>(&[0.0; 9]), 0.0);
        assert_eq!(norm(&[f64::NEG_INFINITY, 1.0]), f64::INFINITY);
        assert!(norm(&[f64::NAN, 1.0]).is_nan());
        assert!(norm(&[f64::NAN, f64::INFINITY]).is_nan());
        assert_eq!(norm(&[1e-30_f32]), f64::from(1e-30_f32));
        assert_eq!(norm(&[f32::MAX, 0.0]), f64::from(f32::MAX));
    }

    #[test]
    fn sums_of_every_length_take_every_entry_once() {
        for n in 0..70 {
            let x: Vec<f32> = (1..=n).map(|i| i as f32).collect();
            assert_eq!(sum(&x), f64::from(n * (n + 1) / 2));
        }
    }

    #[test]
    fn finite_and_zero_are_told_from_the_rest() {
        assert!(all_finite(&[1e300, -1e300, 0.0]));
        assert!(!all_finite(&[0.0, f64::INFINITY]));
        assert!(!all_finite(&[f32::NAN; 11]));
        assert!(all_zero(&[0.0_f32, -0.0]));
        assert!(!all_zero(&[0.0_f32, 1e-45]));
    }

    #[test]
    fn mean_and_deviation_are_those_of_the_population() {
        assert_eq!(mean_and_std(&[1.0, 3.0]), (2.0, 1.0));
        assert_eq!(mean_and_std(&[0.1; 1437]).1, 0.0);
        let (mean, std) = mean_and_std(&[1e308; 1000]);
        assert!((mean / 1e308 - 1.0).abs() < 1e-12 && std == 0.0);
        let (mean, std) = mean_and_std(&[1e-213, 3e-213]);
        assert!((mean / 2e-213 - 1.0).abs() < 1e-12 && (std / 1e-213 - 1.0).abs() < 1e-12);
        assert!((mean_and_std(&[1e187, 3e187]).1 / 1e187 - 1.0).abs() < 1e-12);
        assert!(mean_and_std(&[f64::NAN, 1.0]).1.is_nan() && mean_and_std::<f64>(&[]).0.is_nan());
    }
}
