//! How far one recurrent net of finite width is from the prediction of [`state_decades`](super::state_decades): a bias and
//! a standard deviation over draws of the weights, in natural logarithms of the RMS error over k = T - 2 steps.
//!
//! One W_h is multiplied k times, so its deviations from an infinite one add up instead of averaging out, and the spread
//! grows like k where that of a feed-forward net grows like sqrt(depth). n is the number of units.
//!
//! # lstm and gru
//!
//! An error is multiplied by a + b W / sw at every step (`recurrent`). Of all factors W this takes J = k b / (a + b), and
//!
//! variance = 0.5 J / n + 0.28 J^2 / n, bias = -0.1 J / sqrt(n).
//!
//! The second term is the rightmost eigenvalue of W, which decides over many steps. An orthogonal W has its eigenvalues on
//! a circle, and what varies is how many of them lie near the rightmost point: with K = J a / (a + b),
//!
//! variance = 0.64 K / sqrt(1 + K / 3) / n, bias = 0.
//!
//! The constants were fitted to 6,800 draws of W of 64 to 256 units and their powers up to 298.
//!
//! Inputs and biases give the gates' arguments the variance D. Its part S is the same in all examples and time steps.
//! tanh' then takes the share D of b, which is a bias of -J D. What is steady makes units differ in a, by the variance
//! v = (a (1 - a))^2 S. The edge of the spectrum of diag(a_i) + b W is where E (b / (x - a_i))^2 = 1, higher by
//! 1.5 v / b. Where b is small, the edge is where a_i is largest, so the denominator b + 0.7 sqrt(v) stands for b.
//! Hence
//!
//! bias = -J D + e, e = 1.5 k v / ((b + 0.7 sqrt(v)) (a + b)),
//! variance += 2 k^2 (v + b^2 S / 2) / ((a + b)^2 n) + (0.3 e)^2 + (0.2 J D)^2.
//!
//! The first term is the mean of a_i and b_i over a complex Gaussian eigenvector; the others are how far off the biases are.
//!
//! # rnn
//!
//! An error is multiplied by phi'(z_t) W_h at every step. On average over the steps, let F = E phi'^4 / (E phi'^2)^2,
//! C = E phi'_s phi'_t / E phi'^2 and P = E phi'_s^2 phi'_t^2 / (E phi'^2)^2, s and t being two distant time steps, whose
//! arguments correlate by what is steady in the inputs and by what W_h makes of it. Then
//!
//! variance = k (3 F - 1) / (4 n) + k^2 (P - 1) / (4 n) + (0.01 k)^2 (F - 1)
//!
//! The first two terms are those of `spread`: one example's, and two examples', here those of two time steps (which
//! units have a large phi' at every step). The third is what the mean field is off, measured as 1 % per step and
//! standard deviation of phi'^2. With an orthogonal W_h, 3 F - 3 stands for 3 F - 1. With another W_h,
//!
//! variance += (0.38 k L / (L + 1.2 sqrt(m)))^2 / m, bias = 0.45 k max(0, 1 - 2 sqrt(m) / L) / sqrt(m), m = n / F,
//!
//! This is the modulus of the largest eigenvalue of W_h. It is seen where errors are multiplied coherently for more
//! than about sqrt(n) steps; they are for L = 1 / (1 / k + (1 - C) / 2) steps. The constants 0.38, 1.2, 0.45 and 2 were
//! fitted to 850 powers of a Gaussian matrix of 64 to 256 units. A deviation of 1e-6 k is added for single precision.
//!
//! Where examples differ in the size of their inputs, those whose phi' is larger decide the mean square over the batch.
//! It is higher by y^2, where y is the standard deviation over examples of the logarithm of the error: it follows from
//! that of q by the elasticity of E phi'^2. y^2 is the bias, and once more a deviation, as y is not known well.
//!
//! # Measured
//!
//! z = (measured - predicted - bias) / spread of one net each, wherever there is a prediction and the error left no range
//! of numbers (209 of 11,408 nets had one that did):
//!
//! | nets | number | mean of z | its sd | below 4 |
//! |---|---|---|---|---|
//! | adding and noise, of 64 and 128 units, 10 to 90 time steps, all three cells and seven activations: the last constants of each formula were fitted to these, and many share their draws of W_h | 6,919 | 0.06 | 0.97 | 99.7 % |
//! | adding and noise again, of 96 to 200 units, 20 to 120 time steps, other inits, gains, forget biases, update biases and seeds, written down before they were run | 2,872 | -0.09 | 0.91 | 99.9 % |
//! | digits by rows and by pixels, of 64 and 160 units, the reason for y | 320 | 0.95 | 0.92 | 99.7 % |
//! | digits again, of 80 and 128 units, written down before they were run | 1,088 | 0.29 | 0.87 | 99.9 % |
//!
//! z is least standard normal in an orthogonal lstm with a forget bias of 1 over 120 time steps (a mean of -1.8), in an
//! orthogonal tanh rnn that reads noise (1.4), in gated cells near the limit of the linear regime by their biases alone (1.2),
//! and in a chaotic tanh rnn over 90 time steps, whose spread is a quarter to a half of what is said here.

