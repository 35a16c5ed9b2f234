//! What a check reports, case by case: one for each expectation, and one for each cell of the baseline. Terminal, JUnit,
//! GitHub and JSON all show these.

use std::collections::BTreeMap;

use super::baseline::{Allowed, AxisValue, Baseline, Comparison, Key, Offender};
use super::decide::{Decision, Judged};
use super::judge::{Checked, CheckedCell, Finding};
use super::outcome::Outcome;
use crate::config::Expectation;
use crate::kernels::log10;
use crate::plan::Plan;
use crate::spec::{Claim, LayerAt, Reading, StepAt};

/// Something that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Of what kind it is.
    pub kind: Kind,
    /// An expectation's name, or a cell of the baseline.
    pub name: String,
    /// The line of the config that it is about.
    pub line: usize,
    /// What came of it.
    pub status: Status,
    /// How bad it is beside others of its kind: of a claim -log10 of the p-value of its worst cell (infinite where no
    /// statistics were needed), of a baseline's cell the largest difference in decades (infinite where a number is not
    /// there); 0 where all is as it should be.
    pub severity: f64,
    /// What there is to say, worst first; empty where all is as it should be and there is nothing to add.
    pub messages: Vec<String>,
}

impl Case {
    /// Those with this status, the expectations first, and of each kind the worst first.
    pub fn worst_first(cases: &[Self], status: Status) -> Vec<&Self> {
        let mut chosen: Vec<&Self> = cases.iter().filter(|case| case.status == status).collect();
        chosen.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| b.severity.total_cmp(&a.severity)));
        chosen
    }
}

/// The kinds of cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An `[[expect]]`.
    Expectation,
    /// A cell of the baseline.
    Baseline,
}

impl Kind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expectation => "expect",
            Self::Baseline => "baseline",
        }
    }
}

/// What came of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// The seeds do not tell.
    Undecided,
    /// It does not hold, as is known.
    ExpectedFailure,
}

impl Status {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Undecided => "undecided",
            Self::ExpectedFailure => "expected_failure",
        }
    }
}

/// The cases of all expectations, in the order of the config.
pub fn of_expectations(plan: &Plan, checked: &[Checked]) -> Vec<Case> {
    checked.iter().map(|checked| of_expectation(plan, checked)).collect()
}

fn of_expectation(plan: &Plan, checked: &Checked) -> Case {
    let expectation = &plan.expectations()[checked.number];
    let (status, mut messages) = match &checked.outcome {
        Outcome::Passed => (Status::Passed, Vec::new()),
        Outcome::Failed => {
            (Status::Failed, of_cells(plan, expectation, checked, |d| matches!(d, Decision::Violated { .. })))
        }
        Outcome::Undecided { .. } => {
            (Status::Undecided, of_cells(plan, expectation, checked, |d| matches!(d, Decision::Undecided { .. })))
        }
        Outcome::FailedAsExpected { reason } => (Status::ExpectedFailure, vec![format!("known: {reason}")]),
        Outcome::UnexpectedlyHolds { reason } => (
            Status::Failed,
            vec![format!("it holds, although it is known not to ({reason}): take expected_failure away")],
        ),
    };
    if checked.cells.is_empty() {
        messages.push("nothing is known of what it speaks of".into());
    }
    let (name, line) = (expectation.name.clone(), expectation.place.line());
    Case { kind: Kind::Expectation, name, line, status, severity: severity(checked, status), messages }
}

/// -log10 of the least p-value of its cells.
fn severity(checked: &Checked, status: Status) -> f64 {
    if status != Status::Failed {
        return 0.0;
    }
    let p = |cell: &CheckedCell| match cell.decision() {
        Decision::Violated { p } => p,
        Decision::Holds | Decision::Undecided { .. } => 1.0,
    };
    // Subtracted, for the negative of 0 is -0.
    0.0 - log10(checked.cells.iter().map(p).fold(1.0, f64::min))
}

