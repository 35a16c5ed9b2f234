//! The predicted profile of a feed-forward net, and how far one net of its width may be from it.

use super::activated::Known;
use super::layer::Layer;
use super::spread::{Squares, Stray};
use super::{Inputs, Net, Normalisation};
use crate::kernels::{exp, ln};

/// What the mean field says of every hidden layer of a net at initialisation.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanFieldProfile {
    /// Layers 1..L.
    pub layers: Vec<LayerProfile>,
    /// The standard deviation over seeds of log10(delta of layer 1 / of layer L), in a batch of one example. A batch of
    /// many averages some of it away: [`LayerProfile::spread`] is what is left.
    pub widest_spread: f64,
}

/// One hidden layer of a [`MeanFieldProfile`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerProfile {
    /// H_{l-1}: the mean square of what the layer reads.
    pub input_square: f64,
    /// q_l: the mean square of its linear output, before any norm; in a residual net of the stream z_l.
    pub q: f64,
    /// log10(rms delta of this layer / of layer L), over examples whose own mean squares differ; NaN where their errors
    /// here differ so much that few of them decide.
    pub log10_delta: f64,
    /// How much higher the mean of `log10_delta` over seeds is at this width: below 0, as a mean of logarithms is.
    pub bias: f64,
    /// The standard deviation of `log10_delta` over seeds.
    pub spread: f64,
}

/// The standard deviation that the wandering of q, from layer to layer of finite width, may give a profile, in decades.
/// Beyond, each net goes its own way, and the mean is not that of the map from q to q: gelu with He's init, whose map
/// nearly touches the identity, has 0.5 at 256 units, and silu with He's at depth 20 and 64 units is 0.6 decades off. A q
/// that no layer hands on, such as under layer norm, makes seeds differ and does not wander.
const MOST_WANDERING: f64 = 0.15;

/// The variance over examples that the square of an error may have, over the square of its mean. Beyond, few examples
/// decide, and the mean and variance of the examples' logarithms say too little of them. The points of a spiral near
/// the origin are such examples under layer norm, whose layer 1 divides by each example's own size.
const MOST_UNEVEN: f64 = 0.5;

/// The standard deviation that a profile may have for any reason, in decades. Beyond, the mean of the logarithms, which
/// is what nets show, is far below the logarithm of the mean, which is what is predicted: for relu at depth 50 by 1.4
/// decades at 16 units, where the spread is 0.85, and by 0.3 at 64, where it is 0.42.
const MOST_SPREAD: f64 = 0.5;

/// The standard deviation that a profile may have as a share of all the decades it spans, where that is more than
/// [`MOST_SPREAD`]: in nets so deep that they lose hundreds.
const MOST_SHARE: f64 = 0.01;

/// The profile of `net`; `None` where the theory does not hold for it, as the module's docs list.
pub fn profile(net: &Net) -> Option<MeanFieldProfile> {
    profile_by(net, &mut Known::default())
}

/// Computes what [`profile()`] does, with what is known from other nets.
pub(super) fn profile_by(net: &Net, known: &mut Known) -> Option<MeanFieldProfile> {
    let sizes = Sizes::of(net);
    let mut ways = Vec::with_capacity(sizes.0.len());
    for (square, share) in &sizes.0 {
        let net = &Net { inputs: Inputs { square: *square, ..net.inputs }, ..net.clone() };
        ways.push((Way::of(&Layer::all(net, known)?, net), *share));
    }
    let back = ways[0].0.back;
    let [wandering, spread] = [back.wandering, back.direct + back.of_q].map(|v| decades(0.5 * v.sqrt()));
    let layers = over_examples(&ways);
    let lost = layers.first().map_or(0.0, |first| first.log10_delta.abs());
    // A comparison with what is not a number is false.
    (wandering <= MOST_WANDERING && spread <= MOST_SPREAD.max(MOST_SHARE * lost))
        .then_some(MeanFieldProfile { layers, widest_spread: spread })
}

/// The mean squares that stand for those of all examples, each with its share. Their logarithm is taken to be normal,
/// with the variance `unevenness` of the inputs. The sizes are the three nodes of Gauss and Hermite's rule, the middle
/// first; there is only one where examples are alike, or where batch norm makes them so.
struct Sizes(Vec<(f64, f64)>);

