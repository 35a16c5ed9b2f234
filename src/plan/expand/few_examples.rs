//! Warnings about data files whose split means little: few examples are for testing, or are of a class.

use crate::config::{Diagnostic, Experiment};
use crate::data::{Catalog, FewExamples};
use crate::plan::grid::Grid;
use crate::spec::key_index;

/// Files that are warned of, each with its own words.
const SHOWN: usize = 5;

/// A warning for each such file that points name.
pub(super) fn few_examples(experiment: &Experiment, grids: &[Grid], catalog: &Catalog) -> Vec<Diagnostic> {
    let mut files: Vec<(&str, &FewExamples)> =
        catalog.found().filter_map(|found| Some((found.path(), found.few.as_ref()?))).collect();
    files.sort_by_key(|(path, few)| (*path, few.tested, few.small_classes));
    files.dedup();
    let mut warnings: Vec<Diagnostic> = files.iter().take(SHOWN).map(|file| warning(experiment, grids, file)).collect();
    if files.len() > SHOWN {
        warnings.push(Diagnostic::warning(format!("and {} more files of few examples", files.len() - SHOWN)));
    }
    warnings
}

fn warning(experiment: &Experiment, grids: &[Grid], (path, few): &(&str, &FewExamples)) -> Diagnostic {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let class = few.smallest_class.as_ref().map(|(name, examples)| {
        let more = match few.small_classes {
            1 => String::new(),
            2 => ", and 1 more has fewer than 5".into(),
            classes => format!(", and {} more have fewer than 5", classes - 1),
        };
        format!("class {name:?} has {examples} example{}{more}", plural(*examples))
    });
    let tested = (few.tested < 10).then(|| match few.tested {
        1 => "1 example is for testing, fewer than 10".into(),
        tested => format!("{tested} examples are for testing, fewer than 10"),
    });
    let message = format!("{path}: {}", class.into_iter().chain(tested).collect::<Vec<_>>().join("; "));
    let key = key_index("data.path").expect("a key of the table");
    let swept = || grids.iter().find_map(|grid| grid.swept().find(|(swept, _)| *swept == key));
    let warning = match experiment.said.get(&key).or_else(|| swept().map(|(_, place)| place)) {
        Some(place) => Diagnostic::warning(message).at(place, ""),
        None => Diagnostic::warning(message).in_source(&experiment.source),
    };
    warning.help("add examples, or hold nothing out with data.test_fraction = 0")
}
