//! How a line of text names a cell: by what tells it from the others.

use crate::cli::view::matrix::{Axis, GridCells, distinct};
use crate::spec::Shown;

/// Names for the cells of a grid.
#[derive(Debug)]
pub(crate) struct CellNames {
    /// The name of each axis that has more than one value, and its position among a cell's values.
    varying: Vec<(String, usize)>,
}

impl CellNames {
    /// Finds the axes that tell `cells` apart.
    pub(crate) fn new(axes: &[Axis], cells: &GridCells) -> Self {
        let varying = axes.iter().enumerate().filter(|(i, _)| distinct(cells, &[*i]).len() > 1);
        Self { varying: varying.map(|(i, axis)| (axis.name.clone(), i)).collect() }
    }

    /// Whether nothing tells cells apart: there is one.
    pub(crate) fn are_all_one(&self) -> bool {
        self.varying.is_empty()
    }

    /// Names a cell, `sigmoid xavier_normal, depth 20, batch_norm`: names, then numbers, then flags that are set.
    pub(crate) fn of(&self, values: &[Shown]) -> String {
        let varying = || self.varying.iter().map(|(name, i)| (name, &values[*i]));
        let names = varying().filter_map(|(_, value)| match value {
            Shown::Text(text) => Some(text.as_str()),
            Shown::Bool(_) | Shown::Int(_) | Shown::Float(_) => None,
        });
        let numbers = varying().filter_map(|(name, value)| match value {
            Shown::Int(_) | Shown::Float(_) => Some(format!("{name} {value}")),
            Shown::Bool(_) | Shown::Text(_) => None,
        });
        let flags = varying().filter(|(_, value)| **value == Shown::Bool(true)).map(|(name, _)| name.clone());
        let names = names.collect::<Vec<_>>().join(" ");
        let parts: Vec<String> = [names].into_iter().filter(|n| !n.is_empty()).chain(numbers).chain(flags).collect();
        if parts.is_empty() { "the plain cell".into() } else { parts.join(", ") }
    }
}
