//! What cures a sick cell: a change of one axis that leads to a cell of the grid which is healthy in all its runs.
//!
//! Nothing is predicted: a cure is a cell whose runs were trained. A cell that no run fills, be it that a rule excluded
//! it or that the sweep was stopped, is never offered; nor is one whose seeds disagree.
//!
//! Of an axis of numbers the nearest healthy value on each side is offered, for whoever can halve the depth need not
//! divide it by ten; how far it is away is counted in values of the axis. Keys that move together (`[[zip]]`) are one
//! axis, and one of numbers if all of them are. Of names and flags every value is as far away as any other.

use std::collections::HashMap;

use super::levels::Levels;
use super::{Cell, Verdict};
use crate::spec::Shown;

/// Of an axis of names, no more values than this are offered to a cell: those that are learned by every seed and
/// change the gradient least. No catalogue of names is as long; a list of a thousand files may be.
const MOST_NAMES: usize = 24;

/// A cell with a verdict other than healthy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sick {
    /// Its position among the cells.
    pub cell: usize,
    /// What cures it, the smallest change first; empty where no single change does.
    pub cures: Vec<Cure>,
}

/// A change of one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cure {
    /// Which axis changes.
    pub axis: usize,
    /// The position of the cell that the change leads to.
    pub to: usize,
    /// How many values of the axis it is away; 1 for names and flags.
    pub distance: usize,
}

/// The sick ones of `cells` (values of all axes but the seed, and the cell), with their cures. `axes` are the positions
/// of each axis's keys among the values.
pub fn cures(cells: &[(Vec<Shown>, Cell)], axes: &[Vec<usize>]) -> Vec<Sick> {
    let mut cures: Vec<Vec<Cure>> = vec![Vec::new(); cells.len()];
    let (rows, levels) = rows(cells, axes);
    for (axis, levels) in levels.iter().enumerate() {
        let ranks = ranks(levels);
        let level = |i: usize| rows[i][axis] as usize;
        for line in lines(&rows, axis) {
            let of = |wanted: fn(&Cell) -> bool| line.iter().copied().filter(move |&i| wanted(&cells[i].1));
            let mut healthy: Vec<usize> = of(is_healthy).collect();
            match &ranks {
                Some(ranks) => healthy.sort_by_key(|&i| ranks[level(i)]),
                None => healthy.sort_by(|&a, &b| merit(cells, a, b)),
            }
            for i in of(is_sick) {
                let offered = match &ranks {
                    Some(ranks) => nearest(&healthy, ranks[level(i)], |to| ranks[level(to)]),
                    None => healthy
                        .iter()
                        .filter(|&&to| level(to) != level(i))
                        .map(|&to| (to, 1))
                        .take(MOST_NAMES)
                        .collect(),
                };
                cures[i].extend(offered.into_iter().map(|(to, distance)| Cure { axis, to, distance }));
            }
        }
    }
    let sick = cures.into_iter().enumerate().filter(|(i, _)| is_sick(&cells[*i].1));
    sick.map(|(cell, mut cures)| {
        // Stable: of equals the one of the earlier axis comes first.
        cures.sort_by(|a, b| a.distance.cmp(&b.distance).then(merit(cells, a.to, b.to)));
        Sick { cell, cures }
    })
    .collect()
}

/// Whether its runs, or most of them, have a verdict other than healthy.
fn is_sick(cell: &Cell) -> bool {
    cell.verdict.is_some_and(|verdict| verdict != Verdict::Healthy)
}

/// Whether all runs of the cell are healthy, and there are some.
fn is_healthy(cell: &Cell) -> bool {
    cell.verdict == Some(Verdict::Healthy) && cell.unanimous
}

/// Which of two healthy cells is the better place: one that every seed learns, then the flatter gradient.
fn merit(cells: &[(Vec<Shown>, Cell)], a: usize, b: usize) -> std::cmp::Ordering {
    let [a, b] = [a, b].map(|i| &cells[i].1);
    let by_decades = a.decades().abs().total_cmp(&b.decades().abs());
    b.all_learned().cmp(&a.all_learned()).then(by_decades)
}

/// Of each cell its level on each axis; and the axes' levels.
fn rows(cells: &[(Vec<Shown>, Cell)], axes: &[Vec<usize>]) -> (Vec<Vec<u32>>, Vec<Levels>) {
    let mut levels: Vec<Levels> = axes.iter().map(|axis| Levels::of_keys(axis.len())).collect();
    let mut row = |values: &[Shown]| -> Vec<u32> {
        let of = |(axis, levels): (&Vec<usize>, &mut Levels)| levels.number(axis.iter().map(|&i| &values[i]));
        axes.iter().zip(&mut levels).map(of).collect()
    };
    (cells.iter().map(|(values, _)| row(values)).collect(), levels)
}

