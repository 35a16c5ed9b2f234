//! The way back in numbers whose exponents have no bounds, over the way forward that a net has stored: what its errors with
//! exponents must be.

use std::ops::{Add, Mul, Neg, Sub};

use ndarray::{Array1, Array2};

use super::cell::Cell;
use super::dense::as_slice;
use super::norm::Affine;
use super::{
    Activation, BatchShape, Cache, Dense, Init, Mode, Model, ModelKind, ModelSpec, Network, Optimizer, OptimizerKind,
    OptimizerSpec, Recurrent, RecurrentCache, ResidualScaling, Target,
};
use crate::kernels::{self, Magnitude, Real, norm};
use crate::seed::{Random, Stream};
use crate::spec::RunSpec;

/// m 2^e, with 1/2 <= |m| < 1 or m = 0.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Far {
    m: f64,
    e: i32,
}

impl Far {
    const ZERO: Self = Self { m: 0.0, e: 0 };

    fn new(x: f64, e: i32) -> Self {
        assert!(x.is_finite(), "{x}");
        let (m, of_x) = libm::frexp(x);
        if m == 0.0 { Self::ZERO } else { Self { m, e: e + of_x } }
    }

    fn of<F: Real>(x: F) -> Self {
        Self::new(x.f64(), 0)
    }

    /// e^x.
    #[expect(clippy::cast_possible_truncation, reason = "logits differ by less than 10^9")]
    fn exp(x: f64) -> Self {
        let n = (x / std::f64::consts::LN_2).round();
        Self::new(libm::exp(x - n * std::f64::consts::LN_2), n as i32)
    }

    /// 1 / (1 + e^-x).
    fn sigmoid(x: f64) -> Self {
        let e = Self::exp(-x.abs());
        let below = Self::of(1.0 / (1.0 + e.value()));
        if x < 0.0 { e * below } else { below }
    }

    /// e / (1 + e)^2 with e = e^-|x|.
    fn slope_of_sigmoid(x: f64) -> Self {
        Self::sigmoid(x) * Self::sigmoid(-x)
    }

    fn slope_of_tanh(x: f64) -> Self {
        Self::of(4.0) * Self::slope_of_sigmoid(2.0 * x)
    }

    fn value(self) -> f64 {
        libm::ldexp(self.m, self.e)
    }

    fn log10_of_norm(x: &[Self]) -> f64 {
        let squares = x.iter().fold(Self::ZERO, |sum, &x| sum + x * x);
        0.5 * (squares.m.log10() + f64::from(squares.e) * std::f64::consts::LOG10_2)
    }
}

impl Add for Far {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let e = if self.m == 0.0 { other.e } else { self.e };
        let e = if other.m == 0.0 { e } else { e.max(other.e) };
        Self::new(libm::ldexp(self.m, self.e - e) + libm::ldexp(other.m, other.e - e), e)
    }
}

impl Neg for Far {
    type Output = Self;
    fn neg(self) -> Self {
        Self { m: -self.m, ..self }
    }
}

impl Sub for Far {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Far {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.m * other.m, self.e + other.e)
    }
}

/// A matrix, row by row.
#[derive(Debug, Clone)]
struct Matrix {
    x: Vec<Far>,
    columns: usize,
}

impl Matrix {
    fn of<F: Real>(x: &[F], columns: usize) -> Self {
        Self { x: x.iter().map(|&x| Far::of(x)).collect(), columns }
    }

    fn zeros(rows: usize, columns: usize) -> Self {
        Self { x: vec![Far::ZERO; rows * columns], columns }
    }

    fn rows(&self) -> usize {
        self.x.len() / self.columns
    }

