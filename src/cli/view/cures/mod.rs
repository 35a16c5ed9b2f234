//! The cures of a sweep's cells that do not learn, for result.json and for the terminal.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::analysis::{CellSummary, Cure, Patient, Verdict, proposals};
use crate::plan::{GridLine, GridLines, Plan};
use crate::tables::Overview;

use crate::cli::terminal::number::{counted, decades};
use crate::cli::view::cell_names::CellNames;
use crate::cli::view::matrix::{Axis, GridCells, loss_text};
use crate::cli::view::reach::{cell_axes, shown, shown_together};

const FITS: &str = "a String takes all text";

/// Changes that are shown, each with the cell that it helps most.
const MOST_CHANGES: usize = 6;

/// Lines to add to the grid that are shown, each with the first cell that it is for.
const MOST_LINES: usize = 2;

/// A sweep's cells that are sick or do not learn, with what is needed to speak of them.
pub(crate) struct Cures<'a> {
    axes: Vec<Axis>,
    /// The name of each knob, and the positions of its keys among a cell's values.
    knobs: Vec<(String, Vec<usize>)>,
    cells: &'a GridCells,
    patients: &'a [Patient],
    /// A line to add to the grid for each cell that nothing in it cures, by the cell's position.
    lines: BTreeMap<usize, GridLine>,
    names: CellNames,
}

impl<'a> Cures<'a> {
    /// Returns the cures of a sweep whose cells are few enough to be known.
    pub(crate) fn of(plan: &Plan, overview: &'a Overview) -> Option<Self> {
        let (cells, patients) = (overview.cells.as_deref()?, overview.patients.as_slice());
        let knobs = plan.knobs().into_iter().map(|knob| knob.name).zip(plan.axes_of_cells()).collect();
        Some(Self::new(cell_axes(plan), knobs, cells, patients, lines(plan, cells, patients)))
    }

    fn new(
        axes: Vec<Axis>,
        knobs: Vec<(String, Vec<usize>)>,
        cells: &'a GridCells,
        patients: &'a [Patient],
        lines: BTreeMap<usize, GridLine>,
    ) -> Self {
        let names = CellNames::new(&axes, cells);
        Self { axes, knobs, cells, patients, lines, names }
    }

    /// Writes `[{"cell": {"depth": 20, ..}, "verdict": "vanishing", "learned": "0/3", "decades": -12.0, "loss": 2.3,
    /// "cause": "activation", "why": "sigmoid's derivative costs ..", "cures": [{"axis": "residual", "value": true,
    /// "decades": 0.1, "loss": 0.2, "verdict": "healthy", "learned": "3/3"}, ..], "add": null}, ..]`; numbers that are
    /// not finite are null. `add` is a line for `[grid]` where nothing in the grid cures the cell, and `add_replaces`
    /// whether it is to stand in the place of the grid's line of its key.
    pub(crate) fn json(&self) -> Value {
        let patient = |patient: &Patient| {
            let (values, cell) = &self.cells[patient.cell];
            let of_axes = self.axes.iter().zip(values).map(|(axis, value)| (axis.name.clone(), shown(value)));
            let line = self.lines.get(&patient.cell);
            json!({
                "cell": of_axes.collect::<Map<String, Value>>(),
                "verdict": cell.verdict.map(Verdict::name),
                "learned": learned_text(cell),
                "decades": cell.decades(),
                "loss": cell.loss,
                "cause": cell.cause.name(),
                "why": cell.why,
                "cures": patient.cures.iter().map(|cure| self.cure_json(cure)).collect::<Value>(),
                "add": line.map(|line| &line.line),
                "add_replaces": line.map(|line| line.replaces),
            })
        };
        self.patients.iter().map(patient).collect()
    }

    fn cure_json(&self, cure: &Cure) -> Value {
        let ((values, cell), (name, positions)) = (&self.cells[cure.to], &self.knobs[cure.axis]);
        json!({
            "axis": name,
            "value": shown_together(positions.iter().map(|&i| &values[i])),
            "decades": cell.decades(),
            "loss": cell.loss,
            "verdict": cell.verdict.map(Verdict::name),
            "learned": learned_text(cell),
        })
    }

