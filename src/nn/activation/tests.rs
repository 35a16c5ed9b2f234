//! Activations against their limits, differences and each other's precision.

use super::*;
use crate::kernels::bring_to;

const SLOPE: f64 = 0.25;

/// Arguments over all magnitudes to |u| = 80, both signs.
fn arguments() -> impl Iterator<Item = f32> {
    let magnitudes = (0..4000).map(|i| 1e-6 * 10_f32.powf(i as f32 * 7.903_09 / 3999.0));
    magnitudes.flat_map(|u| [u.min(80.0), -u.min(80.0)])
}

/// How far two numbers are apart, relative to the second; 0 where the first is 0 as e^-|u| or more is below the smallest
/// normal f32.
fn relative(got: f32, want: f64) -> f64 {
    const LEAST: f64 = 4.0 * f32::MIN_POSITIVE as f64;
    if got == 0.0 && want.abs() < LEAST {
        return 0.0;
    }
    (f64::from(got) - want).abs() / want.abs().max(f64::from(f32::MIN_POSITIVE))
}

#[test]
fn f32_derivatives_agree_with_f64_to_80() {
    for phi in Activation::ALL {
        for u in arguments() {
            let want = phi.df(f64::from(u), SLOPE);
            let got = phi.df(u, 0.25_f32);
            // gelu and silu cross zero once; there the error is relative to the terms, which are of order 1.
            let absolute = (f64::from(got) - want).abs();
            assert!(
                relative(got, want) < 2e-6
                    || absolute < 1e-7 * want.abs().max(0.2) && u > -2.0
                    || absolute < 1e-5 * want.abs(),
                "{phi:?}'({u}) = {got:e}, not {want:e}"
            );
        }
    }
}

#[test]
fn f32_values_agree_with_f64_to_80() {
    for phi in Activation::ALL {
        for u in arguments() {
            let want = phi.f(f64::from(u), SLOPE);
            assert!(relative(phi.f(u, 0.25_f32), want) < 1e-5, "{phi:?}({u}) = {:e}, not {want:e}", phi.f(u, 0.25));
        }
    }
}

#[test]
fn derivatives_are_the_slope_of_the_function() {
    for phi in Activation::ALL {
        for i in -160..=160 {
            let u = f64::from(i) * 0.05 + 0.012;
            let numeric = (phi.f(u + 1e-6, SLOPE) - phi.f(u - 1e-6, SLOPE)) / 2e-6;
            assert!((phi.df(u, SLOPE) - numeric).abs() < 1e-8, "{phi:?}'({u})");
            let numeric = (phi.f(u, SLOPE + 1e-6) - phi.f(u, SLOPE - 1e-6)) / 2e-6;
            assert!((phi.df_slope(u) - numeric).abs() < 1e-8, "d{phi:?}/dslope({u})");
        }
    }
}

#[test]
fn no_derivative_is_falsely_zero_and_only_relu_has_dead_units() {
    let far = [-80.0_f32, 80.0];
    assert!(Activation::Sigmoid.df(80.0_f32, 0.0) > 1e-35);
    assert!(Activation::Tanh.df(40.0_f32, 0.0) > 7e-35);
    for phi in Activation::ALL {
        let dead = if phi == Activation::Relu { 0.5 } else { 0.0 };
        assert_eq!(phi.zero_fraction(&far, 0.25), dead, "{phi:?}");
    }
    assert_eq!(Activation::Prelu.zero_fraction(&far, 0.0), 0.5, "a slope of 0 is relu");
    assert_eq!(Activation::Relu.zero_fraction(&[0.0_f32], 0.0), 1.0);
}

