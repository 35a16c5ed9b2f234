//! The scale on which the values of an axis are laid out, and the tiles around them.

use crate::kernels::{exp10, log10};

/// The ratio of the greatest to the least value from which on a scale is logarithmic.
const WIDE: f64 = 8.0;

/// The values of an axis on their scale.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Scale {
    is_log: bool,
    /// The edges of the tiles, on the scale: tile i lies between edges i and i + 1.
    edges: Vec<f64>,
}

impl Scale {
    /// Lays out two values or more, ascending: logarithmically where all are positive and span much.
    pub(in crate::report) fn of(values: &[f64]) -> Self {
        let (first, last) = (values[0], values[values.len() - 1]);
        let is_log = first > 0.0 && last >= WIDE * first;
        let at: Vec<f64> = values.iter().map(|&x| if is_log { log10(x) } else { x }).collect();
        let mut edges: Vec<f64> = at.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
        // Tiles at the ends reach as far beyond their values as before them.
        let (begin, end) = (2.0 * at[0] - edges[0], 2.0 * at[at.len() - 1] - edges[edges.len() - 1]);
        edges.insert(0, begin);
        edges.push(end);
        Self { is_log, edges }
    }

    /// The place of a value.
    pub(in crate::report) fn at(&self, value: f64) -> f64 {
        if self.is_log { log10(value) } else { value }
    }

    /// The edges of a tile.
    pub(in crate::report) fn tile(&self, level: usize) -> (f64, f64) {
        (self.edges[level], self.edges[level + 1])
    }

    /// The ends of the scale.
    pub(in crate::report) fn ends(&self) -> (f64, f64) {
        (self.edges[0], self.edges[self.edges.len() - 1])
    }

    /// Values from one end to the other, evenly spread, both ends included.
    pub(in crate::report) fn spread(&self, n: usize) -> impl Iterator<Item = f64> {
        let ((low, high), is_log) = (self.ends(), self.is_log);
        (0..n).map(move |i| {
            let at = low + (high - low) * i as f64 / (n - 1) as f64;
            if is_log { exp10(at) } else { at }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_meet_in_the_middle_and_cover_the_scale() {
        let scale = Scale::of(&[1.0, 2.0, 4.0]);
        assert_eq!([0, 1, 2].map(|level| scale.tile(level)), [(0.5, 1.5), (1.5, 3.0), (3.0, 5.0)]);
        assert_eq!(scale.spread(3).collect::<Vec<_>>(), [0.5, 2.75, 5.0]);
    }

    #[test]
    fn what_spans_much_is_laid_out_by_its_logarithm() {
        let scale = Scale::of(&[1.0, 100.0]);
        assert_eq!((scale.at(10.0), scale.ends()), (1.0, (-1.0, 3.0)));
        assert_eq!(Scale::of(&[0.0, 100.0]).at(10.0), 10.0);
    }
}
