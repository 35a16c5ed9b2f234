//! Causes of made-up traces, and their sentences.

use std::num::NonZeroUsize;

use super::*;
use crate::analysis::Summary;
use crate::data::Moments;
use crate::metric::{Gains, GateReading, RowStatus, TimeReading};
use crate::nn::{Activation, ModelKind, ModelSpec};
use crate::spec::RunSpec;
use crate::trace::{Outcome, StepReading, ThroughTime};

/// A layer that the error passes as it came.
fn row(delta_rms: f64) -> LayerReading {
    LayerReading {
        grad_norm: 1.0,
        delta_rms,
        log10_grad_norm: f64::NAN,
        log10_delta_rms: f64::NAN,
        weight_norm: 2.0,
        update_norm: 0.02,
        moved: 0.1,
        act_mean: 0.0,
        act_std: 1.0,
        zero_fraction: 0.0,
        saturated_fraction: 0.0,
        gains: Some(Gains { weight: 0.0, activation: 0.0, norm: 0.0, branch_share: 1.0 }),
        status: RowStatus::Ok,
    }
    .with_logarithms()
}

/// Three layers and a head whose error changes by these gains per layer.
fn layers(weight: f64, activation: f64, norm: f64) -> Vec<LayerReading> {
    let step = weight + activation + norm;
    let at = |distance: f64| 10_f64.powf(distance * step);
    let gains = Some(Gains { weight, activation, norm, branch_share: 1.0 });
    let hidden = [3.0, 2.0, 1.0].map(|distance| LayerReading { gains, ..row(at(distance)) });
    [&hidden[..], &[LayerReading { gains: None, ..row(1.0) }]].concat()
}

/// A run whose traced steps, 0, 10, .., have these layers.
fn trace(diverged_at: Option<usize>, steps: &[Vec<LayerReading>]) -> Trace {
    let outcome = Outcome {
        diverged_at,
        loss_first: 2.3,
        loss_last: 1.0,
        accuracy_last: 0.1,
        loss_of_chance: 2.3,
        test_loss: 2.3,
        test_accuracy: 0.1,
        parameters: 9,
    };
    let reading = |i| StepReading { step: 10 * i, loss: 1.0, accuracy: 0.1, total_grad_norm: 1.0, clip_factor: 1.0 };
    Trace {
        outcome,
        inputs: Moments { inputs: 3, square: 1.0, variance: 1.0, unevenness: 0.0, directions: 3.0 },
        steps: (0..steps.len()).map(reading).collect(),
        layers: steps.concat(),
        through_time: None,
    }
}

fn said(trace: &Trace, model: &ModelSpec) -> (&'static str, String) {
    let summary = Summary::of(trace);
    (summary.why.cause.name(), summary.why.sentence(summary.verdict, model))
}

fn sigmoid() -> ModelSpec {
    let depth = NonZeroUsize::new(3).expect("positive");
    ModelSpec { activation: Activation::Sigmoid, depth, ..RunSpec::default().model }
}

/// What is said of a net of these gains at its first and only step.
fn of_gains(weight: f64, activation: f64, norm: f64) -> (&'static str, String) {
    let model = ModelSpec { batch_norm: norm != 0.0, ..sigmoid() };
    said(&trace(None, &[layers(weight, activation, norm)]), &model)
}

#[test]
fn the_largest_gain_in_the_verdicts_direction_is_to_blame_and_the_others_are_named() {
    for (gains, want) in [
        (
            (0.03, -0.66, 0.0),
            ("activation", "sigmoid's derivative costs 0.66 decades per layer; the weights give back 0.03"),
        ),
        (
            (-0.5, -0.25, 0.0),
            ("weights", "the weights cost 0.50 decades per layer; sigmoid's derivative costs another 0.25"),
        ),
        (
            (0.001, -0.66, 0.0),
            ("activation", "sigmoid's derivative costs 0.66 decades per layer; the weights give nothing back"),
        ),
        (
            (0.5, -0.5, 1.2),
            ("norm", "batch norm with the weights adds 1.70 decades per layer; sigmoid's derivative takes back 0.50"),
        ),
        (
            (-8.3, -0.5, 10.0),
            ("norm", "batch norm with the weights adds 1.70 decades per layer; sigmoid's derivative takes back 0.50"),
        ),
        ((0.1, -0.1, 0.1), ("none", "")),
    ] {
        let (cause, sentence) = of_gains(gains.0, gains.1, gains.2);
        assert_eq!((cause, sentence.as_str()), want);
    }
}

