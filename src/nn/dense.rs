//! The dense layer: z = x W + b.

use ndarray::{Array1, Array2};

use super::{Init, Purpose, zeros};
use crate::kernels::{Extremes, Factor, Form, Real, Start, Team, add_column_sums, least_magnitude, product_in_pieces};
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
    /// Whether the last backward left dw at 0, as it would change no weight.
    pub(super) left_out: bool,
}

/// What a backward needs to know of the factors of its forward, beside the factors themselves.
#[derive(Debug, Clone, Copy)]
pub struct FactorExtremes<F> {
    x: Extremes<F>,
    w: Extremes<F>,
}

impl<F: Real> FactorExtremes<F> {
    /// Those of no forward.
    pub(super) fn none() -> Self {
        Self { x: Extremes::none(), w: Extremes::none() }
    }
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
            BiasStart::Normal(std) => Array1::from_shape_simple_fn(fan_out, || F::of(std * random.normal())),
            BiasStart::Uniform => {
                let bound = 1.0 / crate::kernels::sqrt(fan_in as f64);
                Array1::from_shape_simple_fn(fan_out, || F::of(bound * random.symmetric()))
            }
        };
        Self::of(w, b)
    }

    /// A layer of these weights and biases, with gradients of 0.
    pub(super) fn of(w: Array2<F>, b: Array1<F>) -> Self {
        let (dw, db) = (zeros(w.dim()), Array1::zeros(b.raw_dim()));
        Self { w, b, dw, db, left_out: false }
    }

    /// z (B, fan_out) = x (B, fan_in) W + b. A large product is split over `team`.
    pub fn forward(&self, x: &Array2<F>, z: &mut Array2<F>, team: &Team) -> FactorExtremes<F> {
        self.forward_rows(as_slice(x), as_slice_mut(z), team)
    }

    /// The same with the rows of x and z in slices.
    pub(super) fn forward_rows(&self, x: &[F], z: &mut [F], team: &Team) -> FactorExtremes<F> {
        let size = (x.len() / self.w.nrows(), self.w.nrows(), self.w.ncols());
        // The sum over the inputs begins with b, which costs less than to add b to what was summed.
        let b = self.b.as_slice().expect("one dimension is contiguous");
        let start = if b.is_empty() { Start::Zero } else { Start::Row(b) };
        let (x, w) = (Factor::of(x), Factor::of(as_slice(&self.w)));
        product_in_pieces(Form::Plain, size, start, team.size(), x, w, z);
        FactorExtremes { x: x.extremes, w: w.extremes }
    }

    /// From dz (B, fan_out), with the x of the forward and what that gave back: dw, as far as it is needed for its purpose,
    /// db, and dx (B, fan_in) where it is wanted. No weight may have changed since.
    pub fn backward(
        &mut self,
        (x, of_factors): (&Array2<F>, FactorExtremes<F>),
        dz: &Array2<F>,
        dx: Option<&mut Array2<F>>,
        purpose: Purpose,
        team: &Team,
    ) {
        let dz = Factor::of(as_slice(dz));
        self.backward_rows((as_slice(x), of_factors), dz, dx.map(as_slice_mut), purpose, team);
    }

    /// The same with the rows of x, dz and dx in slices.
    pub(super) fn backward_rows(
        &mut self,
        (x, of_factors): (&[F], FactorExtremes<F>),
        dz: Factor<'_, F>,
        dx: Option<&mut [F]>,
        purpose: Purpose,
        team: &Team,
    ) {
        // forward was: z = x W + b
        let (fan_in, fan_out, pieces) = (self.w.nrows(), self.w.ncols(), team.size());
        let batch = x.len() / fan_in;
        if !self.b.is_empty() {
            // In the run's precision, as each entry of dW, which adds up as many rows: over 12,800 of them both are right
            // to 2e-6 in f32, and db in f64 would take several times as long.
            add_column_sums(dz.entries, self.db.as_slice_mut().expect("one dimension is contiguous"));
        }
        self.left_out = match purpose {
            Purpose::Reading => false,
            Purpose::Descent(rate) => {
                !may_change(as_slice(&self.w), rate, batch, (of_factors.x.largest, dz.extremes.largest))
            }
        };
        if !self.left_out {
            let (size, dw) = ((fan_in, batch, fan_out), as_slice_mut(&mut self.dw));
            product_in_pieces(
                Form::LeftTransposed,
                size,
                Start::Current,
                pieces,
                Factor::known(x, of_factors.x),
                dz,
                dw,
            );
        }
        if let Some(dx) = dx {
            let (size, w) = ((batch, fan_out, fan_in), Factor::known(as_slice(&self.w), of_factors.w));
            product_in_pieces(Form::RightTransposed, size, Start::Zero, pieces, dz, w, dx);
        }
    }
}

/// The sum of more products than this may be more than twice as large as they are.
const MOST_ROWS: usize = 1 << 23;

