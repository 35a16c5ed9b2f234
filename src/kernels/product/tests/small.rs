//! Products of which sums or factors are subnormal, or zero.

use super::super::factor::Factor;
use super::super::multiply::product_on;
use super::super::multiply::{Form, Start};
use super::reference::{plain, reference};
use super::{check, numbers, same};
use crate::kernels::{Real, Tier};

/// 2^n, in two steps: 2^-1074 is reached by division alone.
fn power(n: i32) -> f64 {
    2_f64.powi(n / 2) * 2_f64.powi(n - n / 2)
}

/// Numbers of these magnitudes, some of them zeros, and some such that sums are ties.
fn faint<F: Real>(count: usize, seed: usize, (least, most): (i32, i32)) -> Vec<F> {
    let exponents = (least..most).cycle().skip(seed * 3).step_by(5);
    let one = |(value, exponent): (f64, i32)| match exponent % 7 {
        0 => F::of(0.0_f64.copysign(value)),
        1 => F::of(1.5_f64.copysign(value) * 2_f64.powi(exponent.max(-1070))),
        // In two steps, as 2^-1074 is reached by division alone.
        _ => F::of(value * 2_f64.powi(exponent / 2) * 2_f64.powi(exponent - exponent / 2)),
    };
    numbers::<f64>(count, seed).into_iter().zip(exponents).map(one).collect()
}

#[test]
fn products_of_subnormal_numbers_equal_the_reference() {
    fn all<F: Real>((low, high): (i32, i32)) {
        for (seed, size) in [(7, 30, 70), (3, 300, 10), (1, 64, 64), (20, 5, 130), (65, 9, 1)].into_iter().enumerate() {
            let (m, k, n) = size;
            for exponents in [(low - 6, low + 3), (low, high), (low + 15, high + 25), (low, high + 60)] {
                let a = faint::<F>(m * k, seed, exponents);
                let b = faint::<F>(k * n, seed + 7, (-9, 3));
                for c in [faint::<F>(m * n, seed + 5, exponents), vec![F::of(-0.0); m * n], numbers(m * n, 1)] {
                    check(size, &a, &b, &c);
                    // The other factor.
                    let (a, b) = (faint::<F>(m * k, seed + 7, (-9, 3)), faint::<F>(k * n, seed, exponents));
                    check(size, &a, &b, &c);
                }
            }
            // Of both factors' magnitudes together.
            let half = low / 2;
            for (shift, spread) in [(-12, 12), (-3, 3), (4, 4), (8, 3), (14, 8), (22, 4)] {
                let exponents = (half + shift / 2 - spread, half + shift / 2);
                let (a, b) = (faint::<F>(m * k, seed, exponents), faint::<F>(k * n, seed + 7, exponents));
                for c in [faint::<F>(m * n, seed + 5, (low - 4, low + 20)), vec![F::of(-0.0); m * n]] {
                    check(size, &a, &b, &c);
                }
            }
        }
    }
    all::<f32>((-149, -120));
    all::<f64>((-1074, -1015));
}

#[test]
fn products_of_one_huge_and_one_tiny_factor_equal_the_reference() {
    fn all<F: Real>(tiny: i32, huge: i32) {
        for shift in -12..24 {
            // Large products that cancel, among themselves and with what chains start from.
            let a: Vec<F> = [1.0, -1.0, 1.5, -1.5].map(|x| F::of(x * power(tiny + 3 + shift / 3))).to_vec();
            let b: Vec<F> = vec![F::of(power(huge + shift)); 4];
            for start in [0.0, 1.0, -1.0] {
                check((1, 4, 1), &a, &b, &[F::of(start * power(tiny + 3 + shift / 3 + huge + shift))]);
                check((2, 2, 2), &a, &b, &[F::of(start * power(tiny + 4)); 4]);
            }
            for (i, size) in [(3, 20, 7), (70, 9, 3)].into_iter().enumerate() {
                let (m, k, n) = size;
                let a = faint::<F>(m * k, i, (tiny - 6 + shift, tiny + 3 + shift));
                let b = faint::<F>(k * n, i + 3, (huge, huge + 9));
                check(size, &a, &b, &faint::<F>(m * n, i + 5, (tiny, tiny + huge + 12)));
            }
        }
    }
    all::<f32>(-128, 21);
    all::<f64>(-1024, 50);
}

