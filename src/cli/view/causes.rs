//! Why cells are sick, for the terminal: of each cause the clearest cell, in a sentence.

use std::fmt::Write as _;

use crate::analysis::{Cause, CellSummary};
use crate::cli::terminal::number::counted;
use crate::cli::view::cell_names::CellNames;
use crate::cli::view::matrix::{Axis, GridCells};
use crate::spec::Shown;

/// More causes than this are left to result.json.
const MOST: usize = 8;

const FITS: &str = "a String takes all text";

/// Sick cells with one cause.
struct Group<'a> {
    cells: usize,
    clearest: &'a (Vec<Shown>, CellSummary),
}

/// What there is to say of the sick cells; empty where none is. With `all`, of every one.
pub(crate) fn text(axes: &[Axis], cells: &GridCells, all: bool) -> String {
    let sick: Vec<&(Vec<Shown>, CellSummary)> = cells.iter().filter(|(_, cell)| cell.cause != Cause::None).collect();
    if sick.is_empty() {
        return String::new();
    }
    let names = CellNames::new(axes, cells);
    let of = |values: &[Shown]| if names.are_all_one() { String::new() } else { names.of(values) + ": " };
    if all {
        let lines = sick.iter().map(|(values, cell)| format!("  {}{}\n", of(values), cell.why));
        return format!("\nwhy, by the first seed with the cell's verdict\n{}", lines.collect::<String>());
    }
    let groups = groups(&sick);
    let more = if sick.len() > groups.len() { ", of each cause the clearest cell; --all prints each" } else { "" };
    let mut text = format!("\nwhy{more}\n");
    for Group { cells, clearest: (values, cell) } in groups.iter().take(MOST) {
        let count = if *cells > 1 { counted(*cells, "cell") + ", e.g. " } else { String::new() };
        writeln!(text, "  {count}{}{}", of(values), cell.why).expect(FITS);
    }
    if groups.len() > MOST {
        writeln!(text, "  and {}", counted(groups.len() - MOST, "other cause")).expect(FITS);
    }
    text
}

/// The sick cells by cause, most frequent first.
fn groups<'a>(sick: &[&'a (Vec<Shown>, CellSummary)]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &cell in sick {
        let same = |other: &CellSummary| (other.cause, other.subject) == (cell.1.cause, cell.1.subject);
        match groups.iter_mut().find(|group| same(&group.clearest.1)) {
            None => groups.push(Group { cells: 1, clearest: cell }),
            Some(group) => {
                group.cells += 1;
                if is_clearer(&cell.1, &group.clearest.1) {
                    group.clearest = cell;
                }
            }
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.cells));
    groups
}

/// Whether a cell shows the cause better than another: by more decades, as long as they are numbers.
fn is_clearer(cell: &CellSummary, than: &CellSummary) -> bool {
    let size = |cell: &CellSummary| if cell.decades().is_finite() { cell.decades().abs() } else { -1.0 };
    size(cell) > size(than)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Verdict;

    fn cell(activation: &str, depth: u64, cause: Cause, decades: f64, why: &str) -> (Vec<Shown>, CellSummary) {
        let healthy = cause == Cause::None;
        let cell = CellSummary {
            runs: 3,
            verdict: Some(if healthy { Verdict::Healthy } else { Verdict::Vanishing }),
            agree: 3,
            without_result: 0,
            cause,
            subject: if cause == Cause::Weights { "" } else { "sigmoid" },
            why: why.into(),
            rate_factor: None,
            diverged: 0,
            learned: 0,
            gradient_decades: decades,
            time_decades: f64::NAN,
            loss: 1.0,
            loss_of_chance: 2.3,
        };
        (vec![Shown::Text(activation.into()), Shown::Int(depth)], cell)
    }

    fn text(cells: &GridCells, all: bool) -> String {
        let axis = |key: &'static str| Axis { key, name: key.trim_start_matches("model.").into() };
        super::text(&["model.activation", "model.depth"].map(axis), cells, all)
    }

    #[test]
    fn each_cause_has_a_line_of_its_clearest_cell_the_most_frequent_first() {
        let cells = [
            cell("tanh", 20, Cause::Weights, -2.0, "the weights cost 0.10"),
            cell("sigmoid", 10, Cause::Activation, -6.0, "sigmoid's derivative costs 0.62"),
            cell("sigmoid", 50, Cause::Activation, f64::NEG_INFINITY, "sigmoid's derivative costs 0.60"),
            cell("sigmoid", 20, Cause::Activation, -12.0, "sigmoid's derivative costs 0.63"),
            cell("relu", 20, Cause::None, 0.0, ""),
        ];
        assert_eq!(
            text(&cells, false),
            "\nwhy, of each cause the clearest cell; --all prints each\n  3 cells, e.g. sigmoid, depth 20: sigmoid's derivative \
             costs 0.63\n  tanh, depth 20: the weights cost 0.10\n"
        );
        assert_eq!(text(&cells, true).lines().count(), 2 + 4);
        assert_eq!(text(&cells[..1], false), "\nwhy\n  the weights cost 0.10\n", "one cell needs no name");
        assert_eq!(text(&cells[4..], false), "");
    }
}
