//! One run: (&`RunSpec`, &`Dataset`, step callback) -> `Trained`. No files, threads, clock or printing.

mod batches;
mod descent;
mod measure;
mod origin;
mod time_steps;
mod workspace;

use std::collections::VecDeque;
use std::ops::ControlFlow;

use crate::data::{Answers, Dataset};
use crate::kernels::{Real, ThreadBudget};
use crate::nn::{Answered, Mode, Model, Network, Recurrent};
use crate::spec::{Precision, RunSpec};
use crate::trace::{Kept, Order, Outcome, StepReading, Trace, Trained};

use batches::{Batch, BatchSource};
use descent::{Descent, Gradients};
use measure::Measure;
use time_steps::TimeSteps;
pub use workspace::Workspace;
use workspace::{Buffers, Room};

/// `loss_last` and `accuracy_last` are means over this many steps, or all where there are fewer.
const LAST_STEPS: usize = 20;

/// Trains and measures one run. `on_step` is called before every step with its number and may stop the run, which then
/// leaves no trace: `None`.
///
/// The spec is one that a plan accepted: its batch is not larger than the training part.
pub fn run(spec: &RunSpec, data: &Dataset, on_step: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Option<Trained> {
    run_in(&mut Workspace::new(&ThreadBudget::alone()), spec, data, on_step)
}

/// Does what [`run`] does in a workspace that other runs may have used before.
pub fn run_in(
    workspace: &mut Workspace,
    spec: &RunSpec,
    data: &Dataset,
    on_step: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Trained> {
    match spec.train.precision {
        Precision::F32 => build(spec, data, &mut workspace.single, on_step),
        Precision::F64 => build(spec, data, &mut workspace.double, on_step),
    }
}

/// Makes the net and trains it.
fn build<F: Real>(
    spec: &RunSpec,
    data: &Dataset,
    Buffers { cache, recurrent, batch, room }: &mut Buffers<F>,
    on_step: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Trained> {
    let (inputs, outputs) = (data.inputs(), data.outputs());
    if spec.model.kind.is_recurrent() {
        let net = Recurrent::<F>::new(&spec.model, inputs, outputs, spec.seed);
        train(spec, data, net, (recurrent, batch, room), on_step)
    } else {
        let net = Network::<F>::new(&spec.model, inputs, outputs, spec.seed);
        train(spec, data, net, (cache, batch, room), on_step)
    }
}

fn train<F: Real, N: Model<F>>(
    spec: &RunSpec,
    data: &Dataset,
    net: N,
    (cache, batch, room): (&mut N::Cache, &mut Batch<F>, &mut Room<F>),
    on_step: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Trained> {
    let steps = spec.train.steps.get();
    let mut supply = BatchSource::new(data, spec.train.batch_size, spec.seed);
    let examples = supply.size();
    batch.fit(data, examples);
    net.fit(cache, batch.shape);
    let mut kept = Kept {
        init: spec.weights.init().then(|| net.tensors()),
        last: None,
        order: spec.order.then(|| Order { batch: examples, rows: Vec::with_capacity(steps * examples) }),
    };
    let traced = spec.every.traced(spec.train.steps);
    let kind = spec.model.kind;
    let time_steps = kind
        .is_recurrent()
        .then(|| TimeSteps::new(kind, net.hidden_layers(), (data.length, data.answers), traced.len()));
    let mut measure = Measure::new(&net, spec.train.precision, traced.len(), room, time_steps);
    let mut descent = Descent::new(net, &spec.train);
    let mut next_traced = traced.iter().copied().peekable();
    let (mut first_loss, mut last) = (None, VecDeque::with_capacity(LAST_STEPS));
    let mut diverged_at = None;
    let mut readings = Vec::with_capacity(traced.len());

    for step in 0..steps {
        if on_step(step).is_break() {
            return None;
        }
        let (from, rows) = supply.next(data);
        if let Some(order) = &mut kept.order {
            order.rows.extend_from_slice(rows);
        }
        batch.fill(from, rows);
        descent.net.forward(&batch.x, Mode::Train, cache);
        let (logits, dlogits) = N::answers(cache);
        let now = batch.target().evaluate(logits, dlogits);
        first_loss.get_or_insert(now.loss);
        if last.len() == LAST_STEPS {
            last.pop_front();
        }
        last.push_back(now);
        let diverges = diverged_at.is_none() && !now.loss.is_finite();
        if diverges {
            diverged_at = Some(step);
        }
        let ends_here = diverges && spec.train.stop_when_diverged;
        if next_traced.next_if_eq(&step).is_some() || ends_here {
            let Gradients { total_norm, clip_factor } = descent.step(&batch.x, examples, cache, Some(&mut measure));
            measure.end_step(batch.target().loss());
            let Answered { loss, accuracy } = now;
            readings.push(StepReading { step, loss, accuracy, total_grad_norm: total_norm, clip_factor });
        } else {
            descent.step(&batch.x, examples, cache, None);
        }
        if ends_here {
            break;
        }
    }

    let mut net = descent.net;
    kept.last = spec.weights.last().then(|| net.tensors());
    let mean = |value: fn(&Answered) -> f64| last.iter().map(value).sum::<f64>() / last.len() as f64;
    let test = match diverged_at {
        None => test(&mut net, data, examples, batch, cache),
        Some(_) => None,
    };
    let test = test.unwrap_or(Answered { loss: f64::NAN, accuracy: f64::NAN });
    let recorded = |x: f64| spec.train.precision.recorded(x);
    for reading in &mut readings {
        reading.loss = recorded(reading.loss);
        reading.accuracy = recorded(reading.accuracy);
        reading.total_grad_norm = recorded(reading.total_grad_norm);
        reading.clip_factor = recorded(reading.clip_factor);
    }
    let outcome = Outcome {
        diverged_at,
        loss_first: recorded(first_loss.expect("a run has a step")),
        loss_last: recorded(mean(|a| a.loss)),
        accuracy_last: recorded(mean(|a| a.accuracy)),
        loss_of_chance: data.loss_of_chance(),
        test_loss: recorded(test.loss),
        test_accuracy: recorded(test.accuracy),
        parameters: net.parameters(),
    };
    let (layers, through_time) = measure.into_readings();
    Some(Trained { trace: Trace { outcome, inputs: data.moments(), steps: readings, layers, through_time }, kept })
}

/// Loss and accuracy on the test part, with running statistics, in pieces of the batch size; `None` without one.
fn test<F: Real, N: Model<F>>(
    net: &mut N,
    data: &Dataset,
    batch_size: usize,
    batch: &mut Batch<F>,
    cache: &mut N::Cache,
) -> Option<Answered> {
    let examples = data.test.x.nrows();
    let (mut loss, mut correct) = (0.0, 0.0);
    let rows: Vec<usize> = (0..examples).collect();
    for rows in rows.chunks(batch_size.min(examples.max(1))) {
        batch.fit(data, rows.len());
        net.fit(cache, batch.shape);
        batch.fill(&data.test, rows);
        net.forward(&batch.x, Mode::Eval, cache);
        let (logits, dlogits) = N::answers(cache);
        let answered = batch.target().evaluate(logits, dlogits);
        loss += answered.loss * rows.len() as f64;
        correct += answered.accuracy * rows.len() as f64;
    }
    let regression = matches!(data.test.answers, Answers::Values(_));
    let accuracy = if regression { f64::NAN } else { correct / examples as f64 };
    (examples > 0).then(|| Answered { loss: loss / examples as f64, accuracy })
}

#[cfg(test)]
mod tests;