    /// self^T other.
    fn transposed_times(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.columns, other.columns);
        for (a, b) in self.x.chunks(self.columns).zip(other.x.chunks(other.columns)) {
            for (i, &a) in a.iter().enumerate() {
                for (j, &b) in b.iter().enumerate() {
                    let entry = &mut product.x[i * other.columns + j];
                    *entry = *entry + a * b;
                }
            }
        }
        product
    }

    /// self other^T.
    fn times_transposed(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.rows(), other.rows());
        for (i, a) in self.x.chunks(self.columns).enumerate() {
            for (j, b) in other.x.chunks(self.columns).enumerate() {
                product.x[i * other.rows() + j] = a.iter().zip(b).fold(Far::ZERO, |sum, (&a, &b)| sum + a * b);
            }
        }
        product
    }

    fn rms(&self) -> f64 {
        Far::log10_of_norm(&self.x) - 0.5 * (self.x.len() as f64).log10()
    }
}

/// phi'(u); of activations other than these two it does not underflow.
fn slope<F: Real>(phi: Activation, u: F, a: F) -> Far {
    match phi {
        Activation::Sigmoid => Far::slope_of_sigmoid(u.f64()),
        Activation::Tanh => Far::slope_of_tanh(u.f64()),
        _ => Far::of(phi.df(u.f64(), a.f64())),
    }
}

/// dLoss/dlogits.
fn error<F: Real>(logits: &Array2<F>, target: &Target<'_, F>) -> Matrix {
    let (rows, columns) = logits.dim();
    let mut error = Matrix::zeros(rows, columns);
    for (i, logits) in logits.rows().into_iter().enumerate() {
        let logits: Vec<f64> = logits.iter().map(|x| x.f64()).collect();
        let row = &mut error.x[i * columns..][..columns];
        match target {
            Target::Classes(labels) => {
                let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers: Vec<Far> = logits.iter().map(|x| Far::exp(x - top)).collect();
                let sum = powers.iter().fold(Far::ZERO, |sum, &x| sum + x).value();
                let share = Far::of(1.0 / (sum * rows as f64));
                for (j, entry) in row.iter_mut().enumerate() {
                    let wrong = (0..columns).filter(|&k| k != labels[i]).fold(Far::ZERO, |sum, k| sum + powers[k]);
                    *entry = share * if j == labels[i] { -wrong } else { powers[j] };
                }
            }
            Target::Values(values) => {
                for (j, entry) in row.iter_mut().enumerate() {
                    *entry = Far::of(2.0 * (logits[j] - values[[i, j]].f64()) / (rows * columns) as f64);
                }
            }
        }
    }
    error
}

/// du behind a norm of z, of units over the batch or of examples over the units: dz.
fn through_norm(z: &Matrix, du: Matrix, gain: &[Far], is_of_batch: bool) -> Matrix {
    let (rows, columns) = (z.rows(), z.columns);
    let mut dz = du;
    dz.x.iter_mut().enumerate().for_each(|(at, d)| *d = *d * gain[at % columns]); // dx
    let groups: Vec<Vec<usize>> = if is_of_batch {
        (0..columns).map(|j| (0..rows).map(|i| i * columns + j).collect()).collect()
    } else {
        (0..rows).map(|i| (0..columns).map(|j| i * columns + j).collect()).collect()
    };
    for group in groups {
        let n = group.len() as f64;
        let value = |at: &usize| z.x[*at].value();
        let mean = group.iter().map(value).sum::<f64>() / n;
        let var = group.iter().map(|at| (value(at) - mean).powi(2)).sum::<f64>() / n;
        let inv_std = 1.0 / (var + super::NORM_EPS).sqrt();
        let x: Vec<Far> = group.iter().map(|at| Far::of((value(at) - mean) * inv_std)).collect();
        let share = Far::of(1.0 / n);
        let mean_dx = share * group.iter().fold(Far::ZERO, |sum, &at| sum + dz.x[at]);
        let mean_dx_x = share * group.iter().zip(&x).fold(Far::ZERO, |sum, (&at, &x)| sum + dz.x[at] * x);
        for (at, x) in group.into_iter().zip(x) {
            dz.x[at] = Far::of(inv_std) * (dz.x[at] - mean_dx - x * mean_dx_x);
        }
    }
    dz
}

