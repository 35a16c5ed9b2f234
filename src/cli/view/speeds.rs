//! How fast layers learn, for the terminal: of each finding the clearest cell, in a sentence.

use std::fmt::Write as _;

use crate::analysis::SpeedFinding;
use crate::cli::terminal::number::counted;
use crate::cli::view::cell_names::CellNames;
use crate::cli::view::matrix::{Axis, GridCells};

const FITS: &str = "a String takes all text";

const ABOUT: &str = "how fast layers learn, by the norm of a step's update over the norm of the weights";

/// What there is to say of the cells at these positions; empty where there is nothing. With `all`, of every one.
pub(crate) fn text(axes: &[Axis], cells: &GridCells, speeds: &[(usize, SpeedFinding)], all: bool) -> String {
    if speeds.is_empty() {
        return String::new();
    }
    let names = CellNames::new(axes, cells);
    let of = |cell: usize| if names.are_all_one() { String::new() } else { names.of(&cells[cell].0) + ": " };
    if all {
        let lines = speeds.iter().map(|(cell, finding)| format!("  {}{}\n", of(*cell), finding.sentence()));
        return format!("\n{ABOUT}\n{}", lines.collect::<String>());
    }
    let groups = groups(speeds);
    let more = if speeds.len() > groups.len() { "; of each kind the clearest cell, --all prints each" } else { "" };
    let mut text = format!("\n{ABOUT}{more}\n");
    for (n, (cell, finding)) in groups {
        let count = if n > 1 { counted(n, "cell") + ", e.g. " } else { String::new() };
        writeln!(text, "  {count}{}{}", of(*cell), finding.sentence()).expect(FITS);
    }
    text
}

/// The findings by kind: how many there are, and the clearest, the first of equals; the most frequent kind first.
fn groups(speeds: &[(usize, SpeedFinding)]) -> Vec<(usize, &(usize, SpeedFinding))> {
    let mut groups: Vec<(usize, &(usize, SpeedFinding))> = Vec::new();
    for found in speeds {
        match groups.iter_mut().find(|(_, known)| known.1.is_like(&found.1)) {
            None => groups.push((1, found)),
            Some((n, clearest)) => {
                *n += 1;
                if found.1.size() > clearest.1.size() {
                    *clearest = found;
                }
            }
        }
    }
    groups.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::CellBuilder;
    use crate::spec::{RunSpec, Shown};

    fn text(depths: &[u64], speeds: &[(usize, SpeedFinding)], all: bool) -> String {
        let cell = || CellBuilder::default().cell(&RunSpec::default().model);
        let cells: Vec<_> = depths.iter().map(|depth| (vec![Shown::Int(*depth)], cell())).collect();
        super::text(&[Axis { key: "model.depth", name: "depth".into() }], &cells, speeds, all)
    }

    #[test]
    fn each_kind_has_a_line_of_its_clearest_cell() {
        let uneven = |layers: usize, decades| SpeedFinding::Uneven { decades, layers };
        let speeds = [
            (0, SpeedFinding::Alike { log10: -5.2 }),
            (1, uneven(10, -2.0)),
            (2, uneven(20, -5.0)),
            (3, uneven(50, -4.0)),
        ];
        let about = "how fast layers learn, by the norm of a step's update over the norm of the weights";
        let slower = "layer 1 learns 1e5 times more slowly than layer 20";
        let alike = "all layers learn alike, at 6e-6 of their norm per step";
        assert_eq!(
            text(&[5, 10, 20, 50], &speeds, false),
            format!(
                "\n{about}; of each kind the clearest cell, --all prints each\n  3 cells, e.g. depth 20: {slower}\n  depth 5: \
                 {alike}\n"
            )
        );
        assert_eq!(text(&[5, 10, 20, 50], &speeds, true).lines().count(), 2 + 4);
        assert_eq!(text(&[5], &speeds[..1], false), format!("\n{about}\n  {alike}\n"), "one cell needs no name");
        assert_eq!(text(&[5], &[], false), "");
    }
}