    /// Writes a few lines, or with `all` every cell that does not learn with its cures; nothing where every cell
    /// learns.
    pub(crate) fn text(&self, all: bool) -> String {
        let is_unlearned = |patient: &&Patient| !self.cells[patient.cell].1.all_learned();
        let patients: Vec<&Patient> = self.patients.iter().filter(is_unlearned).collect();
        if patients.is_empty() {
            return String::new();
        }
        if self.names.are_all_one() {
            return self.text_of_one(patients[0]);
        }
        let incurable: Vec<&Patient> = patients.iter().copied().filter(|patient| patient.cures.is_empty()).collect();
        let (cured, cells) = (patients.len() - incurable.len(), counted(patients.len(), "cell"));
        let rest = if all { "" } else { "; --all prints each" };
        let mut text =
            format!("\ncures: of {cells} in which not every seed learned, a single change in this grid cures ");
        match cured {
            0 => text += "none\n",
            n if n == patients.len() => writeln!(text, "all{rest}").expect(FITS),
            n => writeln!(text, "{n}{rest}").expect(FITS),
        }
        if cured > 0 {
            text += "(a cure was trained, too: it differs in one axis, more of its seeds learned, and its loss is no worse)\n";
        }
        if all {
            patients.iter().for_each(|patient| text += &self.patient_text(patient));
            return text;
        }
        let changes = self.changes();
        for (n, patient, cure) in changes.iter().take(MOST_CHANGES) {
            let (n, name, cure) = (counted(*n, "cell"), self.name(patient.cell), self.cure_text(patient, cure));
            writeln!(text, "  {n}, e.g. {name}: {cure}").expect(FITS);
        }
        if changes.len() > MOST_CHANGES {
            writeln!(text, "  and {}", counted(changes.len() - MOST_CHANGES, "other change")).expect(FITS);
        }
        text + &self.incurable_text(&incurable)
    }

    /// Writes the cells that nothing in the grid cures, by the line to add to it; the line that is for most of them
    /// comes first.
    fn incurable_text(&self, incurable: &[&Patient]) -> String {
        let mut groups: Vec<(Option<&GridLine>, Vec<usize>)> = Vec::new();
        for patient in incurable {
            let line = self.lines.get(&patient.cell);
            match groups.iter_mut().find(|(known, _)| *known == line) {
                Some((_, cells)) => cells.push(patient.cell),
                None => groups.push((line, vec![patient.cell])),
            }
        }
        groups.sort_by_key(|(_, cells)| std::cmp::Reverse(cells.len()));
        let mut text = String::new();
        for (line, cells) in groups.iter().take(MOST_LINES) {
            let (n, name) = (counted(cells.len(), "cell"), self.name(cells[0]));
            let example = if cells.len() > 1 { ", e.g. " } else { ", " };
            let advice = line.map_or_else(String::new, |line| format!("; to try, {}", line.advice()));
            writeln!(text, "  {n} that nothing here cures{example}{name}{advice}").expect(FITS);
        }
        let rest: usize = groups.iter().skip(MOST_LINES).map(|(_, cells)| cells.len()).sum();
        if rest > 0 {
            writeln!(text, "  {} more that nothing here cures; --all says what to try", counted(rest, "cell"))
                .expect(FITS);
        }
        text
    }

    /// Writes what to try for the only cell there is.
    fn text_of_one(&self, patient: &Patient) -> String {
        match self.lines.get(&patient.cell) {
            None => String::new(),
            Some(line) => format!("\ncures: there is no other cell to compare with; to try, {}\n", line.advice()),
        }
    }

    /// Writes a cell that does not learn, and below it its cures.
    fn patient_text(&self, patient: &Patient) -> String {
        let cell = &self.cells[patient.cell].1;
        let verdict = cell.verdict.map_or("", Verdict::name);
        let mut text = format!("{} ({verdict}, {})\n", self.name(patient.cell), learns_text(cell));
        for cure in &patient.cures {
            writeln!(text, "  {}", self.cure_text(patient, cure)).expect(FITS);
        }
        if patient.cures.is_empty() {
            let line = self.lines.get(&patient.cell).map(|line| format!("; to try, {}", line.advice()));
            writeln!(text, "  nothing in this grid cures it{}", line.unwrap_or_default()).expect(FITS);
        }
        text
    }

