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

/// Numbers whose sum depends on the order in which they are added.
fn uneven(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i as f32 * 0.7 - 20.3) * if i % 5 == 0 { 1e6 } else { 0.1 }).collect()
}

#[test]
fn every_tier_adds_in_the_same_order_at_every_length() {
    for n in (0..70).chain([127, 1000, 4099]) {
        let (x, y) = (uneven(n), uneven(n + 1));
        let mut lanes = [0.0; LANES];
        let mut pairs = [0.0; LANES];
        for (i, (x, y)) in x.iter().zip(&y).enumerate() {
            lanes[i % LANES] += f64::from(*x) * 1.1;
            pairs[i % LANES] += f64::from(*x) * f64::from(*y);
        }
        let columns: Vec<f64> = (0..3).map(|j| x.chunks_exact(3).map(|row| f64::from(row[j])).sum()).collect();
        for tier in Tier::available() {
            let sum = tier.run(SumOf { x: &x, f: |x| x * 1.1 });
            assert_eq!(sum.to_bits(), fold(lanes).to_bits(), "{tier:?}, {n}");
            let sum = tier.run(SumOfZip { x: &x, y: &y, f: |x: f32, y: f32| x.f64() * y.f64() });
            assert_eq!(sum.to_bits(), fold(pairs).to_bits(), "{tier:?}, {n}");
            let mut sums = [0.0; 3];
            tier.run(AddColumnSums { x: &x, sums: &mut sums, wide: f32::f64 });
            assert_eq!(sums[..], columns, "{tier:?}, {n}");
            let above = x.iter().filter(|&&x| x > 0.0).count();
            assert_eq!(tier.run(Count { x: &x, condition: |x| x > 0.0 }), above, "{tier:?}, {n}");
            assert_eq!(tier.run(All { x: &x, condition: |x| x > 0.0 }), above == n, "{tier:?}, {n}");
            let largest = x.iter().fold(0.0, |m: f64, x| m.max(f64::from(*x)));
            assert_eq!(tier.run(LargestOf { x: &x, f: |x| x }), largest, "{tier:?}, {n}");
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
