//! Exit codes: what a script or a scheduler can act on.

use std::process::ExitCode;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: all is well.
    Fine,
    /// 1: a check failed.
    CheckFailed,
    /// 2: a usage, config or I/O error.
    Error,
    /// 3: the sweep ended, but some runs failed.
    RunsFailed,
    /// 75: stopped by a scheduler's SIGUSR1; the same command resumes.
    StoppedByScheduler,
    /// 130: interrupted by SIGINT or SIGTERM; the same command resumes.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::CheckFailed => 1,
            Self::Error => 2,
            Self::RunsFailed => 3,
            Self::StoppedByScheduler => 75,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