/// What a reading says beside what it must be; both as log10.
struct Compared {
    what: String,
    got: f64,
    expected: f64,
}

fn check(compared: &[Compared], start: f64) {
    for Compared { what, got, expected } in compared {
        if *expected == f64::NEG_INFINITY {
            assert_eq!(got, expected, "{what}");
            continue;
        }
        let allowed = 1e-4 * f64::max(1.0, (start - expected).abs() / 100.0);
        assert!((got - expected).abs() <= allowed, "{what}: {got}, not {expected}, from {start}");
    }
}

/// The errors of every layer of a feed-forward net, and the gradients of its parameters.
fn feed_forward<F: Real>(net: &mut Network<F>, x: &Array2<F>, cache: &Cache<F>, dlogits: &Matrix) -> Vec<Compared> {
    let mut compared = Vec::new();
    let mut say = |what: String, got: Magnitude, expected: f64| {
        compared.push(Compared { what, got: got.decades(), expected });
    };
    let of_w = |dense: &Dense<F>| Magnitude { entries: norm(as_slice(&dense.dw)), exponent: dense.exponent };
    say("dlogits".to_owned(), cache.dlogits.rms(), dlogits.rms());
    let top = cache.hidden.last().expect("a hidden layer");
    let units = |a: &Array2<F>| Matrix::of(as_slice(a), a.ncols());
    say("head".to_owned(), of_w(&net.head), Far::log10_of_norm(&units(&top.h).transposed_times(dlogits).x));
    let mut dh = dlogits.times_transposed(&units(&net.head.w));
    let mut above: Option<Matrix> = None;
    let (phi, residual) = (net.activation(), net.residual);
    for (l, (layer, at)) in net.hidden.iter_mut().zip(&cache.hidden).enumerate().rev() {
        let (u, columns) = (as_slice(at.u()), at.z.ncols());
        let mut dz = dh.clone();
        if phi.is_trained() {
            // What is summed has both signs, so the sum is as exact as its terms are.
            let terms = dh.x.iter().zip(u).map(|(&d, &u)| d * Far::of(f64::min(u.f64(), 0.0)));
            let terms: Vec<Far> = terms.collect();
            let got = Far::new(layer.dslope[0].f64(), layer.slope_exponent);
            let wrong = terms.iter().fold(got, |rest, &term| rest - term);
            let (wrong, all) = (Far::log10_of_norm(&[wrong]), Far::log10_of_norm(&terms));
            assert!(wrong <= all - 5.0, "dslope of layer {}: 1e{wrong} of 1e{all}", l + 1);
        }
        for (d, &u) in dz.x.iter_mut().zip(u) {
            *d = *d * slope(phi, u, layer.slope());
        }
        if let Some(norm) = &mut layer.norm {
            let Affine { gain, shift, dgain, dshift, exponent } = norm.affine();
            let of = |gradients: &Array1<F>| Magnitude {
                entries: kernels::norm(gradients.as_slice().expect("one")),
                exponent: *exponent,
            };
            let (mut of_gain, mut of_shift) = (vec![Far::ZERO; columns], vec![Far::ZERO; columns]);
            for (at, (&d, &u)) in dz.x.iter().zip(u).enumerate() {
                let j = at % columns;
                of_shift[j] = of_shift[j] + d;
                of_gain[j] = of_gain[j] + d * Far::of((u.f64() - shift[j].f64()) / gain[j].f64());
            }
            say(format!("dgain of layer {}", l + 1), of(dgain), Far::log10_of_norm(&of_gain));
            say(format!("dshift of layer {}", l + 1), of(dshift), Far::log10_of_norm(&of_shift));
            let gain = Matrix::of(norm.arrays()[0].1.as_slice().expect("one dimension"), columns);
            dz = through_norm(&units(&at.z), dz, &gain.x, norm.arrays().len() > 2);
        }
        if let (Some(_), Some(above)) = (residual, &above) {
            dz.x.iter_mut().zip(&above.x).for_each(|(d, &above)| *d = *d + above);
        }
        say(format!("dz of layer {}", l + 1), at.dz.rms(), dz.rms());
        let mut branch = dz.clone();
        if let Some(s) = residual.filter(|_| l > 0) {
            branch.x.iter_mut().for_each(|d| *d = *d * Far::of(s));
        }
        let input = if l > 0 { units(&cache.hidden[l - 1].h) } else { units(x) };
        let dw = input.transposed_times(&branch);
        say(format!("dW of layer {}", l + 1), of_w(&layer.dense), Far::log10_of_norm(&dw.x));
        // Before a batch norm it is 0 but for rounding.
        let is_before_batch_norm = layer.norm.as_ref().is_some_and(|norm| norm.arrays().len() > 2);
        if !layer.dense.b.is_empty() && !is_before_batch_norm {
            let ones = Matrix { x: vec![Far::of(1.0); branch.rows()], columns: 1 };
            let db =
                Magnitude { entries: norm(layer.dense.db.as_slice().expect("one")), exponent: layer.dense.exponent };
            say(format!("db of layer {}", l + 1), db, Far::log10_of_norm(&ones.transposed_times(&branch).x));
        }
        dh = branch.times_transposed(&units(&layer.dense.w));
        assert_eq!(dz.columns, columns);
        above = Some(dz);
    }
    compared
}

