//! `RunSpec`: everything that decides the numbers of one run, every field resolved, no value that could be wrong.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::DataSpec;
use crate::names::named;
use crate::nn::{ModelSpec, OptimizerSpec};

/// One complete training run. Two equal specs give the same bytes on any machine.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSpec {
    /// Governs the weights and the order of examples, and the data unless `data.seed` is set.
    pub seed: u64,
    /// Where the examples come from.
    pub data: DataSpec,
    /// The network.
    pub model: ModelSpec,
    /// How it is trained.
    pub train: TrainSpec,
    /// The steps at which every layer is measured.
    pub every: Every,
    /// The weights that are kept.
    pub weights: KeptWeights,
    /// Whether the examples of each step are kept.
    pub order: bool,
}

/// How a network is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainSpec {
    /// The update rule with its rates.
    pub optimizer: OptimizerSpec,
    /// Examples per step.
    pub batch_size: BatchSize,
    /// Number of updates.
    pub steps: NonZeroUsize,
    /// Largest total gradient norm that an update may use; 0 is off.
    pub clip_norm: f64,
    /// The floating-point type of weights, activations and gradients.
    pub precision: Precision,
    /// Whether the run ends at its first non-finite loss.
    pub stop_when_diverged: bool,
}

/// Examples per step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchSize {
    /// All training examples at once.
    Full,
    /// This many, drawn without replacement within an epoch.
    Examples(NonZeroUsize),
}

impl BatchSize {
    /// The number of examples in a batch when the training part holds `examples`.
    pub fn of(self, examples: usize) -> usize {
        match self {
            Self::Full => examples,
            Self::Examples(n) => n.get(),
        }
    }
}

named! {
    /// The floating-point type a run computes in. Norms accumulate in f64 either way.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Precision {
        /// IEEE binary32.
        F32 = "f32",
        /// IEEE binary64.
        F64 = "f64",
    }
}

impl Precision {
    /// `value` as a table shows it: rounded to f32 in an f32 run wherever that is a normal number. Below the normal
    /// range the f64 stands, so that a small norm is never rounded to zero.
    pub fn recorded(self, value: f64) -> f64 {
        match self {
            Self::F32 => {
                #[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is the purpose")]
                let rounded = value as f32;
                if rounded.is_normal() { f64::from(rounded) } else { value }
            }
            Self::F64 => value,
        }
    }
}

named! {
    /// The weights of a run that are kept as files.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum KeptWeights {
        /// No weights.
        None = "none",
        /// The weights before the first update.
        Init = "init",
        /// The weights after the last update.
        Final = "final",
        /// Both.
        Both = "both",
    }
}

impl KeptWeights {
    /// Whether those before the first update are kept.
    pub fn init(self) -> bool {
        match self {
            Self::Init | Self::Both => true,
            Self::None | Self::Final => false,
        }
    }

    /// Whether those after the last update are kept.
    pub fn last(self) -> bool {
        match self {
            Self::Final | Self::Both => true,
            Self::None | Self::Init => false,
        }
    }
}

/// The steps at which every layer is measured; the first and the last step always are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Every {
    /// Steps 0, n, 2n, ..
    Steps(NonZeroUsize),
    /// Steps 0, 1, 2, 5, 10, 20, 50, ..
    Log,
    /// These steps, ascending.
    Listed(Arc<[usize]>),
}

impl Every {
    /// The traced steps of a run of `steps` updates, ascending, without repetition.
    pub fn traced(&self, steps: NonZeroUsize) -> Vec<usize> {
        let last = steps.get() - 1;
        let mut traced: Vec<usize> = match self {
            Self::Steps(n) => (0..=last).step_by(n.get()).collect(),
            Self::Log => {
                let decades = std::iter::successors(Some(1_usize), |d| d.checked_mul(10));
                let marks = decades.flat_map(|d| [1, 2, 5].map(|m| d.saturating_mul(m)));
                std::iter::once(0).chain(marks.take_while(|&s| s < last)).collect()
            }
            Self::Listed(steps) => std::iter::once(0).chain(steps.iter().copied().filter(|&s| s < last)).collect(),
        };
        traced.push(last);
        traced.dedup();
        traced
    }

    /// Whether a run of `steps` updates is traced at `step`.
    pub fn traces(&self, steps: NonZeroUsize, step: usize) -> bool {
        let last = steps.get() - 1;
        step == 0
            || step == last
            || step < last
                && match self {
                    Self::Steps(n) => step.is_multiple_of(n.get()),
                    Self::Log => self.traced(steps).contains(&step),
                    Self::Listed(listed) => listed.contains(&step),
                }
    }

    /// The number of traced steps of a run of `steps` updates, without listing them.
    pub fn count(&self, steps: NonZeroUsize) -> usize {
        let last = steps.get() - 1;
        match self {
            Self::Steps(n) => last.div_ceil(n.get()) + 1,
            Self::Log => self.traced(steps).len(),
            Self::Listed(steps) => {
                let before_last = steps.iter().filter(|&&s| 0 < s && s < last).count();
                1 + before_last + usize::from(last > 0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).expect("positive")
    }

    #[test]
    fn two_hundred_steps_every_ten_are_twenty_one_traced_steps() {
        let traced = Every::Steps(steps(10)).traced(steps(200));
        assert_eq!(traced.len(), 21);
        assert_eq!(traced[20], 199);
    }

    #[test]
    fn the_first_and_last_step_are_always_traced_and_no_step_twice() {
        assert_eq!(Every::Log.traced(steps(1)), [0]);
        assert_eq!(Every::Log.traced(steps(21)), [0, 1, 2, 5, 10, 20]);
        assert_eq!(Every::Listed([0, 3].into()).traced(steps(4)), [0, 3]);
        assert_eq!(Every::Listed([2].into()).traced(steps(9)), [0, 2, 8]);
        assert_eq!(Every::Steps(steps(7)).traced(steps(8)), [0, 7]);
    }

    #[test]
    fn the_count_is_that_of_the_list() {
        for n in 1..40 {
            for every in [1, 2, 3, 7, 39, 40].map(|n| Every::Steps(steps(n))) {
                assert_eq!(every.count(steps(n)), every.traced(steps(n)).len(), "{every:?} of {n}");
            }
            for every in [Every::Log, Every::Listed([0, 3, 7].into()), Every::Listed([2].into())] {
                assert_eq!(every.count(steps(n)), every.traced(steps(n)).len(), "{every:?} of {n}");
            }
        }
    }

    #[test]
    fn a_step_is_traced_where_the_list_has_it() {
        let all = [Every::Steps(steps(1)), Every::Steps(steps(7)), Every::Log, Every::Listed([0, 3, 7].into())];
        for n in 1..40 {
            for every in &all {
                let traced: Vec<usize> = (0..50).filter(|&step| every.traces(steps(n), step)).collect();
                assert_eq!(traced, every.traced(steps(n)), "{every:?} of {n}");
            }
        }
    }

    #[test]
    fn recorded_numbers_round_to_f32_only_where_f32_is_normal() {
        assert_eq!(Precision::F32.recorded(0.1), f64::from(0.1_f32));
        assert_eq!(Precision::F32.recorded(1e-40), 1e-40);
        assert_eq!(Precision::F32.recorded(1e300), 1e300);
        assert_eq!(Precision::F64.recorded(0.1), 0.1);
        assert!(Precision::F32.recorded(f64::NAN).is_nan());
    }
}