#[test]
fn the_step_that_has_the_verdict_is_the_one_that_is_told() {
    let healthy = layers(0.0, 0.0, 0.0);
    let later = trace(None, &[healthy.clone(), healthy.clone(), layers(0.0, -0.7, 0.0)]);
    let (cause, sentence) = said(&later, &sigmoid());
    assert_eq!(cause, "activation");
    assert!(sentence.starts_with("at step 20, sigmoid's derivative costs 0.70"), "{sentence}");
    let first = trace(None, &[layers(-0.7, 0.0, 0.0), healthy]);
    assert_eq!(said(&first, &sigmoid()).0, "none", "it has recovered");
}

#[test]
fn small_gains_of_deep_nets_are_told_in_three_decimals() {
    let mut deep = layers(0.004, -0.03, 0.0);
    let layer = deep[1];
    deep.splice(1..1, std::iter::repeat_n(layer, 60));
    for (l, row) in deep.iter_mut().rev().enumerate() {
        row.delta_rms = 10_f64.powf(-0.026 * l as f64);
        *row = row.with_logarithms();
    }
    let (_, sentence) = said(&trace(None, &[deep]), &sigmoid());
    assert_eq!(sentence, "sigmoid's derivative costs 0.030 decades per layer; the weights give back 0.004");
}

#[test]
fn of_a_residual_net_its_branches_are_to_blame() {
    let mut rows = layers(0.0, 1.2, 0.0);
    rows[0].gains = Some(Gains { branch_share: 0.5, ..row(1.0).gains.unwrap_or_else(|| unreachable!()) });
    rows[1].gains = rows[0].gains.map(|gains| Gains { branch_share: 0.7, ..gains });
    let (cause, sentence) = said(&trace(None, &[rows]), &sigmoid());
    assert_eq!(cause, "branches");
    assert_eq!(sentence, "the residual branches add 1.20 decades per layer: each brings 60 % of its layer's error");
}

#[test]
fn the_highest_dead_layer_is_to_blame_for_those_below_and_weights_of_0_for_their_own() {
    let dead = |at: &[usize], weight_norm: f64| {
        let mut rows = layers(0.0, 0.0, 0.0);
        for &l in at {
            rows[l] = LayerReading { delta_rms: 0.0, zero_fraction: 0.998, status: RowStatus::Zero, ..rows[l] }
                .with_logarithms();
        }
        rows[2].weight_norm = weight_norm;
        said(&trace(None, &[rows]), &sigmoid())
    };
    assert_eq!(
        dead(&[0, 1], 2.0),
        ("dead_units", "layer 2 is dead: 99.8 % of its units have a derivative of 0".into())
    );
    assert_eq!(
        dead(&[0, 1], 0.0),
        ("zero_weights", "all weights of layer 3 are 0, so nothing passes back through it".into())
    );
}

#[test]
fn the_head_is_named_as_such() {
    let mut rows = layers(0.0, 0.0, 0.0);
    rows[2] = LayerReading { delta_rms: 0.0, zero_fraction: 0.0, status: RowStatus::Zero, ..rows[2] }.with_logarithms();
    rows[2].gains = None;
    rows[3].weight_norm = 0.0;
    assert_eq!(
        said(&trace(None, &[rows]), &sigmoid()),
        ("zero_weights", "all weights of the head are 0, so nothing passes back through it".into())
    );
    let mut large = layers(0.0, 0.0, 0.0);
    large[3].update_norm = 1.5;
    let (_, sentence) = said(&trace(Some(12), &[large]), &sigmoid());
    assert!(sentence.contains("changed the weights of the head by 75 % of their norm"), "{sentence}");
}

#[test]
fn the_most_saturated_layer_is_named() {
    let mut rows = layers(0.0, 0.0, 0.0);
    (rows[0].saturated_fraction, rows[1].saturated_fraction) = (0.91, 0.97);
    let (cause, sentence) = said(&trace(None, &[rows]), &sigmoid());
    assert_eq!(cause, "saturation");
    assert_eq!(
        sentence,
        "layer 2 is saturated: 97 % of its sigmoid have less than a twentieth of the largest derivative"
    );
}

