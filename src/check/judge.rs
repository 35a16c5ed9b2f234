//! Every expectation of a config held against the runs: its cells, what was found in each, and what comes of it.

use super::claim::StatisticalClaim;
use super::decide::{Decision, Judged, decide};
use super::each::{every_seed, share};
use super::known::Known;
use super::measured::{Measured, Runs};
use super::outcome::CaseOutcome;
use super::value::{Absent, Scale, Value};
use crate::config::Expectation;
use crate::metric::Verdict;
use crate::plan::{MatchedCell, Plan};
use crate::spec::{Assertion, Claim, LayerMetric, Metric, Of, Reading, Share};

/// An expectation with what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Its number in the config, from 0.
    pub number: usize,
    /// Its cells in plan order; one that stands for all of them where the claim is about a share of the runs.
    pub cells: Vec<CheckedCell>,
    /// What is to be reported.
    pub outcome: CaseOutcome,
    /// What the runs do not tell that the claim speaks of, and how to get it, in a sentence.
    pub lacks: Option<String>,
}

impl Checked {
    /// Whether the runs tell anything of the claim, be it in one cell.
    pub fn is_decided(&self) -> bool {
        self.cells.iter().any(|cell| !matches!(cell.decision(), Decision::Undecided { .. }))
    }
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
    /// A number of each seed, or its mean; log10 of it for a norm.
    Number {
        /// The decision with its statistics.
        judged: Judged,
        /// The least number that the claim admits; -inf where none is too low.
        low: f64,
        /// The greatest.
        high: f64,
        /// Whether the claim is about every seed by itself.
        of: Of,
        /// What each run has, in the order of the cell's runs.
        seeds: Vec<Value>,
    },
    /// How many of the runs are as claimed.
    Share {
        /// How many are as claimed.
        matches: usize,
        /// The least share.
        at_least: f64,
        /// The runs that are not, each with what it is instead.
        offenders: Vec<(usize, String)>,
        /// What the runs are: each verdict, or whether they learned, with how many are so.
        found: Vec<(&'static str, usize)>,
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

/// Holds all expectations of a plan against its runs. A run that is missing satisfies nothing; a claim about what is
/// not known has no cell.
pub fn judge(plan: &Plan, runs: &Runs, known: &Known) -> Vec<Checked> {
    let expectations = plan.expectations();
    let (mut family, mut pending): (Vec<StatisticalClaim>, Vec<Pending>) = (Vec::new(), Vec::new());
    let mut found: Vec<Vec<CheckedCell>> = Vec::with_capacity(expectations.len());
    for (number, expectation) in expectations.iter().enumerate() {
        if known.lacks(&expectation.claim).is_some() {
            found.push(Vec::new());
            continue;
        }
        let matched = plan.matched(expectation);
        let mut cells = Vec::new();
        match &expectation.claim {
            Claim::Number { reading, says, of } => {
                let scale = Scale::of(*reading, says);
                for cell in matched {
                    let (runs_of_cell, seeds) = values(runs, *reading, scale, &cell);
                    if runs_of_cell.is_empty() {
                        // The plan has warned of it.
                        continue;
                    }
                    let (low, high) = bounds(says, scale);
                    let claim = StatisticalClaim { values: evidence(&seeds, *reading, scale, low), low, high };
                    let judged = match of {
                        Of::EverySeed => every_seed(&claim.values, low, high).judged,
                        Of::Mean => decide(std::slice::from_ref(&claim))[0],
                    };
                    if *of == Of::Mean {
                        // Decided below, with the others.
                        pending.push(Pending { expectation: number, cell: cells.len() });
                        family.push(claim);
                    }
                    let finding = Finding::Number { judged, low, high, of: *of, seeds };
                    cells.push(CheckedCell { runs: runs_of_cell, finding });
                }
            }
            Claim::Verdict { any_of, at_least } => {
                let is = |run: &Measured| run.summary().verdict;
                let claimed = |verdict: &Verdict| any_of.contains(verdict);
                cells.push(of_share(runs, &matched, *at_least, |run| (is(run).name(), claimed(&is(run)))));
            }
            Claim::Learned { learned, at_least } => {
                let named = |has: bool| if has { "learned" } else { "did not learn" };
                let is = |run: &Measured| run.summary().learned;
                cells.push(of_share(runs, &matched, *at_least, |run| (named(is(run)), is(run) == *learned)));
            }
        }
        found.push(cells);
    }
    for (at, judged) in pending.into_iter().zip(decide(&family)) {
        if let Finding::Number { judged: place, .. } = &mut found[at.expectation][at.cell].finding {
            *place = judged;
        }
    }
    found.iter_mut().flatten().for_each(CheckedCell::doubt);
    let checked = found.into_iter().zip(expectations).enumerate();
    let checked = checked.map(|(number, (cells, expectation))| {
        let outcome = outcome(&cells, expectation);
        Checked { number, outcome, lacks: known.lacks(&expectation.claim).or(known.doubts(&expectation.claim)), cells }
    });
    checked.collect()
}

impl CheckedCell {
    /// Makes a claim undecided of which some seeds tell nothing, unless the others violate it.
    fn doubt(&mut self) {
        let Finding::Number { judged, seeds, .. } = &mut self.finding else { return };
        let tells_nothing = |seed: &Value| seed.absent().is_some_and(|why| !why.violates());
        if seeds.iter().any(tells_nothing) && !matches!(judged.decision, Decision::Violated { .. }) {
            judged.decision = Decision::Undecided { seeds: None };
        }
    }
}

/// Returns what the seeds of a cell say as numbers: NaN where the claim is violated for want of one. Seeds that tell
/// nothing are left out.
fn evidence(seeds: &[Value], reading: Reading, scale: Scale, low: f64) -> Vec<f64> {
    let is_gradient = matches!(reading.metric(), Metric::Layer(LayerMetric::GradNorm | LayerMetric::DeltaRms));
    let zero = scale.value(0.0);
    let number = |seed: &Value| match seed {
        Value::Number(x) => Some(*x),
        // No gradient anywhere is none in this layer, either: too little for a claim of at least something.
        Value::Absent(Absent::Silent { .. }) if is_gradient && zero < low => Some(zero),
        Value::Absent(why) | Value::OtherAbsent(why) => why.violates().then_some(f64::NAN),
    };
    seeds.iter().filter_map(number).collect()
}

/// Returns the runs of a cell that are judged, and what each has; for a relation, its differences.
fn values(runs: &Runs, reading: Reading, scale: Scale, cell: &MatchedCell) -> (Vec<usize>, Vec<Value>) {
    let value = |run: usize| runs.get(run).map_or_else(Value::Absent, |measured| measured.value(reading, scale));
    match &cell.partners {
        None => (cell.runs.clone(), cell.runs.iter().map(|&run| value(run)).collect()),
        Some(partners) => {
            let pairs = cell.runs.iter().zip(partners).filter_map(|(&run, partner)| Some((run, (*partner)?)));
            pairs.map(|(run, partner)| (run, less(value(run), value(partner)))).unzip()
        }
    }
}

/// Returns the difference of what two runs have.
fn less(own: Value, other: Value) -> Value {
    match (own, other) {
        (Value::Number(f64::NEG_INFINITY), Value::Number(f64::NEG_INFINITY)) => Value::Absent(Absent::BothAreZero),
        (Value::Number(own), Value::Number(f64::NEG_INFINITY)) if own < f64::INFINITY => {
            Value::Absent(Absent::OtherIsZero)
        }
        (Value::Number(own), Value::Number(other)) => Value::Number(own - other),
        (own, other) => match (own.absent(), other.absent()) {
            (Some(why), None) => Value::Absent(why),
            (Some(why), Some(other)) if why.violates() || !other.violates() => Value::Absent(why),
            (_, Some(other)) => Value::OtherAbsent(other),
            (None, None) => unreachable!("two numbers have a difference"),
        },
    }
}

/// The bounds of what is judged.
fn bounds(says: &Assertion, scale: Scale) -> (f64, f64) {
    match says {
        Assertion::Within(bounds) => (scale.value(bounds.min()), scale.value(bounds.max())),
        Assertion::Difference { at_least, .. } | Assertion::Decades { at_least, .. } => (*at_least, f64::INFINITY),
    }
}

/// Judges all matched runs together; `is` says what a run is, and whether that is as claimed.
fn of_share(
    runs: &Runs,
    matched: &[MatchedCell],
    at_least: Share,
    is: impl Fn(&Measured) -> (&'static str, bool),
) -> CheckedCell {
    let all: Vec<usize> = matched.iter().flat_map(|cell| cell.runs.iter().copied()).collect();
    let mut offenders: Vec<(usize, String)> = Vec::new();
    let mut found: Vec<(&str, usize)> = Vec::new();
    for &run in &all {
        match runs.get(run).map(&is) {
            Ok((what, is_claimed)) => {
                match found.iter_mut().find(|(known, _)| *known == what) {
                    Some((_, n)) => *n += 1,
                    None => found.push((what, 1)),
                }
                if !is_claimed {
                    offenders.push((run, what.into()));
                }
            }
            Err(why) => offenders.push((run, why.text())),
        }
    }
    let matches = all.len() - offenders.len();
    let holds = share(matches, all.len(), at_least.get());
    let decision = if holds { Decision::Holds } else { Decision::Violated { p: 0.0 } };
    CheckedCell { runs: all, finding: Finding::Share { matches, at_least: at_least.get(), offenders, found, decision } }
}

/// Returns the worst of the cells: one that is violated, then one that is not decided.
fn outcome(cells: &[CheckedCell], expectation: &Expectation) -> CaseOutcome {
    let rank = |decision: &Decision| match decision {
        Decision::Holds => 0,
        Decision::Undecided { .. } => 1,
        Decision::Violated { .. } => 2,
    };
    // max_by_key keeps the last of equals.
    let worst = cells.iter().rev().map(CheckedCell::decision).max_by_key(rank);
    let decision = worst.unwrap_or(Decision::Undecided { seeds: None });
    match &expectation.expected_failure {
        None => CaseOutcome::of(decision),
        Some(reason) => CaseOutcome::with_expected_failure(decision, reason),
    }
}
