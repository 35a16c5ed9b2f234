//! Sums and norms: the same bits whatever the length and the tier.

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
    // The smallest number, alone and as a difference.
    assert_eq!(norm(&[0.0, -1e-45_f32]), f64::from(1e-45_f32));
    assert_eq!(difference_norm(&[1e-45_f32, 1.0], &[0.0, 1.0]), f64::from(1e-45_f32));
    assert_eq!((norm::<f32>(&[0.0; 9]), difference_norm(&[0.1_f32; 9], &[0.1; 9])), (0.0, 0.0));
    assert_eq!(norm(&[f32::NEG_INFINITY, 1.0]), f64::INFINITY);
}

/// Numbers whose sum depends on the order in which they are added.
fn uneven<F: Real>(n: usize) -> Vec<F> {
    (0..n).map(|i| F::from_f64((i as f64 * 0.7 - 20.3) * if i % 5 == 0 { 1e6 } else { 0.1 })).collect()
}

/// Returns the numbers of [`uneven`]: as they are, as small and as large as the precision allows, and with NaN,
/// infinities or a subnormal number at either end and in the middle. All 0 and all 0.1 are among them.
fn kinds<F: Real>(n: usize) -> Vec<Vec<F>> {
    let times = |scale: f64| uneven::<F>(n).into_iter().map(|x| F::from_f64(x.f64() * scale)).collect();
    let with = |specials: &[(usize, f64)]| {
        let mut x = uneven::<F>(n);
        specials.iter().filter(|_| n > 0).for_each(|&(at, special)| x[at.min(n - 1)] = F::from_f64(special));
        x
    };
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let mut all = vec![times(1.0), times(0.0), vec![F::from_f64(0.1); n]];
    // The greatest is 5e7: all become subnormal, some do, or the squares are too large even for f64.
    all.extend([F::MIN_NORMAL * 1e-8, F::MIN_NORMAL * 1e-5, F::MIN_NORMAL, 1e-150, 1e30, 1e290].map(times));
    for at in [0, n / 2, n] {
        all.extend([with(&[(at, nan)]), with(&[(at, inf)]), with(&[(at, -inf)]), with(&[(at, F::MIN_NORMAL / 8.0)])]);
    }
    all.extend([with(&[(0, nan), (n, inf)]), with(&[(0, inf), (n, nan)]), with(&[(0, inf), (n, -inf)])]);
    all
}

const LENGTHS: [usize; 4] = [127, 128, 1000, 4099];

/// Whether two numbers have the same bits, or both are NaN. Which of the many NaNs they are depends on the CPU.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

fn all_same<F: Real>(a: &[F], b: &[F]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a.f64(), b.f64()))
}

fn tiers_add_in_the_same_order<F: Real>(x: &[F], y: &[F]) {
    let mut lanes = [0.0; LANES];
    let mut pairs = [0.0; LANES];
    for (i, (x, y)) in x.iter().zip(y).enumerate() {
        lanes[i % LANES] += x.f64() * 1.1;
        pairs[i % LANES] += x.f64() * y.f64();
    }
    let column = |j: usize| x.chunks_exact(3).fold(F::zero(), |sum, row| sum + row[j]);
    let columns: Vec<F> = (0..3).map(column).collect();
    let above = x.iter().filter(|x| x.f64() > 0.0).count();
    let largest = x.iter().fold(0.0, |m: f64, x| m.max(x.f64()));
    for tier in Tier::available() {
        let shown = format!("{tier:?}, {x:?}");
        assert!(same(tier.run(SumOf { x, f: |sum, x| sum + x * 1.1 }), fold(lanes)), "{shown}");
        assert!(
            same(tier.run(SumOfZip { x, y, f: |sum, x: F, y: F| sum + x.f64() * y.f64() }), fold(pairs)),
            "{shown}"
        );
        let mut sums = [F::zero(); 3];
        tier.run(AddColumnSums { x, sums: &mut sums });
        assert!(all_same(&sums, &columns), "{shown}");
        assert_eq!(tier.run(Count { x, condition: |x: F| x.f64() > 0.0 }), above, "{shown}");
        assert_eq!(tier.run(All { x, condition: |x: F| x.f64() > 0.0 }), above == x.len(), "{shown}");
        if !x.iter().any(|x| x.f64().is_nan()) {
            assert_eq!(tier.run(LargestOf { x, f: |x| x }), largest, "{shown}");
        }
    }
}

#[test]
fn every_tier_adds_in_the_same_order_at_every_length() {
    for n in (0..70).chain(LENGTHS) {
        kinds::<f32>(n).iter().for_each(|x| tiers_add_in_the_same_order(x, &uneven(n)));
        kinds::<f64>(n).iter().for_each(|x| tiers_add_in_the_same_order(x, &uneven(n)));
    }
}

/// The norm by another way: every entry divided by the largest.
fn plain_norm(x: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = x.clone().fold(0.0, |m: f64, x| m.max(x.abs()));
    if x.clone().any(f64::is_nan) {
        f64::NAN
    } else if largest == 0.0 || largest.is_infinite() {
        largest
    } else {
        x.map(|x| (x / largest) * (x / largest)).sum::<f64>().sqrt() * largest
    }
}

/// Whether they agree in 12 digits, or as far as a subnormal number has them.
fn close(a: f64, b: f64) -> bool {
    same(a, b) || (a - b).abs() <= 1e-12 * b.abs() + 5e-324
}

fn norms_agree<F: Real>(x: &[F], y: &[F]) {
    let differences = x.iter().zip(y).map(|(x, y)| x.f64() - y.f64());
    let (of_x, of_differences) = (plain_norm(x.iter().map(|x| x.f64())), plain_norm(differences));
    let n = x.len() as f64;
    let mean = x.iter().map(|x| x.f64() / n).sum::<f64>();
    let deviation = plain_norm(x.iter().map(|x| x.f64() - mean)) / n.sqrt();
    let first = mean_and_std_on(Tier::available()[0], x);
    for tier in Tier::available() {
        let shown = format!("{tier:?}, {x:?}");
        assert!(close(norm_on(tier, x), of_x), "{} for {of_x}, {shown}", norm_on(tier, x));
        let difference = difference_norm_on(tier, x, y);
        assert!(close(difference, of_differences), "{difference} for {of_differences}, {shown}");
        let (got, std) = mean_and_std_on(tier, x);
        let close_mean = close(got, mean) || (got - mean).abs() <= 1e-12 * of_x || x.is_empty();
        let close_std = close(std, deviation) || (std - deviation).abs() <= 1e-12 * of_x;
        assert!(close_mean && close_std, "{got} +- {std} for {mean} +- {deviation}, {shown}");
        let of_first = [norm_on(Tier::available()[0], x), difference_norm_on(Tier::available()[0], x, y)];
        assert!(all_same(&[norm_on(tier, x), difference, got, std], &[of_first[0], of_first[1], first.0, first.1]));
    }
}

#[test]
fn norms_and_deviations_are_right_and_the_same_on_every_tier_also_where_squares_are_not_numbers() {
    for n in (0..70).chain(LENGTHS) {
        for (x, i) in kinds::<f32>(n).iter().zip(0..) {
            norms_agree(x, &kinds::<f32>(n)[i / 2]);
        }
        for (x, i) in kinds::<f64>(n).iter().zip(0..) {
            norms_agree(x, &kinds::<f64>(n)[i / 2]);
        }
    }
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
