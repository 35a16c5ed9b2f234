//! Recurrent nets: by how much an error changes on its way back through time, under the same weights at every step.
//!
//! In an rnn, the mean square of dLoss/dh_t changes by chi = sw^2 E phi'(sqrt(q_t) Z)^2 per step, where
//! sw = sqrt(H) std(W_h), and q_t = sw^2 E phi(sqrt(q_{t-1}) Z)^2 + the variance of the inputs' part + that of the biases.
//!
//! An lstm and a gru are linear in their state near 0: c_t (of a gru h_t) is a c_{t-1} + b c_{t-1} W / sw, where
//! a = sigmoid(forget or update bias) and b = sw / 4, of a gru (1 - a) sw / 2. With the same W at every step,
//!
//! G(k) = sum over j of C(k, j)^2 a^(2 (k - j)) b^(2 j)
//!
//! is the mean square after k steps: neither a^(2 k), the product of the forget gates alone, nor (a^2 + b^2)^k, which
//! fresh weights at every step would give. It is (a^2 - b^2)^k P_k((a^2 + b^2) / (a^2 - b^2)), P_k a Legendre polynomial,
//! and G(k + 1) / G(k) tends to (a + b)^2.

use super::moments::{Moments, Phi};
use crate::kernels::{exp10, log10, sigmoid};
use crate::nn::{Activation, Init};

/// One recurrent layer at initialisation, read by the head alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecurrentNet {
    /// Its cell.
    pub cell: RecurrentCell,
    /// H.
    pub units: usize,
    /// The distribution of each gate's block of W_h.
    pub init: Init,
    /// Multiplies its standard deviation.
    pub init_gain: f64,
    /// The variance of the biases, beside what a gate's own bias adds.
    pub bias_variance: f64,
    /// The variance of x_t W_x over units, examples and time.
    pub input_variance: f64,
    /// The part of it that is the same for all examples and at all times: that of the mean of x_t.
    pub steady_variance: f64,
    /// The standard deviation over examples of ln of the variance that their own inputs give x_t W_x over all times.
    pub unevenness: f64,
}

impl RecurrentNet {
    /// sw^2.
    fn recurrent_square(&self) -> f64 {
        self.init_gain * self.init_gain * self.units as f64 * self.init.variance(self.units, self.units)
    }

    /// The variance that inputs and biases give the arguments of gates or phi.
    pub(super) fn drive(&self) -> f64 {
        self.bias_variance + self.input_variance
    }

    /// The part of it that is the same for all examples and at all times.
    pub(super) fn steady_drive(&self) -> f64 {
        self.bias_variance + self.steady_variance
    }
}

/// A recurrent layer's cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RecurrentCell {
    /// h_t = phi(x_t W_x + h_{t-1} W_h + b).
    Rnn {
        /// phi.
        activation: Activation,
        /// Its slope for negative arguments, where it has one.
        slope: f64,
    },
    /// Long short-term memory.
    Lstm {
        /// The bias of the forget gate.
        forget_bias: f64,
    },
    /// The gated recurrent unit.
    Gru {
        /// The bias of the update gate, whose value is the weight of the old state.
        update_bias: f64,
    },
}

/// The fewest units of a layer that is predicted. The largest eigenvalues of one random W_h decide in the long run.
/// Below this they are too far from those of a large one: at 64 units, by 4 %.
const FEWEST_UNITS: usize = 64;

/// The variance that inputs and biases may give the gates' arguments. At 0.1, the linear cell is 3 % per step off.
const LARGEST_DRIVE: f64 = 0.1;

/// The d ln q_{t+1} / d ln q_t above which an rnn of one W_h wanders from the mean field, whose q knows of no W_h: by 4
/// to 16 % per step, measured with 64 and 256 units.
const LARGEST_MEMORY: f64 = 0.8;

/// How much phi' may vary in an rnn that counts as linear: so little that the memory of q changes nothing that matters.
const LINEAR: f64 = 0.05;