#[test]
fn rows_much_smaller_than_their_neighbours_equal_the_reference() {
    fn all<F: Real>(tiny: i32) {
        for most in tiny + 16..tiny + 66 {
            for (k, scale) in [(2, 0.339), (4, 0.239), (64, 0.0595), (256, 0.0299), (300, 0.03)] {
                // The first row has one large entry; of the others one is the smallest normal number, the rest just below.
                let below = |i: usize| power(tiny) * if i.is_multiple_of(k) { 1.0 } else { 1.0 - 1e-6 };
                let mut a: Vec<F> = (0..3 * k).map(|i| F::of(below(i))).collect();
                a[..k].fill(F::zero());
                a[0] = F::of(power(most));
                let transposed: Vec<F> = (0..3 * k).map(|i| a[i % 3 * k + i / 3]).collect();
                let b = vec![F::of(scale); k * 2];
                for a in [a, transposed] {
                    check((3, k, 2), &a, &b, &[F::zero(); 6]);
                }
            }
        }
    }
    all::<f32>(-126);
    all::<f64>(-1022);
}

#[test]
fn products_of_rows_that_are_alike_equal_the_reference() {
    fn all<F: Real>(tiny: i32) {
        for size in [(2, 1, 1), (7, 30, 70), (64, 64, 64), (3, 300, 10)] {
            let (m, k, n) = size;
            for exponents in [(tiny - 6, tiny + 3), (tiny, tiny + 40), (-3, 3)] {
                let row = faint::<F>(k, 3, exponents);
                let alike: Vec<F> = row.iter().copied().cycle().take(m * k).collect();
                let (b, c) = (faint::<F>(k * n, 7, (-3, 3)), faint::<F>(m * n, 5, (tiny, tiny + 20)));
                check(size, &alike, &b, &c);
                // One row that is not, in its last entry, or in the sign of a zero.
                let mut other = alike.clone();
                other[m * k - 1] = F::of(2.0) * other[m * k - 1] + F::of(1e-30);
                check(size, &other, &b, &c);
                let mut zero = alike.clone();
                (0..m).for_each(|i| zero[i * k..(i + 1) * k].fill(F::zero()));
                zero[m * k - 1] = -F::zero();
                check(size, &zero, &b, &vec![-F::zero(); m * n]);
            }
        }
    }
    all::<f32>(-149);
    all::<f64>(-1074);
}

#[test]
fn products_of_half_units_which_are_ties_equal_the_reference() {
    fn all<F: Real>(half: i32) {
        for (seed, size) in [(20, 3, 70), (9, 2, 65), (40, 7, 20), (7, 64, 64)].into_iter().enumerate() {
            let (m, k, n) = size;
            // Small whole numbers, whose products come to few halves of a unit, and cancel to zero often.
            let small = |count: usize, step: usize, exponent: i32| -> Vec<F> {
                let whole = |i: usize| ((i * step + i / 5 + seed) % 7) as f64 - 3.0;
                (0..count).map(|i| F::of(whole(i) * power(exponent))).collect()
            };
            let (a, b) = (small(m * k, 3, half / 2), small(k * n, 5, half - half / 2));
            for c in [small(m * n, 2, half + 1), vec![F::zero(); m * n], vec![-F::zero(); m * n]] {
                check(size, &a, &b, &c);
            }
        }
    }
    all::<f32>(-150);
    all::<f64>(-1075);
}

