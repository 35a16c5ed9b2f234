//! The refusal of runs that would take all too long, before anything runs.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::plan::{Job, Plan, Remedy, shorter};

use crate::cli::limits::memory::changes;
use crate::cli::terminal::number::{counted, duration, thousands};
use crate::cli::view::run_name::name;

/// Seconds on one core that no run may take: a year. A stopped run begins again, so one that takes longer will never
/// end: it is a slip of the keyboard.
const LONGEST: f64 = 365.25 * 86_400.0;

/// Runs that may not begin.
#[derive(Debug)]
pub(crate) struct TooLong {
    config: PathBuf,
    /// Runs that take too long, out of so many that are to be trained.
    beyond: usize,
    of: usize,
    /// The number of the one that takes longest, its axis values, and its seconds.
    longest: usize,
    name: String,
    seconds: f64,
    remedies: Vec<Remedy>,
}

/// Runs that were looked at: which of them takes longest, and how many take too long.
#[derive(Debug, Default)]
pub(super) struct Times {
    beyond: usize,
    all: usize,
    /// The run's number and its seconds.
    longest: Option<(usize, f64)>,
}

impl Times {
    /// Looks at a run.
    pub(super) fn add(&mut self, job: &Job) {
        let (run, seconds) = (job.run, job.cost.seconds);
        self.all += 1;
        self.beyond += usize::from(seconds > LONGEST);
        // Of equals the first in the plan.
        if self.longest.is_none_or(|(so_far, most)| (most, run) < (seconds, so_far)) {
            self.longest = Some((run, seconds));
        }
    }

    /// Refuses runs of which one takes more than a year.
    pub(super) fn all_end(self, config: &Path, plan: &Plan) -> Result<(), Box<TooLong>> {
        match self.longest {
            Some((longest, seconds)) if self.beyond > 0 => Err(Box::new(TooLong {
                config: config.to_path_buf(),
                beyond: self.beyond,
                of: self.all,
                longest,
                name: name(plan, longest),
                seconds,
                remedies: shorter(&plan.spec(longest), LONGEST),
            })),
            Some(_) | None => Ok(()),
        }
    }
}

impl std::error::Error for TooLong {}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, beyond, of, longest, name, seconds, remedies } = self;
        let (config, time) = (config.display(), duration(*seconds));
        match (*beyond, *of) {
            (_, 1) => writeln!(f, "{config}: the run would take more than a year")?,
            (beyond, of) => {
                let (beyond, of) = (thousands(beyond as u64), counted(of, "run"));
                writeln!(f, "{config}: {beyond} of {of} to train would take more than a year")?;
            }
        }
        writeln!(f, "  longest  {name}: about {time} on one core")?;
        write!(f, "  limit    a year: a run that was stopped begins anew")?;
        match changes(remedies) {
            Some(changes) => write!(f, "\n  help     run {longest} is short enough with {changes}"),
            None => Ok(()),
        }
    }
}
