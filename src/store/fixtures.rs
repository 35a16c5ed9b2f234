//! Records that no training made, for tests of what is stored and of what tables show.

use crate::data::Moments;
use crate::metric::{Gains, GateReading, LayerReading, RowStatus, TimeReading};
use crate::nn::ModelKind;
use crate::trace::{Outcome, Record, StepReading, ThroughTime, Trace};

/// Makes the trace of a small diverged run with one layer and a head at two steps; `x` stands in every layer.
pub(crate) fn trace(x: f64) -> Trace {
    let outcome = Outcome {
        diverged_at: Some(7),
        loss_first: 2.5,
        loss_last: f64::NAN,
        accuracy_last: 0.25,
        loss_of_chance: 2.25,
        test_loss: f64::INFINITY,
        test_accuracy: 0.125,
        parameters: 300,
    };
    let step =
        |step| StepReading { step, loss: 2.0, accuracy: 0.5, total_grad_norm: f64::NEG_INFINITY, clip_factor: 1.0 };
    let layer = LayerReading {
        grad_norm: x,
        delta_rms: x,
        log10_grad_norm: x,
        log10_delta_rms: -x,
        weight_norm: 1.0,
        update_norm: 0.5,
        moved: 0.25,
        act_mean: 0.0,
        act_std: 1.0,
        zero_fraction: 0.0,
        saturated_fraction: 0.0,
        gains: Some(Gains { weight: x, activation: -x, norm: 0.0, branch_share: 1.0 }),
        status: RowStatus::Underflow,
    };
    let inputs = Moments { inputs: 3, square: 1.25, variance: 1.0, unevenness: 0.5, directions: 2.5 };
    Trace { outcome, inputs, steps: vec![step(0), step(9)], layers: vec![layer; 4], through_time: None }
}

/// Makes such a trace of an lstm with one layer, over three time steps; `x` is what reaches the second of them.
pub(crate) fn recurrent_trace(x: f64) -> Trace {
    let time = |dh_rms, dc_rms, status| TimeReading::new([dh_rms, dc_rms, 0.5], status);
    let times = [
        time(0.0, x, RowStatus::Underflow),
        time(x, f64::NAN, RowStatus::Underflow),
        time(f64::from(0.1_f32), 2.0, RowStatus::Ok),
    ];
    let through_time = ThroughTime {
        kind: ModelKind::Lstm,
        length: 3,
        first_answer: 3,
        times: [times, times].concat(),
        gates: vec![GateReading { mean: 0.25, saturated_fraction: 0.125 }; 2 * 4],
    };
    Trace { through_time: Some(through_time), ..trace(x) }
}

/// Makes the record of a failed run.
pub(crate) fn failed(text: &str) -> Record {
    Record::Failed(text.into())
}
