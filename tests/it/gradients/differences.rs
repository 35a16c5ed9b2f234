//! Every backward pass against central differences of its forward, in f64. No op and no kind of net is named here: the nets
//! are those that the named values and flags of `model` make of each other, so that what a new key puts into a net is
//! compared from its first day.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array2;
use toml::Value;
use vgrun::kernels::ThreadBudget;
use vgrun::nn::{BatchShape, Buffers, Gradients, Mode, ModelSpec, Network};
use vgrun::seed::{Random, Stream};
use vgrun::spec::{Draft, KEYS, Key, Shape, key_index};

use super::answers::Answers;

const BATCH: usize = 5;
const INPUTS: usize = 4;
const OUTPUTS: usize = 3;

/// T and M of nets that read sequences.
const LENGTHS: [(usize, usize); 2] = [(4, 2), (4, 1)];

/// Half the width of the five-point stencil's inner pair: its truncation error is of order step^4.
const STEP: f64 = 2.5e-4;

/// No argument of an activation may be nearer to 0 than this, or the stencil would straddle a kink.
const KINK_MARGIN: f64 = 6e-3;

/// Keys that have another value than the default in a net: at most so many, and so many where every entry of a gradient is
/// compared. Of the others each tensor is compared along one direction, which is as strict and takes a tenth of the time.
const MOST_CHANGED: usize = 5;
const CHANGED_OF_WHOLE: usize = 3;

/// The names and flags that a key takes; none where it takes numbers.
fn choices(key: &Key) -> Vec<Value> {
    match (key.shape)() {
        Shape::Flag => [false, true].map(Value::Boolean).to_vec(),
        Shape::Name(choices) => choices.into_iter().map(|choice| Value::String(choice.name.to_owned())).collect(),
        Shape::Whole { .. } | Shape::Number(_) | Shape::Text(_) | Shape::List(_) | Shape::AnyOf(_) => vec![],
    }
}

/// A net to compare, with what was changed of the default.
#[derive(Clone)]
struct Changed {
    draft: Draft,
    changes: Vec<String>,
}

impl Changed {
    /// A small net of the defaults, on data that nets with and without time can read.
    fn base() -> Self {
        let mut draft = Draft::default();
        for (name, value) in [
            ("data.source", Value::String("noise".to_owned())),
            ("model.depth", Value::Integer(3)),
            ("model.width", Value::Integer(5)),
        ] {
            assert!(draft.set(key_index(name).expect("a key"), &value), "{name}");
        }
        Self { draft, changes: vec![] }
    }

    fn spec(&self) -> ModelSpec {
        Draft::run(&self.draft.clone().point()).0.model
    }

    /// All that one more change makes of it and a plan would accept.
    fn changed_once(&self) -> impl Iterator<Item = Self> {
        let keys = KEYS.iter().enumerate().filter(|(_, key)| key.name.starts_with("model."));
        let values = keys.flat_map(|(index, key)| choices(key).into_iter().map(move |value| (index, value)));
        values.filter_map(|(index, value)| {
            let mut next = self.clone();
            assert!(next.draft.set(index, &value), "{value} is one of its values");
            next.changes.push(format!("{} = {value}", KEYS[index].name));
            Draft::conflicts(next.draft.named(), &next.draft.clone().point()).is_empty().then_some(next)
        })
    }
}

/// What a net computes from parameters that do not come from its seed: nets that say the same are the same.
fn says(spec: &ModelSpec) -> (Vec<usize>, Vec<u64>) {
    let mut net = Network::<f64>::new(spec, INPUTS, OUTPUTS, 0, Gradients::All);
    let shape = shapes(spec)[0];
    let mut buffers = net.buffers(shape);
    let mut random = Random::new(0, Stream::TrainInputs);
    net.visit(&mut buffers, |_, values, _| values.iter_mut().for_each(|value| *value = random.normal()));
    buffers.input().iter_mut().for_each(|x| *x = random.normal());
    net.forward(Mode::Train, &mut buffers);
    (net.tensor_sizes(), buffers.answers().0.iter().map(|logit| logit.to_bits()).collect())
}

/// Every net that a few changes of the default make, each once, in the order of how many.
fn nets() -> Vec<Changed> {
    let base = Changed::base();
    let mut seen = HashSet::from([says(&base.spec())]);
    let (mut nets, mut newest) = (vec![base.clone()], vec![base]);
    for _ in 0..MOST_CHANGED {
        let next = newest.iter().flat_map(Changed::changed_once).filter(|net| seen.insert(says(&net.spec())));
        newest = next.collect();
        nets.extend_from_slice(&newest);
    }
    nets
}

/// The batches of a net.
fn shapes(spec: &ModelSpec) -> Vec<BatchShape> {
    let lengths = if spec.kind.is_recurrent() { LENGTHS } else { [(1, 1); 2] };
    lengths.map(|(length, answers)| BatchShape { examples: BATCH, length, answers }).to_vec()
}

/// A net with a batch, in arrays that other nets have used before.
struct Case<'a> {
    net: Network<f64>,
    x: Array2<f64>,
    answers: Answers,
    buffers: &'a mut Buffers<f64>,
}

