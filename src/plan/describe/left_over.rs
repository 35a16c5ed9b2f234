//! Training rows that an epoch leaves out: an incomplete last batch is dropped.

use std::collections::BTreeSet;

use crate::plan::index::Plan;

/// Training examples whose number is no multiple of the batch size.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOver {
    /// The file, or the source where there is none.
    pub data: String,
    /// Training examples.
    pub train: usize,
    /// Examples of a batch.
    pub batch: usize,
}

impl LeftOver {
    /// How many examples each epoch leaves out, other ones each time.
    pub fn count(&self) -> usize {
        self.train % self.batch
    }
}

impl Plan {
    /// The data sets and batch sizes that leave examples over, each pair once, sorted.
    pub fn left_over(&self) -> Vec<LeftOver> {
        let mut found = BTreeSet::new();
        for spec in self.runs().map(|run| self.spec(run)).filter(|spec| !spec.data.source.is_fresh()) {
            let train = spec.data.train_examples();
            let data =
                spec.data.found.as_ref().map_or_else(|| spec.data.source.name(), |found| found.path()).to_owned();
            let left_over = LeftOver { data, train, batch: spec.train.batch_size.of(train) };
            if left_over.count() > 0 {
                found.insert(left_over);
            }
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn batches_that_do_not_fill_an_epoch_leave_examples_over() {
        let text = "name = \"a\"\nrun.data.source = \"moons\"\nrun.data.examples = 33\n[grid]\n\
                    train.batch_size = [32, 11, 10, \"full\"]\nseed = [0, 1]\n";
        let plan = crate::plan::plan(&crate::config::Source::new("test.toml", text), &[]).unwrap();
        let of = |batch| LeftOver { data: "moons".into(), train: 33, batch };
        assert_eq!(plan.left_over(), [of(10), of(32)]);
        assert_eq!((of(10).count(), of(32).count()), (3, 1));
        let fresh = "name = \"a\"\nrun.data.source = \"adding\"\nrun.model.kind = \"rnn\"\n";
        assert_eq!(crate::plan::plan(&crate::config::Source::new("test.toml", fresh), &[]).unwrap().left_over(), []);
    }
}
