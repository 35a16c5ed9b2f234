//! What a command that trains says of itself in the results folder: its manifest while it works, its result at the end.

use std::path::Path;
use std::time::{Instant, SystemTime};

use crate::kernels::Tier;
use crate::plan::Plan;
use crate::spec::NUMERICS;
use crate::store::{Manifest, ResultFile, Store, StoreError, host_name, utc};
use crate::tables::Overview;

use crate::cli::limits::machine::available_jobs;
use crate::cli::limits::peak_memory::peak_memory;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::version::version;
use crate::cli::view::cures::Cures;
use crate::cli::view::{effects, reach};

/// The manifest of a command that is at work, with its clock.
pub(crate) struct OpenManifest {
    clock: Instant,
    pub(crate) manifest: Manifest,
    /// Whether the results folder has this manifest.
    has_folder: bool,
}

impl OpenManifest {
    pub(crate) fn begin(plan: &Plan, jobs: usize) -> Self {
        let experiment = plan.experiment();
        let manifest = Manifest {
            schema: Manifest::SCHEMA,
            vgrun: version().into(),
            numerics: NUMERICS,
            config: experiment.source.text().to_owned(),
            overrides: experiment.sets.clone(),
            plan: plan.hash(),
            values: plan.value_sets(),
            data: plan.known_files(),
            host: host_name(),
            cpus: available_jobs().get(),
            tier: Tier::current().name().into(),
            jobs,
            started: utc(SystemTime::now()),
            ended: None,
            seconds: 0.0,
            peak_memory_bytes: None,
        };
        Self { clock: Instant::now(), manifest, has_folder: false }
    }

    /// Writes the manifest, unless the folder holds the results of another plan and no run of this one: its tables and its
    /// report go with the manifest that is there, and stay until the first run of this plan has ended.
    pub(crate) fn open(&mut self, folder: &Path, store: &Store, plan: &Plan) -> Result<(), StoreError> {
        // One that is damaged is replaced as late as one of another plan.
        let is_free =
            Manifest::read(folder).is_ok_and(|earlier| earlier.is_none_or(|it| it.plan == self.manifest.plan));
        if is_free || plan.runs().any(|run| store.ending_of(plan, run).is_some()) {
            self.manifest.write(folder)?;
            self.has_folder = true;
        }
        Ok(())
    }

    /// Writes the manifest that waited for the first run to end.
    pub(crate) fn run_ended(&mut self, folder: &Path) {
        // What keeps it from being written shows when it is written at the end.
        self.has_folder = self.has_folder || self.manifest.write(folder).is_ok();
    }

    /// Stops the clock and writes the manifest; of a plan without a record only into a folder that has no other results.
    pub(crate) fn end(&mut self, folder: &Path, overview: &Overview) -> Result<(), StoreError> {
        self.stop_clock();
        self.has_folder |= !overview.is_empty();
        if self.has_folder { self.manifest.write(folder) } else { Ok(()) }
    }

    /// Whether the folder still holds the results of another plan, as no run of this one has ended.
    pub(crate) fn left_the_folder(&self) -> bool {
        !self.has_folder
    }

    pub(crate) fn stop_clock(&mut self) {
        self.manifest.seconds = self.clock.elapsed().as_secs_f64();
        self.manifest.ended = Some(utc(SystemTime::now()));
        self.manifest.peak_memory_bytes = peak_memory();
    }
}

/// What the folder's result.json says.
pub(crate) fn result_file(plan: &Plan, overview: &Overview, exit: Exit) -> ResultFile {
    ResultFile {
        schema: ResultFile::SCHEMA,
        plan: plan.hash(),
        runs: plan.len(),
        done: overview.done(),
        ok: overview.ok,
        diverged: overview.diverged,
        failed: overview.failed.len(),
        missing: overview.missing,
        verdicts: overview.verdicts.iter().map(|(verdict, n)| (verdict.name().into(), *n)).collect(),
        exit_code: exit.code(),
        headline: reach::headline(plan, overview),
        sick: Cures::of(plan, overview).map_or(serde_json::Value::Null, |cures| cures.json()),
        effects: effects::json(&overview.effects),
        check: serde_json::Value::Null,
    }
}
