//! Ops: what a net is made of. An op is a file: its [`OpForm`], which is data and says what it costs before there is a net,
//! and its [`Op`], the way forward beside the way back.
//!
//! | op | formula | its file |
//! |---|---|---|
//! | dense | z = x W + b | `dense` |
//! | batch norm, layer norm, RMS norm | u = gain (z - mean) / sqrt(var + eps) + shift | `batch_norm`, `layer_norm`, `rms_norm` |
//! | activation | h = phi(u) | `activation` |
//! | recurrence | h_t = cell(z_t, h_{t-1}) | `recurrence` |
//! | layer scale | y = s x, a trained s for each unit | `scale` |
//! | answers | the rows of the last M time steps | `answers` |
//!
//! A wrong backward cannot hide: every op that a key can put into a net is compared with central differences there, by a
//! test that knows no op.

pub(super) mod activation;
pub(super) mod answers;
pub(super) mod batch_norm;
pub(super) mod dense;
pub(super) mod layer_norm;
pub(super) mod norm;
pub(super) mod recurrence;
pub(super) mod rms_norm;
pub(super) mod scale;

use std::fmt::Debug;

use ndarray::Array2;

use super::rows::{as_slice, as_slice_mut};
use super::{Activation, BatchShape, Cell, Errors, Extent, LINE, Mode, Rows, zeros};
use crate::kernels::{Real, ThreadBudget};

/// What a parameter is to its op. Within a site parameters stand in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A matrix that units are multiplied by.
    Weight,
    /// What is added to units.
    Bias,
    /// No parameter: the second bias that PyTorch has in a recurrence, always 0.
    Zeros,
    /// What units are multiplied by, one by one.
    Gain,
    /// What is added to them then.
    Shift,
    /// No parameter: what an op remembers from batch to batch.
    Memory,
    /// The slope of an activation.
    Slope,
}

impl Role {
    /// Whether training changes it.
    pub fn is_trained(self) -> bool {
        match self {
            Self::Weight | Self::Bias | Self::Gain | Self::Shift | Self::Slope => true,
            Self::Zeros | Self::Memory => false,
        }
    }
}

/// A parameter before there is a net.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParamForm {
    /// What it is.
    pub role: Role,
    /// PyTorch's name of it within its module.
    pub name: &'static str,
    /// Its rows and columns; of a vector one row.
    pub shape: (usize, usize),
}

/// What a backward does with the errors of what its op wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It turns them into those of what the op read, in place.
    InPlace,
    /// It reads them and fills others.
    Keeps,
    /// It changes them and fills others.
    Spends,
}

/// Which factor of the error a backward is, beside the others between two sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GainOf {
    /// The weights, with what scales a residual branch.
    Weight,
    /// The slopes of an activation.
    Activation,
    /// A norm.
    Norm,
}

/// What one row costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// Multiply-adds of products.
    pub products: f64,
    /// Passes over the units of the op, forward and backward together.
    pub passes: f64,
    /// The units that those passes go over.
    pub units: f64,
}

/// Where a net has an op: which numbers it is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct OpPlace {
    /// The seed of the net.
    pub seed: u64,
    /// The site that the op belongs to, from 1.
    pub site: usize,
}

/// An op before there is a net.
pub trait OpForm: Debug + Send + Sync {
    /// What it computes, in the letters of [`crate::nn`].
    fn formula(&self) -> &'static str;

    /// The shape of what it writes.
    fn writes(&self, read: Extent) -> Extent {
        Extent { has_start: false, ..read }
    }

    /// Its parameters and what it remembers, in the order of [`Op::params`].
    fn params(&self) -> Vec<ParamForm> {
        vec![]
    }

    /// What its backward does with the errors of what it wrote.
    fn flow(&self) -> Flow;

    /// Which factor of the error it is; none where no number would say it.
    fn gain(&self) -> Option<GainOf>;

    /// Whether its backward reads what its forward wrote.
    fn reads_its_output(&self) -> bool {
        false
    }

    /// The arrays that its forward leaves for its backward, beside what it read and wrote.
    fn saved(&self, _read: Extent, _batch: BatchShape) -> Vec<(usize, usize)> {
        vec![]
    }

    /// The arrays that it works in; they are the next op's when it is done.
    fn scratch(&self, _batch: BatchShape) -> Vec<(usize, usize)> {
        vec![]
    }

    /// What one row costs.
    fn work(&self, read: Extent) -> Work;

    /// Entries, in 64 bits each, that drawing its parameters takes beside them.
    fn room_to_draw(&self) -> f64 {
        0.0
    }

    /// The cell, of a recurrence.
    fn cell(&self) -> Option<Cell> {
        None
    }