/// A sentence for each cell with such a decision, those that are furthest off first.
fn of_cells(plan: &Plan, expectation: &Expectation, checked: &Checked, is: impl Fn(&Decision) -> bool) -> Vec<String> {
    let mut cells: Vec<&CheckedCell> = checked.cells.iter().filter(|cell| is(&cell.decision())).collect();
    let off = |cell: &CheckedCell| match &cell.finding {
        Finding::Number { judged, low, high, .. } => {
            let off = (low - judged.mean).max(judged.mean - high);
            if off.is_nan() { f64::INFINITY } else { off }
        }
        Finding::Share { .. } => 0.0,
    };
    cells.sort_by(|a, b| off(b).total_cmp(&off(a)));
    cells.into_iter().map(|cell| sentence(plan, expectation, cell)).collect()
}

/// `depth=20 activation=sigmoid: init_decades_per_layer is -0.627 [-0.635, -0.620] over 5 seeds, and should be at least -0.5`.
fn sentence(plan: &Plan, expectation: &Expectation, cell: &CheckedCell) -> String {
    match &cell.finding {
        Finding::Number { judged, low, high, offenders } => {
            let (what, is_log10) = subject(expectation);
            let number = |x: f64| if is_log10 { format!("{:.3e}", exp10(x)) } else { shown(x) };
            let wanted = wanted(*low, *high, number);
            let name = cell_name(plan, cell.runs[0]);
            if !offenders.is_empty() {
                let runs: Vec<String> = offenders.iter().take(5).map(|&run| run_name(plan, run)).collect();
                let more = if offenders.len() > 5 { ", .." } else { "" };
                return format!(
                    "{name}: {what} should be {wanted} in every seed, and is not in {}{more}",
                    runs.join(", ")
                );
            }
            format!("{name}: {what} {}, and should be {wanted}{}", measured(judged, number), advice(judged.decision))
        }
        Finding::Share { matches, at_least, .. } => {
            let (n, what) = (cell.runs.len(), claim_words(&expectation.claim));
            let least = if *at_least >= 1.0 { "all".into() } else { format!("{:.0} % of them", 100.0 * at_least) };
            format!("{matches} of {n} runs are {what}, and {least} should be")
        }
    }
}

fn exp10(x: f64) -> f64 {
    crate::kernels::exp(x * std::f64::consts::LN_10)
}

/// What was measured, with how far it can be trusted.
fn measured(judged: &Judged, number: impl Fn(f64) -> String) -> String {
    let Judged { mean, ci95_low, ci95_high, n, n_not_finite, .. } = *judged;
    let broken = match n_not_finite {
        0 => String::new(),
        k => format!(", not finite in {k} more"),
    };
    if n == 0 {
        return format!("is not finite in any of {n_not_finite} seeds");
    }
    format!("is {} [{}, {}] over {n} seeds{broken}", number(mean), number(ci95_low), number(ci95_high))
}

fn wanted(low: f64, high: f64, number: impl Fn(f64) -> String) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("between {} and {}", number(low), number(high)),
        (true, false) => format!("at least {}", number(low)),
        (false, _) => format!("at most {}", number(high)),
    }
}

fn advice(decision: Decision) -> String {
    match decision {
        Decision::Undecided { seeds: Some(n) } => format!(": about {n} seeds would decide"),
        Decision::Undecided { seeds: None } => ": no number of seeds would decide".into(),
        Decision::Holds | Decision::Violated { .. } => String::new(),
    }
}

fn shown(x: f64) -> String {
    if x != 0.0 && (x.abs() < 1e-3 || x.abs() >= 1e5) { format!("{x:.3e}") } else { format!("{x:.4}") }
}

/// What a number is called, and whether it is judged by its log10.
fn subject(expectation: &Expectation) -> (String, bool) {
    let Claim::Number { reading, says, .. } = &expectation.claim else { return (String::new(), false) };
    let at = |step: StepAt| match step {
        StepAt::First => String::new(),
        StepAt::Last => " at the last step".into(),
        StepAt::Number(step) => format!(" at step {step}"),
    };
    let name = reading.metric().name();
    let what = match reading {
        Reading::Run(_) => name.to_owned(),
        Reading::Layer { layer, step, .. } => {
            let layer = match layer {
                LayerAt::Number(layer) => format!("layer {layer}"),
                LayerAt::Last => "the last hidden layer".into(),
                LayerAt::Head => "the head".into(),
            };
            format!("{name} of {layer}{}", at(*step))
        }
        Reading::Lag { lag, step, .. } => format!("{name} at lag {lag}{}", at(*step)),
    };
    let is_norm = reading.metric().is_norm();
    match says {
        crate::spec::Says::Within(_) => (what, is_norm),
        crate::spec::Says::Difference { .. } => (format!("the difference in {what}"), false),
        crate::spec::Says::Decades { .. } => (format!("log10 of the ratio of {what}"), false),
    }
}

