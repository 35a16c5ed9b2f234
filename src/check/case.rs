//! What a check reports, case by case: one for each expectation, and one for each cell of the baseline. Terminal,
//! JUnit, GitHub and JSON all show these.

use std::collections::BTreeMap;

use super::baseline::{AxisValue, Baseline, BaselineKey};
use super::claim::is_within;
use super::comparison::{Allowed, Comparison, Offender};
use super::decide::{Decision, Judged};
use super::judge::{Checked, CheckedCell, Finding};
use super::known::Known;
use super::measured::Runs;
use super::outcome::CaseOutcome;
use super::value::{Absent, LayerName, Value};
use crate::config::Expectation;
use crate::kernels::{exp10, log10};
use crate::names::named;
use crate::plan::Plan;
use crate::spec::{Claim, KEYS, LayerAt, Of, Reading, StepAt};

/// Something that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The kind of the case.
    pub kind: CaseKind,
    /// An expectation's name, or a cell of the baseline.
    pub name: String,
    /// The line of the config that it is about.
    pub line: usize,
    /// What came of it.
    pub status: Status,
    /// Whether anything was found, if only in one cell. A check in which nothing was found is not green.
    pub is_decided: bool,
    /// How bad it is beside others of its kind; 0 where all is as it should be. For a claim it is -log10 of the p-value
    /// of its worst cell, infinite where no statistics were needed. For a cell of the baseline it is the largest
    /// difference in decades, infinite where a number is missing.
    pub severity: f64,
    /// What there is to say. For a claim, it is what was measured in each cell: worst first, or nearest to its bounds
    /// first where the claim holds. For a cell of the baseline, it is what is not as it was.
    pub messages: Vec<String>,
    /// What was measured in each cell of a claim about a number, in plan order.
    pub measured: Vec<Measurement>,
}

/// What was measured of a claim in a cell: log10 of a norm, and the difference for a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The cell's values on the swept axes, the seed left out.
    pub cell: String,
    /// What the numbers are: the metric, with its layer and step.
    pub what: String,
    /// Whether the numbers are log10 of what is claimed.
    pub is_log10: bool,
    /// Mean over the finite ones of the seeds' numbers with its 95 % interval, and the counts.
    pub judged: Judged,
    /// The least number that the claim admits; -inf where none is too low.
    pub low: f64,
    /// The greatest; +inf where none is too high.
    pub high: f64,
    /// Each seed's own number, or why it has none.
    pub seeds: Vec<(String, Value)>,
}

impl Measurement {
    /// Returns what was measured; none for a claim about shares of runs.
    fn of(plan: &Plan, expectation: &Expectation, cell: &CheckedCell) -> Option<Self> {
        let Finding::Number { judged, low, high, seeds, .. } = &cell.finding else { return None };
        let (what, is_log10) = subject(expectation);
        let seeds = cell.runs.iter().zip(seeds).map(|(&run, seed)| (seed_name(plan, run), *seed)).collect();
        let cell = cell_name(plan, cell.runs[0]);
        Some(Self { cell, what, is_log10, judged: *judged, low: *low, high: *high, seeds })
    }
}

impl Case {
    /// Returns the cases with this status, the expectations first, and the worst first within each kind.
    pub fn worst_first(cases: &[Self], status: Status) -> Vec<&Self> {
        let mut chosen: Vec<&Self> = cases.iter().filter(|case| case.status == status).collect();
        chosen.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| b.severity.total_cmp(&a.severity)));
        chosen
    }
}

named! {
    /// The kinds of cases, each in a word.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum CaseKind {
        /// The check as a whole.
        Check = "check",
        /// An `[[expect]]`.
        Expectation = "expect",
        /// A cell of the baseline.
        Baseline = "baseline",
    }
}

named! {
    /// What came of a case, in a word.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Status {
        /// It is as it should be.
        Passed = "passed",
        /// It is not.
        Failed = "failed",
        /// The seeds do not tell.
        Undecided = "undecided",
        /// It does not hold, as is known.
        ExpectedFailure = "expected_failure",
    }
}

/// Returns the cases of all expectations, in the order of the config.
pub fn of_expectations(plan: &Plan, checked: &[Checked]) -> Vec<Case> {
    checked.iter().map(|checked| of_expectation(plan, checked)).collect()
}

