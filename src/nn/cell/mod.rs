//! The cells: what one recurrent layer does at one time step, elementwise; the products are made around them.
//!
//! | name | state | blocks of W_x, W_h, b and z | source |
//! |---|---|---|---|
//! | rnn | h | 1 | Elman 1990 |
//! | lstm | h, c | input, forget, cell, output | Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000 |
//! | gru | h | reset, update, new | Cho et al. 2014 (arXiv 1406.1078 v3), the reset after the product, as in PyTorch |
//!
//! Every cell's formulas stand once, as scalars, forward and backward; its loops give them the units of a batch. All
//! derivatives are taken from the arguments of the gates, as `activation` explains, and 1 - sigmoid(a) is sigmoid(-a):
//! a gate that is nearly shut or open passes a small gradient, not none.

pub(super) mod gru;
pub(super) mod lstm;
mod strip;

use super::Activation;

/// Which cell a recurrent net has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// The plain one, with its activation.
    Rnn(Activation),
    /// Long short-term memory.
    Lstm,
    /// The gated recurrent unit.
    Gru,
}

impl Cell {
    /// The nonlinearity of every gate, in PyTorch's order; none for the rnn, which has no gates.
    pub fn gates(self) -> &'static [Activation] {
        use Activation::{Sigmoid, Tanh};
        match self {
            Self::Rnn(_) => &[],
            Self::Lstm => &[Sigmoid, Sigmoid, Tanh, Sigmoid],
            Self::Gru => &[Sigmoid, Sigmoid, Tanh],
        }
    }

    /// Blocks of H columns in W_x, W_h, b and z.
    pub fn blocks(self) -> usize {
        self.gates().len().max(1)
    }

    /// Whether there is a cell state c beside h.
    pub fn has_memory(self) -> bool {
        match self {
            Self::Lstm => true,
            Self::Rnn(_) | Self::Gru => false,
        }
    }
}
