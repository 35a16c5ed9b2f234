//! Gathering made-up records of small plans.

use std::convert::Infallible;

use super::*;
use crate::config::Source;
use crate::data::Moments;
use crate::metric::{LayerReading, RowStatus, TimeReading};
use crate::nn::ModelKind;
use crate::report::Mark;
use crate::trace::{Outcome, StepReading, ThroughTime, Trace};

fn plan(toml: &str) -> Plan {
    crate::plan::plan(&Source::new("test.toml", format!("name = \"test\"\nwhy = \"because\"\n{toml}")), &[]).unwrap()
}

fn row(delta_rms: f64, status: RowStatus) -> LayerReading {
    LayerReading::with_norms(delta_rms, delta_rms, status)
}

/// A run of these steps, at each of which each layer's rows are `rows`.
fn trace(steps: &[usize], rows: &[LayerReading]) -> Trace {
    let step = |&step| StepReading { step, loss: 2.0, accuracy: 0.5, total_grad_norm: 1.0, clip_factor: 1.0 };
    let outcome = Outcome {
        diverged_at: None,
        loss_first: 2.3,
        loss_last: 1.5,
        accuracy_last: 0.5,
        loss_of_chance: 2.3,
        test_loss: 1.5,
        test_accuracy: 0.5,
        parameters: 9,
    };
    let inputs = Moments { inputs: 64, square: 1.0, variance: 1.0, unevenness: 0.0, directions: 64.0 };
    Trace {
        outcome,
        inputs,
        steps: steps.iter().map(step).collect(),
        layers: steps.iter().flat_map(|_| rows).copied().collect(),
        through_time: None,
    }
}

fn gathered(plan: &Plan, record: impl Fn(usize) -> Option<Record>) -> Gathered {
    gather(plan, |_| true, |run| Ok::<_, Infallible>(record(run))).unwrap()
}

const SMALL: &str = "[run]\ntrain.steps = 5\ntrace.every = 2\nmodel.depth = 2\ntrain.precision = \"f64\"\n";

#[test]
fn a_cell_has_the_mean_and_the_range_of_its_seeds() {
    let plan = plan(&format!("{SMALL}[grid]\nmodel.activation = [\"tanh\", \"relu\"]\nseed = [0, 1]\n"));
    let of_run = |run: usize| {
        let delta = if run.is_multiple_of(2) { 1e-4 } else { 1e-2 };
        Some(Record::Done(trace(&[0, 2, 4], &[delta, 1.0, 1.0].map(|delta| row(delta, RowStatus::Ok)))))
    };
    let gathered = gathered(&plan, of_run);
    assert_eq!((gathered.name.as_str(), gathered.why.as_str(), gathered.cells.len()), ("test", "because", 2));
    assert_eq!((gathered.axes[0].name.as_str(), gathered.axes[0].label(1)), ("activation", "relu".into()));
    let cell = &gathered.cells[1];
    assert_eq!((&cell.levels[..], &cell.runs[..]), (&[1][..], &[2, 3][..]));
    let detail = cell.detail.as_ref().unwrap();
    let first = detail.profile.init[0];
    assert_eq!((first.n, first.mean, first.low, first.high), (2, -3.0, -4.0, -2.0));
    assert_eq!(detail.profile.anchor(), 0.0);
    assert_eq!((&detail.heat.layers[..], &detail.heat.steps[..]), (&[1, 2, 3][..], &[0, 2, 4][..]));
    assert_eq!(detail.heat.at(0, 1), (-3.0, None));
    assert_eq!(detail.profile.predicted.len(), 2);
    assert_eq!((detail.profile.predicted[1], detail.thinned), (0.0, None));
    assert_eq!(cell.headline(crate::spec::RunMetric::InitGradientDecades).mean, -3.0);
    assert_eq!(gathered.effects[0].effect.pairs, 2);
    assert_eq!((gathered.counts.ok, gathered.counts.learned), (4, 4));
}