/// Returns the case of a check in which nothing was decided: such a check is not green.
pub fn of_nothing_decided() -> Case {
    let message = "NOTHING WAS DECIDED: no claim was found to hold or to be violated, and no number was compared; what is \
                   said of each claim tells what is missing";
    Case {
        kind: CaseKind::Check,
        name: "something is decided".into(),
        line: 1,
        status: Status::Failed,
        is_decided: false,
        severity: f64::INFINITY,
        messages: vec![message.into()],
        measured: Vec::new(),
    }
}

fn of_expectation(plan: &Plan, checked: &Checked) -> Case {
    let expectation = &plan.expectations()[checked.number];
    let sentences = |is: fn(&Decision) -> bool| of_cells(plan, expectation, checked, is);
    let (status, mut messages) = match &checked.outcome {
        CaseOutcome::Passed => (Status::Passed, sentences(|_| true)),
        CaseOutcome::Failed => (Status::Failed, sentences(|d| matches!(d, Decision::Violated { .. }))),
        CaseOutcome::Undecided { .. } => (Status::Undecided, sentences(|d| matches!(d, Decision::Undecided { .. }))),
        CaseOutcome::FailedAsExpected { reason } => {
            let known = [format!("known: {reason}")];
            let not_so = sentences(|d| !matches!(d, Decision::Holds));
            (Status::ExpectedFailure, known.into_iter().chain(not_so).collect())
        }
        CaseOutcome::UnexpectedlyHolds { reason } => {
            let holds = format!("it holds, although it is known not to ({reason}): take expected_failure away");
            (Status::Failed, std::iter::once(holds).chain(sentences(|_| true)).collect())
        }
    };
    match &checked.lacks {
        // A doubt belongs to what it is about, however few of the messages are shown.
        Some(doubt) if !checked.cells.is_empty() => {
            messages.iter_mut().for_each(|said| said.extend([" (", doubt, ")"]));
        }
        Some(lacks) => messages.push(lacks.clone()),
        None if checked.cells.is_empty() => messages.push("no run is in what it speaks of".into()),
        None => {}
    }
    Case {
        kind: CaseKind::Expectation,
        name: expectation.name.clone(),
        line: expectation.place.line(),
        status,
        is_decided: checked.is_decided(),
        severity: severity(checked, status),
        messages,
        measured: checked.cells.iter().filter_map(|cell| Measurement::of(plan, expectation, cell)).collect(),
    }
}

/// Returns -log10 of the least p-value of its cells.
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

/// Writes a sentence for each cell with such a decision, those first that are furthest off, or nearest to their bounds.
fn of_cells(plan: &Plan, expectation: &Expectation, checked: &Checked, is: fn(&Decision) -> bool) -> Vec<String> {
    let mut cells: Vec<&CheckedCell> = checked.cells.iter().filter(|cell| is(&cell.decision())).collect();
    let off = |cell: &CheckedCell| match &cell.finding {
        Finding::Number { judged, low, high, .. } => {
            let off = (low - judged.mean).max(judged.mean - high);
            if off.is_nan() { f64::INFINITY } else { off }
        }
        Finding::Share { .. } => 0.0,
    };
    cells.sort_by(|a, b| off(b).total_cmp(&off(a)));
    cells.into_iter().map(|cell| sentence(plan, expectation, cell, &prefix(plan, checked, cell))).collect()
}

/// Returns the beginning of a sentence about a cell: where to look for what is wrong, and for what holds just what
/// tells the claim's cells apart.
fn prefix(plan: &Plan, checked: &Checked, cell: &CheckedCell) -> String {
    let name = match checked.outcome {
        CaseOutcome::Passed => {
            let values = |cell: &CheckedCell| plan.axis_cells(cell.runs[0]);
            let (own, others) = (values(cell), checked.cells.iter().map(values).collect::<Vec<_>>());
            let columns = plan.columns().iter().enumerate().filter(|(_, column)| KEYS[column.key].name != "seed");
            let telling = columns.filter(|(i, _)| others.iter().any(|other| other[*i] != own[*i]));
            telling.map(|(i, column)| format!("{}={}", column.name, own[i])).collect::<Vec<_>>().join(" ")
        }
        CaseOutcome::Undecided { .. }
        | CaseOutcome::Failed
        | CaseOutcome::FailedAsExpected { .. }
        | CaseOutcome::UnexpectedlyHolds { .. } => cell_name(plan, cell.runs[0]),
    };
    if name.is_empty() { name } else { name + ": " }
}

/// Runs that a sentence names.
const MOST_NAMED: usize = 5;

