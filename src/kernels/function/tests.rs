//! How far the functions are from the right results: f64 from `reference.txt`, which `reference.py` made with mpmath
//! in 60 digits, and from libm; f32 from the f64 functions and from libm. And that every tier gives the same bits.

use super::*;
use crate::kernels::elementwise::{Map, Unary};
use crate::kernels::tier::Tier;

/// A function as loops over slices, compiled for every tier.
struct Case {
    name: &'static str,
    single: fn(Tier, &[f32], &mut [f32]),
    double: fn(Tier, &[f64], &mut [f64]),
    /// libm's, where it has the function.
    libm: Option<fn(f64) -> f64>,
    /// The largest error in units in the last place over all f32, of which 2^32 were tried, and over the table of f64.
    errors: (f64, u64),
}

impl Case {
    /// The right result: of e^x and what is made of it, 0 below the smallest normal number.
    fn flushed(&self, want: f64, least: f64) -> f64 {
        if want.abs() < least && ["exp", "sigmoid", "softplus"].contains(&self.name) { 0.0 } else { want }
    }
}

macro_rules! cases {
    ($($name:ident, $libm:expr, $errors:expr;)+) => {
        [$({
            struct Function;
            impl<F: crate::kernels::Real> Unary<F> for Function {
                #[inline(always)]
                fn at(&self, x: F) -> F {
                    $name(x)
                }
            }
            Case {
                name: stringify!($name),
                single: |tier, x, y| tier.run(Map { x, y, f: Function }),
                double: |tier, x, y| tier.run(Map { x, y, f: Function }),
                libm: $libm,
                errors: $errors,
            }
        }),+]
    };
}

const CASES: [Case; 12] = cases! {
    exp, Some(libm::exp), (0.9, 1);
    exp_m1, Some(libm::expm1), (1.1, 1);
    tanh, Some(libm::tanh), (1.9, 2);
    sigmoid, None, (1.5, 1);
    softplus, None, (1.2, 1);
    ln, Some(libm::log), (0.7, 1);
    ln_1p, Some(libm::log1p), (0.7, 1);
    log10, Some(libm::log10), (0.501, 1);
    erf, Some(libm::erf), (1.3, 1);
    erfc, Some(libm::erfc), (1.8, 1);
    normal_cdf, None, (1.8, 1);
    normal_pdf, None, (0.8, 1);
};