/// What one time step of a layer makes of dLoss/dh_t, and of the part of dLoss/dc_t that comes from t + 1.
struct TimeStep {
    dz: Matrix,
    /// dLoss/d(h_{t-1} W_h).
    dp: Matrix,
    /// What of dLoss/dh_{t-1} does not come through that product.
    direct: Matrix,
    /// All of dLoss/dc_t.
    dc: Matrix,
    dc_before: Matrix,
}

fn time_step<F: Real>(
    net: &Recurrent<F>,
    l: usize,
    cache: &RecurrentCache<F>,
    t: usize,
    (dh, from_next): (&Matrix, &Matrix),
    (h_before, p): (&Matrix, &Matrix),
) -> TimeStep {
    let (layer, at, examples) = (&net.layers[l], &cache.layers[l], cache.shape().examples);
    let (units, blocks) = (layer.units(), net.cell().blocks());
    let mut dc = from_next.clone();
    let (mut dz, mut dp) = (Matrix::zeros(examples, blocks * units), Matrix::zeros(examples, blocks * units));
    let (mut direct, mut dc_before) = (Matrix::zeros(examples, units), Matrix::zeros(examples, units));
    for i in 0..examples * units {
        let gate = |g: usize| (i / units * blocks + g) * units + i % units;
        let z = |g: usize| at.z_at(t)[gate(g)].f64();
        match net.cell() {
            Cell::Rnn(phi) => {
                dz.x[i] = dh.x[i] * slope(phi, at.z_at(t)[i], layer.slope());
                dp.x[i] = dz.x[i];
            }
            Cell::Lstm => {
                let c = at.c_at(t)[i].f64();
                let [i_, f, o] = [0, 1, 3].map(|g| Far::sigmoid(z(g)));
                let g = Far::of(z(2).tanh());
                dc.x[i] = dc.x[i] + dh.x[i] * o * Far::slope_of_tanh(c);
                let through = [
                    dc.x[i] * g * Far::slope_of_sigmoid(z(0)),
                    dc.x[i] * Far::of(at.c_at(t - 1)[i]) * Far::slope_of_sigmoid(z(1)),
                    dc.x[i] * i_ * Far::slope_of_tanh(z(2)),
                    dh.x[i] * Far::of(c.tanh()) * Far::slope_of_sigmoid(z(3)),
                ];
                through.into_iter().enumerate().for_each(|(g, d)| {
                    dz.x[gate(g)] = d;
                    dp.x[gate(g)] = d;
                });
                dc_before.x[i] = dc.x[i] * f;
            }
            Cell::Gru => {
                let [r, u, not_u] = [Far::sigmoid(z(0)), Far::sigmoid(z(1)), Far::sigmoid(-z(1))];
                let n = Far::of(z(2).tanh());
                let dz_n = dh.x[i] * not_u * Far::slope_of_tanh(z(2));
                let dz_u = dh.x[i] * (h_before.x[i] - n) * Far::slope_of_sigmoid(z(1));
                let dz_r = dz_n * p.x[gate(2)] * Far::slope_of_sigmoid(z(0));
                (dz.x[gate(0)], dz.x[gate(1)], dz.x[gate(2)]) = (dz_r, dz_u, dz_n);
                (dp.x[gate(0)], dp.x[gate(1)], dp.x[gate(2)]) = (dz_r, dz_u, dz_n * r);
                direct.x[i] = dh.x[i] * u;
            }
        }
    }
    TimeStep { dz, dp, direct, dc, dc_before }
}

