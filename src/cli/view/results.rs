//! What `sweep` prints at its end: the table of verdicts, the headline, the paths, the time.

use std::fmt::Write as _;
use std::path::Path;

use crate::analysis::{CellSummary, Verdict};
use crate::config::Table as CsvTable;
use crate::plan::Plan;
use crate::spec::Shown;
use crate::tables::Overview;

use crate::cli::terminal::number::{counted, duration, thousands};
use crate::cli::terminal::table::table;
use crate::cli::view::causes;
use crate::cli::view::cures::Cures;
use crate::cli::view::effects;
use crate::cli::view::matrix::{Axis, GridCells, Layout};
use crate::cli::view::reach::{Reach, cell_axes};
use crate::cli::view::speeds;

const FITS: &str = "a String takes all text";

/// Writes the whole text.
pub(crate) fn text(plan: &Plan, overview: &Overview, all: bool, folder: &Path, seconds: f64) -> String {
    let mut text = String::new();
    match &overview.cells {
        Some(cells) if overview.done() > 0 => {
            text += &tables(plan, cells, all);
            text += &speeds::text(&cell_axes(plan), cells, &overview.speeds, all);
        }
        Some(_) => {}
        None => text += "more cells than a terminal can show: summary.csv has a row for each\n",
    }
    if overview.done() > 0 {
        text += &differences(plan, overview, all);
        text.push('\n');
    }
    let verdicts = overview.verdicts.iter().map(|(verdict, n)| format!("{} {}", thousands(*n as u64), verdict.name()));
    let verdicts = verdicts.chain([format!("{} learned", thousands(overview.learned as u64))]).collect::<Vec<_>>();
    let (done, all) = (thousands(overview.done() as u64), counted(plan.len(), "run"));
    writeln!(text, "{done} of {all}: {}", verdicts.join(", ")).expect(FITS);
    let tables = plan.tables();
    // Of recurrent nets, what goes back through time is in no layer's row.
    let through_time = [CsvTable::Time].into_iter().filter(|_| plan.is_recurrent());
    let mut first = through_time.chain([CsvTable::Layers, CsvTable::Summary, CsvTable::Runs]);
    let first = first.find(|table| tables.contains(table));
    if let Some(first) = first.filter(|_| overview.done() > 0) {
        let path = folder.join(format!("{}.csv", first.name()));
        writeln!(text, "open {} first; the other tables are beside it", path.display()).expect(FITS);
    }
    writeln!(text, "took {}", duration(seconds)).expect(FITS);
    text
}

fn tables(plan: &Plan, cells: &GridCells, all: bool) -> String {
    let axes = cell_axes(plan);
    let layout = Layout::of(&axes, cells);
    let mut text = caption(plan, &axes, &layout);
    text += &explanations(plan, cells);
    match layout.sheets(cells) {
        None => text += &table(layout.verdicts(&axes, cells)),
        Some((values, widest)) => {
            let sheet = layout.sheet.expect("sheets are values of an axis");
            for (i, value) in values.iter().enumerate().filter(|(i, _)| all || *i == widest) {
                let why = if i == widest { ", where the plain nets differ most in their loss" } else { "" };
                let others = if all { "" } else { "; --all prints the others" };
                writeln!(text, "\n{} {value}{why}{others}", axes[sheet].name).expect(FITS);
                let here: Vec<(Vec<Shown>, CellSummary)> =
                    cells.iter().filter(|(v, _)| v[sheet] == *value).cloned().collect();
                text += &table(layout.verdicts(&axes, &here));
            }
        }
    }
    writeln!(text, "{}", legend(cells)).expect(FITS);
    if let Some((reach, axis)) = Reach::of(plan, &axes) {
        text += &headline(&layout, &axes, cells, reach, axis);
    }
    text += &causes::text(&axes, cells, all);
    text
}

/// Says what makes the difference: which axes, and which single changes make a cell learn.
fn differences(plan: &Plan, overview: &Overview, all: bool) -> String {
    let cures = Cures::of(plan, overview).map(|cures| cures.text(all)).unwrap_or_default();
    effects::text(&overview.effects) + &cures
}

