//! What a claim about gradients can speak of: the metrics by name, each read from where the tables have it.
//!
//! The names are columns of runs.csv, trace.csv and time.csv; a test of `store` holds them against these.

use super::RunSpec;
use crate::data::TargetKind;
use crate::kernels::log10;
use crate::metric::{LayerReading, TimeReading};
use crate::names::named;

named! {
    /// A headline metric: a number of a run.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[expect(missing_docs, reason = "the columns of runs.csv say what each one is")]
    pub enum RunMetric {
        LossLast = "loss_last",
        AccuracyLast = "accuracy_last",
        TestLoss = "test_loss",
        TestAccuracy = "test_accuracy",
        InitDecadesPerLayer = "init_decades_per_layer",
        LastDecadesPerLayer = "last_decades_per_layer",
        InitGradientDecades = "init_gradient_decades",
        LastGradientDecades = "last_gradient_decades",
        InitDecadesPerStep = "init_decades_per_step",
        LastDecadesPerStep = "last_decades_per_step",
        InitTimeDecades = "init_time_decades",
        LastTimeDecades = "last_time_decades",
        FirstMoved = "first_moved",
        FirstOverLastMoved = "first_over_last_moved",
    }
}

impl RunMetric {
    /// Whether it tells of the way back through time.
    pub fn is_through_time(self) -> bool {
        match self {
            Self::InitDecadesPerStep | Self::LastDecadesPerStep | Self::InitTimeDecades | Self::LastTimeDecades => true,
            Self::LossLast
            | Self::AccuracyLast
            | Self::TestLoss
            | Self::TestAccuracy
            | Self::InitDecadesPerLayer
            | Self::LastDecadesPerLayer
            | Self::InitGradientDecades
            | Self::LastGradientDecades
            | Self::FirstMoved
            | Self::FirstOverLastMoved => false,
        }
    }

    /// Whether baselines hold it. Those that came later are left to claims, so that no committed baseline lacks a number.
    pub fn is_in_baseline(self) -> bool {
        match self {
            Self::InitTimeDecades | Self::LastTimeDecades | Self::FirstMoved | Self::FirstOverLastMoved => false,
            Self::LossLast
            | Self::AccuracyLast
            | Self::TestLoss
            | Self::TestAccuracy
            | Self::InitDecadesPerLayer
            | Self::LastDecadesPerLayer
            | Self::InitGradientDecades
            | Self::LastGradientDecades
            | Self::InitDecadesPerStep
            | Self::LastDecadesPerStep => true,
        }
    }

    /// Why the metric is NaN in a run, whatever the run's gradients; none where it says something of the run.
    pub fn says_nothing_of(self, run: &RunSpec) -> Option<&'static str> {
        let of_classes = run.data.target() == TargetKind::Class;
        let is_tested = run.data.test_examples() > 0;
        match self {
            Self::AccuracyLast | Self::TestAccuracy if !of_classes => {
                Some("a net that learns a number has no accuracy")
            }
            Self::TestLoss | Self::TestAccuracy if !is_tested => Some("its data have no examples for testing"),
            Self::InitDecadesPerLayer | Self::LastDecadesPerLayer if run.model.hidden_layers() < 2 => {
                Some("one hidden layer has no slope over layers")
            }
            _ if self.is_through_time() && !run.model.kind.is_recurrent() => {
                Some("a feed-forward net has no time steps")
            }
            _ if self.is_through_time() && run.data.answers() == run.data.length() => {
                Some("its first time step has an answer of its own, so nothing goes back through time to it")
            }
            Self::LossLast
            | Self::AccuracyLast
            | Self::TestLoss
            | Self::TestAccuracy
            | Self::InitDecadesPerLayer
            | Self::LastDecadesPerLayer
            | Self::InitGradientDecades
            | Self::LastGradientDecades
            | Self::InitDecadesPerStep
            | Self::LastDecadesPerStep
            | Self::InitTimeDecades
            | Self::LastTimeDecades
            | Self::FirstMoved
            | Self::FirstOverLastMoved => None,
        }
    }
}

named! {
    /// A metric of a layer at a traced step.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[expect(missing_docs, reason = "the columns of trace.csv say what each one is")]
    pub enum LayerMetric {
        GradNorm = "grad_norm",
        DeltaRms = "delta_rms",
        WeightNorm = "weight_norm",
        UpdateNorm = "update_norm",
        RelativeUpdate = "relative_update",
        Moved = "moved",
        ActMean = "act_mean",
        ActStd = "act_std",
        ZeroFraction = "zero_fraction",
        SaturatedFraction = "saturated_fraction",
    }
}

impl LayerMetric {
    /// The metric of a layer that was read.
    pub fn of(self, layer: &LayerReading) -> f64 {
        match self {
            Self::GradNorm => layer.grad_norm,
            Self::DeltaRms => layer.delta_rms,
            Self::WeightNorm => layer.weight_norm,
            Self::UpdateNorm => layer.update_norm,
            Self::RelativeUpdate => layer.relative_update(),
            Self::Moved => layer.moved,
            Self::ActMean => layer.act_mean,
            Self::ActStd => layer.act_std,
            Self::ZeroFraction => layer.zero_fraction,
            Self::SaturatedFraction => layer.saturated_fraction,
        }
    }

