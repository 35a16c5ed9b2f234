//! `vgrun plan`: what would run and what it costs.

use crate::cli::arguments::{Experiment, Resources, whole};
use clap::Args;
use std::fmt::Write as _;
use std::io;
use std::num::NonZeroU32;

use crate::plan::{Plan, changed_keys};
use crate::store::{Manifest, Store};
use crate::sweep::calibrate;
use crate::tables::text_cell;

use crate::cli::limits;
use crate::cli::limits::array::array_limit;
use crate::cli::limits::memory::Budget;
use crate::cli::session::error::CliError;
use crate::cli::session::load::load;
use crate::cli::session::training::queue;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::{bytes, counted, duration, thousands, with_prefix};
use crate::cli::terminal::print::{note, out, out_one_of_many};
use crate::cli::view::data_lines::{data_lines, note_lines};
use crate::cli::view::run_name::{axis_values, name};
use crate::cli::view::shard_plan::shards_text;

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    #[command(flatten)]
    pub(crate) resources: Resources,
    /// Print one line per run
    #[arg(long)]
    pub(crate) list: bool,
    /// Print one CSV row per run
    #[arg(long, conflicts_with = "list")]
    pub(crate) csv: bool,
    /// Show what each of N shards would take, too
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>, conflicts_with_all = ["list", "csv"])]
    pub(crate) shards: Option<NonZeroU32>,
}

pub(crate) fn run(arguments: &PlanArguments) -> Result<Exit, CliError> {
    let (plan, folder) = load(&arguments.experiment, false)?;
    if arguments.list {
        list(&plan)?;
    } else if arguments.csv {
        csv(&plan)?;
    } else {
        let store = Store::open(&folder, &plan)?;
        store.notices().iter().for_each(|notice| note(&format!("note: {notice}")));
        out(overview(arguments, &plan, &store)?.trim_end())?;
    }
    Ok(Exit::Fine)
}

/// Prints one line per run: its number, id and axis values.
fn list(plan: &Plan) -> io::Result<()> {
    for run in plan.runs() {
        out_one_of_many(format!("{run:>6}  {}  {}", plan.id(run), axis_values(plan, run)).trim_end())?;
    }
    Ok(())
}

/// Prints one row per run: its number, axis values, id, cost and memory.
fn csv(plan: &Plan) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    let names = plan.columns().iter().map(|column| column.name.as_str());
    writer.write_record(["run"].into_iter().chain(names).chain(["run_id", "flops", "memory_bytes"]))?;
    for run in plan.runs() {
        let mut row = vec![run.to_string()];
        row.extend(plan.axis_values(run).iter().map(|value| text_cell(&value.to_string()).into_owned()));
        let numbers = [plan.cost(run).flops, plan.memory(run).peak].map(|x| format!("{x:.0}"));
        row.extend([plan.id(run).to_string()].into_iter().chain(numbers));
        writer.write_record(row)?;
    }
    writer.flush()?;
    Ok(())
}

fn overview(arguments: &PlanArguments, plan: &Plan, store: &Store) -> Result<String, CliError> {
    const FITS: &str = "a String takes all text";
    let (counts, jobs) = (plan.counts(), arguments.resources.jobs());
    let left = queue(plan, &plan.runs().collect::<Vec<_>>(), store, false);
    let done = plan.len() - left.len();
    let mut text = String::new();
    writeln!(text, "{}: {}", plan.experiment().name, counted(plan.len(), "run")).expect(FITS);
    writeln!(
        text,
        "  points    {} in the grid, {} excluded, {} included, {} folded",
        thousands(counts.points),
        thousands(counts.excluded),
        thousands(counts.included),
        thousands(counts.folded)
    )
    .expect(FITS);
    if !plan.expectations().is_empty() {
        writeln!(text, "  to check  {}", counted(plan.expectations().len(), "expectation")).expect(FITS);
    }
    for line in data_lines(plan) {
        writeln!(text, "  data      {line}").expect(FITS);
    }
    for line in note_lines(plan) {
        writeln!(text, "  note      {line}").expect(FITS);
    }
    writeln!(text, "  stored    {} in {}", reuse(plan, store, done)?, store.folder().display()).expect(FITS);
    let flops: f64 = left.iter().map(|&run| plan.cost(run).flops).sum();
    if left.is_empty() {
        writeln!(text, "  to train  nothing").expect(FITS);
    } else {
        writeln!(text, "  to train  {}, {}FLOP in products", counted(left.len(), "run"), with_prefix(flops))
            .expect(FITS);
        // Before any of the runs is tried.
        let share = Budget::of(arguments.resources.max_memory).share(jobs, left.len());
        let largest = limits::check_limits(share, &arguments.experiment.config.path, plan, &left)?;
        let speed = calibrate(plan);
        let seconds = speed * span(plan, &left, jobs.get());
        writeln!(
            text,
            "  time      about {} with {}, measured on this machine",
            duration(seconds),
            counted(jobs.get(), "job")
        )
        .expect(FITS);
        if let Some(count) = arguments.shards {
            let (shards, warning) = shards_text(plan, |run| !store.is_complete(plan, run), count, speed, jobs.get());
            writeln!(text, "  shards    {shards}").expect(FITS);
            warning.iter().for_each(|warning| note(&format!("warning: {warning}")));
            if let Err(too_large) = array_limit().check_all(count) {
                note(&format!("warning: vgrun submit --engine slurm: {too_large}"));
            }
        }
        let (peak, name) = (bytes(largest.memory.peak), name(plan, largest.run));
        let limit = if share.bytes().is_finite() { format!("; there are {share}") } else { String::new() };
        writeln!(text, "  memory    up to {peak} for a run, {name}{limit}").expect(FITS);
    }
    writeln!(text, "\n  {:<12} {:>13} {:>10}", "table", "rows", "size").expect(FITS);
    let sizes = plan.table_sizes();
    for size in &sizes {
        let bytes = format!("{}B", with_prefix(size.bytes as f64));
        writeln!(text, "  {:<12} {:>13} {bytes:>10}", format!("{}.csv", size.table.name()), thousands(size.rows))
            .expect(FITS);
    }
    for warning in sizes.iter().filter_map(crate::plan::TableSize::warning) {
        writeln!(text, "warning: {warning}").expect(FITS);
    }
    Ok(text)
}

/// Says how many runs are stored already; where none is although others are, it says which keys changed.
fn reuse(plan: &Plan, store: &Store, done: usize) -> Result<String, CliError> {
    if done > 0 || store.ids().is_empty() {
        return Ok(format!("{} reused", thousands(done as u64)));
    }
    let earlier = Manifest::read(store.folder())?;
    let changes = earlier.map(|manifest| changed_keys(&manifest.values, &plan.value_sets())).unwrap_or_default();
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    let why = if changes.is_empty() { "the stored runs are of other combinations".into() } else { changes.join(", ") };
    Ok(format!("0 reused: {why}"))
}

/// Returns how long the queue takes at unit speed: each job takes the next run when it is free.
fn span(plan: &Plan, queue: &[usize], jobs: usize) -> f64 {
    let total: f64 = queue.iter().map(|&run| plan.cost(run).seconds).sum();
    let longest = queue.first().map_or(0.0, |&run| plan.cost(run).seconds);
    (total / jobs as f64).max(longest)
}