#[test]
fn saturation_is_a_twentieth_of_the_largest_slope() {
    // tanh' = 0.05 at u = 2.178; sigmoid' = 0.0125 at u = 4.357.
    assert_eq!(Activation::Tanh.saturated_fraction(&[2.17_f64, -2.17, 2.19, -2.19]), 0.5);
    assert_eq!(Activation::Sigmoid.saturated_fraction(&[4.35_f64, 4.37]), 0.5);
    assert_eq!(Activation::Relu.saturated_fraction(&[-5.0_f64]), 0.0);
    // Beyond the rounding of the bound itself, the slope says the same.
    for u in arguments().map(f64::from).chain([2.178_272_210_3, 2.178_272_210_4, 4.356_544_420_6, 4.356_544_420_7]) {
        for (phi, largest) in [(Activation::Tanh, 1.0), (Activation::Sigmoid, 0.25)] {
            let saturated = phi.df(u, 0.0) < 0.05 * largest;
            assert_eq!(phi.saturated_fraction(&[u]), f64::from(u8::from(saturated)), "{phi:?}'({u})");
        }
    }
}

#[test]
fn the_loops_give_what_the_scalars_give_at_the_edges() {
    fn check<F: Real>() {
        let edges =
            [0.0, 1e-45, 3e-39, 1e-38, 5e-324, 1e-310, 1e-30, 1e-14, 1e-9, 0.7, 90.0, 1e30, f64::INFINITY, f64::NAN];
        let u: Vec<F> = edges.iter().flat_map(|&u| [F::from_f64(u), F::from_f64(-u)]).collect();
        // All together, and by themselves, as what a loop does depends on what else is there.
        let alone = u.iter().map(std::slice::from_ref);
        for u in std::iter::once(&u[..]).chain(alone) {
            for (phi, slope) in
                Activation::ALL.into_iter().flat_map(|phi| [0.25, 0.0, -0.0, -2.0, 1e-20].map(|s| (phi, s)))
            {
                let slope = F::from_f64(slope);
                let mut h = vec![F::zero(); u.len()];
                phi.forward(u, slope, &mut h);
                let mut grad = vec![F::from_f64(1.5); u.len()];
                let mut exponent = 0;
                phi.backward(u, slope, (&mut grad, &mut exponent));
                bring_to(&mut grad, exponent, 0);
                let mut d = vec![F::zero(); u.len()];
                phi.slopes(u, slope, &mut d);
                let bits = |x: F| if x.f64().is_nan() { 0 } else { x.f64().to_bits() };
                for (((&u, h), grad), d) in u.iter().zip(h).zip(grad).zip(d) {
                    let slope_here = phi.df(u, slope).flush();
                    assert_eq!(bits(h), bits(phi.f(u, slope).flush()), "{phi:?}({u}), slope {slope}");
                    assert_eq!(bits(d), bits(slope_here), "{phi:?}'({u}), slope {slope}");
                    let expected = F::from_f64(1.5) * slope_here;
                    assert!(bits(grad) == bits(expected) || grad == expected, "{phi:?}'({u}), slope {slope}");
                }
            }
        }
    }
    check::<f32>();
    check::<f64>();
}

