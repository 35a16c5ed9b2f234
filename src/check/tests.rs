//! Decisions over the claims of a file.

use super::*;

const INF: f64 = f64::INFINITY;

fn claim(values: &[f64], low: f64, high: f64) -> StatisticalClaim {
    StatisticalClaim { values: values.to_vec(), low, high }
}

/// The decision of a file with this claim alone.
fn alone(values: &[f64], low: f64, high: f64) -> Decision {
    decide(&[claim(values, low, high)])[0].decision
}

#[test]
fn a_claim_holds_if_its_interval_lies_within_and_is_violated_if_it_lies_outside() {
    // Mean 3, half width 2.776 * sqrt(2.5 / 5) = 1.963: from 1.037 to 4.963.
    let values = [1.0, 2.0, 3.0, 4.0, 5.0];
    for (low, high) in [(1.03, 4.97), (-INF, 4.97), (1.03, INF), (-INF, INF)] {
        assert_eq!(alone(&values, low, high), Decision::Holds, "[{low}, {high}]");
    }
    for (low, high) in [(1.05, 4.97), (1.03, 4.95), (1.03, 2.0), (4.95, 7.0), (-INF, 1.05), (3.0, 3.0)] {
        assert!(matches!(alone(&values, low, high), Decision::Undecided { .. }), "[{low}, {high}]");
    }
    for (low, high) in [(4.97, 7.0), (4.97, INF), (-INF, 1.03), (0.0, 0.0)] {
        assert!(
            matches!(alone(&values, low, high), Decision::Violated { p } if 0.0 < p && p < 0.05),
            "[{low}, {high}]"
        );
    }
    let judged = decide(&[claim(&values, 0.0, 9.0)])[0];
    assert_eq!((judged.n, judged.n_not_finite, judged.mean), (5, 0, 3.0));
    assert!((judged.ci95_low - 1.0368).abs() < 1e-4 && (judged.ci95_high - 4.9632).abs() < 1e-4);
}

#[test]
fn the_p_value_is_that_of_a_one_sample_t_test() {
    // Three values of mean 2 and sd 1, so t = (2 - 0.5) * sqrt(3) to the bound; for two degrees of freedom
    // p = 1 - t / sqrt(2 + t^2) = 0.121804.
    let Decision::Undecided { seeds } = alone(&[1.0, 2.0, 3.0], -INF, 0.5) else { panic!("p is 0.12") };
    assert_eq!(seeds, Some(5)); // t(0.975; 4) = 2.776 < 1.5 * sqrt(5) = 3.354; t(0.975; 3) = 3.182 > 1.5 * sqrt(4)
    let Decision::Violated { p } = alone(&[1.0, 2.0, 3.0], -INF, -2.0) else { panic!("far outside") };
    assert!((p - (1.0 - (48.0_f64 / 50.0).sqrt())).abs() < 1e-12, "{p}");
}

#[test]
fn the_more_claims_a_file_has_the_surer_each_violation_must_be() {
    let outside = claim(&[1.0, 2.0, 3.0], -INF, -2.0); // p = 0.0202
    let inside = claim(&[1.0, 2.0, 3.0], -INF, 100.0);
    let with = |others: usize, other: &StatisticalClaim| {
        let mut file = vec![other.clone(); others];
        file.push(outside.clone());
        decide(&file)[others].decision
    };
    assert!(matches!(with(1, &inside), Decision::Violated { .. }));
    // The third of three claims: t(1 - 0.05 / 6; 3) = 4.857 < 4 * sqrt(4) = 8.
    assert_eq!(with(2, &inside), Decision::Undecided { seeds: Some(4) });
    // The level of 50 claims is far stricter: t(1 - 0.0005; 3) = 12.9 > 8, t(1 - 0.0005; 4) = 8.61 < 4 * sqrt(5) = 8.94.
    assert_eq!(with(49, &inside), Decision::Undecided { seeds: Some(5) });
    // Violated ones make room: the rest is judged as if they were not there.
    let broken = claim(&[7.0, 7.0], 0.0, 1.0);
    assert!(matches!(with(49, &broken), Decision::Violated { .. }));
}

#[test]
fn equal_values_are_a_point() {
    for n in 2..12 {
        // The mean of these is rounded.
        let values = vec![0.1; n];
        assert_eq!(alone(&values, 0.1, 0.1), Decision::Holds);
        assert_eq!(alone(&values, 0.2, 0.3), Decision::Violated { p: 0.0 });
        let judged = decide(&[claim(&values, 0.0, 1.0)])[0];
        assert_eq!((judged.mean, judged.sd, judged.ci95_low, judged.ci95_high), (0.1, 0.0, 0.1, 0.1));
    }
    assert_eq!(alone(&[0.0, -0.0], 0.0, 0.0), Decision::Holds);
}

