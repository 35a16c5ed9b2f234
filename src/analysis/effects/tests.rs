//! Effects of tables of which the effects are known.

use super::*;
use crate::analysis::{Verdict, Why};

fn summary(init: f64, last: f64, learned: bool) -> Summary {
    Summary {
        verdict: Verdict::Healthy,
        learned,
        why: Why::NONE,
        init_decades_per_layer: 0.0,
        last_decades_per_layer: 0.0,
        init_gradient_decades: init,
        last_gradient_decades: last,
        init_decades_per_step: f64::NAN,
        last_decades_per_step: f64::NAN,
        init_time_decades: f64::NAN,
        last_time_decades: f64::NAN,
        first_moved: 0.5,
        first_over_last_moved: 0.25,
        layers: vec![],
    }
}

/// Depth, activation, seed.
fn values(depth: u64, phi: usize, seed: u64) -> [Shown; 3] {
    [Shown::Int(depth), Shown::Text(format!("phi{phi}")), Shown::Int(seed)]
}

const DEPTHS: [u64; 3] = [5, 10, 20];

/// A grid of three depths, four activations and `seeds` seeds; `run` says what came of each, if it is there.
fn grid(seeds: u64, mut run: impl FnMut(usize, usize, u64) -> Option<Summary>) -> Effects {
    let mut effects = Effects::new(vec![vec![0], vec![1]], Some(2));
    for (d, depth) in DEPTHS.into_iter().enumerate() {
        for phi in 0..4 {
            for seed in 0..seeds {
                let listed = [Some(d as u64), Some(phi as u64)];
                effects.add(&values(depth, phi, seed), &listed, run(d, phi, seed).as_ref());
            }
        }
    }
    effects
}

/// Normal to the eye: twelve uniform numbers of a linear congruence, less their mean.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        let mut uniform = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

const OF_DEPTH: [f64; 3] = [0.0, -1.5, -4.0];
const OF_PHI: [f64; 4] = [0.0, 2.0, 0.5, -3.0];

#[test]
fn known_additive_effects_come_back_exactly_and_are_the_same_in_every_cell() {
    // A seed's own luck is common to its pairs, and gone from their differences.
    let effects = grid(3, |d, phi, seed| {
        let luck = if seed == 1 { -7.0 } else { 0.3 };
        let y = OF_DEPTH[d] + OF_PHI[phi] + luck;
        Some(summary(y, 2.0 * y, d == 0 || phi == 1))
    });
    let depth = effects.axis(0);
    assert_eq!((depth.len(), depth.values(2)), (3, &[Shown::Int(20)][..]));
    for (from, to) in [(0, 1), (0, 2), (1, 2)] {
        let effect = depth.effect(from, to);
        let known = OF_DEPTH[to] - OF_DEPTH[from];
        assert_eq!((effect.pairs, effect.not_finite, effect.seeds), (12, 0, 3));
        assert!(close(effect.init_decades.effect, known) && close(effect.last_decades.effect, 2.0 * known));
        let Estimate { ci95_low, ci95_high, sd, .. } = effect.init_decades;
        assert!(close(ci95_low, known) && close(ci95_high, known) && close(sd, 0.0), "{effect:?}");
    }
    // From depth 5, where all learn, to 10, where one of four activations does.
    let learned = depth.effect(0, 1).learned;
    assert_eq!((learned.effect, learned.sd), (-0.75, 0.5));
    let phi = effects.axis(1).effect(1, 3);
    assert_eq!(phi.pairs, 9);
    assert!(close(phi.init_decades.effect, -5.0) && close(phi.learned.effect, -2.0 / 3.0));
}

#[test]
fn the_interval_covers_the_known_effect_in_95_of_100_noisy_sweeps() {
    let mut noise = Noise(1);
    let mut covered = 0;
    for _ in 0..1000 {
        let effects = grid(4, |d, phi, _| Some(summary(OF_DEPTH[d] + OF_PHI[phi] + noise.next(), 0.0, false)));
        let Estimate { effect, ci95_low, ci95_high, .. } = effects.axis(0).effect(0, 2).init_decades;
        assert!(ci95_low < effect && effect < ci95_high);
        covered += usize::from(ci95_low <= -4.0 && -4.0 <= ci95_high);
    }
    // Three standard deviations of a binomial on each side.
    assert!((930..=970).contains(&covered), "{covered} of 1000");
}

