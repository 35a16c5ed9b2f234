//! The recurrence: h_t = cell(z_t, h_{t-1}), h_0 = 0 (and c_0 = 0), of the cells in [`crate::nn::Cell`]. What it reads is
//! z_t = x_t W_x + b, which it completes by h_{t-1} W_h; its dLoss/dz_t is that of the whole z_t.
//!
//! Gradients go back through all T time steps. dLoss/dh_t and dLoss/dc_t are total: all ways on which h_t reaches the loss,
//! of this and of later time steps, this layer and those above.
//!
//! Whatever has no time in it is one product over all T B rows; what has is one product of all gates per time step.

use super::activation::{add_slope_gradient, slope_form, slope_param};
use super::dense::{Draw, add_transposed_product, unite};
use super::{
    Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Role, Saved, Shared, States, Units, Way, Work,
    made_in_both_precisions, split,
};
use crate::kernels::{
    Form as Product, NOTHING, Real, Start, all_zero, bring_to, bring_to_sum, is_faint, lowered, product_in_pieces,
    settle, transpose,
};
use crate::nn::cell::{gru, lstm};
use crate::nn::rows::{as_slice, as_slice_mut};
use crate::nn::{BatchShape, Cell, Errors, Extent, Rows, zeros};
use crate::seed::{Random, Stream};

/// A recurrence of so many units.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Recurrence {
    pub(in super::super) cell: Cell,
    /// H.
    pub(in super::super) units: usize,
    /// How each gate's block of W_h starts.
    pub(in super::super) weights: Draw,
    /// Whether PyTorch's module has a second bias.
    pub(in super::super) has_bias: bool,
    /// The slope of an rnn's activation for negative arguments, or where it starts.
    pub(in super::super) slope: f64,
}

/// The arrays that the ways forward and back leave, by their places among those saved.
mod at {
    pub(super) const C: usize = 0;
    pub(super) const DC: usize = 2;
    pub(super) const Q: usize = 0;
    pub(super) const DP: usize = 1;
}

impl Recurrence {
    fn columns(&self) -> usize {
        self.cell.blocks() * self.units
    }

    fn make<F: Real>(&self, OpPlace { seed, site }: OpPlace) -> RecurrenceOp<F> {
        let mut w_h = zeros((self.units, self.columns()));
        self.weights.fill(&mut w_h, self.units, &mut Random::new(seed, Stream::RecurrentWeights { layer: site }));
        let mut params = Vec::with_capacity(3);
        params.push(Param::new(Role::Weight, w_h));
        if self.has_bias {
            params.push(Param::constant(Role::Zeros, self.columns(), 0.0));
        }
        if let Cell::Rnn(phi) = self.cell {
            params.push(slope_param(phi, self.slope));
        }
        RecurrenceOp { cell: self.cell, params }
    }
}

impl OpForm for Recurrence {
    fn formula(&self) -> &'static str {
        "h_t = cell(x_t W_x + b + h_{t-1} W_h, h_{t-1})"
    }

    fn writes(&self, read: Extent) -> Extent {
        Extent { has_start: true, units: self.units, ..read }
    }

    fn params(&self) -> Vec<ParamForm> {
        let of = |role, name, rows| ParamForm { role, name, shape: (rows, self.columns()) };
        let mut params = vec![of(Role::Weight, "weight_hh", self.units)];
        if self.has_bias {
            params.push(of(Role::Zeros, "bias_hh", 1));
        }
        if let Cell::Rnn(phi) = self.cell {
            params.extend(slope_form(phi));
        }
        params
    }

    fn flow(&self) -> Flow {
        Flow::Spends
    }

    fn gain(&self) -> Option<GainOf> {
        None
    }

    fn reads_its_output(&self) -> bool {
        true
    }

    fn saved(&self, _read: Extent, batch: BatchShape) -> Vec<(usize, usize)> {
        let (rows, with_start) = (batch.rows(), batch.rows().saturating_add(batch.examples));
        match self.cell {
            Cell::Rnn(_) => vec![],
            Cell::Lstm => vec![(with_start, self.units), (rows, self.units), (with_start, self.units)],
            Cell::Gru => vec![(rows, self.units), (rows, self.columns())],
        }
    }

    fn scratch(&self, batch: BatchShape) -> Vec<(usize, usize)> {
        vec![(batch.examples, self.columns()), (self.columns(), self.units)]
    }

    fn work(&self, _read: Extent) -> Work {
        let columns = self.columns() as f64;
        // Every gate is computed in the forward and again in the backward, and an lstm has one more tanh.
        let passes = match self.cell {
            Cell::Rnn(phi) => phi.passes(),
            Cell::Lstm | Cell::Gru => 14.0,
        };
        Work { products: self.units as f64 * columns, passes, units: columns }
    }

    fn room_to_draw(&self) -> f64 {
        self.weights.room(self.units, self.units, self.cell.blocks())
    }

    fn cell(&self) -> Option<Cell> {
        Some(self.cell)
    }

    made_in_both_precisions!();
}