/// Layers of which number `at`, from 0, changes by so much of its norm.
fn with_update(at: usize, share: f64) -> Vec<LayerReading> {
    let mut rows = layers(0.0, 0.0, 0.0);
    rows[at].update_norm = share * rows[at].weight_norm;
    rows
}

#[test]
fn a_run_that_diverges_is_blamed_on_what_left_the_healthy_band_first() {
    let calm = || layers(0.0, 0.0, 0.0);
    let diverged = |steps: &[Vec<LayerReading>]| said(&trace(Some(12), steps), &sigmoid());
    let (cause, sentence) = diverged(&[calm(), with_update(1, 1.5)]);
    assert_eq!(cause, "learning_rate");
    assert_eq!(
        sentence,
        "steps are too large: that of step 10 changed the weights of layer 2 by 150 % of their norm; the loss of step 12 was \
         not finite"
    );
    let (cause, sentence) = diverged(&[layers(1.5, 0.0, 0.0)]);
    assert_eq!(cause, "weights");
    assert!(sentence.starts_with("the weights add 1.50") && sentence.ends_with("; the loss of step 12 was not finite"));
    // The error explodes after a step that was too large, and before one.
    assert_eq!(diverged(&[with_update(1, 1.5), layers(1.5, 0.0, 0.0)]).0, "learning_rate");
    let (cause, sentence) = diverged(&[calm(), layers(1.5, 0.0, 0.0), with_update(1, 1.5)]);
    assert_eq!(cause, "weights");
    assert!(sentence.starts_with("at step 10, the weights"), "{sentence}");
    // Nothing left it in any traced step, and the last one is large enough to be told.
    assert_eq!(diverged(&[calm(), with_update(1, 0.5)]).0, "learning_rate");
    let (cause, sentence) = diverged(&[calm(), with_update(1, 0.01)]);
    assert_eq!((cause, sentence.as_str()), ("overflow", "the loss of step 12 was not finite"));
    let why = Summary::of(&trace(Some(12), &[calm(), with_update(1, 0.5)])).why.with_smaller_rate(0.01);
    assert_eq!(
        why.sentence(Verdict::Diverged, &sigmoid()),
        "steps are too large: at learning_rate = 0.01 the same run does not diverge; the loss of step 12 was not finite"
    );
}

#[test]
fn saturation_that_followed_an_explosion_is_blamed_on_the_explosion() {
    let mut flat = layers(0.0, 0.0, 0.0);
    flat[1].saturated_fraction = 0.97;
    let (cause, sentence) = said(&trace(None, &[layers(1.5, 0.0, 0.0), flat.clone()]), &sigmoid());
    assert_eq!(cause, "weights");
    assert!(sentence.ends_with("; since then layers are saturated"), "{sentence}");
    assert_eq!(said(&trace(None, &[layers(0.0, 0.0, 0.0), flat]), &sigmoid()).0, "saturation");
}

#[test]
fn the_first_number_that_is_none_is_told_with_its_step_and_layer() {
    let nan = f64::NAN;
    let broken = |rows: Vec<LayerReading>| said(&trace(None, &[layers(0.0, 0.0, 0.0), rows]), &sigmoid());
    // Layers 1 and 2 got no number; from layer 3, the head's error grew by 10.
    let mut rows = layers(1.0, 0.0, 0.0);
    for row in &mut rows[..1] {
        (row.delta_rms, row.grad_norm, row.status) = (nan, nan, RowStatus::Nan);
    }
    assert_eq!(broken(rows), ("overflow", "gradients overflow at step 10 in layer 1: x10 per layer".into()));
    let mut rows = layers(0.0, 0.0, 0.0);
    (rows[1].act_std, rows[2].act_std) = (f64::INFINITY, nan);
    rows.iter_mut().for_each(|row| row.status = RowStatus::Nan);
    assert_eq!(broken(rows), ("overflow", "the output of layer 2 overflows at step 10".into()));
    let mut rows = layers(0.0, 0.0, 0.0);
    (rows[0].weight_norm, rows[1].weight_norm) = (nan, f64::INFINITY);
    rows.iter_mut().for_each(|row| row.status = RowStatus::Nan);
    assert_eq!(broken(rows), ("overflow", "the weights of layer 2 are not finite from step 10 on".into()));
    let all = vec![LayerReading { status: RowStatus::Nan, ..row(nan) }; 4];
    let (cause, sentence) = said(&trace(Some(0), &[all]), &sigmoid());
    assert_eq!((cause, sentence.as_str()), ("overflow", "gradients overflow at step 0 in the head"));
}

