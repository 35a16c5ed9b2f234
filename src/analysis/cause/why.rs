//! A cause, with what was seen of it.

use super::broken::Broken;
use crate::analysis::step::Step;
use crate::names::named;

named! {
    /// What a verdict is due to.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    #[expect(missing_docs, reason = "the module's table says what each one is")]
    pub enum Cause {
        None = "none",
        Activation = "activation",
        Weights = "weights",
        Norm = "norm",
        Branches = "branches",
        Recurrence = "recurrence",
        Stack = "stack",
        Underflow = "underflow",
        DeadUnits = "dead_units",
        ZeroWeights = "zero_weights",
        Saturation = "saturation",
        LearningRate = "learning_rate",
        Overflow = "overflow",
        SmallSteps = "small_steps",
        FewSteps = "few_steps",
        SmallGradients = "small_gradients",
        LargeSteps = "large_steps",
        RandomLabels = "random_labels",
        Unexplained = "unexplained",
    }
}

/// A cause with what was seen of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// The cause.
    pub cause: Cause,
    /// The traced step that shows it.
    pub step: usize,
    /// What it shows.
    pub evidence: Evidence,
    /// Where the first NaN or infinity arose; none where all of the run's numbers are finite.
    pub broken: Option<Broken>,
    /// Whether it diverged, and no run of its grid differs in a smaller learning rate alone.
    pub rate_is_untried: bool,
    /// Whether it came before the net was what the verdict says.
    pub came_before: bool,
}

/// What was seen of a cause. Layers count from 1, the head is L + 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Evidence {
    /// Nothing.
    None,
    /// Mean gains per layer from layer L to layer 1.
    Gains {
        /// The gains.
        mean: PerLayer,
        /// The highest layer whose error the precision cannot hold.
        underflows_at: Option<usize>,
    },
    /// A residual net.
    Branches {
        /// Decades per layer from layer L to layer 1.
        per_layer: f64,
        /// How much of its layer's error a branch brings, on average.
        share: f64,
    },
    /// The top layer of a recurrent net through time.
    Time {
        /// Decades from one time step before the first answer back to t = 1.
        decades: f64,
        /// Time steps between them.
        steps: usize,
        /// The mean value of the gate through which the state passes, where there is one.
        gate: Option<(&'static str, f64)>,
    },
    /// The layers of a recurrent net: decades per layer from layer L to layer 1.
    Stack(f64),
    /// The error underflows at this layer.
    Underflow(usize),
    /// Units of a layer.
    Units {
        /// The layer.
        layer: usize,
        /// The share of its units that are dead or saturated.
        share: f64,
    },
    /// All weights of a layer are 0.
    Weights(usize),
    /// A traced update before a loss was not finite.
    Update {
        /// The layer whose weights it changed most.
        layer: usize,
        /// Norm of that change over the norm of the weights.
        ratio: f64,
    },
    /// A smaller learning rate, at which the same run does not diverge.
    SmallerRate(f64),
    /// What the trace shows of a net that did not learn.
    NotLearned(NotLearned),
}

/// Mean gains over the layers of a net, in decades per layer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "they are those of `metric::Gains`")]
pub struct PerLayer {
    pub weight: f64,
    pub activation: f64,
    pub norm: f64,
}

/// What the trace shows of a net that is not sick and did not learn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NotLearned {
    /// The labels have nothing to do with the inputs.
    RandomLabels,
    /// The loss goes up and down.
    LargeSteps {
        /// How far the hidden layer that moved most has moved, in its own norm.
        moved: f64,
        /// The largest mean of a hidden layer's relative update.
        relative_update: f64,
        /// The least and the largest loss in the second half of the traced steps.
        losses: (f64, f64),
    },
    /// The loss falls, but not yet far enough.
    FewSteps {
        /// The step at which it would; none where it has just got there.
        learned_at: Option<f64>,
    },
    /// The signal fades on its way forward, and all gradients with it.
    SmallGradients {
        /// RMS of h of layer L over that of layer 1 at the first traced step.
        signal: f64,
        /// The largest mean of a hidden layer's relative update.
        relative_update: f64,
    },
    /// The weights hardly moved.
    SmallSteps {
        /// How far the hidden layer that moved most has moved, in its own norm.
        moved: f64,
        /// The power of ten by which a larger rate would move it by about its norm.
        factor: f64,
    },
    /// None of these.
    Unexplained,
}

impl NotLearned {
    pub(super) fn cause(self) -> Cause {
        match self {
            Self::RandomLabels => Cause::RandomLabels,
            Self::LargeSteps { .. } => Cause::LargeSteps,
            Self::FewSteps { .. } => Cause::FewSteps,
            Self::SmallGradients { .. } => Cause::SmallGradients,
            Self::SmallSteps { .. } => Cause::SmallSteps,
            Self::Unexplained => Cause::Unexplained,
        }
    }
}

impl Why {
    /// What is said of a healthy run that learned.
    pub const NONE: Self = Self {
        cause: Cause::None,
        step: 0,
        evidence: Evidence::None,
        broken: None,
        rate_is_untried: false,
        came_before: false,
    };

    pub(super) fn at(step: &Step<'_>, cause: Cause, evidence: Evidence) -> Self {
        Self { cause, step: step.number, evidence, ..Self::NONE }
    }
}