/// The cells that differ in nothing but the axis, line by line; lines and cells in order of appearance.
fn lines(rows: &[Vec<u32>], axis: usize) -> Vec<Vec<usize>> {
    let mut position: HashMap<Vec<u32>, usize> = HashMap::new();
    let mut lines: Vec<Vec<usize>> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let mut rest = row.clone();
        rest[axis] = 0;
        let line = *position.entry(rest).or_insert_with(|| {
            lines.push(Vec::new());
            lines.len() - 1
        });
        lines[line].push(i);
    }
    lines
}

/// Of an axis of numbers, by level, the place among its levels from the least to the greatest, by the first key and then
/// by the next ones; `None` of an axis with a name or a flag.
fn ranks(levels: &Levels) -> Option<Vec<usize>> {
    let number = |value: &Shown| match value {
        Shown::Int(n) => Some(*n as f64),
        Shown::Float(x) => Some(*x),
        Shown::Bool(_) | Shown::Text(_) => None,
    };
    let numbers: Option<Vec<Vec<f64>>> = levels.iter().map(|values| values.iter().map(number).collect()).collect();
    let numbers = numbers?;
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&a, &b| {
        let by_key = numbers[a].iter().zip(&numbers[b]).map(|(x, y)| x.total_cmp(y));
        by_key.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    let mut ranks = vec![0; order.len()];
    order.into_iter().enumerate().for_each(|(rank, level)| ranks[level] = rank);
    Some(ranks)
}

/// The last of `healthy`, which is sorted by `rank`, below `from` and the first above, with their distances.
fn nearest(healthy: &[usize], from: usize, rank: impl Fn(usize) -> usize) -> Vec<(usize, usize)> {
    let below = healthy.partition_point(|&i| rank(i) < from).checked_sub(1);
    let above = healthy.partition_point(|&i| rank(i) <= from);
    let both = [below, Some(above)].into_iter().flatten().filter_map(|at| healthy.get(at));
    both.map(|&i| (i, rank(i).abs_diff(from))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Cause;

    /// A cell of three runs, of which `learned` learned.
    fn cell(verdict: Verdict, gradient_decades: f64, learned: usize) -> Cell {
        Cell {
            runs: 3,
            verdict: Some(verdict),
            unanimous: true,
            cause: Cause::None,
            subject: "",
            why: String::new(),
            learned,
            gradient_decades,
            time_decades: f64::NAN,
            loss: 1.0,
            loss_of_chance: 2.3,
        }
    }

    fn sick() -> Cell {
        cell(Verdict::Vanishing, -12.0, 0)
    }

    fn healthy(decades: f64) -> Cell {
        cell(Verdict::Healthy, decades, 3)
    }

    /// The cures of the first cell, as (axis, to, distance).
    fn of_the_first(cells: &[(Vec<Shown>, Cell)], axes: &[Vec<usize>]) -> Vec<(usize, usize, usize)> {
        let all = cures(cells, axes);
        assert_eq!(all[0].cell, 0);
        all[0].cures.iter().map(|cure| (cure.axis, cure.to, cure.distance)).collect()
    }

    fn depth(depth: u64, residual: bool, cell: Cell) -> (Vec<Shown>, Cell) {
        (vec![Shown::Int(depth), Shown::Bool(residual)], cell)
    }

    #[test]
    fn a_cell_whose_seeds_disagree_is_sick_and_can_be_cured() {
        let split = Cell { unanimous: false, ..sick() };
        let cells = [depth(20, false, split), depth(20, true, healthy(0.0))];
        assert_eq!(of_the_first(&cells, &[vec![0], vec![1]]), [(1, 1, 1)]);
    }

    #[test]
    fn keys_that_move_together_are_ordered_by_all_of_them() {
        let pair = |batch: u64, rate: f64, cell: Cell| (vec![Shown::Int(batch), Shown::Float(rate)], cell);
        let cells = [pair(16, 0.1, sick()), pair(16, 0.4, healthy(0.0)), pair(16, 0.2, healthy(0.9))];
        assert_eq!(of_the_first(&cells, &[vec![0, 1]]), [(0, 2, 1)], "the nearest, not the first");
    }

    #[test]
    fn a_cure_differs_in_one_axis_and_the_smallest_change_comes_first() {
        let cells = [
            depth(20, false, sick()),
            depth(5, false, healthy(-0.5)),
            depth(10, false, sick()),
            depth(20, true, healthy(0.9)),
            depth(10, true, healthy(0.0)),
        ];
        let axes = [vec![0], vec![1]];
        assert_eq!(of_the_first(&cells, &axes), [(1, 3, 1), (0, 1, 2)], "the cell at (10, true) differs in both");
        let of_10 = &cures(&cells, &axes)[1];
        let to: Vec<usize> = of_10.cures.iter().map(|cure| cure.to).collect();
        assert_eq!((of_10.cell, to), (2, vec![4, 1]), "as far away, and flatter");
    }

    #[test]
    fn of_numbers_only_the_nearest_healthy_value_on_each_side_is_offered() {
        let gain = |x: f64, cell: Cell| (vec![Shown::Float(x)], cell);
        let cells = [
            gain(1.0, sick()),
            gain(8.0, healthy(0.1)),
            gain(2.0, sick()),
            gain(4.0, healthy(0.2)),
            gain(0.25, healthy(0.3)),
            gain(0.5, cell(Verdict::Healthy, -0.1, 3)),
        ];
        assert_eq!(of_the_first(&cells, &[vec![0]]), [(0, 5, 1), (0, 3, 2)], "not 8, not 0.25");
        let all = cures(&cells, &[vec![0]]);
        assert_eq!(all[1].cures[0], Cure { axis: 0, to: 3, distance: 1 });
    }

    #[test]
    fn of_names_all_are_offered_those_first_that_every_seed_learns() {
        let phi = |name: &str, cell: Cell| (vec![Shown::Text(name.into())], cell);
        let cells = [
            phi("sigmoid", sick()),
            phi("relu", cell(Verdict::Healthy, 0.1, 2)),
            phi("tanh", healthy(-0.9)),
            phi("gelu", healthy(0.4)),
        ];
        assert_eq!(of_the_first(&cells, &[vec![0]]), [(0, 3, 1), (0, 2, 1), (0, 1, 1)]);
    }

    #[test]
    fn keys_that_move_together_are_one_axis() {
        let norm = |batch: bool, layer: bool, cell: Cell| (vec![Shown::Bool(batch), Shown::Bool(layer)], cell);
        let cells = [norm(false, false, sick()), norm(true, false, healthy(0.0)), norm(false, true, healthy(0.5))];
        assert_eq!(of_the_first(&cells, &[vec![0, 1]]), [(0, 1, 1), (0, 2, 1)]);
        let pair = |batch: u64, rate: f64, cell: Cell| (vec![Shown::Int(batch), Shown::Float(rate)], cell);
        let cells = [pair(16, 0.1, sick()), pair(64, 0.4, healthy(0.0)), pair(32, 0.2, healthy(0.9))];
        assert_eq!(of_the_first(&cells, &[vec![0, 1]]), [(0, 2, 1)], "numbers have neighbours");
        let two_apart = [pair(16, 0.1, sick()), pair(32, 0.4, healthy(0.0))];
        assert_eq!(of_the_first(&two_apart, &[vec![0], vec![1]]), [], "two axes differ");
    }

    #[test]
    fn a_cell_that_has_no_runs_or_whose_seeds_disagree_cures_nothing() {
        let none = Cell { runs: 0, verdict: None, ..sick() };
        let some = Cell { unanimous: false, ..healthy(0.0) };
        let cells = [depth(20, false, sick()), depth(20, true, some), depth(10, false, none)];
        assert_eq!(cures(&cells, &[vec![0], vec![1]]), [Sick { cell: 0, cures: vec![] }]);
        assert_eq!(cures(&[depth(5, true, healthy(0.0))], &[vec![0], vec![1]]), []);
        assert_eq!(cures(&[], &[]), []);
    }

    #[test]
    fn a_twin_with_the_same_values_is_no_change() {
        let name = |cell: Cell| (vec![Shown::Text("relu".into()), Shown::Int(0)], cell);
        assert_eq!(of_the_first(&[name(sick()), name(healthy(0.0))], &[vec![0], vec![1]]), []);
    }

    /// In a line of a thousand names, of which nearly all are healthy, not every pair is a cure.
    #[test]
    fn twenty_thousand_cells_have_a_bounded_number_of_cures() {
        let cell_of = |i: u64| {
            let values = vec![Shown::Text(format!("file{}", i % 1000)), Shown::Int(i / 1000)];
            (values, if i.is_multiple_of(3) { sick() } else { healthy(i as f64 / 1e5) })
        };
        let cells: Vec<_> = (0..20_000).map(cell_of).collect();
        let all = cures(&cells, &[vec![0], vec![1]]);
        assert_eq!(all.len(), 6667);
        assert!(all.iter().all(|sick| (MOST_NAMES + 1..=MOST_NAMES + 2).contains(&sick.cures.len())));
        for sick in &all {
            for cure in &sick.cures {
                let (from, to) = (&cells[sick.cell].0, &cells[cure.to]);
                let differ = from.iter().zip(&to.0).filter(|(a, b)| a != b).count();
                assert!(differ == 1 && from[cure.axis] != to.0[cure.axis] && to.1.verdict == Some(Verdict::Healthy));
            }
        }
    }
}
