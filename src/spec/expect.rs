//! A claim about runs: what it speaks of and what it says. Whether it holds is decided elsewhere.

use std::num::NonZeroUsize;

use super::shape::Interval;
use super::subject::{LagMetric, LayerMetric, Metric, RunMetric};
use super::{Draft, RunSpec};
use crate::metric::Verdict;

/// What is claimed of the runs of each cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// A claim about a number.
    Number {
        /// The number.
        reading: Reading,
        /// What is said of it.
        says: Assertion,
        /// Whether it is about the mean over the seeds, or about each seed's own number.
        of: Of,
    },
    /// A claim about verdicts.
    Verdict {
        /// Any of these, worst first, each once; at least one.
        any_of: Vec<Verdict>,
        /// The least share of the runs.
        at_least: Share,
    },
    /// A claim about whether the net learned.
    Learned {
        /// Whether it did.
        learned: bool,
        /// The least share of the runs.
        at_least: Share,
    },
}

impl Claim {
    /// Returns what the run that a run is compared with has in place of the run's own values; none where nothing is
    /// compared.
    pub fn versus(&self) -> Option<&Draft> {
        match self {
            Self::Number { says: Assertion::Difference { versus, .. } | Assertion::Decades { versus, .. }, .. } => {
                Some(versus)
            }
            Self::Number { says: Assertion::Within(_), .. } | Self::Verdict { .. } | Self::Learned { .. } => None,
        }
    }
}

/// A number that a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A headline metric.
    Run(RunMetric),
    /// A metric of a layer at a traced step.
    Layer {
        /// The metric.
        metric: LayerMetric,
        /// The layer.
        layer: LayerAt,
        /// The step.
        step: StepAt,
    },
    /// A metric of the top recurrent layer at a lag, at a traced step.
    Lag {
        /// The metric.
        metric: LagMetric,
        /// How far back, T - t.
        lag: usize,
        /// The step.
        step: StepAt,
    },
}

/// A layer, of nets of any depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerAt {
    /// A hidden layer by its number, from 1 on.
    Number(NonZeroUsize),
    /// The last hidden layer.
    Last,
    /// The head.
    Head,
}

impl LayerAt {
    /// Returns its place, from 0 on, among layers 1, .., L, head of a net of `hidden` hidden layers; none where it has
    /// no such layer.
    pub fn index(self, hidden: usize) -> Option<usize> {
        match self {
            Self::Number(layer) => (layer.get() <= hidden).then(|| layer.get() - 1),
            Self::Last => hidden.checked_sub(1),
            Self::Head => Some(hidden),
        }
    }
}

/// A traced step, of runs of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAt {
    /// Step 0, at initialisation.
    First,
    /// The last traced step.
    Last,
    /// This step.
    Number(usize),
}

/// What is said of a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Assertion {
    /// It lies between bounds.
    Within(Bounds),
    /// It is larger than in the run that differs in the keys of `versus` alone.
    Difference {
        /// The other run's keys and values.
        versus: Box<Draft>,
        /// The least that the number less the other run's may be.
        at_least: f64,
    },
    /// It is larger in decades than in the run that differs in the keys of `versus` alone; for norms.
    Decades {
        /// The other run's keys and values.
        versus: Box<Draft>,
        /// The least that log10 of the number over the other run's may be.
        at_least: f64,
    },
}

/// Bounds of a number, both included; at least one of them is finite, and the lower is not above the upper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    min: f64,
    max: f64,
}

impl Bounds {
    /// The bounds; none where there is nothing between them or neither bounds anything.
    pub fn new(min: Option<f64>, max: Option<f64>) -> Option<Self> {
        let bounds = Self { min: min.unwrap_or(f64::NEG_INFINITY), max: max.unwrap_or(f64::INFINITY) };
        ((bounds.min.is_finite() || bounds.max.is_finite()) && bounds.min <= bounds.max).then_some(bounds)
    }

    /// The lower bound; -inf where there is none.
    pub fn min(self) -> f64 {
        self.min
    }

    /// The upper bound; inf where there is none.
    pub fn max(self) -> f64 {
        self.max
    }
}

/// Which numbers of a cell a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The mean over the seeds, as far as these tell it.
    Mean,
    /// Each seed's own number: no statistics.
    EverySeed,
}