/// Whether some weight may be another one once the gradient x^T dz, times the rate, was taken off.
///
/// No entry of the gradient is larger than batch max |x| max |dz|, or than twice that as it is summed up: each link adds
/// the relative error of a number to what is there, and half the smallest subnormal number. The neighbours of a weight w
/// are |w| times half the gap at 1 away, or more, so that less than half of that changes nothing; half of this half is left
/// to the rounding of the step itself.
fn may_change<F: Real>(w: &[F], rate: f64, batch: usize, (largest_x, largest_dz): (F, F)) -> bool {
    const FEW: usize = 8;
    // As the update has it.
    let rate = F::of(rate).abs().f64();
    let changes = |least: F| {
        let gradient = 2.0 * batch as f64 * (largest_x.f64() * largest_dz.f64() + F::MIN_NORMAL);
        let step = rate * gradient;
        let least = least.f64() * F::GAP_AT_1 / 8.0;
        // An infinite gradient times a rate of 0 is no number.
        !(step < least && F::of(gradient).is_finite() && (1..MOST_ROWS).contains(&batch))
    };
    // Of a few, the least is not less than of all: mostly it tells.
    let few = w.iter().step_by(w.len().div_ceil(FEW).max(1));
    changes(few.fold(F::of(f64::INFINITY), |least, &w| least.smaller(w))) || changes(least_magnitude(w))
}

/// The entries of a matrix that this crate made, row by row.
pub(super) fn as_slice<F>(a: &Array2<F>) -> &[F] {
    a.as_slice().expect("arrays of a net are row-major")
}

/// The entries of a matrix that this crate made, row by row.
pub(super) fn as_slice_mut<F>(a: &mut Array2<F>) -> &mut [F] {
    a.as_slice_mut().expect("arrays of a net are row-major")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a step of descent took the product, and whether it changes a weight where the product is always taken: w
    /// are powers of two, x are 1, and dz are all `dz`.
    fn took_and_changes<F: Real>(dz: f64) -> (bool, bool) {
        let (batch, rate) = (3, 0.1);
        let w = Array2::from_shape_fn((4, 9), |(i, j)| F::of(if (i + j) % 2 == 0 { -0.25 } else { 0.5 }));
        let mut dense = Dense::of(w, Array1::zeros(0));
        let (x, dz) = (vec![F::one(); batch * 4], vec![F::of(dz); batch * 9]);
        let before = dense.w.clone();
        let of_factors = dense.forward_rows(&x, &mut vec![F::zero(); batch * 9], &Team::alone());
        dense.backward_rows((&x, of_factors), Factor::of(&dz), None, Purpose::Descent(rate), &Team::alone());
        let took = dense.dw.iter().any(|&g| g != F::zero());
        assert!(!(took && dense.left_out));
        dense.dw.fill(F::zero());
        dense.backward_rows((&x, of_factors), Factor::of(&dz), None, Purpose::Reading, &Team::alone());
        dense.w.zip_mut_with(&dense.dw, |w, &g| *w -= F::of(rate) * g);
        (took, dense.w != before)
    }

    fn leaves_out_what_changes_nothing<F: Real>() {
        let (mut most_left_out, mut least_that_changes) = (-2000, 2000);
        for exponent in -1074..100 {
            let (took, changes) = took_and_changes::<F>(2.0_f64.powi(exponent));
            assert!(took || !changes, "2^{exponent}");
            if !took && F::of(2.0_f64.powi(exponent)) != F::zero() {
                most_left_out = exponent;
            }
            if changes {
                least_that_changes = least_that_changes.min(exponent);
            }
        }
        let gap = least_that_changes - most_left_out;
        assert!((1..5).contains(&gap), "left out up to 2^{most_left_out}, needed from 2^{least_that_changes}");
    }

    #[test]
    fn a_product_that_changes_no_weight_is_left_out_and_no_other_one() {
        leaves_out_what_changes_nothing::<f32>();
        leaves_out_what_changes_nothing::<f64>();
    }

    #[test]
    fn one_weight_of_zero_or_one_large_number_and_the_product_is_taken() {
        let (w, x, dz) = (vec![0.25_f32; 400], 1.0, 1e-20);
        let with = |y: &[f32], value| {
            let mut y = y.to_vec();
            y[37] = value;
            y
        };
        assert!(!may_change(&w, 0.1, 3, (x, dz)));
        assert!(may_change(&with(&w, 0.0), 0.1, 3, (x, dz)) && may_change(&with(&w, 1e-20), 0.1, 3, (x, dz)));
        for large in [1e13, 1e30, f32::INFINITY, f32::NAN] {
            assert!(may_change(&w, 0.1, 3, (large, dz)), "{large}");
            assert!(may_change(&w, 0.1, 3, (x, large)), "{large}");
        }
        assert!(may_change(&w, f64::INFINITY, 3, (x, dz)) && may_change(&w, 0.1, MOST_ROWS, (x, dz)));
        // Beyond f32, a rate or a gradient is infinite; below, a rate is 0.
        assert!(may_change(&[1e30_f32], 3.41e38, 1, (1e-30, 1e-30)));
        let may_change_at = |largest| may_change(&[0.25_f32], 1e-60, 1, (largest, largest));
        assert!(may_change_at(1e20) && !may_change_at(1e10));
        assert!(may_change(&w, 0.1, 0, (0.0, 0.0)));
    }
}