/// The errors of every layer and time step of a recurrent net, and the gradients of its weights.
fn through_time<F: Real>(
    net: &mut Recurrent<F>,
    x: &Array2<F>,
    cache: &RecurrentCache<F>,
    dlogits: &Matrix,
) -> Vec<Compared> {
    let mut compared = Vec::new();
    let mut say = |what: String, got: Magnitude, expected: f64| {
        compared.push(Compared { what, got: got.decades(), expected });
    };
    let BatchShape { examples, length, answers } = cache.shape();
    let units_of = |l: usize| net.layers[l].units();
    let matrix = |a: &Array2<F>| Matrix::of(as_slice(a), a.ncols());
    // y of every layer, at t = 1, .., T.
    let h = |l: usize, t: usize| Matrix::of(cache.layers[l].h_at(t), units_of(l));
    let s = |l: usize| if l == 0 { Far::of(1.0) } else { net.residual.map_or(Far::of(1.0), Far::of) };
    let sum =
        |a: &Matrix, b: &Matrix| Matrix { x: a.x.iter().zip(&b.x).map(|(&a, &b)| a + b).collect(), columns: a.columns };
    let scaled = |a: &Matrix, s: Far| Matrix { x: a.x.iter().map(|&a| s * a).collect(), columns: a.columns };
    let mut y: Vec<Vec<Matrix>> = Vec::new();
    for l in 0..net.layers.len() {
        let of_layer = (1..=length).map(|t| match (net.residual, y.last()) {
            (Some(_), Some(below)) => sum(&below[t - 1], &scaled(&h(l, t), s(l))),
            _ => h(l, t),
        });
        y.push(of_layer.collect());
    }
    let top = net.layers.len() - 1;
    let mut dy: Vec<Matrix> = vec![Matrix::zeros(examples, units_of(top)); length];
    for (i, error) in dlogits.x.chunks(examples * dlogits.columns).enumerate() {
        let error = Matrix { x: error.to_vec(), columns: dlogits.columns };
        dy[length - answers + i] = error.times_transposed(&matrix(&net.head.w));
    }
    for (l, (layer, at)) in net.layers.iter().zip(&cache.layers).enumerate().rev() {
        let units = layer.units();
        let (w_x, w_h) = (matrix(&layer.input.w), matrix(&layer.w_h));
        let (mut dw_x, mut dw_h) = (Matrix::zeros(w_x.rows(), w_x.columns), Matrix::zeros(units, w_h.columns));
        let mut from_next = Matrix::zeros(examples, units);
        let mut dc = Matrix::zeros(examples, units);
        let mut all_dz = Vec::new();
        for t in (1..=length).rev() {
            let dh = sum(&scaled(&dy[t - 1], s(l)), &from_next);
            let h_before = h(l, t - 1);
            let p = {
                let w_h_t = Matrix {
                    x: (0..w_h.columns * units).map(|i| w_h.x[i % units * w_h.columns + i / units]).collect(),
                    columns: units,
                };
                h_before.times_transposed(&w_h_t)
            };
            let TimeStep { dz, dp, direct, dc: all_of_dc, dc_before } =
                time_step(net, l, cache, t, (&dh, &dc), (&h_before, &p));
            dc = all_of_dc;
            let exponent = at.exponent_at(t);
            let of = |entries: &[F]| Magnitude { entries: norm(entries), exponent };
            say(format!("dh of layer {} at t = {t}", l + 1), of(at.dh_at(t)), Far::log10_of_norm(&dh.x));
            if net.cell().has_memory() {
                say(format!("dc of layer {} at t = {t}", l + 1), of(at.dc_at(t)), Far::log10_of_norm(&dc.x));
            }
            let input = if l > 0 {
                y[l - 1][t - 1].clone()
            } else {
                Matrix::of(&as_slice(x)[(t - 1) * examples * x.ncols()..][..examples * x.ncols()], x.ncols())
            };
            dw_x = sum(&dw_x, &input.transposed_times(&dz));
            dw_h = sum(&dw_h, &h_before.transposed_times(&dp));
            from_next = sum(&dp.times_transposed(&w_h), &direct);
            dc = dc_before;
            all_dz.push(dz);
        }
        let of = |dw: &Array2<F>, exponent: i32| Magnitude { entries: norm(as_slice(dw)), exponent };
        say(format!("dW_x of layer {}", l + 1), of(&layer.input.dw, layer.input.exponent), Far::log10_of_norm(&dw_x.x));
        say(format!("dW_h of layer {}", l + 1), of(&layer.dw_h, layer.w_h_exponent), Far::log10_of_norm(&dw_h.x));
        let entries: Vec<Far> = all_dz.iter().flat_map(|dz| &dz.x).copied().collect();
        let columns = entries.len();
        say(format!("dz of layer {}", l + 1), at.dz_rms(), Matrix { x: entries, columns }.rms());
        for (t, dz) in all_dz.into_iter().rev().enumerate() {
            let below = dz.times_transposed(&w_x);
            if l > 0 {
                dy[t] = if net.residual.is_some() { sum(&dy[t], &below) } else { below };
            }
        }
    }
    compared
}

