//! A grid cell over its seeds, as the terminal shows it.

use super::{Cause, Summary, Verdict, Why};
use crate::nn::ModelSpec;
use crate::stats::RunningMean;
use crate::trace::Outcome;

/// The runs of one cell, which differ in nothing but their seed, in a few numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct CellSummary {
    /// Runs that ended.
    pub runs: usize,
    /// Runs that failed, and those that have no result yet.
    pub without_result: usize,
    /// The most frequent verdict; the worse of two that are as frequent. `None` where no run ended.
    pub verdict: Option<Verdict>,
    /// How many of the runs that ended have that verdict.
    pub agree: usize,
    /// The cause in the first run of that verdict that has one.
    pub cause: Cause,
    /// The part of the net that has the cause, where there are several of its kind.
    pub subject: &'static str,
    /// The cause in a sentence; empty for a healthy cell.
    pub why: String,
    /// The factor on the learning rate that would move the cell's weights far enough, where steps were too small.
    pub rate_factor: Option<f64>,
    /// Runs that diverged.
    pub diverged: usize,
    /// Runs that learned.
    pub learned: usize,
    /// Mean `init_gradient_decades` over the runs where it is finite; else that of the first run.
    pub gradient_decades: f64,
    /// Mean `init_time_decades`, taken the same way; NaN for feed-forward nets.
    pub time_decades: f64,
    /// Mean `loss_last` over the runs where it is finite; NaN where it is in none.
    pub loss: f64,
    /// Loss of chance, the same in all runs whose data differ in their seed alone; NaN where no run ended.
    pub loss_of_chance: f64,
}

/// A cell whose runs come one by one, so that a cell of any number of seeds takes the same memory.
#[derive(Debug, Clone, Default)]
pub struct CellBuilder {
    verdicts: [usize; Verdict::ALL.len()],
    /// The cause in the first run of each verdict that has one.
    whys: [Option<Why>; Verdict::ALL.len()],
    learned: usize,
    without_result: usize,
    gradient_decades: Decades,
    time_decades: Decades,
    /// The mean of the finite losses.
    loss: RunningMean,
    loss_of_chance: Option<f64>,
}

impl CellBuilder {
    /// Adds a run.
    pub fn add(&mut self, summary: &Summary, outcome: &Outcome) {
        let verdict = Verdict::ALL.iter().position(|v| *v == summary.verdict).expect("ALL has every verdict");
        self.verdicts[verdict] += 1;
        // Of a verdict that is not sick, that of a run that did not learn.
        match &mut self.whys[verdict] {
            Some(why) if why.cause != Cause::None => {}
            why => *why = Some(summary.why),
        }
        self.learned += usize::from(summary.learned);
        self.gradient_decades.add(summary.init_gradient_decades);
        self.time_decades.add(summary.init_time_decades);
        self.loss.add_finite(outcome.loss_last);
        self.loss_of_chance.get_or_insert(outcome.loss_of_chance);
    }

    /// Adds a run that failed or has no result yet.
    pub fn add_without_result(&mut self) {
        self.without_result += 1;
    }

    /// Returns the cell of the runs so far, whose nets have this model.
    pub fn cell(&self, model: &ModelSpec) -> CellSummary {
        let runs = self.verdicts.iter().sum();
        // max_by_key keeps the last of equals; from the best to the worst, that is the worst.
        let most = (0..self.verdicts.len()).rev().max_by_key(|&v| self.verdicts[v]).filter(|_| runs > 0);
        let why = most.and_then(|v| self.whys[v]).unwrap_or(Why::NONE);
        let verdict = most.map(|v| Verdict::ALL[v]);
        CellSummary {
            runs,
            without_result: self.without_result,
            verdict,
            agree: most.map_or(0, |v| self.verdicts[v]),
            cause: why.cause,
            subject: why.subject(model),
            why: verdict.map(|verdict| why.sentence(verdict, model)).unwrap_or_default(),
            rate_factor: why.rate_factor(),
            diverged: self
                .verdicts
                .iter()
                .zip(Verdict::ALL)
                .find(|(_, v)| *v == Verdict::Diverged)
                .map_or(0, |(n, _)| *n),
            learned: self.learned,
            gradient_decades: self.gradient_decades.value(),
            time_decades: self.time_decades.value(),
            loss: self.loss.mean(),
            loss_of_chance: self.loss_of_chance.unwrap_or(f64::NAN),
        }
    }
}

impl CellSummary {
    /// Returns the decades by which its kind of net is judged: through time for recurrent nets, across layers for
    /// others.
    pub fn decades(&self) -> f64 {
        if self.time_decades.is_nan() { self.gradient_decades } else { self.time_decades }
    }

    /// Whether there are runs and all of those that ended have one verdict.
    pub fn is_unanimous(&self) -> bool {
        self.runs > 0 && self.agree == self.runs
    }

    /// Returns the share of the runs that ended which learned; NaN where none ended.
    pub fn learned_share(&self) -> f64 {
        self.learned as f64 / self.runs as f64
    }

