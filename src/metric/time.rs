//! The definitions behind the columns of time.csv and gates.csv: a recurrent layer's time steps and gates at a traced
//! step.

use serde::{Deserialize, Serialize};

use super::{RowStatus, recorded_log10};
use crate::kernels::{self, Magnitude, Real, norm, sum};
use crate::nn::{self, Activation};

/// What was measured of one recurrent layer at one time step of a traced step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimeReading {
    /// RMS over batch and units of B `dLoss/dh_t`: the total derivative, the loss at t included, of each example's own
    /// loss.
    pub dh_rms: f64,
    /// RMS over batch and units of B `dLoss/dc_t`, the total derivative by the cell state; NaN for a layer without one.
    pub dc_rms: f64,
    /// RMS over batch and units of `h_t`.
    pub h_rms: f64,
    /// log10 of `dh_rms`, also where that is below f64's range and 0.
    pub log10_dh_rms: f64,
    /// log10 of [`TimeReading::state_rms`], also where that is below f64's range and 0.
    pub log10_state_rms: f64,
    /// The state in words of `dLoss/dh_t`, and of `dLoss/dc_t` where there is one.
    pub status: RowStatus,
}

impl TimeReading {
    /// A reading of these numbers, with their logarithms.
    pub fn new([dh_rms, dc_rms, h_rms]: [f64; 3], status: RowStatus) -> Self {
        let [log10_dh_rms, log10_state_rms] = [f64::NEG_INFINITY; 2];
        Self { dh_rms, dc_rms, h_rms, log10_dh_rms, log10_state_rms, status }.recorded(|x| x)
    }

    /// The error at the whole state, the root of `dh_rms`^2 + `dc_rms`^2; `dh_rms` where there is no c.
    pub fn state_rms(&self) -> f64 {
        if self.dc_rms.is_nan() { self.dh_rms } else { norm(&[self.dh_rms, self.dc_rms]) }
    }

    /// log10 of `dc_rms`. Where that is below f64's range and 0, it is what the error at the whole state has beside
    /// dLoss/dh_t.
    pub fn log10_dc_rms(&self) -> f64 {
        if self.dc_rms != 0.0 {
            return kernels::log10(self.dc_rms);
        }
        // state^2 = dh^2 + dc^2, over state^2.
        let of_dh = kernels::exp10(2.0 * (self.log10_dh_rms - self.log10_state_rms));
        let rest = f64::max(1.0 - of_dh, 0.0);
        if self.sends() { self.log10_state_rms + 0.5 * kernels::log10(rest) } else { f64::NEG_INFINITY }
    }

    /// Whether there is a c, and dLoss/dc_t is zero.
    fn has_no_dc(&self) -> bool {
        self.log10_dc_rms() == f64::NEG_INFINITY
    }

    /// Whether there is a c, and dLoss/dc_t is not zero.
    fn has_dc(&self) -> bool {
        self.log10_dc_rms() > f64::NEG_INFINITY
    }

    /// Whether there is a derivative, so that some of it may go on to other layers and time steps.
    pub fn sends(&self) -> bool {
        self.log10_state_rms > f64::NEG_INFINITY
    }
}

/// What was measured of one gate of a recurrent layer at a traced step, over batch, units and time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GateReading {
    /// Mean of the gate's values.
    pub mean: f64,
    /// Share of its values where the derivative of its nonlinearity is below 0.05 times the largest.
    pub saturated_fraction: f64,
}

/// Reads a recurrent layer at one time step: `dh` = dLoss/dh_t, `dc` = dLoss/dc_t (empty for a cell without a state of
/// its own), both entries x 2^exponent, and `h` = h_t, each (batch x units). The status is that of these tensors by
/// themselves: [`settle_times`] then looks at the other time steps.
pub fn read_time<F: Real>((dh, dc): (&[F], &[F]), exponent: i32, h: &[F], batch: usize) -> TimeReading {
    let of_examples = |rms: Magnitude| rms.times(batch as f64);
    let dh_rms = nn::rms(dh, exponent);
    let h_rms = nn::rms(h, 0).value();
    let (dc_rms, state, status) = if dc.is_empty() {
        (Magnitude::from(f64::NAN), dh_rms, RowStatus::of::<F>(&std::iter::once(dh_rms)))
    } else {
        let dc_rms = nn::rms(dc, exponent);
        let state = Magnitude { entries: norm(&[dh_rms.entries, dc_rms.entries]), exponent };
        (dc_rms, state, RowStatus::of::<F>(&[dh_rms, dc_rms].into_iter()))
    };
    TimeReading {
        dh_rms: of_examples(dh_rms).value(),
        dc_rms: of_examples(dc_rms).value(),
        h_rms,
        log10_dh_rms: of_examples(dh_rms).decades(),
        log10_state_rms: of_examples(state).decades(),
        status,
    }
}

