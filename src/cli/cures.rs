//! The cures of a sweep's sick cells, for result.json and for the terminal.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::analysis::{Cell, Cure, Sick, Verdict};
use crate::plan::Plan;
use crate::store::Overview;

use super::cell_names::CellNames;
use super::matrix::{Axis, Cells};
use super::number::{counted, decades};
use super::reach::{cell_axes, shown, shown_together};

const FITS: &str = "a String takes all text";

/// Changes that are shown, each with the cell that it helps most.
const MOST_CHANGES: usize = 6;

/// Incurable cells that are named.
const MOST_INCURABLE: usize = 2;

/// A sweep's sick cells, with what is needed to speak of them.
pub(super) struct Cures<'a> {
    axes: Vec<Axis>,
    /// Of each knob, its name and the positions of its keys among a cell's values.
    knobs: Vec<(String, Vec<usize>)>,
    cells: &'a Cells,
    sick: &'a [Sick],
    names: CellNames,
}

impl<'a> Cures<'a> {
    /// Of a sweep whose cells are few enough to be known.
    pub(super) fn of(plan: &Plan, overview: &'a Overview) -> Option<Self> {
        let knobs = plan.knobs().into_iter().map(|knob| knob.name).zip(plan.knobs_of_cells()).collect();
        Some(Self::new(cell_axes(plan), knobs, overview.cells.as_deref()?, &overview.sick))
    }

    fn new(axes: Vec<Axis>, knobs: Vec<(String, Vec<usize>)>, cells: &'a Cells, sick: &'a [Sick]) -> Self {
        let names = CellNames::new(&axes, cells);
        Self { axes, knobs, cells, sick, names }
    }

    /// `[{"cell": {"depth": 20, ..}, "verdict": "vanishing", "decades": -12.0, "cause": "activation",
    /// "why": "sigmoid's derivative costs ..", "cures": [{"axis": "residual", "value":
    /// true, "decades": 0.1, "verdict": "healthy", "learned": "3/3"}, ..]}, ..]`; decades that are not finite are null.
    pub(super) fn json(&self) -> Value {
        let sick = |sick: &Sick| {
            let (values, cell) = &self.cells[sick.cell];
            let of_axes = self.axes.iter().zip(values).map(|(axis, value)| (axis.name.clone(), shown(value)));
            json!({
                "cell": of_axes.collect::<Map<String, Value>>(),
                "verdict": cell.verdict.map(Verdict::name),
                "decades": cell.decades(),
                "cause": cell.cause.name(),
                "why": cell.why,
                "cures": sick.cures.iter().map(|cure| self.cure_json(cure)).collect::<Value>(),
            })
        };
        self.sick.iter().map(sick).collect()
    }

    fn cure_json(&self, cure: &Cure) -> Value {
        let ((values, cell), (name, positions)) = (&self.cells[cure.to], &self.knobs[cure.axis]);
        json!({
            "axis": name,
            "value": shown_together(positions.iter().map(|&i| &values[i])),
            "decades": cell.decades(),
            "verdict": cell.verdict.map(Verdict::name),
            "learned": format!("{}/{}", cell.learned, cell.runs),
        })
    }

    /// A few lines, or with `all` every sick cell with its cures; nothing where no cell is sick or where there is no other.
    pub(super) fn text(&self, all: bool) -> String {
        if self.sick.is_empty() || self.names.are_all_one() {
            return String::new();
        }
        let incurable: Vec<&Sick> = self.sick.iter().filter(|sick| sick.cures.is_empty()).collect();
        let (cured, cells) = (self.sick.len() - incurable.len(), counted(self.sick.len(), "sick cell"));
        let rest = if all { "" } else { "; --all prints each" };
        let mut text = match cured {
            0 => format!("\ncures: no single change in this grid cures any of {cells}\n"),
            _ => format!("\ncures: a single change in this grid makes {cured} of {cells} healthy in all runs{rest}\n"),
        };
        if all {
            self.sick.iter().for_each(|sick| text += &self.sick_text(sick));
            return text;
        }
        let changes = self.changes();
        for (n, sick, cure) in changes.iter().take(MOST_CHANGES) {
            let (n, name, cure) = (counted(*n, "cell"), self.name(sick.cell), self.cure_text(sick, cure));
            writeln!(text, "  {n}, e.g. {name}: {cure}").expect(FITS);
        }
        if changes.len() > MOST_CHANGES {
            writeln!(text, "  and {}", counted(changes.len() - MOST_CHANGES, "other change")).expect(FITS);
        }
        if cured > 0 && !incurable.is_empty() {
            let named: Vec<String> = incurable.iter().take(MOST_INCURABLE).map(|sick| self.name(sick.cell)).collect();
            let more = if incurable.len() > named.len() { "; .." } else { "" };
            let (n, named) = (counted(incurable.len(), "cell"), named.join("; "));
            writeln!(text, "  {n} no single change in this grid cures: {named}{more}").expect(FITS);
        }
        text
    }