/// Writes a sentence about a cell: `depth=20 activation=sigmoid: init_decades_per_layer is -0.627 [-0.635, -0.620] over
/// 5 seeds, and should be at least -0.5`.
fn sentence(plan: &Plan, expectation: &Expectation, cell: &CheckedCell, prefix: &str) -> String {
    match &cell.finding {
        Finding::Number { judged, low, high, of, seeds } => {
            let (what, is_log10) = subject(expectation);
            let number = |x: f64| if is_log10 { norm(x) } else { shown(x) };
            let wanted = wanted(*low, *high, number);
            let absent = seeds
                .iter()
                .zip(&cell.runs)
                .filter_map(|(seed, &run)| seed.why().map(|why| format!("{}: {why}", seed_name(plan, run))));
            let absent = absent.collect::<Vec<_>>();
            let absent = if absent.is_empty() { String::new() } else { format!("; {}", some(&absent, "; ")) };
            match of {
                Of::Mean => {
                    let (measured, advice) = (measured(judged, seeds, is_log10, number), advice(judged.decision));
                    format!("{prefix}{what} {measured}, and should be {wanted}{advice}{absent}")
                }
                Of::EverySeed => {
                    let of_seed = |(x, run): (f64, usize)| format!("{} ({})", number(x), seed_name(plan, run));
                    let [outside, within] = by_seed(seeds, &cell.runs, *low, *high);
                    let not_so: Vec<String> = outside.iter().map(|(_, run)| seed_name(plan, *run)).collect();
                    let not_so =
                        if not_so.is_empty() { String::new() } else { format!("; not so {}", some(&not_so, ", ")) };
                    // Those that do not satisfy the claim come first.
                    let values: Vec<String> = outside.into_iter().chain(within).map(of_seed).collect();
                    let is =
                        if values.is_empty() { String::new() } else { format!("is {}, and ", some(&values, ", ")) };
                    format!("{prefix}{what} {is}should be {wanted} in every seed{not_so}{absent}")
                }
            }
        }
        Finding::Share { matches, at_least, offenders, found, .. } => {
            let (n, what) = (cell.runs.len(), claim_words(&expectation.claim));
            let least = if *at_least >= 1.0 { "all".into() } else { format!("{} % of them", 100.0 * at_least) };
            let found: Vec<String> = found.iter().map(|(what, n)| format!("{n} {what}")).collect();
            let is_plain = found.len() < 2 && offenders.is_empty();
            let found = if is_plain || found.is_empty() { String::new() } else { format!(" ({})", found.join(", ")) };
            let named: Vec<String> =
                offenders.iter().map(|(run, what)| format!("{} ({what})", run_name(plan, *run))).collect();
            let not_so = if named.is_empty() { String::new() } else { format!("; not so {}", some(&named, ", ")) };
            format!("{matches} of {n} runs are {what}{found}, and {least} should be{not_so}")
        }
    }
}

/// Splits the numbers of a cell, with their runs, into those outside the bounds and those within.
fn by_seed(seeds: &[Value], runs: &[usize], low: f64, high: f64) -> [Vec<(f64, usize)>; 2] {
    let numbers = seeds.iter().zip(runs).filter_map(|(seed, &run)| match seed {
        Value::Number(x) => Some((*x, run)),
        Value::Absent(_) | Value::OtherAbsent(_) => None,
    });
    let (within, outside) = numbers.partition(|(x, _)| is_within(*x, low, high));
    [outside, within]
}

/// Joins the first of some texts, and says how many more there are.
fn some(texts: &[String], between: &str) -> String {
    let more = texts.len().saturating_sub(MOST_NAMED);
    let shown = texts[..texts.len() - more].join(between);
    if more > 0 { format!("{shown}{between}and {more} more") } else { shown }
}

/// Writes a norm from its logarithm, which may lie far outside what a float can hold.
fn norm(log10: f64) -> String {
    let plain = exp10(log10);
    if log10 == f64::NEG_INFINITY {
        "0".into()
    } else if plain.is_normal() || !log10.is_finite() {
        format!("{plain:.3e}")
    } else {
        let exponent = log10.floor();
        let mantissa = format!("{:.3}", exp10(log10 - exponent));
        if mantissa == "10.000" { format!("1.000e{}", exponent + 1.0) } else { format!("{mantissa}e{exponent}") }
    }
}

