//! Profiles of gradients in one number: by how many decades they shrink or grow on their way back, across layers or
//! through time.

use super::{LayerReading, TimeReading};

/// Least-squares slope of log10 `delta_rms` over the backward distance L - l, for layers l = 2..L, or 1..L where that
/// leaves fewer than two: the decades by which the error shrinks (negative) or grows (positive) per layer on its way
/// back. `hidden` are the readings of layers 1..L. NaN for L = 1; -inf if one of these layers gets no error at all.
pub fn decades_per_layer(hidden: &[LayerReading]) -> f64 {
    slope(without_the_first(hidden).iter().rev().map(|r| r.log10_delta_rms))
}

/// [`decades_per_layer`] of log10 `delta_rms` of layers 1..L, as a theory gives it: relative to that of any layer.
pub fn slope_across_layers(log10_delta: &[f64]) -> f64 {
    least_squares(without_the_first(log10_delta).iter().rev().copied())
}

/// log10(`delta_rms` of layer 1 / of layer L); -inf where nothing reaches layer 1. `hidden` are the readings of layers
/// 1..L.
///
/// # Panics
/// If there is no layer.
pub fn gradient_decades(hidden: &[LayerReading]) -> f64 {
    let first = hidden.first().expect("a net has a hidden layer").log10_delta_rms;
    let last = hidden.last().expect("a net has a hidden layer").log10_delta_rms;
    ratio(first, last)
}

/// Least-squares slope of log10 `dh_rms` over the lag T - t, for t = 1..`first_answer`: the decades by which the error
/// shrinks (negative) or grows (positive) per time step on its way into the past. Later time steps are left out, as the
/// losses at each of them would hide what becomes of any one. `times` are a layer's readings at t = 1..T. NaN for fewer
/// than two time steps; -inf if one of them is zero.
///
/// All lags count, also the least, whose derivative comes straight from above: no end of time differs from the rest as
/// layer 1 does from other layers, by its inputs. On the first step back an lstm loses more than on later ones, as what
/// its state passes on has yet to come to it: 0.6 decades at initialisation with biases of 0, and then soon 0.13 a step.
/// Over 10 time steps that makes the slope steeper by a sixth, over 50 by an eightieth.
///
/// # Panics
/// If `first_answer` is beyond T.
pub fn decades_per_step(times: &[TimeReading], first_answer: usize) -> f64 {
    slope(times[..first_answer].iter().rev().map(|r| r.log10_dh_rms))
}

/// [`decades_per_step`] of log10 `dh_rms` at t = 1..`first_answer`, as a theory gives it: relative to that at any t.
pub fn slope_through_time(log10_dh: &[f64]) -> f64 {
    least_squares(log10_dh.iter().rev().copied())
}

/// log10(`state_rms` at t = 1 / at t = `first_answer` - 1), the error at the whole state: -inf where nothing reaches
/// t = 1, NaN where the first answer is that of t = 1. `times` are a layer's readings at t = 1..T.
///
/// The base is one step before the answer: what the error loses or gains where it comes from the loss into the state is no
/// loss of memory.
///
/// # Panics
/// If `first_answer` is 0 or beyond T + 1.
pub fn time_decades(times: &[TimeReading], first_answer: usize) -> f64 {
    let Some(base) = (first_answer - 1).checked_sub(1) else { return f64::NAN };
    ratio(times[0].log10_state_rms, times[base].log10_state_rms)
}

/// Least-squares slope of log10 rms over the distance 0, 1, .. in which they come. NaN for fewer than two; -inf if one of
/// them is that of 0.
fn slope(log10: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    if log10.len() >= 2 && log10.clone().any(|log10| log10 == f64::NEG_INFINITY) {
        return f64::NEG_INFINITY;
    }
    least_squares(log10)
}

/// The slope of `values` over the distance 0, 1, .. in which they come. NaN for fewer than two.
fn least_squares(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let n = values.len() as f64;
    let mean_distance = (n - 1.0) / 2.0;
    // sum (d - mean)^2 over d = 0..n-1, in closed form.
    let spread = n * (n * n - 1.0) / 12.0;
    let covariance: f64 = values.enumerate().map(|(distance, value)| (distance as f64 - mean_distance) * value).sum();
    covariance / spread
}

/// The layers that a slope is taken over: layer 1 differs from the others by its inputs.
fn without_the_first<T>(layers: &[T]) -> &[T] {
    if layers.len() > 2 { &layers[1..] } else { layers }
}