    /// The op in f32.
    fn single(&self, place: OpPlace) -> Box<dyn Op<f32>>;

    /// The op in f64.
    fn double(&self, place: OpPlace) -> Box<dyn Op<f64>>;
}

/// The two precisions of a form that has `make`.
macro_rules! made_in_both_precisions {
    () => {
        fn single(&self, place: OpPlace) -> Box<dyn Op<f32>> {
            Box::new(self.make(place))
        }

        fn double(&self, place: OpPlace) -> Box<dyn Op<f64>> {
            Box::new(self.make(place))
        }
    };
}
use made_in_both_precisions;

/// A precision that nets are made in.
pub trait Precise: Real {
    /// Makes an op.
    fn make(form: &dyn OpForm, place: OpPlace) -> Box<dyn Op<Self>>;
}

impl Precise for f32 {
    fn make(form: &dyn OpForm, place: OpPlace) -> Box<dyn Op<Self>> {
        form.single(place)
    }
}

impl Precise for f64 {
    fn make(form: &dyn OpForm, place: OpPlace) -> Box<dyn Op<Self>> {
        form.double(place)
    }
}

/// A parameter, or what an op remembers. Its gradient is kept by the net.
#[derive(Debug, Clone)]
pub struct Param<F> {
    /// What it is.
    pub role: Role,
    /// The array; a vector is one row.
    pub value: Array2<F>,
    /// The exponent of its gradient.
    pub exponent: i32,
}

impl<F: Real> Param<F> {
    /// A parameter with these values.
    pub fn new(role: Role, value: Array2<F>) -> Self {
        Self { role, value, exponent: 0 }
    }

    /// `n` parameters of this value.
    pub fn constant(role: Role, n: usize, value: f64) -> Self {
        let mut values = zeros((1, n));
        values.fill(F::from_f64(value));
        Self::new(role, values)
    }

    /// Its values.
    pub fn slice(&self) -> &[F] {
        as_slice(&self.value)
    }

    /// Its values.
    pub fn slice_mut(&mut self) -> &mut [F] {
        as_slice_mut(&mut self.value)
    }
}

/// What all ops of a net share during a batch.
#[derive(Debug)]
pub struct Shared<'a, F> {
    /// B, T and M.
    pub batch: BatchShape,
    /// Which statistics norms use.
    pub mode: Mode,
    /// Who helps with large products.
    pub budget: &'a ThreadBudget,
    /// Arrays at least as large as the op asked for.
    pub scratch: &'a mut [Array2<F>],
}

/// The arrays of an op that its forward leaves for its backward.
pub type Saved<F> = Vec<Array2<F>>;

/// What a backward has before it.
#[derive(Debug)]
pub struct Way<'a, F> {
    /// What the forward read.
    pub x: &'a Rows<F>,
    /// What it wrote.
    pub y: &'a Rows<F>,
    /// dLoss/dy; of an op [`Flow::InPlace`] dLoss/dx afterwards.
    pub dy: &'a mut Errors<F>,
    /// dLoss/dx, to be filled; none in place, or where nobody wants it.
    pub dx: Option<&'a mut Errors<F>>,
}

/// The units of a layer, as its readings see them.
#[derive(Debug, Clone, Copy)]
pub struct Units<'a, F> {
    /// h, over the batch (and time).
    pub h: &'a [F],
    /// Activation, slope and u where h = phi(u); none for cells with gates.
    pub phi: Option<(Activation, F, &'a [F])>,
}

/// What a recurrence left of every time step, once its site is complete. Arrays of states begin with t = 0.
#[derive(Debug, Clone, Copy)]
pub struct States<'a, F> {
    /// Which cell.
    pub cell: Cell,
    /// B.
    pub examples: usize,
    /// H.
    pub units: usize,
    /// The slope of an rnn's activation for negative arguments.
    pub slope: F,
    /// W_h (H, gates H).
    pub w_h: &'a [F],
    /// dLoss/dW_h.
    pub dw_h: &'a [F],
    /// The arguments of all gates, or of the rnn's activation (T B, gates H).
    pub z: &'a [F],
    /// h_t ((T + 1) B, H).
    pub h: &'a [F],
    /// c_t ((T + 1) B, H) of an lstm, else none.
    pub c: &'a [F],
    /// The entries of dLoss/dh_t, all of it ((T + 1) B, H).
    pub dh: &'a [F],
    /// The entries of dLoss/dc_t, all of it ((T + 1) B, H), of an lstm, else none.
    pub dc: &'a [F],
    /// The exponents of dh_t and dc_t, t = 0, .., T.
    pub exponents: &'a [i32],
}

