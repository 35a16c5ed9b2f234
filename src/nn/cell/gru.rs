//! The gated recurrent unit:
//!
//! (z_r, z_u, a) = x_t W_x + b, (p_r, p_u, q) = h_{t-1} W_h, three blocks of H columns: the reset gate, the update
//! gate, the new state
//! r = sigmoid(z_r + p_r), u = sigmoid(z_u + p_u), n = tanh(a + r q)
//! h_t = (1 - u) n + u h_{t-1}
//!
//! Cho et al. 2014 in the form of version 3, whose reset acts on the product h W_h instead of on h, as `torch.nn.GRU`:
//! u (z there, which is an argument here) is the weight of the OLD state, so that a larger bias remembers longer. In
//! PyTorch q has a bias of its own, which is 0 here. 1 - u is sigmoid(-(z_u + p_u)).
//! Here z, p and their gradients are (B, 3 H), everything else (B, H).

use super::strip::{each_strip, gates, part, part_mut, set_gates};
use crate::kernels::{Pass, Real, Tier, sigmoid, tanh};
use crate::nn::Activation::{Sigmoid, Tanh};

/// The gates' arguments and h_t of one unit.
#[inline(always)]
fn forward_unit<F: Real>([z_r, z_u, a]: [F; 3], [p_r, p_u, q]: [F; 3], h_before: F) -> ([F; 3], F) {
    let (z_r, z_u) = (z_r + p_r, z_u + p_u);
    let z_n = a + sigmoid(z_r) * q;
    ([z_r, z_u, z_n], (sigmoid(-z_u) * tanh(z_n) + sigmoid(z_u) * h_before).flush())
}

/// What the backward of one unit starts from.
#[derive(Clone, Copy)]
struct Unit<F> {
    /// The gates' arguments.
    z: [F; 3],
    q: F,
    h_before: F,
    /// dLoss/dh_t, all of it.
    dh: F,
}

/// dz of the three gates, dp, and the part of dh_{t-1} that does not come through p, of one unit.
#[inline(always)]
fn backward_unit<F: Real>(Unit { z: [z_r, z_u, z_n], q, h_before, dh }: Unit<F>) -> ([F; 3], [F; 3], F) {
    let zero = F::zero(); // neither function has a slope
    let (r, n) = (sigmoid(z_r), tanh(z_n));
    // forward was: h_t = (1 - u) n + u h_{t-1}
    let dn = dh * sigmoid(-z_u);
    let du = dh * (h_before - n);
    let dh_before = dh * sigmoid(z_u);
    // forward was: n = tanh(z_n), z_n = a + r q
    let dz_n = dn * Tanh.df(z_n, zero);
    let (dr, dq) = (dz_n * q, dz_n * r);
    // forward was: r = sigmoid(z_r), u = sigmoid(z_u)
    let (dz_r, dz_u) = (dr * Sigmoid.df(z_r, zero), du * Sigmoid.df(z_u, zero));
    ([dz_r, dz_u, dz_n].map(F::flush), [dz_r, dz_u, dq].map(F::flush), dh_before.flush())
}

/// One time step's way forward.
pub(in super::super) struct Forward<'a, F> {
    pub(in super::super) units: usize,
    /// x_t W_x + b before, the gates' arguments after.
    pub(in super::super) z: &'a mut [F],
    /// h_{t-1} W_h.
    pub(in super::super) p: &'a [F],
    pub(in super::super) h_before: &'a [F],
    pub(in super::super) q: &'a mut [F],
    pub(in super::super) h: &'a mut [F],
}

/// Completes z, and fills q and h_t.
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
        let (mut z, p) = (gates::<F, N, 3>(self.z, place), gates::<F, N, 3>(self.p, place));
        let (h_before, mut h) = (part::<F, N>(self.h_before, at), [F::zero(); N]);
        for j in 0..N {
            let (z_j, p_j) = ([z[0][j], z[1][j], z[2][j]], [p[0][j], p[1][j], p[2][j]]);
            ([z[0][j], z[1][j], z[2][j]], h[j]) = forward_unit(z_j, p_j, h_before[j]);
        }
        set_gates(self.z, place, z);
        *part_mut(self.q, at) = p[2];
        *part_mut(self.h, at) = h;
    }
}