use super::recurrent::{RecurrentNet, Step, linear_cell, rnn_steps};
use crate::nn::Init;

/// How far one net is from [`state_decades`](super::state_decades), in decades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeSpread {
    /// How much higher the mean over nets is.
    pub bias: f64,
    /// The standard deviation over nets.
    pub spread: f64,
}

/// A mean and a variance of natural logarithms.
#[derive(Debug, Clone, Copy)]
struct Logarithm {
    mean: f64,
    variance: f64,
}

/// Returns how far one net is from what [`state_decades`](super::state_decades) says of `layer` over `length` time
/// steps. `None` where that is `None`. Both numbers are 0 for two time steps: one of them is compared with itself.
pub fn time_spread(layer: &RecurrentNet, length: usize) -> Option<TimeSpread> {
    super::state_decades(layer, length)?;
    let steps = (length - 2) as f64;
    let Logarithm { mean, variance } = match linear_cell(layer) {
        Some((a, b)) => gated(layer, a, b, steps),
        // The error crosses phi' of the time steps 2 to T - 1 on its way from T - 1 to 1.
        None => rnn(layer, rnn_steps(layer, length)?.get(1..length - 1)?),
    };
    let decades = std::f64::consts::LOG10_E;
    Some(TimeSpread { bias: mean * decades, spread: variance.sqrt() * decades })
}

/// The spread of an lstm or gru over `k` steps.
fn gated(layer: &RecurrentNet, a: f64, b: f64, k: f64) -> Logarithm {
    let n = layer.units as f64;
    let (drive, steady) = (layer.drive(), layer.steady_drive());
    let passes = k * b / (a + b);
    let of_weights = if layer.init == Init::Orthogonal {
        let inner = passes * a / (a + b);
        Logarithm { mean: 0.0, variance: 0.64 * inner / (1.0 + inner / 3.0).sqrt() / n }
    } else {
        Logarithm { mean: -0.1 * passes / n.sqrt(), variance: (0.5 * passes + 0.28 * passes * passes) / n }
    };
    let gate_slope = a * (1.0 - a);
    let uneven = gate_slope * gate_slope * steady;
    let edge = if uneven > 0.0 { 1.5 * k * uneven / ((b + 0.7 * uneven.sqrt()) * (a + b)) } else { 0.0 };
    let per_step = k / (a + b);
    let of_units = 2.0 * per_step * per_step * (uneven + 0.5 * b * b * steady) / n;
    let (of_edge, of_slope) = (0.3 * edge, 0.2 * passes * drive);
    Logarithm {
        mean: of_weights.mean - passes * drive + edge,
        variance: of_weights.variance + of_units + of_edge * of_edge + of_slope * of_slope,
    }
}

