//! The headline of a sweep over depth: per family of cells the deepest net that learned.

use crate::spec::Shown;

use super::Cell;

/// Cells that differ in nothing but depth and seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The values of the axes other than depth, in their order.
    pub values: Vec<Shown>,
    /// The largest depth at which every seed learned; `None` where there is none.
    pub deepest: Option<u64>,
}

/// The families of `cells` (values of all axes but the seed, and the cell), in order of appearance. `depth` is the
/// position of the depth among the values.
pub fn deepest_that_learned(cells: &[(Vec<Shown>, Cell)], depth: usize) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for (values, cell) in cells {
        let Shown::Int(at) = values[depth] else { continue };
        let mut rest = values.clone();
        rest.remove(depth);
        let position = families.iter().position(|f| f.values == rest).unwrap_or_else(|| {
            families.push(Family { values: rest, deepest: None });
            families.len() - 1
        });
        if cell.all_learned() {
            let deepest = &mut families[position].deepest;
            *deepest = (*deepest).max(Some(at));
        }
    }
    families
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(runs: usize, learned: usize) -> Cell {
        Cell { runs, verdict: None, unanimous: true, learned, gradient_decades: 0.0, loss: 1.0 }
    }

    #[test]
    fn the_deepest_net_is_the_deepest_at_which_every_seed_learned() {
        let at = |depth, phi: &str, learned| (vec![Shown::Int(depth), Shown::Text(phi.into())], cell(3, learned));
        let cells = [at(5, "relu", 3), at(10, "relu", 3), at(20, "relu", 2), at(5, "sigmoid", 0), at(50, "relu", 0)];
        let families = deepest_that_learned(&cells, 0);
        assert_eq!(families.len(), 2);
        assert_eq!(families[0].deepest, Some(10));
        assert_eq!(families[1], Family { values: vec![Shown::Text("sigmoid".into())], deepest: None });
    }
}