#[test]
fn chains_that_cancel_equal_the_reference() {
    // c is the number nearest to -a b, from 2^18 units to 2^46; behind it come zeros of either sign.
    fn all<F: Real>(unit: i32) {
        let (m, n) = (5, 68);
        for exponent in 18..46 {
            for zeros in 0..3 {
                let k = 1 + zeros;
                let digits = |i: usize| 1.0 + ((i * 7919 + 13) % 65_537) as f64 / 65_537.0;
                let a_0 = |i: usize| F::of(digits(i) * power(unit / 2 + exponent));
                let b_0 = |j: usize| {
                    F::of(digits(j + 99) * power(unit - unit / 2) * if j.is_multiple_of(2) { 1.0 } else { -1.0 })
                };
                let zero = |i: usize| F::of(if i.is_multiple_of(3) { 0.0 } else { -0.0 });
                let a: Vec<F> = (0..m * k).map(|at| if at % k == 0 { a_0(at / k) } else { zero(at) }).collect();
                let b: Vec<F> = (0..k * n).map(|at| if at < n { b_0(at) } else { F::of(digits(at)) }).collect();
                let c: Vec<F> = (0..m * n).map(|at| -(a_0(at / n) * b_0(at % n))).collect();
                check((m, k, n), &a, &b, &c);
                let mut sums = c.clone();
                reference(Form::Plain, (m, k, n), Start::Current, &a, &b, &mut sums);
                let are_zero = sums.iter().filter(|&&sum| sum == F::zero()).count();
                assert!(exponent > 22 || are_zero > m * n / 2, "{are_zero} sums are zero at 2^{exponent}");
            }
        }
    }
    all::<f32>(-149);
    all::<f64>(-1074);
}

#[test]
fn products_of_which_columns_and_entries_differ_by_far_equal_the_reference() {
    // Entries, columns and rows some decades apart, so that one chain has subnormal sums and large ones, which cancel.
    fn all<F: Real>(lowest: f64) {
        let size_of = |exponent: f64| 10_f64.powf(exponent / 2.0) * 10_f64.powf(exponent - exponent / 2.0);
        for (m, k, n) in [(64, 64, 64), (20, 70, 70), (9, 300, 20)] {
            for (seed, [rows, columns, entries]) in
                [[0.0, 9.0, 0.0], [3.0, 0.0, 11.0], [0.0, 0.0, 20.0], [9.0, 14.0, 6.0], [0.0, 30.0, 8.0]]
                    .into_iter()
                    .enumerate()
            {
                for base in [0.0, 6.0, 12.0] {
                    let number = |i: usize| ((i * 7919 + seed) % 2003) as f64 / 2003.0 - 0.5;
                    // A few of them are as many decades larger than the rest.
                    let rare = |i: usize, decades: f64| if (i + seed).is_multiple_of(5) { decades } else { 0.0 };
                    let a: Vec<F> = (0..m * k)
                        .map(|i| {
                            F::of(number(i) * size_of(0.3 * lowest + rare(i / k, rows) + rare(i * 7 / 3, entries)))
                        })
                        .collect();
                    let b: Vec<F> = (0..k * n)
                        .map(|i| F::of(number(i + 77) * size_of(0.7 * lowest + base + rare(i % n, columns))))
                        .collect();
                    // Every other k takes off what the one before added, or nearly.
                    let mut cancelling = a.clone();
                    for row in cancelling.chunks_exact_mut(k) {
                        for pair in row.chunks_exact_mut(2) {
                            pair[1] = -pair[0];
                        }
                    }
                    let mut alike = b.clone();
                    for (i, pair) in alike.chunks_exact_mut(2 * n).enumerate() {
                        let (first, second) = pair.split_at_mut(n);
                        second.copy_from_slice(first);
                        second[i % n] *= F::of(1.0 + 1e-6);
                    }
                    let c = vec![F::zero(); m * n];
                    check((m, k, n), &a, &b, &c);
                    check((m, k, n), &cancelling, &alike, &c);
                }
            }
        }
    }
    all::<f32>(-44.0);
    all::<f64>(-322.0);
}

#[test]
fn products_over_time_steps_that_vanish_equal_the_reference() {
    // As of a recurrent net: from the smallest numbers at the first k to ordinary ones at the last, without those of the
    // units and examples that are dead, whose zeros have either sign.
    fn all<F: Real>(lowest: f64) {
        for (m, k, n, decades) in [(64, 640, 64, 0.3), (2, 1030, 70, 0.1), (9, 257, 5, 0.4), (20, 600, 64, 0.0)] {
            let dead = |i: usize| F::of(if i % 5 < 2 { -0.0 } else { 0.0 });
            let a: Vec<F> = (0..m * k)
                .map(|i| match (i / k % 7, i % 11) {
                    (3, _) | (_, 2) => dead(i),
                    (_, _) => F::of(1e-3 + ((i * 7919) % 1009) as f64 / 1009.0),
                })
                .collect();
            let b: Vec<F> = (0..k * n)
                .map(|i| {
                    let exponent = lowest + decades * (i / n / 8) as f64;
                    let digits = ((i * 6607) % 2003) as f64 / 2003.0 - 0.5;
                    match (i % n % 6, i / n % 9) {
                        (1, _) => F::of(-0.0),
                        (4, _) | (_, 5) => dead(i),
                        (_, _) => F::of(digits * 10_f64.powf(exponent / 2.0) * 10_f64.powf(exponent - exponent / 2.0)),
                    }
                })
                .collect();
            for c in [vec![F::zero(); m * n], vec![-F::zero(); m * n], numbers::<F>(m * n, 3)] {
                check((m, k, n), &a, &b, &c);
            }
        }
    }
    all::<f32>(-47.0);
    all::<f64>(-326.0);
}