#[test]
fn an_interaction_gives_its_mean_and_shows_in_the_spread_over_cells_and_not_in_the_interval() {
    // Depth costs nothing with the first two activations, and 6 decades with the others.
    let effects = grid(3, |d, phi, _| Some(summary(if phi < 2 { 0.0 } else { -3.0 * d as f64 }, 0.0, false)));
    let Estimate { effect, ci95_low, ci95_high, sd } = effects.axis(0).effect(0, 2).init_decades;
    assert_eq!((effect, ci95_low, ci95_high), (-3.0, -3.0, -3.0));
    // Four cells: 0, 0, -6, -6.
    assert!(close(sd, 12.0_f64.sqrt()), "{sd}");
}

#[test]
fn a_run_without_its_partner_is_left_out() {
    // Depth 20 was excluded with the second activation; one run at depth 5 is missing; each would move the mean by far.
    let is_there = |d: usize, phi: usize, seed: u64| !(d == 2 && phi == 1 || d == 0 && phi == 0 && seed == 1);
    let far = |d: usize, phi: usize, seed: u64| {
        let partner = if d == 0 { 2 } else { 0 };
        if is_there(partner, phi, seed) { 0.0 } else { 1000.0 }
    };
    let effects = grid(2, |d, phi, seed| {
        is_there(d, phi, seed).then(|| summary(OF_DEPTH[d] + OF_PHI[phi] + far(d, phi, seed), 0.0, false))
    });
    let effect = effects.axis(0).effect(0, 2);
    assert_eq!((effect.pairs, effect.seeds), (8 - 2 - 1, 2));
    assert!(close(effect.init_decades.effect, -4.0), "{effect:?}");
    let none = Effects::new(vec![vec![0]], None);
    assert!(none.axis(0).is_empty());
}

#[test]
fn dead_runs_are_counted_and_left_out_of_the_decades_alone() {
    let effects = grid(2, |d, phi, seed| {
        let dead = d == 1 && phi == 2 && seed == 0;
        let y = if dead { f64::NEG_INFINITY } else { OF_DEPTH[d] + OF_PHI[phi] };
        // The last decades of another one are not finite.
        Some(summary(y, if d == 0 && phi == 3 && seed == 1 { f64::NAN } else { 0.0 }, !dead))
    });
    let effect = effects.axis(0).effect(0, 1);
    assert_eq!((effect.pairs, effect.not_finite), (8, 2));
    assert!(close(effect.init_decades.effect, -1.5) && effect.last_decades.effect == 0.0);
    assert_eq!(effect.learned.effect, -1.0 / 8.0);
    let all_dead = grid(2, |_, _, _| Some(summary(f64::NEG_INFINITY, 0.0, false))).axis(0).effect(0, 1);
    assert_eq!((all_dead.pairs, all_dead.not_finite, all_dead.learned.effect), (8, 8, 0.0));
    assert!(all_dead.init_decades.effect.is_nan() && all_dead.init_decades.sd.is_nan());
}

#[test]
fn verdicts_are_counted_before_and_after_and_what_saves_many_runs_is_told() {
    // Depth 20 kills three of four nets, depth 5 none; at depth 10 the first activation diverges.
    let effects = grid(2, |d, phi, _| {
        let verdict = match (d, phi) {
            (2, 0..3) => Verdict::Dead,
            (1, 0) => Verdict::Diverged,
            _ => Verdict::Healthy,
        };
        Some(Summary { verdict, ..summary(0.0, 0.0, true) })
    });
    let effect = effects.axis(0).effect(0, 2);
    assert_eq!(effect.shift(Verdict::Dead), Shift { before: 0, after: 6 });
    assert_eq!((effect.share(Verdict::Dead), effect.share(Verdict::Healthy)), (0.75, -0.75));
    let saving = Saving { verdict: Verdict::Dead, from: 2, to: 0, saved: 6, lost: 6, pairs: 8 };
    assert_eq!((effect.saving(0, 2), saving.from_what()), (Some(saving), "dying"));
    let diverged = effects.axis(0).effect(0, 1).saving(0, 1).expect("two of eight");
    assert_eq!((diverged.verdict, diverged.from, diverged.saved), (Verdict::Diverged, 1, 2));
    assert_eq!((saving.or_larger(diverged), diverged.or_larger(saving)), (saving, saving));
    let none = grid(2, |_, _, _| Some(summary(0.0, 0.0, true))).axis(0).effect(0, 1);
    assert_eq!(none.saving(0, 1), None);
}

#[test]
fn one_seed_has_no_interval_and_one_cell_no_spread() {
    let one = grid(1, |d, phi, _| Some(summary(OF_DEPTH[d] * OF_PHI[phi], 0.0, true))).axis(0).effect(0, 1);
    let Estimate { effect, ci95_low, ci95_high, sd } = one.init_decades;
    assert!(close(effect, -1.5 * -0.125) && ci95_low.is_nan() && ci95_high.is_nan() && sd > 0.0);
    let mut single = Effects::new(vec![vec![0]], None);
    for depth in [5, 10] {
        single.add(&[Shown::Int(depth)], &[None], Some(&summary(depth as f64, 0.0, true)));
    }
    let Effect { pairs, seeds, init_decades, .. } = single.axis(0).effect(0, 1);
    assert_eq!((pairs, seeds, init_decades.effect), (1, 1, 5.0));
    assert!(init_decades.sd.is_nan());
}