/// The distance of two f64 in units in the last place; 0 for two that are not numbers.
fn steps(a: f64, b: f64) -> u64 {
    let ordered = |x: f64| {
        let bits = x.to_bits().cast_signed();
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    if a.is_nan() && b.is_nan() { 0 } else { ordered(a).abs_diff(ordered(b)) }
}

/// How far an f32 is from the right result, in units in the last place of that.
#[expect(clippy::cast_possible_truncation, reason = "the reference is rounded to f32")]
fn error(got: f32, want: f64) -> f64 {
    let exponent = (f64::from(f32::MIN_POSITIVE).max(want.abs()).to_bits() >> 52) - 23;
    let error = (f64::from(got) - want).abs() / f64::from_bits(exponent << 52);
    let rounded = want as f32;
    if got.is_finite() && rounded.is_finite() {
        error
    } else if got == rounded || got.is_nan() && rounded.is_nan() {
        0.0
    } else {
        f64::INFINITY
    }
}

/// The largest error of the function over every `step`th bit pattern of f32, beside its own f64 version.
fn largest_error(case: &Case, step: u32) -> f64 {
    const BLOCK: u32 = 1024;
    let mut largest = 0.0;
    let (mut x, mut y) = ([0.0_f32; BLOCK as usize], [0.0_f32; BLOCK as usize]);
    let (mut wide, mut want) = ([0.0_f64; BLOCK as usize], [0.0_f64; BLOCK as usize]);
    // The last block runs over the end and begins anew at 0.
    for block in 0..=u32::MAX / step / BLOCK {
        for (i, x) in (block * BLOCK..).zip(&mut x) {
            *x = f32::from_bits(i.wrapping_mul(step));
        }
        wide.iter_mut().zip(&x).for_each(|(wide, &x)| *wide = f64::from(x));
        (case.single)(Tier::current(), &x, &mut y);
        (case.double)(Tier::current(), &wide, &mut want);
        for ((&x, &y), &want) in x.iter().zip(&y).zip(&want) {
            let error = error(y, case.flushed(want, f64::from(f32::MIN_POSITIVE)));
            assert!(error < 2.0, "{}({x:e}) = {y:e}, not {want:e}", case.name);
            largest = if error > largest { error } else { largest };
        }
    }
    largest
}

#[test]
fn f32_is_right_over_a_sample_of_all_bit_patterns() {
    for case in &CASES {
        let largest = largest_error(case, 9973);
        assert!(largest < case.errors.0, "{}: {largest}", case.name);
    }
}

#[test]
#[ignore = "all 2^32 arguments of 12 functions: some minutes"]
#[expect(clippy::print_stdout, reason = "the numbers are what it is run for")]
fn exhaustive_f32() {
    for case in &CASES {
        let largest = largest_error(case, 1);
        println!("{:12} {largest:.3}", case.name);
        assert!(largest < case.errors.0, "{}: {largest}", case.name);
    }
}

#[test]
fn f32_agrees_with_libm() {
    for case in &CASES {
        let Some(libm) = case.libm else { continue };
        let x: Vec<f32> = (0..=u32::MAX).step_by(49_999).map(f32::from_bits).collect();
        let mut y = vec![0.0; x.len()];
        (case.single)(Tier::current(), &x, &mut y);
        for (x, y) in x.into_iter().zip(y) {
            let want = case.flushed(libm(f64::from(x)), f64::from(f32::MIN_POSITIVE));
            assert!(error(y, want) < 2.0, "{}({x:e}) = {y:e}", case.name);
        }
    }
}

#[test]
fn f64_is_right_where_mpmath_was_asked() {
    let bits = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).expect("16 digits"));
    for case in &CASES {
        let rows: Vec<[f64; 2]> = include_str!("reference.txt")
            .lines()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .filter(|row| row[0] == case.name)
            .map(|row| [bits(row[1]), bits(row[2])])
            .collect();
        assert!(rows.len() > 100, "{}", case.name);
        let x: Vec<f64> = rows.iter().map(|row| row[0]).collect();
        let mut y = vec![0.0; x.len()];
        (case.double)(Tier::current(), &x, &mut y);
        for ([x, want], y) in rows.into_iter().zip(y) {
            let want = case.flushed(want, f64::MIN_POSITIVE);
            assert!(steps(y, want) <= case.errors.1, "{}({x:e}) = {y:e}, not {want:e}", case.name);
        }
    }
}

/// Arguments over the range in which most functions are neither 0 nor infinite, by a linear congruence.
fn random(n: usize) -> impl Iterator<Item = f64> {
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(Some(7), next).take(n).map(|state| {
        let uniform = (state >> 12) as f64 / (1_u64 << 51) as f64 - 1.0;
        match state >> 8 & 3 {
            0 => 750.0 * uniform,
            1 => 30.0 * uniform,
            2 => 2.0 * uniform,
            // Magnitudes down to 2^-127.
            _ => uniform / f64::from_bits((1023 + (state & 127)) << 52),
        }
    })
}

#[test]
fn f64_agrees_with_libm() {
    let x: Vec<f64> = random(1_000_000).collect();
    let mut y = vec![0.0; x.len()];
    for case in &CASES {
        let Some(libm) = case.libm else { continue };
        (case.double)(Tier::current(), &x, &mut y);
        for (&x, &y) in x.iter().zip(&y) {
            let want = case.flushed(libm(x), f64::MIN_POSITIVE);
            assert!(steps(y, want) <= 3, "{}({x:e}) = {y:e}, not {want:e}", case.name);
        }
    }
}

const SPECIAL: [f64; 18] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e-45,
    -1e-45,
    -745.0,
    -708.5,
    -87.5,
    -103.9,
];

#[test]
#[expect(clippy::cast_possible_truncation, reason = "the same arguments for both precisions")]
fn every_tier_gives_the_same_bits_at_every_length() {
    let wide: Vec<f64> =
        SPECIAL.into_iter().chain(random(4000)).chain((0..4000).map(|i| f64::from(i) * 0.01)).collect();
    let narrow: Vec<f32> = wide.iter().map(|&x| x as f32).collect();
    let tiers = Tier::available();
    for case in &CASES {
        for n in (0..70).chain([wide.len()]) {
            let mut want = (vec![0.0; n], vec![0.0; n]);
            (case.single)(tiers[0], &narrow[..n], &mut want.0);
            (case.double)(tiers[0], &wide[..n], &mut want.1);
            for &tier in &tiers[1..] {
                let mut got = (vec![0.0; n], vec![0.0; n]);
                (case.single)(tier, &narrow[..n], &mut got.0);
                (case.double)(tier, &wide[..n], &mut got.1);
                // What a NaN carries is nobody's business.
                let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
                for i in 0..n {
                    assert!(same(got.0[i].into(), want.0[i].into()), "{}({:e}), {tier:?}", case.name, narrow[i]);
                    assert!(same(got.1[i], want.1[i]), "{}({:e}), {tier:?}", case.name, wide[i]);
                }
            }
        }
    }
}

