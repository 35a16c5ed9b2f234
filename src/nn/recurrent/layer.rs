//! One recurrent layer: its parameters, and its way through time, forward and back.

use ndarray::{Array1, Array2};

use super::cache::RecurrentLayerCache;
use crate::kernels::{
    Form, NOTHING, Real, Start, ThreadBudget, all_zero, bring_to, is_faint, lowered, product_in_pieces, settle, sqrt,
    transpose,
};
use crate::nn::cell::{gru, lstm};
use crate::nn::dense::{as_slice, as_slice_mut};
use crate::nn::norm::LayerNorm;
use crate::nn::{Activation, Cell, Dense, Init, ModelKind, ModelSpec, zeros};
use crate::seed::{Random, Stream};

/// A recurrent layer's parameters and their gradients.
#[derive(Debug)]
pub struct RecurrentLayer<F> {
    /// W_x (fan_in, gates H) and b (gates H).
    pub input: Dense<F>,
    /// W_h (H, gates H).
    pub w_h: Array2<F>,
    /// dLoss/dW_h, and the exponent of its entries.
    pub dw_h: Array2<F>,
    pub(in crate::nn) w_h_exponent: i32,
    /// The norm of the layer's input.
    pub(in crate::nn) norm: Option<LayerNorm<F>>,
    /// The slope of an rnn's activation for negative arguments, dLoss/dslope, and its exponent.
    pub(super) slope: [F; 1],
    pub(super) dslope: [F; 1],
    pub(super) slope_exponent: i32,
}

impl<F: Real> RecurrentLayer<F> {
    /// Layer number `layer` (from 1) of the net of `seed`. Each gate's block of W_h is drawn from the spec's init as an
    /// (H, H) matrix, each block of W_x from Xavier's; PyTorch's default draws them and b from U(-1/sqrt(H), 1/sqrt(H)).
    pub(super) fn new(spec: &ModelSpec, (fan_in, units): (usize, usize), seed: u64, layer: usize) -> Self {
        let columns = Cell::of(spec).blocks() * units;
        let (mut w_x, mut w_h) = (zeros((fan_in, columns)), zeros((units, columns)));
        let mut random = Random::new(seed, Stream::Weights { layer });
        let bound = 1.0 / sqrt(units as f64);
        each_block(&mut w_x, units, |block| match spec.init {
            Init::PytorchDefault => block.iter_mut().for_each(|w| *w = F::from_f64(bound * random.symmetric())),
            Init::XavierNormal
            | Init::XavierUniform
            | Init::HeNormal
            | Init::HeUniform
            | Init::HeFanOutNormal
            | Init::LecunNormal
            | Init::LecunUniform
            | Init::Orthogonal => Init::XavierNormal.fill(&mut random, (fan_in, units), 1.0, block),
        });
        let mut random = Random::new(seed, Stream::RecurrentWeights { layer });
        each_block(&mut w_h, units, |block| spec.init.fill(&mut random, (units, units), spec.init_gain, block));
        let b = if spec.bias { biases(spec, units, seed, layer) } else { Array1::zeros(0) };
        let dw_h = zeros(w_h.dim());
        Self {
            input: Dense::of(w_x, b),
            w_h,
            dw_h,
            w_h_exponent: 0,
            norm: (spec.layer_norm && layer > 1).then(|| LayerNorm::new(fan_in)),
            slope: [F::from_f64(spec.negative_slope)],
            dslope: [F::zero()],
            slope_exponent: 0,
        }
    }

    /// H.
    pub fn units(&self) -> usize {
        self.w_h.nrows()
    }

    /// The slope of an rnn's activation for negative arguments.
    pub fn slope(&self) -> F {
        self.slope[0]
    }

