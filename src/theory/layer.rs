//! The layer-by-layer map: second moments from the inputs up, and what each layer does to an error on its way back.

use super::activated::{Activated, Activator, Known};
use super::spread::Draw;
use super::{Net, Normalisation};

/// The variance over examples of the logarithm of how much each varies, under batch norm: beyond, examples are not alike,
/// and nets are seen to leave the profile.
const MOST_SPLITTING: f64 = 5.0;

/// The directions in which examples must differ for batch norm: it sees few degrees of freedom where all are in a plane,
/// however large the batch. With 10, linear nets are 0.04 decades per layer off, with 18 and 22 (blobs, digits) no more
/// than with 64.
const FEWEST_DIRECTIONS: f64 = 16.0;

/// The degrees of freedom that a variance within the batch is counted to have at least; with 4 it would have no mean.
const FEWEST_FREEDOM: f64 = 5.0;

/// One hidden layer of a net, in mean squares and in relative changes of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    /// Mean square of what the layer reads.
    pub(super) input_square: f64,
    /// Mean square of its linear output; in a residual net of the stream.
    pub(super) q: f64,
    /// Mean square of the error here relative to the layer above; 1 in the top layer.
    pub(super) growth: f64,
    /// d ln `growth` / d ln q.
    pub(super) growth_elasticity: f64,
    /// Variance of ln `growth` over draws of the weights.
    pub(super) growth_noise: f64,
    /// d ln(q of the layer above) / d ln q.
    pub(super) handed_on: f64,
    /// Variance of ln(q of the layer above) that the averaging over this layer's units adds.
    pub(super) added_noise: f64,
    /// What one draw of its weights does to the squares of errors.
    pub(super) draw: Draw,
}

impl Layer {
    /// The top layer as it is before anything is known of it.
    const TOP: Self = Self {
        input_square: 0.0,
        q: 0.0,
        growth: 1.0,
        growth_elasticity: 0.0,
        growth_noise: 0.0,
        handed_on: 0.0,
        added_noise: 0.0,
        draw: Draw { units: 1.0, share: 1.0, own: 0.0, slope_square: 1.0, slope: 1.0, added: 0.0, added_to_two: 0.0 },
    };

    /// Every hidden layer of `net`, first to last; `None` where the theory does not know what its norm does.
    pub(super) fn all(net: &Net, known: &mut Known) -> Option<Vec<Self>> {
        let is_batch = matches!(net.norm, Normalisation::Batch { .. });
        // A comparison with what is not a number is false.
        let differ = net.inputs.directions >= FEWEST_DIRECTIONS;
        if is_batch && !differ {
            return None;
        }
        let mut activator = Activator::of(net, known)?;
        let (skip, s) = net.residual.map_or((0.0, 1.0), |s| (1.0, s));
        let mut layers: Vec<Self> = Vec::with_capacity(net.depth());
        let (mut q, mut within, mut splitting) = (0.0, 0.0, 0.0);
        // E z_b z_c of two examples, and how their inputs and then their activations correlate.
        let (mut common, mut likeness) = (0.0, net.inputs.likeness());
        let mut of_below = 0.0; // how the arguments of the layer below correlate
        let mut read: Option<Activated> = None;
        for l in 1..=net.depth() {
            // forward: z_l = [z_{l-1} +] s (h_{l-1} W_l + b_l), s = 1 in the stem
            let (skip, s) = if l == 1 { (0.0, 1.0) } else { (skip, s) };
            let fan_in = net.fan_in(l);
            let per_square = s * s * fan_in as f64 * net.weight_variance(fan_in, net.widths[l - 1]);
            let square = read.map_or(net.inputs.square, |read| read.square);
            let (stream, signal) = (skip * q, per_square * square);
            q = stream + signal + s * s * net.bias_variance(fan_in);
            let common_stream = skip * common;
            common = common_stream + signal * likeness + s * s * net.bias_variance(fan_in);
            let varies = per_square * read.map_or(net.inputs.variance, |read| read.variance);
            let stays = skip * within;
            within = stays + varies;
            if let (Some(read), Some(below)) = (read, layers.last_mut()) {
                let units = fan_in as f64;
                below.handed_on = (stream + signal * read.square_elasticity) / q;
                let (stream, signal) = (stream / q, signal / q);
                below.added_noise = sum_noise(stream, signal, read.square_noise) / units;
                below.draw.added = below.added_noise;
                let squares = (1.0 + read.square_noise) * read.overlaps.square.at(of_below) - 1.0;
                below.draw.added_to_two =
                    (signal * signal * squares + 4.0 * common_stream / q * signal * likeness) / units;
                let (stays, varies) = (stays / within, varies / within);
                let handed_on = stays + varies * read.splitting;
                splitting = handed_on * handed_on * splitting + sum_noise(stays, varies, read.splitting_noise) / units;
            }
            let activated = activator.activate(q, within)?;
            // Batch norm leaves two examples hardly anything in common.
            of_below = if is_batch { 0.0 } else { (common / q).min(1.0) };
            likeness = activated.overlaps.value.at(of_below);
            let draw = draw(net, l, &activated, of_below);
            layers.push(Self { input_square: square, q, draw, ..Self::TOP }.below_another(net, l, activated));
            read = Some(activated);
        }
        let alike = !is_batch || splitting <= MOST_SPLITTING;
        alike.then_some(layers)
    }