/// A function of both precisions at arguments where its result is known.
macro_rules! edges {
    ($($function:ident: $($x:expr => $y:expr),+;)+) => {
        $($({
            let (x, y): (f64, f64) = ($x, $y);
            assert_eq!($function(x).to_bits(), y.to_bits(), "{}({x})", stringify!($function));
            assert_eq!($function(x as f32).to_bits(), (y as f32).to_bits(), "{}({x}) in f32", stringify!($function));
        })+)+
    };
}

#[test]
#[expect(clippy::cast_possible_truncation, reason = "the same arguments for both precisions")]
fn results_at_the_ends_are_exact() {
    const INF: f64 = f64::INFINITY;
    edges! {
        exp: 0.0 => 1.0, -0.0 => 1.0, INF => INF, -INF => 0.0, -1e300 => 0.0, 1e300 => INF;
        exp_m1: 0.0 => 0.0, -0.0 => -0.0, INF => INF, -INF => -1.0, 1e-45 => 1e-45;
        tanh: 0.0 => 0.0, -0.0 => -0.0, INF => 1.0, -INF => -1.0, -1e-45 => -1e-45;
        sigmoid: 0.0 => 0.5, -0.0 => 0.5, INF => 1.0, -INF => 0.0;
        softplus: INF => INF, -INF => 0.0, 1e30 => 1e30;
        ln: 1.0 => 0.0, 0.0 => -INF, -0.0 => -INF, INF => INF;
        ln_1p: 0.0 => 0.0, -0.0 => -0.0, -1.0 => -INF, INF => INF, 1e-45 => 1e-45;
        log10: 1.0 => 0.0, 1000.0 => 3.0, 1e10 => 10.0, 0.0 => -INF, INF => INF;
        erf: 0.0 => 0.0, -0.0 => -0.0, INF => 1.0, -INF => -1.0;
        erfc: 0.0 => 1.0, INF => 0.0, -INF => 2.0;
        normal_cdf: 0.0 => 0.5, -0.0 => 0.5, INF => 1.0, -INF => 0.0;
        normal_pdf: INF => 0.0, -INF => 0.0;
    }
    for x in [-1.5, -f64::INFINITY, f64::NAN] {
        assert!(ln(x).is_nan() && ln_1p(x).is_nan() && log10(x).is_nan(), "{x}");
        assert!(ln(x as f32).is_nan() && ln_1p(x as f32).is_nan() && log10(x as f32).is_nan(), "{x}");
    }
    for case in &CASES {
        let (mut single, mut double) = ([0.0], [0.0]);
        (case.single)(Tier::current(), &[f32::NAN], &mut single);
        (case.double)(Tier::current(), &[f64::NAN], &mut double);
        assert!(single[0].is_nan() && double[0].is_nan(), "{}", case.name);
    }
}

#[test]
fn log10_of_a_power_of_ten_is_whole() {
    for exponent in 0..=22 {
        let power: f64 = format!("1e{exponent}").parse().expect("a number");
        assert_eq!(log10(power), f64::from(exponent));
    }
}

/// Near 0 a function's inner products would be subnormal; the function must be its limit at 0, to the bit.
#[test]
fn arguments_that_are_nothing_beside_1_give_the_limits_at_0() {
    fn check<F: crate::kernels::Real>(tiny: impl Iterator<Item = F>) {
        let is_bits = |x: F, y: F| x.f64().to_bits() == y.f64().to_bits();
        for x in tiny.flat_map(|x| [x, -x]) {
            assert!(is_bits(exp(x), F::one()) && is_bits(sigmoid(x), F::from_f64(0.5)), "{x}");
            assert!(is_bits(tanh(x), x) && is_bits(exp_m1(x), x), "{x}");
            assert!(is_bits(normal_cdf(x), F::from_f64(0.5)) && is_bits(normal_pdf(x), normal_pdf(F::zero())), "{x}");
            assert!(is_bits(softplus(x), softplus(F::zero())), "{x}");
        }
    }
    check((0..0x3000_0000_u32).step_by(70_001).map(f32::from_bits)); // to 2^-31
    check((0..0x3c00_0000_0000_0000_u64).step_by(9_000_000_000_001).map(f64::from_bits)); // to 2^-63
}
