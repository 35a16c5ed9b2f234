//! What normalisations share: u = gain (z - mean) / sqrt(var + eps) + shift.
//!
//! | name | mean and var over | source |
//! |---|---|---|
//! | batch norm | the batch, per unit; running averages for the test set | Ioffe and Szegedy 2015, algorithm 1 |
//! | layer norm | the units, per example | Ba et al. 2016, section 3 |
//! | RMS norm | the units, per example; mean and shift are 0 | Zhang and Sennrich 2019, section 4 |
//!
//! With x = (z - mean) / sqrt(var + eps) and dx = gain du, all have the backward dz = (dx - mean(dx) - x mean(dx x))
//! / sqrt(var + eps), the means over what the statistics were over. Statistics accumulate in f64: they are sums over
//! a batch, and a mean that is off by a rounding error is a gradient that is not there.

use super::{Extent, Param, ParamForm, Role, split};
use crate::kernels::{Real, bring_to};
use crate::nn::BatchShape;

/// Added to every variance (PyTorch's default).
pub const EPS: f64 = 1e-5;

/// Gain and shift before there is a net.
pub(super) fn affine_forms(units: usize) -> [ParamForm; 2] {
    [(Role::Gain, "weight"), (Role::Shift, "bias")].map(|(role, name)| ParamForm { role, name, shape: (1, units) })
}

/// A gain of 1 and a shift of 0 for every unit.
pub(super) fn affine_params<F: Real>(units: usize) -> [Param<F>; 2] {
    [(Role::Gain, 1.0), (Role::Shift, 0.0)].map(|(role, value)| Param::constant(role, units, value))
}

/// Room for `n` numbers of every row.
pub(super) fn column(read: Extent, batch: BatchShape, n: usize) -> (usize, usize) {
    (Extent { has_start: false, ..read }.size(batch).0, n)
}

/// The gain of every unit, and the gradients of gain and shift, (D) each.
pub(super) struct Affine<'a, F> {
    pub(super) gain: &'a [F],
    pub(super) dgain: &'a mut [F],
    pub(super) dshift: &'a mut [F],
}

impl<'a, F: Real> Affine<'a, F> {
    /// The gain with the gradients of an op whose first parameters are gain and shift.
    pub(super) fn of(gain: &'a [F], gradients: &'a mut [F]) -> Self {
        let [dgain, dshift] = split(gradients, [gain.len(); 2]);
        Self { gain, dgain, dshift }
    }