    /// Layer `l` with what it does to errors, unless it is the top layer.
    fn below_another(self, net: &Net, l: usize, activated: Activated) -> Self {
        if l == net.depth() {
            return self;
        }
        // backward: dz_l = [dz_{l+1} +] norm', phi' of s W_{l+1} dz_{l+1}
        let (skip, s) = net.residual.map_or((0.0, 1.0), |s| (1.0, s));
        let (width, above) = (net.widths[l - 1], net.widths[l]);
        let branch = s * s * above as f64 * net.weight_variance(width, above) * activated.backward;
        let growth = skip + branch;
        let share = branch / growth;
        Self {
            growth,
            growth_elasticity: share * activated.backward_elasticity,
            growth_noise: sum_noise(1.0 - share, share, activated.backward_noise) / width as f64,
            draw: Draw { share, ..self.draw },
            ..self
        }
    }
}

/// What the draw of the weights above layer `l` does to squares of errors there, where the arguments of two examples
/// correlate by `likeness`.
fn draw(net: &Net, l: usize, activated: &Activated, likeness: f64) -> Draw {
    let overlaps = activated.overlaps;
    let fourth = (1.0 + activated.backward_noise) / 3.0;
    // Batch norm divides a unit's errors by the variance within the batch, which all examples share: of d degrees of
    // freedom, E V^-2 / (E V^-1)^2 = (d - 2) / (d - 4).
    let unevenness = match net.norm {
        Normalisation::None | Normalisation::Layer { .. } => 1.0,
        Normalisation::Batch { examples, .. } => {
            let directions = if l == 1 { net.inputs.directions } else { net.widths[l - 2] as f64 };
            let freedom = (1.0 / (1.0 / (examples as f64 - 1.0) + 1.0 / directions)).max(FEWEST_FREEDOM);
            (freedom - 2.0) / (freedom - 4.0)
        }
    };
    Draw {
        units: net.widths[l - 1] as f64,
        own: 3.0 * fourth * unevenness - 1.0,
        slope_square: fourth * overlaps.slope_square.at(likeness) * unevenness,
        slope: overlaps.slope.at(likeness),
        ..Layer::TOP.draw
    }
}

/// Units times the variance of the logarithm of a mean square over units of x + y: x has the share `fixed` of it, and y,
/// which is random, the share `random`, the mean of whose own square has the variance `noise` / units. The mean of 2 x y
/// adds 4 `fixed` `random`.
fn sum_noise(fixed: f64, random: f64, noise: f64) -> f64 {
    random * random * noise + 4.0 * fixed * random
}
