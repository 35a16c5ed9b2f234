//! The rows of a trace, run by run: each layer of each step once, and the same steps in every run.

use std::collections::HashMap;

use super::axes::named_run;
use super::error::Problem;
use super::layers::{Labels, Layers, same_in_both};
use super::row::Row;
use crate::plan::Plan;

/// What was read.
#[derive(Debug)]
pub(super) struct Found {
    /// The rows of each run of the plan, in the order of the file.
    pub(super) rows: Vec<Vec<Row>>,
    pub(super) labels: Labels,
    /// The run of the last row.
    pub(super) last: Option<usize>,
    /// A run with more rows than it has room for, behind which nothing was read.
    pub(super) overfull: Option<usize>,
    /// The line of a last row that is not finished.
    pub(super) unfinished: Option<u64>,
    /// Rows of blocks, which are no layers.
    pub(super) blocks: usize,
}

/// The rows of every run, which are complete.
#[derive(Debug)]
pub(super) struct Whole {
    /// The rows of each run, by step and layer.
    pub(super) rows: Vec<Vec<Row>>,
    /// The layers of each run, from the first to the head.
    pub(super) orders: Vec<Vec<u32>>,
    /// The first step, the same in every run.
    pub(super) first_step: usize,
    /// What is worth saying: a step that was left out, as the writer was stopped within it, and which layer is which.
    pub(super) notes: Vec<String>,
}

/// Checks that everything is there. `needed` is the number of layers of each run.
pub(super) fn whole(plan: &Plan, mut found: Found, needed: impl Fn(usize) -> usize) -> Result<Whole, Problem> {
    let unfinished = found.unfinished;
    let whole = checked(plan, &mut found, needed);
    whole.map_err(|problem| match unfinished {
        Some(line) => Problem { text: format!("{}; {}", problem.text, unfinished_line(line)), ..problem },
        None => problem,
    })
}

/// Says why a last line is no row, and what to do.
pub(super) fn unfinished_line(line: u64) -> String {
    format!(
        "line {line}, the last one, does not end with a line break, so it is no row: its writer may have been stopped \
         within a number. If it is whole, add a line break behind it"
    )
}

fn checked(plan: &Plan, found: &mut Found, needed: impl Fn(usize) -> usize) -> Result<Whole, Problem> {
    let firsts: Vec<Vec<u32>> = found.rows.iter_mut().map(|rows| sorted(rows)).collect();
    no_row_comes_twice(plan, found)?;
    let mut note = found.last.and_then(|run| without_torn_step(plan, found, run));
    if found.unfinished.is_none() && note.is_some() {
        note = note.map(|note| format!("{note}; its writer may have been stopped"));
    }
    let has_gaps = found.blocks > 0;
    let layers = |run: usize| Layers { plan, labels: &found.labels, run, needed: needed(run), has_gaps };
    if let Some(run) = found.overfull {
        // What has more rows than steps times layers has other layers.
        layers(run).order(&firsts[run], &found.rows[run])?;
    }
    let mut orders: Vec<Vec<u32>> = Vec::with_capacity(plan.len());
    let mut known: HashMap<usize, usize> = HashMap::new();
    for (run, rows) in found.rows.iter().enumerate() {
        if rows.is_empty() {
            return Err(Problem::of_file(format!("there is no row of {}", named_run(plan, run))));
        }
        let order = layers(run).order(&firsts[run], rows)?;
        let like = *known.entry(order.len()).or_insert(run);
        if like != run {
            same_in_both(plan, &found.labels, (run, &order), (like, &orders[like]))?;
        }
        orders.push(order);
    }
    let longest = orders.iter().max_by_key(|order| order.len());
    let notes = note.into_iter().chain(longest.and_then(|order| found.labels.mapping(order))).collect();
    let rows = std::mem::take(&mut found.rows);
    same_steps(plan, &rows)?;
    let first_step = rows.first().and_then(|rows| rows.first()).map_or(0, |row| row.step as usize);
    Ok(Whole { rows, orders, first_step, notes })
}