    /// Returns `loss` over the loss of chance, which compares across data sets; infinite where a run diverged, whose
    /// loss `loss` leaves out.
    pub fn relative_loss(&self) -> f64 {
        if self.diverged > 0 { f64::INFINITY } else { self.loss / self.loss_of_chance }
    }

    /// Whether there are runs and all of them learned.
    pub fn all_learned(&self) -> bool {
        self.runs > 0 && self.learned == self.runs
    }
}

/// A mean of the finite ones of the values added, or the first of them.
#[derive(Debug, Clone, Copy, Default)]
struct Decades {
    first: Option<f64>,
    mean: RunningMean,
}

impl Decades {
    fn add(&mut self, x: f64) {
        self.first.get_or_insert(x);
        self.mean.add_finite(x);
    }

    /// Returns the mean; NaN where no value was added.
    fn value(self) -> f64 {
        if self.mean.is_empty() { self.first.unwrap_or(f64::NAN) } else { self.mean.mean() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Evidence;
    fn run(verdict: Verdict, decades: f64, loss: f64) -> (Summary, Outcome) {
        let summary = Summary {
            verdict,
            why: Why::NONE,
            learned: loss < 1.0,
            init_decades_per_layer: 0.0,
            last_decades_per_layer: 0.0,
            init_gradient_decades: decades,
            last_gradient_decades: 0.0,
            init_decades_per_step: 0.0,
            last_decades_per_step: 0.0,
            init_time_decades: 2.0 * decades,
            last_time_decades: 0.0,
            first_moved: 0.5,
            first_over_last_moved: 0.25,
            layers: vec![],
        };
        let outcome = Outcome {
            diverged_at: None,
            loss_first: 2.3,
            loss_last: loss,
            accuracy_last: 0.5,
            loss_of_chance: 2.3,
            test_loss: 1.0,
            test_accuracy: 0.5,
            parameters: 1,
        };
        (summary, outcome)
    }

    fn cell(runs: &[(Summary, Outcome)]) -> CellSummary {
        let mut builder = CellBuilder::default();
        runs.iter().for_each(|(summary, outcome)| builder.add(summary, outcome));
        builder.cell(&crate::spec::RunSpec::default().model)
    }

    #[test]
    fn a_cell_has_the_most_frequent_verdict_and_the_worse_of_equals() {
        let (v, h) = (run(Verdict::Vanishing, -2.0, 2.0), run(Verdict::Healthy, 0.0, 0.5));
        let three = cell(&[v.clone(), h.clone(), h.clone()]);
        assert_eq!((three.verdict, three.agree, three.learned), (Some(Verdict::Healthy), 2, 2));
        assert_eq!(cell(&[h.clone(), v]).verdict, Some(Verdict::Vanishing));
        assert!(!three.is_unanimous() && cell(&[h.clone(), h.clone()]).is_unanimous());
        assert!(cell(&[h.clone(), h]).all_learned());
        assert_eq!(cell(&[]).verdict, None);
        assert!(!cell(&[]).is_unanimous());
    }

    #[test]
    fn runs_without_a_result_are_counted_beside_the_others() {
        let mut builder = CellBuilder::default();
        let (summary, outcome) = run(Verdict::Healthy, 0.0, 0.5);
        builder.add(&summary, &outcome);
        builder.add_without_result();
        let cell = builder.cell(&crate::spec::RunSpec::default().model);
        assert_eq!((cell.runs, cell.without_result, cell.agree), (1, 1, 1));
    }

    #[test]
    fn a_cell_has_the_cause_of_the_first_run_with_its_verdict() {
        let evidence = |per_layer| Evidence::Stack(per_layer);
        let because = |verdict, cause, per_layer| {
            let (summary, outcome) = run(verdict, -2.0, 2.0);
            (Summary { why: Why { cause, evidence: evidence(per_layer), ..Why::NONE }, ..summary }, outcome)
        };
        let cell = cell(&[
            because(Verdict::Exploding, Cause::Stack, 0.9),
            because(Verdict::Vanishing, Cause::Recurrence, -0.5),
            because(Verdict::Vanishing, Cause::Stack, -0.7),
        ]);
        assert_eq!((cell.cause, cell.subject), (Cause::Recurrence, "mlp"));
        assert_eq!(cell.why, "across its layers the error loses 0.50 decades per layer");
    }

    #[test]
    fn means_take_the_finite_runs() {
        let runs = cell(&[
            run(Verdict::Diverged, f64::NEG_INFINITY, f64::NAN),
            run(Verdict::Vanishing, -3.0, 2.0),
            run(Verdict::Vanishing, -5.0, 1.0),
        ]);
        assert_eq!((runs.gradient_decades, runs.time_decades, runs.loss), (-4.0, -8.0, 1.5));
        assert_eq!((runs.decades(), runs.loss_of_chance), (-8.0, 2.3), "recurrent nets are about time");
        assert_eq!(CellSummary { time_decades: f64::NAN, ..runs }.decades(), -4.0);
        let dead = cell(&[run(Verdict::Dead, f64::NEG_INFINITY, 2.0)]);
        assert_eq!((dead.gradient_decades, dead.time_decades), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        assert!(cell(&[]).time_decades.is_nan());
    }
}