impl Sizes {
    fn of(net: &Net) -> Self {
        let Inputs { square, unevenness, .. } = net.inputs;
        if unevenness == 0.0 || matches!(net.norm, Normalisation::Batch { .. }) {
            return Self(vec![(square, 1.0)]);
        }
        let node = |z: f64, share| (square * exp(z * unevenness.sqrt() - 0.5 * unevenness), share);
        let outer = 3.0_f64.sqrt();
        Self(vec![node(0.0, 2.0 / 3.0), node(-outer, 1.0 / 6.0), node(outer, 1.0 / 6.0)])
    }
}

/// The way of an example through a net.
struct Way {
    /// What layers 1..L read, their q, and ln of the error's mean square relative to layer L.
    layers: Vec<[f64; 3]>,
    /// How far a net strays from that at layers 1..L.
    strays: Vec<Stray>,
    /// The error below layer 1.
    back: Back,
}

impl Way {
    fn of(layers: &[Layer], net: &Net) -> Self {
        let (mut back, mut squares) = (Back::default(), Squares::of_head(net.batch));
        let mut all = Vec::with_capacity(layers.len());
        let mut strays = Vec::with_capacity(layers.len());
        let mut top = None;
        for layer in layers.iter().rev() {
            squares.through(&layer.draw, back.elasticity);
            back.through(layer);
            all.push([layer.input_square, layer.q, back.ln_square]);
            let squares = squares.ln_of_batch(net.batch);
            // Layer L is relative to itself.
            let off = match net.norm {
                Normalisation::Batch { .. } if top.is_some() => 1.0 / net.inputs.directions,
                Normalisation::None | Normalisation::Layer { .. } | Normalisation::Batch { .. } => 0.0,
            };
            strays.push(Stray::of(squares - *top.get_or_insert(squares), back.direct + back.of_q, off));
        }
        all.reverse();
        strays.reverse();
        Self { layers: all, strays, back }
    }
}

/// The layers as all examples together show them: means of mean squares, over ways that have these shares of them.
fn over_examples(ways: &[(Way, f64)]) -> Vec<LayerProfile> {
    let middle = &ways[0].0.layers;
    let layer = |l: usize| {
        let mean = |value: &dyn Fn([f64; 3]) -> f64| ways.iter().map(|(way, share)| share * value(way.layers[l])).sum();
        let [.., ln_middle] = middle[l];
        let relative = |[.., ln_square]: [f64; 3]| exp(ln_square - ln_middle);
        let (error, square): (f64, f64) = (mean(&relative), mean(&|at| relative(at) * relative(at)));
        let even = square / (error * error) - 1.0 <= MOST_UNEVEN;
        let log10_delta = if even { decades(0.5 * (ln_middle + ln_of_factor(error))) } else { f64::NAN };
        let Stray { bias, spread } = ways[0].0.strays[l];
        let (bias, spread) = (decades(bias), decades(spread));
        LayerProfile { input_square: mean(&|[x, ..]| x), q: mean(&|[_, q, ..]| q), log10_delta, bias, spread }
    };
    (0..middle.len()).map(layer).collect()
}

/// How far from 1 a factor of 1 may be by rounding alone.
const ROUNDING: f64 = 1e-13;

/// An error on its way back, relative to layer L, in natural logarithms of mean squares.
#[derive(Debug, Clone, Copy, Default)]
struct Back {
    /// ln of its mean square.
    ln_square: f64,
    /// The variance of that which the averaging over finite layers gives directly.
    direct: f64,
    /// The variance that it has because each q is an average over a finite layer.
    of_q: f64,
    /// The part of that which comes of q's being handed on from layer to layer.
    wandering: f64,
    /// d `ln_square` / d ln q of the layer that it has come to.
    elasticity: f64,
    /// The part of that which comes of the layers above, to which q is handed on.
    inherited: f64,
}

impl Back {
    /// Goes one layer down.
    fn through(&mut self, layer: &Layer) {
        self.ln_square += ln_of_factor(layer.growth);
        self.direct += layer.growth_noise;
        self.of_q += self.elasticity * self.elasticity * layer.added_noise;
        self.wandering += self.inherited * self.inherited * layer.added_noise;
        self.inherited = layer.handed_on * self.elasticity;
        self.elasticity = layer.growth_elasticity + self.inherited;
    }
}

/// ln, but 0 of what rounding leaves of a factor of 1: that is no growth.
fn ln_of_factor(factor: f64) -> f64 {
    if (factor - 1.0).abs() < ROUNDING { 0.0 } else { ln(factor) }
}

/// A natural logarithm as one to the base 10.
fn decades(ln: f64) -> f64 {
    ln * std::f64::consts::LOG10_E
}
