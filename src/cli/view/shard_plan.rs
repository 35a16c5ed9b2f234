//! What `plan --shards` says: runs and time of a shard, and how many shards would be better.

use std::num::NonZeroU32;

use crate::plan::Plan;

use crate::cli::terminal::number::{counted, duration, thousands};

/// Shards should take so many seconds at least: a scheduler takes its time over each, too.
const SHORTEST: f64 = 600.0;

/// Shards should take so many seconds at most: a shard that is stopped loses the runs that it is at.
const LONGEST: f64 = 3600.0;

/// Shards should take so many seconds where there is a choice.
const USUAL: f64 = 1800.0;

/// A range of numbers of shards, and the best number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Better {
    from: u32,
    best: u32,
    to: u32,
}

/// Says what each of `count` shards has to do of the runs that are left, and gives a warning if there is one. A second
/// of the plan's cost takes `speed` seconds, and `jobs` run at the same time.
pub(crate) fn shards_text(
    plan: &Plan,
    is_left: impl Fn(usize) -> bool,
    count: NonZeroU32,
    speed: f64,
    jobs: usize,
) -> (String, Option<String>) {
    let mut parts = vec![ShardLoad::default(); plan.len().min(count.get() as usize)];
    for (position, run) in plan.dealt().into_iter().map(|run| run as usize).enumerate() {
        if is_left(run) {
            parts[position % count.get() as usize].add(plan.cost(run).seconds);
        }
    }
    let longest = parts.iter().map(|part| speed * part.span(jobs)).fold(0.0, f64::max);
    let most = parts.iter().map(|part| part.runs).max().unwrap_or(0);
    let all = speed * parts.iter().map(|part| part.seconds).sum::<f64>() / jobs as f64;
    let (runs, with) = (counted(most, "run"), counted(jobs, "job"));
    let empty = (count.get() as usize).saturating_sub(plan.len());
    let empty = match empty {
        0 => String::new(),
        1 => "; 1 would be empty".to_owned(),
        n => format!("; {} would be empty", thousands(n as u64)),
    };
    let text = format!("{count}, of up to {runs} and about {} each with {with}{empty}", duration(longest));
    (text, Some(count.get()).filter(|&count| count > 1 && longest < SHORTEST).map(|_| advice(all)))
}

/// What a shard has to do.
#[derive(Debug, Clone, Copy, Default)]
struct ShardLoad {
    runs: usize,
    seconds: f64,
    longest: f64,
}

impl ShardLoad {
    fn add(&mut self, seconds: f64) {
        self.runs += 1;
        self.seconds += seconds;
        self.longest = self.longest.max(seconds);
    }

    /// Returns how long it takes: each job takes the next run when it is free.
    fn span(&self, jobs: usize) -> f64 {
        (self.seconds / jobs as f64).max(self.longest)
    }
}

/// Says what to do instead of shards that are too short; all runs together take `all` seconds.
fn advice(all: f64) -> String {
    let begin = "shards of less than 10 minutes wait longer than they work";
    match better(all) {
        None => format!("{begin}; one `vgrun sweep` of all runs takes about {}", duration(all)),
        Some(Better { from, best, to }) => format!(
            "{begin}: --shards {best} gives about {} each ({from} to {to} shards take 10 to 60 minutes)",
            duration(all / f64::from(best))
        ),
    }
}

/// Returns the numbers of shards that take 10 to 60 minutes each; none where all runs together hardly take 10.
fn better(all: f64) -> Option<Better> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a saturating cast is a clamp")]
    let number = |count: f64| count as u32;
    let (from, to) = (number((all / LONGEST).ceil()), number(all / SHORTEST));
    (to > 1).then(|| Better { from, best: number(all / USUAL).clamp(from, to), to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_numbers_of_shards_take_10_to_60_minutes() {
        assert_eq!([0.0, 600.0, 1199.0].map(better), [None; 3]);
        assert_eq!(better(1200.0), Some(Better { from: 1, best: 1, to: 2 }));
        assert_eq!(better(36_000.0), Some(Better { from: 10, best: 20, to: 60 }));
        for seconds in (1200..400_000).step_by(777).map(f64::from) {
            let Some(Better { from, best, to }) = better(seconds) else { panic!("{seconds}") };
            let each = [from, best, to].map(|count| seconds / f64::from(count));
            assert!(each.iter().all(|each| (600.0..=3600.0).contains(each)), "{seconds}: {each:?}");
            assert!(from == 1 || seconds / f64::from(from - 1) > 3600.0, "{seconds}");
        }
    }

    #[test]
    fn the_advice_names_a_number_or_says_that_shards_are_not_worth_it() {
        assert!(advice(30.0).ends_with("one `vgrun sweep` of all runs takes about 30 s"), "{}", advice(30.0));
        assert!(
            advice(36_000.0).contains("--shards 20 gives about 30 min each (10 to 60 shards"),
            "{}",
            advice(36_000.0)
        );
    }

    #[test]
    fn a_shard_takes_its_part_of_the_time_and_not_less_than_its_longest_run() {
        let mut part = ShardLoad::default();
        [1.0, 5.0, 2.0].into_iter().for_each(|seconds| part.add(seconds));
        assert_eq!((part.span(1), part.span(4), part.runs), (8.0, 5.0, 3));
    }
}
