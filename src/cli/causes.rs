//! Why cells are sick, for the terminal: of each cause the clearest cell, in a sentence.

use std::fmt::Write as _;

use super::matrix::{Axis, Cells};
use super::number::counted;
use crate::analysis::{Cause, Cell};
use crate::spec::Shown;

/// More causes than this are left to result.json.
const MOST: usize = 8;

const FITS: &str = "a String takes all text";

/// Sick cells with one cause.
struct Group<'a> {
    cells: usize,
    clearest: &'a (Vec<Shown>, Cell),
}

/// What there is to say of the sick cells; empty where none is. With `all`, of every one.
pub(super) fn text(axes: &[Axis], cells: &Cells, all: bool) -> String {
    let sick: Vec<&(Vec<Shown>, Cell)> = cells.iter().filter(|(_, cell)| cell.cause != Cause::None).collect();
    if sick.is_empty() {
        return String::new();
    }
    if all {
        let lines = sick.iter().map(|(values, cell)| format!("  {}: {}\n", name(axes, values), cell.why));
        return format!("\nwhy, by the first seed with the cell's verdict\n{}", lines.collect::<String>());
    }
    let groups = groups(&sick);
    let mut text = "\nwhy, of each cause the clearest cell (--all prints every sick one)\n".to_owned();
    for Group { cells, clearest: (values, cell) } in groups.iter().take(MOST) {
        let what = if cell.subject.is_empty() { String::new() } else { format!(" ({})", cell.subject) };
        writeln!(
            text,
            "  {}{what} in {}, {}: {}",
            cell.cause.name(),
            counted(*cells, "cell"),
            name(axes, values),
            cell.why
        )
        .expect(FITS);
    }
    if groups.len() > MOST {
        writeln!(text, "  and {}", counted(groups.len() - MOST, "other cause")).expect(FITS);
    }
    text
}

/// The sick cells by cause, most frequent first.
fn groups<'a>(sick: &[&'a (Vec<Shown>, Cell)]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &cell in sick {
        let same = |other: &Cell| (other.cause, other.subject) == (cell.1.cause, cell.1.subject);
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
fn is_clearer(cell: &Cell, than: &Cell) -> bool {
    let size = |cell: &Cell| if cell.decades().is_finite() { cell.decades().abs() } else { -1.0 };
    size(cell) > size(than)
}

/// A cell by its axis values: names as they are, numbers and flags with their axis.
fn name(axes: &[Axis], values: &[Shown]) -> String {
    let name = |(axis, value): (&Axis, &Shown)| match value {
        Shown::Text(text) => text.clone(),
        Shown::Bool(_) | Shown::Int(_) | Shown::Float(_) => format!("{} {value}", axis.name),
    };
    axes.iter().zip(values).map(name).collect::<Vec<_>>().join(", ")
}
