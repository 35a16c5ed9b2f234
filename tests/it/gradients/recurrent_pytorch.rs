//! Recurrent nets against PyTorch's nn.RNN, nn.LSTM and nn.GRU: every h_t, dLoss/dh_t, dLoss/dc_t and weight gradient.
//!
//! The numbers in tests/pytorch/recurrent.csv are PyTorch's, from weights that a formula gives; recurrent.py beside it
//! made them (`recurrent.py store`), has the formula, and makes them again where a python3 with PyTorch is at hand.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::process::Command;

use ndarray::{Array2, ArrayView2};
use vgrun::kernels::Real;
use vgrun::nn::{Activation, BatchShape, Gradients, Mode, ModelKind, ModelSpec, Network, Precise, States, Target};
use vgrun::spec::RunSpec;

use crate::experiment::Outcome;
use crate::gradients::pytorch::{file, python_with, say};

const SHAPE: BatchShape = BatchShape { examples: 3, length: 6, answers: 1 };
const INPUTS: usize = 2;
const UNITS: usize = 5;
const OUTPUTS: usize = 3;

#[derive(serde::Deserialize)]
struct Row {
    cell: String,
    depth: NonZeroUsize,
    answers: usize,
    name: String,
    layer: usize,
    t: usize,
    values: String,
}

/// The script's formula for an entry of a (rows, columns) tensor.
fn formula<F: Real>(salt: usize, row: usize, column: usize) -> F {
    F::from_f64((((37 * row + 101 * column + 29 * salt) % 97) as f64 - 48.0) / 97.0)
}

/// What the backward of a batch left, in PyTorch's order.
struct Done {
    loss: f64,
    /// Of every layer and time step: h, c, dLoss/dh and dLoss/dc.
    states: Vec<Vec<[Vec<f64>; 4]>>,
    /// The gradients of all parameters by PyTorch's names.
    gradients: HashMap<String, Vec<f64>>,
}

/// The states of a layer from t = 1.
fn states<F: Real>(at: &States<'_, F>) -> Vec<[Vec<f64>; 4]> {
    let flat = |values: &[F]| values.iter().map(|x| x.f64()).collect();
    (1..at.exponents.len()).map(|t| [at.h_at(t), at.c_at(t), at.dh_at(t), at.dc_at(t)].map(flat)).collect()
}

fn run<F: Precise>(row: &Row) -> Done {
    let (kind, activation) = match row.cell.as_str() {
        "rnn tanh" => (ModelKind::Rnn, Activation::Tanh),
        "rnn relu" => (ModelKind::Rnn, Activation::Relu),
        "lstm" => (ModelKind::Lstm, Activation::Tanh),
        "gru" => (ModelKind::Gru, Activation::Tanh),
        other => panic!("{other} is no cell of the script"),
    };
    let width = UNITS.try_into().expect("positive");
    let spec = ModelSpec { kind, depth: row.depth, width, activation, ..RunSpec::default().model };
    let mut net = Network::<F>::new(&spec, INPUTS, OUTPUTS, 0, Gradients::All);
    // PyTorch's tensors are the transposes of ours.
    let mut salts = vec![("head.weight".to_owned(), 5), ("head.bias".to_owned(), 6)];
    for l in 0..row.depth.get() {
        let names = ["weight_ih", "weight_hh", "bias_ih"].map(|name| format!("{name}_l{l}"));
        salts.extend(names.into_iter().zip(10 * l + 2..));
    }
    for (name, salt) in &salts {
        let param = net.param_mut(name).expect("a parameter of this name");
        param.value.indexed_iter_mut().for_each(|((i, j), value)| {
            // A vector's entries are numbered by the formula's columns.
            *value = if name.contains("bias") { formula(*salt, 0, j) } else { formula(*salt, j, i) };
        });
    }
    let shape = BatchShape { answers: row.answers, ..SHAPE };
    let x = Array2::from_shape_fn((shape.rows(), INPUTS), |(i, j)| formula(1, i, j));
    let labels: Vec<usize> = (0..shape.answered_rows()).map(|k| k % OUTPUTS).collect();
    let mut buffers = net.buffers(shape);
    buffers.input().assign(&x);
    net.forward(Mode::Train, &mut buffers);
    let (logits, dlogits) = buffers.answers();
    let loss = Target::Classes(&labels).evaluate(logits, dlogits).loss;
    let mut of_layers = Vec::new();
    for l in (1..=net.hidden_layers() + 1).rev() {
        net.backward_site(l, &mut buffers, None);
        of_layers.extend(net.states(l, &buffers).as_ref().map(states));
    }
    of_layers.reverse();
    let gradients = salts.into_iter().map(|(name, _)| {
        let (gradient, exponent) = net.gradient(&name, &buffers).expect("a parameter of this name");
        assert!(exponent == 0 || gradient.iter().all(|g| g.f64() == 0.0), "plain numbers");
        let columns = net.param(&name).expect("a parameter of this name").value.ncols();
        let gradient = ArrayView2::from_shape((gradient.len() / columns, columns), gradient).expect("as many");
        let transposed = gradient.t().iter().map(|g| g.f64()).collect();
        (name, transposed)
    });
    Done { loss, states: of_layers, gradients: gradients.collect() }
}

