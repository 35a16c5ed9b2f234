//! How a layer's norm and activation change second moments: from those of the linear output to those of the
//! activations, and back from the error at the activations to the error at the linear output.

use std::collections::HashMap;

use super::batch::{BatchMoments, SMALLEST};
use super::moments::{Moments, Phi};
use super::overlap::Overlaps;
use super::{Net, Normalisation};
use crate::nn::Activation;

/// How large the eps of batch norm may be, relative to the variance that it is added to: its moments are those of
/// eps = 0.
const LARGEST_EPS: f64 = 1e-3;

/// How near two second moments are that have the same moments of phi, to all digits that count.
const SAME: f64 = 1e-13;

/// What comes of a linear output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Activated {
    /// Mean square of the activations.
    pub(super) square: f64,
    /// The part of it that varies within the batch, which only batch norm tells and asks for; else 0.
    pub(super) variance: f64,
    /// The factor on the mean square of an error from the activations to the linear output.
    pub(super) backward: f64,
    /// d ln `square` / d ln q.
    pub(super) square_elasticity: f64,
    /// d ln `backward` / d ln q.
    pub(super) backward_elasticity: f64,
    /// Units times the variance of ln(mean of phi^2).
    pub(super) square_noise: f64,
    /// Units times the variance of ln `backward`.
    pub(super) backward_noise: f64,
    /// The growth of an example's deviation from the others, under batch norm; else 0.
    pub(super) splitting: f64,
    /// Units times the variance of that deviation that averaging adds; else 0.
    pub(super) splitting_noise: f64,
    /// What the activation makes of two examples.
    pub(super) overlaps: Overlaps,
}

/// What nets share: the moments under batch norm, for one activation and batch size, and the moments of a layer, for
/// one q. The former take thousands of times longer than the latter. Nets of different depth have layers of the same q.
#[derive(Debug, Default)]
pub(super) struct Known {
    batches: HashMap<(Activation, u64, usize), BatchMoments>,
    layers: HashMap<(Activation, u64, u64), Moments>,
}

/// The most layers that are remembered. When there are as many, all are forgotten: a grid of many data sets would never
/// ask for them again.
const MOST_LAYERS: usize = 1 << 16;

impl Known {
    fn batch(&mut self, phi: Phi, examples: usize) -> BatchMoments {
        let key = (phi.activation, phi.slope.to_bits(), examples);
        *self.batches.entry(key).or_insert_with(|| BatchMoments::at(phi, examples as f64))
    }

    fn layer(&mut self, phi: Phi, q: f64) -> Moments {
        if self.layers.len() >= MOST_LAYERS {
            self.layers.clear();
        }
        let key = (phi.activation, phi.slope.to_bits(), q.to_bits());
        *self.layers.entry(key).or_insert_with(|| Moments::at(phi, q))
    }
}

/// The norm and the activation of every layer of a net.
#[derive(Debug)]
pub(super) struct Activator<'k> {
    phi: Phi,
    norm: Fixed,
    known: &'k mut Known,
    /// The last second moment that was asked for, with its moments of phi: the next layer's often is the same.
    last: (f64, Moments),
}

/// A norm, with the part of it that is the same in every layer.
#[derive(Debug)]
enum Fixed {
    None,
    Batch { eps: f64, moments: BatchMoments },
    Layer { eps: f64 },
}

impl<'k> Activator<'k> {
    /// Makes the activator of `net`; `None` for a batch norm over too few examples.
    pub(super) fn of(net: &Net, known: &'k mut Known) -> Option<Self> {
        let phi = Phi { activation: net.activation, slope: net.slope };
        let norm = match net.norm {
            Normalisation::None => Fixed::None,
            Normalisation::Layer { eps } => Fixed::Layer { eps },
            Normalisation::Batch { examples, .. } if examples < SMALLEST => return None,
            Normalisation::Batch { examples, eps } => Fixed::Batch { eps, moments: known.batch(phi, examples) },
        };
        let last = (1.0, known.layer(phi, 1.0));
        Some(Self { phi, norm, known, last })
    }

    /// Returns what comes of a linear output whose mean square is `q`, and whose variance within the batch is `within`.
    /// `None` where q has left the range of numbers, or where eps is not small beside `within`.
    pub(super) fn activate(&mut self, q: f64, within: f64) -> Option<Activated> {
        if !q.is_normal() {
            return None;
        }
        match self.norm {
            Fixed::None => Some(plain(self.moments(q))),
            Fixed::Layer { eps } => {
                let seen = q / (q + eps);
                let inner = plain(self.moments(seen));
                // The argument's second moment is q / (q + eps), and the error is divided by sqrt(q + eps).
                Some(Activated {
                    backward: inner.backward / (q + eps),
                    square_elasticity: inner.square_elasticity * (1.0 - seen),
                    backward_elasticity: inner.backward_elasticity * (1.0 - seen) - seen,
                    ..inner
                })
            }
            Fixed::Batch { eps, moments: BatchMoments { square, variance, backward, splitting, noise } } => {
                let behind = Activated {
                    square,
                    variance,
                    backward: backward / within,
                    square_elasticity: 0.0,
                    backward_elasticity: 0.0,
                    splitting,
                    splitting_noise: noise,
                    ..plain(self.moments(1.0))
                };
                (eps <= LARGEST_EPS * within).then_some(behind)
            }
        }
    }

    /// The part of the activations' mean square that varies within the batch, which only batch norm tells; else 0.
    pub(super) fn variance(&self) -> f64 {
        match self.norm {
            Fixed::None | Fixed::Layer { .. } => 0.0,
            Fixed::Batch { moments, .. } => moments.variance,
        }
    }

    /// Returns the moments of phi under N(0, q).
    fn moments(&mut self, q: f64) -> Moments {
        if (q - self.last.0).abs() > SAME * q {
            self.last = (q, self.known.layer(self.phi, q));
        }
        self.last.1
    }
}

fn plain(moments: Moments) -> Activated {
    let Moments { square, slope_square, square_elasticity, slope_elasticity, square_noise, slope_noise, overlaps } =
        moments;
    Activated {
        square,
        variance: 0.0,
        backward: slope_square,
        square_elasticity,
        backward_elasticity: slope_elasticity,
        square_noise,
        backward_noise: slope_noise,
        splitting: 0.0,
        splitting_noise: 0.0,
        overlaps,
    }
}