impl<'a, F> States<'a, F> {
    /// The rows of time step `t` in an array that begins with t = 0; none of an array that there is not.
    fn at(&self, states: &'a [F], t: usize) -> &'a [F] {
        let size = self.examples * self.units;
        if states.is_empty() { states } else { &states[t * size..][..size] }
    }

    /// h_t (B, H).
    pub fn h_at(&self, t: usize) -> &'a [F] {
        self.at(self.h, t)
    }

    /// c_t (B, H), or none.
    pub fn c_at(&self, t: usize) -> &'a [F] {
        self.at(self.c, t)
    }

    /// The entries of dLoss/dh_t (B, H).
    pub fn dh_at(&self, t: usize) -> &'a [F] {
        self.at(self.dh, t)
    }

    /// The entries of dLoss/dc_t (B, H), or none.
    pub fn dc_at(&self, t: usize) -> &'a [F] {
        self.at(self.dc, t)
    }

    /// The arguments of all gates, or of the rnn's activation, at t = 1, .., T (B, gates H).
    pub fn z_at(&self, t: usize) -> &'a [F] {
        let size = self.examples * self.units * self.cell.blocks();
        &self.z[(t - 1) * size..][..size]
    }

    /// Whether not all slopes between h_t and z_t are 0, as mathematics has them.
    pub fn has_slope(&self, t: usize) -> bool
    where
        F: Real,
    {
        match self.cell {
            Cell::Rnn(phi) => phi.zero_fraction(self.z_at(t), self.slope) < 1.0,
            Cell::Lstm | Cell::Gru => true,
        }
    }

    /// Whether something of the derivatives at `t` gets to h_{t-1}, where W_h is 0 or is not.
    pub fn passes(&self, t: usize, weighs: bool) -> bool
    where
        F: Real,
    {
        match self.cell {
            Cell::Rnn(_) => weighs && self.has_slope(t),
            Cell::Lstm => weighs,
            // u h_{t-1} is a part of h_t, whatever W_h.
            Cell::Gru => true,
        }
    }

    /// Copies the arguments of one gate, counted from 0, over batch and time (T B, H).
    pub fn gate_arguments(&self, gate: usize, arguments: &mut Vec<F>)
    where
        F: Copy,
    {
        let row = self.units * self.cell.blocks();
        arguments.clear();
        // Else it would grow by doubling, to up to twice what it holds.
        arguments.reserve(self.z.len() / self.cell.blocks());
        arguments.extend(self.z.chunks_exact(row).flat_map(|row| &row[gate * self.units..][..self.units]));
    }
}

/// An op with its parameters: the way forward beside the way back.
pub trait Op<F: Real>: Debug + Send {
    /// Fills y from x, and `saved` with what the backward needs beside them. Nothing else reads x of a recurrence, so
    /// that it may complete it.
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, saved: &mut Saved<F>, shared: &mut Shared<'_, F>);

    /// Computes dLoss/dx from dLoss/dy. `gradients` are those of the parameters, which were 0: what is at hand of them
    /// is added.
    fn backward(&mut self, way: Way<'_, F>, saved: &mut Saved<F>, gradients: &mut [F], shared: &mut Shared<'_, F>);

    /// Adds what else the gradients of the parameters are, once the errors of all ops of the site are there. It may
    /// bring these to other exponents.
    fn finish(&mut self, _way: Way<'_, F>, _saved: &mut Saved<F>, _gradients: &mut [F], _shared: &mut Shared<'_, F>) {}

    /// The parameters, then what it remembers.
    fn params(&self) -> &[Param<F>] {
        &[]
    }

    /// The parameters, then what it remembers.
    fn params_mut(&mut self) -> &mut [Param<F>] {
        &mut []
    }

    /// What its units did in a batch; none where it has no units of its own.
    fn units<'a>(&'a self, _x: &'a Rows<F>, _y: &'a Rows<F>) -> Option<Units<'a, F>> {
        None
    }

    /// What it left of every time step, with the errors of what it wrote; none but of a recurrence.
    fn states<'a>(
        &'a self,
        _x: &'a Rows<F>,
        _y: &'a Rows<F>,
        _dy: &'a Errors<F>,
        _saved: &'a Saved<F>,
    ) -> Option<States<'a, F>> {
        None
    }
}

/// Entries that a gradient takes in the net's memory of them, with what keeps the next one at a border of cache lines.
pub(super) fn padded<F>(entries: usize) -> usize {
    entries.next_multiple_of(LINE / size_of::<F>())
}

/// The gradients of an op's parameters of these sizes, one after the other.
pub(super) fn split<F, const N: usize>(mut gradients: &mut [F], sizes: [usize; N]) -> [&mut [F]; N] {
    sizes.map(|size| {
        let (first, rest) = std::mem::take(&mut gradients).split_at_mut(padded::<F>(size));
        gradients = rest;
        &mut first[..size]
    })
}
