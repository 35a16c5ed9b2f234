//! Which column of a trace is what.

use super::error::Problem;
use super::exports;
use crate::config::{closest, quoted};
use crate::plan::Plan;
use crate::spec::LayerMetric;

/// The columns of a trace, by what they hold.
#[derive(Debug)]
pub(super) struct Header {
    /// The names of the columns.
    pub(super) names: Vec<String>,
    /// The columns of the axes, in the plan's order.
    pub(super) axes: Vec<usize>,
    pub(super) step: usize,
    pub(super) layer: usize,
    pub(super) role: Option<usize>,
    pub(super) loss: Option<usize>,
    /// The metrics that there are, in the order of [`LayerMetric::ALL`], but for those that follow from others.
    pub(super) metrics: Vec<(LayerMetric, usize)>,
    /// The metrics among them whose logarithm has a column, too.
    pub(super) logarithms: Vec<(LayerMetric, usize)>,
}

/// The columns of log10 of a metric: it tells what is too small for the metric's own column, where that is 0.
pub(super) const LOGARITHMS: [(LayerMetric, &str); 2] =
    [(LayerMetric::GradNorm, "log10_grad_norm"), (LayerMetric::DeltaRms, "log10_delta_rms")];

/// Names by which other programs call what a trace needs. They are only suggested: a guess might take the norm of the
/// whole net for a layer's.
const OTHER_NAMES: [(&str, &[&str]); 8] = [
    (
        "step",
        &["epoch", "global_step", "trainer/global_step", "iteration", "iter", "_step", "update", "batch", "steps", "t"],
    ),
    (
        "layer",
        &[
            "name",
            "layer_name",
            "param",
            "parameter",
            "param_name",
            "module",
            "module_name",
            "variable",
            "key",
            "tag",
            "layers",
            "layer_index",
            "layer_idx",
        ],
    ),
    (
        "grad_norm",
        &[
            "gradient_norm",
            "grad_l2_norm",
            "grad_l2",
            "l2_norm",
            "norm",
            "grad",
            "gradient",
            "gradnorm",
            "grad_norms",
            "gradient_norms",
            "value",
            "weight_grad_norm",
        ],
    ),
    ("delta_rms", &["delta", "error_rms", "rms", "delta_norm", "rms_delta"]),
    ("activation", &["act", "act_fn", "nonlinearity"]),
    ("learning_rate", &["lr"]),
    ("seed", &["random_seed", "random_state", "rng"]),
    ("loss", &["train_loss", "training_loss", "train/loss", "loss_train"]),
];

impl Header {
    /// Reads the header on a line. `name` is the file's.
    pub(super) fn of(plan: &Plan, names: Vec<String>, line: u64, name: &str) -> Result<Self, Problem> {
        let axes: Vec<&str> = plan.columns().iter().map(|column| column.name.as_str()).collect();
        let needed: Vec<&str> = axes.iter().copied().chain(["step", "layer", "grad_norm"]).collect();
        let column = |name: &str| names.iter().position(|column| column == name);
        let missing: Vec<&str> = needed.iter().copied().filter(|name| column(name).is_none()).collect();
        if !missing.is_empty() {
            return Err(Problem::at(line, not_there(plan, &names, &needed, &missing, name)));
        }
        let metrics: Vec<(LayerMetric, usize)> =
            read_metrics().filter_map(|metric| Some((metric, column(metric.name())?))).collect();
        let logarithms: Vec<(LayerMetric, usize)> = LOGARITHMS
            .into_iter()
            .filter(|(metric, _)| metrics.iter().any(|(known, _)| known == metric))
            .filter_map(|(metric, name)| Some((metric, column(name)?)))
            .collect();
        let of_metrics = metrics.iter().chain(&logarithms).map(|(_, column)| names[*column].as_str());
        let read = of_metrics.chain(needed.iter().copied()).chain(["role", "loss"]);
        for read in read {
            if names.iter().filter(|name| *name == read).count() > 1 {
                return Err(Problem::at(
                    line,
                    format!("there are two columns `{read}`: rename the one that is not meant"),
                ));
            }
        }
        let found = |name: &str| column(name).expect("it is not missing");
        Ok(Self {
            axes: axes.iter().map(|name| found(name)).collect(),
            step: found("step"),
            layer: found("layer"),
            role: column("role"),
            loss: column("loss"),
            metrics,
            logarithms,
            names,
        })
    }