impl<'a> Case<'a> {
    /// The net of the first seed whose arguments all keep away from 0.
    fn new(spec: &ModelSpec, shape: BatchShape, regression: bool, buffers: &'a mut Buffers<f64>) -> Self {
        for seed in 0.. {
            let mut random = Random::new(seed, Stream::TrainInputs);
            let x = Array2::from_shape_simple_fn((shape.rows(), INPUTS), || random.normal());
            let rows = shape.answered_rows();
            let answers = if regression {
                Answers::Values(Array2::from_shape_simple_fn((rows, OUTPUTS), || random.normal()))
            } else {
                Answers::Classes((0..rows).map(|_| random.below(OUTPUTS)).collect())
            };
            let mut net = Network::new(spec, INPUTS, OUTPUTS, seed, Gradients::All);
            net.fit(buffers, shape);
            // Biases, gains, shifts and slopes start at one value; any mistake in them must show.
            net.visit(buffers, |_, values, _| values.iter_mut().for_each(|v| *v += 0.2 * random.symmetric()));
            buffers.input().assign(&x);
            net.forward(Mode::Train, buffers);
            let mut sites = 1..=net.hidden_layers();
            let keeps_away = |u: &[f64]| u.iter().all(|u| u.abs() > KINK_MARGIN);
            if sites.all(|l| net.units(l, buffers).phi.is_none_or(|(_, _, u)| keeps_away(u))) {
                return Self { net, x, answers, buffers };
            }
        }
        unreachable!("the seeds do not end")
    }

    fn loss(&mut self) -> f64 {
        self.buffers.input().assign(&self.x);
        self.net.forward(Mode::Train, self.buffers);
        let (logits, dlogits) = self.buffers.answers();
        self.answers.target().evaluate(logits, dlogits).loss
    }

    /// Adds a multiple of a direction to tensor `tensor`.
    fn shift(&mut self, tensor: usize, direction: &[f64], by: f64) {
        self.net.visit(self.buffers, |number, values, _| {
            if number == tensor {
                values.iter_mut().zip(direction).for_each(|(value, d)| *value += by * d);
            }
        });
    }

    /// The gradients of all tensors by the backward pass.
    fn analytic(&mut self) -> Vec<Vec<f64>> {
        self.buffers.forget_gradients();
        let _ = self.loss();
        self.net.backward(self.buffers);
        let mut gradients = Vec::new();
        self.net.visit(self.buffers, |number, _, (gradient, exponent)| {
            assert_eq!(number, gradients.len(), "the numbers have no gap");
            gradients.push(gradient.iter().map(|g| g * 2_f64.powi(exponent)).collect());
        });
        gradients
    }

    /// The derivative of the loss along a direction of a tensor.
    fn numeric(&mut self, tensor: usize, direction: &[f64]) -> f64 {
        let mut values = vec![];
        self.net.visit(self.buffers, |number, all, _| {
            if number == tensor {
                values = all.to_vec();
            }
        });
        let mut at = |steps: f64| {
            self.shift(tensor, direction, steps * STEP);
            let loss = self.loss();
            // As it was, to the last bit.
            self.net.visit(self.buffers, |number, all, _| {
                if number == tensor {
                    all.copy_from_slice(&values);
                }
            });
            loss
        };
        (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * STEP)
    }

    /// Compares every tensor, entry by entry or along one direction; returns how many derivatives that were.
    fn compare(&mut self, is_whole: bool, what: &dyn Fn() -> String) -> usize {
        let mut compared = 0;
        for (tensor, gradient) in self.analytic().into_iter().enumerate() {
            let mut random = Random::new(tensor as u64, Stream::TrainInputs);
            let directions: Vec<Vec<f64>> = if is_whole {
                (0..gradient.len())
                    .map(|entry| (0..gradient.len()).map(|i| f64::from(u8::from(i == entry))).collect())
                    .collect()
            } else {
                let direction: Vec<f64> = gradient.iter().map(|_| random.normal()).collect();
                let length = norm(&direction);
                vec![direction.into_iter().map(|d| d / length).collect()]
            };
            let along = |d: &[f64]| d.iter().zip(&gradient).map(|(d, g)| d * g).sum::<f64>();
            let a: Vec<f64> = directions.iter().map(|direction| along(direction)).collect();
            let n: Vec<f64> = directions.iter().map(|direction| self.numeric(tensor, direction)).collect();
            let difference: Vec<f64> = a.iter().zip(&n).map(|(a, n)| a - n).collect();
            let allowed = 1e-6 * (norm(&a) + 1e-6);
            // Central differences cannot resolve less than the loss's rounding error over the step.
            let resolution = 8.0 * f64::EPSILON * self.loss().max(1.0) / STEP * (n.len() as f64).sqrt();
            assert!(
                norm(&difference) <= allowed.max(resolution),
                "{}, tensor {tensor}: {a:?} by backward, {n:?} by differences",
                what()
            );
            compared += n.len();
        }
        compared
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

#[test]
fn every_net_that_keys_make_agrees_with_central_differences() {
    let nets = nets();
    // Eleven activations, with and without biases, two norms and two residual forms, in four kinds of nets.
    assert!(nets.len() > 300, "{}", nets.len());
    let (next, compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut buffers = Buffers::new(ThreadBudget::alone());
        while let Some(Changed { draft, changes }) = nets.get(next.fetch_add(1, Ordering::Relaxed)) {
            let spec = Draft::run(&draft.clone().point()).0.model;
            for (shape, regression) in shapes(&spec).into_iter().zip([false, true]) {
                let what = || format!("{}, {shape:?}, regression {regression}", changes.join(", "));
                let mut case = Case::new(&spec, shape, regression, &mut buffers);
                compared.fetch_add(case.compare(changes.len() <= CHANGED_OF_WHOLE, &what), Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    assert!(compared.into_inner() > 10_000);
}
