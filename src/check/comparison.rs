//! How two baselines differ: which numbers moved, by how much, and in how many seeds they are no longer finite.

use super::baseline::{Baseline, BaselineKey, OverSeeds, SeedCounts};
use crate::kernels::log10;

/// How two sets of numbers differ.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Numbers that differ by more than they may, worst first.
    pub offenders: Vec<Offender>,
    /// Numbers that only the older one has.
    pub missing: Vec<BaselineKey>,
    /// Numbers that only the newer one has.
    pub extra: Vec<BaselineKey>,
    /// Numbers that both have.
    pub compared: usize,
}

/// A number that is not what it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Offender {
    /// Which.
    pub key: BaselineKey,
    /// What it was.
    pub old: OverSeeds,
    /// What it is.
    pub new: OverSeeds,
    /// The difference of the means in decades: the difference itself for a logarithm, log10 of the ratio for a loss or
    /// an accuracy. It is infinite where only one of them is finite, or a ratio has no logarithm, and 0 where only the
    /// counts of seeds differ.
    pub decades: f64,
    /// How far it may differ.
    pub allowed: Allowed,
}

/// How far a number may differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowed {
    /// A number of decades; 0 for not at all.
    Decades(f64),
    /// An amount in the number's own unit.
    Units(f64),
}

impl Allowed {
    fn allows(self, decades: f64, old: f64, new: f64) -> bool {
        match self {
            _ if decades == 0.0 => true,
            Self::Decades(most) => decades.abs() <= most,
            Self::Units(most) => (new - old).abs() <= most,
        }
    }
}

impl Offender {
    /// Whether other seeds than before are finite.
    pub fn has_other_counts(&self) -> bool {
        has_other_counts(self.old, self.new)
    }

    /// Returns how bad it is beside others, in decades: a changed count is worse than any distance.
    pub fn severity(&self) -> f64 {
        if self.has_other_counts() { f64::INFINITY } else { self.decades.abs() }
    }
}

impl Comparison {
    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.offenders.is_empty() && self.missing.is_empty() && self.extra.is_empty()
    }

    /// Compares `new` with `old`; `allowed` says how far a metric may differ. No tolerance allows a changed count of
    /// seeds that are not finite. A baseline of the old form is compared as far as that goes.
    pub fn of(old: &Baseline, new: &Baseline, allowed: impl Fn(&str) -> Allowed) -> Self {
        let mut comparison = Self::default();
        for (key, &was) in &old.values {
            let Some(&is) = new.values.get(key) else {
                comparison.missing.push(key.clone());
                continue;
            };
            comparison.compared += 1;
            let (before, after) = means(was, is);
            let (decades, allowed) = (difference(&key.metric, before, after), allowed(&key.metric));
            if has_other_counts(was, is) || !allowed.allows(decades, before, after) {
                comparison.offenders.push(Offender { key: key.clone(), old: was, new: is, decades, allowed });
            }
        }
        comparison.extra = new.values.keys().filter(|key| !old.values.contains_key(key)).cloned().collect();
        // The keys' order stays where the differences are alike. Of numbers whose counts changed, the farthest first.
        let rank = |o: &Offender| (o.has_other_counts(), o.decades.abs());
        comparison.offenders.sort_by(|a, b| {
            let ((a_counts, a), (b_counts, b)) = (rank(a), rank(b));
            b_counts.cmp(&a_counts).then_with(|| b.total_cmp(&a))
        });
        comparison
    }
}

/// Returns the two means that are compared: of the finite seeds or, beside one of the old form, of all.
fn means(old: OverSeeds, new: OverSeeds) -> (f64, f64) {
    let finite = |number: OverSeeds, counts: SeedCounts| if counts.finite == 0 { f64::NAN } else { number.mean };
    match (old.counts, new.counts) {
        // Of seeds of which none is finite the counts say all.
        (Some(was), Some(is)) if was.finite == 0 && is.finite == 0 => (0.0, 0.0),
        (Some(was), Some(is)) => (finite(old, was), finite(new, is)),
        (None, _) | (_, None) => (old.mean_of_all(), new.mean_of_all()),
    }
}

fn has_other_counts(old: OverSeeds, new: OverSeeds) -> bool {
    old.counts.zip(new.counts).is_some_and(|(was, is)| was != is)
}

