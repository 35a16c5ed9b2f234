//! Cures of cells that no physics made.

use proptest::prelude::*;

use super::*;
use crate::analysis::Cause;

/// A cell of three runs, of which `learned` learned.
fn cell(verdict: Verdict, loss: f64, learned: usize) -> CellSummary {
    CellSummary {
        runs: 3,
        without_result: 0,
        verdict: Some(verdict),
        agree: 3,
        cause: Cause::None,
        subject: "",
        why: String::new(),
        rate_factor: None,
        diverged: 0,
        learned,
        gradient_decades: 0.0,
        time_decades: f64::NAN,
        loss,
        loss_of_chance: 2.3,
    }
}

fn sick() -> CellSummary {
    cell(Verdict::Vanishing, 2.3, 0)
}

/// A cell that every seed learned.
fn healthy(loss: f64) -> CellSummary {
    cell(Verdict::Healthy, loss, 3)
}

/// The cures of the first cell, as (axis, to, distance).
fn of_the_first(cells: &[(Vec<Shown>, CellSummary)], axes: &[Vec<usize>]) -> Vec<(usize, usize, usize)> {
    let all = cures(cells, axes);
    assert_eq!(all[0].cell, 0);
    all[0].cures.iter().map(|cure| (cure.axis, cure.to, cure.distance)).collect()
}

fn depth(depth: u64, residual: bool, cell: CellSummary) -> (Vec<Shown>, CellSummary) {
    (vec![Shown::Int(depth), Shown::Bool(residual)], cell)
}

fn gain(x: f64, cell: CellSummary) -> (Vec<Shown>, CellSummary) {
    (vec![Shown::Float(x)], cell)
}

#[test]
fn a_cell_whose_seeds_disagree_is_sick_and_can_be_cured() {
    let split = CellSummary { agree: 2, ..sick() };
    let cells = [depth(20, false, split), depth(20, true, healthy(0.1))];
    assert_eq!(of_the_first(&cells, &[vec![0], vec![1]]), [(1, 1, 1)]);
}

#[test]
fn a_cell_that_every_seed_learned_needs_no_cure_whatever_its_verdict() {
    let cells = [depth(20, false, cell(Verdict::Vanishing, 0.2, 3)), depth(20, true, healthy(0.1))];
    assert_eq!(cures(&cells, &[vec![0], vec![1]]), [Patient { cell: 0, cures: vec![] }]);
}

#[test]
fn a_healthy_cell_that_does_not_learn_is_offered_what_learns() {
    let cells = [depth(20, false, cell(Verdict::Healthy, 2.2, 0)), depth(20, true, healthy(0.1))];
    assert_eq!(of_the_first(&cells, &[vec![0], vec![1]]), [(1, 1, 1)]);
}

#[test]
fn a_cure_learns_better_and_its_loss_is_not_worse() {
    let some = |learned, loss| cell(Verdict::Healthy, loss, learned);
    let of = |from: CellSummary, to: CellSummary| of_the_first(&[gain(1.0, from), gain(2.0, to)], &[vec![0]]).len();
    assert_eq!(of(some(1, 1.0), some(2, 0.9)), 1);
    assert_eq!(of(some(1, 1.0), some(1, 0.1)), 0, "no more seeds learn it");
    assert_eq!(of(some(1, 1.0), some(3, 1.1)), 0, "a worse loss");
    assert_eq!(of(some(0, 1.0), some(0, 0.1)), 0, "it does not learn");
    assert_eq!(of(some(0, f64::NAN), some(1, 2.2)), 1, "no loss is worse than one that is not finite");
    assert_eq!(of(sick(), some(1, f64::NAN)), 0);
    assert_eq!(of(sick(), cell(Verdict::Recovered, 0.1, 1)), 1, "training has mended it");
    assert_eq!(of(sick(), cell(Verdict::Vanishing, 0.1, 2)), 0, "sick, and not every seed learns it");
    assert_eq!(of(sick(), cell(Verdict::Vanishing, 0.1, 3)), 1, "sick, and every seed learns it");
}

#[test]
fn losses_of_different_data_are_compared_as_shares_of_the_loss_of_chance() {
    let of = |chance: f64| CellSummary { loss_of_chance: chance, ..healthy(1.0) };
    let from = CellSummary { loss: 0.65, loss_of_chance: 0.69, ..sick() };
    assert_eq!(of_the_first(&[gain(1.0, from.clone()), gain(2.0, of(2.3))], &[vec![0]]), [(0, 1, 1)]);
    assert_eq!(of_the_first(&[gain(1.0, from), gain(2.0, of(1.0))], &[vec![0]]), []);
}

#[test]
fn keys_that_move_together_are_ordered_by_all_of_them() {
    let pair = |batch: u64, rate: f64, cell: CellSummary| (vec![Shown::Int(batch), Shown::Float(rate)], cell);
    let cells = [pair(16, 0.1, sick()), pair(16, 0.4, healthy(0.0)), pair(16, 0.2, healthy(0.9))];
    assert_eq!(of_the_first(&cells, &[vec![0, 1]]), [(0, 2, 1)], "the nearest, not the first");
}

