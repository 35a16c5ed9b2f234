//! The order in which runs begin: the longest first.

use std::ops::Range;

use super::parts::{RUNS_OF_A_THREAD, RUNS_TOGETHER, in_parts};
use super::plan::Plan;
use crate::plan::cost::cost;
use crate::spec::{RunId, RunSpec};

impl Plan {
    /// All runs, the longest first: a long run that begins last would leave all other cores idle. Equally long runs
    /// that share their data follow each other, so that data sets need not be made again; then in plan order.
    pub fn order(&self) -> Vec<usize> {
        self.order_of(&self.runs().collect::<Vec<_>>(), |_| true)
    }

    /// Orders the wanted ones of some runs in the same way; asks on all cores.
    pub fn order_of(&self, some: &[usize], is_wanted: impl Fn(usize) -> bool + Sync) -> Vec<usize> {
        let cost_and_data = |run: usize| {
            let spec = self.spec(run);
            let seconds = cost(&spec).seconds;
            (seconds, RunSpec { data: spec.data, ..RunSpec::default() }.id(), run)
        };
        let mut order: Vec<(f64, RunId, usize)> = Vec::with_capacity(some.len());
        for some in some.chunks(RUNS_TOGETHER) {
            let of_part = |part: Range<usize>| {
                let wanted = some[part].iter().filter(|run| is_wanted(**run));
                wanted.map(|&run| cost_and_data(run)).collect::<Vec<_>>()
            };
            in_parts(0..some.len(), RUNS_OF_A_THREAD, of_part).into_iter().for_each(|part| order.extend(part));
        }
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut runs: Vec<usize> = order.into_iter().map(|(_, _, run)| run).collect();
        // Collected in place, it has room for three times as many.
        runs.shrink_to_fit();
        runs
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Source;

    /// More runs than are put together at once.
    #[test]
    fn of_many_runs_what_is_said_of_each_stands_in_order() {
        let text = "name = \"t\"\n[run]\nmodel.width = 4\n[grid]\nmodel.depth = [2, 3]\n\
                    train.learning_rate = { from = 0.1, to = 0.2, count = 17500 }\nseed = [0, 1]\n";
        let plan = crate::plan::plan(&Source::new("t.toml", text), &[]).expect("a valid config");
        let seconds = plan.of_each(|run| plan.cost(run).seconds);
        assert_eq!((plan.len(), seconds.len()), (70_000, 70_000));
        assert!((0..70_000).step_by(501).all(|run| seconds[run].to_bits() == plan.cost(run).seconds.to_bits()));
        let order = plan.order();
        assert!(order.is_sorted_by(|&a, &b| seconds[a] > seconds[b] || seconds[a].to_bits() == seconds[b].to_bits()));
        let mut all = order.clone();
        all.sort_unstable();
        assert!(all.into_iter().eq(plan.runs()));
        let some: Vec<usize> = plan.runs().rev().collect();
        let third = |run: usize| run % 3 == 1;
        assert_eq!(plan.order_of(&some, third), order.into_iter().filter(|&run| third(run)).collect::<Vec<_>>());
    }
}