#[test]
fn what_is_not_a_number_is_counted_and_never_dropped() {
    let plan = plan(&format!("{SMALL}[grid]\nseed = [0, 1, 2, 3, 4, 5]\n"));
    let of_run = |run: usize| {
        let (delta, status) = [
            (0.0, RowStatus::Zero),
            (0.0, RowStatus::Underflow),
            (1e-310, RowStatus::Underflow),
            (f64::NAN, RowStatus::Nan),
            (f64::INFINITY, RowStatus::Inf),
            (1.0, RowStatus::Ok),
        ][run];
        Some(Record::Done(trace(&[0, 2, 4], &[row(delta, status), row(1.0, RowStatus::Ok), row(1.0, RowStatus::Ok)])))
    };
    let gathered = gathered(&plan, of_run);
    let detail = gathered.cells[0].detail.as_ref().unwrap();
    let first = detail.profile.init[0];
    assert_eq!(Mark::ALL.map(|mark| first.marks.count(mark)), [1, 1, 1, 1]);
    assert_eq!((first.n, first.low.round(), first.high), (2, -310.0, 0.0));
    assert_eq!(detail.heat.at(0, 0).1, Some(Mark::Inf));
    assert_eq!(detail.heat.at(1, 0), (0.0, None));
}

#[test]
fn the_speed_of_a_layer_is_the_mean_over_the_steps_and_seeds_where_every_update_changed_something() {
    let plan = plan(&format!("{SMALL}[grid]\nseed = [0, 1, 2]\n"));
    let of_run = |run: usize| {
        let speed = |update_norm: f64| LayerReading { update_norm, ..row(1.0, RowStatus::Ok) };
        let mut trace = trace(&[0, 2, 4], &[speed([1e-4, 1e-6, 1e-4][run]), speed(1e-2), speed(9.0)]);
        // 10 and 1000 times as large: the mean is that of the logarithms. One update is lost.
        (trace.layers[3].update_norm, trace.layers[6].update_norm) = ([1e-3, 1e-5, 0.0][run], [1e-1, 1e-3, 1e-4][run]);
        Some(Record::Done(trace))
    };
    let gathered = gathered(&plan, of_run);
    let cell = &gathered.cells[0];
    let speeds = &cell.detail.as_ref().unwrap().speeds;
    assert_eq!(speeds.layers, [1, 2], "the head is left out");
    let first = speeds.bands[0];
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(first.n == 2 && close(first.low, -14.0 / 3.0) && close(first.high, -8.0 / 3.0), "{first:?}");
    assert!(close(first.mean, -11.0 / 3.0) && close(speeds.bands[1].mean, -2.0), "{speeds:?}");
    assert_eq!(Mark::ALL.map(|mark| first.marks.count(mark)), [1, 0, 0, 0]);
    assert_eq!(speeds.bands[1].marks.worst(), None);
    assert_eq!(cell.speed, None, "not in every run");
}

#[test]
fn the_step_at_which_a_run_diverged_is_shown_even_if_it_was_not_to_be_traced() {
    let plan = plan(&format!("{SMALL}[grid]\nseed = [0, 1]\n"));
    let of_run = |run: usize| {
        let rows = [row(1.0, RowStatus::Ok); 3];
        if run == 0 {
            return Some(Record::Done(trace(&[0, 2, 4], &rows)));
        }
        let mut diverged = trace(&[0, 2, 3], &rows);
        diverged.outcome.diverged_at = Some(3);
        diverged.steps[2].loss = f64::INFINITY;
        diverged.layers[6] = row(f64::NAN, RowStatus::Nan);
        Some(Record::Done(diverged))
    };
    let gathered = gathered(&plan, of_run);
    let detail = gathered.cells[0].detail.as_ref().unwrap();
    assert_eq!(detail.heat.steps, [0, 2, 3, 4]);
    assert_eq!(detail.heat.at(0, 2).1, Some(Mark::Nan));
    assert_eq!((detail.curves.loss[2].n, detail.curves.loss[2].marks.count(Mark::Inf)), (0, 1));
    assert_eq!((gathered.counts.ok, gathered.counts.diverged), (1, 1));
}

