//! Runs of the same grid that differ in a smaller learning rate alone.

use crate::plan::index::Plan;
use crate::spec::{KEYS, RunSpec, key_index};

/// Rates of an axis of more values are those of a search; the nearest ones tell.
const MOST: usize = 24;

impl Plan {
    /// The runs that differ from the one with this spec in a smaller learning rate alone, the largest rate first, each with
    /// its rate.
    pub fn smaller_rates(&self, spec: &RunSpec) -> Vec<(usize, f64)> {
        let key = key_index("train.learning_rate").expect("a key of every run");
        let mut other = spec.clone();
        let mut rates: Vec<f64> = Vec::new();
        for values in self.grids.iter().filter_map(|grid| grid.values(key)) {
            for i in 0..values.len() {
                (KEYS[key].set)(&mut other, &values.get(i));
                rates.push(other.train.optimizer.learning_rate);
            }
        }
        rates.retain(|rate| *rate < spec.train.optimizer.learning_rate);
        rates.sort_by(|a, b| b.total_cmp(a));
        rates.dedup();
        rates.truncate(MOST);
        let run_at = |rate: f64| {
            let mut other = spec.clone();
            other.train.optimizer.learning_rate = rate;
            self.run_of(&other).map(|run| (run, rate))
        };
        rates.into_iter().filter_map(run_at).collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use crate::config::Source;

    #[test]
    fn the_nearest_smaller_rate_comes_first_and_all_else_is_the_same() {
        let text = "name = \"t\"\n[grid]\nmodel.depth = [2, 3]\ntrain.learning_rate = [0.01, 1.0, 0.1]\nseed = [0, 1]\n\
                    [[exclude]]\nmodel.depth = 3\ntrain.learning_rate = 0.1\n";
        let plan = crate::plan::plan(&Source::new("t.toml", text), &[]).unwrap();
        for run in plan.runs() {
            let spec = plan.spec(run);
            let smaller = plan.smaller_rates(&spec);
            let rates: Vec<f64> = smaller.iter().map(|(_, rate)| *rate).collect();
            let all: &[f64] = if spec.model.depth.get() == 2 { &[0.1, 0.01] } else { &[0.01] };
            let below: Vec<f64> =
                all.iter().copied().filter(|rate| *rate < spec.train.optimizer.learning_rate).collect();
            assert_eq!(rates, below);
            for (other, rate) in smaller {
                let mut other = plan.spec(other);
                assert_eq!(other.train.optimizer.learning_rate, rate);
                other.train.optimizer.learning_rate = spec.train.optimizer.learning_rate;
                assert_eq!(other.id(), spec.id());
            }
        }
        let moves_with = "name = \"t\"\n[[zip]]\ntrain.learning_rate = [0.01, 0.1]\nmodel.depth = [2, 3]\n";
        let plan = crate::plan::plan(&Source::new("t.toml", moves_with), &[]).unwrap();
        assert_eq!(plan.smaller_rates(&plan.spec(1)), [], "the depth differs, too");
    }
}