#[test]
fn products_of_zeros_keep_what_chains_start_from() {
    fn all<F: Real>() {
        for size in [(7, 30, 70), (3, 300, 10), (64, 64, 64), (130, 5, 9)] {
            let (m, k, n) = size;
            let zeros: Vec<F> = (0..m * k).map(|i| F::of(if i % 3 == 0 { -0.0 } else { 0.0 })).collect();
            // Rows that are not zero, above what a few looks see.
            let mut some = zeros.clone();
            some[m * k - 2] = F::of(0.5);
            some[m * k / 2 + 1] = F::of(-1e-30);
            for a in [zeros, some, vec![F::of(-0.0); m * k]] {
                for special in [0.5, f64::NAN, f64::INFINITY] {
                    let mut b = numbers::<F>(k * n, 3);
                    b[k * n / 3] = F::of(special);
                    for start in [0.25, 0.0, -0.0, f64::NAN, f64::INFINITY] {
                        let mut c = numbers::<F>(m * n, 5);
                        c[m * n / 2] = F::of(start);
                        check(size, &a, &b, &c);
                        check(size, &a, &b, &vec![F::of(start); m * n]);
                    }
                }
            }
        }
    }
    all::<f32>();
    all::<f64>();
}

#[test]
fn products_of_which_no_sum_is_rounded_to_a_subnormal_number_are_those_of_the_plain_chain() {
    // Multiples of the smallest number, or of a few of them, and whether they are raised or not.
    fn all<F: Real>(lowest: i32) {
        for exponent in [lowest, lowest + 1, lowest + 20, lowest + 45, lowest + 103] {
            let (m, k, n) = (9, 70, 20);
            let (half, rest) = (exponent / 2, exponent - exponent / 2);
            let whole = |count: usize, seed: usize, exponent: i32| -> Vec<F> {
                let digits = numbers::<f64>(count, seed).into_iter().map(|x| (x * 4096.0).round());
                digits.map(|x| F::of(x * power(exponent))).collect()
            };
            let (a, b) = (whole(m * k, 1, half), whole(k * n, 2, rest));
            for start in [0.0, -3.0 * power(exponent), 0.3] {
                let c = vec![F::of(start); m * n];
                for form in Form::ALL {
                    let (mut expected, mut found) = (c.clone(), c.clone());
                    plain(form, (m, k, n), Start::Current, &a, &b, &mut expected);
                    product_on(
                        Tier::current(),
                        form,
                        (m, k, n),
                        Start::Current,
                        1,
                        (Factor::of(&a), Factor::of(&b)),
                        &mut found,
                    );
                    assert!(same(&found, &expected), "{form:?} 2^{exponent} from {start}");
                }
            }
        }
    }
    all::<f32>(-149);
    all::<f64>(-1074);
}

