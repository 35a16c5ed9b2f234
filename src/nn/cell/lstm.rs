//! Long short-term memory:
//!
//! (z_i, z_f, z_g, z_o) = x_t W_x + h_{t-1} W_h + b, four blocks of H columns: the input, forget, cell and output gate
//! i = sigmoid(z_i), f = sigmoid(z_f), g = tanh(z_g), o = sigmoid(z_o)
//! c_t = f c_{t-1} + i g
//! h_t = o tanh(c_t)
//!
//! Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000 and without peepholes, as `torch.nn.LSTM`.
//! Here z is (B, 4 H), everything else (B, H).

use super::strip::{each_strip, gates, part, part_mut, set_gates};
use crate::kernels::{Pass, Real, Tier, sigmoid, tanh};
use crate::nn::Activation::{Sigmoid, Tanh};

/// c_t, tanh(c_t) and h_t of one unit.
#[inline(always)]
fn forward_unit<F: Real>([z_i, z_f, z_g, z_o]: [F; 4], c_before: F) -> [F; 3] {
    let (i, f, g, o) = (sigmoid(z_i), sigmoid(z_f), tanh(z_g), sigmoid(z_o));
    let c = (f * c_before + i * g).flush();
    let tanh_c = tanh(c);
    [c, tanh_c, (o * tanh_c).flush()]
}

/// What the backward of one unit starts from.
#[derive(Clone, Copy)]
struct Unit<F> {
    z: [F; 4],
    c_before: F,
    c: F,
    tanh_c: F,
    /// dLoss/dh_t, all of it.
    dh: F,
    /// The part of dLoss/dc_t that comes from the next time step.
    dc: F,
}

/// dz of the four gates, all of dc_t, and dc_{t-1} from this time step, of one unit.
#[inline(always)]
fn backward_unit<F: Real>(Unit { z: [z_i, z_f, z_g, z_o], c_before, c, tanh_c, dh, dc }: Unit<F>) -> ([F; 4], F, F) {
    let zero = F::zero(); // neither function has a slope
    let (i, f, g, o) = (sigmoid(z_i), sigmoid(z_f), tanh(z_g), sigmoid(z_o));
    // forward was: h_t = o tanh(c_t)
    let d_o = dh * tanh_c;
    let dc = dc                            // 1: through c_{t+1}
        + dh * o * Tanh.df(c, zero); // 2: through h_t
    // forward was: c_t = f c_{t-1} + i g
    let (d_i, d_f, d_g) = (dc * g, dc * c_before, dc * i);
    // forward was: i = sigmoid(z_i), ..
    let dz = [
        d_i * Sigmoid.df(z_i, zero),
        d_f * Sigmoid.df(z_f, zero),
        d_g * Tanh.df(z_g, zero),
        d_o * Sigmoid.df(z_o, zero),
    ];
    (dz.map(F::flush), dc, (dc * f).flush())
}

/// One time step's way forward.
pub(in super::super) struct Forward<'a, F> {
    pub(in super::super) units: usize,
    pub(in super::super) z: &'a [F],
    pub(in super::super) c_before: &'a [F],
    pub(in super::super) c: &'a mut [F],
    pub(in super::super) tanh_c: &'a mut [F],
    pub(in super::super) h: &'a mut [F],
}

/// Fills c_t, tanh(c_t) and h_t.
pub(in super::super) fn forward<F: Real>(step: Forward<'_, F>) {
    Tier::current().run(step);
}

impl<F: Real> Pass for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        each_strip!(self, self.h.len() / self.units);
    }
}

impl<F: Real> Forward<'_, F> {
    #[inline(always)]
    fn strip<const N: usize>(&mut self, place: (usize, usize, usize)) {
        let at = place.0 * place.1 + place.2;
        let [z_i, z_f, z_g, z_o] = gates::<F, N, 4>(self.z, place);
        let c_before = part::<F, N>(self.c_before, at);
        let (mut c, mut tanh_c, mut h) = ([F::zero(); N], [F::zero(); N], [F::zero(); N]);
        for j in 0..N {
            [c[j], tanh_c[j], h[j]] = forward_unit([z_i[j], z_f[j], z_g[j], z_o[j]], c_before[j]);
        }
        *part_mut(self.c, at) = c;
        *part_mut(self.tanh_c, at) = tanh_c;
        *part_mut(self.h, at) = h;
    }
}

