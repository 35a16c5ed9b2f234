//! Every expectation of a config held against the runs: its cells, what was found in each, and what comes of it.

use super::claim::Claim as Statistical;
use super::decide::{Decision, Judged, decide};
use super::each::{every_seed, share};
use super::known::Known;
use super::measured::{Measured, Runs};
use super::outcome::Outcome;
use crate::config::Expectation;
use crate::kernels::log10;
use crate::plan::{MatchedCell, Plan};
use crate::spec::{Claim, Of, Reading, Says, Share};

/// An expectation with what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Its number in the config, from 0.
    pub number: usize,
    /// Its cells in plan order; one that stands for all of them where the claim is about a share of the runs.
    pub cells: Vec<CheckedCell>,
    /// What is to be reported.
    pub outcome: Outcome,
}

/// A cell that an expectation speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedCell {
    /// Its runs.
    pub runs: Vec<usize>,
    /// What they show.
    pub finding: Finding,
}

/// What the runs of a cell show.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// A number, of each seed or its mean; of a norm log10 of it.
    Number {
        /// The decision with its statistics.
        judged: Judged,
        /// The least number that the claim admits; -inf where none is too low.
        low: f64,
        /// The greatest.
        high: f64,
        /// Of a claim about every seed, the runs that do not satisfy it.
        offenders: Vec<usize>,
    },
    /// How many of the runs are as claimed.
    Share {
        /// So many.
        matches: usize,
        /// The least share.
        at_least: f64,
        /// The runs that are not, each with what it is instead.
        offenders: Vec<(usize, &'static str)>,
        /// The decision.
        decision: Decision,
    },
}

impl CheckedCell {
    /// Whether the claim holds of it.
    pub fn decision(&self) -> Decision {
        match &self.finding {
            Finding::Number { judged, .. } => judged.decision,
            Finding::Share { decision, .. } => *decision,
        }
    }
}

/// A cell whose statistics are part of the file's family, and the bounds of its numbers.
struct Pending {
    expectation: usize,
    cell: usize,
}

/// Holds all expectations of a plan against its runs. A run that is missing satisfies nothing; a claim about what is not
/// known has no cell.
pub fn judge(plan: &Plan, runs: &Runs, known: &Known) -> Vec<Checked> {
    let expectations = plan.expectations();
    let (mut family, mut pending): (Vec<Statistical>, Vec<Pending>) = (Vec::new(), Vec::new());
    let mut found: Vec<Vec<CheckedCell>> = Vec::with_capacity(expectations.len());
    for (number, expectation) in expectations.iter().enumerate() {
        if !known.tells(&expectation.claim) {
            found.push(Vec::new());
            continue;
        }
        let matched = plan.matched(expectation);
        let mut cells = Vec::new();
        match &expectation.claim {
            Claim::Number { reading, says, of } => {
                let scale = Scale::of(*reading, says);
                for cell in matched {
                    let (runs_of_cell, values) = values(runs, *reading, scale, &cell);
                    if runs_of_cell.is_empty() {
                        // The plan has warned of it.
                        continue;
                    }
                    let (low, high) = bounds(says, scale);
                    let claim = Statistical { values, low, high };
                    let finding = match of {
                        Of::EverySeed => {
                            let each = every_seed(&claim.values, low, high);
                            let offenders = each.offenders.iter().map(|&i| runs_of_cell[i]).collect();
                            Finding::Number { judged: each.judged, low, high, offenders }
                        }
                        Of::Mean => {
                            pending.push(Pending { expectation: number, cell: cells.len() });
                            // Decided below, with the others.
                            let judged = decide(std::slice::from_ref(&claim))[0];
                            family.push(claim);
                            Finding::Number { judged, low, high, offenders: Vec::new() }
                        }
                    };
                    cells.push(CheckedCell { runs: runs_of_cell, finding });
                }
            }
            Claim::Verdict { any_of, at_least } => {
                let other = |run: &Measured| {
                    let verdict = run.summary().verdict;
                    (!any_of.contains(&verdict)).then(|| verdict.name())
                };
                cells.push(of_share(runs, &matched, *at_least, other));
            }
            Claim::Learned { learned, at_least } => {
                let other = |run: &Measured| {
                    let has = run.summary().learned;
                    (has != *learned).then_some(if has { "learned" } else { "did not learn" })
                };
                cells.push(of_share(runs, &matched, *at_least, other));
            }
        }
        found.push(cells);
    }
    for (at, judged) in pending.into_iter().zip(decide(&family)) {
        if let Finding::Number { judged: place, .. } = &mut found[at.expectation][at.cell].finding {
            *place = judged;
        }
    }
    let checked = found.into_iter().zip(expectations).enumerate();
    checked
        .map(|(number, (cells, expectation))| Checked { number, outcome: outcome(&cells, expectation), cells })
        .collect()
}

