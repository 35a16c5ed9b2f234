//! The way back in numbers whose exponents have no bounds, over the way forward that a net has stored: what its errors with
//! exponents must be.

use std::ops::{Add, Mul, Neg, Sub};

use ndarray::Array2;

use super::{
    Activation, BatchShape, Buffers, Cell, Description, Gradients, Init, Mode, ModelKind, ModelSpec, Network, Node,
    OpAt, Optimizer, OptimizerKind, OptimizerSpec, Precise, ResidualScaling, Role, States, Target, describe,
};
use crate::kernels::{Magnitude, Real, norm};
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

    fn transposed(&self) -> Self {
        let x = (0..self.x.len()).map(|i| self.x[i % self.rows() * self.columns + i / self.rows()]).collect();
        Self { x, columns: self.rows() }
    }

    fn times(&self, factor: Far) -> Self {
        Self { x: self.x.iter().map(|&x| factor * x).collect(), columns: self.columns }
    }

    fn plus(&self, other: &Self) -> Self {
        Self { x: self.x.iter().zip(&other.x).map(|(&a, &b)| a + b).collect(), columns: self.columns }
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

/// What is read of a time step of a recurrence on the way back: the norms of dLoss/dh_t and, of an lstm, dLoss/dc_t.
struct ReadStep {
    dh: Magnitude,
    dc: Option<Magnitude>,
}

/// What is read on the way back while it is there.
struct Readings {
    /// The root mean squares of the errors at all sites.
    errors: Vec<Magnitude>,
    /// The time steps of the recurrence of every site, from t = 1.
    steps: Vec<Vec<ReadStep>>,
}

/// Goes back through a net, and reads every site as soon as it is complete.
fn read_backward<F: Real>(net: &mut Network<F>, buffers: &mut Buffers<F>) -> Readings {
    let sites = net.hidden_layers() + 1;
    let mut readings = Readings { errors: vec![], steps: vec![] };
    for l in (1..=sites).rev() {
        net.backward_site(l, buffers, None);
        readings.errors.push(net.error_rms(l, buffers));
        let at = net.states(l, buffers);
        let steps = at.iter().flat_map(|at| {
            (1..at.exponents.len()).map(|t| {
                let of = |entries: &[F]| Magnitude { entries: norm(entries), exponent: at.exponents[t] };
                ReadStep { dh: of(at.dh_at(t)), dc: at.cell.has_memory().then(|| of(at.dc_at(t))) }
            })
        });
        readings.steps.push(steps.collect());
    }
    readings.errors.reverse();
    readings.steps.reverse();
    readings
}

/// The way back through a described net, part by part: it knows the description and what the way forward left.
struct Reference<'a, F> {
    net: &'a Network<F>,
    buffers: &'a Buffers<F>,
    readings: &'a Readings,
    /// The parts that are left, of all ops and of all sites.
    ops: usize,
    sites: usize,
    compared: Vec<Compared>,
}

