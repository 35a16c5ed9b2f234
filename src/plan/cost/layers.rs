//! The hidden layers of a net before there is one. Equal neighbours are counted, not listed: there may be 10^9 of them.

use crate::nn::{ModelKind, ModelSpec};
use crate::spec::RunSpec;

/// Neighbouring hidden layers of the same sizes, first to last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::plan) struct Layers {
    /// How many.
    pub(in crate::plan) count: f64,
    /// What each reads.
    pub(super) fan_in: f64,
    /// Its units.
    pub(super) units: f64,
}

/// All hidden layers, at least one. The first is by itself, as it reads the data.
pub(in crate::plan) fn layers(spec: &RunSpec) -> Vec<Layers> {
    let (model, inputs) = (&spec.model, spec.data.inputs() as f64);
    if model.widths.is_empty() {
        let (depth, units) = (model.depth.get() as f64, model.width.get() as f64);
        let first = Layers { count: 1.0, fan_in: inputs, units };
        let others = Layers { count: depth - 1.0, fan_in: units, units };
        return [first, others].into_iter().filter(|layers| layers.count > 0.0).collect();
    }
    let widths = model.widths.iter().map(|width| width.get() as f64);
    let below = std::iter::once(inputs).chain(widths.clone());
    below.zip(widths).map(|(fan_in, units)| Layers { count: 1.0, fan_in, units }).collect()
}

/// Blocks of columns in the weights of a layer: one for each gate, else one.
pub(in crate::plan) fn blocks(kind: ModelKind) -> f64 {
    kind.gates().len().max(1) as f64
}

impl Layers {
    /// Weights of one of them: n D of an mlp of D units that reads n inputs; of a recurrent net each of its blocks also
    /// has D D.
    pub(super) fn weights(&self, model: &ModelSpec) -> f64 {
        let of_state = if model.kind.is_recurrent() { self.units } else { 0.0 };
        blocks(model.kind) * (self.fan_in + of_state) * self.units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_widths_and_equal_ones_are_the_same_layers() {
        let mut spec = RunSpec::default();
        let weights = |spec: &RunSpec| -> f64 { layers(spec).iter().map(|l| l.count * l.weights(&spec.model)).sum() };
        let equal = weights(&spec);
        assert_eq!(equal, 64.0 * 64.0 * 10.0);
        spec.model.widths = [spec.model.width; 10].into();
        assert_eq!(weights(&spec), equal);
        spec.model.widths = [3, 5].map(|n| n.try_into().expect("positive")).into();
        assert_eq!(weights(&spec), 64.0 * 3.0 + 15.0);
        spec.model.kind = ModelKind::Gru;
        assert_eq!(weights(&spec), 3.0 * (64.0 * 3.0 + 9.0 + 15.0 + 25.0));
    }
}