/// What is made of a number before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Itself,
    Log10,
}

impl Scale {
    /// Norms spread over decades, so that their means, and differences in decades, are those of log10; a difference in
    /// their own unit is not.
    fn of(reading: Reading, says: &Says) -> Self {
        match says {
            Says::Within(_) | Says::Decades { .. } if reading.metric().is_norm() => Self::Log10,
            Says::Within(_) | Says::Decades { .. } | Says::Difference { .. } => Self::Itself,
        }
    }

    fn value(self, x: f64) -> f64 {
        match self {
            Self::Itself => x,
            // No norm is below 0, so a claim without a lower bound has that one.
            Self::Log10 => {
                if x < 0.0 {
                    f64::NEG_INFINITY
                } else {
                    log10(x)
                }
            }
        }
    }
}

/// The runs of a cell that have a number to judge, and these numbers: of a relation its differences.
fn values(runs: &Runs, reading: Reading, scale: Scale, cell: &MatchedCell) -> (Vec<usize>, Vec<f64>) {
    let value = |run: usize| scale.value(runs.get(run).map_or(f64::NAN, |measured| measured.value(reading)));
    match &cell.partners {
        None => (cell.runs.clone(), cell.runs.iter().map(|&run| value(run)).collect()),
        Some(partners) => {
            let pairs = cell.runs.iter().zip(partners).filter_map(|(&run, partner)| Some((run, (*partner)?)));
            pairs.map(|(run, partner)| (run, value(run) - value(partner))).unzip()
        }
    }
}

/// The bounds of what is judged.
fn bounds(says: &Says, scale: Scale) -> (f64, f64) {
    match says {
        Says::Within(bounds) => (scale.value(bounds.min()), scale.value(bounds.max())),
        Says::Difference { at_least, .. } | Says::Decades { at_least, .. } => (*at_least, f64::INFINITY),
    }
}

/// All matched runs together; `other` says what a run is if it is not as claimed.
fn of_share(
    runs: &Runs,
    matched: &[MatchedCell],
    at_least: Share,
    other: impl Fn(&Measured) -> Option<&'static str>,
) -> CheckedCell {
    let all: Vec<usize> = matched.iter().flat_map(|cell| cell.runs.iter().copied()).collect();
    let is_other = |&run: &usize| runs.get(run).map_or(Some("no result"), &other).map(|what| (run, what));
    let offenders: Vec<(usize, &str)> = all.iter().filter_map(is_other).collect();
    let matches = all.len() - offenders.len();
    let holds = share(matches, all.len(), at_least.get());
    let decision = if holds { Decision::Holds } else { Decision::Violated { p: 0.0 } };
    CheckedCell { runs: all, finding: Finding::Share { matches, at_least: at_least.get(), offenders, decision } }
}

/// The worst of the cells: one that is violated, then one that is not decided.
fn outcome(cells: &[CheckedCell], expectation: &Expectation) -> Outcome {
    let rank = |decision: &Decision| match decision {
        Decision::Holds => 0,
        Decision::Undecided { .. } => 1,
        Decision::Violated { .. } => 2,
    };
    // max_by_key keeps the last of equals.
    let worst = cells.iter().rev().map(CheckedCell::decision).max_by_key(rank);
    let decision = worst.unwrap_or(Decision::Undecided { seeds: None });
    match &expectation.expected_failure {
        None => Outcome::of(decision),
        Some(reason) => Outcome::with_expected_failure(decision, reason),
    }
}