#[test]
fn values_stand_in_listed_order_also_where_a_rule_drops_the_first_runs() {
    let mut effects = Effects::new(vec![vec![0], vec![1]], Some(2));
    // Depth 5 is excluded with the first activation, depth 100 comes from an include; one run failed.
    for (depth, phi, listed) in [(20, 0, Some(2)), (100, 0, None), (5, 1, Some(0)), (10, 1, Some(1)), (20, 1, Some(2))]
    {
        let done = summary(depth as f64, 0.0, true);
        let done = (depth != 10).then_some(&done);
        effects.add(&values(depth, phi, 0), &[listed, Some(phi as u64)], done);
    }
    let depth = effects.axis(0);
    let order: Vec<String> = (0..depth.len()).map(|i| depth.values(i)[0].to_string()).collect();
    assert_eq!(order, ["5", "10", "20", "100"]);
    assert_eq!(depth.effect(0, 2).init_decades.effect, 15.0);
    assert_eq!(depth.effect(0, 1).pairs, 0, "a failed run has no part in a pair");
    assert_eq!(depth.effect(2, 3).init_decades.effect, 80.0);
}

#[test]
fn recurrent_nets_are_compared_through_time() {
    let mut effects = Effects::new(vec![vec![0]], None);
    for (length, decades) in [(10, -1.0), (50, -7.0)] {
        let through_time =
            Summary { init_time_decades: decades, last_time_decades: 0.5 * decades, ..summary(0.0, 0.0, true) };
        effects.add(&[Shown::Int(length)], &[None], Some(&through_time));
    }
    let effect = effects.axis(0).effect(0, 1);
    assert_eq!((effect.init_decades.effect, effect.last_decades.effect), (-6.0, -3.0));
}

#[test]
fn keys_that_move_together_are_one_axis_and_unlike_seeds_make_no_pair() {
    let mut effects = Effects::new(vec![vec![0, 1]], Some(2));
    for (batch, rate, seed) in [(16, 0.1, 0), (32, 0.2, 0), (16, 0.1, 1), (32, 0.2, 2)] {
        let values = [Shown::Int(batch), Shown::Float(rate), Shown::Int(seed)];
        effects.add(&values, &[None], Some(&summary(batch as f64 + 100.0 * seed as f64, 0.0, true)));
    }
    let effect = effects.axis(0).effect(0, 1);
    assert_eq!(effects.axis(0).values(1), [Shown::Int(32), Shown::Float(0.2)]);
    assert_eq!((effect.pairs, effect.init_decades.effect), (1, 16.0));
}

/// The order in which runs come, which is the plan's, does not decide which of them are partners.
#[test]
fn partners_are_found_in_whatever_order_runs_come() {
    let mut all: Vec<(usize, usize, u64)> =
        (0..3).flat_map(|d| (0..4).flat_map(move |phi| (0..3).map(move |seed| (d, phi, seed)))).collect();
    all.sort_by_key(|&(d, phi, seed)| (7 * d as u64 + 5 * phi as u64 + 11 * seed) % 13);
    let mut effects = Effects::new(vec![vec![0], vec![1]], Some(2));
    for (d, phi, seed) in all {
        let y = OF_DEPTH[d] + OF_PHI[phi] * seed as f64;
        effects.add(&values(DEPTHS[d], phi, seed), &[Some(d as u64), Some(phi as u64)], Some(&summary(y, 0.0, true)));
    }
    let effect = effects.axis(0).effect(0, 2);
    assert_eq!(effect.pairs, 12);
    assert!(close(effect.init_decades.effect, -4.0) && close(effect.init_decades.sd, 0.0));
}

#[test]
fn an_effect_is_the_mean_over_pairs_also_where_seeds_have_unequal_numbers_of_them() {
    let all = grid(2, |d, phi, seed| {
        let decades = if d == 0 { 0.0 } else { -1.0 - 4.0 * seed as f64 };
        (seed == 0 || phi == 0).then(|| summary(decades, 0.0, false))
    });
    let effect = all.axis(0).effect(0, 1);
    assert_eq!(effect.pairs, 5);
    assert!(close(effect.init_decades.effect, -1.8), "four times -1 and once -5: {}", effect.init_decades.effect);
}