impl TimeReading {
    /// The reading as it is recorded: rounded by `round`, and the logarithms of what that gives, where it is a normal number.
    #[must_use]
    pub fn recorded(self, round: impl Fn(f64) -> f64) -> Self {
        let (dh_rms, dc_rms, h_rms) = (round(self.dh_rms), round(self.dc_rms), round(self.h_rms));
        let rounded = Self { dh_rms, dc_rms, h_rms, ..self };
        Self {
            log10_dh_rms: recorded_log10(dh_rms, self.log10_dh_rms),
            log10_state_rms: recorded_log10(rounded.state_rms(), self.log10_state_rms),
            ..rounded
        }
    }
}

/// Tells the zeros that underflow made from those of the network, in a layer's readings at t = 1..T. A zero is
/// underflow's
///
/// * where what comes to that time step from the layer above has underflowed (`lost_above`; of the top layer, from the
///   head);
/// * where dLoss/dh_t is zero, the derivatives at t + 1 are not, and mathematics lets something of them through to h_t
///   (`passes`, by `W_h` or another way): then a slope was too small;
/// * where dLoss/dc_t is zero, and dLoss/dh_t or dLoss/dc_{t+1} is not: the slopes on the ways from c_t to h_t and to
///   c_{t+1}, an output gate and a forget gate among them, are never mathematically 0;
/// * earlier than a time step that underflows;
/// * anywhere in a layer whose h_t shrinks below `least` ([`super::least_rms`]) on its way through time: relu's slope at
///   what became 0 is a consequence.
///
/// Both functions take t, from 1; `passes` is asked for t + 1 = 2..T.
pub fn settle_times(
    times: &mut [TimeReading],
    least: f64,
    lost_above: impl Fn(usize) -> bool,
    passes: impl Fn(usize) -> bool,
) {
    let forward_underflows = times.iter().any(|row| row.h_rms > 0.0 && row.h_rms < least);
    let mut underflows_later = false;
    let mut later: Option<TimeReading> = None;
    for (i, row) in times.iter_mut().enumerate().rev() {
        let t = i + 1;
        let dh_is_zero = row.log10_dh_rms == f64::NEG_INFINITY;
        let h_lost = dh_is_zero && later.as_ref().is_some_and(TimeReading::sends) && passes(t + 1);
        let c_lost = row.has_no_dc() && (!dh_is_zero || later.is_some_and(|later| later.has_dc()));
        let lost = underflows_later || forward_underflows || h_lost || c_lost || lost_above(t);
        if row.status == RowStatus::Zero && lost {
            row.status = RowStatus::Underflow;
        }
        underflows_later |= row.status == RowStatus::Underflow;
        later = Some(*row);
    }
}

/// Whether dLoss/dW_h of a layer, the sum over t = 2..T of what h_{t-1} and dLoss/dz_t make together, is mathematically
/// not zero: at some t neither h_{t-1} is zero nor, but for underflow, dLoss/dz_t. `times` are the layer's settled
/// readings at t = 1..T; `has_slope` says of t whether not all slopes between h_t and z_t are mathematically 0.
pub fn owes_gradient(times: &[TimeReading], has_slope: impl Fn(usize) -> bool) -> bool {
    let owes = |t: usize| times[t - 1].sends() || times[t - 1].status == RowStatus::Underflow;
    (2..=times.len()).any(|t| times[t - 2].h_rms > 0.0 && owes(t) && has_slope(t))
}

/// Reads a gate from its values at a traced step, in pieces of any size, such as its units in one row of one time step,
/// always in the same order. `saturated_fraction` is that of all of them: see [`saturated_share`].
pub fn read_gate<'a, F: Real>(values: impl Iterator<Item = &'a [F]>, saturated_fraction: f64) -> GateReading {
    let (total, entries) = values.fold((0.0, 0), |(total, n), piece| (total + sum(piece), n + piece.len()));
    GateReading { mean: total / entries as f64, saturated_fraction }
}