#[test]
fn sums_just_below_what_would_change_their_start_equal_the_reference() {
    // Factors next to a power of two and next to twice as much, of sums from an eighth of the smallest number to twice it.
    fn all<F: Real>(lowest: i32) {
        for k in [1, 4, 256, 1500] {
            for digits in [1.0, 1.5, 2.0 - F::GAP_AT_1] {
                for shift in -14..3 {
                    let a = vec![F::of(digits * power(lowest / 2 - 1)); k];
                    let b = vec![F::of(digits * power(lowest - lowest / 2 + shift)); k];
                    for start in
                        [0.0, power(lowest), 3.0 * power(lowest), power(lowest + 23), -power(lowest + 80), -0.0]
                    {
                        check((1, k, 1), &a, &b, &[F::of(start)]);
                    }
                }
            }
        }
        // Many terms of small numbers are raised as far as a power of two is a number.
        for k in [1025, 4096] {
            for most in -15..-8 {
                let (a, b) = (vec![F::of(power(lowest / 2 + most)); k], vec![F::of(power(lowest / 2)); k]);
                for start in [power(lowest), power(lowest + 14), power(lowest + 40)] {
                    check((1, k, 1), &a, &b, &[F::of(start)]);
                }
            }
        }
    }
    all::<f32>(-149);
    all::<f64>(-1074);
}

#[test]
fn parts_of_zeros_add_nothing() {
    // All of A is zero in one part of k, and all of B in the other.
    let (m, k, n) = (3, 512, 5);
    for (first, second) in [(0.0, 1.0), (1.0, 0.0), (-0.0, 1.0)] {
        let part = |i: usize, width: usize, [first, second]: [f32; 2]| if i < 256 * width { first } else { second };
        let a: Vec<f32> = (0..k * m).map(|i| part(i, m, [1e-30 * first, 1e-30 * second])).collect();
        let b: Vec<f32> = (0..k * n).map(|i| part(i, n, [1e-15 * second, 1e-15 * first])).collect();
        check((m, k, n), &a, &b, &vec![7e-42; m * n]);
        // Some that are not, behind and before.
        let a: Vec<f32> = (0..k * m).map(|i| part(i, m, [1e-30 * first, 1e-30 * second])).collect();
        let b = vec![1e-15; k * n];
        check((m, k, n), &a, &b, &vec![7e-42; m * n]);
    }
}

#[test]
fn rows_beyond_those_that_are_raised_together_equal_the_reference() {
    let (m, k, n) = (300, 500, 3);
    let small = |count: usize, seed: usize| -> Vec<f32> {
        numbers::<f64>(count, seed).into_iter().map(|x| f32::of(x * 1e-38)).collect()
    };
    check((m, k, n), &small(m * k, 1), &numbers(k * n, 2), &small(m * n, 3));
    check((m, k, n), &numbers(m * k, 1), &small(k * n, 2), &small(m * n, 3));
}

#[test]
fn many_products_of_less_than_half_the_smallest_number_are_not_lost() {
    // 64 quarters of it are 16. Rounded at every link, they would be 0.
    fn all<F: Real>(lowest: i32) {
        let (a, b) = (vec![F::of(power(lowest - 2 - lowest / 2)); 64], vec![F::of(power(lowest / 2)); 64]);
        let mut c = [F::of(-0.0)];
        product_on(
            Tier::current(),
            Form::Plain,
            (1, 64, 1),
            Start::Current,
            1,
            (Factor::of(&a), Factor::of(&b)),
            &mut c,
        );
        assert_eq!(c[0].f64(), power(lowest + 4));
        plain(Form::Plain, (1, 64, 1), Start::Zero, &a, &b, &mut c);
        assert_eq!(c[0].f64(), 0.0);
    }
    all::<f32>(-149);
    all::<f64>(-1074);
}

#[test]
fn sums_of_every_size_are_within_a_unit_of_those_in_f64() {
    let (m, k, n) = (7, 64, 17);
    for exponent in -160..-90 {
        let small = |count: usize, seed: usize, exponent: i32| -> Vec<f32> {
            numbers::<f64>(count, seed).into_iter().map(|x| f32::of(x * power(exponent))).collect()
        };
        let (a, b) = (small(m * k, 3, exponent + 70), small(k * n, 4, -70));
        let mut c = vec![0.0; m * n];
        product_on(Tier::current(), Form::Plain, (m, k, n), Start::Zero, 1, (Factor::of(&a), Factor::of(&b)), &mut c);
        for (at, &c) in c.iter().enumerate() {
            let terms = (0..k).map(|p| f64::from(a[at / n * k + p]) * f64::from(b[p * n + at % n]));
            let (sum, most) = terms.fold((0.0, 0.0), |(sum, most): (f64, f64), x| (sum + x, most + x.abs()));
            let off = (f64::from(c) - sum).abs();
            assert!(off <= 0.5 * power(-149) + most * power(-24) * 8.0, "2^{exponent}: {c:e}, not {sum:e}");
        }
    }
}