/// W_h (H, gates H), PyTorch's second bias, and the slope of an rnn's activation.
#[derive(Debug)]
struct RecurrenceOp<F> {
    cell: Cell,
    params: Vec<Param<F>>,
}

impl<F: Real> RecurrenceOp<F> {
    fn w_h(&self) -> &Param<F> {
        &self.params[0]
    }

    /// The slope of an rnn's activation for negative arguments; of other cells of no meaning.
    fn slope(&self) -> F {
        self.params[self.params.len() - 1].slice()[0]
    }

    /// H, and the columns of W_h.
    fn sizes(&self) -> (usize, usize) {
        self.w_h().value.dim()
    }
}

impl<F: Real> Op<F> for RecurrenceOp<F> {
    fn forward(&mut self, x: &mut Rows<F>, y: &mut Rows<F>, saved: &mut Saved<F>, shared: &mut Shared<'_, F>) {
        let ((units, columns), batch, pieces) = (self.sizes(), shared.batch.examples, shared.budget.size());
        let (state, all) = (batch * units, batch * columns);
        let (size, w_h) = ((batch, units, columns), self.w_h().slice());
        let (z, h) = (x.slice_mut(), y.with_start_mut());
        h[..state].fill(F::zero());
        if let Cell::Lstm = self.cell {
            as_slice_mut(&mut saved[at::C])[..state].fill(F::zero());
        }
        for s in 0..h.len() / state - 1 {
            // Time step t = s + 1, whose rows are number s in arrays without a state of t = 0.
            let z = &mut z[s * all..][..all];
            let (h_before, h) = before_and_now(h, s, state);
            match self.cell {
                Cell::Rnn(phi) => {
                    product_in_pieces(Product::Plain, size, Start::Current, pieces, h_before, w_h, z);
                    phi.forward(z, self.slope(), h);
                }
                Cell::Lstm => {
                    product_in_pieces(Product::Plain, size, Start::Current, pieces, h_before, w_h, z);
                    let [c, tanh_c, _] = &mut saved[..] else { unreachable!("an lstm saves three arrays") };
                    let (c_before, c) = before_and_now(as_slice_mut(c), s, state);
                    let tanh_c = &mut as_slice_mut(tanh_c)[s * state..][..state];
                    lstm::forward(lstm::Forward { units, z, c_before, c, tanh_c, h });
                }
                Cell::Gru => {
                    let p = &mut as_slice_mut(&mut shared.scratch[0])[..all];
                    product_in_pieces(Product::Plain, size, Start::Zero, pieces, h_before, w_h, p);
                    let q = &mut as_slice_mut(&mut saved[at::Q])[s * state..][..state];
                    gru::forward(gru::Forward { units, z, p, h_before, q, h });
                }
            }
        }
    }