/// log10(rms error at t / at T) for t = 1..=T = `length`, the loss being that of the last step: of dLoss/dc_t in an lstm,
/// of dLoss/dh_t in the others. `None` where the theory does not hold, as the module's docs list.
pub fn through_time(layer: &RecurrentNet, length: usize) -> Option<Vec<f64>> {
    if layer.units < FEWEST_UNITS {
        return None;
    }
    let mut back = match linear_cell(layer) {
        Some((a, b)) => linear(a, b, layer.drive(), length)?,
        None => growth(&rnn_steps(layer, length)?),
    };
    back.reverse();
    back.iter().all(|log10| log10.is_finite()).then_some(back)
}

/// log10(rms of dLoss/dh_t / of dLoss/dh_T) for t = 1..=T = `length`, the loss being that of the last step: this is
/// what is measured, whatever the cell. In an lstm near h = c = 0, of which i = o = 1/2, dLoss/dc_T = dLoss/dh_T / 2,
/// and before T an output is read by the cell's input alone: dLoss/dh_t = (dLoss/dc_{t+1} / 2) W^T. So the first step
/// back costs b, and then it goes as the state does.
pub fn outputs_through_time(layer: &RecurrentNet, length: usize) -> Option<Vec<f64>> {
    let times = through_time(layer, length)?;
    let RecurrentCell::Lstm { .. } = layer.cell else { return Some(times) };
    let first_step = log10(cell_coupling(layer));
    let of_states = times.into_iter().skip(1).map(|of_state| first_step + of_state);
    let outputs: Vec<f64> = of_states.chain([0.0]).collect();
    outputs.iter().all(|log10| log10.is_finite()).then_some(outputs)
}

/// log10(rms error at the whole state at t = 1 / at t = T - 1), the loss being that of the last step T = `length`. The
/// whole state is h_t, and in an lstm h_t and c_t: sqrt(dLoss/dh_t^2 + dLoss/dc_t^2). Lag 1 is the base because the jump
/// from the loss into the state of step T is no loss of memory. `None` for T < 2, too.
pub fn state_decades(layer: &RecurrentNet, length: usize) -> Option<f64> {
    let before_last = length.checked_sub(2)?;
    let times = through_time(layer, length)?;
    let log10_of_state = |t: usize| match layer.cell {
        RecurrentCell::Rnn { .. } | RecurrentCell::Gru { .. } => times[t],
        // In units of dLoss/dc_T, dLoss/dh_t = 2 b dLoss/dc_{t+1}; relative to dLoss/dc_t no square underflows.
        RecurrentCell::Lstm { .. } => {
            let of_output = exp10(times[t + 1] - times[t]) * 2.0 * cell_coupling(layer);
            times[t] + 0.5 * log10(1.0 + of_output * of_output)
        }
    };
    Some(log10_of_state(0) - log10_of_state(before_last)).filter(|decades| decades.is_finite())
}

/// b of an lstm: how much of its state comes back to it by way of W_h.
fn cell_coupling(layer: &RecurrentNet) -> f64 {
    layer.recurrent_square().sqrt() / 4.0
}

/// a and b of an lstm or gru near 0; `None` for an rnn.
pub(super) fn linear_cell(layer: &RecurrentNet) -> Option<(f64, f64)> {
    match layer.cell {
        RecurrentCell::Rnn { .. } => None,
        RecurrentCell::Lstm { forget_bias } => Some((sigmoid(forget_bias), cell_coupling(layer))),
        RecurrentCell::Gru { update_bias } => {
            Some((sigmoid(update_bias), sigmoid(-update_bias) * layer.recurrent_square().sqrt() / 2.0))
        }
    }
}

/// What one time step of an rnn does to errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The factor on an error's mean square.
    chi: f64,
    /// d ln E phi'^2 / d ln q.
    pub(super) slope_elasticity: f64,
    /// E phi'^4 / (E phi'^2)^2.
    pub(super) slope_fourth: f64,
    /// E phi'_s phi'_t / E phi'^2 for this time step and another, far from it.
    pub(super) slope_overlap: f64,
    /// E phi'_s^2 phi'_t^2 / (E phi'^2)^2.
    pub(super) slope_square_overlap: f64,
}

