//! Every point once: dropped, in conflict, folded into an earlier run, or a run of its own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::clash::Clashes;
use super::columns::columns;
use super::grid::Grid;
use super::unused::unused_keys;
use super::{Counts, Plan};
use crate::config::{Axis, Column, Diagnostic, Experiment, Include, Rule, grouped, has_errors, sort_by_place};
use crate::spec::{Draft, KEYS, KeySet, RunSpec};

impl Plan {
    /// Expands what a config says; every reason why that cannot be run is reported. Of an experiment with doubtful keys
    /// only such errors are reported as these keys cannot have caused.
    pub fn expand(experiment: Experiment) -> Result<Self, Vec<Diagnostic>> {
        if let Some(too_large) = too_large(&experiment) {
            return Err(vec![too_large]);
        }
        let grids = grids(&experiment);
        let mut rules: Vec<Matcher> = experiment.excludes.iter().map(Matcher::new).collect();
        let mut clashes = Clashes::new(&grids);
        let mut used = vec![KeySet::default(); grids.len()];
        let mut runs = Runs::default();
        let mut counts = Counts { points: grids[0].len(), ..Counts::default() };

        let mut number = 0;
        for (g, grid) in grids.iter().enumerate() {
            for i in 0..grid.len() {
                let this = u32::try_from(number).expect("a plan's size was checked");
                number += 1;
                let draft = grid.draft(i);
                let named = draft.named();
                let point = draft.point();
                if g == 0 && is_dropped(&mut rules, &point) {
                    counts.excluded += 1;
                    continue;
                }
                counts.included += u64::from(g > 0);
                let (spec, uses) = Draft::run(&point);
                used[g] = used[g].union(uses);
                if clashes.note(g, i, named, &point) {
                    continue;
                }
                match runs.add(this, &spec) {
                    Added::New => {}
                    Added::Twin(first) => {
                        if point_number(&grids, first) != spec {
                            return Err(vec![collision(&experiment, &spec)]);
                        }
                        counts.folded += 1;
                    }
                }
            }
        }

        let all_used = used.iter().fold(KeySet::default(), |all, set| all.union(*set));
        let mut diagnostics = clashes.diagnostics(&experiment, &grids, counts);
        diagnostics.extend(nothing_left(&experiment, counts));
        if !has_errors(&diagnostics) {
            diagnostics.extend(unused_keys(&experiment, &grids, &used));
        }
        if experiment.doubtful.is_empty() {
            diagnostics.extend(rules.iter().filter_map(|rule| rule.idle(&experiment)));
        }
        sort_by_place(&mut diagnostics, &experiment.sets);
        if has_errors(&diagnostics) {
            return Err(diagnostics);
        }
        let mut by_id: Vec<u32> =
            (0..runs.points.len()).map(|run| u32::try_from(run).expect("as many as points")).collect();
        by_id.sort_unstable_by_key(|run| runs.ids[*run as usize]);
        Ok(Self {
            columns: columns(&swept_keys(&grids)),
            experiment,
            grids,
            points: runs.points,
            ids: runs.ids,
            by_id,
            counts,
            used: all_used,
            warnings: diagnostics,
        })
    }
}

/// The grid, then each include. Where there are includes and no axis, the includes are all there is: a config that lists
/// its runs one by one does not mean `[run]` as one more.
fn grids(experiment: &Experiment) -> Vec<Grid> {
    let lists_its_runs = experiment.axes.is_empty() && !experiment.includes.is_empty();
    let grid = if lists_its_runs { Grid::empty() } else { Grid::new(&experiment.base, &experiment.axes) };
    let include = |include: &Include| Grid::new(&experiment.base, &include.axes);
    std::iter::once(grid).chain(experiment.includes.iter().map(include)).collect()
}

