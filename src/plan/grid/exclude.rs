//! `[[exclude]]`: which points a rule drops, and whether it drops any.

use super::pattern::Pattern;
use crate::config::{Diagnostic, Experiment, Rule};
use crate::spec::RunSpec;

/// A rule with its values ready to be compared.
#[derive(Debug)]
pub(in crate::plan) struct Matcher<'a> {
    rule: &'a Rule,
    pattern: Pattern,
    dropped: u64,
}

impl<'a> Matcher<'a> {
    pub(in crate::plan) fn new(rule: &'a Rule) -> Self {
        Self { rule, pattern: Pattern::new(&rule.columns), dropped: 0 }
    }

    /// A warning where the rule dropped no point.
    pub(in crate::plan) fn idle(&self, experiment: &Experiment) -> Option<Diagnostic> {
        let warning = Diagnostic::warning("this rule drops no point").at(&self.rule.place, "");
        let moved: Vec<usize> = experiment.axes.iter().flat_map(|axis| axis.columns.iter().map(|c| c.key)).collect();
        let fixed = self.rule.columns.iter().find(|column| !moved.contains(&column.key));
        (self.dropped == 0).then(|| match fixed {
            Some(column) => warning.at(&column.place, "not swept by the grid"),
            None => warning.help("no point has all of its values together; an exclude does not touch an include"),
        })
    }
}

/// Whether a rule drops the point; every rule that does counts it.
pub(in crate::plan) fn is_dropped(rules: &mut [Matcher<'_>], point: &RunSpec) -> bool {
    let mut dropped = false;
    for rule in rules {
        if rule.pattern.matches(point) {
            rule.dropped += 1;
            dropped = true;
        }
    }
    dropped
}
