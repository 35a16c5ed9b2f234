//! A plan dealt out to the tasks of an array job: which runs are whose, the same on every machine.
//!
//! All runs are put in the order of their cost, the dearest first and equals in plan order, and dealt like cards: shard I
//! of N takes positions I, I + N, I + 2N, .. So the shards cost nearly the same, whatever N is.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::plan::Plan;

/// One of the parts into which a plan is dealt. Shards count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    count: NonZeroU32,
    index: u32,
}

/// Why something is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It is not two whole numbers.
    #[error("expected I/N in whole numbers, such as 0/8 for the first of eight shards, or auto")]
    Syntax,
    /// `N` is 0.
    #[error("there must be at least one shard: 0/1 is all of them")]
    NoShards,
    /// `I` is not below `N`.
    #[error("shards count from 0: use --array=0-{last}; the last of {count} is {last}/{count}", last = count.get() - 1)]
    Beyond {
        /// How many there are.
        count: NonZeroU32,
    },
}

impl Shard {
    /// Shard `index` of `count`.
    pub fn new(index: u32, count: NonZeroU32) -> Result<Self, ShardError> {
        if index < count.get() { Ok(Self { count, index }) } else { Err(ShardError::Beyond { count }) }
    }

    /// Its number, from 0.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> NonZeroU32 {
        self.count
    }

    /// What its lock and its manifest are called: `shard-3-of-8`.
    pub fn file_stem(self) -> String {
        format!("shard-{}-of-{}", self.index, self.count)
    }
}

/// Writes `shard 3 of 8`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.index, self.count)
    }
}

/// Reads `3/8`.
impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, count) = text.split_once('/').ok_or(ShardError::Syntax)?;
        // A sign would parse, and means nothing here.
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let (index, count) = number(index).zip(number(count)).ok_or(ShardError::Syntax)?;
        Self::new(index, NonZeroU32::new(count).ok_or(ShardError::NoShards)?)
    }
}

impl Plan {
    /// All runs as they are dealt out: the dearest first, of equals in plan order. The cost is arithmetic on the specs,
    /// without any measurement, so the order is the same on every machine.
    pub fn dealt(&self) -> Vec<u32> {
        let costs: Vec<f64> = self.of_each(|run| self.cost(run).seconds);
        let mut runs: Vec<u32> = (0..).take(self.len()).collect();
        runs.sort_unstable_by(|&a, &b| costs[b as usize].total_cmp(&costs[a as usize]).then(a.cmp(&b)));
        runs
    }

    /// The runs of a shard, the dearest first; none where there are more shards than runs.
    pub fn shard(&self, shard: Shard) -> Vec<usize> {
        let (first, step) = (shard.index as usize, shard.count.get() as usize);
        self.dealt().into_iter().skip(first).step_by(step).map(|run| run as usize).collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::config::Source;
    use proptest::prelude::*;

    fn plan() -> Plan {
        let text = "name = \"t\"\n[run]\n[grid]\nmodel.depth = [1, 50, 2, 20]\nmodel.activation = [\"relu\", \"tanh\"]\n\
                    seed = { from = 0, count = 5 }\n";
        crate::plan::plan(&Source::new("t.toml", text), &[]).unwrap()
    }

    fn shard(index: u32, count: u32) -> Shard {
        Shard::new(index, count.try_into().unwrap()).unwrap()
    }

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        assert_eq!("3/8".parse(), Ok(shard(3, 8)));
        assert_eq!("0/1".parse(), Ok(shard(0, 1)));
        assert_eq!((shard(3, 8).to_string(), shard(3, 8).file_stem()), ("shard 3 of 8".into(), "shard-3-of-8".into()));
    }

    #[test]
    fn what_is_no_shard_is_explained() {
        let error = |text: &str| text.parse::<Shard>().unwrap_err();
        for text in ["", "3", "3-8", "/8", "3/", "a/8", "-1/8", "+1/8", "1/8/9", " 1/8", "1.0/8", "0/99999999999"] {
            assert!(matches!(error(text), ShardError::Syntax), "{text}");
        }
        assert_eq!(error("0/0"), ShardError::NoShards);
        for text in ["8/8", "9/8"] {
            assert!(error(text).to_string().starts_with("shards count from 0: use --array=0-7"), "{}", error(text));
        }
    }

    #[test]
    fn runs_are_dealt_from_the_dearest_to_the_cheapest_and_equals_in_plan_order() {
        let plan = plan();
        let dealt: Vec<usize> = plan.dealt().into_iter().map(|run| run as usize).collect();
        // The bits of positive numbers are in the numbers' order.
        let key = |run: usize| (std::cmp::Reverse(plan.cost(run).seconds.to_bits()), run);
        assert!(dealt.is_sorted_by_key(|&run| key(run)), "{dealt:?}");
        // Depth 50 with tanh: runs 15 to 19.
        assert_eq!(dealt[..6], [15, 16, 17, 18, 19, 10]);
        assert_eq!(plan.shard(shard(1, 3))[..2], [16, 19]);
    }

    #[test]
    fn shards_cost_nearly_the_same() {
        let plan = plan();
        let dearest = plan.runs().map(|run| plan.cost(run).seconds).fold(0.0, f64::max);
        for count in 1..=10 {
            let cost = |index| plan.shard(shard(index, count)).iter().map(|&run| plan.cost(run).seconds).sum::<f64>();
            let costs: Vec<f64> = (0..count).map(cost).collect();
            let spread = costs.iter().copied().fold(0.0, f64::max) - costs.iter().copied().fold(f64::MAX, f64::min);
            assert!(spread <= dearest * (1.0 + 1e-9), "{count} shards: {costs:?}");
        }
    }

    proptest! {
        #[test]
        fn every_run_is_in_exactly_one_shard(count in 1_u32..100) {
            let plan = plan();
            let mut all: Vec<usize> = (0..count).flat_map(|index| plan.shard(shard(index, count))).collect();
            all.sort_unstable();
            prop_assert_eq!(all, plan.runs().collect::<Vec<_>>());
        }
    }
}
