//! Rows for the page's table: the grid's cells, or groups of them where there are too many to look at.
//!
//! A group is made of the cells that differ only in axes whose changes do little: the axes are folded one by one, that
//! of the least effect on the gradients first, until few enough groups are left.

use std::collections::HashMap;

use crate::report::gathered::{CellRow, Gathered};

/// The most rows that a page has.
pub(super) const MOST: usize = 2_000;

/// The rows, and which axes tell them apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grouping {
    /// Axes of [`Gathered::axes`] that tell rows apart, by position.
    pub(super) axes: Vec<usize>,
    /// The other axes, by position, in the order in which they were folded.
    pub(super) folded: Vec<usize>,
    /// The rows, in the order of their first cells.
    pub(super) groups: Vec<Group>,
}

/// Cells that share a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// Their value on each axis of [`Grouping::axes`].
    pub(super) levels: Vec<usize>,
    /// Their positions, at least one.
    pub(super) cells: Vec<usize>,
    /// Which of them stands for all where curves are drawn: the first of the most frequent verdict.
    pub(super) shown: usize,
}

/// Groups the cells into at most `most` rows.
pub(super) fn group(gathered: &Gathered, most: usize) -> Grouping {
    let mut axes: Vec<usize> = (0..gathered.axes.len()).collect();
    let mut folded = Vec::new();
    let mut by_effect = axes.clone();
    by_effect.sort_by(|&a, &b| size(gathered, a).total_cmp(&size(gathered, b)));
    for axis in by_effect {
        let groups = grouped(gathered, &axes);
        if groups.len() <= most {
            return Grouping { axes, folded, groups };
        }
        axes.retain(|&kept| kept != axis);
        folded.push(axis);
    }
    let groups = grouped(gathered, &axes);
    Grouping { axes, folded, groups }
}

/// Returns by how many decades the axis's largest change moves the gradients; 0 if no two runs differ in this axis
/// alone.
fn size(gathered: &Gathered, axis: usize) -> f64 {
    gathered.effects.iter().find(|effect| effect.axis == axis).map_or(0.0, |effect| effect.effect.size())
}

fn grouped(gathered: &Gathered, axes: &[usize]) -> Vec<Group> {
    let mut positions: HashMap<Vec<usize>, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (i, cell) in gathered.cells.iter().enumerate() {
        let levels: Vec<usize> = axes.iter().map(|&axis| cell.levels[axis]).collect();
        let at = *positions.entry(levels.clone()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.cells.push(i),
            None => groups.push(Group { levels, cells: vec![i], shown: i }),
        }
    }
    groups.iter_mut().for_each(|group| group.shown = typical(&gathered.cells, &group.cells));
    groups
}

fn typical(cells: &[CellRow], group: &[usize]) -> usize {
    let alike = |i: usize| group.iter().filter(|&&other| cells[other].cell.verdict == cells[i].cell.verdict).count();
    // Few groups have many cells; of equals max_by_key would keep the last.
    group.iter().copied().rev().max_by_key(|&i| alike(i)).expect("a group has a cell")
}

impl Grouping {
    /// What was folded, in a sentence; none where nothing was.
    pub(super) fn note(&self, gathered: &Gathered) -> Option<String> {
        if self.folded.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.folded.iter().map(|&axis| gathered.axes[axis].name.as_str()).collect();
        Some(format!(
            "The {} cells are shown as {} groups: a row stands for all values of {}, whose changes do the least to the \
             gradients. Its curves are those of one of its cells; runs.csv and summary.csv have all.",
            gathered.cells.len(),
            self.groups.len(),
            names.join(" and "),
        ))
    }

    /// Returns the position of the row of each cell of the grid, which has `cells` cells.
    pub(super) fn row_of(&self, cells: usize) -> Vec<usize> {
        let mut rows = vec![0; cells];
        for (row, group) in self.groups.iter().enumerate() {
            group.cells.iter().for_each(|&cell| rows[cell] = row);
        }
        rows
    }
}
