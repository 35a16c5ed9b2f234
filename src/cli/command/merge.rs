//! `vgrun merge`: put together what shards stored, and write the tables once every run is there.

use crate::cli::arguments::Experiment;
use clap::Args;
use std::path::{Path, PathBuf};

use crate::plan::Plan;
use crate::store::{Manifest, ShardManifest, Taken, Writer};
use crate::tables;

use crate::cli::session::error::CliError;
use crate::cli::session::load::load;
use crate::cli::session::manifest::{OpenManifest, result_file};
use crate::cli::session::training::note_failures;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::{counted, thousands};
use crate::cli::terminal::print::{note, out};
use crate::cli::view::gaps::Gaps;
use crate::cli::view::results;
use crate::cli::view::run_name::name;
use crate::cli::view::shard_states::{ShardStates, count_text};

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    /// Folders whose runs are copied in first: what shards had as --out, or an experiment's folder in it
    pub(crate) folders: Vec<PathBuf>,
    /// Write the tables of what there is, also where runs are missing
    #[arg(long)]
    pub(crate) partial: bool,
    /// Print nothing but errors and what is missing
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// How many missing runs are named.
const MOST_NAMED: usize = 5;

pub(crate) fn run(arguments: &MergeArguments) -> Result<Exit, CliError> {
    let (plan, folder) = load(&arguments.experiment, arguments.quiet)?;
    let mut session = OpenManifest::begin(&plan, 1);
    let sources = sources(arguments, &folder)?;
    for folder in sources.iter().chain([&folder]) {
        for (path, manifest) in ShardManifest::read_all(folder)? {
            manifest.must_fit(&path, &plan, &session.manifest.plan)?;
        }
    }
    let (mut writer, notices, mut taken) = Writer::merging(&folder, &plan)?;
    for source in &sources {
        taken = sum(taken, writer.take_in(&plan, source)?);
    }
    if !arguments.quiet {
        notices.iter().for_each(|notice| note(&format!("note: {notice}")));
        note_taken(&plan, taken);
    }
    let states = ShardStates::of(&folder)?;
    if plan.runs().any(|run| writer.store().ending_of(&plan, run).is_none()) {
        let gaps = Gaps::of(&plan, writer.store());
        note_missing(&plan, &arguments.experiment, &gaps, &states, &folder);
        if !arguments.partial {
            note("no table was written; --partial writes those of the runs that are there");
            return Ok(Exit::RunsFailed);
        }
        if gaps.count().missing == plan.len() {
            return Err(CliError::NoneStored(folder));
        }
    }
    let overview = tables::rebuild(writer.store(), &plan)?;
    session.stop_clock();
    let manifest = manifest(session.manifest, states, &folder)?;
    manifest.write(&folder)?;
    let is_whole = overview.missing == 0 && overview.failed.is_empty();
    let exit = if is_whole { Exit::Fine } else { Exit::RunsFailed };
    result_file(&plan, &overview, exit).write(&folder)?;
    writer.finish()?;
    if !arguments.quiet {
        out(results::text(&plan, &overview, false, &folder, manifest.seconds).trim_end())?;
    }
    note_failures(&plan, overview.failed.len(), overview.failed.iter().map(|(run, why)| (*run, why.as_str())));
    Ok(exit)
}

/// Finds the experiment's folders in those that were given, without the one that is merged into.
fn sources(arguments: &MergeArguments, into: &Path) -> Result<Vec<PathBuf>, CliError> {
    let name = into.file_name().unwrap_or_default();
    let has_runs = |folder: &Path| folder.join("runs").is_dir();
    if arguments.folders.is_empty() && !has_runs(into) {
        return Err(CliError::NothingToMerge(into.to_path_buf()));
    }
    let mut sources = Vec::new();
    for given in &arguments.folders {
        let found = [given.clone(), given.join(name)].into_iter().find(|folder| has_runs(folder));
        let found = found
            .ok_or_else(|| CliError::NoRuns { folder: given.clone(), name: name.to_string_lossy().into_owned() })?;
        let same = |a: &Path, b: &Path| a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b);
        if !same(&found, into) && !sources.iter().any(|known: &PathBuf| same(known, &found)) {
            sources.push(found);
        }
    }
    Ok(sources)
}

fn sum(a: Taken, b: Taken) -> Taken {
    Taken { segments: a.segments + b.segments, duplicates: a.duplicates + b.duplicates, kept: a.kept + b.kept }
}

fn note_taken(plan: &Plan, taken: Taken) {
    let Taken { segments, duplicates, kept } = taken;
    if segments + kept > 0 {
        let kept = if kept > 0 { format!(" and {}", counted(kept, "kept file")) } else { String::new() };
        note(&format!("{}: copied {}{kept}", plan.experiment().name, counted(segments, "segment")));
    }
    if duplicates > 0 {
        note(&format!("note: {} stood twice, the same to the byte", counted(duplicates, "result")));
    }
}

/// Notes what is missing, and whose it is.
fn note_missing(plan: &Plan, experiment: &Experiment, gaps: &Gaps, states: &ShardStates, folder: &Path) {
    note(&format!("{}: {}", folder.display(), count_text(gaps.count())));
    for run in gaps.missing(MOST_NAMED) {
        note(&format!("  missing: {}", name(plan, run)));
    }
    let more = gaps.count().missing.saturating_sub(MOST_NAMED);
    if more > 0 {
        note(&format!("  and {} more", thousands(more as u64)));
    }
    let counts = states.counts();
    for &count in &counts {
        states.unfinished(gaps, count).iter().for_each(|line| note(&format!("  {line}")));
    }
    if counts.is_empty() {
        let words = experiment.words().unwrap_or_default().join(" ");
        note(&format!("  no shard has begun; `vgrun sweep {words}` trains what is missing"));
    }
}

/// Returns what the folder's manifest is to say: what its shards say together, or without shards what the sweep said
/// that filled it.
fn manifest(session: Manifest, states: ShardStates, folder: &Path) -> Result<Manifest, CliError> {
    let shards: Vec<ShardManifest> = states.manifests.into_iter().map(|(_, manifest)| manifest).collect();
    if shards.is_empty()
        && let Some(earlier) = Manifest::read(folder)?
        && earlier.plan == session.plan
    {
        // An older vgrun did not keep what it found in the data files.
        return Ok(Manifest { schema: session.schema, data: session.data, ..earlier });
    }
    Ok(ShardManifest::together(session, &shards))
}
