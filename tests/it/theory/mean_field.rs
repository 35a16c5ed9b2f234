//! Nets of the theory's set-up at initialisation, as vgrun measures them: 256 inputs x ~ N(0, 1) with labels that have
//! nothing to do with them, layers of 256 units, a batch of 64, five seeds. R_d and R_W, and the rates, are those of the
//! public cases: natural logarithms of ratios of norms, averaged over seeds.

use vgrun::analysis::net_of;
use vgrun::data::{DataSource, Dataset};
use vgrun::metric::LayerReading;
use vgrun::nn::{Activation, Init};
use vgrun::spec::{BatchSize, RunSpec};
use vgrun::theory::Net;

use crate::sweep::seeds::traces;

pub(crate) const SEEDS: u64 = 5;

/// A plain net of `depth` layers.
pub(crate) fn net(activation: Activation, init: Init, depth: usize) -> RunSpec {
    let count = |n: usize| n.try_into().expect("positive");
    let mut spec = RunSpec::default();
    spec.data.source = DataSource::Noise;
    spec.data.features = count(256);
    spec.model.activation = activation;
    spec.model.negative_slope = activation.default_slope();
    spec.model.init = init;
    spec.model.depth = count(depth);
    spec.model.width = count(256);
    spec.train.steps = count(1);
    with_batch(64, spec)
}

/// The same in a batch of `examples`.
pub(crate) fn with_batch(examples: usize, mut spec: RunSpec) -> RunSpec {
    spec.data.examples = examples.try_into().expect("positive");
    spec.train.batch_size = BatchSize::Full;
    spec
}

/// The hidden layers of every seed's net at step 0.
pub(crate) struct Measured {
    seeds: Vec<Vec<LayerReading>>,
}

impl Measured {
    /// Of the first `seeds` seeds.
    pub(crate) fn of(spec: &RunSpec, seeds: u64) -> Self {
        let hidden = |mut layers: Vec<LayerReading>| {
            layers.truncate(spec.model.hidden_layers());
            layers
        };
        Self { seeds: traces(spec, seeds).into_iter().map(|trace| hidden(trace.layers)).collect() }
    }

    /// Mean over seeds of ln of what `read` makes of layer `a` over what it makes of layer `b` (from 1).
    fn ratio(&self, a: usize, b: usize, read: impl Fn(&LayerReading) -> f64) -> f64 {
        let of_seed = |layers: &Vec<LayerReading>| (read(&layers[a - 1]) / read(&layers[b - 1])).ln();
        self.seeds.iter().map(of_seed).sum::<f64>() / self.seeds.len() as f64
    }

    /// R_d(a, b), of errors.
    pub(crate) fn errors(&self, a: usize, b: usize) -> f64 {
        self.ratio(a, b, |layer| layer.delta_rms)
    }

    /// R_W(a, b), of the gradients of weights.
    pub(crate) fn gradients(&self, a: usize, b: usize) -> f64 {
        self.ratio(a, b, |layer| layer.grad_norm)
    }

    /// Mean over seeds of ln of the norm of layer `l`'s gradient of weights.
    pub(crate) fn mean_gradient(&self, l: usize) -> f64 {
        self.seeds.iter().map(|layers| layers[l - 1].grad_norm.ln()).sum::<f64>() / self.seeds.len() as f64
    }

    /// Mean over seeds of log10 of layer `l`'s error over layer L's.
    pub(crate) fn log10_error(&self, l: usize) -> f64 {
        self.errors(l, self.seeds[0].len()) * std::f64::consts::LOG10_E
    }

    /// log10 of layer `l`'s error over layer L's, of every seed.
    pub(crate) fn log10_errors(&self, l: usize) -> impl Iterator<Item = f64> {
        self.seeds.iter().map(move |layers| (layers[l - 1].delta_rms / layers[layers.len() - 1].delta_rms).log10())
    }

    /// E h^2 of layer `a` over that of layer `b`.
    pub(crate) fn squares(&self, a: usize, b: usize) -> f64 {
        self.ratio(a, b, |layer| layer.act_mean * layer.act_mean + layer.act_std * layer.act_std).exp()
    }

    /// The factor on errors per layer back, from layer `b` to layer `a`.
    pub(crate) fn rate(&self, a: usize, b: usize) -> f64 {
        (self.errors(a, b) / (b - a) as f64).exp()
    }

    /// That on the gradients of weights.
    pub(crate) fn gradient_rate(&self, a: usize, b: usize) -> f64 {
        (self.gradients(a, b) / (b - a) as f64).exp()
    }
}

/// Five seeds of `spec`.
pub(crate) fn measured(spec: &RunSpec) -> Measured {
    Measured::of(spec, SEEDS)
}

#[track_caller]
pub(crate) fn near(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance, "{what}: {got:.4}, not {want} within {tolerance}");
}

/// The net of `spec` as the theory speaks of it, with the moments of the inputs that its seed draws.
pub(crate) fn in_theory(spec: &RunSpec) -> Net {
    net_of(spec, Dataset::load(&spec.data).expect("no files").moments())
}
