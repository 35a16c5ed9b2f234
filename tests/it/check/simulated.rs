//! How often `check` is wrong and how often it sees something: claims whose truth is known, on simulated seeds.
//!
//! The tables in the docs of `vgrun::check` are what these simulations measured; the tests say so when they differ.

use std::fmt::Write as _;

use vgrun::check::{Decision, StatisticalClaim, decide};
use vgrun::kernels::exp;
use vgrun::seed::{Random, Stream};

const TRIALS: usize = 2_000;
const FAMILY: usize = 50;
const INF: f64 = f64::INFINITY;

fn random(seed: u64) -> Random {
    Random::new(seed, Stream::Labels)
}

/// A claim of n seeds, each with the value that `draw` gives.
fn claim(n: usize, mut draw: impl FnMut() -> f64, low: f64, high: f64) -> StatisticalClaim {
    StatisticalClaim { values: (0..n).map(|_| draw()).collect(), low, high }
}

fn is_violated(decision: Decision) -> bool {
    matches!(decision, Decision::Violated { .. })
}

/// The share of trials in which any claim is violated of those that are true.
fn share_of_red_files(files: usize, mut file: impl FnMut() -> (Vec<StatisticalClaim>, usize)) -> f64 {
    let is_red = |_: &usize| {
        let (claims, true_ones) = file();
        decide(&claims)[..true_ones].iter().any(|judged| is_violated(judged.decision))
    };
    (0..files).filter(is_red).count() as f64 / files as f64
}

/// Of three numbers of seeds, the share of red files: at most 5 %, and as the docs state it after `what`.
fn is_rarely_red_as_stated(what: &str, rate: impl Fn(usize) -> f64) {
    let rates = [3, 5, 10].map(rate);
    let [three, five, ten] = rates.map(|rate| 100.0 * rate);
    // One side of a two-sided interval can err, so that half of 5 % is expected; far less would be want of power.
    assert!(rates.iter().all(|rate| (0.005..=0.05).contains(rate)), "{what}: {rates:?}");
    let line = format!("* {what}: {three:.2} % with 3 seeds, {five:.2} % with 5, {ten:.2} % with 10\n");
    assert!(docs().contains(&line), "measured:\n{line}");
}

#[test]
fn fifty_claims_on_the_border_are_violated_in_at_most_5_percent_of_all_files() {
    is_rarely_red_as_stated("50 claims on the border", |n| {
        let mut random = random(1);
        share_of_red_files(TRIALS, || {
            let on_the_border = |_| claim(n, || random.normal(), -INF, 0.0);
            ((0..FAMILY).map(on_the_border).collect(), FAMILY)
        })
    });
}

#[test]
fn claims_on_the_border_beside_as_many_that_are_far_outside_are_violated_in_at_most_5_percent_of_all_files() {
    let (half, far) = (FAMILY / 2, 1e6);
    is_rarely_red_as_stated("25 claims on the border beside 25 far outside", |n| {
        let mut random = random(2);
        share_of_red_files(TRIALS, || {
            let draw = |i| claim(n, || random.normal() + if i < half { 0.0 } else { far }, -INF, 0.0);
            let claims: Vec<StatisticalClaim> = (0..FAMILY).map(draw).collect();
            assert!(decide(&claims)[half..].iter().all(|judged| is_violated(judged.decision)), "a million sds outside");
            (claims, half)
        })
    });
}

#[test]
fn a_claim_whose_true_mean_is_outside_holds_in_at_most_5_percent_of_all_cases() {
    let cases = 10 * TRIALS;
    for n in [3, 5, 10] {
        let mut random = random(3);
        // Just outside, where it is hardest: with one bound, and with another that is near.
        for low in [-INF, -20.0] {
            let holds = |_: &usize| {
                let claims = [claim(n, || random.normal() + 1e-9, low, 0.0)];
                decide(&claims)[0].decision == Decision::Holds
            };
            let rate = (0..cases).filter(holds).count() as f64 / cases as f64;
            assert!(0.0 < rate && rate <= 0.05, "{n} seeds, low {low}: {rate}");
        }
    }
}

/// The docs of the module, without the signs of comments.
fn docs() -> String {
    include_str!("../../../src/check/mod.rs").lines().filter_map(|line| line.strip_prefix("//! ")).fold(
        String::new(),
        |mut text, line| {
            writeln!(text, "{line}").expect("a String takes all");
            text
        },
    )
}

#[test]
fn the_docs_state_the_power_as_it_is() {
    let mut table =
        String::from("| seeds | claims | 1 sd | 2 sd | 3 sd | 5 sd | 10 sd |\n|---|---|---|---|---|---|---|\n");
    for n in [3, 5, 10, 20] {
        for m in [1, 25, 50] {
            write!(table, "| {n} | {m} |").expect("a String takes all");
            for distance in [1.0, 2.0, 3.0, 5.0, 10.0] {
                let mut random = random(4);
                // The others hold, as in a file of which one claim has gone wrong; they stand behind the one in
                // question.
                let mut claims = vec![StatisticalClaim { values: vec![0.0; n], low: 0.0, high: 0.0 }; m];
                let sees_it = |_: &usize| {
                    claims[0] = claim(n, || random.normal() + distance, -INF, 0.0);
                    is_violated(decide(&claims)[0].decision)
                };
                let share = 100.0 * (0..TRIALS).filter(sees_it).count() as f64 / TRIALS as f64;
                write!(table, " {share:.0} % |").expect("a String takes all");
            }
            table.push('\n');
        }
    }
    assert!(docs().contains(&table), "measured:\n{table}");
}

#[test]
fn the_docs_state_what_skewed_values_do() {
    let mut table =
        String::from("| spread | seeds | red, at most | red, at least | holds, at most | holds, at least |\n");
    table += "|---|---|---|---|---|---|\n";
    for spread in [0.25, 1.0] {
        // exp of a normal number of this standard deviation has the mean exp(spread^2 / 2).
        let mean = exp(0.5 * spread * spread);
        for n in [3, 5, 10] {
            let rates = |low: f64, high: f64| {
                let (mut random, files) = (random(5), TRIALS / 10);
                let mut holding = 0;
                let red = share_of_red_files(files, || {
                    let draw = |_| claim(n, || exp(spread * random.normal()), low, high);
                    let claims: Vec<StatisticalClaim> = (0..FAMILY).map(draw).collect();
                    holding += decide(&claims).iter().filter(|judged| judged.decision == Decision::Holds).count();
                    (claims, FAMILY)
                });
                (100.0 * red, 100.0 * holding as f64 / (files * FAMILY) as f64)
            };
            let (most, least) = (rates(-INF, mean), rates(mean, INF));
            writeln!(
                table,
                "| {spread} | {n} | {:.0} % | {:.0} % | {:.0} % | {:.0} % |",
                most.0, least.0, most.1, least.1
            )
            .expect("a String takes all");
        }
    }
    assert!(docs().contains(&table), "measured:\n{table}");
}
