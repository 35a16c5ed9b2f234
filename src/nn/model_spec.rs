//! What a network is made of, as plain typed data.

use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Activation, Init};

use crate::names::named;

named! {
    /// The family a network belongs to.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum ModelKind {
        /// A feed-forward net of dense layers.
        Mlp = "mlp",
        /// Stacked recurrent layers h_t = phi(x_t W_x + h_{t-1} W_h + b) (Elman 1990).
        Rnn = "rnn",
        /// Stacked layers of long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).
        Lstm = "lstm",
        /// Stacked layers of gated recurrent units (Cho et al. 2014).
        Gru = "gru",
    }
}

impl ModelKind {
    /// The gates of a cell, in the order in which their blocks stand in W and b (PyTorch's order).
    pub fn gates(self) -> &'static [&'static str] {
        match self {
            Self::Mlp | Self::Rnn => &[],
            Self::Lstm => &["input", "forget", "cell", "output"],
            Self::Gru => &["reset", "update", "new"],
        }
    }

    /// Whether the activation of its layers is the spec's to choose.
    pub fn has_activation(self) -> bool {
        match self {
            Self::Mlp | Self::Rnn => true,
            Self::Lstm | Self::Gru => false,
        }
    }

    /// Whether nets of this kind read sequences, one time step after the other.
    pub fn is_recurrent(self) -> bool {
        match self {
            Self::Mlp => false,
            Self::Rnn | Self::Lstm | Self::Gru => true,
        }
    }
}

named! {
    /// What a residual branch is multiplied by before it is added to the stream.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum ResidualScaling {
        /// 1: the form of He et al. 2016.
        None = "none",
        /// 1/sqrt(L): keeps the variance of the stream of order one at any depth.
        InvSqrtDepth = "inv_sqrt_depth",
    }
}

impl ResidualScaling {
    /// The factor s of a branch in a net of `depth` hidden layers.
    pub fn factor(self, depth: usize) -> f64 {
        match self {
            Self::None => 1.0,
            Self::InvSqrtDepth => 1.0 / (depth as f64).sqrt(),
        }
    }
}

/// The normalisation between a layer's linear output and its activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormKind {
    /// None: the activation sees z.
    None,
    /// Batch norm: statistics over the batch, per unit (Ioffe and Szegedy 2015).
    Batch,
    /// Layer norm: statistics over the units, per example (Ba et al. 2016).
    Layer,
}

/// A network's architecture. Fields that the architecture does not use hold their defaults.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the config's flags, each with a name of its own")]
pub struct ModelSpec {
    /// The family.
    pub kind: ModelKind,
    /// Hidden layers L; not used where `widths` is given.
    pub depth: NonZeroUsize,
    /// Units per hidden layer; not used where `widths` is given.
    pub width: NonZeroUsize,
    /// Units of each hidden layer; empty: `depth` layers of `width`.
    pub widths: Arc<[NonZeroUsize]>,
    /// phi.
    pub activation: Activation,
    /// Slope of `leaky_relu` for negative arguments; where `prelu`'s starts.
    pub negative_slope: f64,
    /// Distribution of the hidden weights.
    pub init: Init,
    /// Multiplies the standard deviation of every hidden weight.
    pub init_gain: f64,
    /// Whether dense layers have biases.
    pub bias: bool,
    /// Standard deviation of the hidden layers' initial biases; 0 starts them at 0.
    pub bias_std: f64,
    /// Added to the initial bias of an lstm's forget gate; a larger one remembers longer.
    pub forget_bias: f64,
    /// Added to the initial bias of a gru's update gate z, which is the weight of the old state; a larger one remembers
    /// longer.
    pub update_bias: f64,
    /// Batch norm before the activation.
    pub batch_norm: bool,
    /// Layer norm before the activation.
    pub layer_norm: bool,
    /// Pre-activation residual connections (He et al. 2016).
    pub residual: bool,
    /// The branch's factor.
    pub residual_scaling: ResidualScaling,
}

impl ModelSpec {
    /// Units of each hidden layer, first to last.
    pub fn hidden_widths(&self) -> Vec<usize> {
        if self.widths.is_empty() {
            vec![self.width.get(); self.depth.get()]
        } else {
            self.widths.iter().map(|w| w.get()).collect()
        }
    }

    /// Number of hidden layers L.
    pub fn hidden_layers(&self) -> usize {
        if self.widths.is_empty() { self.depth.get() } else { self.widths.len() }
    }

    /// The normalisation; a spec never has both flags set.
    pub fn norm(&self) -> NormKind {
        if self.batch_norm {
            NormKind::Batch
        } else if self.layer_norm {
            NormKind::Layer
        } else {
            NormKind::None
        }
    }
}
