//! Recurrent nets against PyTorch's nn.RNN, nn.LSTM and nn.GRU: every h_t, dLoss/dh_t, dLoss/dc_t and weight gradient.
//!
//! The numbers in tests/pytorch/recurrent.csv are PyTorch's, from weights that a formula gives; recurrent.py beside it
//! made them (`recurrent.py store`), has the formula, and makes them again where a python3 with PyTorch is at hand.

use std::num::NonZeroUsize;
use std::process::Command;

use ndarray::Array2;
use vgrun::kernels::Real;
use vgrun::nn::{Activation, BatchShape, Mode, Model as _, ModelKind, ModelSpec, Recurrent, RecurrentCache, Target};
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

/// The net after the backward of its batch, and its loss.
fn run<F: Real>(row: &Row) -> (Recurrent<F>, RecurrentCache<F>, f64) {
    let (kind, activation) = match row.cell.as_str() {
        "rnn tanh" => (ModelKind::Rnn, Activation::Tanh),
        "rnn relu" => (ModelKind::Rnn, Activation::Relu),
        "lstm" => (ModelKind::Lstm, Activation::Tanh),
        "gru" => (ModelKind::Gru, Activation::Tanh),
        other => panic!("{other} is no cell of the script"),
    };
    let width = UNITS.try_into().expect("positive");
    let spec = ModelSpec { kind, depth: row.depth, width, activation, ..RunSpec::default().model };
    let mut net = Recurrent::<F>::new(&spec, INPUTS, OUTPUTS, 0);
    // PyTorch's tensors are the transposes of ours.
    for (l, layer) in net.layers.iter_mut().enumerate() {
        layer.input.w.indexed_iter_mut().for_each(|((i, j), w)| *w = formula(10 * l + 2, j, i));
        layer.w_h.indexed_iter_mut().for_each(|((i, j), w)| *w = formula(10 * l + 3, j, i));
        layer.input.b.indexed_iter_mut().for_each(|(j, b)| *b = formula(10 * l + 4, 0, j));
    }
    net.head.w.indexed_iter_mut().for_each(|((i, j), w)| *w = formula(5, j, i));
    net.head.b.indexed_iter_mut().for_each(|(j, b)| *b = formula(6, 0, j));
    let shape = BatchShape { answers: row.answers, ..SHAPE };
    let x = Array2::from_shape_fn((shape.rows(), INPUTS), |(i, j)| formula(1, i, j));
    let labels: Vec<usize> = (0..shape.answered_rows()).map(|k| k % OUTPUTS).collect();
    let mut cache = net.cache(shape);
    net.forward(&x, Mode::Train, &mut cache);
    let loss = Target::Classes(&labels).evaluate(&cache.logits, &mut cache.dlogits).loss;
    net.backward(&x, &mut cache);
    (net, cache, loss)
}

/// Our numbers of a row, in PyTorch's order.
fn ours<F: Real>(row: &Row, (net, cache, loss): &(Recurrent<F>, RecurrentCache<F>, f64)) -> Vec<f64> {
    let transposed = |w: &Array2<F>| w.t().iter().map(|w| w.f64()).collect();
    let flat = |values: &[F]| values.iter().map(|x| x.f64()).collect();
    if let (Some(layer), Some(at)) = (net.layers.get(row.layer - 1), cache.layers.get(row.layer - 1)) {
        match row.name.as_str() {
            "h" => flat(at.h_at(row.t)),
            "c" => flat(at.c_at(row.t)),
            "dh" => flat(at.dh_at(row.t)),
            "dc" => flat(at.dc_at(row.t)),
            "dweight_ih" => transposed(&layer.input.dw),
            "dweight_hh" => transposed(&layer.dw_h),
            "dbias_ih" => layer.input.db.iter().map(|x| x.f64()).collect(),
            other => panic!("{other} of a layer"),
        }
    } else {
        match row.name.as_str() {
            "loss" => vec![*loss],
            "dweight" => transposed(&net.head.dw),
            "dbias" => net.head.db.iter().map(|x| x.f64()).collect(),
            other => panic!("{other} of the head"),
        }
    }
}

/// How many numbers were compared, the largest deviation relative to the largest number of its tensor, and where it was.
fn compare<F: Real>() -> (usize, f64, String) {
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