/// Some steps of training: at each the readings are those of the reference.
struct Case {
    spec: ModelSpec,
    shape: BatchShape,
    optimizer: OptimizerKind,
    /// What clipping multiplies the gradients with before an update.
    clip_factor: f64,
    /// Added to the logit of every right class before the first step.
    sureness: f64,
}

const INPUTS: usize = 3;
const CLASSES: usize = 3;

impl Case {
    fn new(kind: ModelKind, depth: usize, length: usize) -> Self {
        let mut spec = RunSpec::default().model;
        let count = |n: usize| n.try_into().expect("positive");
        (spec.kind, spec.depth, spec.width) = (kind, count(depth), count(6));
        (spec.init, spec.activation) = (Init::XavierNormal, Activation::Tanh);
        (spec.forget_bias, spec.update_bias) = (0.0, 0.0);
        let shape = BatchShape { examples: 4, length, answers: 1 };
        Self { spec, shape, optimizer: OptimizerKind::Sgd, clip_factor: 1.0, sureness: 0.0 }
    }

    fn with(mut self, change: impl FnOnce(&mut ModelSpec)) -> Self {
        change(&mut self.spec);
        self
    }

    /// Runs it; returns log10 of the smallest error that was compared.
    fn run<F: Real>(&self) -> f64 {
        if self.spec.kind == ModelKind::Mlp {
            let net = Network::<F>::new(&self.spec, INPUTS, CLASSES, 3);
            let cache = net.cache(self.shape.examples);
            self.train(net, cache, feed_forward)
        } else {
            let net = Recurrent::<F>::new(&self.spec, INPUTS, CLASSES, 3);
            let cache = net.cache(self.shape);
            self.train(net, cache, through_time)
        }
    }

