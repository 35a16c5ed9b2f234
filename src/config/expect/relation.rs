//! What an `[[expect]]` says of a metric: bounds, or a relation to runs that differ in a few keys.

use super::fields::{Fields, distance, inner, number};
use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::keys::VERSUS;
use crate::config::read::{flatten, single};
use crate::config::spelling::shown;
use crate::config::text::{Entry, NodeKind};
use crate::spec::{Assertion, Bounds, Draft, KEYS, Metric};

const BOUNDS: [&str; 3] = ["min", "max", "equals"];
const RELATIONS: [&str; 2] = ["min_difference", "decades"];

/// What is said of a metric, which is none where its name is wrong.
pub(super) fn says(fields: &Fields<'_>, metric: Option<Metric>, notes: &mut Notes) -> Option<Assertion> {
    let before = notes.diagnostics.len();
    let (bounds, relations) = (fields.all(&BOUNDS), fields.all(&RELATIONS));
    let says = match (fields.get("versus"), bounds.as_slice()) {
        (Some(versus), []) => relation(versus, &relations, notes),
        (Some(versus), [bound, ..]) => {
            let error = Diagnostic::error(format!("`versus` and `{}` are two claims", bound.key));
            let error = error.at(&versus.place, "").at(&bound.place, "");
            notes.push(error.help("make an [[expect]] of each"));
            None
        }
        (None, bounds) => {
            for entry in &relations {
                let error = Diagnostic::error(format!("`{}` says nothing without `versus`", entry.key));
                let help = "add what the run is compared with, such as versus = { model.activation = \"sigmoid\" }";
                notes.push(error.at(&entry.place, "").help(help));
            }
            match bounds {
                [] if relations.is_empty() => {
                    no_claim(fields, notes);
                    None
                }
                [] => None,
                _ => within(fields, metric, notes),
            }
        }
    };
    if let (Some(tolerance), None) = (fields.get("tolerance"), fields.get("equals"))
        && !fields.has_slip_of(&["equals"])
    {
        let error = Diagnostic::error("`tolerance` says nothing without `equals`").at(&tolerance.place, "");
        notes.push(error.help("write equals = .. beside it, or min and max"));
    }
    if let (Some(decades), Some(metric)) = (fields.get("decades"), metric)
        && !metric.is_norm()
    {
        let norms: Vec<&str> = Metric::ALL.into_iter().filter(|m| m.is_norm()).map(Metric::name).collect();
        let error = Diagnostic::error(format!("`{}` is no norm, so it is not compared in decades", metric.name()));
        let error = error.at(&decades.place, format!("belongs to {}", norms.join(", ")));
        notes.push(error.help("write min_difference = .., in the metric's own unit"));
    }
    if notes.diagnostics.len() == before { says } else { None }
}

fn no_claim(fields: &Fields<'_>, notes: &mut Notes) {
    const CLAIMS: [&str; 5] = ["min", "max", "equals", "tolerance", "versus"];
    if fields.get("tolerance").is_none() && !fields.has_slip_of(&CLAIMS) {
        let error = Diagnostic::error("this [[expect]] makes no claim about its metric").at(fields.place, "");
        notes.push(error.help("add min, max, equals with a tolerance, or versus with min_difference or decades"));
    }
}