fn claim_words(claim: &Claim) -> String {
    match claim {
        Claim::Verdict { any_of, .. } => any_of.iter().map(|verdict| verdict.name()).collect::<Vec<_>>().join(" or "),
        Claim::Learned { learned: true, .. } => "nets that learned".into(),
        Claim::Learned { learned: false, .. } => "nets that did not learn".into(),
        Claim::Number { .. } => String::new(),
    }
}

/// A cell by the values of its axes, the seed left out.
fn cell_name(plan: &Plan, run: usize) -> String {
    name(plan, run, |key| key != "seed")
}

/// A run by all of them.
fn run_name(plan: &Plan, run: usize) -> String {
    name(plan, run, |_| true)
}

fn name(plan: &Plan, run: usize, is_shown: impl Fn(&str) -> bool) -> String {
    let columns = plan.columns().iter().zip(plan.axis_values(run));
    let shown = columns.filter(|(column, _)| is_shown(crate::spec::KEYS[column.key].name));
    let values: Vec<String> = shown.map(|(column, value)| format!("{}={value}", column.name)).collect();
    if values.is_empty() { format!("run {run}") } else { values.join(" ") }
}

/// One case for each cell of a comparison with a baseline; `line` is that of the config that speaks for it.
pub fn of_baseline<'a>(comparison: &'a Comparison, new: &'a Baseline, line: usize) -> Vec<Case> {
    let axes = &new.axes;
    let mut cases: BTreeMap<&[AxisValue], Case> = BTreeMap::new();
    let mut add = |key: &'a Key, wrong: Option<(f64, String)>| {
        let case = cases.entry(&key.cell).or_insert_with(|| {
            let values = axes.iter().zip(&key.cell).map(|(axis, value)| format!("{axis}={}", value.0));
            let name = values.collect::<Vec<_>>().join(" ");
            let name = if name.is_empty() { "all runs".into() } else { name };
            Case { kind: Kind::Baseline, name, line, status: Status::Passed, severity: 0.0, messages: Vec::new() }
        });
        if let Some((severity, message)) = wrong {
            case.status = Status::Failed;
            case.severity = case.severity.max(severity);
            case.messages.push(message);
        }
    };
    new.values.keys().for_each(|key| add(key, None));
    for offender in &comparison.offenders {
        add(&offender.key, Some((offender.decades.abs(), of_offender(offender))));
    }
    for key in &comparison.missing {
        add(key, Some((f64::INFINITY, format!("{} is in the baseline, and was not measured", of_key(key)))));
    }
    for key in &comparison.extra {
        add(key, Some((f64::INFINITY, format!("{} was measured, and is not in the baseline", of_key(key)))));
    }
    cases.into_values().collect()
}

fn of_key(key: &Key) -> String {
    if key.layer == 0 { key.metric.clone() } else { format!("{} of layer {}", key.metric, key.layer) }
}

/// `log10_delta_rms_init of layer 1 was -3.2, is -2.9: +0.3 decades (0.05 allowed)`.
fn of_offender(offender: &Offender) -> String {
    let Offender { key, old, new, decades, allowed } = offender;
    let allowed = match allowed {
        Allowed::Decades(0.0) => "none allowed".into(),
        Allowed::Decades(most) => format!("{most} allowed"),
        Allowed::Units(most) => format!("{most} of its own unit allowed"),
    };
    format!("{} was {old:?}, is {new:?}: {} decades ({allowed})", of_key(key), signed(*decades))
}

fn signed(decades: f64) -> String {
    let sign = if decades < 0.0 { "-" } else { "+" };
    let size = decades.abs();
    if size >= 0.001 || size == 0.0 { format!("{sign}{size:.3}") } else { format!("{sign}{size:.1e}") }
}
