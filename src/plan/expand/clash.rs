//! Points whose values cannot stand together: counted by kind, with the `[[exclude]]` that leaves them out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::config::{Diagnostic, Experiment, Place};
use crate::plan::grid::Grid;
use crate::plan::index::Counts;
use crate::spec::{Conflict, Draft, KEYS, KeySet, RunSpec};

/// Kinds of clash that are shown in full.
const SHOWN: usize = 8;

/// Combinations of values that are remembered of one kind: enough to print, and a bound on memory.
const REMEMBERED: usize = 256;

/// The reasons of one kind of clash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reasons {
    Same,
    Different,
}

/// All clashes so far.
#[derive(Debug)]
pub(super) struct Clashes<'a> {
    grids: &'a [Grid],
    /// The kinds, told apart by grid and keys, in order of appearance.
    kinds: Vec<ClashKind>,
    clashing_points: Vec<u64>,
}

/// The clashes of one set of keys in one grid.
#[derive(Debug)]
struct ClashKind {
    grid: usize,
    first_point: u64,
    first: Conflict,
    /// Whether the reasons name different values.
    reasons: Reasons,
    points: u64,
    /// The values' numbers of the keys that axes move, as they clash.
    values: BTreeSet<Vec<u64>>,
}

impl<'a> Clashes<'a> {
    pub(in crate::plan) fn new(grids: &'a [Grid]) -> Self {
        Self { grids, kinds: Vec::new(), clashing_points: vec![0; grids.len()] }
    }

    /// Notes the clashes of point number `i` of a grid; whether there were any.
    pub(super) fn note(&mut self, grid: usize, i: u64, named: KeySet, point: &RunSpec) -> bool {
        let conflicts = Draft::conflicts(named, point);
        let clashes = !conflicts.is_empty();
        self.clashing_points[grid] += u64::from(clashes);
        for conflict in conflicts {
            let number = |key: &usize| self.grids[grid].value_number(*key, i);
            let values: Vec<u64> = conflict.keys.iter().filter_map(number).collect();
            // The kinds of this grid come last, and there may be as many grids as a config has lines.
            let mut of_grid = self.kinds.iter_mut().rev().take_while(|kind| kind.grid == grid);
            let known = of_grid.find(|kind| kind.first.keys == conflict.keys);
            if let Some(kind) = known {
                kind.points += 1;
                if kind.first.reason != conflict.reason {
                    kind.reasons = Reasons::Different;
                }
                if kind.values.len() < REMEMBERED {
                    kind.values.insert(values);
                }
            } else {
                let values = BTreeSet::from([values]);
                self.kinds.push(ClashKind {
                    grid,
                    first_point: i,
                    first: conflict,
                    reasons: Reasons::Same,
                    points: 1,
                    values,
                });
            }
        }
        clashes
    }

    /// An error for each kind of clash, but for those that a doubtful key may have caused.
    pub(in crate::plan) fn diagnostics(
        &self,
        experiment: &Experiment,
        grids: &[Grid],
        counts: Counts,
    ) -> Vec<Diagnostic> {
        let is_certain = |kind: &&ClashKind| !kind.first.keys.iter().any(|key| experiment.doubtful.contains(*key));
        let kinds: Vec<&ClashKind> = self.kinds.iter().filter(is_certain).collect();
        let mut errors: Vec<Diagnostic> = kinds
            .iter()
            .take(SHOWN)
            .map(|kind| {
                let grid = &grids[kind.grid];
                let excluded = if kind.grid == 0 { counts.excluded } else { 0 };
                kind.diagnostic(experiment, grid, grid.len() - excluded)
            })
            .collect();
        if kinds.len() > SHOWN {
            errors.push(Diagnostic::error(format!("and {} more kinds of clash", kinds.len() - SHOWN)));
        }
        errors
    }
}

