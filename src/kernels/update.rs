//! The pass of an update: parameters and what a rule remembers of them change, and their gradients are forgotten. Where
//! the update is measured, the same pass sums the squares, as each array is too large to be read twice from a near cache.

use super::Real;
use super::reduce::{LANES, add_pair_terms, add_square, add_terms, difference_norm, fold, norm, norm_of_squares};
use super::scaled::two_powers;
use super::tier::{Pass, Tier};

/// What an update does to one parameter, of which it remembers `M` numbers.
pub trait UpdateRule<F, const M: usize> {
    /// The parameter w with gradient g and what is remembered of it, after the update. Must be `#[inline(always)]`.
    fn at(&self, w: F, g: F, memory: [F; M]) -> (F, [F; M]);
}

/// How large parameters were, and how much an update changed them: Euclidean norms, the differences taken in f64.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightChange {
    /// The norm of the parameters before the update.
    pub before: f64,
    /// The norm of the parameters after the update less those before.
    pub update: f64,
}

struct Update<'a, F, R, const M: usize> {
    rule: R,
    w: &'a mut [F],
    g: &'a mut [F],
    /// 2^exponent of the gradients, as two factors.
    power: (F, F),
    memory: [&'a mut [F]; M],
}

impl<F: Real, R: UpdateRule<F, M>, const M: usize> Pass for Update<'_, F, R, M> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { rule, w, g, power, mut memory } = self;
        // Cut to one length, so that the compiler sees every index in bounds.
        let n = w.len();
        let (w, g) = (&mut w[..n], &mut g[..n]);
        let memory = memory.each_mut().map(|m| &mut m[..n]);
        for i in 0..n {
            let mut remembered = [F::zero(); M];
            for k in 0..M {
                remembered[k] = memory[k][i];
            }
            (w[i], remembered) = rule.at(w[i], (power.0 * g[i] * power.1).flush(), remembered);
            for k in 0..M {
                memory[k][i] = remembered[k].flush();
            }
            g[i] = F::zero();
        }
    }
}

/// Parameters that are updated before their squares are summed: few enough to stay in the nearest cache meanwhile. A
/// multiple of the sums' lanes.
const BLOCK: usize = 32 * LANES;

struct MeasuredUpdate<'a, F, R, const M: usize> {
    update: Update<'a, F, R, M>,
    before: &'a mut [F],
}

impl<F: Real, R: UpdateRule<F, M> + Copy, const M: usize> Pass for MeasuredUpdate<'_, F, R, M> {
    /// The sums of squares of the parameters before, and of their changes.
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let Self { update: Update { rule, w, g, power, mut memory }, before } = self;
        let n = w.len();
        let mut lanes = [[0.0; LANES]; 2];
        for start in (0..n).step_by(BLOCK) {
            let block = start..n.min(start + BLOCK);
            let (w, before) = (&mut w[block.clone()], &mut before[block.clone()]);
            before.copy_from_slice(w);
            let memory = memory.each_mut().map(|m| &mut m[block.clone()]);
            Update { rule, w: &mut *w, g: &mut g[block], power, memory }.run();
            add_terms(&mut lanes[0], before, add_square);
            add_pair_terms(&mut lanes[1], w, before, |sum, w, before| add_square(sum, w.f64() - before.f64()));
        }
        lanes.map(fold)
    }
}

/// Updates the parameters `w` from their gradients `g` x 2^exponent, after which `g` is 0; all slices are of one length.
///
/// # Panics
/// If a slice is shorter than `w`.
pub fn update<F: Real, const M: usize>(
    rule: impl UpdateRule<F, M>,
    w: &mut [F],
    (g, exponent): (&mut [F], i32),
    memory: [&mut [F]; M],
) {
    Tier::current().run(Update { rule, w, g, power: two_powers(exponent), memory });
}