#[test]
fn what_underflows_is_told_with_the_layer_where_it_begins() {
    let mut rows = layers(0.03, -0.66, 0.0);
    rows[0] = LayerReading { delta_rms: 0.0, status: RowStatus::Underflow, ..rows[0] }.with_logarithms();
    rows[0].gains = Some(Gains { weight: f64::NEG_INFINITY, activation: f64::NAN, norm: f64::NAN, branch_share: 1.0 });
    let (cause, sentence) = said(&trace(None, &[rows.clone()]), &sigmoid());
    assert_eq!(cause, "activation");
    assert_eq!(
        sentence,
        "sigmoid's derivative costs 0.66 decades per layer; the weights give back 0.03; at layer 1 it is below what \
         the precision holds"
    );
    rows[1].gains = rows[0].gains;
    let (cause, sentence) = said(&trace(None, &[rows.clone()]), &sigmoid());
    assert_eq!((cause, sentence.as_str()), ("underflow", "the precision cannot hold the error from layer 1 down"));
    rows[1] = LayerReading { delta_rms: 0.0, status: RowStatus::Underflow, ..rows[1] }.with_logarithms();
    let (_, sentence) = said(&trace(None, &[rows]), &sigmoid());
    assert!(sentence.ends_with("from layer 2 down"), "{sentence}");
}

#[test]
fn the_last_step_is_explained_and_of_exploding_gains_the_largest() {
    let steps = [layers(-0.7, 0.0, 0.0), layers(0.0, -0.9, 0.0)];
    assert_eq!(said(&trace(None, &steps), &sigmoid()).0, "activation");
    assert_eq!(of_gains(0.1, 1.2, 0.0).0, "activation");
}

#[test]
fn where_time_and_depth_are_both_sick_time_is_explained() {
    assert_eq!(recurrent(ModelKind::Rnn, -0.25, -1.5).0, "recurrence");
}

/// One recurrent layer over 11 time steps, with as many decades per step, below one of these gains across layers.
fn recurrent(kind: ModelKind, per_step: f64, across: f64) -> (&'static str, String) {
    let none = |row: &LayerReading| LayerReading { gains: None, ..*row };
    let rows: Vec<LayerReading> = layers(across, 0.0, 0.0)[1..].iter().map(none).collect();
    let mut trace = trace(None, &[rows]);
    let time = |lag: i32| TimeReading::new([10_f64.powf(per_step * f64::from(lag)), f64::NAN, 1.0], RowStatus::Ok);
    let times: Vec<TimeReading> = (0..11).rev().map(time).collect();
    let gate = |mean| GateReading { mean, saturated_fraction: 0.0 };
    let gates: Vec<GateReading> = (1..=kind.gates().len()).map(|i| gate(0.1 * i as f64)).collect();
    trace.through_time =
        Some(ThroughTime { kind, length: 11, first_answer: 11, times: times.repeat(2), gates: gates.repeat(2) });
    said(&trace, &ModelSpec { kind, ..sigmoid() })
}

#[test]
fn through_time_the_recurrence_is_to_blame_with_the_gate_that_keeps_the_state() {
    let (cause, sentence) = recurrent(ModelKind::Lstm, -0.25, 0.0);
    assert_eq!(cause, "recurrence");
    assert_eq!(
        sentence,
        "through time the error loses 0.25 decades per time step, -2.2 over 9; the forget gate keeps 0.20 of the state per \
         time step"
    );
    assert!(recurrent(ModelKind::Gru, -0.25, 0.0).1.ends_with("the update gate keeps 0.20 of the state per time step"));
    let rnn = recurrent(ModelKind::Rnn, 0.5, 0.0);
    assert_eq!(rnn, ("recurrence", "through time the error gains 0.50 decades per time step, +4.5 over 9".into()));
    let stack = recurrent(ModelKind::Rnn, 0.0, -1.5);
    assert_eq!(stack, ("stack", "across its layers the error loses 1.50 decades per layer".into()));
    assert_eq!(recurrent(ModelKind::Rnn, 0.0, 0.0), ("none", String::new()));
}

#[test]
fn codes_are_words_of_their_own() {
    let mut names = Cause::ALL.map(Cause::name);
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(Cause::ALL.is_sorted());
}