/// Says what was measured, and how far it can be trusted.
fn measured(judged: &Judged, seeds: &[Value], is_log10: bool, number: impl Fn(f64) -> String) -> String {
    let Judged { mean, ci95_low, ci95_high, n, .. } = *judged;
    let count = |is: fn(f64) -> bool| seeds.iter().filter(|seed| matches!(seed, Value::Number(x) if is(*x))).count();
    let zero = if is_log10 { "0" } else { "-inf" };
    let others = [(zero, count(|x| x == f64::NEG_INFINITY)), ("inf", count(|x| x == f64::INFINITY))];
    let others = others.into_iter().filter(|(_, count)| *count > 0);
    let others: Vec<String> = others.map(|(what, count)| format!("{what} in {}", seeds_of(count))).collect();
    match (n, others.as_slice()) {
        (0, []) => "has no number in any seed".into(),
        (0, others) => format!("is {}", others.join(", ")),
        (1, others) => format!("is {} in {}", number(mean), [&["1 seed".to_owned()], others].concat().join(", ")),
        (_, others) => {
            let over =
                format!("is {} [{}, {}] over {}", number(mean), number(ci95_low), number(ci95_high), seeds_of(n));
            [&[over], others].concat().join(", ")
        }
    }
}

fn seeds_of(n: usize) -> String {
    if n == 1 { "1 seed".into() } else { format!("{n} seeds") }
}