/// The time steps 1..T of an rnn. `None` where it has a long memory, and for other cells.
pub(super) fn rnn_steps(layer: &RecurrentNet, length: usize) -> Option<Vec<Step>> {
    let RecurrentCell::Rnn { activation, slope } = layer.cell else { return None };
    let (phi, weights, drive) = (Phi { activation, slope }, layer.recurrent_square(), layer.drive());
    let mut steps = Vec::with_capacity(length);
    // `likeness`: how z_t correlates with that of a time step far from it.
    let (mut q, mut likeness, mut memory, mut linear) = (drive, 0.0, 0.0, true);
    let mut last: Option<(f64, Moments)> = None;
    for t in 0..length {
        if q == 0.0 {
            // Without any drive h is 0, and stays so unless phi(0) is something.
            let (h, d) = phi.both(&[0.0]);
            steps.push(Step {
                chi: weights * d[0] * d[0],
                slope_elasticity: 0.0,
                slope_fourth: 1.0,
                slope_overlap: 1.0,
                slope_square_overlap: 1.0,
            });
            (q, likeness) = (weights * h[0] * h[0], 1.0);
            continue;
        }
        if t == 0 {
            likeness = layer.steady_drive() / drive;
        }
        let moments = match last {
            Some((at, moments)) if at == q => moments,
            Some(_) | None => Moments::at(phi, q),
        };
        last = Some((q, moments));
        let slope_fourth = (moments.slope_noise + 1.0) / 3.0;
        steps.push(Step {
            chi: weights * moments.slope_square,
            slope_elasticity: moments.slope_elasticity,
            slope_fourth,
            slope_overlap: moments.overlaps.slope.at(likeness),
            slope_square_overlap: slope_fourth * moments.overlaps.slope_square.at(likeness),
        });
        linear &= moments.slope_noise - 2.0 <= LINEAR;
        let shared = weights * moments.square * moments.overlaps.value.at(likeness) + layer.steady_drive();
        q = weights * moments.square + drive;
        likeness = shared / q;
        memory = weights * moments.square * moments.square_elasticity / q;
    }
    (linear || memory <= LARGEST_MEMORY).then_some(steps)
}

/// The errors of an rnn of these time steps at lags 0, 1, .., T - 1.
fn growth(steps: &[Step]) -> Vec<f64> {
    let growth = steps.iter().rev().scan(0.0, |log10_rms, step| {
        let here = *log10_rms;
        *log10_rms += 0.5 * log10(step.chi);
        Some(here)
    });
    growth.collect()
}