#[test]
fn a_cure_differs_in_one_axis_and_the_lowest_loss_comes_first() {
    let cells = [
        depth(20, false, sick()),
        depth(5, false, healthy(0.5)),
        depth(10, false, sick()),
        depth(20, true, healthy(0.9)),
        depth(10, true, healthy(0.1)),
    ];
    let axes = [vec![0], vec![1]];
    assert_eq!(of_the_first(&cells, &axes), [(0, 1, 2), (1, 3, 1)], "the cell at (10, true) differs in both");
    let of_10 = &cures(&cells, &axes)[1];
    let to: Vec<usize> = of_10.cures.iter().map(|cure| cure.to).collect();
    assert_eq!((of_10.cell, to), (2, vec![4, 1]));
}

#[test]
fn of_equals_the_smallest_change_comes_first() {
    let cells = [depth(20, false, sick()), depth(5, false, healthy(0.5)), depth(10, false, sick())];
    let cells = [&cells[..], &[depth(20, true, healthy(0.5))]].concat();
    assert_eq!(of_the_first(&cells, &[vec![0], vec![1]]), [(1, 3, 1), (0, 1, 2)]);
}

#[test]
fn of_numbers_only_the_nearest_value_on_each_side_is_offered() {
    let cells = [
        gain(1.0, sick()),
        gain(8.0, healthy(0.1)),
        gain(2.0, sick()),
        gain(4.0, healthy(0.2)),
        gain(0.25, healthy(0.3)),
        gain(0.5, healthy(0.1)),
    ];
    assert_eq!(of_the_first(&cells, &[vec![0]]), [(0, 5, 1), (0, 3, 2)], "not 8, not 0.25");
    let all = cures(&cells, &[vec![0]]);
    assert_eq!(all[1].cures[1], Cure { axis: 0, to: 3, distance: 1 });
}

#[test]
fn of_numbers_the_nearest_that_is_healthy_and_the_nearest_that_learns_are_offered() {
    let learns = cell(Verdict::Vanishing, 0.5, 3);
    let sound = cell(Verdict::Healthy, 1.5, 1);
    let cells = [gain(1.0, sick()), gain(2.0, learns.clone()), gain(4.0, sound.clone()), gain(8.0, healthy(0.1))];
    assert_eq!(of_the_first(&cells, &[vec![0]]), [(0, 1, 1), (0, 2, 2)]);
    let cells = [gain(1.0, sick()), gain(2.0, sound), gain(4.0, healthy(0.1)), gain(8.0, learns)];
    assert_eq!(of_the_first(&cells, &[vec![0]]), [(0, 2, 2), (0, 1, 1)], "not 8, which is farther");
}

#[test]
fn of_names_all_are_offered_those_first_that_most_seeds_learn() {
    let phi = |name: &str, cell: CellSummary| (vec![Shown::Text(name.into())], cell);
    let cells = [
        phi("sigmoid", sick()),
        phi("relu", cell(Verdict::Healthy, 0.1, 2)),
        phi("tanh", healthy(0.9)),
        phi("gelu", healthy(0.4)),
    ];
    assert_eq!(of_the_first(&cells, &[vec![0]]), [(0, 3, 1), (0, 2, 1), (0, 1, 1)]);
}

#[test]
fn keys_that_move_together_are_one_axis() {
    let norm = |batch: bool, layer: bool, cell: CellSummary| (vec![Shown::Bool(batch), Shown::Bool(layer)], cell);
    let cells = [norm(false, false, sick()), norm(true, false, healthy(0.0)), norm(false, true, healthy(0.5))];
    assert_eq!(of_the_first(&cells, &[vec![0, 1]]), [(0, 1, 1), (0, 2, 1)]);
    let pair = |batch: u64, rate: f64, cell: CellSummary| (vec![Shown::Int(batch), Shown::Float(rate)], cell);
    let cells = [pair(16, 0.1, sick()), pair(64, 0.4, healthy(0.0)), pair(32, 0.2, healthy(0.9))];
    assert_eq!(of_the_first(&cells, &[vec![0, 1]]), [(0, 2, 1)], "numbers have neighbours");
    let two_apart = [pair(16, 0.1, sick()), pair(32, 0.4, healthy(0.0))];
    assert_eq!(of_the_first(&two_apart, &[vec![0], vec![1]]), [], "two axes differ");
}

#[test]
fn a_cell_that_lacks_runs_or_whose_seeds_disagree_cures_nothing() {
    let none = CellSummary { runs: 0, agree: 0, verdict: None, ..sick() };
    let unfinished = CellSummary { runs: 2, agree: 2, learned: 2, without_result: 1, ..healthy(0.1) };
    let split = CellSummary { agree: 2, ..cell(Verdict::Healthy, 0.1, 2) };
    let cells = [depth(20, false, sick()), depth(20, true, split), depth(10, false, none), depth(5, false, unfinished)];
    assert_eq!(of_the_first(&cells, &[vec![0], vec![1]]), []);
    assert_eq!(cures(&[depth(5, true, healthy(0.0))], &[vec![0], vec![1]]), []);
    assert_eq!(cures(&[], &[]), []);
}