    /// log10 of the metric, also where that is below f64's range and 0.
    pub fn log10_of(self, layer: &LayerReading) -> f64 {
        match self {
            Self::GradNorm => layer.log10_grad_norm,
            Self::DeltaRms => layer.log10_delta_rms,
            _ => log10(self.of(layer)),
        }
    }
}

named! {
    /// A metric of a time step of the top recurrent layer at a traced step.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[expect(missing_docs, reason = "the columns of time.csv say what each one is")]
    pub enum LagMetric {
        DhRms = "dh_rms",
        DcRms = "dc_rms",
        StateRms = "state_rms",
    }
}

impl LagMetric {
    /// The metric of a time step that was read.
    pub fn of(self, time: &TimeReading) -> f64 {
        match self {
            Self::DhRms => time.dh_rms,
            Self::DcRms => time.dc_rms,
            Self::StateRms => time.state_rms(),
        }
    }

    /// log10 of the metric, also where that is below f64's range and 0.
    pub fn log10_of(self, time: &TimeReading) -> f64 {
        match self {
            Self::DhRms => time.log10_dh_rms,
            Self::DcRms => time.log10_dc_rms(),
            Self::StateRms => time.log10_state_rms,
        }
    }
}

/// Any metric that a claim can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// A metric of a run.
    Run(RunMetric),
    /// A metric of a layer at a traced step.
    Layer(LayerMetric),
    /// A metric of a time step at a traced step.
    Lag(LagMetric),
}

const RUN: usize = RunMetric::ALL.len();
const LAYER: usize = LayerMetric::ALL.len();
const LAG: usize = LagMetric::ALL.len();

impl Metric {
    /// Every metric: of runs, of layers, of time steps.
    pub const ALL: [Self; RUN + LAYER + LAG] = {
        let mut all = [Self::Run(RunMetric::LossLast); RUN + LAYER + LAG];
        let mut i = 0;
        while i < all.len() {
            all[i] = if i < RUN {
                Self::Run(RunMetric::ALL[i])
            } else if i < RUN + LAYER {
                Self::Layer(LayerMetric::ALL[i - RUN])
            } else {
                Self::Lag(LagMetric::ALL[i - RUN - LAYER])
            };
            i += 1;
        }
        all
    };

    /// The name in configs, which is that of the metric's column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run(metric) => metric.name(),
            Self::Layer(metric) => metric.name(),
            Self::Lag(metric) => metric.name(),
        }
    }

    /// The metric of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Whether it is a norm: never negative, and spread over decades, so that means and differences over seeds are
    /// those of its log10.
    pub fn is_norm(self) -> bool {
        match self {
            Self::Run(metric) => matches!(metric, RunMetric::FirstMoved | RunMetric::FirstOverLastMoved),
            Self::Layer(metric) => match metric {
                LayerMetric::GradNorm
                | LayerMetric::DeltaRms
                | LayerMetric::WeightNorm
                | LayerMetric::UpdateNorm
                | LayerMetric::RelativeUpdate
                | LayerMetric::Moved => true,
                LayerMetric::ActMean
                | LayerMetric::ActStd
                | LayerMetric::ZeroFraction
                | LayerMetric::SaturatedFraction => false,
            },
            Self::Lag(LagMetric::DhRms | LagMetric::DcRms | LagMetric::StateRms) => true,
        }
    }

    /// Whether a baseline holds it, so that a tolerance of its own has something to allow.
    pub fn is_in_baseline(self) -> bool {
        match self {
            Self::Run(metric) => metric.is_in_baseline(),
            Self::Layer(LayerMetric::GradNorm | LayerMetric::DeltaRms) => true,
            Self::Layer(
                LayerMetric::WeightNorm
                | LayerMetric::UpdateNorm
                | LayerMetric::RelativeUpdate
                | LayerMetric::Moved
                | LayerMetric::ActMean
                | LayerMetric::ActStd
                | LayerMetric::ZeroFraction
                | LayerMetric::SaturatedFraction,
            )
            | Self::Lag(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_listed_once_and_found_by_its_name() {
        for metric in Metric::ALL {
            assert_eq!(Metric::named(metric.name()), Some(metric));
        }
        assert_eq!(Metric::named("loss"), None);
    }

    #[test]
    fn the_norms_are_norms_their_ratios_and_root_mean_squares_of_errors() {
        let norms: Vec<&str> = Metric::ALL.into_iter().filter(|m| m.is_norm()).map(Metric::name).collect();
        assert_eq!(
            norms,
            [
                "first_moved",
                "first_over_last_moved",
                "grad_norm",
                "delta_rms",
                "weight_norm",
                "update_norm",
                "relative_update",
                "moved",
                "dh_rms",
                "dc_rms",
                "state_rms",
            ]
        );
    }
}
