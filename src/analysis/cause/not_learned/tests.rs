//! Nets that are not sick and did not learn.

use super::*;
use crate::analysis::Summary;
use crate::data::Moments;
use crate::metric::RowStatus;
use crate::trace::{Outcome, StepReading};

/// Two layers and a head, whose outputs have these standard deviations.
#[derive(Debug, Clone, Copy)]
struct Run {
    relative_update: f64,
    moved: f64,
    signal: [f64; 2],
}

const STILL: Run = Run { relative_update: 1e-6, moved: 1e-3, signal: [1.0, 1.0] };

/// A run that did not learn of 100 steps, every tenth of which is traced, with these losses, a chance of 2 and gradients
/// that are alike in all layers.
fn trace(run: Run, losses: impl Fn(usize) -> f64) -> Trace {
    let outcome = Outcome {
        diverged_at: None,
        loss_first: 2.0,
        loss_last: 1.9,
        accuracy_last: 0.1,
        loss_of_chance: 2.0,
        test_loss: 2.0,
        test_accuracy: 0.1,
        parameters: 9,
    };
    let row = |act_std| LayerReading {
        grad_norm: 1.0,
        delta_rms: 1.0,
        log10_grad_norm: 0.0,
        log10_delta_rms: 0.0,
        weight_norm: 2.0,
        update_norm: 2.0 * run.relative_update,
        moved: run.moved,
        act_mean: 0.0,
        act_std,
        zero_fraction: 0.0,
        saturated_fraction: 0.0,
        gains: None,
        status: RowStatus::Ok,
    };
    let step = |i: usize| StepReading {
        step: if i == 10 { 99 } else { 10 * i },
        loss: losses(i),
        accuracy: 0.1,
        total_grad_norm: 1.0,
        clip_factor: 1.0,
    };
    let [first, last] = run.signal;
    Trace {
        outcome,
        inputs: Moments { inputs: 3, square: 1.0, variance: 1.0, unevenness: 0.0, directions: 3.0 },
        steps: (0..=10).map(step).collect(),
        layers: [first, last, 1.0].map(row).repeat(11),
        through_time: None,
    }
}

fn said(run: Run, losses: impl Fn(usize) -> f64) -> (&'static str, String) {
    let summary = Summary::of(&trace(run, losses));
    let model = crate::spec::RunSpec::default().model;
    (summary.why.cause.name(), summary.why.sentence(summary.verdict, &model))
}

/// A loss that goes nowhere, with some noise.
fn flat(i: usize) -> f64 {
    2.0 + if i.is_multiple_of(2) { 0.05 } else { -0.05 }
}

/// A loss that goes nowhere, with hardly any noise.
fn faint(i: usize) -> f64 {
    2.0 + 0.1 * (flat(i) - 2.0)
}

#[test]
fn weights_that_hardly_moved_had_too_small_steps() {
    let (cause, sentence) = said(STILL, flat);
    assert_eq!(cause, "small_steps");
    assert_eq!(
        sentence,
        "steps are too small: in the whole run no layer moved by more than 0.10 % of its norm; multiply learning_rate by 1000"
    );
    assert!(said(Run { moved: 0.09, ..STILL }, flat).1.ends_with("multiply learning_rate by 10"));
    assert!(said(Run { moved: 0.0, ..STILL }, flat).1.contains("no weight changed"));
}

#[test]
fn a_loss_that_falls_had_too_few_steps_if_ten_times_as_many_are_enough() {
    let moving = Run { relative_update: 1e-3, moved: 0.05, ..STILL };
    let (cause, sentence) = said(moving, |i| faint(i) - 0.01 * i as f64);
    assert_eq!(cause, "few_steps");
    assert_eq!(
        sentence,
        "too few steps: the loss falls, and at this rate it is below 0.9 of chance from step 210 on; train for longer"
    );
    assert!(said(moving, |i| faint(i) - 0.03 * i as f64).1.contains("has just come to 0.9 of chance"));
    let to_chance = |i: usize| if i < 4 { 3.0 - 0.2 * i as f64 } else { faint(i) };
    assert_eq!(said(moving, to_chance).0, "small_steps", "it fell from a bad start to chance, and no further");
    assert!(said(moving, |i| 2.0 - 0.004 * i as f64).1.contains("from step 500 on"));
    assert_eq!(said(moving, |i| 2.0 - 0.0001 * i as f64).0, "small_steps", "far more than ten times as many");
    assert_eq!(said(moving, |i| flat(i) - 0.001 * i as f64).0, "small_steps", "no slope among that much noise");
    assert_eq!(said(Run { moved: 0.001, ..moving }, |i| 2.0 - 0.004 * i as f64).0, "small_steps");
}

#[test]
fn a_signal_that_fades_makes_all_gradients_small() {
    let (cause, sentence) = said(Run { signal: [1.0, 0.01], ..STILL }, flat);
    assert_eq!(cause, "small_gradients");
    assert_eq!(
        sentence,
        "all gradients are equally small, so an update changes a layer by at most 1e-6 of its norm: the signal at the last layer \
         is 1 % of that at layer 1; take an init with a larger gain"
    );
    assert_eq!(said(Run { signal: [1.0, 0.01], moved: 0.5, ..STILL }, flat).0, "unexplained");
}

#[test]
fn a_loss_that_goes_up_and_down_under_large_steps_has_too_large_ones() {
    let far = Run { relative_update: 0.02, moved: 3.0, ..STILL };
    let (cause, sentence) = said(far, |i| if i.is_multiple_of(2) { 1.5 } else { 4.0 });
    assert_eq!(cause, "large_steps");
    assert_eq!(
        sentence,
        "steps are too large: a layer moved by 300 % of its norm, and the loss goes up and down between 1.50 and 4.00; \
         divide learning_rate by 10"
    );
    assert_eq!(said(Run { relative_update: 0.2, moved: 0.5, ..STILL }, flat).0, "large_steps");
    assert!(
        said(Run { relative_update: 0.2, ..far }, flat).1.contains("a step changes 20 % of a layer's norm on average")
    );
    assert_eq!(said(far, |i| faint(i) - 0.01 * i as f64).0, "few_steps", "the loss falls all the same");
    assert_eq!(said(far, |i| 4.0 / (1.0 + i as f64) + 2.0).0, "unexplained", "it never rises, and is above chance");
    let mut short = trace(far, flat);
    short.steps.truncate(4);
    short.layers.truncate(4 * 3);
    assert_eq!(Summary::of(&short).why.cause.name(), "unexplained", "too few losses to tell");
}

#[test]
fn what_nothing_here_explains_is_said_to_be_so() {
    let (cause, sentence) = said(Run { relative_update: 1e-3, moved: 0.5, ..STILL }, flat);
    assert_eq!(cause, "unexplained");
    assert!(sentence.contains("nothing here explains"), "{sentence}");
    let noise = Summary::of(&trace(STILL, flat)).why.of_random_labels();
    assert_eq!(noise.cause.name(), "random_labels");
}
