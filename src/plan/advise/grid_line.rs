//! A line that adds a value of a key to a config's `[grid]`: found by trying it on the config's own text.

use std::collections::HashMap;

use toml::Value;

use crate::config::{Place, Source, Values};
use crate::data::Catalog;
use crate::plan::index::Plan;
use crate::plan::load::plan_with;
use crate::spec::{Draft, KEYS, RunSpec, Shown, key_index};

/// Where an axis has more values than this, a line would be too long to read.
const MOST_VALUES: usize = 8;

/// A plan of more points is not expanded again to see whether a line fits it: that would take seconds.
const MOST_POINTS: u64 = 1 << 18;

/// A line of `[grid]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridLine {
    /// The line, such as `model.batch_norm = [false, true]`.
    pub line: String,
    /// Whether `[grid]` has a line for the key, which this one replaces.
    pub replaces: bool,
}

impl GridLine {
    /// What to do with it: `add to [grid]: model.batch_norm = [false, true]`.
    pub fn advice(&self) -> String {
        if self.replaces {
            let key = self.line.split(' ').next().expect("a split has a first part");
            format!("in [grid], in place of the line of {key}: {}", self.line)
        } else {
            format!("add to [grid]: {}", self.line)
        }
    }
}

/// Finds lines for the runs of one plan.
#[derive(Debug)]
pub struct GridLines<'a> {
    plan: &'a Plan,
    /// The plan of the config with each line that was tried; none where that is no plan.
    tried: HashMap<String, Option<Plan>>,
}