impl<F: Real> Reference<'_, F> {
    fn say(&mut self, what: String, got: Magnitude, expected: f64) {
        self.compared.push(Compared { what, got: got.decades(), expected });
    }

    /// The error of what some nodes read, from that of what they write.
    fn nodes(&mut self, nodes: &[Node], error: Matrix) -> Matrix {
        nodes.iter().rev().fold(error, |error, node| match node {
            Node::Op(_) => self.op(&error),
            Node::Site(name) => {
                let number = self.sites;
                self.sites -= 1;
                self.say(format!("error at {name}, {number}"), self.readings.errors[number - 1], error.rms());
                error
            }
            Node::Repeat { times, body } => (0..*times).fold(error, |error, _| self.nodes(body, error)),
            Node::Residual { body, skip, scale } => {
                let stream = self.nodes(skip, error.clone());
                let branch = self.nodes(body, error.times(Far::of(F::from_f64(*scale))));
                stream.plus(&branch)
            }
        })
    }

    /// The rows that the way forward left.
    fn rows(&self, value: usize) -> Matrix {
        let rows = self.buffers.value(value);
        Matrix::of(rows.slice(), rows.units())
    }

    /// The values of the parameter of the next op that has this name within its module.
    fn param(&self, at: &OpAt, name: &str) -> Option<Matrix> {
        let form = at.part.form.params().into_iter().find(|form| form.name == name)?;
        let param = self.net.param(&(at.part.name)(&form, at.site))?;
        Some(Matrix::of(param.slice(), param.value.ncols()))
    }

    /// What a parameter is called, and its gradient as the net has it.
    fn gradient(&self, at: &OpAt, role: Role) -> Option<(String, &[F], i32)> {
        let form = at.part.form.params().into_iter().find(|form| form.role == role)?;
        let name = (at.part.name)(&form, at.site);
        let (entries, exponent) = self.net.gradient(&name, self.buffers)?;
        Some((name, entries, exponent))
    }

    /// Compares the norm of a parameter's gradient.
    fn compare(&mut self, at: &OpAt, role: Role, expected: &[Far]) {
        if let Some((name, entries, exponent)) = self.gradient(at, role) {
            assert_eq!(entries.len(), expected.len(), "{name}");
            let got = Magnitude { entries: norm(entries), exponent };
            self.say(format!("gradient of {name}"), got, Far::log10_of_norm(expected));
        }
    }

    /// Compares the gradient of a slope. What is summed has both signs, so the sum is as exact as its terms are.
    fn compare_slope(&self, at: &OpAt, dh: &Matrix, u: &[F]) {
        let Some((name, entries, exponent)) = self.gradient(at, Role::Slope) else { return };
        let terms = dh.x.iter().zip(u).map(|(&d, &u)| d * Far::of(f64::min(u.f64(), 0.0)));
        let terms: Vec<Far> = terms.collect();
        let wrong = terms.iter().fold(Far::new(entries[0].f64(), exponent), |rest, &term| rest - term);
        let (wrong, all) = (Far::log10_of_norm(&[wrong]), Far::log10_of_norm(&terms));
        assert!(wrong <= all - 5.0, "gradient of {name}: 1e{wrong} of 1e{all}");
    }

    /// The error of what the next op read. What its formula is, this has to know.
    fn op(&mut self, dy: &Matrix) -> Matrix {
        self.ops -= 1;
        let net = self.net;
        let at = &net.ops()[self.ops];
        match at.part.form.formula() {
            "z = x W + b" => self.dense(at, dy),
            "h = phi(u)" => self.activation(at, dy),
            "u = gain (z - mean) / sqrt(var + eps) + shift, mean and var over the batch" => self.norm(at, dy, true),
            "u = gain (z - mean) / sqrt(var + eps) + shift, mean and var over the units" => self.norm(at, dy, false),
            "h_t = cell(x_t W_x + b + h_{t-1} W_h, h_{t-1})" => self.recurrence(at, dy),
            "y_m = x_{T - M + m}" => {
                let mut dx = Matrix::zeros(self.rows(at.x).rows(), dy.columns);
                let unanswered = dx.x.len() - dy.x.len();
                dx.x[unanswered..].copy_from_slice(&dy.x);
                dx
            }
            other => panic!("no reference knows the way back of {other}"),
        }
    }

    fn dense(&mut self, at: &OpAt, dz: &Matrix) -> Matrix {
        self.compare(at, Role::Weight, &self.rows(at.x).transposed_times(dz).x);
        // Before a batch norm it is 0 but for rounding.
        let remembers = |op: &&OpAt| op.part.form.params().iter().any(|param| param.role == Role::Memory);
        if !self.net.ops().iter().filter(remembers).any(|op| op.site == at.site) {
            let ones = Matrix { x: vec![Far::of(1.0); dz.rows()], columns: 1 };
            self.compare(at, Role::Bias, &ones.transposed_times(dz).x);
        }
        dz.times_transposed(&self.param(at, "weight").expect("a dense layer has weights"))
    }

    fn activation(&mut self, at: &OpAt, dh: &Matrix) -> Matrix {
        let u = self.buffers.value(at.x).slice();
        let (phi, a, read) = self.net.units(at.site, self.buffers).phi.expect("an activation");
        assert_eq!(read.as_ptr(), u.as_ptr(), "these are the units of the site");
        self.compare_slope(at, dh, u);
        Matrix { x: dh.x.iter().zip(u).map(|(&d, &u)| d * slope(phi, u, a)).collect(), columns: dh.columns }
    }

    fn norm(&mut self, at: &OpAt, du: &Matrix, is_of_batch: bool) -> Matrix {
        let (u, columns) = (self.buffers.value(at.y).slice(), du.columns);
        let [gain, shift] = ["weight", "bias"].map(|name| self.param(at, name).expect("norms have both").x);
        let (mut of_gain, mut of_shift) = (vec![Far::ZERO; columns], vec![Far::ZERO; columns]);
        for (i, (&d, &u)) in du.x.iter().zip(u).enumerate() {
            let j = i % columns;
            of_shift[j] = of_shift[j] + d;
            of_gain[j] = of_gain[j] + d * Far::of((u.f64() - shift[j].value()) / gain[j].value());
        }
        self.compare(at, Role::Gain, &of_gain);
        self.compare(at, Role::Shift, &of_shift);
        through_norm(&self.rows(at.x), du.clone(), &gain, is_of_batch)
    }

    fn recurrence(&mut self, at: &OpAt, dy: &Matrix) -> Matrix {
        let states = self.net.states(at.site, self.buffers).expect("a recurrence has states");
        let (units, examples) = (states.units, states.examples);
        let steps = &self.readings.steps[at.site - 1];
        let w_h = self.param(at, "weight_hh").expect("a recurrence has weights");
        let w_h_t = w_h.transposed();
        let of_step = |a: &Matrix, t: usize| {
            let size = examples * a.columns;
            Matrix { x: a.x[(t - 1) * size..][..size].to_vec(), columns: a.columns }
        };
        let mut dw_h = Matrix::zeros(units, w_h.columns);
        let mut from_next = Matrix::zeros(examples, units);
        let mut dc = Matrix::zeros(examples, units);
        let (mut all_dh, mut all_dz) = (vec![], vec![]);
        for t in (1..=steps.len()).rev() {
            let dh = of_step(dy, t).plus(&from_next);
            let h_before = Matrix::of(states.h_at(t - 1), units);
            let p = h_before.times_transposed(&w_h_t);
            let TimeStep { dz, dp, direct, dc: all_of_dc, dc_before } =
                time_step(&states, t, (&dh, &dc), (&h_before, &p));
            let of = |what: &str| format!("{what} of layer {} at t = {t}", at.site);
            self.say(of("dh"), steps[t - 1].dh, Far::log10_of_norm(&dh.x));
            if let Some(got) = steps[t - 1].dc {
                self.say(of("dc"), got, Far::log10_of_norm(&all_of_dc.x));
            }
            dw_h = dw_h.plus(&h_before.transposed_times(&dp));
            from_next = dp.times_transposed(&w_h).plus(&direct);
            dc = dc_before;
            all_dh.push(dh);
            all_dz.push(dz);
        }
        self.compare(at, Role::Weight, &dw_h.x);
        let in_order = |steps: Vec<Matrix>| {
            let columns = steps[0].columns;
            Matrix { x: steps.into_iter().rev().flat_map(|step| step.x).collect(), columns }
        };
        self.compare_slope(at, &in_order(all_dh), states.z);
        in_order(all_dz)
    }
}

