//! What the curves and the heat map of one cell are drawn from: numbers over its seeds by layer, step and lag.
//!
//! Of nets with many layers, of many traced steps and of long sequences a part is kept, spread evenly and with both ends:
//! no page has more pixels. The tables have all of it, and [`Thinned`] says what was left out.

use super::band::{Band, Mark};

/// The most hidden layers of a cell that are drawn.
pub(super) const MOST_LAYERS: usize = 128;

/// The most of the planned traced steps that are drawn; the last step of every run that diverged is drawn beside them.
pub(super) const MOST_STEPS: usize = 64;

/// The most lags that are drawn.
pub(super) const MOST_LAGS: usize = 128;

/// The curves of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The error across the layers.
    pub profile: ProfileCurves,
    /// How fast each layer learns.
    pub speeds: LayerSpeeds,
    /// The gradient by layer and traced step.
    pub heat: Heat,
    /// Loss and accuracy over the traced steps.
    pub curves: Curves,
    /// The error back through time; none of a feed-forward net.
    pub lags: Option<Lags>,
    /// What of it is not drawn.
    pub thinned: Option<Thinned>,
}

/// log10 of the RMS backpropagated error (delta, `delta_rms`) across the hidden layers.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileCurves {
    /// The numbers of the layers drawn, ascending; the first is 1, the last is L.
    pub layers: Vec<usize>,
    /// One band per layer, at step 0.
    pub init: Vec<Band>,
    /// One band per layer, at the last traced step with finite gradients, or the very last where there is none.
    pub last: Vec<Band>,
    /// What theory says at initialisation, relative to layer L (whose value is 0), in the mean over the seeds; empty where
    /// it says nothing.
    pub predicted: Vec<f64>,
}

impl ProfileCurves {
    /// What the predicted values are added to, to be drawn beside the measured ones: the measured mean of layer L.
    pub fn anchor(&self) -> f64 {
        self.init.last().map_or(f64::NAN, |top| top.mean)
    }
}

/// How fast each hidden layer learns: the log10 of its relative update, `update_norm` over `weight_norm`, in the mean over
/// the traced steps with finite gradients.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSpeeds {
    /// The numbers of the layers drawn, ascending; the first is 1, the last is L.
    pub layers: Vec<usize>,
    /// One band per layer, over the seeds. A seed of which some update changed nothing has no finite mean, and is
    /// marked as zero.
    pub bands: Vec<Band>,
}

/// log10 `grad_norm` by layer and traced step.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    /// The numbers of the layers drawn, ascending; the last one, L + 1, is the head.
    pub layers: Vec<usize>,
    /// The traced steps drawn, ascending.
    pub steps: Vec<usize>,
    /// Mean over the seeds with a finite value, layer by layer and of each step by step; NaN of none.
    pub values: Vec<f32>,
    /// What is special there about any seed, the worst that there is.
    pub marks: Vec<Option<Mark>>,
}

impl Heat {
    /// The mean and the mark at the positions of a layer and a step. NaN without a mark is a step to which no run came.
    pub fn at(&self, layer: usize, step: usize) -> (f32, Option<Mark>) {
        let i = layer * self.steps.len() + step;
        (self.values[i], self.marks[i])
    }
}

/// Loss and accuracy over the traced steps, as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// The traced steps drawn, ascending: those of the heat map.
    pub steps: Vec<usize>,
    /// Mean loss of the batch.
    pub loss: Vec<Band>,
    /// Accuracy on the batch; empty of a regression.
    pub accuracy: Vec<Band>,
}

/// log10 `dh_rms` of the top recurrent layer by lag, T - t.
#[derive(Debug, Clone, PartialEq)]
pub struct Lags {
    /// The lags drawn, ascending; the first is 0, the last T - 1.
    pub lags: Vec<usize>,
    /// The lag of the first answer: at lesser ones every time step has a loss of its own.
    pub first_answer: usize,
    /// One band per lag, at step 0.
    pub init: Vec<Band>,
    /// One band per lag, at the last traced step with finite gradients, or the very last where there is none.
    pub last: Vec<Band>,
    /// What theory says at initialisation, relative to lag 0, in the mean over the seeds; empty where it says nothing.
    pub predicted: Vec<f64>,
}

impl Lags {
    /// What the predicted values are added to: the measured mean at lag 0.
    pub fn anchor(&self) -> f64 {
        self.init.first().map_or(f64::NAN, |last| last.mean)
    }
}

/// How much of a cell is drawn: how many are kept of each kind, and how many there are. The tables have all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thinned {
    /// Hidden layers.
    pub layers: [usize; 2],
    /// Planned traced steps.
    pub steps: [usize; 2],
    /// Lags.
    pub lags: [usize; 2],
}

impl Thinned {
    /// None where all is drawn.
    pub(super) fn of(layers: usize, steps: usize, lags: usize) -> Option<Self> {
        let kept = |all: usize, most: usize| [all.min(most), all];
        let thinned =
            Self { layers: kept(layers, MOST_LAYERS), steps: kept(steps, MOST_STEPS), lags: kept(lags, MOST_LAGS) };
        let Self { layers, steps, lags } = thinned;
        [layers, steps, lags].iter().any(|[kept, all]| kept < all).then_some(thinned)
    }
}

/// Positions 0..`all` where these are at most `most`, else `most` of them, evenly spread, with both ends.
pub(super) fn kept(all: usize, most: usize) -> Vec<usize> {
    if all <= most {
        return (0..all).collect();
    }
    let (last, gaps) = (all - 1, most - 1);
    (0..most).map(|i| (i * last + gaps / 2) / gaps).collect()
}
