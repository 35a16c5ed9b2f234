//! The mean field: what gradients do in a net at initialisation, from its architecture and the moments of its inputs as
//! plain numbers. Opens no file, knows no run and trains nothing.
//!
//! # Conventions
//!
//! * Layers are 1..L as everywhere; of a residual net, layer 1 is the stem and layer l + 1 is what the literature calls
//!   block l. The head is not counted: nothing here depends on it or on the loss, because errors are relative to layer L.
//! * delta_l = dLoss/dz_l, the error at the *linear output* z_l, before any norm; in a residual net at the stream z_l.
//!   It is the error of one example's own loss, root mean square over units (and over the batch, whose examples are
//!   alike). It is not the gradient of weights, which looks flat in a relu net while everything vanishes: with one
//!   example, all layers' dLoss/dW have the same norm; with more, the norms depend on how the examples' errors are
//!   correlated.
//! * q_l is the mean square of z_l over units; u is the activation's argument, z or norm(z); H_l = E phi(u_l)^2. Var(W) is
//!   that of the init at the layer's real fans: a uniform and a normal init of one variance have one prediction.
//! * Moments over units are those of a Gaussian of second moment q: a sum over many inputs is one, on the way forward
//!   and on the way back. Weights forward and weights back count as independent.
//!
//! Forward, and back (n_l units, s = 1 and no stream outside residual nets):
//!
//! q_{l+1} = [q_l +] s^2 (n_l Var(W_{l+1}) H_l + Var(b))
//!
//! E delta_l^2 / E delta_{l+1}^2 = [1 +] s^2 n_{l+1} Var(W_{l+1}) G_l
//!
//! | norm | H | G | source |
//! |---|---|---|---|
//! | none | E phi(sqrt(q) Z)^2 | E phi'(sqrt(q) Z)^2 | Poole et al. 2016, Schoenholz et al. 2017 |
//! | layer, RMS | at q / (q + eps), uncentred: units have mean 0 | the same / (q + eps) | |
//! | batch | A of `batch` | K / V, V the variance of z within the batch | Yang et al. 2019 |
//!
//! Recurrent nets: see `recurrent`.
//!
//! # Where there is no number
//!
//! Nets are finite, and a prediction that they do not follow is not given. These are the limits, each decided by what the
//! maps themselves say, never by a name; the numbers beside them were measured with vgrun's own nets, in batches of 64.
//!
//! | no prediction | because |
//! |---|---|
//! | a profile that the averages over finite layers spread by more than 0.5 decades over seeds, and by more than a hundredth of what the error loses in all | what nets show is then the mean of logarithms, far below the logarithm of the mean: relu at depth 50 by 1.4 decades at 16 units, by 0.3 at 64 |
//! | one in which the wandering of q from layer to layer has more than 0.15 of them | q sits near a marginal point of its map, and each net goes its own way: gelu with He's init; silu with He's at depth 20 and 64 units is 0.6 decades off |
//! | batch norm over fewer than 8 examples | 1/chi^2 of few degrees of freedom: single units decide |
//! | batch norm of examples that differ in fewer than 16 directions | so few degrees of freedom has 1/chi^2 then: of two inputs (moons, spirals) relu at depth 10 is 0.8 decades off, linear 3.9; of 10, linear 0.4 |
//! | batch norm whose eps is more than 0.001 of the variance | its moments are those of eps = 0 |
//! | batch norm whose examples come to differ (`batch`), by a variance of 5 in ln of each one's variance | silu or softplus at depth 50 and 64 units explode by 0.8 to 1.1 decades more than alike examples would |
//! | a layer where the squares of examples' errors vary by more than half their mean squared | few examples decide, by what the variance of the logarithm of their sizes does not tell: with two inputs, layer 1 under layer norm, which is 1/q, by 0.5 to 0.8 decades, tanh without a norm by 0.4. Where an example is all 0, no layer has a number |
//! | a recurrent layer of fewer than 64 units | the largest eigenvalues of one random matrix: 4 % per step at 64 |
//! | an lstm or gru with a + b >= 1, or with more than 0.1 of variance in its gates' arguments | the cell leaves the linear regime: by 3 % per step at 0.1, 15 % at 1 |
//! | an rnn whose q remembers by more than 0.8 per step, unless it is linear | one W_h at every step: 4 to 16 % per step with elu, selu, gelu and silu under He's init |
//! | whatever leaves the range of numbers | |
//!
//! Within the limits, the mean over seeds of what came to layer 1 was about one `widest_spread` from the prediction at most, over
//! 2,233 nets that read noise: of all activations, 16 to 256 units and 10 to 50 layers, with and without norms and residual
//! connections.
//!
//! On digits, blobs, moons, spirals and noise, in batches of 64, 3,271 nets of all activations and inits with 64 or 128
//! units and 8 to 20 layers had a prediction, 656 had none. The mean of 5 seeds was off by at most
//!
//! | | no norm | batch norm | layer norm | residual, any norm |
//! |---|---|---|---|---|
//! | decades per layer, by the slope | 0.021 | 0.024 | 0.018 | 0.016 |
//! | `widest_spread`s, in any layer | 1.8 | 1.9 | 1.1 | 1.0; 2.7 with two inputs, 0.05 decades of a `widest_spread` of 0.02 |
//!
//! and so were nets with gains of 0.5 to 1.3, biases, unequal widths and batches of 16. Of recurrent nets of 64 units over
//! 8 to 64 time steps of noise, adding and digits, dLoss/dh_t changed by a factor per step within 3.6 % of the predicted
//! one, in an rnn of prelu on adding within 5 %.
//!
//! # How far one net is from it
//!
//! Beside each number of a profile stand the bias and the standard deviation of one net at its width and batch size
//! (`spread`). `widest_spread` is the standard deviation with one example in the batch, which decides above where there is no
//! number. z = (measured - predicted - bias) / spread was
//!
//! | nets | mean of z | its sd | below 4 |
//! |---|---|---|---|
//! | relu with He's init, 20 layers of 32 units, one example, 1,000 seeds | 0.00 | 0.68 | all |
//! | the same in a batch of 64 | 0.12 | 0.48 | all |
//! | 64 nets of 12 layers of 96 units without a norm, all activations, plain and residual, 5 seeds each | 0.80 | 0.84 | all |
//! | 66 under batch norm | -0.18 | 0.59 | all |
//! | 66 under layer norm | 0.33 | 0.48 | all |
//! | 51 of other gains, biases and unequal widths | 0.18 | 0.52 | all |
//! | 3,298 on digits, blobs, spirals, moons and noise, plain, residual and under batch norm, of 32 and 128 units, 5 and 20 layers, batches of 4 and 64 | 0.43 | 1.00 | 99.7 % |
//!
//! A recurrent net has the same z, of `init_time_decades` (`recurrent_spread`): over 11,199 nets of all cells, z was below
//! 4 in 99.8 %, and its standard deviation 0.96. The same W_h at every step makes the spread grow like the number of steps.
//!
//! Examples of different size count as such. The logarithm of their mean squares is taken to be normal, with the mean
//! and variance that it has, and errors are averaged over three such sizes.

mod activated;
mod batch;
mod gaussian;
mod layer;
mod legendre;
mod limit;
mod moments;
mod net;
mod overlap;
mod pair;
mod profile;
mod recurrent;
mod recurrent_spread;
mod spread;
#[cfg(test)]
mod tests;

use activated::Known;

pub use limit::{Fate, Limit, limit};
pub use net::{Batch, Inputs, Net, Normalisation};
pub use profile::{LayerProfile, MeanFieldProfile, profile};
pub use recurrent::{RecurrentCell, RecurrentNet, outputs_through_time, state_decades, through_time};
pub use recurrent_spread::{TimeSpread, time_spread};

/// The theory of many nets, one after the other: it remembers what they share.
#[derive(Debug, Default)]
pub struct Theory {
    known: Known,
}

impl Theory {
    /// Computes what [`profile()`] does, and remembers what other nets share with this one.
    pub fn profile(&mut self, net: &Net) -> Option<MeanFieldProfile> {
        profile::profile_by(net, &mut self.known)
    }

    /// Computes what [`limit()`] does, and remembers what other nets share with this one.
    pub fn limit(&mut self, net: &Net) -> Option<Limit> {
        limit::limit_by(net, &mut self.known)
    }
}