/// One time step's way back.
pub(in super::super) struct Backward<'a, F> {
    pub(in super::super) units: usize,
    /// The gates' arguments.
    pub(in super::super) z: &'a [F],
    pub(in super::super) q: &'a [F],
    pub(in super::super) h_before: &'a [F],
    /// dLoss/dh_t, all of it.
    pub(in super::super) dh: &'a [F],
    /// 2^exponent of this time step, as the one before counts.
    pub(in super::super) power: F,
    /// The part of dLoss/dh_{t-1} that does not come through p is added.
    pub(in super::super) dh_before: &'a mut [F],
    pub(in super::super) dz: &'a mut [F],
    pub(in super::super) dp: &'a mut [F],
}

/// Fills dz and dp, and adds to dh_{t-1} what comes from h_t directly.
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
        let z = gates::<F, N, 3>(self.z, place);
        let (q, h_before, dh) = (part::<F, N>(self.q, at), part::<F, N>(self.h_before, at), part::<F, N>(self.dh, at));
        let power = self.power;
        let mut dh_before = part::<F, N>(self.dh_before, at);
        let (mut dz, mut dp) = ([[F::zero(); N]; 3], [[F::zero(); N]; 3]);
        for j in 0..N {
            let unit = Unit { z: [z[0][j], z[1][j], z[2][j]], q: q[j], h_before: h_before[j], dh: dh[j] };
            let direct;
            ([dz[0][j], dz[1][j], dz[2][j]], [dp[0][j], dp[1][j], dp[2][j]], direct) = backward_unit(unit);
            dh_before[j] += power * direct;
        }
        set_gates(self.dz, place, dz);
        set_gates(self.dp, place, dp);
        *part_mut(self.dh_before, at) = dh_before;
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
            let gates = |seed| numbers::<F>(3 * rows * units, seed);
            let (a, p, h_before, dh, from_above) = (gates(1), gates(2), state(3), state(4), state(5));
            for tier in Tier::available() {
                let (mut z, mut q, mut h) = (a.clone(), state(6), state(7));
                tier.run(Forward { units, z: &mut z, p: &p, h_before: &h_before, q: &mut q, h: &mut h });
                let (mut dh_before, mut dz, mut dp) = (from_above.clone(), gates(8), gates(9));
                tier.run(Backward {
                    units,
                    z: &z,
                    q: &q,
                    h_before: &h_before,
                    dh: &dh,
                    power: F::one(),
                    dh_before: &mut dh_before,
                    dz: &mut dz,
                    dp: &mut dp,
                });
                for at in 0..rows * units {
                    let gates_of = |x: &[F]| [0, 1, 2].map(|gate| x[(at / units * 3 + gate) * units + at % units]);
                    let (of_z, of_p) = (gates_of(&z), gates_of(&p));
                    assert_eq!((of_z, h[at]), forward_unit(gates_of(&a), of_p, h_before[at]), "{tier:?}, {units}");
                    assert_eq!(q[at], of_p[2]);
                    let unit = Unit { z: of_z, q: q[at], h_before: h_before[at], dh: dh[at] };
                    let (of_dz, of_dp, direct) = backward_unit(unit);
                    let want = (of_dz, of_dp, from_above[at] + direct);
                    assert_eq!((gates_of(&dz), gates_of(&dp), dh_before[at]), want, "{tier:?}, {units}");
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
    fn an_update_gate_that_is_all_but_open_lets_a_small_part_of_the_new_state_through() {
        let unit = Unit { z: [0.0, 40.0_f32, 0.5], q: 1.0, h_before: 1.0, dh: 1.0 };
        let (dz, ..) = backward_unit(unit);
        // 1 - u = e^-40, which 1 - sigmoid(40) in f32 is not.
        let want = libm::exp(-40.0) * (1.0 - libm::tanh(0.5) * libm::tanh(0.5));
        assert!((f64::from(dz[2]) / want - 1.0).abs() < 1e-5);
        assert!(dz.iter().all(|dz| *dz > 0.0));
    }
}