/// The errors of a cell that is linear near 0 at lags 0, 1, .., `length` - 1: log10 sqrt(G(k)). By the recurrence of
/// Legendre polynomials for G(k + 1) / G(k), which neither overflows nor underflows.
fn linear(a: f64, b: f64, drive: f64, length: usize) -> Option<Vec<f64>> {
    if a + b >= 1.0 || drive > LARGEST_DRIVE {
        return None;
    }
    let (sum, difference) = (a * a + b * b, a * a - b * b);
    let (mut log10_rms, mut ratio) = (0.0, f64::INFINITY);
    let growth = (0..length).map(|k| {
        let here = log10_rms;
        let k = k as f64;
        ratio = ((2.0 * k + 1.0) * sum - k * difference * difference / ratio) / (k + 1.0);
        log10_rms += 0.5 * log10(ratio);
        here
    });
    Some(growth.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::tests::near;

    /// One recurrent layer of 64 units.
    fn layer(cell: RecurrentCell, init: Init, input_variance: f64) -> RecurrentNet {
        RecurrentNet {
            cell,
            units: 64,
            init,
            init_gain: 1.0,
            bias_variance: 0.0,
            input_variance,
            steady_variance: 0.0,
            unevenness: 0.0,
        }
    }

    /// The factor on the error per step over the last `lags` steps of a sequence of 100.
    fn per_step(layer: &RecurrentNet, lags: usize) -> Option<f64> {
        let times = through_time(layer, 100)?;
        assert!(times.len() == 100 && times[99] == 0.0);
        Some(10_f64.powf(times[99 - lags] / lags as f64))
    }

    #[test]
    fn gated_cells_have_their_published_rates() {
        let orthogonal = |cell| per_step(&layer(cell, Init::Orthogonal, 0.0), 60).expect("a linear cell");
        let uniform = |cell| per_step(&layer(cell, Init::PytorchDefault, 0.0), 60).expect("a linear cell");
        let (lstm, gru) =
            (|forget_bias| RecurrentCell::Lstm { forget_bias }, |update_bias| RecurrentCell::Gru { update_bias });
        for (cell, of_orthogonal, of_uniform) in [
            (lstm(0.0), 0.7342, 0.6314),
            (lstm(1.0), 0.9610, 0.8586),
            (gru(0.0), 0.7342, 0.6314),
            (gru(1.0), 0.8491, 0.7948),
            (gru(2.0), 0.9257, 0.9029),
            (gru(3.0), 0.9650, 0.9576),
        ] {
            assert!((orthogonal(cell) - of_orthogonal).abs() < 6e-5, "{cell:?}: {}", orthogonal(cell));
            assert!((uniform(cell) - of_uniform).abs() < 6e-5, "{cell:?}: {}", uniform(cell));
        }
    }

    #[test]
    fn the_recurrence_gives_the_sum_over_all_ways_through_time() {
        for (forget_bias, init_gain) in [(0.0, 1.0), (1.0, 0.4), (-1.0, 2.0), (0.3, 1e-3)] {
            let layer = RecurrentNet { init_gain, ..layer(RecurrentCell::Lstm { forget_bias }, Init::Orthogonal, 0.0) };
            let times = through_time(&layer, 41).expect("a linear cell");
            let (a, b) = (1.0 / (1.0 + f64::exp(-forget_bias)), init_gain / 4.0);
            for k in 0..=40 {
                let (mut sum, mut binomial) = (0.0, 1.0);
                for j in 0..=k {
                    sum += binomial * binomial * a.powi(2 * (k - j)) * b.powi(2 * j);
                    binomial *= f64::from(k - j) / f64::from(j + 1);
                }
                let got = times[40 - usize::try_from(k).expect("small")];
                assert!((got - 0.5 * sum.log10()).abs() < 1e-12, "{k}: {got}");
            }
        }
    }

    #[test]
    fn the_output_of_an_lstm_is_one_step_of_w_behind_its_state() {
        let lstm = layer(RecurrentCell::Lstm { forget_bias: 0.5 }, Init::PytorchDefault, 0.0);
        let (states, outputs) = (through_time(&lstm, 30), outputs_through_time(&lstm, 30));
        let (states, outputs) = (states.expect("a linear cell"), outputs.expect("a linear cell"));
        let coupling = (1.0 / 3.0_f64).sqrt() / 4.0;
        assert_eq!((outputs.len(), outputs[29]), (30, 0.0));
        for t in 0..29 {
            assert!((outputs[t] - (coupling.log10() + states[t + 1])).abs() < 1e-12, "{t}");
        }
        let gru = layer(RecurrentCell::Gru { update_bias: 0.5 }, Init::PytorchDefault, 0.0);
        assert_eq!(outputs_through_time(&gru, 30), through_time(&gru, 30));
    }

    #[test]
    fn the_whole_state_counts_from_lag_1() {
        for forget_bias in [-1.0, 0.5] {
            let lstm = layer(RecurrentCell::Lstm { forget_bias }, Init::PytorchDefault, 0.0);
            let cells = through_time(&lstm, 30).expect("a linear cell");
            let outputs = outputs_through_time(&lstm, 30).expect("a linear cell");
            // In units of dLoss/dc_T, dLoss/dh_T is 2.
            let state = |t: usize| (2.0 * 10_f64.powf(outputs[t])).hypot(10_f64.powf(cells[t])).log10();
            let got = state_decades(&lstm, 30).expect("a linear cell");
            assert!((got - (state(0) - state(28))).abs() < 1e-12, "{got}");
            assert_eq!((state_decades(&lstm, 2), state_decades(&lstm, 1)), (Some(0.0), None));
        }
        let gru = layer(RecurrentCell::Gru { update_bias: 0.5 }, Init::PytorchDefault, 0.0);
        let times = through_time(&gru, 30).expect("a linear cell");
        assert_eq!(state_decades(&gru, 30), Some(times[0] - times[28]));
        let gone =
            RecurrentNet { init_gain: 1e-3, ..layer(RecurrentCell::Lstm { forget_bias: -9.0 }, Init::Orthogonal, 0.0) };
        let decades = state_decades(&gone, 300).expect("squares that underflow do no harm");
        assert!((-1200.0..-1000.0).contains(&decades), "{decades}");
    }

    #[test]
    fn an_rnn_has_its_published_rates() {
        let tanh = RecurrentCell::Rnn { activation: Activation::Tanh, slope: 0.0 };
        let rate = |init, input_variance| per_step(&layer(tanh, init, input_variance), 60).expect("tanh forgets");
        assert_eq!(rate(Init::Orthogonal, 0.0), 1.0);
        near(rate(Init::PytorchDefault, 0.0), 1.0 / 3.0_f64.sqrt(), 1e-12, "std(W) sqrt(n)");
        assert!(
            (rate(Init::Orthogonal, 0.1) - 0.830).abs() < 5e-4 && (rate(Init::LecunNormal, 1.0) - 0.632).abs() < 5e-4
        );
        // At the first steps h still grows from h_0 = 0, and the slopes are those of smaller arguments.
        let times = through_time(&layer(tanh, Init::Orthogonal, 0.1), 100).expect("tanh forgets");
        assert!(times[0] - times[1] > times[97] - times[98]);
    }

    #[test]
    fn recurrent_nets_beyond_the_linear_regime_and_with_a_long_memory_have_no_number() {
        let of = |cell, init, input_variance| through_time(&layer(cell, init, input_variance), 100);
        let lstm = |forget_bias| RecurrentCell::Lstm { forget_bias };
        assert_eq!(of(lstm(2.0), Init::Orthogonal, 0.0), None, "a + b = 1.13");
        assert_eq!(of(lstm(2.0), Init::PytorchDefault, 0.0), None, "a + b = 1.03");
        assert!(of(lstm(1.0), Init::Orthogonal, 0.1).is_some() && of(lstm(1.0), Init::Orthogonal, 0.11).is_none());
        let rnn = |activation: Activation| RecurrentCell::Rnn { activation, slope: activation.default_slope() };
        // q has no fixed point, or hardly one, and what one W does over and over is not what the mean says.
        assert_eq!(of(rnn(Activation::Relu), Init::HeNormal, 1.0), None);
        assert_eq!(of(rnn(Activation::Elu), Init::HeNormal, 1.0), None);
        assert_eq!(of(rnn(Activation::Gelu), Init::HeNormal, 0.1), None);
        assert!(of(rnn(Activation::Gelu), Init::Orthogonal, 0.1).is_some());
        assert!(of(rnn(Activation::Linear), Init::HeNormal, 1.0).is_some(), "linear has no slope that could change");
        // Without any drive relu's slope is that of its kink.
        assert_eq!(of(rnn(Activation::Relu), Init::HeNormal, 0.0), None);
        let narrow = RecurrentNet { units: 63, ..layer(rnn(Activation::Tanh), Init::Orthogonal, 0.1) };
        assert_eq!(through_time(&narrow, 100), None);
    }
}
