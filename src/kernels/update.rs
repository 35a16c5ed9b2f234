//! The pass of an update: parameters and what a rule remembers of them change, and their gradients are forgotten. Where
//! the update is measured, the same pass sums the squares, as each array is too large to be read twice from a near cache.

use super::Real;
use super::gradual::{Arithmetic, Careful, Plain, Vanished};
use super::reduce::{LANES, add_pair_terms, add_square, add_terms, difference_norm, fold, norm, norm_of_squares};
use super::tier::{Pass, Tier};
use super::units::costs;

/// What an update does to one parameter, of which it remembers `M` numbers.
pub trait Rule<F, const M: usize> {
    /// Whether the last of what it remembers is a mean of squares of gradients, each added as a share of a gradient times
    /// the gradient.
    const HAS_SQUARES: bool;

    /// The parameter w with gradient g and what is remembered of it, after the update: gradients are multiplied and divided
    /// by `G`, and squares and what is remembered of them by `S`. Must be `#[inline(always)]`.
    fn at<G: Arithmetic, S: Arithmetic>(&self, w: F, g: F, memory: [F; M]) -> (F, [F; M]);

    /// The least factor by which a gradient is multiplied.
    fn least_factor(&self) -> F;
}

/// How large parameters were, and how much an update changed them: Euclidean norms, the differences taken in f64.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Of the parameters before the update.
    pub before: f64,
    /// Of the parameters after the update less those before.
    pub update: f64,
}

struct Update<'a, F, R, const M: usize> {
    rule: R,
    w: &'a mut [F],
    g: &'a mut [F],
    memory: [&'a mut [F]; M],
}

impl<F: Real, R: Rule<F, M>, const M: usize> Pass for Update<'_, F, R, M> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { rule, w, g, mut memory } = self;
        // Cut to one length, so that the compiler sees every index in bounds.
        let n = w.len();
        let (w, g) = (&mut w[..n], &mut g[..n]);
        let mut memory = memory.each_mut().map(|m| &mut m[..n]);
        // Smaller factors than 2^-23 are not told apart.
        let least = F::FAINT / Real::max(rule.least_factor(), F::of(1.0 / f64::from(1 << 23)));
        let of_memory = F::FAINT * F::of(DECAYS);
        let (mut is_small, mut has_small_squares) = (false, false);
        if costs() {
            let looks_small = |memory: &&mut [F]| looks_small(memory, of_memory);
            let (others, squares) = memory.split_at(M - usize::from(R::HAS_SQUARES));
            is_small = self::looks_small(g, least) || others.iter().any(looks_small);
            // The square of this and of what is larger, and a thousandth of it, is no subnormal number.
            let of_square = F::power_of_two((15 - F::BIAS) / 2);
            has_small_squares = R::HAS_SQUARES && self::looks_small(g, of_square) || squares.iter().any(looks_small);
        }
        if is_small && R::HAS_SQUARES && squares_vanish(g, memory[M - 1]) {
            update_each::<F, R, Careful, Vanished, M>(&rule, w, g, &mut memory);
        } else if is_small {
            update_each::<F, R, Careful, Careful, M>(&rule, w, g, &mut memory);
        } else if has_small_squares {
            update_each::<F, R, Plain, Careful, M>(&rule, w, g, &mut memory);
        } else {
            update_each::<F, R, Plain, Plain, M>(&rule, w, g, &mut memory);
        }
        g.fill(F::zero());
    }
}

/// Decays leave more than a thousandth, and of squares of gradients more than a thousandth is added. (Others cost time.)
const DECAYS: f64 = 128.0;

/// Whether some of a few entries are not 0, but less than `least`: where gradients vanish, most are.
#[inline(always)]
fn looks_small<F: Real>(g: &[F], least: F) -> bool {
    const LOOKS: usize = 16;
    let mut lowest = F::one();
    // Odd steps see other columns of a matrix in every row; one of them may be all zeros.
    for &g in g.iter().step_by(g.len().div_ceil(LOOKS) | 1) {
        lowest = lowest.lower_but_0(g);
    }
    lowest.is_below(least)
}

/// Whether no square was added so far, and every one of these is zero, too, even whole.
#[inline(always)]
fn squares_vanish<F: Real>(g: &[F], squares: &[F]) -> bool {
    let (mut largest, mut most) = (F::zero(), F::zero());
    for (&g, &square) in g.iter().zip(squares) {
        largest = largest.larger(g);
        most = most.larger(square);
    }
    most == F::zero() && largest < F::power_of_two((F::LOWEST - 3) / 2)
}

