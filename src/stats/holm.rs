//! Holm's step-down procedure (Holm 1979, "A simple sequentially rejective multiple test procedure"): many claims are
//! judged together, and the chance that any true one of them is rejected stays below a level, whatever ties the claims
//! to each other.

/// The outcome of the procedure for a family of p-values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StepDown {
    /// Whether each is rejected, in the order of the p-values.
    pub(crate) rejected: Vec<bool>,
    /// The level that the first p-value not rejected would have had to reach. (Where all are rejected, alpha.)
    pub(crate) level: f64,
}

/// Applies the procedure at level `alpha`: from the least p-value up, the k-th of m is rejected while it is at most
/// alpha / (m - k + 1).
pub(crate) fn step_down(p: &[f64], alpha: f64) -> StepDown {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    let mut rejected = vec![false; p.len()];
    for (before, &i) in order.iter().enumerate() {
        let level = alpha / (p.len() - before) as f64;
        if p[i] > level {
            return StepDown { rejected, level };
        }
        rejected[i] = true;
    }
    StepDown { rejected, level: alpha }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rejection_eases_the_level_of_the_next() {
        // Levels 0.05 / 4, / 3, / 2, / 1 = 0.0125, 0.01667, 0.025, 0.05: Bonferroni alone would reject the first only.
        let family = step_down(&[0.03, 0.016, 0.01, 0.024], 0.05);
        assert_eq!(family, StepDown { rejected: vec![true; 4], level: 0.05 });
    }

    #[test]
    fn the_first_that_stays_ends_the_rejections() {
        // 0.02 > 0.05 / 3 stays; 0.024 would be below its own level of 0.025, and stays all the same.
        let family = step_down(&[0.5, 0.02, 0.01, 0.024], 0.05);
        assert_eq!(family, StepDown { rejected: vec![false, false, true, false], level: 0.05 / 3.0 });
    }

    #[test]
    fn a_p_value_at_its_level_is_rejected_and_equal_ones_share_their_fate() {
        assert_eq!(step_down(&[0.05], 0.05).rejected, [true]);
        assert_eq!(step_down(&[0.025, 0.025], 0.05).rejected, [true, true]);
        assert_eq!(step_down(&[0.026, 0.026], 0.05).rejected, [false, false]);
        assert_eq!(step_down(&[], 0.05).rejected, [true; 0]);
    }
}
