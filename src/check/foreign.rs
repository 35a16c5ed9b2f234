//! Traces of other programs: the gradient norms of each layer at some steps, as CSV, in the place of runs of our own.
//!
//! Columns: every swept axis by its name in our tables, the seed included, `step`, `layer` (1..L, and L + 1 for the head),
//! `grad_norm`, and `delta_rms` if there is one. Other columns are not read. Every run with step 0 and the steps of all
//! others, and of each step every layer, must be there: what is left out could be what went wrong. A run has as many steps
//! as its spec, so that no file holds more than its plan has room for.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use csv::{Position, StringRecord};
use thiserror::Error;

use super::known::Columns;
use super::measured::Runs;
use crate::config::{Bounded, quoted};
use crate::data::{BoundedRecords, MOST_COLUMNS, Moments};
use crate::metric::{LayerReading, RowStatus};
use crate::plan::Plan;
use crate::spec::LayerMetric;
use crate::trace::{Outcome, Record, StepReading, Trace};

/// Why a trace cannot be used.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is not what the plan's runs would have written.
    #[error("{}{}: {problem}", path.display(), line.map_or(String::new(), |line| format!(", line {line}")))]
    Format {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: Option<u64>,
        /// What is wrong, and the remedy.
        problem: String,
    },
}

/// What a trace says of a plan's runs.
#[derive(Debug, Clone)]
pub struct Foreign {
    /// The runs.
    pub runs: Runs,
    /// What the trace tells of them.
    pub columns: Columns,
    /// What is worth saying of it, a sentence each.
    pub notes: Vec<String>,
}

/// A layer's norms at a step: of dLoss/dW, and of the error.
type Norms = (f64, f64);

/// The most bytes of a trace.
const MOST_BYTES: u64 = 256 << 20;

/// The most rows of a trace, which take 40 bytes each, and as what they tell of a run three times as much.
const MOST_ROWS: usize = 4_000_000;

/// A row of a run.
#[derive(Debug, Clone, Copy)]
struct Row {
    step: usize,
    layer: usize,
    line: u64,
    norms: Norms,
}

/// Reads the file at `path` as the runs of `plan`, each of which must be there. It may be a pipe, which the other program
/// writes into, and no device.
pub fn read_foreign(plan: &Plan, path: &Path) -> Result<Foreign, ForeignError> {
    let opened = || {
        let kind = fs::metadata(path)?.file_type();
        if kind.is_file() || kind.is_fifo() {
            Ok(Bounded::new(File::open(path)?, MOST_BYTES))
        } else {
            Err(io::Error::new(ErrorKind::InvalidInput, "it is neither a file nor a pipe"))
        }
    };
    let file = opened().map_err(|source| ForeignError::Io { path: path.into(), source })?;
    parse(plan, file).map_err(|(line, problem)| ForeignError::Format { path: path.into(), line, problem })
}

type Problem = (Option<u64>, String);

