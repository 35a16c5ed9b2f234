//! A grid cell over its seeds, as the terminal shows it.

use super::{Summary, Verdict};
use crate::trace::Outcome;

/// The runs of one cell, which differ in nothing but their seed, in a few numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Runs that ended.
    pub runs: usize,
    /// The most frequent verdict; the worse of two that are as frequent. `None` where no run ended.
    pub verdict: Option<Verdict>,
    /// Whether all runs have that verdict.
    pub unanimous: bool,
    /// Runs that learned.
    pub learned: usize,
    /// Mean `init_gradient_decades` over the runs where it is finite; else that of the first run.
    pub gradient_decades: f64,
    /// Mean `loss_last` over the runs where it is finite; NaN where it is in none.
    pub loss: f64,
}

impl Cell {
    /// Sums up the runs of a cell.
    pub fn of(runs: &[(Summary, Outcome)]) -> Self {
        let count = |v: Verdict| runs.iter().filter(|(s, _)| s.verdict == v).count();
        // max_by_key keeps the last of equals; reversed, that is the worst.
        let verdict = Verdict::ALL.into_iter().rev().max_by_key(|&v| count(v)).filter(|_| !runs.is_empty());
        let decades: Vec<f64> = runs.iter().map(|(s, _)| s.init_gradient_decades).collect();
        let losses: Vec<f64> = runs.iter().map(|(_, o)| o.loss_last).collect();
        Self {
            runs: runs.len(),
            verdict,
            unanimous: verdict.is_some_and(|v| count(v) == runs.len()),
            learned: runs.iter().filter(|(s, _)| s.learned).count(),
            gradient_decades: mean_of_finite(&decades).or(decades.first().copied()).unwrap_or(f64::NAN),
            loss: mean_of_finite(&losses).unwrap_or(f64::NAN),
        }
    }

    /// Whether there are runs and all of them learned.
    pub fn all_learned(&self) -> bool {
        self.runs > 0 && self.learned == self.runs
    }
}

fn mean_of_finite(values: &[f64]) -> Option<f64> {
    let finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    (!finite.is_empty()).then(|| finite.iter().sum::<f64>() / finite.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(verdict: Verdict, decades: f64, loss: f64) -> (Summary, Outcome) {
        let summary = Summary {
            verdict,
            learned: loss < 1.0,
            init_decades_per_layer: 0.0,
            last_decades_per_layer: 0.0,
            init_gradient_decades: decades,
            last_gradient_decades: 0.0,
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

    #[test]
    fn a_cell_has_the_most_frequent_verdict_and_the_worse_of_equals() {
        let (v, h) = (run(Verdict::Vanishing, -2.0, 2.0), run(Verdict::Healthy, 0.0, 0.5));
        let cell = Cell::of(&[v.clone(), h.clone(), h.clone()]);
        assert_eq!((cell.verdict, cell.unanimous, cell.learned), (Some(Verdict::Healthy), false, 2));
        assert_eq!(Cell::of(&[h.clone(), v]).verdict, Some(Verdict::Vanishing));
        assert!(Cell::of(&[h.clone(), h]).all_learned());
        assert_eq!(Cell::of(&[]).verdict, None);
    }

    #[test]
    fn means_take_the_finite_runs() {
        let cell = Cell::of(&[
            run(Verdict::Diverged, f64::NEG_INFINITY, f64::NAN),
            run(Verdict::Vanishing, -3.0, 2.0),
            run(Verdict::Vanishing, -5.0, 1.0),
        ]);
        assert_eq!((cell.gradient_decades, cell.loss), (-4.0, 1.5));
        assert_eq!(Cell::of(&[run(Verdict::Dead, f64::NEG_INFINITY, 2.0)]).gradient_decades, f64::NEG_INFINITY);
    }
}