fn wanted(low: f64, high: f64, number: impl Fn(f64) -> String) -> String {
    // Of a norm, -inf is the log10 of 0.
    match (low > f64::NEG_INFINITY, high < f64::INFINITY) {
        (true, true) if low == high => number(low),
        (true, true) => format!("between {} and {}", number(low), number(high)),
        (true, false) => format!("at least {}", number(low)),
        (false, true) => format!("at most {}", number(high)),
        (false, false) => "a finite number".into(),
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

/// Returns what a number is called, and whether it is judged by its log10.
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
        crate::spec::Assertion::Within(_) => (what, is_norm),
        crate::spec::Assertion::Difference { .. } => (format!("the difference in {what}"), false),
        crate::spec::Assertion::Decades { .. } => (format!("log10 of the ratio of {what}"), false),
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

/// Names a cell by the values of its axes, the seed left out.
fn cell_name(plan: &Plan, run: usize) -> String {
    name(plan, run, |key| key != "seed")
}

/// Names a run of a cell by its seed, or by its number where no seeds are swept.
fn seed_name(plan: &Plan, run: usize) -> String {
    let name = name(plan, run, |key| key == "seed");
    if name.is_empty() { format!("run {run}") } else { name }
}

/// Names a run by the values of all its axes.
fn run_name(plan: &Plan, run: usize) -> String {
    let name = name(plan, run, |_| true);
    if name.is_empty() { format!("run {run}") } else { name }
}

fn name(plan: &Plan, run: usize, is_shown: impl Fn(&str) -> bool) -> String {
    let columns = plan.columns().iter().zip(plan.axis_values(run));
    let shown = columns.filter(|(column, _)| is_shown(KEYS[column.key].name));
    let values: Vec<String> = shown.map(|(column, value)| format!("{}={value}", column.name)).collect();
    values.join(" ")
}

/// Returns one case for each cell of a comparison of `runs`, whose numbers are `new`, with the baseline `old`. `line`
/// is the line of the config that the cases are about.
pub fn of_baseline(
    plan: &Plan,
    runs: &Runs,
    comparison: &Comparison,
    [old, new]: [&Baseline; 2],
    line: usize,
) -> Vec<Case> {
    let mut cases: BTreeMap<Vec<AxisValue>, Case> = BTreeMap::new();
    let new_case = |cell: &[AxisValue]| Case {
        kind: CaseKind::Baseline,
        name: cell_title(&new.axes, cell),
        line,
        status: Status::Passed,
        is_decided: true,
        severity: 0.0,
        messages: Vec::new(),
        measured: Vec::new(),
    };
    let mut add = |cell: &[AxisValue], wrong: Option<(f64, String)>| {
        let case = cases.entry(cell.to_vec()).or_insert_with(|| new_case(cell));
        if let Some((severity, message)) = wrong {
            case.status = Status::Failed;
            case.severity = case.severity.max(severity);
            case.messages.push(message);
        }
    };
    // Of a cell with runs that are not there, this is all that is to be said.
    let absent = runs.absent(plan);
    for (cell, runs) in &absent {
        add(cell, Some((f64::INFINITY, of_absent(plan, runs))));
    }
    let is_whole = |key: &BaselineKey| !absent.contains_key(&key.cell);
    new.values.keys().filter(|key| is_whole(key)).for_each(|key| add(&key.cell, None));
    for offender in comparison.offenders.iter().filter(|offender| is_whole(&offender.key)) {
        add(&offender.key.cell, Some((offender.severity(), of_offender(offender, new))));
    }
    for key in comparison.missing.iter().filter(|key| is_whole(key)) {
        let message = format!("{} is in the baseline, and was not measured", old.name(key));
        add(&key.cell, Some((f64::INFINITY, message)));
    }
    for key in comparison.extra.iter().filter(|key| is_whole(key)) {
        let message = format!("{} was measured, and is not in the baseline", new.name(key));
        add(&key.cell, Some((f64::INFINITY, message)));
    }
    cases.into_values().collect()
}

/// Makes cells undecided that passed without some numbers of the baseline `old`. Numbers that the runs cannot tell,
/// such as losses of a trace without them, are neither compared nor forgotten.
pub fn leave_untold(cases: &mut [Case], old: &Baseline, known: &Known) {
    let mut untold: BTreeMap<&[AxisValue], Vec<&str>> = BTreeMap::new();
    for key in old.values.keys().filter(|key| !known.keeps(key)) {
        let metrics = untold.entry(&key.cell).or_default();
        if !metrics.contains(&key.metric.as_str()) {
            metrics.push(&key.metric);
        }
    }
    for (cell, metrics) in untold {
        let name = cell_title(&old.axes, cell);
        let Some(case) = cases.iter_mut().find(|case| case.name == name) else { continue };
        if case.status == Status::Passed {
            case.status = Status::Undecided;
        }
        case.messages.push(format!("not compared, as the trace does not tell them: {}", metrics.join(", ")));
    }
}

/// Names a cell of a baseline by its values.
fn cell_title(axes: &[String], cell: &[AxisValue]) -> String {
    let values = axes.iter().zip(cell).map(|(axis, value)| format!("{axis}={}", value.0));
    let name = values.collect::<Vec<_>>().join(" ");
    if name.is_empty() { "all runs".into() } else { name }
}

/// Writes `not compared: seed=3: not trained`.
fn of_absent(plan: &Plan, runs: &[(usize, Absent)]) -> String {
    let named = runs.iter().map(|(run, why)| format!("{}: {}", seed_name(plan, *run), why.text()));
    format!("not compared: {}", some(&named.collect::<Vec<_>>(), "; "))
}

impl Baseline {
    /// Returns the last layer of a cell, which is the head; 0 for a cell without layers.
    fn head(&self, cell: &[AxisValue]) -> usize {
        let end = BaselineKey { cell: cell.to_vec(), layer: usize::MAX, metric: String::new() };
        let last = self.values.range(..end).next_back();
        last.filter(|(key, _)| key.cell == cell).map_or(0, |(key, _)| key.layer)
    }

    /// Names a number as people call it: `log10_delta_rms_init of layer 1`, and for the last layer `.. of the head`.
    pub fn name(&self, BaselineKey { cell, layer, metric }: &BaselineKey) -> String {
        match layer {
            0 => metric.clone(),
            layer => format!("{metric} of {}", LayerName::of(*layer, self.head(cell).saturating_sub(1)).text()),
        }
    }
}

/// Writes `log10_delta_rms_init of layer 1 was -3.2, is -2.9: +0.3 decades (0.05 allowed)`.
fn of_offender(offender: &Offender, new: &Baseline) -> String {
    let Offender { key, old, new: is, decades, allowed } = offender;
    let what = new.name(key);
    if offender.has_other_counts() {
        let moved = if *decades == 0.0 { String::new() } else { format!(", {} decades", signed(*decades)) };
        return format!("{what} was {}, is {}: the counts of seeds differ{moved}", old.text(), is.text());
    }
    let allowed = match allowed {
        Allowed::Decades(0.0) => "none allowed".into(),
        Allowed::Decades(most) => format!("{most} allowed"),
        Allowed::Units(most) => format!("{most} of its own unit allowed"),
    };
    format!("{what} was {}, is {}: {} decades ({allowed})", old.text(), is.text(), signed(*decades))
}

fn signed(decades: f64) -> String {
    let sign = if decades < 0.0 { "-" } else { "+" };
    let size = decades.abs();
    if size >= 0.001 || size == 0.0 { format!("{sign}{size:.3}") } else { format!("{sign}{size:.1e}") }
}