fn parse(plan: &Plan, from: impl Read) -> Result<Foreign, Problem> {
    let mut reader = csv::Reader::from_reader(BoundedRecords::new(from));
    let header = reader.headers().map_err(|error| (Some(1), error.to_string()))?.clone();
    if header.len() > MOST_COLUMNS {
        return Err((Some(1), format!("it has {} columns, more than {MOST_COLUMNS}", header.len())));
    }
    let column = |name: &str| header.iter().position(|column| column.trim() == name);
    let needed = |name: &str| {
        let axes: Vec<&str> = plan.columns().iter().map(|column| column.name.as_str()).collect();
        column(name).ok_or_else(|| {
            (Some(1), format!("there is no column `{name}`; needed are {}, step, layer and grad_norm", axes.join(", ")))
        })
    };
    let axes = plan.columns().iter().map(|axis| needed(&axis.name)).collect::<Result<Vec<usize>, Problem>>()?;
    let (step, layer, grad_norm) = (needed("step")?, needed("layer")?, needed("grad_norm")?);
    let delta_rms = column("delta_rms");
    let by_values: HashMap<Vec<String>, usize> =
        plan.runs().map(|run| (plan.axis_cells(run).iter().map(|v| plain(&v.to_string())).collect(), run)).collect();
    let mut found: Vec<Vec<Row>> = vec![Vec::new(); plan.len()];
    let (mut row, mut rows) = (StringRecord::new(), 0);
    loop {
        let begin = reader.position().line();
        let is_row = BoundedRecords::next(&mut reader, &mut row);
        if !is_row.map_err(|error| (Some(error.position().map_or(begin, Position::line)), error.to_string()))? {
            break;
        }
        let at = row.position().map_or(begin, Position::line);
        let line = Some(at);
        let cell = |i: usize| row.get(i).unwrap_or_default().trim();
        let count = |i: usize, what: &str| {
            cell(i)
                .parse::<usize>()
                .map_err(|_| (line, format!("{} is no {what}: expected a whole number", quoted(cell(i)))))
        };
        let number = |i: usize| {
            let parsed = cell(i).to_ascii_lowercase().parse::<f64>();
            let number =
                parsed.map_err(|_| (line, format!("{} is no number; NaN and inf are written so", quoted(cell(i)))))?;
            if number < 0.0 {
                return Err((
                    line,
                    format!("{} is no norm, for it is negative: norms are written as they are, not as log10", cell(i)),
                ));
            }
            Ok(number)
        };
        let values: Vec<String> = axes.iter().map(|&i| plain(cell(i))).collect();
        let Some(&run) = by_values.get(&values) else {
            return Err((line, format!("the config has no run with {}", named(plan, &values))));
        };
        let (step, layer) = (count(step, "step")?, count(layer, "layer")?);
        let spec = plan.spec(run);
        let most = spec.model.hidden_layers() + 1;
        if layer == 0 || layer > most {
            return Err((line, format!("layer {layer}: layers are 1 to {}, and {most} is the head", most - 1)));
        }
        let steps = spec.train.steps.get();
        if step >= steps {
            let last = steps - 1;
            return Err((
                line,
                format!(
                    "step {step}: the last of the run with {} is {last}; train.steps says so",
                    named(plan, &values)
                ),
            ));
        }
        // A single's shortest decimals name that single, and not the double next to them.
        let recorded = |x: f64| spec.train.precision.recorded(x);
        let norms = (recorded(number(grad_norm)?), recorded(delta_rms.map_or(Ok(f64::NAN), number)?));
        rows += 1;
        if rows > MOST_ROWS {
            return Err((line, format!("there are more than {MOST_ROWS} rows: leave steps out")));
        }
        let of_run = &mut found[run];
        of_run.push(Row { step, layer, line: at, norms });
        // There are no more without one that comes twice, and why should the others be read?
        if of_run.len() > most.saturating_mul(steps) {
            break;
        }
    }
    found.iter_mut().for_each(|rows| rows.sort_by_key(|row| (row.step, row.layer)));
    if let Some(Row { step, layer, line, .. }) = first_repeated(&found) {
        return Err((Some(line), format!("layer {layer} of step {step} comes twice")));
    }
    // Step 0 is what theory and the claims about initialisation speak of.
    let mut steps: Vec<usize> = found.iter().flat_map(|rows| steps_of(rows)).chain([0]).collect();
    steps.sort_unstable();
    steps.dedup();
    let mut runs = Runs::new(plan);
    for (run, rows) in found.iter().enumerate() {
        let trace = trace(plan, run, rows, &steps)?;
        runs.add(plan, run, &Record::Done(trace));
    }
    let layer = [Some(LayerMetric::GradNorm), delta_rms.map(|_| LayerMetric::DeltaRms)].into_iter().flatten().collect();
    Ok(Foreign { runs, columns: Columns { layer, loss: false, first_step: 0 }, notes: Vec::new() })
}