    fn backward(&mut self, way: Way<'_, F>, saved: &mut Saved<F>, gradients: &mut [F], shared: &mut Shared<'_, F>) {
        let Way { x, y, dy, dx } = way;
        let dx = dx.expect("a recurrence reads what has a gradient");
        self.backward_through_time((x.slice(), y.with_start()), dy, dx, saved, shared);
        if let Cell::Rnn(phi) = self.cell
            && phi.is_trained()
        {
            let [_, gradient] = split(gradients, [self.w_h().value.len(), 1]);
            let slope = self.params.last_mut().expect("an rnn has a slope");
            add_slope_gradient(phi, x.slice(), dy, &mut gradient[0], slope);
        }
    }

    fn finish(&mut self, way: Way<'_, F>, saved: &mut Saved<F>, gradients: &mut [F], shared: &mut Shared<'_, F>) {
        // forward was: p = h_{t-1} W_h, of all time steps; h_0 is 0, so that t = 1 need not have the others' exponent
        let dx = way.dx.expect("a recurrence reads what has a gradient");
        let (units, columns) = self.sizes();
        let h = way.y.with_start();
        let h_before = &h[..h.len() - shared.batch.examples * units];
        let of_z = dx.steps().1;
        if let Cell::Gru = self.cell {
            let largest = of_z[1..].iter().copied().max().unwrap_or(NOTHING);
            let dp = as_slice_mut(&mut saved[at::DP]);
            let step = dp.len() / of_z.len();
            let steps = dp.chunks_exact_mut(step).zip(of_z).skip(1);
            steps.for_each(|(step, &of_step)| bring_to_sum(step, of_step, largest));
        }
        let exponent = unite(dx, 1);
        let dp = if let Cell::Gru = self.cell { as_slice(&saved[at::DP]) } else { dx.steps().0 };
        let [dw_h] = split(gradients, [units * columns]);
        add_transposed_product(h_before, dp, dw_h, (units, columns), shared.budget);
        self.params[0].exponent = exponent;
    }

    fn params(&self) -> &[Param<F>] {
        &self.params
    }

    fn params_mut(&mut self) -> &mut [Param<F>] {
        &mut self.params
    }

    fn units<'a>(&'a self, x: &'a Rows<F>, y: &'a Rows<F>) -> Option<Units<'a, F>> {
        let phi = match self.cell {
            Cell::Rnn(phi) => Some((phi, self.slope(), x.slice())),
            Cell::Lstm | Cell::Gru => None,
        };
        Some(Units { h: y.slice(), phi })
    }

    fn states<'a>(
        &'a self,
        x: &'a Rows<F>,
        y: &'a Rows<F>,
        dy: &'a Errors<F>,
        saved: &'a Saved<F>,
    ) -> Option<States<'a, F>> {
        let units = self.sizes().0;
        let h = y.with_start();
        let (dh, exponents) = dy.with_start();
        let of_lstm = |array: usize| if let Cell::Lstm = self.cell { as_slice(&saved[array]) } else { &[] };
        Some(States {
            cell: self.cell,
            examples: h.len() / units / exponents.len(),
            units,
            slope: self.slope(),
            w_h: self.w_h().slice(),
            dw_h: &[],
            z: x.slice(),
            h,
            c: of_lstm(at::C),
            dh,
            dc: of_lstm(at::DC),
            exponents,
        })
    }
}

