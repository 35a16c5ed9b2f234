//! The dense layer: z = x W + b.

use ndarray::{Array1, Array2};

use super::{Init, Scaled, zeros};
use crate::kernels::{Form, Real, Start, ThreadBudget, add_column_sums, product_in_pieces};
use crate::seed::{Random, Stream};

/// Weights and biases with their gradients.
#[derive(Debug, Clone)]
pub struct Dense<F> {
    /// W (fan_in, fan_out).
    pub w: Array2<F>,
    /// b (fan_out), or (0) for a layer without biases.
    pub b: Array1<F>,
    /// dLoss/dW (fan_in, fan_out).
    pub dw: Array2<F>,
    /// dLoss/db, as b.
    pub db: Array1<F>,
    /// The exponent of the entries of dw and db.
    pub exponent: i32,
}

/// How a layer's biases start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum BiasStart {
    /// The layer has none.
    Absent,
    /// N(0, std^2); at 0 for std = 0.
    Normal(f64),
    /// U(-1/sqrt(fan_in), 1/sqrt(fan_in)).
    Uniform,
}

impl<F: Real> Dense<F> {
    /// Layer number `layer` (from 1; the head last) of the net of `seed`, `gain` times the init's distribution.
    pub(super) fn new(
        (fan_in, fan_out): (usize, usize),
        (init, gain): (Init, f64),
        bias: BiasStart,
        seed: u64,
        layer: usize,
    ) -> Self {
        let mut w = zeros((fan_in, fan_out)); // (fan_in, fan_out)
        let mut random = Random::new(seed, Stream::Weights { layer });
        init.fill(&mut random, (fan_in, fan_out), gain, as_slice_mut(&mut w));
        let mut random = Random::new(seed, Stream::Biases { layer });
        let b: Array1<F> = match bias {
            BiasStart::Absent => Array1::zeros(0),
            BiasStart::Normal(std) => Array1::from_shape_simple_fn(fan_out, || F::from_f64(std * random.normal())),
            BiasStart::Uniform => {
                let bound = 1.0 / crate::kernels::sqrt(fan_in as f64);
                Array1::from_shape_simple_fn(fan_out, || F::from_f64(bound * random.symmetric()))
            }
        };
        Self::of(w, b)
    }

    /// A layer of these weights and biases, with gradients of 0.
    pub(super) fn of(w: Array2<F>, b: Array1<F>) -> Self {
        let (dw, db) = (zeros(w.dim()), Array1::zeros(b.raw_dim()));
        Self { w, b, dw, db, exponent: 0 }
    }

    /// z (B, fan_out) = x (B, fan_in) W + b. A large product is split over `budget`.
    pub fn forward(&self, x: &Array2<F>, z: &mut Array2<F>, budget: &ThreadBudget) {
        self.forward_rows(as_slice(x), as_slice_mut(z), budget);
    }

    /// Computes z of some rows, with x and z as slices.
    pub(super) fn forward_rows(&self, x: &[F], z: &mut [F], budget: &ThreadBudget) {
        let size = (x.len() / self.w.nrows(), self.w.nrows(), self.w.ncols());
        // The sum over the inputs begins with b, which costs less than to add b to what was summed.
        let b = self.b.as_slice().expect("one dimension is contiguous");
        let start = if b.is_empty() { Start::Zero } else { Start::Row(b) };
        product_in_pieces(Form::Plain, size, start, budget.size(), x, as_slice(&self.w), z);
    }

    /// Computes dw, db and, where it is wanted, dx (B, fan_in), from dz (B, fan_out) and the x of the forward. No
    /// weight may have changed since.
    pub fn backward(&mut self, x: &Array2<F>, dz: &Scaled<F>, dx: Option<&mut Scaled<F>>, budget: &ThreadBudget) {
        self.backward_weights(as_slice(x), (dz.slice(), dz.exponent), budget);
        if let Some(dx) = dx {
            let (entries, exponent) = dx.parts();
            self.backward_input(dz.slice(), entries, budget);
            *exponent = dz.exponent;
        }
    }

    /// Computes dw and db, with the rows of x and dz as slices.
    pub(super) fn backward_weights(&mut self, x: &[F], (dz, exponent): (&[F], i32), budget: &ThreadBudget) {
        // forward was: z = x W + b
        let (fan_in, fan_out) = (self.w.nrows(), self.w.ncols());
        if !self.b.is_empty() {
            // In the run's precision, as each entry of dW, which adds up as many rows: over 12,800 of them both are right
            // to 2e-6 in f32, and db in f64 would take several times as long.
            add_column_sums(dz, self.db.as_slice_mut().expect("one dimension is contiguous"));
        }
        let size = (fan_in, x.len() / fan_in, fan_out);
        product_in_pieces(Form::LeftTransposed, size, Start::Current, budget.size(), x, dz, as_slice_mut(&mut self.dw));
        self.exponent = exponent;
    }

    /// Computes the entries of dx, with the rows of both as slices: each row of dx has the exponent of dz's.
    pub(super) fn backward_input(&self, dz: &[F], dx: &mut [F], budget: &ThreadBudget) {
        let (fan_in, fan_out) = (self.w.nrows(), self.w.ncols());
        let size = (dz.len() / fan_out, fan_out, fan_in);
        product_in_pieces(Form::RightTransposed, size, Start::Zero, budget.size(), dz, as_slice(&self.w), dx);
    }
}

/// The entries of a matrix that this crate made, row by row.
pub(super) fn as_slice<F>(a: &Array2<F>) -> &[F] {
    a.as_slice().expect("arrays of a net are row-major")
}

/// The entries of a matrix that this crate made, row by row.
pub(super) fn as_slice_mut<F>(a: &mut Array2<F>) -> &mut [F] {
    a.as_slice_mut().expect("arrays of a net are row-major")
}
