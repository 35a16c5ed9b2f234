//! The cells of a results folder that `--where KEY=VALUE` chooses.

use thiserror::Error;
use toml::{Table, Value};

use crate::config::closest;
use crate::plan::Plan;
use crate::spec::{KEYS, RunSpec, Shown};

/// A choice that cannot be made.
#[derive(Debug, Error, PartialEq)]
pub(crate) enum ChoiceError {
    #[error("--where {0}: expected KEY=VALUE, such as depth=20 or 'activation=[\"relu\", \"tanh\"]'")]
    Form(String),
    #[error("--where {key}: there is no such key{}; this folder sweeps {axes}", near(.closest.as_ref()))]
    Key { key: String, closest: Option<String>, axes: String },
    #[error("--where {0}: a figure is over all seeds, so none can be chosen; leave it out")]
    Seed(String),
    #[error("--where {argument}: {key} has no such value; expected {expected}")]
    Value { argument: String, key: &'static str, expected: String },
    #[error("--where {argument}: no cell has it; here {key} is {values}")]
    NoCell { argument: String, key: &'static str, values: String },
    #[error("no cell has all of these values: {0}; leave one of them out")]
    Nothing(String),
}

fn near(closest: Option<&String>) -> String {
    closest.map(|key| format!(" (did you mean {key}?)")).unwrap_or_default()
}

/// What a key must be.
struct Condition {
    key: usize,
    values: Vec<Shown>,
}

/// Returns which cells, by their first runs, have what every argument says; all of them where there is none.
pub(crate) fn chosen(plan: &Plan, arguments: &[String]) -> Result<Vec<usize>, ChoiceError> {
    let firsts: Vec<usize> = plan.cells().iter().filter_map(|mut runs| runs.next()).collect();
    let conditions = arguments.iter().map(|argument| condition(plan, argument)).collect::<Result<Vec<_>, _>>()?;
    let shown = |run: usize, key: usize| (KEYS[key].show)(&plan.spec(run));
    let holds = |run: usize, condition: &Condition| condition.values.contains(&shown(run, condition.key));
    for (condition, argument) in conditions.iter().zip(arguments) {
        if !firsts.iter().any(|&run| holds(run, condition)) {
            let mut values: Vec<String> = Vec::new();
            for value in firsts.iter().map(|&run| shown(run, condition.key).to_string()) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            let (argument, key) = (argument.clone(), KEYS[condition.key].short_name());
            return Err(ChoiceError::NoCell { argument, key, values: values.join(", ") });
        }
    }
    let chosen: Vec<usize> =
        firsts.into_iter().filter(|&run| conditions.iter().all(|condition| holds(run, condition))).collect();
    if chosen.is_empty() { Err(ChoiceError::Nothing(arguments.join(", "))) } else { Ok(chosen) }
}

fn condition(plan: &Plan, argument: &str) -> Result<Condition, ChoiceError> {
    let (name, text) = argument.split_once('=').ok_or_else(|| ChoiceError::Form(argument.to_owned()))?;
    let (name, text) = (name.trim(), text.trim());
    let name = name.strip_prefix("run.").or_else(|| name.strip_prefix("grid.")).unwrap_or(name);
    let named = |column: &&crate::plan::AxisColumn| column.name == name;
    let of_column = plan.columns().iter().find(named).map(|column| column.key);
    let by_name = || KEYS.iter().position(|key| key.name == name || key.short_name() == name);
    let Some(key) = of_column.or_else(by_name) else {
        let axes: Vec<&str> =
            plan.columns().iter().map(|column| column.name.as_str()).filter(|n| *n != "seed").collect();
        let all = KEYS.iter().flat_map(|key| [key.short_name(), key.name]);
        let closest = closest(name, all).map(str::to_owned);
        return Err(ChoiceError::Key { key: name.to_owned(), closest, axes: axes.join(", ") });
    };
    if KEYS[key].name == "seed" {
        return Err(ChoiceError::Seed(argument.to_owned()));
    }
    let bad = || {
        let expected = (KEYS[key].expected)();
        ChoiceError::Value { argument: argument.to_owned(), key: KEYS[key].short_name(), expected }
    };
    // A word needs no quotes.
    let parsed = format!("x = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("x"));
    let value = parsed.unwrap_or_else(|| Value::String(text.to_owned()));
    let one = |value: &Value| {
        let mut spec = RunSpec::default();
        (KEYS[key].set)(&mut spec, value).then(|| (KEYS[key].show)(&spec))
    };
    let values = match (one(&value), &value) {
        (Some(shown), _) => vec![shown],
        (None, Value::Array(items)) if !items.is_empty() => {
            items.iter().map(one).collect::<Option<_>>().ok_or_else(bad)?
        }
        (None, _) => return Err(bad()),
    };
    Ok(Condition { key, values })
}
