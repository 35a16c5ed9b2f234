//! How large an array Slurm takes, and how many shards a task must run for an array to fit.

use std::num::NonZeroU32;

use super::Tasks;

/// Slurm's `MaxArraySize`: a task's number stays below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrayLimit {
    size: u32,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Configured,
    Default,
}

/// An array that Slurm does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{shards} shards do not fit an array: {limit}, so {}",
    match fitting(*shards, *limit) {
        Some(each) => format!("give --shards-per-task {each}: {} tasks, each of which trains {each} shards one after the other", shards.get().div_ceil(each.get())),
        None => format!(
            "hand in one job that trains them one after the other: `for shard in $(seq 0 {}); do vgrun sweep CONFIG \
             --shard $shard/{shards}; done; vgrun merge CONFIG`",
            shards.get() - 1
        ),
    }
)]
pub struct ArrayTooLarge {
    shards: NonZeroU32,
    limit: ArrayLimit,
}

impl ArrayLimit {
    /// What Slurm takes where its configuration says nothing else.
    pub const DEFAULT: Self = Self { size: 1001, origin: Origin::Default };

    /// The limit in what `scontrol show config` printed, if it is there.
    pub fn read(config: &str) -> Option<Self> {
        let values = config.lines().filter_map(|line| line.split_once('='));
        let mut sizes = values.filter(|(key, _)| key.trim() == "MaxArraySize").map(|(_, size)| size.trim().parse());
        sizes.next()?.ok().map(|size| Self { size, origin: Origin::Configured })
    }

    /// Whether an array has these tasks.
    pub fn holds(self, tasks: &Tasks) -> bool {
        tasks.last().is_none_or(|last| last < self.size)
    }

    /// Refuses an array of a task for each of so many shards, if it is too large.
    pub fn check_all(self, shards: NonZeroU32) -> Result<(), ArrayTooLarge> {
        if shards.get() <= self.size { Ok(()) } else { Err(ArrayTooLarge { shards, limit: self }) }
    }

    /// Refuses an array of these tasks for so many shards, if it is too large.
    pub fn check(self, tasks: &Tasks, shards: NonZeroU32) -> Result<(), ArrayTooLarge> {
        if self.holds(tasks) { Ok(()) } else { Err(ArrayTooLarge { shards, limit: self }) }
    }
}

/// The fewest shards of a task with which all of them fit; none where there are no arrays at all.
fn fitting(shards: NonZeroU32, limit: ArrayLimit) -> Option<NonZeroU32> {
    NonZeroU32::new(limit.size).and_then(|size| NonZeroU32::new(shards.get().div_ceil(size.get())))
}

impl std::fmt::Display for ArrayLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.size, self.origin) {
            (0, _) => f.write_str("Slurm takes no arrays here (MaxArraySize = 0)"),
            (size, Origin::Configured) => {
                write!(f, "Slurm numbers tasks up to {} here (MaxArraySize = {size})", size - 1)
            }
            (size, Origin::Default) => {
                write!(
                    f,
                    "Slurm numbers tasks up to {} (MaxArraySize = {size}, its default: scontrol does not say another)",
                    size - 1
                )
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn count(n: u32) -> NonZeroU32 {
        n.try_into().unwrap()
    }

    #[test]
    fn the_limit_is_read_from_slurms_configuration() {
        let config = "Configuration data as of 2026-01-01\nMailProg = /bin/mail\nMaxArraySize            = 50\nMaxJobCount = 10000\n";
        assert_eq!(ArrayLimit::read(config).map(|limit| limit.size), Some(50));
        for none in ["", "MaxArraySize = many", "MaxJobCount = 10000", "slurm_load_ctl_conf error: Unable to contact"] {
            assert_eq!(ArrayLimit::read(none), None, "{none}");
        }
    }

    #[test]
    fn the_highest_number_of_a_task_stays_below_the_limit() {
        let check = |shards, limit: ArrayLimit| limit.check(&Tasks::all(count(shards)), count(shards));
        assert_eq!(check(1001, ArrayLimit::DEFAULT), Ok(()));
        let error = check(1002, ArrayLimit::DEFAULT).unwrap_err().to_string();
        assert!(error.contains("1002 shards do not fit an array: Slurm numbers tasks up to 1000"), "{error}");
        assert!(error.contains("--shards-per-task 2: 501 tasks"), "{error}");
        for shards in [1, 1000, 1001, 1002, 5000] {
            let all = ArrayLimit::DEFAULT.check_all(count(shards));
            assert_eq!(all, check(shards, ArrayLimit::DEFAULT), "{shards}");
        }
        let few: Tasks = [1000, 1001].into_iter().collect();
        assert!(!ArrayLimit::DEFAULT.holds(&few));
        let none = ArrayLimit::read("MaxArraySize = 0").unwrap();
        let message = check(3, none).unwrap_err().to_string();
        assert!(message.contains("no arrays here"), "{message}");
        assert!(
            message.contains("seq 0 2); do vgrun sweep CONFIG --shard $shard/3; done; vgrun merge CONFIG"),
            "{message}"
        );
    }

    /// What the message tells to give fits.
    #[test]
    fn the_advised_number_of_shards_for_a_task_fits_and_one_fewer_does_not() {
        for (shards, size) in [(2000, 1001), (1002, 1001), (120, 50), (51, 50), (100, 50), (101, 50), (7, 1)] {
            let limit = ArrayLimit::read(&format!("MaxArraySize={size}")).unwrap();
            let each = fitting(count(shards), limit).unwrap();
            assert!(limit.holds(&Tasks::all(count(shards)).grouped(each)), "{shards} {size}");
            let fewer = NonZeroU32::new(each.get() - 1).unwrap();
            assert!(!limit.holds(&Tasks::all(count(shards)).grouped(fewer)), "{shards} {size}");
        }
    }
}
