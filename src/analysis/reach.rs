//! The headline of a sweep over depth or over the length of sequences: per family of cells how far learning reaches.

use crate::spec::Shown;

use super::CellSummary;

/// Cells that differ in nothing but one axis, such as depth, and the seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The values of the other axes, in their order.
    pub values: Vec<Shown>,
    /// The largest value of the axis at which every seed learned; `None` where there is none.
    pub largest: Option<u64>,
}

/// The families of `cells` (values of all axes but the seed, and the cell), in order of appearance. `axis` is the
/// position, among the values, of the one whose largest is asked for: a depth, a length.
pub fn largest_that_learned(cells: &[(Vec<Shown>, CellSummary)], axis: usize) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for (values, cell) in cells {
        let Shown::Int(at) = values[axis] else { continue };
        let mut rest = values.clone();
        rest.remove(axis);
        let position = families.iter().position(|f| f.values == rest).unwrap_or_else(|| {
            families.push(Family { values: rest, largest: None });
            families.len() - 1
        });
        if cell.all_learned() {
            let largest = &mut families[position].largest;
            *largest = (*largest).max(Some(at));
        }
    }
    families
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Cause;

    fn cell(runs: usize, learned: usize) -> CellSummary {
        CellSummary {
            runs,
            verdict: None,
            agree: runs,
            without_result: 0,
            cause: Cause::None,
            subject: "",
            why: String::new(),
            rate_factor: None,
            diverged: 0,
            learned,
            gradient_decades: 0.0,
            time_decades: 0.0,
            loss: 1.0,
            loss_of_chance: 2.3,
        }
    }

    #[test]
    fn the_deepest_net_is_the_deepest_at_which_every_seed_learned() {
        let at = |depth, phi: &str, learned| (vec![Shown::Int(depth), Shown::Text(phi.into())], cell(3, learned));
        let cells = [at(5, "relu", 3), at(10, "relu", 3), at(20, "relu", 2), at(5, "sigmoid", 0), at(50, "relu", 0)];
        let families = largest_that_learned(&cells, 0);
        assert_eq!(families.len(), 2);
        assert_eq!(families[0].largest, Some(10));
        assert_eq!(families[1], Family { values: vec![Shown::Text("sigmoid".into())], largest: None });
    }
}