impl ClashKind {
    fn diagnostic(&self, experiment: &Experiment, grid: &Grid, of: u64) -> Diagnostic {
        let reason = &self.first.reason;
        let of_what = if self.grid == 0 { "points" } else { "points of this [[include]]" };
        let first = match self.reasons {
            Reasons::Same => "",
            Reasons::Different => "for one, ",
        };
        let message = match self.points {
            1 if of == 1 => reason.clone(),
            n if n == of => format!("all {of} {of_what} clash: {first}{reason}"),
            n => format!("{n} of {of} {of_what} clash: {first}{reason}"),
        };
        let mut error = Diagnostic::error(message);
        for (key, place) in self.places(experiment, grid) {
            error = error.at(&place, if place_shows_key(&place, key) { "" } else { KEYS[key].name });
        }
        if error.labels.is_empty() {
            error = error.in_source(&experiment.source);
        }
        error.help(self.remedy(grid, of))
    }

    /// Where the clashing values stand: the first that clash of a list, the key where it is in `[run]`.
    fn places(&self, experiment: &Experiment, grid: &Grid) -> Vec<(usize, Place)> {
        let place = |key: &usize| {
            let swept = grid.values(*key).zip(grid.value_number(*key, self.first_point));
            let place = swept.map(|(values, number)| values.place(number)).or_else(|| experiment.said.get(key));
            Some((*key, place?.clone()))
        };
        self.first.keys.iter().filter_map(place).collect()
    }

    fn remedy(&self, grid: &Grid, of: u64) -> String {
        let swept: Vec<usize> = self.first.keys.iter().copied().filter(|key| grid.sweeps(*key).is_some()).collect();
        let names: Vec<String> = self.first.keys.iter().map(|key| format!("`{}`", KEYS[*key].name)).collect();
        let change = format!("change {}", names.join(" or "));
        if self.grid > 0 {
            return format!("{change}: an [[exclude]] does not touch an [[include]]");
        }
        if swept.is_empty() || self.points == of {
            return change;
        }
        let mut text = "to leave these points out, add".to_string();
        let blocks = merged(self.values.iter().cloned().collect());
        for block in &blocks {
            text.push_str("\n\n[[exclude]]");
            for (key, numbers) in swept.iter().zip(block) {
                let values = grid.values(*key).expect("the key is swept");
                let listed: Vec<String> = numbers.iter().map(|n| values.get(*n).to_string()).collect();
                let is_plain = listed.len() == 1 && !listed[0].starts_with('[');
                let value = if is_plain { listed[0].clone() } else { format!("[{}]", listed.join(", ")) };
                write!(text, "\n{} = {value}", KEYS[*key].name).expect("a String takes all text");
            }
        }
        if self.values.len() == REMEMBERED {
            text.push_str("\n\n(and more of the same kind)");
        }
        text
    }
}

fn place_shows_key(place: &Place, key: usize) -> bool {
    place.text().ends_with(KEYS[key].short_name())
}

/// Combinations of values as few blocks of lists: two blocks that differ in one column alone become one.
fn merged(combinations: Vec<Vec<u64>>) -> Vec<Vec<Vec<u64>>> {
    let mut blocks: Vec<Vec<Vec<u64>>> =
        combinations.into_iter().map(|values| values.into_iter().map(|v| vec![v]).collect()).collect();
    let columns = blocks.first().map_or(0, Vec::len);
    for column in (0..columns).rev() {
        let mut fewer: Vec<Vec<Vec<u64>>> = Vec::new();
        for block in blocks {
            let same = |other: &&mut Vec<Vec<u64>>| (0..columns).all(|c| c == column || other[c] == block[c]);
            match fewer.iter_mut().find(same) {
                Some(other) => other[column].extend(&block[column]),
                None => fewer.push(block),
            }
        }
        blocks = fewer;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_that_fill_a_product_are_one_block() {
        assert_eq!(merged(vec![vec![0, 2], vec![0, 3], vec![1, 2], vec![1, 3]]), [[vec![0, 1], vec![2, 3]]]);
        assert_eq!(merged(vec![vec![0, 2], vec![1, 3]]), [[vec![0], vec![2]], [vec![1], vec![3]]]);
        assert_eq!(merged(vec![vec![7]]), [[vec![7]]]);
    }
}
