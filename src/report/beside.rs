//! The cells that two experiments share, beside each other.

use std::collections::HashMap;

use super::figure::{Figure, ways_back};
use super::gathered::{CellRow, Gathered, GridAxis, RunCounts, SIDES};
use crate::spec::Shown;

/// Puts some cells of two experiments into one, with an axis more: the folder that a cell is from. `pairs` are the cells
/// that agree, by their numbers in the first and in the second; each is given once.
pub fn beside(old: Gathered, new: Gathered, pairs: &[(usize, usize)], folders: &[String; 2]) -> Gathered {
    let of_new: HashMap<usize, usize> = pairs.iter().map(|&(a, b)| (b, a)).collect();
    let is_old: HashMap<usize, usize> = pairs.iter().map(|&(a, _)| (a, a)).collect();
    let levels: Vec<Vec<usize>> = old.cells.iter().map(|cell| cell.levels.clone()).collect();
    let mut cells: Vec<CellRow> = Vec::new();
    // A pair has the values of the first experiment, whose axes tell its cells apart.
    for (side, (all, partner)) in [(old.cells, is_old), (new.cells, of_new)].into_iter().enumerate() {
        let shared = all.into_iter().enumerate().filter_map(|(number, cell)| Some((*partner.get(&number)?, cell)));
        cells.extend(shared.map(|(partner, cell)| CellRow {
            levels: levels[partner].iter().copied().chain([side]).collect(),
            cures: Vec::new(),
            ..cell
        }));
    }
    let mut axes = old.axes;
    let values = folders.iter().map(|folder| vec![Shown::Text(folder.clone())]).collect();
    axes.push(GridAxis { name: SIDES.into(), keys: vec![SIDES], values });
    let mut counts = RunCounts::default();
    cells.iter().for_each(|cell| counts.add(&cell.counts));
    Gathered { axes, detailed: cells.len(), cells, counts, failures: Vec::new(), plane: None, ..old }
}

/// The figures that show what became of the error on its way back in both: across the layers, and through time.
pub fn difference_figures(both: &Gathered) -> Vec<Figure> {
    ways_back(both)
}