#[test]
fn a_step_to_which_only_a_diverged_seed_came_has_no_accuracy() {
    let plan = plan(&format!("{SMALL}[grid]\nseed = [0, 1]\n"));
    let of_run = |run: usize| {
        let rows = [row(1.0, RowStatus::Ok); 3];
        if run == 0 {
            return Some(Record::Done(trace(&[0, 2, 4], &rows)));
        }
        let mut diverged = trace(&[0, 2, 3], &rows);
        diverged.outcome.diverged_at = Some(3);
        (diverged.steps[2].loss, diverged.steps[2].accuracy) = (f64::NAN, 0.0);
        Some(Record::Done(diverged))
    };
    let gathered = gathered(&plan, of_run);
    let curves = &gathered.cells[0].detail.as_ref().unwrap().curves;
    assert_eq!(curves.steps, [0, 2, 3, 4]);
    assert!(curves.accuracy[2].mean.is_nan() && curves.loss[2].mean.is_nan(), "{curves:?}");
    assert_eq!((curves.accuracy[2].n, curves.accuracy[2].marks.count(Mark::Nan)), (0, 1));
    assert_eq!((curves.accuracy[1].n, curves.accuracy[1].mean), (2, 0.5));
}

#[test]
fn missing_and_failed_runs_are_counted_and_leave_their_cell_where_it_is() {
    let plan = plan(&format!("{SMALL}[grid]\nmodel.width = [32, 8]\nseed = [0, 1]\n"));
    let gathered = gathered(&plan, |run| (run == 1).then(|| Record::Failed("no room".into())));
    assert_eq!((gathered.counts.failed, gathered.counts.missing, gathered.counts.all()), (1, 3, 4));
    assert_eq!(gathered.failures, [(1, "no room".to_owned())]);
    assert!(gathered.cells.iter().all(|cell| cell.detail.is_none() && cell.cell.verdict.is_none()));
    // Numbers ascend, whatever the config's order.
    assert_eq!(gathered.axes[0].numbers(), Some(vec![8.0, 32.0]));
    assert_eq!(gathered.cells[0].levels, [1]);
}

#[test]
fn what_is_thinned_out_is_said_and_both_ends_stay() {
    let plan = plan("[run]\ntrain.steps = 300\ntrace.every = 1\nmodel.depth = 200\n");
    let steps: Vec<usize> = (0..300).collect();
    let gathered = gathered(&plan, |_| Some(Record::Done(trace(&steps, &vec![row(1.0, RowStatus::Ok); 201]))));
    let detail = gathered.cells[0].detail.as_ref().unwrap();
    let thinned = detail.thinned.unwrap();
    assert_eq!((thinned.layers, thinned.steps, thinned.lags), ([128, 200], [64, 300], [0, 0]));
    let layers = &detail.profile.layers;
    assert_eq!((layers.len(), layers[0], layers[127]), (128, 1, 200));
    assert_eq!((detail.heat.layers.len(), detail.heat.layers[128]), (129, 201));
    assert_eq!((detail.heat.steps.len(), detail.heat.steps[0], detail.heat.steps[63]), (64, 0, 299));
    assert!(layers.is_sorted_by(|a, b| a < b) && detail.heat.steps.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_recurrent_net_has_a_curve_over_its_lags() {
    let plan = plan("[run]\ndata.source = \"adding\"\ndata.length = 3\nmodel.kind = \"rnn\"\nmodel.depth = 1\n");
    let of_run = |_| {
        let steps = plan.spec(0).every.traced(plan.spec(0).train.steps);
        let mut trace = trace(&steps, &[row(1.0, RowStatus::Ok); 2]);
        let at = |dh_rms: f64| TimeReading::new([dh_rms, f64::NAN, 1.0], RowStatus::Ok);
        let times = steps.iter().flat_map(|_| [1e-2, 1e-1, 1.0].map(at)).collect();
        trace.through_time =
            Some(ThroughTime { kind: ModelKind::Rnn, length: 3, first_answer: 3, times, gates: Vec::new() });
        Some(Record::Done(trace))
    };
    let gathered = gathered(&plan, of_run);
    let lags = gathered.cells[0].detail.as_ref().unwrap().lags.as_ref().unwrap();
    assert_eq!((&lags.lags[..], lags.first_answer), (&[0, 1, 2][..], 0));
    let means: Vec<f64> = lags.init.iter().map(|band| band.mean.round()).collect();
    assert_eq!(means, [0.0, -1.0, -2.0]);
    assert_eq!((lags.predicted.len(), lags.predicted[0], lags.anchor()), (3, 0.0, 0.0));
}