#[test]
fn one_seed_decides_nothing() {
    assert_eq!(alone(&[5.0], 0.0, 1.0), Decision::Undecided { seeds: Some(2) });
    assert_eq!(alone(&[0.5], 0.0, 1.0), Decision::Undecided { seeds: Some(2) });
    assert_eq!(alone(&[-INF], -INF, 1.0), Decision::Undecided { seeds: Some(2) });
    assert_eq!(alone(&[], 0.0, 1.0), Decision::Undecided { seeds: Some(2) });
    assert_eq!(decide(&[]), []);
}

#[test]
fn a_broken_run_never_makes_a_claim_greener() {
    let healthy = [1.0, 1.1, 0.9, 1.0];
    assert_eq!(alone(&healthy, 0.0, 2.0), Decision::Holds);
    for broken in [f64::NAN, INF, -INF] {
        for at in 0..4 {
            let mut values = healthy;
            values[at] = broken;
            assert_eq!(alone(&values, 0.0, 2.0), Decision::Violated { p: 0.0 }, "{broken}");
        }
    }
    assert_eq!(alone(&[1.0, 1.1, -INF], 0.0, INF), Decision::Violated { p: 0.0 });
    assert_eq!(alone(&[1.0, 1.1, f64::NAN], -INF, INF), Decision::Violated { p: 0.0 });
    assert_eq!(alone(&[f64::NAN], 0.0, 2.0), Decision::Violated { p: 0.0 });
}

#[test]
fn an_infinity_that_the_bounds_admit_is_left_out_and_counted() {
    let judged = decide(&[claim(&[-INF, -20.0, -21.0, -INF, -20.5], -INF, -5.0)])[0];
    assert_eq!(judged.decision, Decision::Holds);
    assert_eq!((judged.n, judged.n_not_finite, judged.mean), (3, 2, -20.5));
    // It does not help the others either: these lie above the bound.
    let judged = decide(&[claim(&[-INF, -2.0, -2.1, -1.9], -INF, -5.0)])[0];
    assert!(matches!(judged.decision, Decision::Violated { .. }));
    let judged = decide(&[claim(&[-INF, -INF, -INF], -INF, 0.0)])[0];
    assert_eq!((judged.decision, judged.n, judged.n_not_finite), (Decision::Holds, 0, 3));
    assert_eq!((judged.mean, judged.sd, judged.ci95_low), (-INF, 0.0, -INF));
}

#[test]
fn infinity_is_never_at_least() {
    for values in [&[INF, INF, INF][..], &[1.0, 1.1, 1.2, INF]] {
        assert_eq!(alone(values, 0.0, INF), Decision::Violated { p: 0.0 }, "{values:?}");
    }
}

#[test]
fn seeds_that_would_decide_count_the_share_of_finite_ones() {
    // One of three is finite: two finite ones take six.
    assert_eq!(alone(&[-INF, -INF, -20.0], -INF, -5.0), Decision::Undecided { seeds: Some(6) });
    let Decision::Undecided { seeds: Some(finite) } = alone(&[1.0, 2.0, 3.0], -INF, 2.5) else { panic!("too near") };
    let half = alone(&[1.0, 2.0, 3.0, -INF, -INF, -INF], -INF, 2.5);
    assert_eq!(half, Decision::Undecided { seeds: Some(2 * finite) });
}

#[test]
fn seeds_that_would_decide_do_decide_and_one_fewer_does_not() {
    // Evenly spaced, scaled to a standard deviation of 1 whatever their number.
    let sample = |n: usize| {
        let spaced: Vec<f64> = (0..n).map(|i| i as f64 - (n - 1) as f64 / 2.0).collect();
        let sd = (spaced.iter().map(|x| x * x).sum::<f64>() / (n - 1) as f64).sqrt();
        spaced.into_iter().map(|x| x / sd).collect::<Vec<f64>>()
    };
    for bound in [0.05, 0.1, 0.2, 1.0] {
        for (low, high) in [(-bound, bound), (bound, INF), (-INF, -bound)] {
            let Decision::Undecided { seeds: Some(seeds) } = alone(&sample(3), low, high) else {
                panic!("3 seeds decide [{low}, {high}]")
            };
            let is_decided = |n: usize| !matches!(alone(&sample(n), low, high), Decision::Undecided { .. });
            assert!(is_decided(seeds) && !is_decided(seeds - 1), "[{low}, {high}]: {seeds}");
        }
    }
}

#[test]
fn no_number_of_seeds_decides_a_mean_on_the_border() {
    assert_eq!(alone(&[1.0, 2.0, 3.0], -INF, 2.0), Decision::Undecided { seeds: None });
    assert_eq!(alone(&[1.0, 2.0, 3.0], -INF, 2.000_01), Decision::Undecided { seeds: None });
    assert_eq!(alone(&[f64::MAX, f64::MIN, 1.0], 2.0, INF), Decision::Undecided { seeds: None });
}

#[test]
#[should_panic(expected = "no number lies in [2, 1]")]
fn bounds_that_no_number_satisfies_are_refused() {
    alone(&[1.0, 2.0], 2.0, 1.0);
}
