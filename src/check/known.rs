//! What is known of the runs of a check: everything that vgrun measures, or what the columns of another program's trace
//! tell.

use super::baseline::Key;
use crate::spec::{Claim, LayerMetric, Reading, RunMetric};

/// What is known of the runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Everything that vgrun measures.
    All,
    /// What another program's trace tells.
    Trace(Columns),
}

/// What the columns and rows of another program's trace tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The metrics of layers that it has, in the order of [`LayerMetric::ALL`].
    pub layer: Vec<LayerMetric>,
    /// Whether it has the loss of each step.
    pub loss: bool,
    /// Its first step, the same in every run: 0 where it begins at initialisation.
    pub first_step: usize,
}

impl Known {
    /// Whether a number of the baseline is known.
    pub fn keeps(&self, key: &Key) -> bool {
        let Self::Trace(columns) = self else { return true };
        if columns.has(LayerMetric::DeltaRms) { key.layer > 0 } else { key.metric.starts_with("log10_grad_norm") }
    }

    /// Whether a claim speaks of what is known.
    pub(super) fn tells(&self, claim: &Claim) -> bool {
        let Self::Trace(columns) = self else { return true };
        match claim {
            Claim::Number { reading: Reading::Layer { metric, .. }, .. } => columns.has(*metric),
            Claim::Number {
                reading:
                    Reading::Run(
                        RunMetric::InitDecadesPerLayer
                        | RunMetric::LastDecadesPerLayer
                        | RunMetric::InitGradientDecades
                        | RunMetric::LastGradientDecades,
                    ),
                ..
            } => columns.has(LayerMetric::DeltaRms),
            Claim::Number { .. } | Claim::Verdict { .. } | Claim::Learned { .. } => false,
        }
    }
}

impl Columns {
    /// Whether it has a metric of layers.
    pub fn has(&self, metric: LayerMetric) -> bool {
        self.layer.contains(&metric)
    }
}
