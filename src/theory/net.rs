//! The net that the theory speaks of: an architecture at initialisation and the moments of its inputs, as plain numbers.

use crate::nn::{Activation, Init};

/// A feed-forward net at initialisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    /// phi.
    pub activation: Activation,
    /// The slope of phi for negative arguments, where it has one.
    pub slope: f64,
    /// The distribution of the hidden weights.
    pub init: Init,
    /// Multiplies their standard deviation.
    pub init_gain: f64,
    /// The standard deviation of the hidden biases; `None` for a net without biases, which differs from 0 where the init
    /// draws biases too.
    pub bias_std: Option<f64>,
    /// What comes in.
    pub inputs: Inputs,
    /// The units of each hidden layer, first to last.
    pub widths: Vec<usize>,
    /// What stands between a linear output and its activation.
    pub norm: Normalisation,
    /// s, in a residual net of the pre-activation form z_{l+1} = z_l + s (W h_l + b).
    pub residual: Option<f64>,
    /// The examples over which errors are averaged.
    pub batch: Batch,
}

/// The examples over which the mean square of an error is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Batch {
    /// B.
    pub examples: usize,
    /// The mean over pairs of examples of the squared cosine between the derivatives of their losses by the net's
    /// outputs.
    pub likeness: f64,
}

/// The inputs' number and their moments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inputs {
    /// The number of inputs of a net.
    pub units: usize,
    /// Mean of x^2 over examples and inputs.
    pub square: f64,
    /// Mean over the inputs of their variance over the examples. Only batch norm asks for it.
    pub variance: f64,
    /// The variance over examples of the logarithm of their own mean square. Batch norm makes it meaningless.
    pub unevenness: f64,
    /// The number of directions in which examples differ: (tr C)^2 / tr C^2 of their covariance C. Only batch norm asks
    /// for it.
    pub directions: f64,
}

/// A normalisation at gain 1 and shift 0, where it starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Normalisation {
    /// None: phi sees z.
    None,
    /// Batch norm: statistics over the batch, per unit.
    Batch {
        /// B.
        examples: usize,
        /// What is added to the variance.
        eps: f64,
    },
    /// Layer norm: statistics over the units, per example.
    Layer {
        /// What is added to the variance.
        eps: f64,
    },
}

impl Inputs {
    /// Independent inputs that vary about 0 by `variance`, and so many that all examples are of one size.
    pub fn centred(units: usize, variance: f64) -> Self {
        Self { units, square: variance, variance, unevenness: 0.0, directions: units as f64 }
    }

    /// The root mean square over pairs of examples of their correlation: by the mean that they share, and as they differ
    /// in few directions.
    pub(super) fn likeness(&self) -> f64 {
        let varies = self.variance / self.square;
        let square = (1.0 - varies) * (1.0 - varies) + varies * varies / self.directions;
        // Examples without any variance have no directions; they are all alike.
        if square.is_nan() { 1.0 } else { square.min(1.0).sqrt() }
    }
}

impl Net {
    /// L.
    pub(super) fn depth(&self) -> usize {
        self.widths.len()
    }

    /// Inputs of layer `l` (from 1).
    pub(super) fn fan_in(&self, l: usize) -> usize {
        if l == 1 { self.inputs.units } else { self.widths[l - 2] }
    }

    /// The variance of a weight of a layer of this size.
    pub(super) fn weight_variance(&self, fan_in: usize, fan_out: usize) -> f64 {
        self.init_gain * self.init_gain * self.init.variance(fan_in, fan_out)
    }

    /// The variance of a bias of a layer with `fan_in` inputs. PyTorch's default draws from U(-1/sqrt(fan_in),
    /// 1/sqrt(fan_in)).
    pub(super) fn bias_variance(&self, fan_in: usize) -> f64 {
        match (self.bias_std, self.init) {
            (None, _) => 0.0,
            (Some(_), Init::PytorchDefault) => 1.0 / (3.0 * fan_in as f64),
            (
                Some(std),
                Init::XavierNormal
                | Init::XavierUniform
                | Init::HeNormal
                | Init::HeUniform
                | Init::HeFanOutNormal
                | Init::LecunNormal
                | Init::LecunUniform
                | Init::Orthogonal,
            ) => std * std,
        }
    }
}