    /// Clips the gradients, each of which becomes that times the factor.
    fn clip<F: Real>(&self, net: &mut impl Model<F>) {
        let factor = Far::of(self.clip_factor);
        let expected = gradients(net).into_iter().map(|g| g.into_iter().map(|g| factor * g).collect::<Vec<_>>());
        let expected: Vec<f64> = expected.map(|g| Far::log10_of_norm(&g)).collect();
        net.scale_gradients(self.clip_factor);
        for (number, (got, expected)) in gradients(net).iter().zip(expected).enumerate() {
            let got = Far::log10_of_norm(got);
            assert!(got == expected || (got - expected).abs() < 1e-6, "tensor {number}: {got}, not {expected}");
        }
    }

    fn train<F: Real, M: Model<F>>(
        &self,
        mut net: M,
        mut cache: M::Cache,
        compare: impl Fn(&mut M, &Array2<F>, &M::Cache, &Matrix) -> Vec<Compared>,
    ) -> f64 {
        let mut sizes = Vec::new();
        net.visit(|_, values, _| sizes.push(values.len()));
        let spec = OptimizerSpec {
            kind: self.optimizer,
            learning_rate: 0.01,
            momentum: 0.9,
            alpha: 0.99,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
        };
        let mut optimizer = Optimizer::<F>::new(&spec, sizes);
        let mut random = Random::new(5, Stream::TrainInputs);
        let x = Array2::from_shape_simple_fn((self.shape.rows(), INPUTS), || F::from_f64(random.normal()));
        let labels: Vec<usize> = (0..self.shape.answered_rows()).map(|i| i % CLASSES).collect();
        let mut least = 0.0;
        for _ in 0..2 {
            net.zero_gradients();
            net.forward(&x, Mode::Train, &mut cache);
            let target = Target::Classes(&labels);
            let (logits, dlogits) = M::answers(&mut cache);
            let mut sure = logits.clone();
            for (i, mut row) in sure.rows_mut().into_iter().enumerate() {
                row[labels[i]] += F::from_f64(self.sureness);
            }
            let _ = target.evaluate(&sure, dlogits);
            net.backward(&x, &mut cache);
            let compared = compare(&mut net, &x, &cache, &error(&sure, &target));
            check(&compared, compared[0].expected);
            self.clip(&mut net);
            let finite = compared.iter().map(|c| c.expected).filter(|x| x.is_finite());
            least = finite.fold(least, f64::min);
            optimizer.next_step();
            net.visit(|number, values, (gradients, exponent)| optimizer.update(number, values, (gradients, exponent)));
        }
        least
    }
}

/// The gradients of every parameter tensor as they are.
fn gradients<F: Real>(net: &mut impl Model<F>) -> Vec<Vec<Far>> {
    let mut gradients = Vec::new();
    net.visit(|_, _, (g, exponent)| gradients.push(g.iter().map(|g| Far::new(g.f64(), exponent)).collect()));
    gradients
}

/// Runs a case in both precisions, of which the errors must go down to the power of ten `depth`, at least.
fn down_to(depth: f64, case: &Case) {
    for least in [case.run::<f32>(), case.run::<f64>()] {
        assert!(least < depth, "the errors end at 1e{least}, not 1e{depth}");
    }
}

#[test]
fn errors_of_sigmoid_and_tanh_are_right_down_to_depth_2000() {
    for (depth, least) in [(10, -6.0), (50, -30.0), (500, -300.0), (2000, -1200.0)] {
        down_to(least, &Case::new(ModelKind::Mlp, depth, 1).with(|spec| spec.activation = Activation::Sigmoid));
    }
    down_to(
        -30.0,
        &Case::new(ModelKind::Mlp, 100, 1).with(|spec| (spec.activation, spec.init_gain) = (Activation::Tanh, 0.5)),
    );
}