/// The spread of an rnn whose error crosses `steps`.
fn rnn(layer: &RecurrentNet, steps: &[Step]) -> Logarithm {
    let (n, k) = (layer.units as f64, steps.len() as f64);
    if steps.is_empty() {
        return Logarithm { mean: 0.0, variance: 0.0 };
    }
    let mean = |of: fn(&Step) -> f64| steps.iter().map(of).sum::<f64>() / k;
    let fourth = mean(|step| step.slope_fourth);
    let lasting = mean(|step| step.slope_square_overlap) - 1.0;
    let apart = 1.0 - mean(|step| step.slope_overlap);
    let share_of_inputs = if layer.drive() > 0.0 { layer.input_variance / layer.drive() } else { 0.0 };
    let of_example = 0.5 * k * mean(|step| step.slope_elasticity) * share_of_inputs * layer.unevenness;
    let of_examples = of_example * of_example;
    let of_mean_field = 0.01 * k;
    let of_precision = 1e-6 * k;
    let variance = k * k * lasting.max(0.0) / (4.0 * n)
        + of_mean_field * of_mean_field * (fourth - 1.0).max(0.0)
        + of_examples * of_examples
        + of_precision * of_precision;
    if layer.init == Init::Orthogonal {
        return Logarithm { mean: of_examples, variance: variance + k * 3.0 * (fourth - 1.0).max(0.0) / (4.0 * n) };
    }
    let coherent = 1.0 / (1.0 / k + 0.5 * apart.max(0.0));
    let root = (n / fourth).sqrt();
    let of_eigenvalue = 0.38 * k * coherent / (coherent + 1.2 * root) / root;
    Logarithm {
        mean: of_examples + 0.45 * k * (1.0 - 2.0 * root / coherent).max(0.0) / root,
        variance: variance + k * (3.0 * fourth - 1.0) / (4.0 * n) + of_eigenvalue * of_eigenvalue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Activation;
    use crate::theory::RecurrentCell;

    const LINEAR: RecurrentCell = RecurrentCell::Rnn { activation: Activation::Linear, slope: 0.0 };
    const TANH: RecurrentCell = RecurrentCell::Rnn { activation: Activation::Tanh, slope: 0.0 };
    const RELU: RecurrentCell = RecurrentCell::Rnn { activation: Activation::Relu, slope: 0.0 };
    const LSTM: RecurrentCell = RecurrentCell::Lstm { forget_bias: 0.0 };
    const GRU: RecurrentCell = RecurrentCell::Gru { update_bias: 0.0 };

    fn layer(cell: RecurrentCell, init: Init, init_gain: f64, units: usize) -> RecurrentNet {
        RecurrentNet {
            cell,
            units,
            init,
            init_gain,
            bias_variance: 0.0,
            input_variance: 0.01,
            steady_variance: 0.0,
            unevenness: 0.0,
        }
    }

    fn of(layer: &RecurrentNet, length: usize) -> TimeSpread {
        time_spread(layer, length).expect("the theory holds")
    }

    /// Mean and standard deviation of the natural logarithm, of M^(k + 1) v relative to M v over 150 to 400 draws of
    /// M = a + b W for W of standard deviation 1 / sqrt(n) or orthogonal, by numpy, less that of the mean square.
    #[test]
    fn powers_of_one_matrix_stray_as_simulated_ones_do() {
        let half = 0.5_f64.sqrt();
        for (cell, init, gain, units, steps, mean, sd) in [
            (LINEAR, Init::LecunNormal, 0.7, 64, 28, 0.487, 1.155),
            (LINEAR, Init::LecunNormal, 0.7, 64, 88, 3.497, 4.049),
            (LINEAR, Init::LecunNormal, 0.7, 256, 88, 1.651, 1.611),
            (LSTM, Init::LecunNormal, half, 64, 88, -0.381, 1.679),
            (LSTM, Init::LecunNormal, half, 256, 28, -0.064, 0.253),
            (LSTM, Init::LecunNormal, 2.0 * half, 128, 18, -0.062, 0.416),
            (LSTM, Init::Orthogonal, half, 64, 8, -0.017, 0.108),
            (LSTM, Init::Orthogonal, 2.0 * half, 64, 88, -0.028, 0.282),
            (LSTM, Init::Orthogonal, 2.0 * half, 256, 88, 0.002, 0.131),
        ] {
            let still = RecurrentNet { input_variance: 0.0, ..layer(cell, init, gain, units) };
            let TimeSpread { bias, spread } = of(&still, steps + 2);
            let (bias, spread) = (bias * std::f64::consts::LN_10, spread * std::f64::consts::LN_10);
            let what = format!("{cell:?} {init:?} {units} {steps}: {bias}, not {mean}; {spread}, not {sd}");
            assert!((spread / sd - 1.0).abs() < 0.12 && (bias - mean).abs() < 0.2 * sd, "{what}");
        }
    }

    #[test]
    fn the_spread_grows_with_the_length_and_falls_with_the_width() {
        for cell in [LINEAR, TANH, RELU, LSTM, GRU] {
            for init in [Init::LecunNormal, Init::Orthogonal] {
                let spread = |units, length| of(&layer(cell, init, 0.8, units), length).spread;
                let what = format!("{cell:?} {init:?}");
                let lengths = [2, 3, 10, 40, 160].map(|length| spread(64, length));
                assert!(lengths.windows(2).all(|pair| pair[0] < pair[1]), "{what}: {lengths:?}");
                assert!(lengths[0] == 0.0 && lengths[1] < 0.08, "{what}: {lengths:?}");
                let widths = [64, 128, 256, 1024].map(|units| spread(units, 40));
                let is_constant = matches!((cell, init), (LINEAR, Init::Orthogonal));
                assert!(is_constant || widths.windows(2).all(|pair| pair[0] > pair[1]), "{what}: {widths:?}");
            }
        }
    }

    #[test]
    fn two_time_steps_are_one_error_compared_with_itself_and_one_is_nothing() {
        for cell in [TANH, LSTM, GRU] {
            let layer = layer(cell, Init::LecunNormal, 1.0, 64);
            assert_eq!(of(&layer, 2), TimeSpread { bias: 0.0, spread: 0.0 });
            assert_eq!(time_spread(&layer, 1), None);
        }
        assert_eq!(time_spread(&layer(TANH, Init::Orthogonal, 1.0, 63), 20), None, "no prediction, no spread");
    }

    #[test]
    fn an_orthogonal_linear_rnn_strays_by_rounding_alone() {
        let TimeSpread { bias, spread } = of(&layer(LINEAR, Init::Orthogonal, 0.9, 64), 100);
        assert!(bias == 0.0 && spread > 0.0 && spread < 1e-4, "{bias} {spread}");
    }

    #[test]
    fn what_is_steady_in_the_inputs_makes_units_differ_at_all_steps() {
        for (cell, init) in [(RELU, Init::Orthogonal), (LSTM, Init::Orthogonal), (GRU, Init::LecunNormal)] {
            let layer = layer(cell, init, 0.8, 64);
            let steady = of(&RecurrentNet { steady_variance: 0.01, ..layer }, 60);
            assert!(steady.spread > 1.05 * of(&layer, 60).spread, "{cell:?}: {steady:?} beside {:?}", of(&layer, 60));
        }
        // Of a gate whose argument varies from step to step, tanh' takes its share of b; steady, it lets some units last.
        let gru = RecurrentNet { input_variance: 0.08, ..layer(GRU, Init::Orthogonal, 1.0, 64) };
        let passes = 88.0 * 0.25 / 0.75;
        let unsteady = of(&gru, 90).bias * std::f64::consts::LN_10;
        assert!((unsteady + 0.08 * passes).abs() < 1e-9, "{unsteady}; measured: -1.88");
        assert!(of(&RecurrentNet { steady_variance: 0.08, ..gru }, 90).bias > 0.0);
    }

    #[test]
    fn examples_of_different_size_raise_the_mean_where_the_slope_depends_on_it() {
        let with = |cell, unevenness| of(&RecurrentNet { unevenness, ..layer(cell, Init::Orthogonal, 0.9, 64) }, 60);
        let (even, uneven) = (with(TANH, 0.0), with(TANH, 0.3));
        assert!(even.bias == 0.0 && uneven.bias > 0.1 && uneven.spread > even.spread, "{even:?} {uneven:?}");
        assert!(with(RELU, 0.3).bias.abs() < 1e-12, "relu's slope does not");
    }
}