#[test]
fn sums_that_start_from_a_row_with_subnormal_numbers_are_those_of_the_plain_chain() {
    // Healthy factors, some of them zeros, so that chains end at what they start from, too.
    fn all<F: Real>(lowest: i32) {
        let (m, k, n) = (9, 70, 20);
        let some = |count: usize, seed: usize| -> Vec<F> {
            let zero = |(i, x): (usize, F)| if (i / 70 + i) % 3 == 0 || i < 2 * 70 { F::zero() } else { x };
            numbers::<F>(count, seed).into_iter().enumerate().map(zero).collect()
        };
        let (a, b) = (some(m * k, 1), numbers::<F>(k * n, 2));
        for most in [lowest, lowest + 20, lowest + 40, lowest + 100] {
            let row: Vec<F> = (0..n).map(|j| F::of(power(if j % 2 == 0 { lowest + 1 } else { most }))).collect();
            for form in Form::ALL {
                let (mut expected, mut found) = (vec![F::zero(); m * n], vec![F::zero(); m * n]);
                plain(form, (m, k, n), Start::Row(&row), &a, &b, &mut expected);
                let factors = (Factor::of(&a), Factor::of(&b));
                product_on(Tier::current(), form, (m, k, n), Start::Row(&row), 1, factors, &mut found);
                assert!(same(&found, &expected), "{form:?} beside 2^{most}");
                check((m, k, n), &a, &b, &row.iter().copied().cycle().take(m * n).collect::<Vec<_>>());
            }
        }
    }
    all::<f32>(-149);
    all::<f64>(-1074);
}

#[test]
fn terms_whose_last_digit_is_half_the_smallest_number_are_rounded_once_and_others_as_they_are() {
    // (1 + u) (1 + u) has a last digit of u^2: of the smallest number from one exponent on, and below it of half of it.
    fn all<F: Real>(lowest: i32, digits: i32) {
        let least = lowest + 2 * (digits - 1);
        let last = |n: i32| F::of(1.0 + power(n));
        let (a, small) = ([last(1 - digits), last(-digits / 2)], F::of(power(least - 1)));
        let b = a.map(|x| x * small);
        check((1, 2, 1), &a, &b, &[-(F::one() + F::of(power(2 - digits))) * small]);
        let (a, small) = ([last(-digits / 2); 2], F::of(power(least)));
        let b = a.map(|x| x * small);
        for form in Form::ALL {
            let (mut expected, mut found) = ([F::zero()], [F::zero()]);
            plain(form, (1, 2, 1), Start::Zero, &a, &b, &mut expected);
            product_on(Tier::current(), form, (1, 2, 1), Start::Zero, 1, (Factor::of(&a), Factor::of(&b)), &mut found);
            assert!(same(&found, &expected), "{form:?}");
        }
    }
    all::<f32>(-149, 24);
    all::<f64>(-1074, 53);
}

#[test]
fn ties_of_first_terms_are_those_of_the_plain_chain_unless_products_differ_by_more_than_all_numbers() {
    // The square of 2^12 + 1 has 25 digits, the last of which is half the last one of f32.
    let tie = 4097.0 * f32::of(power(-24));
    // In the first row of A and the first column of B; the others have it raised, by little or by far.
    for (tiny, other, is_far) in [(power(-109), 1.0, false), (power(-149), power(-146), true)] {
        for sign in [1.0, -1.0] {
            let (a, b) = ([tie, f32::of(tiny)], [sign * tie, f32::of(other)]);
            let (mut expected, mut found) = ([0.0; 4], [0.0; 4]);
            plain(Form::Plain, (2, 1, 2), Start::Zero, &a, &b, &mut expected);
            let factors = (Factor::of(&a), Factor::of(&b));
            product_on(Tier::current(), Form::Plain, (2, 1, 2), Start::Zero, 1, factors, &mut found);
            assert_eq!(found[0] == expected[0], !is_far || sign < 0.0, "{} beside {tiny:e}", found[0]);
            check((2, 1, 2), &a, &b, &[0.0; 4]);
        }
    }
}