/// Returns the difference in decades; 0 for numbers that are equal, NaN and infinities included.
fn difference(metric: &str, old: f64, new: f64) -> f64 {
    if old == new || (old.is_nan() && new.is_nan()) {
        return 0.0;
    }
    let is_logarithm = metric.starts_with("log10_") || metric.contains("decades");
    let decades = if is_logarithm { new - old } else { log10(new / old) };
    match decades {
        // A difference that cannot be told is larger than any that may be.
        d if d.is_nan() => f64::INFINITY,
        // A ratio may be rounded to 1, and the numbers differ.
        0.0 => f64::MIN_POSITIVE,
        d => d,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::AxisValue;

    const EXACT: fn(&str) -> Allowed = |_| Allowed::Decades(0.0);
    const INF: f64 = f64::INFINITY;

    fn key(cell: &[&str], layer: usize, metric: &str) -> BaselineKey {
        BaselineKey { cell: cell.iter().map(|v| AxisValue((*v).into())).collect(), layer, metric: metric.into() }
    }

    fn over(values: &[(&str, usize, &str, OverSeeds)]) -> Baseline {
        let values = values.iter().map(|(depth, l, metric, number)| (key(&[depth, "relu"], *l, metric), *number));
        let axes = vec!["depth".into(), "activation".into()];
        Baseline { numerics: 2, axes, tolerance_decades: None, values: values.collect() }
    }

    fn baseline(values: &[(&str, usize, &str, f64)]) -> Baseline {
        let one = |x: f64| OverSeeds::of([x].into_iter());
        over(&values.iter().map(|&(depth, l, metric, x)| (depth, l, metric, one(x))).collect::<Vec<_>>())
    }

    /// A number of layer 1 in each seed.
    fn seeds(numbers: &[f64]) -> Baseline {
        over(&[("5", 1, "log10_delta_rms_init", OverSeeds::of(numbers.iter().copied()))])
    }

    #[test]
    fn numbers_that_differ_are_told_worst_first_and_equal_ones_are_not() {
        let old = baseline(&[
            ("5", 0, "loss_last", 1.0),
            ("5", 0, "accuracy_last", f64::NAN),
            ("5", 1, "log10_delta_rms_init", -3.0),
            ("5", 2, "log10_delta_rms_init", f64::NEG_INFINITY),
            ("5", 3, "log10_delta_rms_init", f64::NEG_INFINITY),
            ("10", 0, "loss_last", 1.0),
        ]);
        let new = baseline(&[
            ("5", 0, "loss_last", 2.0),
            ("5", 0, "accuracy_last", f64::NAN),
            ("5", 1, "log10_delta_rms_init", -2.0),
            ("5", 2, "log10_delta_rms_init", f64::NEG_INFINITY),
            ("5", 3, "log10_delta_rms_init", f64::NAN),
            ("20", 0, "loss_last", 1.0),
        ]);
        let comparison = Comparison::of(&old, &new, EXACT);
        let said: Vec<(usize, f64)> = comparison.offenders.iter().map(|o| (o.key.layer, o.decades)).collect();
        // Layer 3 has another count, and no number to compare.
        assert_eq!(said, [(3, 0.0), (1, 1.0), (0, log10(2.0))]);
        assert_eq!(comparison.missing, [key(&["10", "relu"], 0, "loss_last")]);
        assert_eq!(comparison.extra, [key(&["20", "relu"], 0, "loss_last")]);
        assert_eq!((comparison.compared, comparison.is_clean()), (5, false));
        assert!(Comparison::of(&old, &old, EXACT).is_clean());
        let tolerant = |loss| {
            let allowed = move |metric: &str| if metric == "loss_last" { loss } else { Allowed::Decades(0.999) };
            Comparison::of(&old, &new, allowed).offenders.len()
        };
        let [decades, too_few] = [0.31, 0.3].map(Allowed::Decades).map(tolerant);
        assert_eq!((decades, too_few), (2, 3));
        assert_eq!([1.0, 0.9].map(Allowed::Units).map(tolerant), [2, 3]);
    }

    #[test]
    fn the_smallest_change_is_one() {
        for was in [0.1, 0.3, 1.0, 1.999, 5e-324] {
            let of = |loss: f64| baseline(&[("5", 0, "loss_last", loss)]);
            assert_eq!(Comparison::of(&of(was), &of(was.next_up()), EXACT).offenders.len(), 1, "{was}");
        }
    }

    #[test]
    fn a_dead_seed_hides_no_living_one() {
        let old = seeds(&[-INF, -3.0, -INF, -5.0]);
        for (new, decades) in [
            (seeds(&[-INF, -9.0, -INF, -11.0]), Some(-6.0)),
            (seeds(&[-9.0, -INF, -11.0, -INF]), Some(-6.0)),
            (seeds(&[-INF, -3.0, -4.0, -5.0]), Some(0.0)),
            (seeds(&[-INF, -3.0, f64::NAN, -5.0]), Some(0.0)),
            (seeds(&[-INF, -3.0, INF, -5.0]), Some(0.0)),
            (seeds(&[-INF; 4]), Some(INF)),
            (seeds(&[-INF, -3.0, -INF, -5.0]), None),
            (seeds(&[-3.0, -INF, -5.0, -INF]), None),
        ] {
            let comparison = Comparison::of(&old, &new, |_| Allowed::Decades(5.9));
            assert_eq!(comparison.offenders.first().map(|offender| offender.decades), decades, "{new:?}");
        }
        assert!(Comparison::of(&seeds(&[-INF; 4]), &seeds(&[-INF; 4]), EXACT).is_clean());
        assert!(!Comparison::of(&seeds(&[-INF; 4]), &seeds(&[-INF; 3]), EXACT).is_clean());
        assert!(!Comparison::of(&seeds(&[-INF; 2]), &seeds(&[INF; 2]), EXACT).is_clean());
    }

    #[test]
    fn the_old_form_is_compared_as_far_as_it_goes() {
        let old = |mean: f64| over(&[("5", 1, "log10_delta_rms_init", OverSeeds { mean, counts: None })]);
        let offends = |mean: f64, numbers: &[f64]| {
            let (one, other) = (old(mean), seeds(numbers));
            let both = [Comparison::of(&one, &other, EXACT), Comparison::of(&other, &one, EXACT)];
            let [ahead, back] = both.map(|comparison| comparison.offenders.len());
            assert_eq!(ahead, back);
            ahead == 1
        };
        assert!(!offends(-4.0, &[-3.0, -5.0]) && offends(-4.0, &[-3.0, -4.0]));
        assert!(offends(-4.0, &[-3.0, -5.0, -INF]), "all seeds were finite");
        assert!(!offends(-INF, &[-3.0, -INF]) && offends(-INF, &[-3.0, -5.0]) && offends(-INF, &[-INF, f64::NAN]));
        assert!(!offends(f64::NAN, &[f64::NAN, 1.0]) && offends(f64::NAN, &[-INF]) && !offends(f64::NAN, &[-INF, INF]));
    }
}
