//! A plane of two numbers that a grid sweeps, cell beside cell, with the border that theory draws in it.

/// Two axes of numbers, and the cells over them, family by family.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// The axis across, by its position in [`super::Gathered::axes`].
    pub x: usize,
    /// The axis upwards: depth, where it is swept.
    pub y: usize,
    /// The other axes of more than one value.
    pub others: Vec<usize>,
    /// The families that are kept: of more than 6 those in which cells that learned and cells that did not
    /// are most evenly many.
    pub families: Vec<PlaneFamily>,
    /// How many families there are.
    pub of: usize,
}

/// The cells that agree in all other axes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaneFamily {
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
