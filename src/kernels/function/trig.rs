//! Sine and cosine of angles of a few turns, in f64: for data on curves, not for networks.

/// pi / 2 in two parts.
const HALF_PI: (f64, f64) = (std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17);

/// Beyond, an angle is too far from the first turn to be brought back by [`reduced`].
const LARGEST: f64 = 1e6;

/// sin(x), with an absolute error below 2e-16; x in radians, NaN beyond 10^6 of them.
pub fn sin(x: f64) -> f64 {
    let (quarter, r) = reduced(x);
    of_quarter(quarter, r)
}

/// cos(x), with an absolute error below 2e-16; x in radians, NaN beyond 10^6 of them.
pub fn cos(x: f64) -> f64 {
    let (quarter, r) = reduced(x);
    of_quarter(quarter.wrapping_add(1), r)
}

/// The quarter turn n and the rest r with x = n pi/2 + r, |r| <= pi/4.
fn reduced(x: f64) -> (i32, f64) {
    // Adding and taking away 1.5 * 2^52 rounds to the nearest whole number.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    if x.is_nan() || x.abs() > LARGEST {
        return (0, f64::NAN);
    }
    let n = (x * std::f64::consts::FRAC_2_PI + ROUND) - ROUND;
    let r = n.mul_add(-HALF_PI.0, x);
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 10^6")]
    let quarter = n as i32;
    (quarter, n.mul_add(-HALF_PI.1, r))
}

/// sin(n pi/2 + r).
fn of_quarter(n: i32, r: f64) -> f64 {
    let size = if n & 1 == 0 { sin_series(r) } else { cos_series(r) };
    if n & 2 == 0 { size } else { -size }
}

/// Taylor's series of sin; at |r| = pi/4 the first term left out is r^19 / 19! = 8e-20.
fn sin_series(r: f64) -> f64 {
    let s = r * r;
    let tail = series(s, &[17, 15, 13, 11, 9, 7, 5, 3]);
    (r * s).mul_add(-tail, r)
}

/// Taylor's series of cos; at |r| = pi/4 the first term left out is r^18 / 18! = 2e-18.
fn cos_series(r: f64) -> f64 {
    let s = r * r;
    let tail = series(s, &[16, 14, 12, 10, 8, 6, 4]);
    let half = 0.5 * s;
    (s * s).mul_add(tail, 1.0 - half)
}

/// 1/n! - s (1/m! - s (..)) for the numbers in `factorials`, the last one outermost.
fn series(s: f64, factorials: &[u32]) -> f64 {
    let inverse = |n: u32| 1.0 / (1..=n).map(f64::from).product::<f64>();
    factorials.iter().fold(0.0, |tail: f64, &n| tail.mul_add(-s, inverse(n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_and_cosine_agree_with_another_library_over_many_turns() {
        for i in -40_000..=40_000 {
            let x = f64::from(i) * 1.234_567e-3;
            assert!((sin(x) - libm::sin(x)).abs() < 2.3e-16, "sin({x})");
            assert!((cos(x) - libm::cos(x)).abs() < 2.3e-16, "cos({x})");
        }
        assert_eq!((sin(0.0), cos(0.0)), (0.0, 1.0));
        assert!(sin(1e7).is_nan() && cos(f64::INFINITY).is_nan() && sin(f64::NAN).is_nan());
    }
}
