//! Chooses the plane of a grid: two axes of numbers, and the families of cells over them.

use crate::report::draw::Scale;
use crate::report::gathered::{CellRow, GridAxis};
use crate::report::plane::{Plane, PlaneFamily};

/// The most families that are kept.
const MOST_FAMILIES: usize = 6;

impl Plane {
    /// Chooses the axes and the families; none where no two numbers are swept together.
    pub(in crate::report) fn of(axes: &[GridAxis], cells: &[CellRow]) -> Option<Self> {
        let varying: Vec<usize> = (0..axes.len()).filter(|&axis| axes[axis].values.len() > 1).collect();
        let numeric = |axis: &usize| axes[*axis].numbers().is_some();
        let key = |key: &str| varying.iter().copied().find(|&axis| axes[axis].is(key));
        let many = |but: Option<usize>| {
            let rest = varying.iter().copied().filter(|axis| numeric(axis) && Some(*axis) != but);
            rest.max_by_key(|&axis| (axes[axis].values.len(), std::cmp::Reverse(axis)))
        };
        let y = key("model.depth").or_else(|| many(Some(many(None)?)))?;
        let gain = key("model.init_gain").or_else(|| key("model.bias_std"));
        let x = gain.filter(|&axis| axis != y).or_else(|| many(Some(y)))?;
        let others: Vec<usize> = varying.into_iter().filter(|&axis| axis != x && axis != y).collect();
        let mut families: Vec<PlaneFamily> = Vec::new();
        for (i, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.cell.runs > 0) {
            let levels: Vec<usize> = others.iter().map(|&axis| cell.levels[axis]).collect();
            match families.iter_mut().find(|family| family.levels == levels) {
                Some(family) => family.cells.push(i),
                None => families.push(PlaneFamily { levels, cells: vec![i], border: None }),
            }
        }
        // One point on either axis is no plane.
        let spans = |family: &PlaneFamily, axis: usize| {
            family.cells.iter().any(|&cell| cells[cell].levels[axis] != cells[family.cells[0]].levels[axis])
        };
        families.retain(|family| spans(family, x) && spans(family, y));
        let of = families.len();
        if of > MOST_FAMILIES {
            let learned = |family: &PlaneFamily| {
                let is_learned = |cell: &&usize| 2 * cells[**cell].cell.learned > cells[**cell].cell.runs;
                family.cells.iter().filter(is_learned).count()
            };
            let evenness = |family: &PlaneFamily| learned(family).min(family.cells.len() - learned(family));
            let mut order: Vec<usize> = (0..of).collect();
            order.sort_by_key(|&i| std::cmp::Reverse(evenness(&families[i])));
            order.truncate(MOST_FAMILIES);
            order.sort_unstable();
            families = order.into_iter().map(|i| families[i].clone()).collect();
        }
        (of > 0).then_some(Self { x, y, others, families, of })
    }

    /// The scale of an axis.
    pub(in crate::report) fn scale(axes: &[GridAxis], axis: usize) -> Option<Scale> {
        Some(Scale::of(&axes[axis].numbers()?))
    }
}