/// Sorts a run's rows by step, layer and line; its layers in the order in which the file has them at the first step.
fn sorted(rows: &mut [Row]) -> Vec<u32> {
    rows.sort_by_key(|row| row.step);
    let step = rows.first().map(|row| row.step);
    let mut places: HashMap<u32, usize> = HashMap::new();
    for row in rows.iter().take_while(|row| Some(row.step) == step) {
        let next = places.len();
        places.entry(row.layer).or_insert(next);
    }
    let mut first: Vec<u32> = places.keys().copied().collect();
    first.sort_by_key(|layer| places[layer]);
    rows.sort_by_key(|row| (row.step, row.layer, row.line));
    first
}

/// Returns the steps of a run's rows, each once.
fn steps_of(rows: &[Row]) -> impl Iterator<Item = u32> {
    rows.chunk_by(|a, b| a.step == b.step).map(|rows| rows[0].step)
}

/// Refuses the first row of the file that says what an earlier one of its run said.
fn no_row_comes_twice(plan: &Plan, found: &Found) -> Result<(), Problem> {
    let place = |row: &Row| (row.step, row.layer);
    let repeated = found.rows.iter().enumerate().flat_map(|(run, rows)| {
        rows.windows(2).filter(|pair| place(&pair[0]) == place(&pair[1])).map(move |pair| (run, pair[0], pair[1]))
    });
    let Some((run, first, again)) = repeated.min_by_key(|(_, _, again)| again.line) else { return Ok(()) };
    let layer = found.labels.shown(again.layer);
    Err(Problem::at(
        again.line.into(),
        format!(
            "layer {layer} of step {} comes twice for {}, first on line {}: where two processes wrote the file, keep the \
             rows of one; where a run was resumed, keep the later rows of each step",
            again.step,
            named_run(plan, run),
            first.line
        ),
    ))
}

/// Leaves out the last step of the run that wrote the file's last row, if it lacks layers that the run's first step
/// has, and no other run has it. A writer that was killed leaves such a step.
fn without_torn_step(plan: &Plan, found: &mut Found, run: usize) -> Option<String> {
    let rows = &found.rows[run];
    let (first, last) = (rows.first()?.step, rows.last()?.step);
    let of_step = |step: u32| rows.iter().filter(move |row| row.step == step).count();
    let is_alone = found
        .rows
        .iter()
        .enumerate()
        .all(|(other, rows)| other == run || rows.binary_search_by_key(&last, |row| row.step).is_err());
    if first == last || of_step(last) >= of_step(first) || !is_alone {
        return None;
    }
    found.rows[run].retain(|row| row.step != last);
    Some(format!("step {last} of {} lacks layers and was left out", named_run(plan, run)))
}

/// Refuses runs that lack a step that another has.
fn same_steps(plan: &Plan, rows: &[Vec<Row>]) -> Result<(), Problem> {
    let Some(first) = rows.first() else { return Ok(()) };
    let of_first: Vec<u32> = steps_of(first).collect();
    for (run, rows) in rows.iter().enumerate().skip(1) {
        if steps_of(rows).eq(of_first.iter().copied()) {
            continue;
        }
        let steps: Vec<u32> = steps_of(rows).collect();
        let lacks =
            |steps: &[u32], others: &[u32]| others.iter().copied().find(|step| steps.binary_search(step).is_err());
        let (step, with, without) = match lacks(&steps, &of_first) {
            Some(step) => (step, 0, run),
            None => (lacks(&of_first, &steps).expect("they differ"), run, 0),
        };
        return Err(Problem::of_file(format!(
            "there is no step {step} of {}, and {} has it: every run needs the same steps, so add it to the one or leave it \
             out of the others",
            named_run(plan, without),
            named_run(plan, with)
        )));
    }
    Ok(())
}