    /// Computes h of every time step (and c, and the arguments of the gates) from `below` (T B, fan_in); `p` is room
    /// for h_{t-1} W_h of one time step.
    pub(super) fn forward(
        &self,
        cell: Cell,
        below: &[F],
        at: &mut RecurrentLayerCache<F>,
        p: &mut Array2<F>,
        budget: &ThreadBudget,
    ) {
        let input = if let Some(norm) = &self.norm {
            norm.forward_rows(below, as_slice_mut(&mut at.normed), &mut at.statistics);
            as_slice(&at.normed)
        } else {
            below
        };
        self.input.forward_rows(input, as_slice_mut(&mut at.z), budget);
        let (batch, units) = (at.batch, self.units());
        let (state, all) = (batch * units, batch * self.w_h.ncols());
        let (size, w_h) = ((batch, units, self.w_h.ncols()), as_slice(&self.w_h));
        let (z, h) = (as_slice_mut(&mut at.z), as_slice_mut(&mut at.h));
        h[..state].fill(F::zero());
        let c = as_slice_mut(&mut at.c);
        c.iter_mut().take(state).for_each(|c| *c = F::zero());
        for s in 0..h.len() / state - 1 {
            // Time step t = s + 1, whose rows are number s in arrays without a state of t = 0.
            let z = &mut z[s * all..][..all];
            let (h_before, h) = before_and_now(h, s, state);
            match cell {
                Cell::Rnn(phi) => {
                    product_in_pieces(Form::Plain, size, Start::Current, budget.size(), h_before, w_h, z);
                    phi.forward(z, self.slope[0], h);
                }
                Cell::Lstm => {
                    product_in_pieces(Form::Plain, size, Start::Current, budget.size(), h_before, w_h, z);
                    let (c_before, c) = before_and_now(c, s, state);
                    let tanh_c = &mut as_slice_mut(&mut at.tanh_c)[s * state..][..state];
                    lstm::forward(lstm::Forward { units, z, c_before, c, tanh_c, h });
                }
                Cell::Gru => {
                    let p = &mut as_slice_mut(p)[..all];
                    product_in_pieces(Form::Plain, size, Start::Zero, budget.size(), h_before, w_h, p);
                    let q = &mut as_slice_mut(&mut at.q)[s * state..][..state];
                    gru::forward(gru::Forward { units, z, p, h_before, q, h });
                }
            }
        }
    }

    /// Computes dh (and dc) and dz of every time step from the part of dLoss/dh that comes from above, in `at.dh`; then
    /// the gradients of the parameters and, where it is wanted, `dbelow` (T B, fan_in) with its exponents at t = 1, ..,
    /// T. `transposed` is room for W_h^T, `p` for dz or dp of one time step.
    pub(super) fn backward(
        &mut self,
        cell: Cell,
        below: &[F],
        at: &mut RecurrentLayerCache<F>,
        mut dbelow: Option<(&mut [F], &mut [i32])>,
        (transposed, p): (&mut Array2<F>, &mut Array2<F>),
        budget: &ThreadBudget,
    ) {
        self.backward_through_time(cell, at, (transposed, p), budget);
        let (units, columns) = (self.units(), self.w_h.ncols());
        let rows = at.z.nrows();
        if let Cell::Rnn(phi) = cell
            && phi.is_trained()
        {
            self.backward_slope(phi, at);
        }
        // forward was: z = norm(below) W_x + b + ..
        if let Some((dbelow, exponents)) = &mut dbelow {
            self.input.backward_input(as_slice(&at.dz), dbelow, budget);
            exponents.copy_from_slice(&at.of_z);
        }
        // forward was: p = h_{t-1} W_h, of all time steps; h_0 is 0, so that t = 1 need not have the others' exponent
        self.w_h_exponent = at.unite_exponents(1);
        let dp = as_slice(if at.dp.is_empty() { &at.dz } else { &at.dp });
        let (h_before, dw_h) = (&as_slice(&at.h)[..rows * units], as_slice_mut(&mut self.dw_h));
        let size = (units, rows, columns);
        product_in_pieces(Form::LeftTransposed, size, Start::Current, budget.size(), h_before, dp, dw_h);
        at.exponent = at.unite_exponents(0);
        let input = if self.norm.is_some() { as_slice(&at.normed) } else { below };
        self.input.backward_weights(input, (as_slice(&at.dz), at.exponent), budget);
        let (Some(norm), Some((dbelow, exponents))) = (&mut self.norm, dbelow) else { return };
        norm.begin_backward();
        let step = below.len() / exponents.len();
        for (t, (below, dbelow)) in below.chunks_exact(step).zip(dbelow.chunks_exact_mut(step)).enumerate() {
            norm.backward_rows(below, (dbelow, exponents[t]), t * at.batch, &at.statistics);
        }
    }

