//! Products beside sums by hand, on every tier.

mod reference;

use proptest::prelude::*;

use self::reference::reference;
use super::blocks::Start;
use super::multiply::{Form, product_on};
use super::transpose::transpose_on;
use crate::kernels::{Real, Tier};

/// Numbers that look random and have many bits, so that a sum in another order is another sum.
fn numbers<F: Real>(count: usize, seed: usize) -> Vec<F> {
    let mut state = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        F::from_f64((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
    };
    (0..count).map(|_| next()).collect()
}

/// Equal to the bit, where any NaN equals any other.
fn same<F: Real>(x: &[F], y: &[F]) -> bool {
    let bits = |x: &F| if x.f64().is_nan() { f64::NAN.to_bits() } else { x.f64().to_bits() };
    x.len() == y.len() && x.iter().map(bits).eq(y.iter().map(bits))
}

/// All tiers against the reference, in all forms and starts.
fn check<F: Real>(size: (usize, usize, usize), a: &[F], b: &[F], c: &[F]) {
    let row = numbers::<F>(size.2, size.0);
    // The first of C's rows, too, which may be one of special numbers.
    let first = c.get(..size.2).unwrap_or(&row);
    for form in Form::ALL {
        for start in [Start::Zero, Start::Current, Start::Row(&row), Start::Row(first)] {
            let mut expected = c.to_vec();
            reference(form, size, start, a, b, &mut expected);
            for tier in Tier::available() {
                let mut found = c.to_vec();
                product_on(tier, form, size, start, 1, (a, b), &mut found);
                assert!(same(&found, &expected), "{form:?} {start:?} {size:?} {}", tier.name());
            }
        }
    }
}

/// [`check`] in both precisions, on slices that end where their allocation ends.
fn check_numbers((m, k, n): (usize, usize, usize)) {
    let seed = (m * 71 + k) * 71 + n;
    check::<f32>((m, k, n), &numbers(m * k, seed), &numbers(k * n, seed + 1), &numbers(m * n, seed + 2));
    check::<f64>((m, k, n), &numbers(m * k, seed), &numbers(k * n, seed + 1), &numbers(m * n, seed + 2));
}

#[test]
fn products_equal_the_reference_over_every_residue_of_the_tiles() {
    // Tiles change with m up to 12 rows twice over, with n by vectors of 4 to 16; k only counts.
    for m in (0..14).chain([23, 24, 25]) {
        for n in (0..36).chain([47, 48, 49, 63, 64, 65]) {
            for k in [0, 1, 2, 9] {
                check_numbers((m, k, n));
            }
        }
    }
}

#[test]
fn products_equal_the_reference_over_every_length_of_each_side() {
    for side in 0..70 {
        for (other, another) in [(1, 1), (5, 19), (19, 5)] {
            check_numbers((side, other, another));
            check_numbers((other, side, another));
            check_numbers((other, another, side));
        }
    }
}

#[test]
#[ignore = "minutes: cargo test --release --lib the_whole_cube -- --ignored"]
fn products_equal_the_reference_over_the_whole_cube() {
    for m in 0..70 {
        for k in 0..70 {
            for n in 0..70 {
                check_numbers((m, k, n));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn products_equal_the_reference_where_blocks_end(m in 1..300_usize, k in 1..600_usize, n in 1..300_usize) {
        // The smaller, the more of them are tried: a case is a hundred million multiplications at most.
        prop_assume!(m * k * n < 8_000_000);
        check_numbers((m, k, n));
    }
}

proptest! {
    #[test]
    fn a_product_in_pieces_is_that_in_one(
        (m, k, n) in (1..40_usize, 0..20_usize, 1..40_usize),
        pieces in 0..9_usize,
        scale in prop_oneof![Just(1.0), Just(1e-22), Just(1e-42)],
    ) {
        let small = |count: usize, seed: usize| numbers::<f32>(count, seed).iter().map(|x| x * scale).collect::<Vec<_>>();
        let (a, b, row, before) = (small(m * k, 1), small(k * n, 2), small(n, 4), small(m * n, 3));
        for form in Form::ALL {
            for start in [Start::Zero, Start::Current, Start::Row(&row)] {
                let mut whole = before.clone();
                reference(form, (m, k, n), start, &a, &b, &mut whole);
                for tier in Tier::available() {
                    let mut shared = before.clone();
                    product_on(tier, form, (m, k, n), start, pieces, (&a, &b), &mut shared);
                    prop_assert!(same(&shared, &whole), "{:?} in {} pieces, {:?}", form, pieces, tier);
                }
            }
        }
    }
}

/// The values over and over, shifted a little each time.
fn values<F: Real>(from: &[f64], count: usize, step: usize) -> Vec<F> {
    (0..count).map(|i| F::from_f64(from[(i * step + i / 7) % from.len()])).collect()
}

#[test]
fn values_beyond_numbers_go_through_the_chain() {
    let special =
        [0.0, -0.0, 1.0, -2.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3e-39, -1e-45, 3e38, 5e-324, 1e-20];
    for size in [(7, 3, 19), (64, 2, 10), (1, 5, 33), (13, 1, 40), (5, 300, 17)] {
        let (m, k, n) = size;
        check::<f32>(size, &values(&special, m * k, 5), &values(&special, k * n, 7), &values(&special, m * n, 11));
        check::<f64>(size, &values(&special, m * k, 5), &values(&special, k * n, 7), &values(&special, m * n, 11));
        // Without NaN and infinity, which would hide the rest.
        let finite = [0.0, -0.0, 3e-39, -1e-45, 1e-20, -2e-23, 5e-324, 1e-162, 1.0];
        check::<f32>(size, &values(&finite, m * k, 5), &values(&finite, k * n, 7), &values(&finite, m * n, 11));
        check::<f64>(size, &values(&finite, m * k, 5), &values(&finite, k * n, 7), &values(&finite, m * n, 11));
    }
}

#[test]
fn a_negative_zero_becomes_positive_unless_all_its_chain_is_negative_zeros() {
    let sum = |tier, start, a: [f64; 2]| {
        let mut c = [-0.0];
        product_on(tier, Form::Plain, (1, 2, 1), start, 1, (&a, &[1.0, -0.0]), &mut c);
        c[0].to_bits()
    };
    for tier in Tier::available() {
        assert_eq!(sum(tier, Start::Zero, [-0.0, 1.0]), 0.0_f64.to_bits());
        assert_eq!(sum(tier, Start::Current, [-0.0, 1.0]), (-0.0_f64).to_bits());
    }
}

#[test]
fn a_chain_that_is_rounded_twice_or_split_is_told_from_the_contract() {
    // What the tests above must be able to see: two partial sums over k, and products rounded before they are added.
    let (m, k, n) = (8, 24, 16);
    let (a, b) = (numbers::<f32>(m * k, 1), numbers::<f32>(k * n, 2));
    let mut whole = vec![0.0; m * n];
    reference(Form::Plain, (m, k, n), Start::Zero, &a, &b, &mut whole);
    let entry = |i: usize, j: usize, p: usize| (a[i * k + p], b[p * n + j]);
    let chain = |i, j, range: std::ops::Range<usize>| {
        range.map(|p| entry(i, j, p)).fold(0.0, |sum, (x, y)| f32::mul_add(x, y, sum))
    };
    let cells = || (0..m * n).map(|at| (at / n, at % n));
    let split: Vec<f32> = cells().map(|(i, j)| chain(i, j, 0..12) + chain(i, j, 12..24)).collect();
    let twice: Vec<f32> =
        cells().map(|(i, j)| (0..k).map(|p| entry(i, j, p)).fold(0.0, |sum, (x, y)| sum + x * y)).collect();
    assert!(!same(&split, &whole) && !same(&twice, &whole));
}

#[test]
fn transposes_equal_the_loop_in_all_sizes() {
    fn check<F: Real>(rows: usize, columns: usize) {
        let from = numbers::<F>(rows * columns, rows + columns);
        let cells = (0..rows * columns).map(|at| (at / rows.max(1), at % rows.max(1)));
        let expected: Vec<F> = cells.map(|(j, i)| from[i * columns + j]).collect();
        for tier in Tier::available() {
            let mut to = vec![F::zero(); rows * columns];
            transpose_on(tier, rows, columns, &from, &mut to);
            assert!(same(&to, &expected), "{rows} x {columns} {}", tier.name());
        }
    }
    for rows in 0..70 {
        for columns in 0..70 {
            check::<f32>(rows, columns);
            check::<f64>(rows, columns);
        }
    }
}

#[test]
fn slices_that_do_not_fit_their_matrix_are_refused() {
    let refused = |(a, b, c, row): (usize, usize, usize, usize)| {
        let (a, b, mut c, row) = (vec![1.0_f32; a], vec![1.0_f32; b], vec![1.0_f32; c], vec![1.0_f32; row]);
        let factors = (&a[..], &b[..]);
        let call = || product_on(Tier::current(), Form::Plain, (3, 4, 5), Start::Row(&row), 1, factors, &mut c);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).is_err()
    };
    assert!(!refused((12, 20, 15, 5)));
    for lengths in [
        (11, 20, 15, 5),
        (13, 20, 15, 5),
        (12, 19, 15, 5),
        (12, 21, 15, 5),
        (12, 20, 14, 5),
        (12, 20, 16, 5),
        (12, 20, 15, 4),
        (12, 20, 15, 6),
    ] {
        assert!(refused(lengths), "{lengths:?}");
    }
    let transposed = || transpose_on(Tier::current(), 2, 3, &[0.0_f32; 6], &mut [0.0; 5]);
    assert!(std::panic::catch_unwind(transposed).is_err());
}