    /// Brings the gradients from one exponent to another.
    pub(super) fn bring_to(&mut self, from: i32, to: i32) {
        bring_to(self.dgain, from, to);
        bring_to(self.dshift, from, to);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::batch_norm::BatchNorm;
    use super::super::layer_norm::LayerNorm;
    use super::super::{Op, OpForm, OpPlace, Precise, Saved, Shared, Way, padded};
    use super::*;
    use crate::kernels::{ThreadBudget, mean_and_std};
    use crate::nn::{Errors, Mode, Rows, zeros};

    /// A norm of 4 units with its arrays for batches of 6.
    struct Driven<F> {
        op: Box<dyn Op<F>>,
        x: Rows<F>,
        y: Rows<F>,
        dy: Errors<F>,
        saved: Saved<F>,
        gradients: Vec<F>,
    }

    const SHAPE: BatchShape = BatchShape { examples: 6, length: 1, answers: 1 };

    impl<F: Precise> Driven<F> {
        fn new(form: &dyn OpForm) -> Self {
            let read = Extent::of_steps(4);
            let (mut x, mut y, mut dy) = (Rows::empty(), Rows::empty(), Errors::empty());
            x.fit(read, SHAPE);
            y.fit(form.writes(read), SHAPE);
            dy.fit(read, SHAPE);
            let op = F::make(form, OpPlace { seed: 0, site: 1 });
            let saved = form.saved(read, SHAPE).into_iter().map(zeros).collect();
            let sizes = form.params().into_iter().map(|param| padded::<F>(param.shape.1));
            Self { op, x, y, dy, saved, gradients: vec![F::zero(); sizes.sum()] }
        }

        fn forward(&mut self, mode: Mode, z: &Array2<F>) -> Array2<F> {
            let (x, y) = (&mut self.x, &mut self.y);
            x.matrix_mut().assign(z);
            let budget = ThreadBudget::alone();
            self.op.forward(
                x,
                y,
                &mut self.saved,
                &mut Shared { batch: SHAPE, mode, budget: &budget, scratch: &mut [] },
            );
            y.matrix().clone()
        }

        fn backward(&mut self, du: &Array2<F>) -> Array2<F> {
            let (entries, exponent) = self.dy.one_mut();
            entries.iter_mut().zip(du).for_each(|(to, &from)| *to = from);
            *exponent = 0;
            let budget = ThreadBudget::alone();
            let mut shared = Shared { batch: SHAPE, mode: Mode::Train, budget: &budget, scratch: &mut [] };
            let way = Way { x: &self.x, y: &self.y, dy: &mut self.dy, dx: None };
            self.op.backward(way, &mut self.saved, &mut self.gradients, &mut shared);
            let (dz, exponent) = self.dy.as_one();
            assert_eq!(exponent, 0);
            dz.clone()
        }
    }

    fn z() -> Array2<f64> {
        Array2::from_shape_fn((6, 4), |(i, j)| ((i * 5 + j * 3) % 7) as f64 * 0.7 + j as f64)
    }

    #[test]
    fn batch_norm_gives_each_unit_mean_0_and_variance_1() {
        let u = Driven::new(&BatchNorm { units: 4 }).forward(Mode::Train, &z());
        for column in u.columns() {
            let (mean, std) = mean_and_std(&column.to_vec());
            assert!(mean.abs() < 1e-12 && (std - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn layer_norm_gives_each_example_mean_0_and_variance_1() {
        let u = Driven::new(&LayerNorm { units: 4 }).forward(Mode::Train, &z());
        for row in u.rows() {
            let (mean, std) = mean_and_std(&row.to_vec());
            assert!(mean.abs() < 1e-12 && (std - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn the_test_set_sees_the_running_mean_and_unbiased_variance() {
        let z = z();
        let mut norm = Driven::new(&BatchNorm { units: 4 });
        norm.forward(Mode::Train, &z);
        let u = norm.forward(Mode::Eval, &z);
        let column = z.column(1).to_vec();
        let (mean, std) = mean_and_std(&column);
        let (mean, var) = (0.1 * mean, 0.9 + 0.1 * std * std * 6.0 / 5.0);
        assert!((u[[2, 1]] - (z[[2, 1]] - mean) / (var + EPS).sqrt()).abs() < 1e-12);
    }

    /// u and, for du that rise by halves, dz.
    fn there_and_back(norm: &dyn OpForm, z: &Array2<f32>) -> (Array2<f32>, Array2<f32>) {
        let mut norm = Driven::new(norm);
        let u = norm.forward(Mode::Train, z);
        let dz = norm.backward(&Array2::from_shape_fn(z.raw_dim(), |(i, j)| 0.5 * (i * i + j * j) as f32));
        (u, dz)
    }

    /// Both norms, and whether each takes its statistics over a row.
    fn both() -> [(Box<dyn OpForm>, bool); 2] {
        [(Box::new(BatchNorm { units: 4 }), false), (Box::new(LayerNorm { units: 4 }), true)]
    }

    #[test]
    fn what_does_not_vary_becomes_0_however_small_or_large() {
        for x in [0.0, -0.0, 1e-45, -1e-40, f32::MIN_POSITIVE, 1.0, -3e38] {
            for (norm, _) in both() {
                let (u, dz) = there_and_back(&*norm, &Array2::from_elem((6, 4), x));
                assert!(u.iter().all(|&u| u == 0.0) && dz.iter().all(|dz| dz.is_finite()), "{x:e}: {u} {dz}");
            }
        }
    }

    #[test]
    fn subnormal_inputs_are_centred_and_divided_by_the_root_of_eps() {
        let scale = f32::MIN_POSITIVE / 64.0;
        let z = z().mapv(|z| f32::from_f64(z) * scale);
        for (norm, is_of_rows) in both() {
            let (u, dz) = there_and_back(&*norm, &z);
            for ((i, j), &u) in u.indexed_iter() {
                let alike = if is_of_rows { z.row(i) } else { z.column(j) };
                let mean = alike.iter().map(|&z| f64::from(z)).sum::<f64>() / alike.len() as f64;
                let want = (f64::from(z[[i, j]]) - mean) / EPS.sqrt();
                assert!((f64::from(u) - want).abs() <= 1e-5 * want.abs() + 1e-42, "{u:e}, not {want:e}");
                // du less its mean: nothing comes back through a variance that eps outweighs.
                let (at, mean) = if is_of_rows { (j, 14.0 / 4.0) } else { (i, 55.0 / 6.0) };
                let want = 0.5 * ((at * at) as f64 - mean) / EPS.sqrt();
                assert!((f64::from(dz[[i, j]]) - want).abs() <= 1e-4 * want.abs(), "{}, not {want}", dz[[i, j]]);
            }
        }
    }

    #[test]
    fn large_inputs_have_variance_1() {
        let z = z().mapv(|z| f32::from_f64(z) * 1e37);
        for (norm, is_of_rows) in both() {
            let (u, dz) = there_and_back(&*norm, &z);
            let alike = if is_of_rows { u.row(1).to_vec() } else { u.column(1).to_vec() };
            let (mean, std) = mean_and_std(&alike);
            assert!(mean.abs() < 1e-6 && (std - 1.0).abs() < 1e-6 && dz.iter().all(|dz| dz.is_finite()), "{u}");
        }
    }

    #[test]
    fn an_input_that_is_no_number_spoils_what_it_is_averaged_with_and_nothing_else() {
        for x in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let mut z = z().mapv(f32::from_f64);
            z[[2, 1]] = x;
            for (norm, is_of_rows) in both() {
                let (u, dz) = there_and_back(&*norm, &z);
                for ((i, j), u) in u.indexed_iter() {
                    let is_spoilt = if is_of_rows { i == 2 } else { j == 1 };
                    assert!(u.is_nan() == is_spoilt && dz[[i, j]].is_nan() == is_spoilt, "{x}: {i}, {j}");
                }
            }
        }
    }
}
