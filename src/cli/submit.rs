//! `vgrun submit`: print, or run, the script that hands an experiment's shards to a scheduler.

use std::env;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::Command;

use crate::cluster::{Engine, Job, Tasks};

use super::args::{EngineArgument, SubmitArguments};
use super::array_limit::array_limit;
use super::error::CliError;
use super::exit::Exit;
use super::print::out;
use super::start::load;

pub(super) fn submit(arguments: &SubmitArguments) -> Result<Exit, CliError> {
    // What is wrong with the config is said now, and not by a hundred tasks.
    let plan = load(&arguments.experiment, false)?;
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

fn job(arguments: &SubmitArguments, name: &str) -> Result<Job, CliError> {
    let text = |path: PathBuf| path.into_os_string().into_string().map_err(|path| CliError::NotText(path.into()));
    let experiment = arguments.experiment.words();
    let config = &arguments.experiment.config.path;
    let limit = arguments.resources.max_memory.map(|bytes| ["--max-memory".to_owned(), format!("{bytes}B")]);
    Ok(Job {
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
