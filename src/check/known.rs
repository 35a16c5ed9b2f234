//! What is known of the runs of a check: everything that vgrun measures, or what the columns of another program's trace
//! tell.

use super::baseline::BaselineKey;
use crate::metric::Verdict;
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
    /// Whether some of the runs are recurrent nets.
    pub has_time: bool,
}

impl Known {
    /// Whether a number of the baseline is known.
    pub fn keeps(&self, key: &BaselineKey) -> bool {
        let Self::Trace(columns) = self else { return true };
        let is_told = columns.has(LayerMetric::DeltaRms) || key.metric.starts_with("log10_grad_norm");
        let has_step = columns.first_step == 0 || !key.metric.ends_with("_init");
        key.layer > 0 && is_told && has_step
    }

    /// What a claim speaks of that is not known, and how to get it; none where all is.
    pub(super) fn lacks(&self, claim: &Claim) -> Option<String> {
        let Self::Trace(columns) = self else { return None };
        match claim {
            Claim::Number { reading, .. } => match reading {
                Reading::Layer { metric, .. } => columns.lacks(*metric),
                Reading::Run(metric) => columns.lacks_of_run(*metric),
                Reading::Lag { .. } => Some(of_own_runs(reading.metric().name())),
            },
            Claim::Verdict { .. } if columns.has_time => Some(
                "the verdict of a recurrent net needs its error through time, which no trace holds: check it without --traces"
                    .into(),
            ),
            Claim::Verdict { any_of, .. } => columns
                .lacks(LayerMetric::DeltaRms)
                .or_else(|| {
                    // A verdict that no run of the trace can get.
                    let told = any_of.iter().any(|verdict| columns.untold(*verdict).is_none());
                    if told { None } else { any_of.iter().find_map(|verdict| columns.untold(*verdict)) }
                })
                .map(|lacks| format!("no verdict is possible: {lacks}")),
            Claim::Learned { .. } => columns.lacks_loss(),
        }
    }

    /// Verdicts that the runs might deserve if more were known of them.
    pub(super) fn doubts(&self, claim: &Claim) -> Option<String> {
        let (Self::Trace(columns), Claim::Verdict { .. }) = (self, claim) else { return None };
        let untold: Vec<&str> =
            Verdict::ALL.into_iter().filter(|v| columns.untold(*v).is_some()).map(Verdict::name).collect();
        let missing: Vec<&str> = [
            (columns.loss, "loss"),
            (columns.has(LayerMetric::ZeroFraction), "zero_fraction"),
            (columns.has(LayerMetric::SaturatedFraction), "saturated_fraction"),
        ]
        .into_iter()
        .filter_map(|(is_there, name)| (!is_there).then_some(name))
        .collect();
        (!untold.is_empty()).then(|| {
            let (untold, missing) = (untold.join(", "), missing.join(", "));
            format!(
                "the verdict was judged without the columns {missing}, so nets that are {untold} were not recognised"
            )
        })
    }
}

/// Says where to get a number that no trace has.
fn of_own_runs(name: &str) -> String {
    format!("vgrun knows {name} only of its own runs, not of a trace: check this claim without --traces")
}

impl Columns {
    /// Whether it has a metric of layers.
    pub fn has(&self, metric: LayerMetric) -> bool {
        match metric {
            LayerMetric::RelativeUpdate => self.has(LayerMetric::UpdateNorm) && self.has(LayerMetric::WeightNorm),
            _ => self.layer.contains(&metric),
        }
    }

    /// What a column that is not there should hold; none where it is there.
    fn lacks(&self, metric: LayerMetric) -> Option<String> {
        let what = match metric {
            LayerMetric::RelativeUpdate => {
                return self.lacks(LayerMetric::UpdateNorm).or_else(|| self.lacks(LayerMetric::WeightNorm));
            }
            LayerMetric::GradNorm => "the Frobenius norm of dLoss/dW",
            LayerMetric::DeltaRms => {
                "the RMS of batch size times dLoss/dz (the backpropagated error, which vanishes or explodes)"
            }
            LayerMetric::WeightNorm => "the Frobenius norm of W before the update",
            LayerMetric::UpdateNorm => "the Frobenius norm of W after the update less W before it",
            LayerMetric::Moved => {
                "the Frobenius norm of W after the update less the initial W, over that of the initial W"
            }
            LayerMetric::ActMean => "the mean of the layer's output",
            LayerMetric::ActStd => "the standard deviation of the layer's output",
            LayerMetric::ZeroFraction => "the share of the layer's units whose slope is 0, as relu's below 0",
            LayerMetric::SaturatedFraction => {
                "the share of the layer's units whose slope is below a twentieth of the largest"
            }
        };
        (!self.has(metric)).then(|| no_column(metric.name(), &format!("{what}, for each layer at each step")))
    }

    fn lacks_loss(&self) -> Option<String> {
        (!self.loss).then(|| no_column("loss", "the loss of the batch at each step, in the row of every layer"))
    }

    fn lacks_of_run(&self, metric: RunMetric) -> Option<String> {
        match metric {
            RunMetric::LossLast => self.lacks_loss(),
            RunMetric::InitDecadesPerLayer
            | RunMetric::LastDecadesPerLayer
            | RunMetric::InitGradientDecades
            | RunMetric::LastGradientDecades => self.lacks(LayerMetric::DeltaRms),
            RunMetric::FirstMoved | RunMetric::FirstOverLastMoved => self.lacks(LayerMetric::Moved),
            RunMetric::AccuracyLast
            | RunMetric::TestLoss
            | RunMetric::TestAccuracy
            | RunMetric::InitDecadesPerStep
            | RunMetric::LastDecadesPerStep
            | RunMetric::InitTimeDecades
            | RunMetric::LastTimeDecades => Some(of_own_runs(metric.name())),
        }
    }

    /// What is missing of a trace with `delta_rms` to tell a verdict; none where it tells it.
    fn untold(&self, verdict: Verdict) -> Option<String> {
        match verdict {
            Verdict::Diverged => self.lacks_loss(),
            Verdict::Dead => self.lacks(LayerMetric::ZeroFraction),
            Verdict::Saturated => self.lacks(LayerMetric::SaturatedFraction),
            Verdict::Exploding | Verdict::Vanishing | Verdict::Recovered | Verdict::Healthy => None,
        }
    }
}

/// Names a column that is missing, and what it should hold.
fn no_column(name: &str, what: &str) -> String {
    format!("the trace has no column `{name}`: add it, with {what}")
}