#[inline(always)]
fn update_each<F: Real, R: Rule<F, M>, G: Arithmetic, S: Arithmetic, const M: usize>(
    rule: &R,
    w: &mut [F],
    g: &[F],
    memory: &mut [&mut [F]; M],
) {
    for i in 0..w.len().min(g.len()) {
        let mut remembered = [F::zero(); M];
        for k in 0..M {
            remembered[k] = memory[k][i];
        }
        (w[i], remembered) = rule.at::<G, S>(w[i], g[i], remembered);
        for k in 0..M {
            memory[k][i] = remembered[k];
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

impl<F: Real, R: Rule<F, M> + Copy, const M: usize> Pass for MeasuredUpdate<'_, F, R, M> {
    /// The sums of squares of the parameters before, and of their changes.
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let Self { update: Update { rule, w, g, mut memory }, before } = self;
        let n = w.len();
        let mut lanes = [[0.0; LANES]; 2];
        for start in (0..n).step_by(BLOCK) {
            let block = start..n.min(start + BLOCK);
            let (w, before) = (&mut w[block.clone()], &mut before[block.clone()]);
            before.copy_from_slice(w);
            let memory = memory.each_mut().map(|m| &mut m[block.clone()]);
            Update { rule, w: &mut *w, g: &mut g[block], memory }.run();
            add_terms(&mut lanes[0], before, add_square);
            add_pair_terms(&mut lanes[1], w, before, |sum, w, before| add_square(sum, w.f64() - before.f64()));
        }
        lanes.map(fold)
    }
}

/// Updates the parameters `w` from their gradients `g`, which become 0; all slices are of one length.
///
/// # Panics
/// If a slice is shorter than `w`.
pub fn update<F: Real, const M: usize>(rule: impl Rule<F, M>, w: &mut [F], g: &mut [F], memory: [&mut [F]; M]) {
    Tier::current().run(Update { rule, w, g, memory });
}

/// [`update`], measured; `before` is room for the parameters as they were.
///
/// # Panics
/// If a slice is shorter than `w`.
pub fn measured_update<F: Real, const M: usize>(
    rule: impl Rule<F, M> + Copy,
    w: &mut [F],
    g: &mut [F],
    memory: [&mut [F]; M],
    before: &mut [F],
) -> Change {
    measured_update_on(Tier::current(), rule, w, g, memory, before)
}

fn measured_update_on<F: Real, const M: usize>(
    tier: Tier,
    rule: impl Rule<F, M> + Copy,
    w: &mut [F],
    g: &mut [F],
    memory: [&mut [F]; M],
    before: &mut [F],
) -> Change {
    let n = w.len();
    let [weights, changes] = tier.run(MeasuredUpdate { update: Update { rule, w: &mut *w, g, memory }, before });
    // The rare sums whose squares are no numbers are taken anew, scaled.
    Change {
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

    impl<F: Real> Rule<F, 1> for Half {
        const HAS_SQUARES: bool = false;

        #[inline(always)]
        fn at<G: Arithmetic, S: Arithmetic>(&self, w: F, g: F, [m]: [F; 1]) -> (F, [F; 1]) {
            (w - G::product(F::of(0.5), g + m), [g])
        }

        fn least_factor(&self) -> F {
            F::of(0.5)
        }
    }

    fn numbers<F: Real>(n: usize, scale: f64) -> Vec<F> {
        (0..n).map(|i| F::of(((i * 7919) % 1009) as f64 * scale / 1009.0 - 0.3 * scale)).collect()
    }

    fn check<F: Real>(n: usize, scale: f64) {
        let (w, g, m) = (numbers::<F>(n, scale), numbers::<F>(n, 0.1 * scale), numbers::<F>(n, 3.0 * scale));
        let after: Vec<F> = (0..n).map(|i| Half.at::<Plain, Plain>(w[i], g[i], [m[i]]).0).collect();
        let expected = Change { before: norm(&w), update: difference_norm(&after, &w) };
        for tier in Tier::available() {
            for is_measured in [false, true] {
                let (mut w, mut gradient, mut memory) = (w.clone(), g.clone(), m.clone());
                if is_measured {
                    let mut before = vec![F::zero(); n + 3];
                    let change = measured_update_on(tier, Half, &mut w, &mut gradient, [&mut memory[..]], &mut before);
                    assert_eq!(change, expected, "{tier:?}, {n} entries of {scale:e}");
                } else {
                    tier.run(Update { rule: Half, w: &mut w, g: &mut gradient, memory: [&mut memory[..]] });
                }
                assert!(w == after && memory == g && gradient.iter().all(|&g| g == F::zero()), "{tier:?}, {n}");
            }
        }
    }

    #[test]
    fn an_update_of_every_length_and_tier_gives_what_single_parameters_give() {
        for n in (0..70).chain([127, 1000, 1055, 3000]) {
            check::<f32>(n, 1.0);
            check::<f64>(n, 1.0);
        }
    }

    #[test]
    fn squares_that_are_no_numbers_are_summed_anew() {
        check::<f64>(50, 1e-200);
        check::<f64>(50, 1e200);
        check::<f32>(50, 1e-42);
        check::<f32>(50, 0.0);
    }
}