#[test]
fn a_twin_with_the_same_values_is_no_change() {
    let name = |cell: CellSummary| (vec![Shown::Text("relu".into()), Shown::Int(0)], cell);
    assert_eq!(of_the_first(&[name(sick()), name(healthy(0.0))], &[vec![0], vec![1]]), []);
}

/// A line of a thousand names, most of them healthy, does not make a cure of every pair.
#[test]
fn twenty_thousand_cells_have_a_bounded_number_of_cures() {
    let cell_of = |i: u64| {
        let values = vec![Shown::Text(format!("file{}", i % 1000)), Shown::Int(i / 1000)];
        (values, if i.is_multiple_of(3) { sick() } else { healthy(i as f64 / 1e5) })
    };
    let cells: Vec<_> = (0..20_000).map(cell_of).collect();
    let all = cures(&cells, &[vec![0], vec![1]]);
    assert_eq!(all.len(), 6667);
    assert!(all.iter().all(|patient| (MOST_NAMES + 1..=MOST_NAMES + 2).contains(&patient.cures.len())));
    for patient in &all {
        for cure in &patient.cures {
            let (from, to) = (&cells[patient.cell].0, &cells[cure.to]);
            let differ = from.iter().zip(&to.0).filter(|(a, b)| a != b).count();
            assert!(differ == 1 && from[cure.axis] != to.0[cure.axis] && to.1.verdict == Some(Verdict::Healthy));
        }
    }
}

prop_compose! {
    /// Any cell of up to three runs, some of which may be missing.
    fn any_cell()(
        runs in 0_usize..4,
        without_result in prop_oneof![4 => Just(0_usize), 1 => 1_usize..3],
        verdict in 0..Verdict::ALL.len(),
        agree in 1_usize..4,
        learned in 0_usize..4,
        loss in prop_oneof![8 => 0.0..3.0, 1 => Just(f64::NAN), 1 => Just(1.0)],
    ) -> CellSummary {
        CellSummary {
            runs,
            without_result,
            agree: agree.min(runs),
            learned: learned.min(runs),
            ..cell(Verdict::ALL[verdict], loss, 0)
        }
    }
}

proptest! {
    /// A grid of a name, a number and a flag, from which points were left out.
    #[test]
    fn a_cure_learns_better_at_no_worse_a_loss_and_differs_in_one_axis(
        points in proptest::collection::vec((any_cell(), proptest::bool::weighted(0.9)), 4 * 5 * 2),
    ) {
        let at = |i: usize| {
            vec![Shown::Text(format!("phi{}", i % 4)), Shown::Int((i / 4 % 5) as u64), Shown::Bool(i / 20 == 1)]
        };
        let all = points.into_iter().enumerate().filter(|(_, (_, is_kept))| *is_kept);
        let cells: Vec<_> = all
            .map(|(i, (cell, _))| (at(i), if cell.runs == 0 { CellSummary { verdict: None, ..cell } } else { cell }))
            .collect();
        let patients = cures(&cells, &[vec![0], vec![1], vec![2]]);
        let is_found = |i: usize| patients.iter().any(|patient| patient.cell == i);
        for (i, (_, cell)) in cells.iter().enumerate() {
            prop_assert_eq!(is_found(i), is_patient(cell));
        }
        for Patient { cell, cures } in &patients {
            let (values, from) = &cells[*cell];
            prop_assert!(cures.is_empty() || from.learned < from.runs, "every seed learned it");
            for cure in cures {
                let (to_values, to) = &cells[cure.to];
                let differ = (0..3).filter(|&axis| values[axis] != to_values[axis]);
                prop_assert_eq!(differ.collect::<Vec<_>>(), [cure.axis]);
                prop_assert!(to.learned > 0 && to.learned * from.runs > from.learned * to.runs);
                prop_assert!(to.loss <= from.loss || from.loss.is_nan() && to.loss.is_finite());
                prop_assert_eq!(to.without_result, 0);
                let is_sound = to.agree == to.runs && !to.verdict.is_some_and(Verdict::is_sick);
                prop_assert!(is_sound || to.learned == to.runs);
            }
            let rank = |cure: &Cure| {
                let to = &cells[cure.to].1;
                (-(to.learned as f64 / to.runs as f64), to.loss, cure.distance)
            };
            prop_assert!(cures.is_sorted_by(|a, b| rank(a) <= rank(b)));
            // Where one of the grid would do, some are offered.
            let would_do = cells.iter().enumerate().any(|(i, (to_values, to))| {
                let differ = (0..3).filter(|&axis| values[axis] != to_values[axis]).count();
                differ == 1 && i != *cell && needs_cure(from) && may_cure(to) && learns_better(to, from)
            });
            prop_assert_eq!(!cures.is_empty(), would_do);
        }
    }
}
