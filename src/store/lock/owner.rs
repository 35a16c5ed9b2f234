//! The process that holds a lock, and whether it still lives.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::time::SystemTime;

use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

use super::clock::utc;

/// Returns the name of this machine.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A process that holds a lock: the content of a lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    pub(super) host: String,
    pub(super) pid: u32,
    /// The time at which it took the lock, for people.
    pub(super) started: String,
    /// Clock ticks from the machine's start to the process': a pid that was given again has another. The three
    /// fields from here on are there where /proc tells them.
    #[serde(default)]
    pub(super) process_start: Option<u64>,
    /// The boot of the machine; also tells machines of the same name apart.
    #[serde(default)]
    pub(super) boot: Option<String>,
    /// Containers share a machine but number processes each for themselves.
    #[serde(default)]
    pub(super) pid_namespace: Option<String>,
    /// Random, so that two locks of the same process differ.
    #[serde(default)]
    pub(super) token: u64,
}

/// Whether a process lives, as far as this machine can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// It runs.
    Running,
    /// It is gone.
    Gone,
    /// It runs where it cannot be seen; only its heartbeat can tell.
    OutOfSight,
}

impl Owner {
    /// Describes this process.
    pub(super) fn this_process() -> Self {
        let pid = std::process::id();
        Self {
            host: host_name(),
            pid,
            started: utc(SystemTime::now()),
            process_start: proc_stat(pid).map(|stat| stat.start),
            boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| id.trim().to_owned()),
            pid_namespace: fs::read_link("/proc/self/ns/pid").ok().map(|link| link.to_string_lossy().into_owned()),
            token: RandomState::new().hash_one(pid),
        }
    }

    /// Names the process, for messages.
    pub(super) fn describe(&self) -> String {
        // Another process wrote them, who knows which.
        let (host, started) = (self.host.escape_debug(), self.started.escape_debug());
        format!("process {} on {host} since {started}", self.pid)
    }

    /// Returns whether the process still lives, as far as `observer`, this process, can see.
    pub(super) fn life(&self, observer: &Self) -> Life {
        let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
        if self.host != observer.host
            || differ(&self.boot, &observer.boot)
            || differ(&self.pid_namespace, &observer.pid_namespace)
        {
            return Life::OutOfSight;
        }
        let pid = i32::try_from(self.pid).ok().filter(|&pid| pid > 0).and_then(Pid::from_raw);
        let exists = pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH));
        match (exists, proc_stat(self.pid), self.process_start) {
            (false, _, _) => Life::Gone,
            (true, Some(stat), _) if stat.is_over => Life::Gone,
            (true, Some(stat), Some(start)) => {
                if stat.start == start {
                    Life::Running
                } else {
                    Life::Gone
                }
            }
            (true, _, _) => Life::OutOfSight,
        }
    }
}

/// The state of a process, from /proc.
struct ProcStat {
    start: u64,
    /// It has ended, and only its parent has not asked how.
    is_over: bool,
}

fn proc_stat(pid: u32) -> Option<ProcStat> {
    let read: io::Result<String> = fs::read_to_string(format!("/proc/{pid}/stat"));
    let text = read.ok()?;
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    let mut fields = text[text.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?;
    // Field 22 of proc_pid_stat(5); the state is field 3.
    let start = fields.nth(18)?.parse().ok()?;
    Some(ProcStat { start, is_over: matches!(state, "Z" | "X") })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_and_one_with_another_start_is_gone() {
        let me = Owner::this_process();
        assert_eq!(me.life(&me), Life::Running);
        let before = Owner { process_start: me.process_start.map(|s| s + 1), ..me.clone() };
        assert_eq!(before.life(&me), Life::Gone);
        let untold = Owner { process_start: None, ..me.clone() };
        assert_eq!(untold.life(&me), Life::OutOfSight);
    }

    #[test]
    fn a_process_that_ended_is_gone_also_before_its_parent_asks() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let me = Owner::this_process();
        let owner = Owner { pid: child.id(), process_start: proc_stat(child.id()).map(|s| s.start), ..me.clone() };
        while owner.life(&me) == Life::Running {
            std::thread::yield_now();
        }
        assert_eq!(owner.life(&me), Life::Gone, "not yet waited for");
        child.wait().unwrap();
        assert_eq!(owner.life(&me), Life::Gone);
    }

    #[test]
    fn processes_of_other_machines_boots_and_containers_are_out_of_sight() {
        let me = Owner::this_process();
        let other = || Some("other".to_owned());
        for owner in [
            Owner { host: "elsewhere".into(), ..me.clone() },
            Owner { boot: other(), ..me.clone() },
            Owner { pid_namespace: other(), ..me.clone() },
        ] {
            assert_eq!(owner.life(&me), Life::OutOfSight);
        }
    }

    #[test]
    fn impossible_process_numbers_are_gone() {
        let me = Owner::this_process();
        for pid in [0, u32::MAX, 1 << 31] {
            assert_eq!(Owner { pid, ..me.clone() }.life(&me), Life::Gone);
        }
    }
}
