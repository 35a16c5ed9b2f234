//! One run: (&`RunSpec`, &`Dataset`, step callback) -> `Trained`. No files, threads, clock or printing.

mod batches;
mod measure;
mod workspace;

use std::ops::ControlFlow;

use crate::data::{Answers, Dataset};
use crate::kernels::{Real, Team, norm};
use crate::nn::{Answered, Cache, Network, Optimizer, Part};
use crate::spec::{Precision, RunSpec};
use crate::trace::{Kept, Order, Outcome, StepReading, Trace, Trained};

use batches::{Batch, Batches};
use measure::Measure;
use workspace::Buffers;
pub use workspace::Workspace;

/// `loss_last` and `accuracy_last` are means over this many steps, or all where there are fewer.
const LAST_STEPS: usize = 20;

/// PyTorch's `clip_grad_norm_` adds this to the norm before it divides.
const CLIP_EPSILON: f64 = 1e-6;

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
    let mut net = Network::<F>::new(&spec.model, data.train.x.ncols(), data.outputs(), spec.seed);
    cache.fit(&net, batches.size());
    let mut kept = Kept {
        init: spec.weights.init().then(|| net.tensors()),
        last: None,
        order: spec.order.then(|| Order { batch: batches.size(), rows: vec![] }),
    };
    let mut sizes = Vec::new();
    net.visit(|_, values, _| sizes.push(values.len()));
    let mut optimizer = Optimizer::new(&spec.train.optimizer, sizes.iter().copied());
    let traced = spec.every.traced(spec.train.steps);
    let mut measure = Measure::new(&net, spec.train.precision, traced.len(), before);
    let mut norms = Vec::with_capacity(sizes.len());
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
        net.zero_gradients();
        net.forward(&batch.x, Part::Train, cache);
        let now = batch.target().judge(&cache.logits, &mut cache.dlogits);
        net.backward(&batch.x, cache);
        answered.push(now);

        let diverges = diverged_at.is_none() && !now.loss.is_finite();
        if diverges {
            diverged_at = Some(step);
        }
        let ends_here = diverges && spec.train.stop_when_diverged;
        let is_traced = next_traced.next_if_eq(&step).is_some() || ends_here;
        let mut reading =
            StepReading { step, loss: now.loss, accuracy: now.accuracy, total_grad_norm: f64::NAN, clip_factor: 1.0 };
        if is_traced || spec.train.clip_norm > 0.0 {
            reading.total_grad_norm = total_gradient_norm(&mut net, &mut norms);
        }
        if is_traced {
            measure.before_update(&net, cache, batch.target().loss());
        }
        if spec.train.clip_norm > 0.0 {
            reading.clip_factor = clip(&mut net, reading.total_grad_norm, spec.train.clip_norm);
        }
        optimizer.next_step();
        net.visit(|number, values, gradients| optimizer.update(number, values, gradients));
        if is_traced {
            measure.after_update(&net);
            readings.push(reading);
        }
        if ends_here {
            break;
        }
    }

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
        parameters: sizes.iter().sum(),
    };
    Some(Trained { trace: Trace { outcome, steps: readings, layers: measure.into_readings() }, kept })
}

/// Euclidean norm of the gradient of all parameters, biases and norms included; `norms` is
/// room for the norm of each.
fn total_gradient_norm<F: Real>(net: &mut Network<F>, norms: &mut Vec<f64>) -> f64 {
    norms.clear();
    net.visit(|_, _, gradients| norms.push(norm(gradients)));
    norm(norms)
}

/// Scales every gradient so that the total norm is at most `largest` (`torch.nn.utils.clip_grad_norm_`), and returns
/// the factor.
fn clip<F: Real>(net: &mut Network<F>, total: f64, largest: f64) -> f64 {
    let factor = largest / (total + CLIP_EPSILON);
    // Not `if factor < 1.0`: a norm that is NaN must reach the weights, as it would without clipping.
    if factor >= 1.0 {
        return 1.0;
    }
    let factor_f = F::of(factor);
    net.visit(|_, _, gradients| gradients.iter_mut().for_each(|g| *g *= factor_f));
    factor
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