#[test]
fn errors_that_are_small_and_grow_are_right() {
    // The net is sure, and every layer multiplies the error.
    let case =
        Case::new(ModelKind::Mlp, 100, 1).with(|spec| (spec.activation, spec.init_gain) = (Activation::Tanh, 4.0));
    down_to(-80.0, &Case { sureness: 200.0, ..case });
}

#[test]
fn errors_of_units_that_are_all_far_out_are_right() {
    for (activation, gain) in [(Activation::Sigmoid, 60.0), (Activation::Tanh, 30.0)] {
        let case = Case::new(ModelKind::Mlp, 12, 1).with(|spec| (spec.activation, spec.init_gain) = (activation, gain));
        let _ = case.run::<f64>();
    }
    // In f32 slopes end at 1e-38.
    for (activation, gain) in [(Activation::Sigmoid, 20.0), (Activation::Tanh, 10.0)] {
        let case = Case::new(ModelKind::Mlp, 12, 1).with(|spec| (spec.activation, spec.init_gain) = (activation, gain));
        let _ = case.run::<f32>();
    }
}

#[test]
fn errors_of_every_norm_and_residual_form_are_right() {
    for (batch_norm, layer_norm) in [(false, false), (true, false), (false, true)] {
        for (residual, scaling) in
            [(false, ResidualScaling::None), (true, ResidualScaling::None), (true, ResidualScaling::InvSqrtDepth)]
        {
            for activation in [Activation::Sigmoid, Activation::Prelu, Activation::Gelu] {
                let case = Case::new(ModelKind::Mlp, 40, 1).with(|spec| {
                    (spec.activation, spec.batch_norm, spec.layer_norm) = (activation, batch_norm, layer_norm);
                    (spec.residual, spec.residual_scaling, spec.bias_std) = (residual, scaling, 0.1);
                });
                let _ = (case.run::<f32>(), case.run::<f64>());
            }
        }
    }
}

#[test]
fn errors_through_time_are_right_over_5000_steps() {
    for kind in [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru] {
        for (length, least) in [(10, 0.0), (300, -30.0), (5000, -600.0)] {
            let gain = if kind == ModelKind::Rnn { 0.5 } else { 0.3 };
            down_to(least, &Case::new(kind, 1, length).with(|spec| spec.init_gain = gain));
        }
    }
}

#[test]
fn errors_behind_gates_that_are_nearly_shut_are_right() {
    for kind in [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru] {
        for bias_std in [10.0, 18.0, 25.0] {
            for answers in [1, 4] {
                let mut case = Case::new(kind, 1, 12).with(|spec| {
                    (spec.activation, spec.bias_std) = (Activation::Sigmoid, bias_std);
                    spec.width = 2.try_into().expect("positive");
                });
                case.shape.answers = answers;
                let _ = (case.run::<f32>(), case.run::<f64>());
            }
        }
    }
}

#[test]
fn errors_of_stacked_cells_with_many_answers_and_with_residual_connections_are_right() {
    for kind in [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru] {
        for residual in [false, true] {
            for answers in [1, 7, 120] {
                let mut case = Case::new(kind, 3, 120).with(|spec| {
                    (spec.residual, spec.residual_scaling, spec.init_gain) =
                        (residual, ResidualScaling::InvSqrtDepth, 0.4);
                });
                case.shape.answers = answers;
                let _ = (case.run::<f32>(), case.run::<f64>());
            }
        }
    }
}

#[test]
fn errors_are_right_from_step_to_step_by_every_update_rule_clipped_or_not_and_of_nets_that_are_sure() {
    for optimizer in OptimizerKind::ALL {
        for (sureness, clip_factor) in [(0.0, 1.0), (0.0, 1e-3), (70.0, 1.0), (130.0, 1e-12), (900.0, 1e-3)] {
            let case = Case::new(ModelKind::Mlp, 30, 1).with(|spec| spec.activation = Activation::Sigmoid);
            down_to(-15.0 - 0.4 * sureness, &Case { optimizer, clip_factor, sureness, ..case });
        }
    }
}
