//! What cures a cell that does not learn with every seed: a change of one axis that leads to a cell of the grid which
//! more seeds learn, at no worse a loss.
//!
//! Nothing is predicted: a cure is a cell whose runs were all trained. Never offered are cells with a run that a rule
//! excluded, that failed or that the sweep did not reach. Nor is a cell whose gradients are sick or whose seeds
//! disagree, unless every seed learns it. A cell that every seed learned needs no cure, whatever its verdict.
//!
//! Losses are compared as shares of the loss of chance, so that cells of different data compare.
//!
//! An axis of numbers offers two cells on each side, or one that is both: the nearest that is not sick, and the nearest
//! that every seed learns, for whoever can halve the depth need not divide it by ten. The distance is counted in values
//! of the axis. Keys that move together (`[[zip]]`) are one axis, and one of numbers if all of them are. On an axis of
//! names or flags every value is as far away as any other.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::levels::Levels;
use super::{CellSummary, Verdict};
use crate::spec::Shown;

/// An axis of names offers a cell no more values than this, the best of them. No catalogue of names is as
/// long; a list of a thousand files may be.
const MOST_NAMES: usize = 24;

/// A cell that is sick or that some seed did not learn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// Its position among the cells.
    pub cell: usize,
    /// What cures it, the best first; empty where no single change does, and of a cell that every seed learned.
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

/// Returns the patients among `cells` (values of all axes but the seed, and the cell), with their cures: those that
/// most seeds learn first, of these the one with the lowest loss, of these the smallest change. `axes` are the
/// positions of each axis's keys among the values.
pub fn cures(cells: &[(Vec<Shown>, CellSummary)], axes: &[Vec<usize>]) -> Vec<Patient> {
    let mut cures: Vec<Vec<Cure>> = vec![Vec::new(); cells.len()];
    let (rows, levels) = rows(cells, axes);
    for (axis, levels) in levels.iter().enumerate() {
        let ranks = ranks(levels);
        let level = |i: usize| rows[i][axis] as usize;
        for line in lines(&rows, axis) {
            let of = |wanted: fn(&CellSummary) -> bool| line.iter().copied().filter(move |&i| wanted(&cells[i].1));
            let mut candidates: Vec<usize> = of(may_cure).collect();
            match &ranks {
                Some(ranks) => candidates.sort_by_key(|&i| ranks[level(i)]),
                None => candidates.sort_by(|&a, &b| better(cells, a, b)),
            }
            for i in of(needs_cure) {
                let is_cure = |to: usize| level(to) != level(i) && learns_better(&cells[to].1, &cells[i].1);
                let offered = match &ranks {
                    Some(ranks) => nearest(cells, &candidates, ranks[level(i)], |to| ranks[level(to)], is_cure),
                    None => candidates.iter().filter(|&&to| is_cure(to)).map(|&to| (to, 1)).take(MOST_NAMES).collect(),
                };
                cures[i].extend(offered.into_iter().map(|(to, distance)| Cure { axis, to, distance }));
            }
        }
    }
    let patients = cures.into_iter().enumerate().filter(|(i, _)| is_patient(&cells[*i].1));
    patients
        .map(|(cell, mut cures)| {
            // Stable: of equals the one of the earlier axis comes first.
            cures.sort_by(|a, b| better(cells, a.to, b.to).then(a.distance.cmp(&b.distance)));
            Patient { cell, cures }
        })
        .collect()
}

fn is_patient(cell: &CellSummary) -> bool {
    cell.verdict.is_some_and(Verdict::is_sick) || needs_cure(cell)
}

/// Whether some run ended, and one of them did not learn.
fn needs_cure(cell: &CellSummary) -> bool {
    cell.runs > 0 && !cell.all_learned()
}

/// Whether all runs of the cell have one verdict, and it is not a sick one.
fn is_sound(cell: &CellSummary) -> bool {
    cell.is_unanimous() && !cell.verdict.is_some_and(Verdict::is_sick)
}

/// Whether the cell is worth changing to from some other cell: all its runs ended, some learned, and either no seed is
/// sick or every seed learned.
fn may_cure(cell: &CellSummary) -> bool {
    let is_measured = cell.without_result == 0 && cell.relative_loss().is_finite();
    is_measured && cell.learned > 0 && (is_sound(cell) || cell.all_learned())
}

/// Whether a larger share of the runs of `to` learned than of `from`, and its loss is not worse. A cell without a
/// finite loss has the worst.
fn learns_better(to: &CellSummary, from: &CellSummary) -> bool {
    let is_no_worse = to.relative_loss() <= from.relative_loss() || from.relative_loss().is_nan();
    to.learned_share() > from.learned_share() && is_no_worse
}

/// Orders two cells, the better place first: the one that more seeds learn, then the one with the lower loss.
fn better(cells: &[(Vec<Shown>, CellSummary)], a: usize, b: usize) -> Ordering {
    let [a, b] = [a, b].map(|i| &cells[i].1);
    let by_share = b.learned_share().total_cmp(&a.learned_share());
    by_share.then(a.relative_loss().total_cmp(&b.relative_loss()))
}

/// Returns each cell's level on each axis, and the levels of each axis.
fn rows(cells: &[(Vec<Shown>, CellSummary)], axes: &[Vec<usize>]) -> (Vec<Vec<u32>>, Vec<Levels>) {
    let mut levels: Vec<Levels> = axes.iter().map(|axis| Levels::of_keys(axis.len())).collect();
    let mut row = |values: &[Shown]| -> Vec<u32> {
        let of = |(axis, levels): (&Vec<usize>, &mut Levels)| levels.number(axis.iter().map(|&i| &values[i]));
        axes.iter().zip(&mut levels).map(of).collect()
    };
    (cells.iter().map(|(values, _)| row(values)).collect(), levels)
}

/// Groups the cells that differ in nothing but the axis, line by line; lines and cells are in order of appearance.
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

/// Ranks the levels of an axis of numbers from the least to the greatest, by the first key and then by the next ones;
/// `None` for an axis with a name or a flag.
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
        by_key.fold(Ordering::Equal, Ordering::then)
    });
    let mut ranks = vec![0; order.len()];
    order.into_iter().enumerate().for_each(|(rank, level)| ranks[level] = rank);
    Some(ranks)
}

/// Finds on each side of `from` the nearest cure that is sound and the nearest that every seed learns. `candidates` are
/// sorted by `rank`; each cell comes once, with its distance.
fn nearest(
    cells: &[(Vec<Shown>, CellSummary)],
    candidates: &[usize],
    from: usize,
    rank: impl Fn(usize) -> usize,
    is_cure: impl Fn(usize) -> bool,
) -> Vec<(usize, usize)> {
    let below = candidates.partition_point(|&i| rank(i) < from);
    let above = candidates.partition_point(|&i| rank(i) <= from);
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut take = |outward: &mut dyn Iterator<Item = &usize>| {
        let (mut sound, mut learned) = (None, None);
        while let Some(&to) = outward.next()
            && (sound.is_none() || learned.is_none())
        {
            if is_cure(to) {
                sound = sound.or(is_sound(&cells[to].1).then_some(to));
                learned = learned.or(cells[to].1.all_learned().then_some(to));
            }
        }
        let both = sound.into_iter().chain(learned.filter(|to| sound != Some(*to)));
        found.extend(both.map(|to| (to, rank(to).abs_diff(from))));
    };
    take(&mut candidates[..below].iter().rev());
    take(&mut candidates[above..].iter());
    found
}

#[cfg(test)]
mod tests;