    /// Returns each change with the number of cells that it cures and the one that it helps most; the change that cures
    /// most comes first.
    fn changes(&self) -> Vec<(usize, &Patient, &Cure)> {
        let mut position: HashMap<String, usize> = HashMap::new();
        let mut changes: Vec<(usize, &Patient, &Cure)> = Vec::new();
        let all = self.patients.iter().flat_map(|patient| patient.cures.iter().map(move |cure| (patient, cure)));
        for (patient, cure) in all {
            let at = *position.entry(self.change(patient, cure)).or_insert_with(|| {
                changes.push((0, patient, cure));
                changes.len() - 1
            });
            let (n, best_patient, best_cure) = &mut changes[at];
            *n += 1;
            if self.help((patient, cure), (best_patient, best_cure)).is_gt() {
                (*best_patient, *best_cure) = (patient, cure);
            }
        }
        changes.sort_by_key(|(n, _, _)| std::cmp::Reverse(*n));
        changes
    }

    /// Compares how much two cures help. One after which every seed learns helps more, then the one that takes more of
    /// the loss, where both losses are finite.
    fn help(&self, a: (&Patient, &Cure), b: (&Patient, &Cure)) -> Ordering {
        let [a, b] = [a, b].map(|(patient, cure)| {
            let (before, after): (&CellSummary, &CellSummary) = (&self.cells[patient.cell].1, &self.cells[cure.to].1);
            let less = before.relative_loss() - after.relative_loss();
            (after.all_learned(), less.is_finite(), if less.is_finite() { less } else { 0.0 })
        });
        (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
    }

    /// Writes `residual = true`; for keys that move together, those that have another value afterwards.
    fn change(&self, patient: &Patient, cure: &Cure) -> String {
        let (before, after) = (&self.cells[patient.cell].0, &self.cells[cure.to].0);
        let changed = self.knobs[cure.axis].1.iter().filter(|&&i| before[i] != after[i]);
        changed.map(|&i| format!("{} = {}", self.axes[i].name, after[i])).collect::<Vec<_>>().join(", ")
    }

    /// Writes `residual = true: -12.0 -> +0.1 decades, loss 2.30 -> 0.12: healthy, learns`.
    fn cure_text(&self, patient: &Patient, cure: &Cure) -> String {
        let (before, after) = (&self.cells[patient.cell].1, &self.cells[cure.to].1);
        let [from, to] = [before, after].map(|cell| decades(cell.decades()));
        let [loss, less] = [before, after].map(|cell| loss_text(cell.loss));
        let change = self.change(patient, cure);
        let (verdict, learns) = (verdict_of(after), learns_text(after));
        format!("{change}: {from} -> {to} decades, loss {loss} -> {less}: {verdict}, {learns}")
    }

    fn name(&self, cell: usize) -> String {
        self.names.of(&self.cells[cell].0)
    }
}

/// Proposes a line to add to the grid for each cell that needs a cure and has none in it.
fn lines(plan: &Plan, cells: &GridCells, patients: &[Patient]) -> BTreeMap<usize, GridLine> {
    let (runs, mut lines) = (plan.cells(), GridLines::new(plan));
    let needs_line = |patient: &&Patient| patient.cures.is_empty() && !cells[patient.cell].1.all_learned();
    let line = |patient: &Patient| {
        let run = runs.runs(patient.cell).next().expect("a cell has a run");
        let proposals = proposals(&cells[patient.cell].1, &plan.point(run));
        Some((patient.cell, lines.first(run, &proposals)?))
    };
    patients.iter().filter(needs_line).filter_map(line).collect()
}

/// Writes how many of the runs learned: `2/3`.
fn learned_text(cell: &CellSummary) -> String {
    format!("{}/{}", cell.learned, cell.runs)
}

/// Writes the verdict, and of how many seeds it is where they disagree.
fn verdict_of(cell: &CellSummary) -> String {
    let verdict = cell.verdict.map_or("", Verdict::name);
    if cell.is_unanimous() { verdict.into() } else { format!("{verdict} in {} of {} seeds", cell.agree, cell.runs) }
}

fn learns_text(cell: &CellSummary) -> String {
    match cell.learned {
        0 => "does not learn".into(),
        n if n == cell.runs => "learns".into(),
        n => format!("learns in {n} of {} seeds", cell.runs),
    }
}

#[cfg(test)]
mod tests;
