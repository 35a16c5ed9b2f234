//! Strips of a row: a few neighbouring units, read whole before any of them is written, so that the compiler makes
//! vector code of what is done with them although many arrays take part.

use crate::kernels::Real;

/// Returns `N` entries from `at`.
#[inline(always)]
pub(super) fn part<F: Copy, const N: usize>(x: &[F], at: usize) -> [F; N] {
    *x[at..].first_chunk().expect("the strip is within the row")
}

/// Returns `N` entries from `at`, mutable.
#[inline(always)]
pub(super) fn part_mut<F, const N: usize>(x: &mut [F], at: usize) -> &mut [F; N] {
    x[at..].first_chunk_mut().expect("the strip is within the row")
}

/// `N` units of each of `G` gates, whose blocks of `units` columns lie side by side in row `row`; from unit `at`.
#[inline(always)]
pub(super) fn gates<F: Real, const N: usize, const G: usize>(
    x: &[F],
    (row, units, at): (usize, usize, usize),
) -> [[F; N]; G] {
    let mut strips = [[F::zero(); N]; G];
    for (gate, strip) in strips.iter_mut().enumerate() {
        *strip = part(x, (row * G + gate) * units + at);
    }
    strips
}

/// Writes what [`gates`] reads.
#[inline(always)]
pub(super) fn set_gates<F: Real, const N: usize, const G: usize>(
    x: &mut [F],
    (row, units, at): (usize, usize, usize),
    strips: [[F; N]; G],
) {
    for (gate, strip) in strips.into_iter().enumerate() {
        *part_mut(x, (row * G + gate) * units + at) = strip;
    }
}

/// Calls `$pass.strip::<N>((row, units, at))` for all units of all rows, in strips of 16 and in what is left, one by one.
macro_rules! each_strip {
    ($pass:ident, $rows:expr) => {
        let units = $pass.units;
        for row in 0..$rows {
            let mut at = 0;
            while units - at >= 16 {
                $pass.strip::<16>((row, units, at));
                at += 16;
            }
            while units - at >= 4 {
                $pass.strip::<4>((row, units, at));
                at += 4;
            }
            while at < units {
                $pass.strip::<1>((row, units, at));
                at += 1;
            }
        }
    };
}

pub(super) use each_strip;

#[cfg(test)]
pub(super) mod tests {
    use crate::kernels::Real;

    /// Numbers of both signs and several magnitudes.
    pub(in super::super) fn numbers<F: Real>(n: usize, seed: usize) -> Vec<F> {
        (0..n).map(|i| F::from_f64(((i * 37 + seed * 101) % 97) as f64 * 0.11 - 5.0)).collect()
    }
}
