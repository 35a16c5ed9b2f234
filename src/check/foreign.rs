//! Traces of other programs: the gradient norms of each layer at some steps, as CSV, in the place of runs of our own.
//!
//! Columns: every swept axis by its name in our tables, the seed included, `step`, `layer` (1..L, and L + 1 for the head),
//! `grad_norm`, and `delta_rms` if there is one. Other columns are not read. Every run with step 0 and the steps of all
//! others, and of each step every layer, must be there: what is left out could be what went wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::measured::Runs;
use crate::config::{Bounded, quoted};
use crate::data::Moments;
use crate::metric::{LayerReading, RowStatus};
use crate::plan::Plan;
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
    /// Whether it has `delta_rms`.
    pub has_delta: bool,
}

/// A layer's norms at a step: of dLoss/dW, and of the error.
type Norms = (f64, f64);

/// The most bytes of a trace: some million rows. They are read one by one, and not kept.
const MOST_BYTES: u64 = 256 << 20;

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
    let mut reader = csv::Reader::from_reader(from);
    let header = reader.headers().map_err(|error| (Some(1), error.to_string()))?.clone();
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
    let mut found: Vec<BTreeMap<usize, BTreeMap<usize, Norms>>> = vec![BTreeMap::new(); plan.len()];
    for row in reader.records() {
        let row = row.map_err(|error| (error.position().map(csv::Position::line), error.to_string()))?;
        let line = row.position().map(csv::Position::line);
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
        // A single's shortest decimals name that single, and not the double next to them.
        let recorded = |x: f64| spec.train.precision.recorded(x);
        let norms = (recorded(number(grad_norm)?), recorded(delta_rms.map_or(Ok(f64::NAN), number)?));
        if found[run].entry(step).or_default().insert(layer, norms).is_some() {
            return Err((line, format!("layer {layer} of step {step} comes twice")));
        }
    }
    // Step 0 is what theory and the claims about initialisation speak of.
    let steps: BTreeSet<usize> = found.iter().flat_map(|steps| steps.keys().copied()).chain([0]).collect();
    let mut runs = Runs::new(plan);
    for (run, rows) in found.iter().enumerate() {
        let trace = trace(plan, run, rows, &steps)?;
        runs.add(plan, run, &Record::Done(trace));
    }
    Ok(Foreign { runs, has_delta: delta_rms.is_some() })
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
fn trace(
    plan: &Plan,
    run: usize,
    steps: &BTreeMap<usize, BTreeMap<usize, Norms>>,
    of_all: &BTreeSet<usize>,
) -> Result<Trace, Problem> {
    let name = || {
        let values: Vec<String> = plan.axis_cells(run).iter().map(ToString::to_string).collect();
        named(plan, &values)
    };
    if steps.is_empty() {
        return Err((None, format!("there is no row of the run with {}", name())));
    }
    if let Some(step) = of_all.iter().find(|step| !steps.contains_key(*step)) {
        let why = if *step == 0 { "which every run begins with" } else { "which other runs have" };
        return Err((None, format!("there is no step {step}, {why}, of the run with {}", name())));
    }
    let hidden = plan.spec(run).model.hidden_layers();
    let mut layers = Vec::new();
    for (step, rows) in steps {
        for layer in 1..=hidden + 1 {
            let Some(&(grad_norm, delta_rms)) = rows.get(&layer) else {
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
        steps: steps.keys().map(reading).collect(),
        layers,
        through_time: None,
    })
}