/// Our numbers of a row, in PyTorch's order.
fn ours<'a>(row: &Row, done: &'a Done) -> &'a [f64] {
    let (l, depth) = (row.layer - 1, row.depth.get());
    match (row.name.as_str(), l < depth) {
        ("h", true) => &done.states[l][row.t - 1][0],
        ("c", true) => &done.states[l][row.t - 1][1],
        ("dh", true) => &done.states[l][row.t - 1][2],
        ("dc", true) => &done.states[l][row.t - 1][3],
        ("dweight_ih" | "dweight_hh" | "dbias_ih", true) => &done.gradients[&format!("{}_l{l}", &row.name[1..])],
        ("loss", false) => std::slice::from_ref(&done.loss),
        ("dweight" | "dbias", false) => &done.gradients[&format!("head.{}", &row.name[1..])],
        (other, _) => panic!("{other} of layer {} of {depth}", row.layer),
    }
}

/// How many numbers were compared, the largest deviation relative to the largest number of its tensor, and where it was.
fn compare<F: Precise>() -> (usize, f64, String) {
    let mut reader = csv::Reader::from_path(file("recurrent.csv")).expect("the stored numbers");
    let rows: Vec<Row> = reader.deserialize().map(|row| row.expect("a row of the script")).collect();
    let (mut compared, mut worst, mut place) = (0, 0.0, String::new());
    for net in rows.chunk_by(|a, b| (&a.cell, a.depth, a.answers) == (&b.cell, b.depth, b.answers)) {
        let done = run::<F>(&net[0]);
        for row in net {
            let theirs: Vec<f64> = row.values.split(' ').map(|x| x.parse().expect("a number")).collect();
            let ours = ours(row, &done);
            assert_eq!(ours.len(), theirs.len(), "{} of {}", row.name, row.cell);
            let largest = theirs.iter().fold(f64::MIN_POSITIVE, |m, x| m.max(x.abs()));
            for (ours, theirs) in ours.iter().zip(&theirs) {
                let off = (ours - theirs).abs() / largest;
                compared += 1;
                if off.is_nan() || off > worst {
                    worst = off;
                    place = format!(
                        "{} of {}, layer {}, t {}: {ours:e}, not {theirs:e}",
                        row.name, row.cell, row.layer, row.t
                    );
                }
            }
        }
    }
    (compared, worst, place)
}

#[test]
fn states_and_gradients_are_those_of_pytorchs_rnn_lstm_and_gru() {
    let (compared, worst, place) = compare::<f64>();
    assert!(compared > 8000, "{compared}");
    assert!(worst < 1e-9, "{place}");
    say(&format!("recurrent nets against PyTorch: {compared} stored numbers agree, the worst by {worst:.1e} in f64"));
    let (_, worst, place) = compare::<f32>();
    assert!(worst < 1e-4, "{place}");
    say(&format!("recurrent nets against PyTorch: the worst by {worst:.1e} in f32"));
}

#[test]
fn the_stored_recurrent_numbers_are_those_of_pytorch_where_it_is_installed() {
    let Some(python) = python_with("torch") else {
        say("recurrent nets against PyTorch: NOT live, for no python3 with PyTorch was found");
        return;
    };
    let check = Command::new(python).arg(file("recurrent.py")).arg("check").output();
    let outcome = Outcome::of(&check.expect("Python starts"));
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    say(&format!("recurrent nets: {}", outcome.stdout.lines().last().unwrap_or_default()));
}