    /// Computes dLoss/dslope, over all time steps.
    fn backward_slope(&mut self, phi: Activation, at: &RecurrentLayerCache<F>) {
        let exponents = &at.of_state[1..];
        let largest = exponents.iter().copied().max().unwrap_or(NOTHING);
        self.slope_exponent = largest;
        let (z, dh) = (as_slice(&at.z), &as_slice(&at.dh)[at.batch * self.units()..]);
        let step = z.len() / exponents.len();
        let sum = if exponents.iter().all(|&exponent| exponent == largest) {
            phi.slope_gradient(z, dh)
        } else {
            let of_step = |t: usize| phi.slope_gradient(&z[t * step..][..step], &dh[t * step..][..step]);
            exponents.iter().enumerate().map(|(t, &exponent)| lowered::<f64>(exponent, largest) * of_step(t)).sum()
        };
        self.dslope[0] += F::from_f64(sum);
    }

    /// Goes back through time. Every time step takes the larger of the exponents of what comes to it, from above and
    /// from the next one.
    fn backward_through_time(
        &mut self,
        cell: Cell,
        at: &mut RecurrentLayerCache<F>,
        (transposed, p): (&mut Array2<F>, &mut Array2<F>),
        budget: &ThreadBudget,
    ) {
        let (batch, units, columns) = (at.batch, self.units(), self.w_h.ncols());
        let (state, all) = (batch * units, batch * columns);
        let w_h_t = &mut as_slice_mut(transposed)[..units * columns]; // (gates H, H)
        transpose(units, columns, as_slice(&self.w_h), w_h_t);
        let (size, p) = ((batch, columns, units), &mut as_slice_mut(p)[..all]);
        let (z, h) = (as_slice(&at.z), as_slice(&at.h));
        let (dz, dh) = (as_slice_mut(&mut at.dz), as_slice_mut(&mut at.dh));
        // Nothing reads h_0 from above, and nothing reads c_T but h_T.
        dh[..state].fill(F::zero());
        at.of_state[0] = NOTHING;
        let (c, dc) = (as_slice(&at.c), as_slice_mut(&mut at.dc));
        dc.iter_mut().rev().take(state).for_each(|dc| *dc = F::zero());
        for s in (0..z.len() / all).rev() {
            let (z, dz) = (&z[s * all..][..all], &mut dz[s * all..][..all]);
            let h_before = &h[s * state..][..state];
            let (dh_before, dh) = before_and_now(dh, s, state);
            let (of_before, of_now) = at.of_state[s..].split_first_mut().expect("t = 0 has one, too");
            let (of_now, of_z) = (&mut of_now[0], &mut at.of_z[s]);
            let (dc_before, dc) = if dc.is_empty() { (&mut [][..], &mut [][..]) } else { before_and_now(dc, s, state) };
            // What comes to t - 1 from above and from here takes the larger exponent, of which 2^exponent is told.
            let mut meet = |dh_before: &mut [F], exponent: i32| {
                let larger = if all_zero(dh_before) { exponent } else { exponent.max(*of_before) };
                bring_to(dh_before, *of_before, larger);
                *of_before = larger;
                lowered::<F>(exponent, larger)
            };
            let dp = match cell {
                Cell::Rnn(phi) => {
                    // forward was: h_t = phi(z_t)
                    dz.copy_from_slice(dh);
                    *of_z = *of_now;
                    phi.backward(z, self.slope[0], (dz, of_z));
                    settle([&mut *dz], of_z);
                    meet(dh_before, *of_z);
                    dz
                }
                Cell::Lstm => {
                    settle([&mut *dh, &mut *dc], of_now);
                    let power = meet(dh_before, *of_now);
                    let (c_before, c) = (&c[s * state..][..state], &c[(s + 1) * state..][..state]);
                    let tanh_c = &as_slice(&at.tanh_c)[s * state..][..state];
                    let mut pass = |dh: &[F], dc: &mut [F], power, dc_before: &mut [F]| {
                        lstm::backward(lstm::Backward {
                            units,
                            z,
                            c_before,
                            c,
                            tanh_c,
                            dh,
                            dc,
                            power,
                            dc_before,
                            dz: &mut *dz,
                        });
                        is_faint(dz)
                    };
                    let (from_next, room) = p.split_at_mut(state);
                    from_next.copy_from_slice(dc);
                    *of_z = *of_now;
                    if pass(dh, dc, power, dc_before) {
                        // Nearly shut gates: the same again from larger numbers, whose dc_{t-1} nobody needs.
                        *of_z = of_now.saturating_sub(F::BIAS / 2);
                        bring_to(dh, *of_now, *of_z);
                        bring_to(from_next, *of_now, *of_z);
                        pass(dh, from_next, F::one(), &mut room[..state]);
                        bring_to(dh, *of_z, *of_now);
                        settle([&mut *dz], of_z);
                    }
                    dz
                }
                Cell::Gru => {
                    settle([&mut *dh], of_now);
                    let power = meet(dh_before, *of_now);
                    let q = &as_slice(&at.q)[s * state..][..state];
                    let dp = &mut as_slice_mut(&mut at.dp)[s * all..][..all];
                    let mut pass = |dh: &[F], power| {
                        let (dh_before, dz, dp) = (&mut *dh_before, &mut *dz, &mut *dp);
                        gru::backward(gru::Backward { units, z, q, h_before, dh, power, dh_before, dz, dp });
                        is_faint(dz) && is_faint(dp)
                    };
                    *of_z = *of_now;
                    if pass(dh, power) {
                        // Nearly shut gates: the same again from larger numbers, which add nothing to dh_{t-1}.
                        *of_z = of_now.saturating_sub(F::BIAS / 2);
                        bring_to(dh, *of_now, *of_z);
                        pass(dh, F::zero());
                        bring_to(dh, *of_z, *of_now);
                        settle([&mut *dz, &mut *dp], of_z);
                    }
                    dp
                }
            };
            // forward was: p = h_{t-1} W_h
            let dp = if of_z == of_before {
                &*dp
            } else {
                p.copy_from_slice(dp);
                bring_to(p, *of_z, *of_before);
                &*p
            };
            product_in_pieces(Form::Plain, size, Start::Current, budget.size(), dp, w_h_t, dh_before);
        }
        settle([&mut dh[..state], dc.get_mut(..state).unwrap_or_default()], &mut at.of_state[0]);
    }
}