/// The refusal of a plan that is larger than `max_runs`, before any point is made.
fn too_large(experiment: &Experiment) -> Option<Diagnostic> {
    let size = |axes: &[Axis]| axes.iter().fold(1_u128, |size, axis| size.saturating_mul(axis.len().into()));
    let grid = size(&experiment.axes);
    let includes = experiment.includes.iter().fold(0_u128, |sum, include| sum.saturating_add(size(&include.axes)));
    let points = grid.saturating_add(includes);
    if points <= experiment.max_runs.into() {
        return None;
    }
    let message = format!("the plan has {} points, more than max_runs = {}", grouped(points), experiment.max_runs);
    let mut error = Diagnostic::error(message);
    for axis in experiment.axes.iter().chain(experiment.includes.iter().flat_map(|include| &include.axes)) {
        if axis.len() > 1 {
            error = error.at(&axis.place, format!("{} values", grouped(axis.len().into())));
        }
    }
    let sizes: Vec<String> = experiment.axes.iter().map(|axis| grouped(axis.len().into())).collect();
    if sizes.len() > 1 {
        error = error.help(format!("{} = {}", sizes.join(" x "), grouped(grid)));
    }
    Some(error.help("take fewer values, or raise max_runs at the top of the file"))
}

/// The runs so far.
#[derive(Debug, Default)]
struct Runs {
    points: Vec<u32>,
    ids: Vec<u64>,
    first: HashMap<u64, u32>,
}

enum Added {
    New,
    /// The number of the first point with this id.
    Twin(u32),
}

impl Runs {
    fn add(&mut self, point: u32, spec: &RunSpec) -> Added {
        let id = spec.id().0;
        match self.first.entry(id) {
            Entry::Occupied(first) => Added::Twin(*first.get()),
            Entry::Vacant(vacant) => {
                vacant.insert(point);
                self.points.push(point);
                self.ids.push(id);
                Added::New
            }
        }
    }
}

/// The run of a point by its number over all grids.
fn point_number(grids: &[Grid], number: u32) -> RunSpec {
    let mut number = u64::from(number);
    for grid in grids {
        if number < grid.len() {
            return Draft::run(&grid.draft(number).point()).0;
        }
        number -= grid.len();
    }
    unreachable!("the number is that of a point")
}

fn collision(experiment: &Experiment, spec: &RunSpec) -> Diagnostic {
    let message = format!("two different runs have the id {}: a coincidence of the hash", spec.id());
    Diagnostic::error(message).in_source(&experiment.source).help("change any value of one of them")
}

/// A rule with its values ready to be compared.
#[derive(Debug)]
struct Matcher<'a> {
    rule: &'a Rule,
    columns: Vec<(usize, Vec<RunSpec>)>,
    dropped: u64,
}

impl<'a> Matcher<'a> {
    fn new(rule: &'a Rule) -> Self {
        let specs = |column: &Column| {
            (0..column.values.len())
                .map(|i| {
                    let mut draft = Draft::default();
                    draft.set(column.key, &column.values.get(i));
                    draft.point()
                })
                .collect()
        };
        let columns = rule.columns.iter().map(|column| (column.key, specs(column))).collect();
        Self { rule, columns, dropped: 0 }
    }

    fn matches(&self, point: &RunSpec) -> bool {
        self.columns.iter().all(|(key, values)| values.iter().any(|value| (KEYS[*key].same)(point, value)))
    }

    /// A warning where the rule dropped no point.
    fn idle(&self, experiment: &Experiment) -> Option<Diagnostic> {
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
fn is_dropped(rules: &mut [Matcher<'_>], point: &RunSpec) -> bool {
    let mut dropped = false;
    for rule in rules {
        if rule.matches(point) {
            rule.dropped += 1;
            dropped = true;
        }
    }
    dropped
}

fn nothing_left(experiment: &Experiment, counts: Counts) -> Option<Diagnostic> {
    let rule = experiment.excludes.first()?;
    let nothing = counts.points == counts.excluded && counts.included == 0 && experiment.doubtful.is_empty();
    nothing.then(|| {
        let points = if counts.points == 1 { "the only point".into() } else { format!("all {} points", counts.points) };
        Diagnostic::error(format!("the rules exclude {points}: nothing is left to run")).at(&rule.place, "")
    })
}

/// The keys that any axis or include moves, each once, in the order of the grid and then of the includes.
fn swept_keys(grids: &[Grid]) -> Vec<usize> {
    let mut keys: Vec<usize> = Vec::new();
    for (key, _) in grids.iter().flat_map(Grid::swept) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