    /// A sick cell and below it its cures.
    fn sick_text(&self, sick: &Sick) -> String {
        let verdict = self.cells[sick.cell].1.verdict.map_or("", Verdict::name);
        let mut text = format!("{} ({verdict})\n", self.name(sick.cell));
        for cure in &sick.cures {
            writeln!(text, "  {}", self.cure_text(sick, cure)).expect(FITS);
        }
        if sick.cures.is_empty() {
            text += "  no single change in this grid cures it\n";
        }
        text
    }

    /// Each change with the number of cells that it cures and the one that it helps most; the change that cures most
    /// first.
    fn changes(&self) -> Vec<(usize, &Sick, &Cure)> {
        let mut position: HashMap<String, usize> = HashMap::new();
        let mut changes: Vec<(usize, &Sick, &Cure)> = Vec::new();
        for (sick, cure) in self.sick.iter().flat_map(|sick| sick.cures.iter().map(move |cure| (sick, cure))) {
            let at = *position.entry(self.change(sick, cure)).or_insert_with(|| {
                changes.push((0, sick, cure));
                changes.len() - 1
            });
            let (n, best_sick, best_cure) = &mut changes[at];
            *n += 1;
            if self.help((sick, cure), (best_sick, best_cure)).is_gt() {
                (*best_sick, *best_cure) = (sick, cure);
            }
        }
        changes.sort_by_key(|(n, _, _)| std::cmp::Reverse(*n));
        changes
    }

    /// Which of two cures helps more: one after which every seed learns, then the one that brings back more decades, of
    /// those that can be counted.
    fn help(&self, a: (&Sick, &Cure), b: (&Sick, &Cure)) -> Ordering {
        let [a, b] = [a, b].map(|(sick, cure)| {
            let (before, after): (&Cell, &Cell) = (&self.cells[sick.cell].1, &self.cells[cure.to].1);
            let back = before.decades().abs() - after.decades().abs();
            (after.all_learned(), back.is_finite(), if back.is_finite() { back } else { 0.0 })
        });
        (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
    }

    /// `residual = true`; of keys that move together those that have another value afterwards.
    fn change(&self, sick: &Sick, cure: &Cure) -> String {
        let (before, after) = (&self.cells[sick.cell].0, &self.cells[cure.to].0);
        let changed = self.knobs[cure.axis].1.iter().filter(|&&i| before[i] != after[i]);
        changed.map(|&i| format!("{} = {}", self.axes[i].name, after[i])).collect::<Vec<_>>().join(", ")
    }

    /// `residual = true: -12.0 -> +0.1 decades, learns`.
    fn cure_text(&self, sick: &Sick, cure: &Cure) -> String {
        let (before, after) = (&self.cells[sick.cell].1, &self.cells[cure.to].1);
        let learns = match after.learned {
            0 => "does not learn".into(),
            n if n == after.runs => "learns".into(),
            n => format!("learns in {n} of {} seeds", after.runs),
        };
        let [from, to] = [before, after].map(|cell| decades(cell.decades()));
        format!("{}: {from} -> {to} decades, {learns}", self.change(sick, cure))
    }

    fn name(&self, cell: usize) -> String {
        self.names.of(&self.cells[cell].0)
    }
}

#[cfg(test)]
mod tests;