    /// Writes a sentence on the columns that are not used, if there are some.
    pub(super) fn unused(&self) -> Option<String> {
        const SHOWN: usize = 12;
        // What follows from other columns is not read, and not missed.
        let parts = [LayerMetric::UpdateNorm, LayerMetric::WeightNorm];
        let has_parts = parts.iter().all(|part| self.metrics.iter().any(|(metric, _)| metric == part));
        let used = |at: usize| {
            let follows = has_parts && self.names[at] == LayerMetric::RelativeUpdate.name();
            follows
                || self.axes.contains(&at)
                || [self.step, self.layer].contains(&at)
                || [self.role, self.loss].contains(&Some(at))
                || self.metrics.iter().chain(&self.logarithms).any(|(_, column)| *column == at)
        };
        let unused: Vec<&String> = (0..self.names.len()).filter(|at| !used(*at)).map(|at| &self.names[at]).collect();
        if unused.is_empty() {
            return None;
        }
        let mut shown: Vec<String> = unused.iter().take(SHOWN).map(|name| quoted(name)).collect();
        if unused.len() > SHOWN {
            shown.push(format!("and {} more", unused.len() - SHOWN));
        }
        let optional: Vec<&str> = read_metrics()
            .map(LayerMetric::name)
            .chain(["loss", "role"])
            .filter(|name| !self.names.iter().any(|column| column == name))
            .collect();
        let renames: Vec<String> = optional.iter().filter_map(|name| rename(name, &unused)).collect();
        let renames =
            if renames.is_empty() { String::new() } else { format!("; to have it read, {}", renames.join(", ")) };
        Some(format!("columns that are not used: {}{renames}", shown.join(", ")))
    }
}

/// Returns the metrics that have columns of their own: all but the quotient of two others.
fn read_metrics() -> impl Iterator<Item = LayerMetric> {
    LayerMetric::ALL.into_iter().filter(|metric| *metric != LayerMetric::RelativeUpdate)
}

/// Says what a header lacks, and what to do about it.
fn not_there(plan: &Plan, names: &[String], needed: &[&str], missing: &[&str], name: &str) -> String {
    if names.iter().filter(|name| name.parse::<f64>().is_ok()).count() * 2 > names.len() {
        return format!(
            "its first line holds numbers and no names of columns: write a line above it that names each column; needed \
             are {}",
            listed(needed, "and")
        );
    }
    let all: Vec<&String> = names.iter().collect();
    let quoted: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let absent = format!("there is no column {}; needed are {}", listed(&quoted, "or"), listed(needed, "and"));
    let has_layers = !missing.contains(&"layer") || rename("layer", &all).is_some();
    if let Some(export) = exports::what_it_is(plan, names, name, has_layers) {
        return format!("{absent}: {export}");
    }
    let advice: Vec<String> = missing
        .iter()
        .filter_map(|name| {
            let axis = plan.columns().iter().position(|column| column.name == *name);
            let add = || {
                axis.map(|axis| {
                    format!("add a column {name} that says what each run has, such as {}", plan.axis_cells(0)[axis])
                })
            };
            rename(name, &all).or_else(add)
        })
        .collect();
    if advice.is_empty() { absent } else { format!("{absent}: {}", advice.join(", ")) }
}

/// Advises to rename one of the columns, if one is nearly called so or is what other programs call it.
fn rename(name: &str, columns: &[&String]) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '.'], "_").trim_matches('_').to_owned();
    let others = OTHER_NAMES.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, others)| *others);
    let known = |column: &&&String| plain(column) == name || others.contains(&plain(column).as_str());
    let near = || {
        let found = columns.iter().find(|column| closest(&plain(column), [name]).is_some() && name.len() > 4);
        found.copied()
    };
    let column = columns.iter().find(known).copied().or_else(near)?;
    Some(format!("rename {} to {name}", quoted(column)))
}

fn listed<T: std::fmt::Display>(items: &[T], word: &str) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}
