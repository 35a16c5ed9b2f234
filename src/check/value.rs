//! The number that a claim speaks of and its scale, or in words why a run has none.

use crate::kernels::log10;
use crate::spec::{Assertion, LayerAt, Reading};

/// What is made of a number before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Nothing.
    Itself,
    /// Its log10.
    Log10,
}

impl Scale {
    /// Norms spread over decades, so that their means, and differences in decades, are those of log10; a difference in
    /// their own unit is not.
    pub(super) fn of(reading: Reading, says: &Assertion) -> Self {
        match says {
            Assertion::Within(_) | Assertion::Decades { .. } if reading.metric().is_norm() => Self::Log10,
            Assertion::Within(_) | Assertion::Decades { .. } | Assertion::Difference { .. } => Self::Itself,
        }
    }

    /// A number on this scale.
    pub(super) fn value(self, x: f64) -> f64 {
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

/// What a run has of what a claim speaks of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A number; -inf for the logarithm of a gradient of 0.
    Number(f64),
    /// None.
    Absent(Absent),
    /// The run has one, and the run that it is compared with has none.
    OtherAbsent(Absent),
}

impl Value {
    /// Why there is no number.
    pub(super) fn absent(&self) -> Option<Absent> {
        match self {
            Self::Number(_) => None,
            Self::Absent(why) | Self::OtherAbsent(why) => Some(*why),
        }
    }

    /// Says in words why there is no number.
    pub fn why(&self) -> Option<String> {
        match self {
            Self::Number(_) => None,
            Self::Absent(why) => Some(why.text()),
            Self::OtherAbsent(why) => Some(format!("in the run that it is compared with: {}", why.text())),
        }
    }
}

/// Why a run has no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// The run has no record.
    NotTrained,
    /// It ended by a panic or an I/O error.
    Failed,
    /// Its loss was not finite from that step on.
    Diverged {
        /// The step.
        step: usize,
    },
    /// A number of that step is NaN or infinite.
    NotFinite {
        /// The step.
        step: usize,
        /// The number's name, such as `gradient`.
        what: &'static str,
        /// Where.
        layer: LayerName,
    },
    /// No error comes from the loss at that step.
    Silent {
        /// The step.
        step: usize,
    },
    /// A trace of another program begins later than at step 0.
    BeginsLater {
        /// Its first step.
        first: usize,
    },
    /// A trace of another program does not have the step.
    NotTraced {
        /// The step.
        step: usize,
    },
    /// The other run of a comparison has a gradient of 0, and this one has not: no number says how much larger it is.
    OtherIsZero,
    /// Both runs of a comparison have a gradient of 0.
    BothAreZero,
    /// It is NaN, whatever the reason.
    NotANumber,
}

/// A layer as people call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerName {
    /// A hidden layer, from 1.
    Hidden(usize),
    /// The head.
    Head,
}

impl LayerName {
    /// Names layer number `layer` (from 1, the head is L + 1) of a net of so many hidden layers.
    pub fn of(layer: usize, hidden: usize) -> Self {
        if layer > hidden { Self::Head } else { Self::Hidden(layer) }
    }

    /// Names a claim's layer.
    pub(super) fn at(layer: LayerAt, hidden: usize) -> Self {
        layer.index(hidden).map_or(Self::Head, |at| Self::of(at + 1, hidden))
    }

    /// `layer 3`, `the head`.
    pub fn text(self) -> String {
        match self {
            Self::Hidden(layer) => format!("layer {layer}"),
            Self::Head => "the head".into(),
        }
    }
}

impl Absent {
    /// Whether the claim is violated for want of the number. Otherwise nothing is known, and the claim stays undecided.
    pub fn violates(self) -> bool {
        match self {
            Self::NotTrained
            | Self::Failed
            | Self::Diverged { .. }
            | Self::NotFinite { .. }
            | Self::BothAreZero
            | Self::NotANumber => true,
            Self::Silent { .. } | Self::BeginsLater { .. } | Self::NotTraced { .. } | Self::OtherIsZero => false,
        }
    }

    /// Why, in words that stand behind a run's name and a colon.
    pub fn text(self) -> String {
        match self {
            Self::NotTrained => "not trained".into(),
            Self::Failed => "the run failed".into(),
            Self::Diverged { step } => format!("the loss of step {step} is not finite"),
            Self::NotFinite { step, what, layer } => format!("step {step} has no finite {what} in {}", layer.text()),
            Self::Silent { step } => {
                format!("step {step} has no gradient in any layer: all are 0, so it tells nothing of the way back")
            }
            Self::BeginsLater { first } => {
                format!("the trace begins at step {first}, so nothing is known of step 0, at initialisation")
            }
            Self::NotTraced { step } => format!("the trace has no step {step}"),
            Self::OtherIsZero => {
                "the run that it is compared with has a gradient of 0 there, so no number says how much larger it is"
                    .into()
            }
            Self::BothAreZero => "the gradient is 0 in both runs".into(),
            Self::NotANumber => "it is NaN".into(),
        }
    }
}
