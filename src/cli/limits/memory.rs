//! The memory that jobs share, and the refusal of runs that would take more than their share, before anything runs.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::plan::{Job, Memory, Plan, Remedy, remedies};

use crate::cli::limits::machine::{Available, Limiter, available_memory};
use crate::cli::terminal::number::{bytes, counted, duration, thousands};
use crate::cli::view::run_name::name;

/// The part of the available memory that jobs share where nothing else is said. The rest is for the system, and for
/// what an estimate cannot know.
const SHARED: f64 = 0.8;

/// Remedies that are worth the reader's time.
const MOST_REMEDIES: usize = 3;

/// What all jobs together may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Budget {
    /// Bytes; infinite where nobody knows a limit.
    bytes: f64,
    origin: Origin,
    /// What the process may use, if the system tells.
    available: Option<Available>,
}

/// Who set the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// `--max-memory`.
    Argument,
    /// A share of what is available.
    System,
}

/// What each job may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share {
    budget: Budget,
    /// Runs at the same time.
    jobs: usize,
}

/// The run that takes most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Largest {
    /// Its number in the plan.
    pub(crate) run: usize,
    pub(crate) memory: Memory,
}

/// Runs that may not begin.
#[derive(Debug)]
pub(crate) struct TooLarge {
    config: PathBuf,
    /// Runs that are too large, out of so many that are to be trained.
    beyond: usize,
    of: usize,
    largest: Largest,
    /// Seconds that it takes on one core.
    seconds: f64,
    /// Its number and axis values.
    name: String,
    share: Share,
    remedies: Vec<Remedy>,
}

impl Budget {
    /// Takes the budget from `--max-memory`, else a share of what there is.
    pub(crate) fn of(max_memory: Option<u64>) -> Self {
        let available = available_memory();
        let system = available.map_or(f64::INFINITY, |available| SHARED * available.bytes as f64);
        match max_memory {
            Some(bytes) => Self { bytes: bytes as f64, origin: Origin::Argument, available },
            None => Self { bytes: system, origin: Origin::System, available },
        }
    }

    /// Divides the budget among the jobs that `runs` keep busy.
    pub(crate) fn share(self, jobs: NonZeroUsize, runs: usize) -> Share {
        Share { budget: self, jobs: jobs.get().min(runs.max(1)) }
    }
}

impl Share {
    /// Returns the bytes of one job.
    pub(crate) fn bytes(self) -> f64 {
        self.budget.bytes / self.jobs as f64
    }
}

/// Runs that were looked at: which of them takes most, and how many take too much.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    beyond: usize,
    all: usize,
    largest: Option<Largest>,
}

impl Sizes {
    /// Looks at a run.
    pub(super) fn add(&mut self, job: &Job, share: Share) {
        let Job { run, memory, .. } = *job;
        self.all += 1;
        self.beyond += usize::from(memory.peak > share.bytes());
        // Of equals the first in the plan.
        let is_less = |so_far: &Largest| (so_far.memory.peak, run) < (memory.peak, so_far.run);
        if self.largest.as_ref().is_none_or(is_less) {
            self.largest = Some(Largest { run, memory });
        }
    }

    /// The largest of the runs, of which there is at least one, if all of them fit.
    pub(super) fn all_fit(self, share: Share, config: &Path, plan: &Plan) -> Result<Largest, Box<TooLarge>> {
        let Self { beyond, all: of, largest } = self;
        let largest = largest.expect("there is a run");
        if beyond == 0 {
            return Ok(largest);
        }
        let Job { spec, cost, .. } = plan.job(largest.run);
        let (config, name, seconds) = (config.to_path_buf(), name(plan, largest.run), cost.seconds);
        let remedies = remedies(&spec, share.bytes());
        Err(Box::new(TooLarge { config, beyond, of, largest, seconds, name, share, remedies }))
    }
}

/// Writes `9.88 GB for each of 2 jobs`; nothing where no limit is known.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_one = bytes(self.bytes());
        match self.jobs {
            1 => write!(f, "{of_one} for one job"),
            jobs => write!(f, "{of_one} for each of {jobs} jobs"),
        }
    }
}

