//! `vgrun submit`: print, or run, the script that hands an experiment's shards to a scheduler.

use crate::cli::arguments::{Experiment, Resources, whole};
use clap::{Args, ValueEnum};
use std::env;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::Command;

use crate::cluster::{ArrayJob, Engine, Tasks};

use crate::cli::limits::array::array_limit;
use crate::cli::session::error::CliError;
use crate::cli::session::load::load;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::out;

/// Arguments of `submit`.
#[derive(Debug, Args)]
pub(crate) struct SubmitArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    #[command(flatten)]
    pub(crate) resources: Resources,
    /// Who runs the shards
    #[arg(long)]
    pub(crate) engine: EngineArgument,
    /// How many shards there are
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>)]
    pub(crate) shards: NonZeroU32,
    /// How many shards each task of Slurm's array trains, one after the other [default: 1]
    #[arg(long, value_name = "K", value_parser = whole::<NonZeroU32>)]
    pub(crate) shards_per_task: Option<NonZeroU32>,
    /// Hand in these shards alone, such as 3,7
    #[arg(long, value_name = "LIST")]
    pub(crate) array: Option<Tasks>,
    /// Run the script instead of printing it
    #[arg(long)]
    pub(crate) run: bool,
    /// Options for sbatch, hq submit or parallel, behind --
    #[arg(last = true, value_name = "OPTIONS")]
    pub(crate) options: Vec<String>,
}

/// Who runs the shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArgument {
    /// Slurm's job arrays
    Slurm,
    /// HyperQueue's task arrays
    #[value(name = "hyperqueue")]
    HyperQueue,
    /// GNU parallel
    Parallel,
}

pub(crate) fn run(arguments: &SubmitArguments) -> Result<Exit, CliError> {
    // What is wrong with the config is said now, and not by a hundred tasks.
    let (plan, _) = load(&arguments.experiment, false)?;
    let engine = arguments.engine.engine();
    let job = job(arguments, &plan.experiment().name)?;
    match (engine, arguments.shards_per_task) {
        (Engine::Slurm, _) => array_limit().check(&job.array(), job.shards)?,
        (Engine::HyperQueue | Engine::Parallel, Some(_)) => {
            return Err(CliError::ShardsPerTask { engine: engine.name() });
        }
        (Engine::HyperQueue | Engine::Parallel, None) => {}
    }
    let script = engine.script(&job);
    if !arguments.run {
        out(script.trim_end())?;
        return Ok(Exit::Fine);
    }
    let ended = Command::new("bash").args(["-c", &script]).status()?;
    match ended.code() {
        Some(0) => Ok(Exit::Fine),
        // Where the script waits for the merge: some runs failed or are missing, and the merge has said so.
        Some(code) if code == i32::from(Exit::RunsFailed.code()) => Ok(Exit::RunsFailed),
        Some(_) | None => Err(CliError::Submit { engine: engine.name(), ended: ended.to_string() }),
    }
}

fn job(arguments: &SubmitArguments, name: &str) -> Result<ArrayJob, CliError> {
    let text = |path: PathBuf| path.into_os_string().into_string().map_err(|path| CliError::NotText(path.into()));
    let experiment = arguments.experiment.words();
    let config = &arguments.experiment.config.path;
    let limit = arguments.resources.max_memory.map(|bytes| ["--max-memory".to_owned(), format!("{bytes}B")]);
    Ok(ArrayJob {
        name: name.to_owned(),
        program: text(env::current_exe()?)?,
        folder: text(env::current_dir()?)?,
        experiment: experiment.ok_or_else(|| CliError::NotText(config.clone()))?,
        sweep: limit.into_iter().flatten().collect(),
        jobs: arguments.resources.jobs,
        shards: arguments.shards,
        shards_per_task: arguments.shards_per_task.unwrap_or(NonZeroU32::MIN),
        tasks: match &arguments.array {
            Some(tasks) => tasks.clone().within(arguments.shards)?,
            None => Tasks::all(arguments.shards),
        },
        options: arguments.options.clone(),
    })
}

impl EngineArgument {
    fn engine(self) -> Engine {
        match self {
            Self::Slurm => Engine::Slurm,
            Self::HyperQueue => Engine::HyperQueue,
            Self::Parallel => Engine::Parallel,
        }
    }
}