impl<F: Real> RecurrenceOp<F> {
    /// Goes back through time. Every time step takes the larger of the exponents of what comes to it, from above and
    /// from the next one.
    fn backward_through_time(
        &mut self,
        (z, h): (&[F], &[F]),
        dy: &mut Errors<F>,
        dx: &mut Errors<F>,
        saved: &mut Saved<F>,
        shared: &mut Shared<'_, F>,
    ) {
        let ((units, columns), batch) = (self.sizes(), shared.batch.examples);
        let (state, all) = (batch * units, batch * columns);
        let [p, transposed, ..] = &mut *shared.scratch else { unreachable!("a recurrence asks for two arrays") };
        let w_h_t = &mut as_slice_mut(transposed)[..units * columns]; // (gates H, H)
        transpose(units, columns, self.w_h().slice(), w_h_t);
        let (size, p) = ((batch, columns, units), &mut as_slice_mut(p)[..all]);
        let ((dh, of_state), (dz, of_z)) = (dy.with_start_mut(), dx.steps_mut());
        // Nothing reads h_0 from above, and nothing reads c_T but h_T.
        dh[..state].fill(F::zero());
        of_state[0] = NOTHING;
        if let Cell::Lstm = self.cell {
            as_slice_mut(&mut saved[at::DC]).iter_mut().rev().take(state).for_each(|dc| *dc = F::zero());
        }
        for s in (0..z.len() / all).rev() {
            let (z, dz) = (&z[s * all..][..all], &mut dz[s * all..][..all]);
            let h_before = &h[s * state..][..state];
            let (dh_before, dh) = before_and_now(dh, s, state);
            let (of_before, of_now) = of_state[s..].split_first_mut().expect("t = 0 has one, too");
            let (of_now, of_z) = (&mut of_now[0], &mut of_z[s]);
            // What comes to t - 1 from above and from here takes the larger exponent, of which 2^exponent is told.
            let mut meet = |dh_before: &mut [F], exponent: i32| {
                let larger = if all_zero(dh_before) { exponent } else { exponent.max(*of_before) };
                bring_to(dh_before, *of_before, larger);
                *of_before = larger;
                lowered::<F>(exponent, larger)
            };
            let dp: &[F] = match self.cell {
                Cell::Rnn(phi) => {
                    // forward was: h_t = phi(z_t)
                    dz.copy_from_slice(dh);
                    *of_z = *of_now;
                    phi.backward(z, self.params[self.params.len() - 1].slice()[0], (dz, of_z));
                    settle([&mut *dz], of_z);
                    meet(dh_before, *of_z);
                    dz
                }
                Cell::Lstm => {
                    let [c, tanh_c, dc] = &mut saved[..] else { unreachable!("an lstm saves three arrays") };
                    let (dc_before, dc) = before_and_now(as_slice_mut(dc), s, state);
                    settle([&mut *dh, &mut *dc], of_now);
                    let power = meet(dh_before, *of_now);
                    let c = as_slice(c);
                    let (c_before, c) = (&c[s * state..][..state], &c[(s + 1) * state..][..state]);
                    let tanh_c = &as_slice(tanh_c)[s * state..][..state];
                    let mut pass = |dh: &[F], dc: &mut [F], power, dc_before: &mut [F]| {
                        let dz = &mut *dz;
                        lstm::backward(lstm::Backward { units, z, c_before, c, tanh_c, dh, dc, power, dc_before, dz });
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
                    let [q, dp] = &mut saved[..] else { unreachable!("a gru saves two arrays") };
                    settle([&mut *dh], of_now);
                    let power = meet(dh_before, *of_now);
                    let q = &as_slice(q)[s * state..][..state];
                    let dp = &mut as_slice_mut(dp)[s * all..][..all];
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
                dp
            } else {
                p.copy_from_slice(dp);
                bring_to(p, *of_z, *of_before);
                &*p
            };
            let pieces = shared.budget.size();
            product_in_pieces(Product::Plain, size, Start::Current, pieces, dp, w_h_t, dh_before);
        }
        let dc = match self.cell {
            Cell::Lstm => as_slice_mut(&mut saved[at::DC]),
            Cell::Rnn(_) | Cell::Gru => &mut [],
        };
        settle([&mut dh[..state], dc.get_mut(..state).unwrap_or_default()], &mut of_state[0]);
    }
}

/// The states of t = s and of t = s + 1, of `state` entries each.
fn before_and_now<F>(states: &mut [F], s: usize, state: usize) -> (&mut [F], &mut [F]) {
    states[s * state..][..2 * state].split_at_mut(state)
}
