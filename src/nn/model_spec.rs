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

    /// The gate whose value is the weight of the old state, of a cell that has one.
    pub fn remembers_by(self) -> Option<&'static str> {
        match self {
            Self::Mlp | Self::Rnn => None,
            Self::Lstm => Some("forget"),
            Self::Gru => Some("update"),
        }
    }

    /// The key of the bias that makes this gate remember from the start.
    pub fn bias_to_remember(self) -> Option<&'static str> {
        match self {
            Self::Mlp | Self::Rnn => None,
            Self::Lstm => Some("model.forget_bias"),
            Self::Gru => Some("model.update_bias"),
        }
    }

    /// Whether its layers have a cell state c beside h.
    pub fn has_cell_state(self) -> bool {
        match self {
            Self::Mlp | Self::Rnn | Self::Gru => false,
            Self::Lstm => true,
        }
    }

    /// The other kinds that keep a state over many time steps, of a recurrent one.
    pub fn others_that_remember(self) -> &'static [Self] {
        match self {
            Self::Mlp => &[],
            Self::Rnn => &[Self::Lstm, Self::Gru],
            Self::Lstm => &[Self::Gru],
            Self::Gru => &[Self::Lstm],
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
        /// A trained number for each unit (Touvron et al. 2021).
        LayerScale = "layer_scale",
    }
}

/// How many rows the arrays of a batch have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchShape {
    /// Examples B.
    pub examples: usize,
    /// Time steps T of each example; 1 for a feed-forward net.
    pub length: usize,
    /// M: how many of the last time steps are answered; 1 for a feed-forward net, and where the last step alone is.
    pub answers: usize,
}

impl BatchShape {
    /// A batch of examples without time.
    pub fn of_examples(examples: usize) -> Self {
        Self { examples, length: 1, answers: 1 }
    }

    /// T B, the rows of x: time step after time step, the examples of each in order.
    pub fn rows(self) -> usize {
        self.length.saturating_mul(self.examples)
    }

    /// M B, the rows of the logits and of the right answers: the last M time steps in the same order.
    pub fn answered_rows(self) -> usize {
        self.answers.saturating_mul(self.examples)
    }
}

named! {
    /// The normalisation between a layer's linear output and its activation.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum NormKind {
        /// None: the activation sees z.
        None = "none",
        /// Batch norm: statistics over the batch, per unit (Ioffe and Szegedy 2015).
        Batch = "batch",
        /// Layer norm: statistics over the units, per example (Ba et al. 2016).
        Layer = "layer",
        /// RMS norm: the mean square over the units, per example (Zhang and Sennrich 2019).
        Rms = "rms",
    }
}

impl ResidualScaling {
    /// The factor s of a branch in a net of L hidden layers.
    pub fn formula(self) -> &'static str {
        match self {
            Self::None => "1",
            Self::InvSqrtDepth => "1 / sqrt(depth)",
            Self::LayerScale => "a trained number for each unit, from layer_scale_init",
        }
    }
}

impl NormKind {
    /// What it is called in a sentence; none where there is no norm.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Batch => Some("batch norm"),
            Self::Layer => Some("layer norm"),
            Self::Rms => Some("RMS norm"),
        }
    }
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
    /// The normalisation, where neither flag says it.
    pub norm: NormKind,
    /// Pre-activation residual connections (He et al. 2016).
    pub residual: bool,
    /// The branch's factor.
    pub residual_scaling: ResidualScaling,
    /// Where the trained factors of a branch start.
    pub layer_scale_init: f64,
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

    /// Units of the first hidden layer.
    pub fn first_width(&self) -> usize {
        self.widths.first().unwrap_or(&self.width).get()
    }

    /// Units of the last hidden layer.
    pub fn last_width(&self) -> usize {
        self.widths.last().unwrap_or(&self.width).get()
    }

    /// The normalisation; a spec never has both flags set, nor one beside another norm.
    pub fn norm(&self) -> NormKind {
        match self.norm_of_flags() {
            NormKind::None => self.norm,
            flagged => flagged,
        }
    }

    /// The normalisation as the two flags say it.
    pub fn norm_of_flags(&self) -> NormKind {
        if self.batch_norm {
            NormKind::Batch
        } else if self.layer_norm {
            NormKind::Layer
        } else {
            NormKind::None
        }
    }

    /// s, what a residual branch is multiplied by at initialisation.
    pub fn branch_scale(&self) -> f64 {
        match self.residual_scaling {
            ResidualScaling::None => 1.0,
            ResidualScaling::InvSqrtDepth => 1.0 / (self.hidden_layers() as f64).sqrt(),
            ResidualScaling::LayerScale => self.layer_scale_init,
        }
    }
}
