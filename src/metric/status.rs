//! The state of a gradient in words: whether its numbers are ones, and whether the precision could hold them.

use serde::{Deserialize, Serialize};

use crate::kernels::{Magnitude, Real};
use crate::names::named;

named! {
    /// What a row says of its gradient in words, because a spreadsheet holds NaN as text and hides a zero.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum RowStatus {
        /// Every number is one.
        Ok = "ok",
        /// All entries of every dLoss/dW are zero for a reason of the network: dead units, zero weights, zero inputs.
        Zero = "zero",
        /// The gradient is too small for the run's precision: a framework would have 0 there, or a number that has lost digits. What
        /// is recorded is true, but where slopes or activations are too small themselves: then it is 0.
        Underflow = "underflow",
        /// Some gradient entry is NaN. Its name is not `nan`, which pandas takes for a missing value.
        Nan = "not_a_number",
        /// Some gradient entry is infinite. Its name is not `inf`, of which pandas makes a column of numbers.
        Inf = "infinite",
    }
}

impl RowStatus {
    /// Whether the gradient's numbers are finite.
    pub fn is_finite(self) -> bool {
        match self {
            Self::Ok | Self::Zero | Self::Underflow => true,
            Self::Nan | Self::Inf => false,
        }
    }

    /// The status of gradients that share a row, each given by its root mean square: the worst of them counts. Where a zero comes from,
    /// `settle_underflow` and `settle_times` then find out.
    pub(super) fn of<F: Real>(gradients: &(impl Iterator<Item = Magnitude> + Clone)) -> Self {
        let any = |is: fn(Magnitude) -> bool| gradients.clone().any(is);
        if any(|rms| rms.entries.is_nan()) {
            Self::Nan
        } else if any(|rms| rms.entries.is_infinite()) {
            Self::Inf
        } else if any(|rms| rms.entries > 0.0 && rms.value() < least_rms::<F>()) {
            Self::Underflow
        } else if any(|rms| rms.entries == 0.0) {
            Self::Zero
        } else {
            Self::Ok
        }
    }
}

/// A gradient whose RMS is below this many times the smallest normal number has lost digits in a good part of its
/// entries: they scatter over a decade around the RMS.
const UNDERFLOW_FACTOR: f64 = 16.0;

/// RMS below which a tensor of the precision has lost digits in a good part of its entries.
pub fn least_rms<F: Real>() -> f64 {
    UNDERFLOW_FACTOR * F::MIN_NORMAL
}