/// The decades between two logarithms; -inf where the first is that of 0.
fn ratio(first: f64, last: f64) -> f64 {
    if first == f64::NEG_INFINITY { first } else { first - last }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::RowStatus;

    fn row(delta_rms: f64, status: RowStatus) -> LayerReading {
        LayerReading::with_norms(1.0, delta_rms, status)
    }

    /// A layer's time steps with these log10 of `dh_rms`, t = 1 first.
    fn times(log10: &[f64]) -> Vec<TimeReading> {
        log10.iter().map(|e| time(10_f64.powf(*e), f64::NAN)).collect()
    }

    fn time(dh_rms: f64, dc_rms: f64) -> TimeReading {
        TimeReading::new([dh_rms, dc_rms, 1.0], RowStatus::Ok)
    }

    #[test]
    fn the_slope_through_time_is_per_lag_and_negative_where_the_past_gets_less() {
        let vanishing = times(&[-4.0, -3.5, -3.0, -2.5]);
        assert!((decades_per_step(&vanishing, 4) + 0.5).abs() < 1e-12, "{}", decades_per_step(&vanishing, 4));
        assert!((time_decades(&vanishing, 4) + 1.0).abs() < 1e-12, "from t = 3");
        assert!((decades_per_step(&times(&[1.0, 0.0]), 2) - 1.0).abs() < 1e-12);
        // Not the ratio of the ends: all lags count.
        assert!((decades_per_step(&times(&[-3.0, 0.0, 0.0]), 3) + 1.5).abs() < 1e-12);
    }

    #[test]
    fn time_steps_after_the_first_answer_do_not_count() {
        let marked = times(&[-2.0, -1.0, 0.0, 7.0, 8.0]);
        assert!((decades_per_step(&marked, 3) + 1.0).abs() < 1e-12);
        assert!((time_decades(&marked, 3) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_time_step_has_no_slope_and_one_without_gradient_an_infinite_one() {
        assert!(decades_per_step(&times(&[1.0]), 1).is_nan());
        assert!(decades_per_step(&times(&[1.0, 2.0]), 1).is_nan());
        assert!(time_decades(&times(&[1.0]), 1).is_nan());
        assert_eq!(time_decades(&times(&[1.0, 2.0]), 2), 0.0, "the first time step is the base");
        for (dh_rms, status) in [(0.0, RowStatus::Zero), (0.0, RowStatus::Underflow)] {
            // What the number says counts, not its status.
            let mut rows = times(&[-3.0, -2.0, -1.0]);
            rows[1] = TimeReading { status, ..time(dh_rms, f64::NAN) };
            assert_eq!(decades_per_step(&rows, 3), f64::NEG_INFINITY);
        }
        let mut rows = times(&[-3.0, -2.0, -1.0]);
        (rows[0].log10_dh_rms, rows[0].log10_state_rms) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        assert_eq!(time_decades(&rows, 3), f64::NEG_INFINITY);
    }

    #[test]
    fn an_error_that_the_cell_keeps_is_not_lost() {
        let mut rows: Vec<_> = [-8, -4, 0].map(|e| time(10_f64.powi(e), 1.0)).to_vec();
        assert!(time_decades(&rows, 3).abs() < 1e-7, "{}", time_decades(&rows, 3));
        (rows[0], rows[1]) = (time(3e-3, 4e-3), time(3.0, 4.0));
        assert!((time_decades(&rows, 3) + 3.0).abs() < 1e-12);
    }

    fn profile(log10: &[f64]) -> Vec<LayerReading> {
        log10.iter().map(|e| row(10_f64.powf(*e), RowStatus::Ok)).collect()
    }

    #[test]
    fn the_slope_leaves_out_layer_1_where_three_or_more_layers_are() {
        let vanishing = profile(&[5.0, -3.0, -2.5, -2.0]);
        assert!((decades_per_layer(&vanishing) + 0.5).abs() < 1e-12, "{}", decades_per_layer(&vanishing));
        assert!((decades_per_layer(&profile(&[-1.0, -3.0])) - 2.0).abs() < 1e-12);
        assert!(decades_per_layer(&profile(&[1.0])).is_nan());
        assert!((gradient_decades(&vanishing) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn a_predicted_profile_has_the_slope_that_the_same_measured_one_has() {
        for log10 in [&[5.0, -3.0, -2.5, -2.0][..], &[-1.0, -3.0], &[1.0], &[0.5, 0.0, 1.0]] {
            let (predicted, measured) = (slope_across_layers(log10), decades_per_layer(&profile(log10)));
            assert!((predicted - measured).abs() < 1e-12 || predicted.is_nan() && measured.is_nan(), "{log10:?}");
            let (predicted, measured) = (slope_through_time(log10), decades_per_step(&times(log10), log10.len()));
            assert!((predicted - measured).abs() < 1e-12 || predicted.is_nan() && measured.is_nan(), "{log10:?}");
        }
    }

    #[test]
    fn a_layer_without_gradient_makes_the_slope_infinite() {
        assert_eq!(gradient_decades(&[row(0.0, RowStatus::Zero), row(0.0, RowStatus::Zero)]), f64::NEG_INFINITY);
        let mut rows = profile(&[0.0, -3.0, -2.0]);
        rows[1].status = RowStatus::Underflow;
        assert!(decades_per_layer(&rows).is_finite(), "what underflows is measured all the same");
        rows[1] = row(0.0, RowStatus::Zero);
        assert_eq!(decades_per_layer(&rows), f64::NEG_INFINITY);
    }

    #[test]
    fn a_layer_whose_weights_alone_get_no_gradient_has_a_place_in_the_slope() {
        let mut rows = profile(&[0.0, -3.0, -2.0]);
        rows[1].status = RowStatus::Zero;
        assert!((decades_per_layer(&rows) + 1.0).abs() < 1e-12);
    }
}
