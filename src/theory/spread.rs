//! How far one net of finite width is from the mean field: the second moments of its errors' squares, over draws of the
//! weights, in a batch of B examples.
//!
//! What is measured is S_l = mean over the batch of |delta_l|^2. Of two of its examples b and c, relative to the mean
//! field's E |delta_l|^2, three moments are followed on the way back:
//!
//! A = E |delta^b|^4, T = E |delta^b|^2 |delta^c|^2 and P = E (delta^b . delta^c)^2, so that E S^2 = A / B + (1 - 1 / B) T.
//!
//! Layer l of n units makes delta_i = phi'(u_i) (W delta_{l+1})_i, W Gaussian. With a = 3 E phi'^4 / (E phi'^2)^2 - 1,
//! k = E phi'_b^2 phi'_c^2 / (E phi'^2)^2 and m = E phi'_b phi'_c / E phi'^2, which depend on how the two examples'
//! arguments correlate, the sums over pairs of units give
//!
//! A += a A / n,
//! T += ((k - 1) T + 2 k P) / n,
//! P := m^2 (1 - 1 / n) P + k (T + 2 P) / n.
//!
//! In a residual net, where the branch has the share r of the error's mean square and the stream f = 1 - r, these are
//! r^2 times as much, and the mean of the product of stream and branch adds 4 f r (A, m P) / n to A and T; and
//! P := (f + r m)^2 P + r^2 (k (T + 2 P) - m^2 P) / n + 2 f r (T + m P) / n. That q is a mean over finite layers, too,
//! multiplies A by 1 + e^2 v, and T and P by 1 + e^2 v', with e the elasticity of the error by q, v the variance of ln q
//! and v' its covariance between two examples.
//!
//! As a product of many factors S_1 / S_L is taken to be log-normal. Then ln sqrt(S_1 / S_L) has the variance
//! s^2 = ln(E S_1^2 / E S_L^2) / 4 over nets, and its mean is lower by s^2 than ln sqrt(E S_1 / E S_L), which the mean
//! field gives. With one example in the batch and without a norm, s^2 is a D / (4 n) over D layers.
//!
//! E S_1 / E S_L itself is that of endless width only up to terms of the order D / n, which are not worked out here: an
//! error has more than its random share of the direction of the net's own output, for instance. They are of the size of
//! the bias of one example, a D / (4 n), which is counted as one more standard deviation, independent of s.

use super::net::Batch;

/// What one layer's draw of weights does to squares of errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    /// n.
    pub(super) units: f64,
    /// r: the branch's share of the mean square of an error.
    pub(super) share: f64,
    /// a: n times the variance of one example's factor.
    pub(super) own: f64,
    /// k: the mean product of two examples' squared slopes.
    pub(super) slope_square: f64,
    /// m: the mean product of two examples' slopes.
    pub(super) slope: f64,
    /// v: the variance that this layer gives ln q of the layer above.
    pub(super) added: f64,
    /// v': its covariance between two examples.
    pub(super) added_to_two: f64,
}

/// How far one net is from the mean field, in natural logarithms of root mean squares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stray {
    /// By how much the mean over nets is higher; below 0.
    pub(super) bias: f64,
    /// The standard deviation over nets.
    pub(super) spread: f64,
}

impl Stray {
    /// Where ln E S^2 has grown by `squares` on the way back from layer L, and where ln of one example's mean square
    /// has the variance `alone`.
    pub(super) fn of(squares: f64, alone: f64) -> Self {
        let variance = 0.25 * squares.max(0.0);
        let beyond = 0.25 * alone;
        Self { bias: -variance, spread: (variance + beyond * beyond).sqrt() }
    }
}

/// A, T and P.
#[derive(Debug, Clone, Copy)]
pub(super) struct Squares {
    own: f64,
    two: f64,
    product: f64,
}

impl Squares {
    /// Those of what the head sends to layer L.
    pub(super) fn of_head(batch: Batch) -> Self {
        Self { own: 1.0, two: 1.0, product: batch.likeness }
    }

    /// Goes through a layer, in whose upper neighbour errors depend on q by the elasticity `elasticity`.
    pub(super) fn through(&mut self, draw: &Draw, elasticity: f64) {
        let Draw { units, share: r, own: a, slope_square: k, slope: m, added, added_to_two } = *draw;
        let (f, Self { own, two, product }) = (1.0 - r, *self);
        let (of_q, of_q_of_two) = (1.0 + elasticity * elasticity * added, 1.0 + elasticity * elasticity * added_to_two);
        let (kept, mixed) = (f + r * m, k * (two + 2.0 * product));
        self.own = of_q * own * (1.0 + (r * r * a + 4.0 * f * r) / units);
        self.two = of_q_of_two * (two + (r * r * (mixed - two) + 4.0 * f * r * m * product) / units);
        let added = r * r * (mixed - m * m * product) + 2.0 * f * r * (two + m * product);
        self.product = of_q_of_two * (kept * kept * product + added / units);
    }

    /// ln E S^2.
    pub(super) fn ln_of_batch(&self, batch: Batch) -> f64 {
        let share = 1.0 / batch.examples as f64;
        crate::kernels::ln(share * self.own + (1.0 - share) * self.two)
    }
}
