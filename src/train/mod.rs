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
use crate::kernels::ThreadBudget;
use crate::nn::{self, Answered, Gradients, Mode, Network, Precise};
use crate::spec::{Precision, RunSpec};
use crate::trace::{Kept, Order, Outcome, StepReading, Trace, Trained};

use batches::{Batch, BatchSource};
use descent::{Descended, Descent};
use measure::Measure;
use time_steps::TimeSteps;
use workspace::Buffers;
pub use workspace::Workspace;

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
        Precision::F32 => train(spec, data, &mut workspace.single, on_step),
        Precision::F64 => train(spec, data, &mut workspace.double, on_step),
    }
}

fn train<F: Precise>(
    spec: &RunSpec,
    data: &Dataset,
    Buffers { net: buffers, batch, room }: &mut Buffers<F>,
    on_step: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Trained> {
    // Where nothing is clipped, each site is updated before the next one has gradients.
    let gradients = if spec.train.clip_norm > 0.0 { Gradients::All } else { Gradients::OfOneSite };
    let net = Network::<F>::new(&spec.model, data.inputs(), data.outputs(), spec.seed, gradients);
    let steps = spec.train.steps.get();
    let mut supply = BatchSource::new(data, spec.train.batch_size, spec.seed);
    let examples = supply.size();
    batch.fit(data, examples);
    net.fit(buffers, batch.shape);
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
        batch.fill(from, rows, buffers.input());
        descent.net.forward(Mode::Train, buffers);
        let (logits, dlogits) = buffers.answers();
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
            let Descended { total_norm, clip_factor } = descent.step(examples, buffers, Some(&mut measure));
            measure.end_step(batch.target().loss());
            let Answered { loss, accuracy } = now;
            readings.push(StepReading { step, loss, accuracy, total_grad_norm: total_norm, clip_factor });
        } else {
            descent.step(examples, buffers, None);
        }
        if ends_here {
            break;
        }
    }

    let mut net = descent.net;
    kept.last = spec.weights.last().then(|| net.tensors());
    let mean = |value: fn(&Answered) -> f64| last.iter().map(value).sum::<f64>() / last.len() as f64;
    let test = match diverged_at {
        None => test(&mut net, data, examples, batch, buffers),
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
fn test<F: Precise>(
    net: &mut Network<F>,
    data: &Dataset,
    batch_size: usize,
    batch: &mut Batch<F>,
    buffers: &mut nn::Buffers<F>,
) -> Option<Answered> {
    let examples = data.test.x.nrows();
    let (mut loss, mut correct) = (0.0, 0.0);
    let rows: Vec<usize> = (0..examples).collect();
    for rows in rows.chunks(batch_size.min(examples.max(1))) {
        batch.fit(data, rows.len());
        net.fit(buffers, batch.shape);
        batch.fill(&data.test, rows, buffers.input());
        net.forward(Mode::Eval, buffers);
        let (logits, dlogits) = buffers.answers();
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