/// Goes forward and back; returns what is read of every error at every site and of every parameter's gradient, first of
/// the head.
fn compare<F: Real>(
    description: &Description,
    net: &mut Network<F>,
    buffers: &mut Buffers<F>,
    dlogits: Matrix,
) -> Vec<Compared> {
    let readings = &read_backward(net, buffers);
    let (ops, sites) = (net.ops().len(), net.hidden_layers() + 1);
    let mut reference = Reference { net, buffers, readings, ops, sites, compared: vec![] };
    let _ = reference.nodes(&description.nodes, dlogits);
    assert_eq!((reference.ops, reference.sites), (0, 0), "nothing is left");
    reference.compared
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
    at: &States<'_, F>,
    t: usize,
    (dh, from_next): (&Matrix, &Matrix),
    (h_before, p): (&Matrix, &Matrix),
) -> TimeStep {
    let (examples, units, blocks) = (at.examples, at.units, at.cell.blocks());
    let mut dc = from_next.clone();
    let (mut dz, mut dp) = (Matrix::zeros(examples, blocks * units), Matrix::zeros(examples, blocks * units));
    let (mut direct, mut dc_before) = (Matrix::zeros(examples, units), Matrix::zeros(examples, units));
    for i in 0..examples * units {
        let gate = |g: usize| (i / units * blocks + g) * units + i % units;
        let z = |g: usize| at.z_at(t)[gate(g)].f64();
        match at.cell {
            Cell::Rnn(phi) => {
                dz.x[i] = dh.x[i] * slope(phi, at.z_at(t)[i], at.slope);
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

    /// Clips the gradients, each of which becomes that times the factor.
    fn clip<F: Real>(&self, net: &mut Network<F>, buffers: &mut Buffers<F>) {
        let factor = Far::of(self.clip_factor);
        let expected = gradients(net, buffers).into_iter();
        let expected = expected.map(|g| g.into_iter().map(|g| factor * g).collect::<Vec<_>>());
        let expected: Vec<f64> = expected.map(|g| Far::log10_of_norm(&g)).collect();
        net.scale_gradients(buffers, self.clip_factor);
        for (number, (got, expected)) in gradients(net, buffers).iter().zip(expected).enumerate() {
            let got = Far::log10_of_norm(got);
            assert!(got == expected || (got - expected).abs() < 1e-6, "tensor {number}: {got}, not {expected}");
        }
    }

    /// Runs it; returns log10 of the smallest error that was compared.
    fn run<F: Precise>(&self) -> f64 {
        let description = describe(&self.spec, INPUTS, CLASSES);
        let mut net = Network::<F>::of(&description, 3, Gradients::All);
        let mut buffers = net.buffers(self.shape);
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
        let mut optimizer = Optimizer::<F>::new(&spec, net.tensor_sizes());
        let mut random = Random::new(5, Stream::TrainInputs);
        let x = Array2::from_shape_simple_fn((self.shape.rows(), INPUTS), || F::from_f64(random.normal()));
        let labels: Vec<usize> = (0..self.shape.answered_rows()).map(|i| i % CLASSES).collect();
        let mut least = 0.0;
        for _ in 0..2 {
            buffers.forget_gradients();
            buffers.input().assign(&x);
            net.forward(Mode::Train, &mut buffers);
            let target = Target::Classes(&labels);
            let (logits, dlogits) = buffers.answers();
            let mut sure = logits.clone();
            for (i, mut row) in sure.rows_mut().into_iter().enumerate() {
                row[labels[i]] += F::from_f64(self.sureness);
            }
            let _ = target.evaluate(&sure, dlogits);
            let compared = compare(&description, &mut net, &mut buffers, error(&sure, &target));
            check(&compared, compared[0].expected);
            self.clip(&mut net, &mut buffers);
            let finite = compared.iter().map(|c| c.expected).filter(|x| x.is_finite());
            least = finite.fold(least, f64::min);
            optimizer.next_step();
            net.visit(&mut buffers, |number, values, gradients| optimizer.update(number, values, gradients));
        }
        least
    }
}

/// The gradients of every parameter tensor as they are.
fn gradients<F: Real>(net: &mut Network<F>, buffers: &mut Buffers<F>) -> Vec<Vec<Far>> {
    let mut gradients = Vec::new();
    net.visit(buffers, |_, _, (g, exponent)| gradients.push(g.iter().map(|g| Far::new(g.f64(), exponent)).collect()));
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