/// Writes `80 % of the 24.7 GB of this machine`.
impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.origin, self.available) {
            (Origin::Argument, _) | (Origin::System, None) => write!(f, "--max-memory {}", bytes(self.bytes)),
            (Origin::System, Some(available)) => {
                write!(f, "{:.0} % of the {}", 100.0 * SHARED, available_text(available))
            }
        }
    }
}

fn available_text(available: Available) -> String {
    let whose = match available.limiter {
        Limiter::Machine => "of this machine",
        Limiter::ControlGroup => "that this process's control group allows",
    };
    format!("{} {whose}", bytes(available.bytes as f64))
}

/// Says what takes how much, the most first; what is next to nothing is left out.
fn parts(memory: &Memory) -> String {
    let mut parts = [
        (memory.workspace, "one batch on its way forward and back"),
        (memory.net, "the net with its gradients"),
        (memory.data, "the data set"),
        (memory.results, "what is measured and kept"),
    ];
    parts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let worth_saying = parts.iter().filter(|(size, _)| *size > 0.05 * memory.peak);
    worth_saying.map(|(size, what)| format!("{} for {what}", bytes(*size))).collect::<Vec<_>>().join(", ")
}

impl TooLarge {
    /// Says what helps, each in a line.
    fn helps(&self) -> Vec<String> {
        let Self { largest, share, config, .. } = self;
        let (peak, Share { budget, jobs }) = (largest.memory.peak, *share);
        let mut helps = Vec::new();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a saturating cast is a clamp")]
        let fewer = (budget.bytes / peak) as usize;
        if (1..jobs).contains(&fewer) {
            helps.push(format!("--jobs {fewer} leaves {} to each, and is enough", bytes(budget.bytes / fewer as f64)));
        }
        let wanted = peak * jobs as f64;
        if let Some(available) = budget.available.filter(|available| wanted <= available.bytes as f64) {
            let (wanted, available) = (bytes_above(wanted), available_text(available));
            helps.push(format!("--max-memory {wanted} is enough, and within the {available}"));
        }
        helps.extend(changes(&self.remedies).map(|changes| format!("run {} fits with {changes}", largest.run)));
        if self.of > 1 {
            helps.push(format!("`vgrun plan {} --csv` lists what every run takes", config.display()));
        }
        helps
    }
}

/// Writes `model.depth = 5, train.steps = 10 or model.width = 4`: the first few, any one of which is enough.
pub(crate) fn changes(remedies: &[Remedy]) -> Option<String> {
    let few = remedies.iter().take(MOST_REMEDIES);
    let changes: Vec<String> = few.map(|Remedy { key, value }| format!("{key} = {value}")).collect();
    let (last, others) = changes.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} or {last}", others.join(", ")) })
}

/// Writes an amount as `--max-memory` takes it, with three digits and not less than `x`.
fn bytes_above(x: f64) -> String {
    // The last of three digits is worth at most a hundredth.
    bytes(1.01 * x).replace(' ', "")
}

impl std::error::Error for TooLarge {}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, beyond, of, largest, name, share, .. } = self;
        let (config, peak) = (config.display(), bytes(largest.memory.peak));
        match (*beyond, *of) {
            (_, 1) => writeln!(f, "{config}: the run would take more memory than one job may use")?,
            (beyond, of) => {
                let (beyond, of) = (thousands(beyond as u64), counted(of, "run"));
                writeln!(f, "{config}: {beyond} of {of} to train would take more memory than one job may use")?;
            }
        }
        writeln!(f, "  largest  {name}: about {peak}; {}", parts(&largest.memory))?;
        writeln!(f, "  time     about {} for it on one core", duration(self.seconds))?;
        write!(f, "  limit    {share}: {}", share.budget)?;
        for help in self.helps() {
            write!(f, "\n  help     {help}")?;
        }
        Ok(())
    }
}