/// The bounds of min and max, or around equals.
fn within(fields: &Fields<'_>, metric: Option<Metric>, notes: &mut Notes) -> Option<Assertion> {
    let mut read = |key: &str| fields.get(key).map(|entry| (number(entry, notes), entry));
    let (min, max, equals) = (read("min"), read("max"), read("equals"));
    if let Some((value, equals)) = equals {
        for (_, other) in [min, max].into_iter().flatten() {
            let error = Diagnostic::error(format!("`equals` and `{}` are two claims", other.key));
            notes.push(error.at(&equals.place, "").at(&other.place, "").help("leave one of the two out"));
        }
        let Some(entry) = fields.get("tolerance") else {
            if !fields.has_slip_of(&["tolerance"]) {
                let error = Diagnostic::error("`equals` needs a `tolerance`").at(&equals.place, "");
                notes.push(error.help("add the largest difference that is allowed, such as tolerance = 0.1"));
            }
            return None;
        };
        let tolerance = distance("tolerance", &entry.node, notes);
        let (value, tolerance) = (value?, tolerance?);
        if value < 0.0 {
            never_negative(equals, metric, notes);
        }
        return Bounds::new(Some(value - tolerance), Some(value + tolerance)).map(Assertion::Within);
    }
    for (value, entry) in [min, max].into_iter().flatten() {
        if value.is_some_and(|value| value < 0.0) {
            never_negative(entry, metric, notes);
        }
    }
    // A bound that is no number has its error.
    let value = |bound: Option<(Option<f64>, &Entry)>| bound.map_or(Some(None), |(value, _)| value.map(Some));
    let bounds = Bounds::new(value(min)?, value(max)?);
    if let (None, Some((_, min)), Some((_, max))) = (bounds, min, max) {
        let error = Diagnostic::error("`min` is above `max`, so no number lies between");
        notes.push(error.at(&min.node.place, "").at(&max.node.place, "expected at least min"));
    }
    bounds.map(Assertion::Within)
}

/// Notes a negative number that is claimed of a norm.
fn never_negative(entry: &Entry, metric: Option<Metric>, notes: &mut Notes) {
    if let Some(metric) = metric.filter(|metric| metric.is_norm()) {
        let error = Diagnostic::error(format!("`{}` is a norm, which is never negative", metric.name()));
        let error = error.at(&entry.node.place, "expected a number of at least 0");
        notes.push(error.help("it is the norm itself, not its log10: 0.01, not -2"));
    }
}

/// What is said of the run and the one that differs from it in the keys of `versus`.
fn relation(versus: &Entry, relations: &[&Entry], notes: &mut Notes) -> Option<Assertion> {
    let overlay = overlay(versus, notes);
    match relations {
        [] => {
            let error = Diagnostic::error("`versus` does not say what is to be larger, and by how much");
            let help = "add min_difference = .., or decades = .. for a norm; 0 asks that it be at least as large";
            notes.push(error.at(&versus.place, "").help(help));
            None
        }
        [only] => {
            let at_least = number(only, notes);
            let (versus, at_least) = (Box::new(overlay?), at_least?);
            Some(if only.key == "decades" {
                Assertion::Decades { versus, at_least }
            } else {
                Assertion::Difference { versus, at_least }
            })
        }
        [first, others @ ..] => {
            let error = Diagnostic::error("`min_difference` and `decades` are two claims").at(&first.place, "");
            let error = others.iter().fold(error, |error, other| error.at(&other.place, ""));
            notes.push(error.help("leave one of the two out"));
            None
        }
    }
}

/// The keys and values in which the other run differs.
fn overlay(versus: &Entry, notes: &mut Notes) -> Option<Draft> {
    let entries = inner(versus, notes)?;
    if entries.is_empty() {
        let error = Diagnostic::error("`versus` is empty: a run is not compared with itself");
        notes.push(error.at(&versus.node.place, "expected such as { model.activation = \"sigmoid\" }"));
        return None;
    }
    let before = notes.diagnostics.len();
    let mut draft = Draft::default();
    for said in flatten(VERSUS, entries, notes) {
        let key = &KEYS[said.key];
        if key.name == "seed" {
            let error = Diagnostic::error("`versus` cannot change the seed").at(said.place, "");
            notes.push(error.help("a claim is about cells, over all their seeds"));
        } else if matches!(&said.node.kind, NodeKind::List(_) if !key.is_list) {
            let text = shown(said.node.place.text());
            let error = Diagnostic::error(format!("{text} is not one value of `{}`", key.name));
            let error = error.at(&said.node.place, "expected a single value");
            notes.push(error.help("a run is compared with one other; make an [[expect]] of each"));
        } else if let Some(value) = single(&said, notes) {
            draft.set(said.key, &value);
        }
    }
    (notes.diagnostics.len() == before).then_some(draft)
}