/// The first row of the file that says what an earlier one of its run said. Rows of a run are in the order of their steps
/// and layers, and of equals in that of the file.
fn first_repeated(found: &[Vec<Row>]) -> Option<Row> {
    let place = |row: &Row| (row.step, row.layer);
    let repeated = found.iter().flat_map(|rows| rows.windows(2)).filter(|pair| place(&pair[0]) == place(&pair[1]));
    repeated.map(|pair| pair[1]).min_by_key(|row| row.line)
}

/// The steps of a run's rows, each once.
fn steps_of(rows: &[Row]) -> impl Iterator<Item = usize> {
    rows.chunk_by(|a, b| a.step == b.step).map(|rows| rows[0].step)
}

/// A value as it is compared: numbers by what they are, Python's True as true.
fn plain(text: &str) -> String {
    if let Ok(count) = text.parse::<u64>() {
        // A seed may be larger than what a float can tell from its neighbours; 10.0 is the count 10 all the same.
        return if count < 1 << 53 { format!("{:?}", count as f64) } else { count.to_string() };
    }
    match text.parse::<f64>() {
        Ok(number) => format!("{number:?}"),
        Err(_) => text.replace("True", "true").replace("False", "false"),
    }
}

/// The axes' values for messages: on one line, whatever the cells hold.
fn named(plan: &Plan, values: &[String]) -> String {
    let named = plan.columns().iter().zip(values);
    named.map(|(column, value)| format!("{}={}", column.name, unquoted(value))).collect::<Vec<_>>().join(" ")
}

/// A cell that needs no quotes has none.
fn unquoted(cell: &str) -> String {
    let quoted = quoted(cell);
    if quoted.len() == cell.len() + 2 { cell.to_owned() } else { quoted }
}

/// A trace of what is known; the rest is NaN.
fn trace(plan: &Plan, run: usize, rows: &[Row], of_all: &[usize]) -> Result<Trace, Problem> {
    let name = || {
        let values: Vec<String> = plan.axis_cells(run).iter().map(ToString::to_string).collect();
        named(plan, &values)
    };
    if rows.is_empty() {
        return Err((None, format!("there is no row of the run with {}", name())));
    }
    let steps: Vec<usize> = steps_of(rows).collect();
    if let Some(step) = of_all.iter().find(|step| steps.binary_search(step).is_err()) {
        let why = if *step == 0 { "which every run begins with" } else { "which other runs have" };
        return Err((None, format!("there is no step {step}, {why}, of the run with {}", name())));
    }
    let hidden = plan.spec(run).model.hidden_layers();
    let mut layers = Vec::with_capacity(rows.len());
    for rows in rows.chunk_by(|a, b| a.step == b.step) {
        let mut rows_by_layer = rows.iter().peekable();
        for layer in 1..=hidden + 1 {
            let Some(&Row { norms: (grad_norm, delta_rms), .. }) = rows_by_layer.next_if(|row| row.layer == layer)
            else {
                let step = rows[0].step;
                return Err((None, format!("layer {layer} of step {step} is not there for the run with {}", name())));
            };
            let status = match grad_norm {
                g if g.is_nan() => RowStatus::Nan,
                g if g.is_infinite() => RowStatus::Inf,
                0.0 => RowStatus::Zero,
                _ => RowStatus::Ok,
            };
            let nan = f64::NAN;
            layers.push(LayerReading {
                grad_norm,
                delta_rms,
                weight_norm: nan,
                update_norm: nan,
                act_mean: nan,
                act_std: nan,
                zero_fraction: nan,
                saturated_fraction: nan,
                gains: None,
                status,
            });
        }
    }
    let nan = f64::NAN;
    let reading =
        |&step: &usize| StepReading { step, loss: nan, accuracy: nan, total_grad_norm: nan, clip_factor: nan };
    Ok(Trace {
        outcome: Outcome {
            diverged_at: None,
            loss_first: nan,
            loss_last: nan,
            accuracy_last: nan,
            loss_of_chance: nan,
            test_loss: nan,
            test_accuracy: nan,
            parameters: 0,
        },
        inputs: Moments { inputs: 0, square: nan, variance: nan, unevenness: nan, directions: nan },
        steps: steps.iter().map(reading).collect(),
        layers,
        through_time: None,
    })
}