/// One time step's way back.
pub(in super::super) struct Backward<'a, F> {
    pub(in super::super) units: usize,
    pub(in super::super) z: &'a [F],
    pub(in super::super) c_before: &'a [F],
    pub(in super::super) c: &'a [F],
    pub(in super::super) tanh_c: &'a [F],
    /// dLoss/dh_t, all of it.
    pub(in super::super) dh: &'a [F],
    /// dLoss/dc_t: the part from the next time step before, all of it after.
    pub(in super::super) dc: &'a mut [F],
    /// 2^exponent of this time step, as the one before counts.
    pub(in super::super) power: F,
    pub(in super::super) dc_before: &'a mut [F],
    pub(in super::super) dz: &'a mut [F],
}

/// Fills dz, adds to dc_t what comes through h_t, and assigns dc_{t-1} what comes through c_t.
pub(in super::super) fn backward<F: Real>(step: Backward<'_, F>) {
    Tier::current().run(step);
}

impl<F: Real> Pass for Backward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        each_strip!(self, self.dh.len() / self.units);
    }
}

impl<F: Real> Backward<'_, F> {
    #[inline(always)]
    fn strip<const N: usize>(&mut self, place: (usize, usize, usize)) {
        let at = place.0 * place.1 + place.2;
        let z = gates::<F, N, 4>(self.z, place);
        let (c_before, c) = (part::<F, N>(self.c_before, at), part::<F, N>(self.c, at));
        let (tanh_c, dh) = (part::<F, N>(self.tanh_c, at), part::<F, N>(self.dh, at));
        let power = self.power;
        let (mut dc, mut dc_before, mut dz) = (part::<F, N>(self.dc, at), [F::zero(); N], [[F::zero(); N]; 4]);
        for j in 0..N {
            let z = [z[0][j], z[1][j], z[2][j], z[3][j]];
            let unit = Unit { z, c_before: c_before[j], c: c[j], tanh_c: tanh_c[j], dh: dh[j], dc: dc[j] };
            ([dz[0][j], dz[1][j], dz[2][j], dz[3][j]], dc[j], dc_before[j]) = backward_unit(unit);
            dc_before[j] = power * dc_before[j];
        }
        set_gates(self.dz, place, dz);
        *part_mut(self.dc, at) = dc;
        *part_mut(self.dc_before, at) = dc_before;
    }
}

#[cfg(test)]
mod tests {
    use super::super::strip::tests::numbers;
    use super::*;

    fn loops_equal_the_scalars<F: Real>() {
        for units in 1..=40 {
            let rows = 3;
            let state = |seed| numbers::<F>(rows * units, seed);
            let (z, c_before, dh, from_next) = (numbers::<F>(4 * rows * units, 1), state(2), state(3), state(4));
            for tier in Tier::available() {
                let (mut c, mut tanh_c, mut h) = (state(5), state(6), state(7));
                tier.run(Forward { units, z: &z, c_before: &c_before, c: &mut c, tanh_c: &mut tanh_c, h: &mut h });
                let (mut dc, mut dc_before, mut dz) = (from_next.clone(), state(8), z.clone());
                tier.run(Backward {
                    units,
                    z: &z,
                    c_before: &c_before,
                    c: &c,
                    tanh_c: &tanh_c,
                    dh: &dh,
                    dc: &mut dc,
                    power: F::one(),
                    dc_before: &mut dc_before,
                    dz: &mut dz,
                });
                for at in 0..rows * units {
                    let gate = |gate| (at / units * 4 + gate) * units + at % units;
                    let of_z = [0, 1, 2, 3].map(|g| z[gate(g)]);
                    assert_eq!([c[at], tanh_c[at], h[at]], forward_unit(of_z, c_before[at]), "{tier:?}, {units}");
                    let (c_before, c, tanh_c, dh, from_next) = (c_before[at], c[at], tanh_c[at], dh[at], from_next[at]);
                    let want = backward_unit(Unit { z: of_z, c_before, c, tanh_c, dh, dc: from_next });
                    let got = ([0, 1, 2, 3].map(|g| dz[gate(g)]), dc[at], dc_before[at]);
                    assert_eq!(got, want, "{tier:?}, {units}");
                }
            }
        }
    }

    #[test]
    fn loops_of_every_length_and_tier_give_what_the_scalars_give() {
        loops_equal_the_scalars::<f32>();
        loops_equal_the_scalars::<f64>();
    }

    #[test]
    fn no_gradient_of_a_saturated_gate_is_falsely_zero() {
        for z in [-60.0_f32, 60.0] {
            let unit = Unit { z: [z; 4], c_before: 1.0, c: 30.0, tanh_c: 1.0, dh: 1.0, dc: 1.0 };
            let (dz, dc, _) = backward_unit(Unit { z: [60.0, 60.0, 30.0, z], ..unit });
            assert!(dz.iter().all(|dz| *dz > 0.0 && *dz < 1e-20), "{dz:?}");
            assert!(dc >= 1.0);
        }
    }
}
