//! A plane of two numbers that a grid sweeps, cell beside cell, with the border that theory draws in it.

use super::draw::Scale;
use super::gathered::{CellRow, GridAxis};

/// The most families that are kept.
pub(super) const MOST_FAMILIES: usize = 6;

/// Two axes of numbers, and the cells over them, family by family.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// The axis across, by its position in [`super::Gathered::axes`].
    pub x: usize,
    /// The axis upwards: depth, where it is swept.
    pub y: usize,
    /// The other axes of more than one value.
    pub others: Vec<usize>,
    /// The families that are kept: of more than [`MOST_FAMILIES`] those in which cells that learned and cells that did not
    /// are most evenly many.
    pub families: Vec<Family>,
    /// How many families there are.
    pub of: usize,
}

/// The cells that agree in all other axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Their value on each axis of [`Plane::others`], by number.
    pub levels: Vec<usize>,
    /// The cells, by their positions in [`super::Gathered::cells`].
    pub cells: Vec<usize>,
    /// What theory says; none where it says nothing.
    pub border: Option<Border>,
}

/// Theory's border between nets that can be trained and nets that cannot.
#[derive(Debug, Clone, PartialEq)]
pub struct Border {
    /// (value of the axis across, depth to which a net can be trained), densely, the values ascending. The depth is
    /// infinite where an error keeps its size.
    pub depths: Vec<(f64, f64)>,
    /// The values at which an error keeps its size from layer to layer: between vanishing and exploding.
    pub critical: Vec<f64>,
}

impl Plane {
    /// Chooses the axes and the families; none where no two numbers are swept together.
    pub(super) fn of(axes: &[GridAxis], cells: &[CellRow]) -> Option<Self> {
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
        let mut families: Vec<Family> = Vec::new();
        for (i, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.cell.runs > 0) {
            let levels: Vec<usize> = others.iter().map(|&axis| cell.levels[axis]).collect();
            match families.iter_mut().find(|family| family.levels == levels) {
                Some(family) => family.cells.push(i),
                None => families.push(Family { levels, cells: vec![i], border: None }),
            }
        }
        // One point on either axis is no plane.
        let spans = |family: &Family, axis: usize| {
            family.cells.iter().any(|&cell| cells[cell].levels[axis] != cells[family.cells[0]].levels[axis])
        };
        families.retain(|family| spans(family, x) && spans(family, y));
        let of = families.len();
        if of > MOST_FAMILIES {
            let learned = |family: &Family| {
                let is_learned = |cell: &&usize| 2 * cells[**cell].cell.learned > cells[**cell].cell.runs;
                family.cells.iter().filter(is_learned).count()
            };
            let evenness = |family: &Family| learned(family).min(family.cells.len() - learned(family));
            let mut order: Vec<usize> = (0..of).collect();
            order.sort_by_key(|&i| std::cmp::Reverse(evenness(&families[i])));
            order.truncate(MOST_FAMILIES);
            order.sort_unstable();
            families = order.into_iter().map(|i| families[i].clone()).collect();
        }
        (of > 0).then_some(Self { x, y, others, families, of })
    }

    /// The scale of an axis.
    pub(super) fn scale(axes: &[GridAxis], axis: usize) -> Option<Scale> {
        Some(Scale::of(&axes[axis].numbers()?))
    }
}