/// The states of t = s and of t = s + 1, of `state` entries each.
fn before_and_now<F>(states: &mut [F], s: usize, state: usize) -> (&mut [F], &mut [F]) {
    states[s * state..][..2 * state].split_at_mut(state)
}

/// Fills every gate's block of `units` columns as a matrix of its own.
fn each_block<F: Real>(w: &mut Array2<F>, units: usize, mut fill: impl FnMut(&mut [F])) {
    let mut block = vec![F::zero(); w.nrows() * units]; // (fan_in, H)
    for first in (0..w.ncols()).step_by(units) {
        fill(&mut block);
        for (row, block) in w.rows_mut().into_iter().zip(block.chunks_exact(units)) {
            row.into_iter().skip(first).zip(block).for_each(|(w, &drawn)| *w = drawn);
        }
    }
}

/// b (gates H) at initialisation.
fn biases<F: Real>(spec: &ModelSpec, units: usize, seed: u64, layer: usize) -> Array1<F> {
    let mut random = Random::new(seed, Stream::Biases { layer });
    let bound = 1.0 / sqrt(units as f64);
    // What is added to the biases of each gate, in their order.
    let (none, lstm, gru) = ([0.0], [0.0, spec.forget_bias, 0.0, 0.0], [0.0, spec.update_bias, 0.0]);
    let added: &[f64] = match spec.kind {
        ModelKind::Mlp | ModelKind::Rnn => &none,
        ModelKind::Lstm => &lstm,
        ModelKind::Gru => &gru,
    };
    let mut draw = || {
        if spec.init == Init::PytorchDefault { bound * random.symmetric() } else { spec.bias_std * random.normal() }
    };
    let drawn =
        added.iter().flat_map(|&added| std::iter::repeat_n(added, units)).map(|added| F::from_f64(added + draw()));
    drawn.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::RunSpec;

    const UNITS: usize = 64;

    fn layer(kind: ModelKind, init: Init) -> RecurrentLayer<f64> {
        let mut spec = RunSpec::default().model;
        (spec.kind, spec.init, spec.init_gain) = (kind, init, 0.5);
        (spec.forget_bias, spec.update_bias) = (1.0, 2.0);
        RecurrentLayer::new(&spec, (32, UNITS), 3, 1)
    }

    fn std<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
        let (n, squares) = values.into_iter().fold((0.0, 0.0), |(n, sum), w| (n + 1.0, sum + w * w));
        f64::sqrt(squares / n)
    }

    #[test]
    fn every_gate_has_a_matrix_of_its_own_from_the_init_and_xavier_for_its_inputs() {
        for kind in [ModelKind::Rnn, ModelKind::Lstm, ModelKind::Gru] {
            let layer = layer(kind, Init::Orthogonal);
            let blocks: Vec<Array2<f64>> = layer
                .w_h
                .columns()
                .into_iter()
                .collect::<Vec<_>>()
                .chunks(UNITS)
                .map(|block| Array2::from_shape_fn((UNITS, UNITS), |(i, j)| block[j][i]))
                .collect();
            assert_eq!(blocks.len(), kind.gates().len().max(1));
            for (gate, block) in blocks.iter().enumerate() {
                let gram = block.t().dot(block);
                assert!(gram.indexed_iter().all(|((i, j), g)| (g - if i == j { 0.25 } else { 0.0 }).abs() < 1e-13));
                assert!(!blocks[..gate].contains(block));
                let inputs = layer.input.w.columns().into_iter().skip(gate * UNITS).take(UNITS);
                let got = std(inputs.flatten());
                // Four standard errors of 2,048 normal numbers.
                assert!((got / f64::sqrt(2.0 / 96.0) - 1.0).abs() < 4.0 / f64::sqrt(4096.0), "{got}");
            }
        }
    }

    #[test]
    fn pytorchs_default_is_uniform_within_1_over_the_root_of_the_units_and_spares_the_inputs_the_gain() {
        let layer = layer(ModelKind::Gru, Init::PytorchDefault);
        let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |m: f64, w| m.max(w.abs()));
        let bound = 0.125;
        let w_x = largest(&mut layer.input.w.iter().copied());
        assert!(w_x < bound && w_x > 0.99 * bound);
        let w_h = largest(&mut layer.w_h.iter().copied());
        assert!(w_h < 0.5 * bound && w_h > 0.495 * bound);
        let b = largest(&mut layer.input.b.iter().copied().take(UNITS));
        assert!(b < bound && b > 0.9 * bound);
    }

    #[test]
    fn the_forget_and_update_biases_go_to_their_gates_alone() {
        let b = |kind| layer(kind, Init::HeNormal).input.b.to_vec();
        let gate = |b: &[f64], gate: usize| b[gate * UNITS..][..UNITS].to_vec();
        let (lstm, gru) = (b(ModelKind::Lstm), b(ModelKind::Gru));
        for (got, want) in (0..4).map(|g| (gate(&lstm, g), [0.0, 1.0, 0.0, 0.0][g])) {
            assert_eq!(got, [want; UNITS]);
        }
        for (got, want) in (0..3).map(|g| (gate(&gru, g), [0.0, 2.0, 0.0][g])) {
            assert_eq!(got, [want; UNITS]);
        }
        assert_eq!(b(ModelKind::Rnn), [0.0; UNITS]);
    }
}