impl<'a> GridLines<'a> {
    /// Finds lines for this plan.
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, tried: HashMap::new() }
    }

    /// The line of the first of `values` (keys with a value to try beside the run's own) that the plan has not tried, that
    /// changes the run, and with which the config is accepted.
    pub fn first(&mut self, run: usize, values: &[(&'static str, Value)]) -> Option<GridLine> {
        if self.plan.points() > MOST_POINTS {
            return None;
        }
        let point = self.plan.point(run);
        values.iter().find_map(|(name, value)| self.line(&point, key_index(name)?, value))
    }

    fn line(&mut self, point: &RunSpec, key: usize, value: &Value) -> Option<GridLine> {
        let mut changed = point.clone();
        let is_value = (KEYS[key].set)(&mut changed, value);
        let is_used = Draft::run(&changed).1.contains(key);
        if !is_value || !is_used || (KEYS[key].same)(&changed, point) {
            return None;
        }
        let experiment = &self.plan.experiment;
        let columns = experiment.axes.iter().flat_map(|axis| axis.columns.iter().map(move |column| (axis, column)));
        let swept = columns.into_iter().find(|(_, column)| column.key == key);
        let (mut listed, replaced) = match swept {
            None => (vec![toml_text(&(KEYS[key].show)(point))], None),
            // The axis of a [[zip]] stands at its block.
            Some((axis, column)) if axis.place != column.place => return None,
            Some((_, column)) => {
                let Values::Listed(items) = &column.values else { return None };
                let is_tried = |value: &Value| {
                    let mut tried = point.clone();
                    (KEYS[key].set)(&mut tried, value) && (KEYS[key].same)(&tried, &changed)
                };
                let last = &items.last()?.place;
                if items.len() >= MOST_VALUES || items.iter().any(|item| is_tried(&item.value)) {
                    return None;
                }
                (items.iter().map(|item| item.value.to_string()).collect(), Some((&column.place, last)))
            }
        };
        listed.push(value.to_string());
        let line = format!("{} = [{}]", KEYS[key].name, listed.join(", "));
        let replaces = replaced.is_some();
        if !self.tried.contains_key(&line) {
            let plan = self.with_line(&line, replaced);
            self.tried.insert(line.clone(), plan);
        }
        // A line of [grid] does nothing for a point that an [[include]] added.
        let has_run = |plan: &Option<Plan>| plan.as_ref().is_some_and(|plan| plan.run_of(&changed).is_some());
        self.tried.get(&line).is_some_and(has_run).then_some(GridLine { line, replaces })
    }

    /// The plan of the config's text with the line pasted in; none where the text would not be accepted.
    fn with_line(&self, line: &str, replaced: Option<(&Place, &Place)>) -> Option<Plan> {
        let experiment = &self.plan.experiment;
        let text = pasted(experiment.source.text(), line, replaced)?;
        let source = Source::in_folder(experiment.source.folder(), experiment.source.name(), text);
        plan_with(&source, &experiment.sets, Catalog::closed(&self.plan.known_files())).ok()
    }
}

/// A config's text with a line below `[grid]`, or in place of the line whose key and last value are `replaced`.
fn pasted(text: &str, line: &str, replaced: Option<(&Place, &Place)>) -> Option<String> {
    if let Some((key, last)) = replaced {
        // One of a `--set` stands in no file.
        let is_here = key.source.text() == text && last.source.text() == text;
        let end = is_here.then(|| Some(last.span.end + text[last.span.end..].find(']')? + 1))??;
        return Some([&text[..key.span.start], line, &text[end..]].concat());
    }
    let mut at = 0;
    for existing in text.split_inclusive('\n') {
        at += existing.len();
        if existing.trim_start().starts_with("[grid]") {
            return Some([&text[..at], "\n", line, "\n", &text[at..]].concat());
        }
    }
    Some([text, "\n[grid]\n", line, "\n"].concat())
}

/// A value as configs write it.
fn toml_text(value: &Shown) -> String {
    match value {
        Shown::Text(text) => Value::String(text.clone()).to_string(),
        Shown::Bool(_) | Shown::Int(_) | Shown::Float(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        crate::plan::plan(&Source::new("test.toml", format!("name = \"a\"\n{text}").as_str()), &[]).expect("valid")
    }

    /// The line of the first of these values that fits the plan's first run, with what it does.
    fn first(text: &str, values: &[(&'static str, Value)]) -> Option<(String, bool)> {
        let plan = plan(text);
        let line = GridLines::new(&plan).first(0, values)?;
        Some((line.line, line.replaces))
    }

    fn norm() -> (&'static str, Value) {
        ("model.batch_norm", true.into())
    }

    fn he() -> (&'static str, Value) {
        ("model.init", "he_normal".into())
    }

    /// A line for a key that has none.
    fn new(line: &str) -> (String, bool) {
        (line.into(), false)
    }

    #[test]
    fn a_key_that_is_no_axis_gets_a_line_of_its_own() {
        assert_eq!(first("[grid]\nmodel.depth = [2, 3]\n", &[norm()]), Some(new("model.batch_norm = [false, true]")));
        assert_eq!(first("", &[norm()]), Some(new("model.batch_norm = [false, true]")), "there is no grid yet");
        let xavier = "[run]\nmodel.init = \"xavier\"\n[grid] # axes\nmodel.depth = [2, 3]";
        assert_eq!(first(xavier, &[he()]), Some(new("model.init = [\"xavier_normal\", \"he_normal\"]")));
        let rate = [("train.learning_rate", 0.002.into())];
        assert_eq!(first("", &rate), Some(new("train.learning_rate = [0.02, 0.002]")));
    }

    #[test]
    fn a_key_that_is_an_axis_gets_its_values_and_one_more() {
        let grid = "[grid]\nmodel.init = [\n  \"xavier\", # as it was\n  \"lecun\",\n]\nmodel.depth = [2, 3]\n";
        let line = "model.init = [\"xavier\", \"lecun\", \"he_normal\"]";
        assert_eq!(first(grid, &[he()]), Some((line.into(), true)));
        let line = GridLine { line: line.into(), replaces: true };
        assert_eq!(
            line.advice(),
            "in [grid], in place of the line of model.init: model.init = [\"xavier\", \"lecun\", \"he_normal\"]"
        );
    }

    #[test]
    fn what_was_tried_does_nothing_or_does_not_fit_is_left_out() {
        let both = |text: &str| first(text, &[norm(), ("model.layer_norm", true.into())]);
        let layer = Some(new("model.layer_norm = [false, true]"));
        assert_eq!(
            both("[grid]\nmodel.batch_norm = [false]\nmodel.depth = [2, 3]"),
            Some(("model.batch_norm = [false, true]".into(), true))
        );
        for (text, expected) in [
            // It is swept, or on, or cannot stand beside a batch of one.
            ("[run]\nmodel.batch_norm = true\n[grid]\nmodel.depth = [2, 3]", None),
            ("[run]\ntrain.batch_size = 1", layer.clone()),
            // In a [[zip]] it moves with another key.
            ("[[zip]]\nmodel.batch_norm = [false]\nmodel.depth = [2]", layer),
            // Neither does anything for a recurrent net of one layer.
            ("[run]\nmodel.kind = \"rnn\"\ndata.source = \"adding\"", None),
        ] {
            assert_eq!(both(text), expected, "{text}");
        }
        let residual = [("model.residual", true.into())];
        assert_eq!(first("[run]\nmodel.widths = [8, 16]", &residual), None, "layers of different width");
        assert_eq!(first("[run]\nmodel.depth = 1", &residual), None, "one layer has nothing to add to");
        assert_eq!(first("max_runs = 2\n[grid]\nmodel.depth = [2, 3]", &residual), None, "more runs than it may have");
        assert_eq!(
            first(
                "[grid]\ntrain.learning_rate = { from = 0.1, to = 1.0, count = 3 }",
                &[("train.learning_rate", 0.01.into())]
            ),
            None
        );
    }

    #[test]
    fn a_line_that_is_pasted_as_the_advice_says_is_accepted_and_has_more_runs() {
        let values = [norm(), ("model.kind", "lstm".into()), ("model.residual", true.into())];
        for text in [
            "[grid]\nmodel.depth = [2, 3]\n",
            "[run.model]\nactivation = \"sigmoid\"\n[grid]\nmodel.depth = [2, 3]\n[[exclude]]\nmodel.depth = 2\n",
            "[run]\nmodel.kind = \"rnn\"\ndata.source = \"adding\"\n",
            "[run]\ndata.source = \"adding\"\n[grid]\nmodel.kind = [\"rnn\"]\n",
        ] {
            let plan = plan(text);
            let mut lines = GridLines::new(&plan);
            let line = lines.first(0, &values).expect(text).line;
            let longer = if text.contains("model.kind = [") {
                text.replace("model.kind = [\"rnn\"]", &line)
            } else if text.contains("[grid]\n") {
                text.replace("[grid]\n", &format!("[grid]\n{line}\n"))
            } else {
                format!("{text}[grid]\n{line}\n")
            };
            assert_eq!(self::plan(&longer).len(), 2 * plan.len(), "{longer}");
            assert_eq!(lines.first(0, &values).expect("the same").line, line, "what is known is not tried again");
        }
    }
}
