//! One run: (&`RunSpec`, &`Dataset`, step callback) -> `Trained`. No files, threads, clock or printing.

mod batches;
mod descent;
mod measure;
mod workspace;

use std::ops::ControlFlow;

use crate::data::{Answers, Dataset};
use crate::kernels::{Real, Team};
use crate::nn::{Answered, Cache, Model, Network, Part};
use crate::spec::{Precision, RunSpec};
use crate::trace::{Kept, Order, Outcome, StepReading, Trace, Trained};

use batches::{Batch, Batches};
use descent::{Descent, Gradients};
use measure::Measure;
use workspace::Buffers;
pub use workspace::Workspace;

/// `loss_last` and `accuracy_last` are means over this many steps, or all where there are fewer.
const LAST_STEPS: usize = 20;

/// Trains and measures one run. `on_step` is called before every step with its number and may stop the run, which then
/// leaves no trace: `None`.
///
/// The spec is one that a plan accepted: its batch is not larger than the training part.
pub fn run(spec: &RunSpec, data: &Dataset, on_step: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Option<Trained> {
    run_in(&mut Workspace::new(&Team::alone()), spec, data, on_step)
}

/// The same in a workspace that other runs may have used before.
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

fn train<F: Real>(
    spec: &RunSpec,
    data: &Dataset,
    Buffers { cache, batch, before }: &mut Buffers<F>,
    on_step: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Option<Trained> {
    let steps = spec.train.steps.get();
    let mut batches = Batches::new(&data.train, spec.train.batch_size, spec.seed);
    batch.fit(&data.train, batches.size());
    let net = Network::<F>::new(&spec.model, data.train.x.ncols(), data.outputs(), spec.seed);
    cache.fit(&net, batches.size());
    let mut kept = Kept {
        init: spec.weights.init().then(|| net.tensors()),
        last: None,
        order: spec.order.then(|| Order { batch: batches.size(), rows: vec![] }),
    };
    let traced = spec.every.traced(spec.train.steps);
    let mut measure = Measure::new(&net, spec.train.precision, traced.len(), before);
    let mut descent = Descent::new(net, &spec.train);
    let mut next_traced = traced.iter().copied().peekable();
    let mut answered: Vec<Answered> = Vec::with_capacity(steps.min(1 << 20));
    let mut diverged_at = None;
    let mut readings = Vec::with_capacity(traced.len());

    for step in 0..steps {
        if on_step(step).is_break() {
            return None;
        }
        let rows = batches.next_rows();
        if let Some(order) = &mut kept.order {
            order.rows.extend_from_slice(rows);
        }
        batch.fill(&data.train, rows);
        descent.net.forward(&batch.x, Part::Train, cache);
        let now = batch.target().judge(&cache.logits, &mut cache.dlogits);
        answered.push(now);
        let diverges = diverged_at.is_none() && !now.loss.is_finite();
        if diverges {
            diverged_at = Some(step);
        }
        let ends_here = diverges && spec.train.stop_when_diverged;
        if next_traced.next_if_eq(&step).is_some() || ends_here {
            let Gradients { total_norm, clip_factor } = descent.step(&batch.x, cache, Some(&mut measure));
            measure.end_step(batch.target().loss());
            let Answered { loss, accuracy } = now;
            readings.push(StepReading { step, loss, accuracy, total_grad_norm: total_norm, clip_factor });
        } else {
            descent.step(&batch.x, cache, None);
        }
        if ends_here {
            break;
        }
    }

    let mut net = descent.net;
    kept.last = spec.weights.last().then(|| net.tensors());
    let last = &answered[answered.len().saturating_sub(LAST_STEPS)..];
    let mean = |value: fn(&Answered) -> f64| last.iter().map(value).sum::<f64>() / last.len() as f64;
    let test = match diverged_at {
        None => test(&mut net, data, batches.size(), batch, cache),
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
        loss_first: recorded(answered[0].loss),
        loss_last: recorded(mean(|a| a.loss)),
        accuracy_last: recorded(mean(|a| a.accuracy)),
        loss_of_chance: data.loss_of_chance(),
        test_loss: recorded(test.loss),
        test_accuracy: recorded(test.accuracy),
        parameters: net.parameters(),
    };
    Some(Trained {
        trace: Trace { outcome, steps: readings, layers: measure.into_readings(), through_time: None },
        kept,
    })
}

/// Loss and accuracy on the test part, with running statistics, in pieces of the batch size; `None` without one.
fn test<F: Real>(
    net: &mut Network<F>,
    data: &Dataset,
    batch_size: usize,
    batch: &mut Batch<F>,
    cache: &mut Cache<F>,
) -> Option<Answered> {
    let examples = data.test.x.nrows();
    let (mut loss, mut correct) = (0.0, 0.0);
    let rows: Vec<usize> = (0..examples).collect();
    for rows in rows.chunks(batch_size.min(examples.max(1))) {
        batch.fit(&data.test, rows.len());
        cache.fit(net, rows.len());
        batch.fill(&data.test, rows);
        net.forward(&batch.x, Part::Test, cache);
        let answered = batch.target().judge(&cache.logits, &mut cache.dlogits);
        loss += answered.loss * rows.len() as f64;
        correct += answered.accuracy * rows.len() as f64;
    }
    let regression = matches!(data.test.answers, Answers::Values(_));
    let accuracy = if regression { f64::NAN } else { correct / examples as f64 };
    (examples > 0).then(|| Answered { loss: loss / examples as f64, accuracy })
}

#[cfg(test)]
mod tests;
