//! Data files that points ask for and that cannot be used: each reason once, at the place where the config asks for it.

use crate::config::{Diagnostic, Experiment, Place, closest};
use crate::data::{DataError, Problem};
use crate::plan::grid::Grid;
use crate::spec::key_index;

/// Files that are shown in full.
const SHOWN: usize = 50;

/// All reasons so far, with the first point of each.
#[derive(Debug, Default)]
pub(super) struct BadFiles {
    found: Vec<(usize, u64, DataError)>,
    more: u64,
}

/// The keys that say which files there are, and how they are read.
const KEYS_OF_FILES: [&str; 10] = [
    "data.source",
    "data.path",
    "data.label",
    "data.separator",
    "data.header",
    "data.target",
    "data.test_fraction",
    "data.labels",
    "data.test_path",
    "data.test_labels",
];

impl BadFiles {
    /// Notes the reason why point number `i` of a grid cannot be run.
    pub(super) fn note(&mut self, grid: usize, i: u64, error: DataError) {
        if self.found.iter().any(|(_, _, known)| *known == error) {
            return;
        }
        if self.found.len() < SHOWN {
            self.found.push((grid, i, error));
        } else {
            self.more += 1;
        }
    }

    /// An error for each reason, unless another error may have caused it.
    pub(in crate::plan) fn diagnostics(&self, experiment: &Experiment, grids: &[Grid]) -> Vec<Diagnostic> {
        if KEYS_OF_FILES.iter().any(|name| experiment.doubtful.contains(index(name))) {
            return Vec::new();
        }
        let mut errors: Vec<Diagnostic> = self
            .found
            .iter()
            .map(|(grid, i, error)| {
                let place = [error.key, "data.path", "data.source"]
                    .iter()
                    .find_map(|key| place(experiment, &grids[*grid], index(key), *i));
                let diagnostic = Diagnostic::error(error.to_string());
                let diagnostic = match place {
                    Some(place) => diagnostic.at(place, ""),
                    None => diagnostic.in_source(&experiment.source),
                };
                diagnostic.help_if(did_you_mean(&error.problem)).help_if(error.problem.remedy())
            })
            .collect();
        if self.more > 0 {
            errors.push(Diagnostic::error("and more data files that cannot be used"));
        }
        errors
    }
}

/// Where the value of a key stands that point number `i` has.
fn place<'a>(experiment: &'a Experiment, grid: &'a Grid, key: usize, i: u64) -> Option<&'a Place> {
    let swept = grid.values(key).zip(grid.value_number(key, i));
    swept.map(|(values, number)| values.place(number)).or_else(|| experiment.said.get(&key))
}

fn did_you_mean(problem: &Problem) -> Option<String> {
    let Problem::NoColumnNamed { name, columns } = problem else { return None };
    closest(name, columns.iter().map(String::as_str)).map(|near| format!("did you mean {near:?}?"))
}

fn index(name: &str) -> usize {
    key_index(name).expect("a key of the table")
}