/// A share of runs, above 0 and at most 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

impl Share {
    /// Every run.
    pub const ALL: Self = Self(1.0);

    /// Makes a share of this number; none where it is not one.
    pub fn new(share: f64) -> Option<Self> {
        Interval::SHARE.contains(share).then_some(Self(share))
    }

    /// Returns the share as a number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// Why a run does not have a number that a claim speaks of, whatever its gradients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The part of the claim that does not fit: `metric`, `layer`, `step` or `lag`.
    pub part: &'static str,
    /// Why it does not, in lower case.
    pub reason: String,
}

impl Reading {
    /// The metric.
    pub fn metric(self) -> Metric {
        match self {
            Self::Run(metric) => Metric::Run(metric),
            Self::Layer { metric, .. } => Metric::Layer(metric),
            Self::Lag { metric, .. } => Metric::Lag(metric),
        }
    }

    /// Why a run cannot have the number, every reason; empty where it has it.
    pub fn missing_in(self, run: &RunSpec) -> Vec<Missing> {
        let missing = |part, reason| Missing { part, reason };
        match self {
            Self::Run(metric) => {
                let reason = metric.says_nothing_of(run);
                reason.map(|reason| missing("metric", reason.to_string())).into_iter().collect()
            }
            Self::Layer { layer, step, .. } => {
                let hidden = run.model.hidden_layers();
                let plural = if hidden == 1 { "" } else { "s" };
                let layer = match layer.index(hidden) {
                    Some(_) => None,
                    None => Some(missing("layer", format!("the net has {hidden} hidden layer{plural}"))),
                };
                layer.into_iter().chain(untraced(step, run)).collect()
            }
            Self::Lag { .. } if !run.model.kind.is_recurrent() => {
                vec![missing("metric", "a feed-forward net has no time steps".into())]
            }
            Self::Lag { metric, lag, step } => {
                let kind = run.model.kind;
                let no_state = (metric == LagMetric::DcRms && !kind.has_cell_state())
                    .then(|| missing("metric", format!("a layer of kind {} has no cell state", kind.name())));
                let most = run.data.length() - 1;
                let too_far = (lag > most).then(|| missing("lag", format!("the largest lag is {most}")));
                no_state.into_iter().chain(too_far).chain(untraced(step, run)).collect()
            }
        }
    }
}

/// Why a run does not trace a step, if it does not.
fn untraced(step: StepAt, run: &RunSpec) -> Option<Missing> {
    let StepAt::Number(step) = step else { return None };
    let (every, steps) = (&run.every, run.train.steps);
    if every.traces(steps, step) {
        return None;
    }
    let last = steps.get() - 1;
    let reason = if step > last {
        format!("the last step is {last}: steps count from 0")
    } else {
        let before = (0..step).rev().find(|&s| every.traces(steps, s));
        let after = (step..=last).find(|&s| every.traces(steps, s));
        let near: Vec<String> = before.into_iter().chain(after).map(|s| s.to_string()).collect();
        format!("it is not traced; the nearest steps that are: {}", near.join(" and "))
    };
    Some(Missing { part: "step", reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_found_in_nets_of_any_depth() {
        let number = |n| LayerAt::Number(NonZeroUsize::new(n).expect("positive"));
        assert_eq!([number(1), LayerAt::Last, LayerAt::Head].map(|l| l.index(5)), [Some(0), Some(4), Some(5)]);
        assert_eq!((number(5).index(5), number(6).index(5)), (Some(4), None), "the head has a name, no number");
    }

    #[test]
    fn bounds_and_shares_that_mean_nothing_do_not_exist() {
        assert_eq!(Bounds::new(None, None), None);
        assert_eq!(Bounds::new(Some(2.0), Some(1.0)), None);
        assert_eq!(Bounds::new(Some(f64::NAN), Some(1.0)), None);
        assert_eq!(Bounds::new(Some(1.0), Some(1.0)).map(|b| (b.min(), b.max())), Some((1.0, 1.0)));
        assert_eq!(Bounds::new(None, Some(1.0)).map(Bounds::min), Some(f64::NEG_INFINITY));
        assert_eq!([0.0, 1.5, -1.0, f64::NAN].map(Share::new), [None; 4]);
        assert_eq!(Share::new(1.0), Some(Share::ALL));
    }
}