/// Says which axes became what, and what a cell shows.
fn caption(plan: &Plan, axes: &[Axis], layout: &Layout) -> String {
    let names = |positions: &[usize]| positions.iter().map(|&i| axes[i].name.as_str()).collect::<Vec<_>>().join(" x ");
    let mut text = String::new();
    for (label, positions) in [("rows", &layout.rows), ("columns", &layout.columns), ("grouped", &layout.grouped)] {
        if !positions.is_empty() {
            write!(text, "{label}: {}; ", names(positions)).expect(FITS);
        }
    }
    let seeds = plan.columns().len() > axes.len();
    let mean = if seeds { " (means over the seeds where they are finite)" } else { "" };
    let decades = match Nets::of(plan) {
        Nets::FeedForward => "gradient_decades",
        Nets::Recurrent => "decades through time",
        Nets::Both => "decades",
    };
    if layout.grouped.is_empty() {
        format!("{text}each cell shows: verdict, {decades} at initialisation, loss at the end{mean}\n")
    } else {
        format!(
            "{text}each cell shows: the number of runs with each verdict, and the range of {decades} at initialisation{mean}\n"
        )
    }
}

/// Says what the caption's words mean.
fn explanations(plan: &Plan, cells: &GridCells) -> String {
    const ACROSS: &str =
        "gradient_decades: log10 of the error (delta_rms) at layer 1 over that at the last hidden layer";
    const TIME: &str = "log10 of the error at the top layer's state (state_rms) at t = 1 over that one time step before the first answer";
    let decades = match Nets::of(plan) {
        Nets::FeedForward => ACROSS.to_owned(),
        Nets::Recurrent => format!("decades through time: {TIME}"),
        Nets::Both => format!("decades of an mlp: {ACROSS}\ndecades of the others, through time: {TIME}"),
    };
    let mut text = format!(
        "cell: the runs that differ in their seed alone; decade: a factor of ten, so -2 means that a hundredth arrives\n\
         {decades}\n\
         verdict: the state of the gradients at the last traced step, the worst of layers and time; recovered: sick at step 0 and \
         not at the last\n"
    );
    let mut chances = cells.iter().map(|(_, cell)| cell.loss_of_chance).filter(|chance| chance.is_finite());
    if let Some(chance) = chances.next()
        && chances.all(|other| other == chance)
    {
        let learned = "a net has learned below 0.9 of it";
        writeln!(
            text,
            "chance: a net that gives every example the same answer has a loss of {chance:.2} at best; {learned}"
        )
        .expect(FITS);
    }
    text
}

/// The nets of a plan: what their gradients have to come through.
enum Nets {
    /// Layers alone.
    FeedForward,
    /// Time, and layers.
    Recurrent,
    /// Nets of both kinds.
    Both,
}

impl Nets {
    fn of(plan: &Plan) -> Self {
        let recurrent = plan.kinds().iter().filter(|kind| kind.is_recurrent()).count();
        match recurrent {
            0 => Self::FeedForward,
            n if n == plan.kinds().len() => Self::Recurrent,
            _ => Self::Both,
        }
    }
}

/// Lists the letters that occur.
fn legend(cells: &GridCells) -> String {
    let occurs = |v: &Verdict| cells.iter().any(|(_, cell)| cell.verdict == Some(*v));
    let mut words: Vec<String> =
        Verdict::ALL.into_iter().filter(occurs).map(|v| format!("{} {}", v.letter(), v.name())).collect();
    let splits = cells.iter().filter(|(_, cell)| cell.runs > 0 && !cell.is_unanimous());
    if let Some((Some(verdict), agree, runs)) = splits.map(|(_, cell)| (cell.verdict, cell.agree, cell.runs)).next() {
        words
            .push(format!("{} {agree} of {runs}: the seeds disagree, and {agree} of {runs} have it", verdict.letter()));
    }
    words.join(", ")
}

/// Writes the deepest net that learned, or the longest sequence, of each family.
fn headline(layout: &Layout, axes: &[Axis], cells: &GridCells, reach: Reach, axis: usize) -> String {
    let mut layout = layout.clone();
    layout.rows.retain(|&i| i != axis);
    layout.columns.retain(|&i| i != axis);
    let largest = |cells: &[&(Vec<Shown>, CellSummary)]| {
        let learned = cells.iter().filter(|(_, cell)| cell.all_learned());
        let values = learned.filter_map(|(values, _)| match values[axis] {
            Shown::Int(value) => Some(value),
            Shown::Bool(_) | Shown::Float(_) | Shown::Text(_) => None,
        });
        values.max().map_or("-".into(), |value| value.to_string())
    };
    let (mut header, rows) = layout.table(axes, cells, largest);
    if layout.columns.is_empty() {
        // Its one column shows the axis that is gone from it.
        header[1].clone_from(&axes[axis].name);
    }
    let text = table((header, rows));
    let grouped = if layout.grouped.is_empty() { "" } else { ", for at least one of the grouped values" };
    let what = reach.words();
    format!("\n{what} with every seed{grouped} (- none; learned: loss below 0.9 of chance)\n{text}")
}