/// The share of a gate's pre-activations at which the slope of its nonlinearity is below 0.05 times the largest, in
/// pieces of any size.
pub fn saturated_share<'a, F: Real>(phi: Activation, arguments: impl Iterator<Item = &'a [F]>) -> f64 {
    // A piece's share times its size is the whole number that it was made from but for rounding, and none are lost.
    let count = |piece: &[F]| (phi.saturated_fraction(piece) * piece.len() as f64).round();
    let of_piece = |piece: &'a [F]| if piece.is_empty() { (0.0, 0) } else { (count(piece), piece.len()) };
    let (saturated, entries) = arguments.map(of_piece).fold((0.0, 0), |(a, n), (b, m)| (a + b, n + m));
    saturated / entries as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_step_is_that_of_each_examples_own_loss() {
        let reading = read_time((&[0.25, -0.25, 0.25, 0.25], &[0.5, 0.5, -0.5, 0.5]), 0, &[3.0, 4.0, 0.0, 0.0], 4);
        assert_eq!((reading.dh_rms, reading.dc_rms, reading.h_rms), (1.0, 2.0, 2.5));
        assert_eq!(reading.status, RowStatus::Ok);
        assert!(read_time((&[1.0], &[]), 0, &[1.0], 1).dc_rms.is_nan(), "a cell without a state of its own");
    }

    #[test]
    fn a_time_step_is_named_by_the_worse_of_its_derivatives() {
        let status = |dh: f32, dc: &[f32]| read_time((&[dh; 4], dc), 0, &[1.0; 4], 1).status;
        assert_eq!(status(1e-36, &[]), RowStatus::Ok);
        assert_eq!(status(1e-37, &[]), RowStatus::Underflow);
        assert_eq!(status(1e-45, &[]), RowStatus::Underflow);
        assert_eq!(status(0.0, &[]), RowStatus::Zero);
        assert_eq!(status(f32::NAN, &[]), RowStatus::Nan);
        assert_eq!(status(f32::INFINITY, &[]), RowStatus::Inf);
        assert_eq!(status(1.0, &[1e-40; 4]), RowStatus::Underflow);
        assert_eq!(status(1.0, &[0.0; 4]), RowStatus::Zero);
        assert_eq!(status(0.0, &[f32::NAN; 4]), RowStatus::Nan);
        assert_eq!(read_time((&[1e-40_f64], &[]), 0, &[1.0], 1).status, RowStatus::Ok);
        // What the precision stores counts, not what the batch makes of it.
        assert_eq!(read_time((&[1e-37_f32; 4], &[]), 0, &[1.0; 4], 1000).status, RowStatus::Underflow);
    }

    #[test]
    fn the_error_at_c_is_known_below_the_range_of_f64() {
        let far = |log10_dh_rms: f64, log10_state_rms: f64| {
            TimeReading { log10_dh_rms, log10_state_rms, ..row(0.0, 0.0) }.log10_dc_rms()
        };
        // 3-4-5.
        assert!((far(-500.0 + 3_f64.log10(), -500.0 + 5_f64.log10()) - (-500.0 + 4_f64.log10())).abs() < 1e-12);
        assert_eq!(far(-500.0, -500.0), f64::NEG_INFINITY);
        assert_eq!(far(f64::NEG_INFINITY, -500.0), -500.0);
        assert_eq!(far(f64::NEG_INFINITY, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert_eq!((row(1.0, 100.0).log10_dc_rms(), row(1.0, f64::NAN).log10_dc_rms().is_nan()), (2.0, true));
    }

    fn row(dh_rms: f64, dc_rms: f64) -> TimeReading {
        let zero = dh_rms == 0.0 || dc_rms == 0.0;
        let status = if zero { RowStatus::Zero } else { RowStatus::Ok };
        TimeReading::new([dh_rms, dc_rms, 1.0], status)
    }

    fn settled(rows: &[TimeReading], passes: impl Fn(usize) -> bool) -> Vec<RowStatus> {
        let mut rows = rows.to_vec();
        settle_times(&mut rows, 1e-36, |_| false, passes);
        rows.iter().map(|r| r.status).collect()
    }

    #[test]
    fn zeros_before_an_underflow_are_underflow() {
        use RowStatus::{Ok, Underflow, Zero};
        let faint = TimeReading { status: Underflow, ..row(1e-40, f64::NAN) };
        let rows = [row(0.0, f64::NAN), row(0.0, f64::NAN), faint, row(1.0, f64::NAN)];
        assert_eq!(settled(&rows, |_| false), [Underflow, Underflow, Underflow, Ok]);
        assert_eq!(settled(&[rows[0], rows[3], rows[0], rows[3]], |_| false), [Zero, Ok, Zero, Ok]);
    }

    #[test]
    fn a_zero_below_a_derivative_that_passes_is_underflow_and_of_dead_units_it_is_zero() {
        use RowStatus::{Ok, Underflow, Zero};
        let rows = [row(0.0, f64::NAN), row(0.0, f64::NAN), row(1.0, f64::NAN)];
        assert_eq!(settled(&rows, |_| true), [Underflow, Underflow, Ok]);
        // All units are dead at t = 3; then t = 1 has nothing to lose.
        assert_eq!(settled(&rows, |t| t != 3), [Zero, Zero, Ok]);
    }

    #[test]
    fn a_state_and_its_output_are_zero_together_or_one_has_underflowed() {
        use RowStatus::{Ok, Underflow, Zero};
        assert_eq!(settled(&[row(1.0, 1.0), row(1.0, 0.0)], |_| true), [Ok, Underflow]);
        assert_eq!(settled(&[row(0.0, 1.0), row(1.0, 1.0)], |_| true), [Underflow, Ok]);
        // W_h is zero: the state alone remembers.
        assert_eq!(settled(&[row(0.0, 1.0), row(0.0, 1.0), row(1.0, 1.0)], |_| false), [Zero, Zero, Ok]);
    }

    #[test]
    fn a_state_is_not_zero_where_its_output_or_the_next_state_is_not() {
        use RowStatus::{Ok, Underflow, Zero};
        // W_h is zero: dLoss/dh_t is, too, but the forget gate leads from state to state.
        assert_eq!(settled(&[row(0.0, 0.0), row(0.0, 1.0), row(1.0, 1.0)], |_| false), [Underflow, Zero, Ok]);
        assert_eq!(settled(&[row(1.0, 0.0), row(1.0, 1.0)], |_| false), [Underflow, Ok]);
        assert_eq!(settled(&[row(0.0, 0.0), row(0.0, 0.0)], |_| true), [Zero, Zero]);
    }

    #[test]
    fn recurrent_weights_owe_a_gradient_where_a_past_meets_an_error_that_has_a_slope() {
        let rows = [row(0.0, f64::NAN), row(0.0, f64::NAN), row(1.0, f64::NAN)];
        assert!(owes_gradient(&rows, |_| true));
        assert!(!owes_gradient(&rows, |t| t != 3), "all units are dead at t = 3");
        assert!(!owes_gradient(&rows[2..], |_| true), "h_0 is 0");
        assert!(!owes_gradient(&rows[..2], |_| true), "no error comes");
        let mut silent = rows;
        silent[1].h_rms = 0.0;
        assert!(!owes_gradient(&silent, |_| true), "h_2 is 0");
        silent[1].status = RowStatus::Underflow;
        assert!(owes_gradient(&silent, |_| true), "h_1 met an error that has underflowed");
    }

    #[test]
    fn a_zero_is_underflow_where_the_layer_above_or_the_way_forward_underflows() {
        use RowStatus::{Ok, Underflow, Zero};
        let mut rows = vec![row(1.0, f64::NAN), row(0.0, f64::NAN)];
        settle_times(&mut rows, 1e-36, |t| t == 2, |_| true);
        assert_eq!(rows[1].status, Underflow);
        let faint = TimeReading { h_rms: 1e-37, ..row(1.0, f64::NAN) };
        assert_eq!(settled(&[row(0.0, f64::NAN), faint], |_| false), [Underflow, Ok]);
        assert_eq!(settled(&[row(0.0, f64::NAN), row(1.0, f64::NAN)], |_| false), [Zero, Ok]);
    }

    #[test]
    fn a_gate_is_read_over_all_its_pieces() {
        let (first, second): (&[f32], &[f32]) = (&[0.5, 1.0], &[0.0, 0.25, 0.75, 0.5]);
        let gate = read_gate([first, second].into_iter(), 0.25);
        assert_eq!((gate.mean, gate.saturated_fraction), (0.5, 0.25));
        let z: [&[f32]; 3] = [&[0.0, 9.0, -9.0], &[], &[1.0, 2.0, -1.0, 0.0, 0.5]];
        assert_eq!(saturated_share(Activation::Sigmoid, z.into_iter()), 0.25);
        // tanh's slope at 2 is 0.07 of its largest, at 2.5 it is 0.027.
        assert_eq!(saturated_share(Activation::Tanh, [&[2.0_f64, -2.5][..]].into_iter()), 0.5);
        assert_eq!(saturated_share(Activation::Relu, z.into_iter()), 0.0);
    }
}
