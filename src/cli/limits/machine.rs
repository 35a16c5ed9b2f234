//! What of the machine this process may use: its cores, and its memory or what a control group leaves of it.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

/// Returns the cores that this process may use: by affinity, by control groups, and by what Slurm gave to the task.
pub(crate) fn available_jobs() -> NonZeroUsize {
    let here = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let slurm = std::env::var("SLURM_CPUS_PER_TASK").ok().and_then(|cpus| cpus.parse().ok());
    slurm.map_or(here, |slurm: NonZeroUsize| slurm.min(here))
}

/// Where a limit of memory comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limiter {
    /// The machine, which has no more.
    Machine,
    /// The control group of a container, a scheduler's job or a service.
    ControlGroup,
}

/// The memory that this process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Available {
    /// Bytes.
    pub(crate) bytes: u64,
    /// Who says so.
    pub(crate) limiter: Limiter,
}

/// Returns the memory that this process may use; none where the system does not tell.
pub(crate) fn available_memory() -> Option<Available> {
    available_below(Path::new("/"))
}

/// Returns the memory that is available in a system whose files lie below `root`.
fn available_below(root: &Path) -> Option<Available> {
    let machine = machine_bytes(root).map(|bytes| Available { bytes, limiter: Limiter::Machine });
    let group = group_bytes(root).map(|bytes| Available { bytes, limiter: Limiter::ControlGroup });
    // A group without a limit may say so by one beyond any machine; of equal ones the machine is the simpler answer.
    machine.into_iter().chain(group).min_by_key(|available| available.bytes)
}

fn machine_bytes(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Returns the smallest limit of the process's control groups and of all above them, of either version.
fn group_bytes(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let limits = groups.lines().filter_map(|line| {
        // number:controllers:path, without controllers in version 2
        let (controllers, group) = line.split_once(':')?.1.split_once(':')?;
        let (hierarchy, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => return None,
        };
        limit_of(&root.join(hierarchy), group, file)
    });
    limits.min()
}

/// Reads a group's limit. Within a container the path may be the one outside, where nothing lies; the container's own
/// group is then the root.
fn limit_of(hierarchy: &Path, group: &str, file: &str) -> Option<u64> {
    let group = PathBuf::from(group.trim_start_matches('/'));
    let limits = group.ancestors().filter_map(|group| {
        let text = fs::read_to_string(hierarchy.join(group).join(file)).ok()?;
        // `max` where there is no limit
        text.trim().parse().ok()
    });
    limits.min()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    /// Returns what is available in a system with these files.
    fn available(files: &[(&str, &str)]) -> Option<Available> {
        let root = tempfile::TempDir::new().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        available_below(root.path())
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:       2000 kB\nMemFree:         100 kB\n");

    fn machine(bytes: u64) -> Available {
        Available { bytes, limiter: Limiter::Machine }
    }

    fn group(bytes: u64) -> Available {
        Available { bytes, limiter: Limiter::ControlGroup }
    }

    #[test]
    fn without_groups_there_is_what_the_machine_has() {
        assert_eq!(available(&[MEMINFO]), Some(machine(2_048_000)));
        assert_eq!(available(&[]), None);
    }

    #[test]
    fn the_smallest_limit_from_the_own_group_up_counts_in_version_2() {
        let own = ("proc/self/cgroup", "0::/user.slice/job\n");
        let of_job = ("sys/fs/cgroup/user.slice/job/memory.max", "max\n");
        let of_slice = ("sys/fs/cgroup/user.slice/memory.max", "1000000\n");
        assert_eq!(available(&[MEMINFO, own, of_job, of_slice]), Some(group(1_000_000)));
        assert_eq!(available(&[MEMINFO, own, of_job]), Some(machine(2_048_000)));
        assert_eq!(available(&[own, of_slice]), Some(group(1_000_000)));
    }

    #[test]
    fn the_group_of_the_memory_controller_counts_in_version_1_also_seen_from_within_a_container() {
        let own = ("proc/self/cgroup", "9:name=systemd:/\n4:memory:/docker/0a1b\n3:cpu,cpuacct:/docker/0a1b\n0::/\n");
        let here = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "700000\n");
        assert_eq!(available(&[MEMINFO, own, here]), Some(group(700_000)));
        let unlimited = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(available(&[MEMINFO, own, unlimited]), Some(machine(2_048_000)));
        let job = ("sys/fs/cgroup/memory/docker/0a1b/memory.limit_in_bytes", "600000\n");
        assert_eq!(available(&[MEMINFO, own, here, job]), Some(group(600_000)));
    }
}
