//! What an `[[expect]]` claims: its one subject, and the keys that go with that.

use toml::Value;

use super::fields::{Fields, bad, flag, number, one_of};
use super::relation::says;
use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::keys::SUBJECTS;
use crate::config::spelling::shown;
use crate::config::text::{Entry, NodeKind};
use crate::metric::Verdict;
use crate::spec::{Claim, LayerAt, Metric, Of, Reading, Share, StepAt};

/// Where a metric is read.
const PLACES: [&str; 3] = ["layer", "step", "lag"];

/// What is said of a metric.
const OF_METRIC: [&str; 8] = ["min", "max", "equals", "tolerance", "versus", "min_difference", "decades", "every_seed"];

pub(super) fn claim(fields: &Fields<'_>, notes: &mut Notes) -> Option<Claim> {
    let subjects = fields.all(&SUBJECTS);
    match subjects.as_slice() {
        [] => {
            if !fields.has_slip_of(&SUBJECTS) {
                let error = Diagnostic::error("this [[expect]] does not say what it is about");
                notes.push(error.at(fields.place, "").help("give it a metric, a verdict or learned"));
            }
            None
        }
        [subject] if subject.key == "metric" => of_metric(fields, subject, notes),
        [subject] => {
            for entry in fields.all(&PLACES).into_iter().chain(fields.all(&OF_METRIC)) {
                notes.push(misfit(entry, subject, "it belongs to a claim on a metric"));
            }
            let at_least = fields.get("at_least").map_or(Some(Share::ALL), |entry| share(entry, notes));
            if subject.key == "verdict" {
                Some(Claim::Verdict { any_of: verdicts(subject, notes)?, at_least: at_least? })
            } else {
                Some(Claim::Learned { learned: flag(subject, notes)?, at_least: at_least? })
            }
        }
        [subject, others @ ..] => {
            let names: Vec<String> = subjects.iter().map(|entry| format!("`{}`", entry.key)).collect();
            let error = Diagnostic::error(format!("an expectation is about one thing, not {}", names.join(" and ")));
            let error = others.iter().fold(error.at(&subject.place, ""), |error, other| error.at(&other.place, ""));
            notes.push(error.help("make an [[expect]] of each"));
            None
        }
    }
}

fn of_metric(fields: &Fields<'_>, subject: &Entry, notes: &mut Notes) -> Option<Claim> {
    let names = Metric::ALL.map(|metric| (metric.name(), metric));
    let metric = one_of(&subject.node, "metric", &names, notes);
    if let Some(entry) = fields.get("at_least") {
        notes.push(misfit(
            entry,
            subject,
            "it is the share of runs that have a verdict or learned; for a metric, use min",
        ));
    }
    let every_seed = fields.get("every_seed").map_or(Some(false), |entry| flag(entry, notes));
    let reading = metric.and_then(|metric| reading(fields, subject, metric, notes));
    let says = says(fields, metric, notes);
    let of = if every_seed? { Of::EverySeed } else { Of::Mean };
    Some(Claim::Number { reading: reading?, says: says?, of })
}

/// The metric with its layer, step and lag, as far as it has these.
fn reading(fields: &Fields<'_>, subject: &Entry, metric: Metric, notes: &mut Notes) -> Option<Reading> {
    let (fitting, why): (&[&str], &str) = match metric {
        Metric::Run(_) => (&[], "the metric is one number of a run"),
        Metric::Layer(_) => (&["layer", "step"], "the metric has a layer and a step"),
        Metric::Lag(_) => (&["lag", "step"], "the metric is that of the top layer: it has a lag and a step"),
    };
    for entry in fields.all(&PLACES).into_iter().filter(|entry| !fitting.contains(&entry.key.as_str())) {
        notes.push(misfit(entry, subject, why));
    }
    let step = fields.get("step").map_or(Some(StepAt::First), |entry| step(entry, notes));
    match metric {
        Metric::Run(metric) => Some(Reading::Run(metric)),
        Metric::Layer(metric) => {
            let help = "add layer = 1 (the layer next to the input), layer = \"last\" or layer = \"head\"";
            let layer = required(fields, "layer", subject, help, notes).and_then(|entry| layer(entry, notes));
            Some(Reading::Layer { metric, layer: layer?, step: step? })
        }
        Metric::Lag(metric) => {
            let help = "add a lag, such as lag = 10: ten time steps before the last one";
            let lag = required(fields, "lag", subject, help, notes).and_then(|entry| lag(entry, notes));
            Some(Reading::Lag { metric, lag: lag?, step: step? })
        }
    }
}

