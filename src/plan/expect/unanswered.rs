//! Expectations that the plan's runs cannot answer: found before anything trains.

use super::matched::MatchedCell;
use crate::config::{Diagnostic, Expectation};
use crate::plan::grid::Pattern;
use crate::plan::index::Plan;
use crate::spec::{Claim, Draft, KEYS, Of, Reading};

impl Plan {
    /// An error for each expectation that no run answers, and a warning where some do not.
    pub(in crate::plan) fn unanswered(&self) -> Vec<Diagnostic> {
        if self.expectations().is_empty() {
            return Vec::new();
        }
        let matched = self.matched_all(self.expectations());
        self.expectations().iter().zip(&matched).flat_map(|(e, cells)| self.unanswered_by(e, cells)).collect()
    }

    fn unanswered_by(&self, expectation: &Expectation, cells: &[MatchedCell]) -> Vec<Diagnostic> {
        if cells.is_empty() {
            return vec![self.matches_nothing(expectation)];
        }
        let partners = self.lonely(expectation, cells);
        if partners.as_ref().is_some_and(Diagnostic::is_error) {
            return partners.into_iter().collect();
        }
        let Claim::Number { reading, of, .. } = &expectation.claim else { return Vec::new() };
        let mut found = self.without_the_number(expectation, *reading, cells);
        found.extend(partners);
        match of {
            Of::EverySeed => {}
            Of::Mean => found.extend(self.of_one_seed(expectation, cells)),
        }
        found
    }

    fn matches_nothing(&self, expectation: &Expectation) -> Diagnostic {
        let message = format!("`where` of \"{}\" matches no run", expectation.name);
        let mut error = Diagnostic::error(message).at(expectation.place_of("where"), "");
        let alone: Vec<Pattern> =
            expectation.points.iter().map(|column| Pattern::new(std::slice::from_ref(column))).collect();
        let mut seen = vec![false; alone.len()];
        self.each_point(|draft| {
            let point = draft.clone().point();
            for (pattern, seen) in alone.iter().zip(&mut seen) {
                *seen = *seen || pattern.matches(&point);
            }
        });
        let unseen = expectation.points.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|(column, _)| column);
        let mut all_occur = true;
        for column in unseen {
            all_occur = false;
            error = error.at(&column.place, format!("no run has this {}", KEYS[column.key].short_name()));
        }
        error.help(if all_occur {
            "no run has all of its values together"
        } else {
            "take values that the grid or an include has, or add such runs"
        })
    }

    /// What is wrong with the runs that an expectation compares with, if it compares.
    fn lonely(&self, expectation: &Expectation, cells: &[MatchedCell]) -> Option<Diagnostic> {
        let versus = expectation.claim.versus()?;
        let place = expectation.place_of("versus");
        let pairs =
            || cells.iter().flat_map(|cell| cell.runs.iter().copied().zip(cell.partners.iter().flatten().copied()));
        if let Some((run, _)) = pairs().find(|(run, partner)| Some(*run) == *partner) {
            let message = format!(
                "\"{}\" would compare {} with itself: `versus` changes nothing in it",
                expectation.name,
                self.named(run)
            );
            let help = "narrow `where`: leave out the runs that already have the values of `versus`, and those that do not use its keys";
            return Some(Diagnostic::error(message).at(place, "").at(expectation.place_of("where"), "").help(help));
        }
        let alone = |cell: &MatchedCell| cell.partners.iter().flatten().all(Option::is_none);
        let first = cells.iter().find(|cell| alone(cell))?.runs[0];
        let count = cells.iter().filter(|cell| alone(cell)).count();
        let help = format!("for {} there is no run with {} and all else the same", self.named(first), shown(versus));
        if count == cells.len() {
            let message = format!("`versus` of \"{}\" matches no run", expectation.name);
            let error = Diagnostic::error(message).at(place, "").help(help);
            return Some(error.help("add such runs to the grid, or narrow `where` to those that have one"));
        }
        let message =
            format!("`versus` of \"{}\" matches no run for {count} of {} cells", expectation.name, cells.len());
        let warning = Diagnostic::warning(message).at(place, "").help(help);
        Some(warning.help("these cells are not compared: narrow `where`, or add the runs"))
    }

    /// An error for each part of a reading that some run does not have.
    fn without_the_number(
        &self,
        expectation: &Expectation,
        reading: Reading,
        cells: &[MatchedCell],
    ) -> Vec<Diagnostic> {
        let mut errors: Vec<Diagnostic> = Vec::new();
        let mut parts: Vec<&str> = Vec::new();
        let partners = cells.iter().flat_map(|cell| cell.partners.iter().flatten().flatten());
        let runs = cells.iter().flat_map(|cell| &cell.runs).chain(partners);
        for &run in runs {
            for missing in reading.missing_in(&self.spec(run)) {
                if parts.contains(&missing.part) {
                    continue;
                }
                parts.push(missing.part);
                let place = expectation.place_of(missing.part);
                let message =
                    format!("\"{}\" asks for something that {} does not have", expectation.name, self.named(run));
                let error = Diagnostic::error(message).at(place, missing.reason);
                errors.push(error.help("change it, or narrow `where` so that it leaves such runs out"));
            }
        }
        errors
    }

    /// An error where a claim on a mean would rest on one run.
    fn of_one_seed(&self, expectation: &Expectation, cells: &[MatchedCell]) -> Option<Diagnostic> {
        let seeds = |cell: &MatchedCell| match &cell.partners {
            None => cell.runs.len(),
            Some(partners) => partners.iter().flatten().count(),
        };
        let single = cells.iter().find(|cell| seeds(cell) == 1)?;
        let message = format!("\"{}\" is about a mean over seeds, and there is one seed", expectation.name);
        let of = if single.partners.is_some() { "pair of runs" } else { "run" };
        let label = format!("the only {of}: {}", self.named(single.runs[0]));
        let error = Diagnostic::error(message).at(&expectation.place, label);
        Some(error.help(
            "write every_seed = true, which takes each run as it is, or give the grid more seeds: seed = { from = 0, count = 5 }",
        ))
    }

    /// `run 3 (depth=10 seed=0)`.
    fn named(&self, run: usize) -> String {
        let values = self.columns.iter().zip(self.axis_values(run));
        let values: Vec<String> = values.map(|(column, value)| format!("{}={value}", column.name)).collect();
        if values.is_empty() { format!("run {run}") } else { format!("run {run} ({})", values.join(" ")) }
    }
}

/// `model.activation = sigmoid`.
fn shown(draft: &Draft) -> String {
    let point = draft.clone().point();
    let keys = draft.named().iter().map(|key| format!("{} = {}", KEYS[key].name, (KEYS[key].show)(&point)));
    keys.collect::<Vec<_>>().join(", ")
}