#[test]
fn the_loops_give_what_the_scalars_give() {
    let u: Vec<f32> = arguments().step_by(61).collect();
    for (index, phi) in Activation::ALL.into_iter().enumerate() {
        assert_eq!(phi as usize, index);
        let mut h = vec![f32::NAN; u.len()];
        phi.forward(&u, 0.25, &mut h);
        let (mut grad, mut exponent) = (vec![1.5_f32; u.len()], 0);
        phi.backward(&u, 0.25, (&mut grad, &mut exponent));
        assert_eq!(exponent, 0, "not all is far out");
        let mut dslope = 0.0;
        for ((&u, h), grad) in u.iter().zip(h).zip(grad) {
            assert_eq!(h.to_bits(), phi.f(u, 0.25).flush().to_bits(), "{phi:?}({u})");
            assert_eq!(grad.to_bits(), (1.5 * phi.df(u, 0.25).flush()).to_bits(), "{phi:?}'({u})");
            dslope += f64::from(1.5 * phi.df_slope(u));
        }
        let got = phi.slope_gradient(&u, &vec![1.5; u.len()]);
        assert!((got - dslope).abs() <= 1e-12 * dslope.abs(), "{phi:?}");
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    for phi in Activation::ALL {
        for slope in [0.0_f32, 0.25] {
            assert!(phi.f(f32::NAN, slope).is_nan(), "{phi:?}");
            assert!(phi.f(f64::NAN, slope.f64()).is_nan(), "{phi:?}");
        }
    }
}

/// phi and phi' at -inf, at 0 and at inf.
fn limits(phi: Activation) -> [(f64, f64); 3] {
    let (inf, scale) = (f64::INFINITY, SELU_LAMBDA * SELU_ALPHA);
    match phi {
        Activation::Linear => [(-inf, 1.0), (0.0, 1.0), (inf, 1.0)],
        Activation::Sigmoid => [(0.0, 0.0), (0.5, 0.25), (1.0, 0.0)],
        Activation::Tanh => [(-1.0, 0.0), (0.0, 1.0), (1.0, 0.0)],
        Activation::Relu => [(0.0, 0.0), (0.0, 0.0), (inf, 1.0)],
        Activation::LeakyRelu | Activation::Prelu => [(-inf, SLOPE), (0.0, SLOPE), (inf, 1.0)],
        Activation::Elu => [(-1.0, 0.0), (0.0, 1.0), (inf, 1.0)],
        Activation::Selu => [(-scale, 0.0), (0.0, scale), (inf, SELU_LAMBDA)],
        Activation::Gelu | Activation::Silu => [(0.0, 0.0), (0.0, 0.5), (inf, 1.0)],
        Activation::Softplus => [(0.0, 0.0), (2_f64.ln(), 0.5), (inf, 1.0)],
    }
}

#[test]
fn at_infinity_and_at_zero_every_activation_is_its_limit() {
    let close = |got: f64, want: f64| got == want || (got - want).abs() < 1e-6;
    for phi in Activation::ALL {
        for (u, (value, slope)) in [f64::NEG_INFINITY, 0.0, f64::INFINITY].into_iter().zip(limits(phi)) {
            let (f, df) = (phi.f(u, SLOPE), phi.df(u, SLOPE));
            assert!(close(f, value) && close(df, slope), "{phi:?} at {u}: {f}, {df}");
            let u = <f32 as Real>::from_f64(u);
            let (f, df) = (phi.f(u, 0.25).f64(), phi.df(u, 0.25).f64());
            assert!(close(f, value) && close(df, slope), "{phi:?} at {u} in f32: {f}, {df}");
        }
    }
    let leaky = Activation::LeakyRelu;
    assert_eq!((leaky.f(f64::NEG_INFINITY, 0.0), leaky.df(f64::NEG_INFINITY, 0.0)), (0.0, 0.0), "relu's");
}

proptest::proptest! {
    #[test]
    fn a_subnormal_argument_is_on_the_tangent_at_zero(bits in 1_u32..0x80_0000, negative in proptest::bool::ANY) {
        let (sign, sign_f32) = if negative { (-1.0, -1.0) } else { (1.0, 1.0) };
        for phi in Activation::ALL {
            // In f64 an f32's subnormal is an ordinary number; f64's own are far below it.
            let (u, tiny) = (sign_f32 * f32::from_bits(bits), sign * f64::from_bits(u64::from(bits) << 20));
            let at_zero = phi.f(0.0, SLOPE);
            let slope = phi.df(tiny, SLOPE);
            for (u, f, df, least) in [
                (f64::from(u), phi.f(u, 0.25).f64(), phi.df(u, 0.25).f64(), f64::from(f32::from_bits(1))),
                (tiny, phi.f(tiny, SLOPE), slope, f64::from_bits(1)),
            ] {
                // The relative error of the precision, or the least number, and what `want` itself is rounded by in f64.
                let want = at_zero + slope * u;
                let error = (f - want).abs();
                proptest::prop_assert!(error <= 1e-6 * want.abs() || error <= 1.1 * least, "{phi:?}({u:e}) = {f:e}, not {want:e}");
                let kink = limits(phi)[1].1;
                let above = limits(phi)[2].1;
                let is_of_relus = matches!(phi, Activation::Relu | Activation::LeakyRelu | Activation::Prelu | Activation::Elu | Activation::Selu);
                let want = if is_of_relus && u > 0.0 { above } else { kink };
                proptest::prop_assert!((df - want).abs() < 1e-6, "{phi:?}'({u:e}) = {df:e}, not {want:e}");
            }
        }
    }
}