fn required<'a>(fields: &Fields<'a>, key: &str, subject: &Entry, help: &str, notes: &mut Notes) -> Option<&'a Entry> {
    let entry = fields.get(key);
    if entry.is_none() && !fields.has_slip_of(&[key]) {
        let error = Diagnostic::error(format!("`metric = {}` needs a {key}", subject.node.place.text()));
        notes.push(error.at(&subject.node.place, "").help(help));
    }
    entry
}

fn layer(entry: &Entry, notes: &mut Notes) -> Option<LayerAt> {
    let value = entry.node.value();
    let number = value.as_ref().and_then(Value::as_integer).and_then(|n| usize::try_from(n).ok());
    let layer = match (value.as_ref().and_then(Value::as_str), number.and_then(|n| n.try_into().ok())) {
        (Some("last"), _) => Some(LayerAt::Last),
        (Some("head"), _) => Some(LayerAt::Head),
        (_, number) => number.map(LayerAt::Number),
    };
    if layer.is_none() {
        notes.push(bad("layer", &entry.node, "a layer's number from 1 on, \"last\" (hidden) or \"head\""));
    }
    layer
}

fn step(entry: &Entry, notes: &mut Notes) -> Option<StepAt> {
    let value = entry.node.value();
    let number = value.as_ref().and_then(Value::as_integer).and_then(|n| usize::try_from(n).ok());
    let step = match value.as_ref().and_then(Value::as_str) {
        Some("first") => Some(StepAt::First),
        Some("last") => Some(StepAt::Last),
        _ => number.map(StepAt::Number),
    };
    if step.is_none() {
        notes.push(bad("step", &entry.node, "a traced step's number from 0 on, \"first\" or \"last\""));
    }
    step
}

fn lag(entry: &Entry, notes: &mut Notes) -> Option<usize> {
    let value = entry.node.value().and_then(|value| value.as_integer()).and_then(|n| usize::try_from(n).ok());
    if value.is_none() {
        notes.push(bad("lag", &entry.node, "a whole number of time steps, from 0 on"));
    }
    value
}

/// A verdict, or any of several.
fn verdicts(entry: &Entry, notes: &mut Notes) -> Option<Vec<Verdict>> {
    let names = Verdict::ALL.map(|verdict| (verdict.name(), verdict));
    let nodes = match &entry.node.kind {
        NodeKind::List(items) => items.as_slice(),
        NodeKind::Table(_) | NodeKind::Scalar(_) => std::slice::from_ref(&entry.node),
    };
    if nodes.is_empty() {
        notes.push(bad("verdict", &entry.node, "at least one verdict"));
    }
    let found: Vec<_> = nodes.iter().map(|node| one_of(node, "verdict", &names, notes)).collect();
    let mut any_of = found.into_iter().collect::<Option<Vec<Verdict>>>()?;
    any_of.sort_unstable();
    any_of.dedup();
    (!any_of.is_empty()).then_some(any_of)
}

fn share(entry: &Entry, notes: &mut Notes) -> Option<Share> {
    let value = number(entry, notes)?;
    let share = Share::new(value);
    if share.is_none() {
        notes.push(bad("at_least", &entry.node, "a share of the runs, above 0 and at most 1"));
    }
    share
}

/// An error for a key beside which `subject` means nothing.
fn misfit(entry: &Entry, subject: &Entry, why: &str) -> Diagnostic {
    let subject_text = match subject.key.as_str() {
        "metric" => format!("metric = {}", shown(subject.node.place.text())),
        key => key.to_string(),
    };
    Diagnostic::error(format!("`{}` does not go with `{subject_text}`", entry.key))
        .at(&entry.place, "")
        .at(&subject.place, "the subject")
        .help(why)
}