/// Updates the parameters as [`update`] does, and returns by how much; `before` is room for the parameters as they
/// were.
///
/// # Panics
/// If a slice is shorter than `w`.
pub fn measured_update<F: Real, const M: usize>(
    rule: impl UpdateRule<F, M> + Copy,
    w: &mut [F],
    gradient: (&mut [F], i32),
    memory: [&mut [F]; M],
    before: &mut [F],
) -> WeightChange {
    measured_update_on(Tier::current(), rule, w, gradient, memory, before)
}

fn measured_update_on<F: Real, const M: usize>(
    tier: Tier,
    rule: impl UpdateRule<F, M> + Copy,
    w: &mut [F],
    (g, exponent): (&mut [F], i32),
    memory: [&mut [F]; M],
    before: &mut [F],
) -> WeightChange {
    let n = w.len();
    let update = Update { rule, w: &mut *w, g, power: two_powers(exponent), memory };
    let [weights, changes] = tier.run(MeasuredUpdate { update, before });
    // The rare sums whose squares are no numbers are taken anew, scaled.
    WeightChange {
        before: norm_of_squares::<F>(n, weights).unwrap_or_else(|| norm(&before[..n])),
        update: norm_of_squares::<F>(n, changes).unwrap_or_else(|| difference_norm(w, &before[..n])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Remembers a gradient and takes half of it away.
    #[derive(Clone, Copy)]
    struct Half;

    impl<F: Real> UpdateRule<F, 1> for Half {
        #[inline(always)]
        fn at(&self, w: F, g: F, [m]: [F; 1]) -> (F, [F; 1]) {
            (w - F::from_f64(0.5) * (g + m), [g])
        }
    }

    fn numbers<F: Real>(n: usize, scale: f64) -> Vec<F> {
        (0..n).map(|i| F::from_f64(((i * 7919) % 1009) as f64 * scale / 1009.0 - 0.3 * scale)).collect()
    }

    fn check<F: Real>(n: usize, scale: f64, exponent: i32) {
        let (w, g, m) = (numbers::<F>(n, scale), numbers::<F>(n, 0.1 * scale), numbers::<F>(n, 3.0 * scale));
        let told: Vec<F> = g.iter().map(|&g| F::from_f64(g.f64() * 2_f64.powi(exponent)).flush()).collect();
        let after: Vec<F> = (0..n).map(|i| Half.at(w[i], told[i], [m[i]]).0).collect();
        let expected = WeightChange { before: norm(&w), update: difference_norm(&after, &w) };
        for tier in Tier::available() {
            for is_measured in [false, true] {
                let (mut w, mut gradient, mut memory) = (w.clone(), g.clone(), m.clone());
                if is_measured {
                    let mut before = vec![F::zero(); n + 3];
                    let change = measured_update_on(
                        tier,
                        Half,
                        &mut w,
                        (&mut gradient, exponent),
                        [&mut memory[..]],
                        &mut before,
                    );
                    assert_eq!(change, expected, "{tier:?}, {n} entries of {scale:e}");
                } else {
                    let (power, memory) = (two_powers(exponent), [&mut memory[..]]);
                    tier.run(Update { rule: Half, w: &mut w, g: &mut gradient, power, memory });
                }
                assert!(w == after && memory == told && gradient.iter().all(|&g| g == F::zero()), "{tier:?}, {n}");
            }
        }
    }

    #[test]
    fn an_update_of_every_length_and_tier_gives_what_single_parameters_give() {
        for n in (0..70).chain([127, 1000, 1055, 3000]) {
            for exponent in [0, -20, -140, -1100] {
                check::<f32>(n, 1.0, exponent);
                check::<f64>(n, 1.0, exponent);
            }
        }
    }

    #[test]
    fn squares_that_are_no_numbers_are_summed_anew() {
        check::<f64>(50, 1e-200, 0);
        check::<f64>(50, 1e200, 0);
        check::<f32>(50, 0.0, 0);
    }
}
