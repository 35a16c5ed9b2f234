//! The manifest that each shard of a sweep writes: `runs/shard-3-of-8.json`, the only file that a shard writes beside its
//! segments.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic;
use super::error::StoreError;
use super::log::segment::runs_folder;
use super::manifest::{Manifest, read_json, write_json};
use crate::plan::Shard;

/// The manifest of a shard: how, where and when it ran, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardManifest {
    /// [`ShardManifest::SCHEMA`].
    pub schema: u32,
    /// The shard's number, from 0.
    pub shard: u32,
    /// The number of shards.
    pub shards: u32,
    /// The shard's runs.
    pub runs: usize,
    /// Runs with a result.
    pub done: usize,
    /// Runs that a panic or an I/O error ended.
    pub failed: usize,
    /// The exit code of the command; null while it runs, or if it was killed.
    pub exit_code: Option<u8>,
    /// The manifest that a sweep in one piece would have written.
    pub sweep: Manifest,
}

impl ShardManifest {
    /// The version of the file's format. Schema 1 had a manifest of schema 1 in it.
    pub const SCHEMA: u32 = 2;

    /// Makes the manifest of a shard that begins.
    pub fn begin(shard: Shard, runs: usize, sweep: Manifest) -> Self {
        let (index, count) = (shard.index(), shard.count().get());
        Self { schema: Self::SCHEMA, shard: index, shards: count, runs, done: 0, failed: 0, exit_code: None, sweep }
    }

    /// Returns the shard; none where the numbers are of no shard.
    pub fn shard(&self) -> Option<Shard> {
        Shard::new(self.shard, self.shards.try_into().ok()?).ok()
    }

    /// Writes the manifest into the folder of an experiment.
    ///
    /// # Panics
    /// If the numbers are of no shard.
    pub fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let shard = self.shard().expect("a manifest is begun for a shard");
        write_json(&runs_folder(folder), &file(shard), self)
    }

    /// Reads the manifests of all shards of an experiment's folder, by count and then by number, each with its path.
    pub fn read_all(folder: &Path) -> Result<Vec<(PathBuf, Self)>, StoreError> {
        let runs = runs_folder(folder);
        let list = match fs::read_dir(&runs) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            list => list.map_err(StoreError::io("list", &runs))?,
        };
        let mut all = Vec::new();
        for entry in list {
            let path = entry.map_err(StoreError::io("list", &runs))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.starts_with("shard-") || path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            // A shard may have been removed meanwhile.
            let Some(manifest) = read_json::<Self>(&path, Self::SCHEMA, Manifest::MOST_BYTES)? else { continue };
            if manifest.shard().is_none_or(|shard| file(shard) != name) {
                let reason = format!("it says that it is shard {} of {}", manifest.shard, manifest.shards);
                return Err(StoreError::Malformed { path, reason });
            }
            all.push((path, manifest));
        }
        all.sort_by_key(|(_, manifest)| (manifest.shards, manifest.shard));
        Ok(all)
    }

    /// Makes `merged`, the manifest of a merge, that of these shards: with their machines, jobs and cores together, from the
    /// first beginning to the last end, and with the sum of their seconds.
    pub fn together(merged: Manifest, shards: &[Self]) -> Manifest {
        let Some(first) = shards.first() else { return merged };
        let sweeps = || shards.iter().map(|shard| &shard.sweep);
        let names =
            |of: fn(&Manifest) -> &str| sweeps().map(of).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        Manifest {
            vgrun: first.sweep.vgrun.clone(),
            host: names(|sweep| &sweep.host).join(", "),
            cpus: sweeps().map(|sweep| sweep.cpus).sum(),
            tier: names(|sweep| &sweep.tier).join(", "),
            jobs: sweeps().map(|sweep| sweep.jobs).sum(),
            started: sweeps().map(|sweep| sweep.started.clone()).min().unwrap_or_default(),
            ended: sweeps().filter_map(|sweep| sweep.ended.clone()).max(),
            seconds: sweeps().map(|sweep| sweep.seconds).sum(),
            peak_memory_bytes: sweeps().filter_map(|sweep| sweep.peak_memory_bytes).max(),
            ..merged
        }
    }

    /// Takes the manifests of another folder in; where both folders have one of a shard, the one that began later stays.
    pub(super) fn take_in(folder: &Path, from: &Path) -> Result<(), StoreError> {
        let here = Self::read_all(folder)?;
        for (_, theirs) in Self::read_all(from)? {
            let ours = here.iter().map(|(_, ours)| ours).find(|ours| ours.shard() == theirs.shard());
            if ours.is_none_or(|ours| ours.sweep.started < theirs.sweep.started) {
                theirs.write(folder)?;
            }
        }
        Ok(())
    }
}

fn file(shard: Shard) -> String {
    format!("{}.json", shard.file_stem())
}

/// Removes temporary files of manifests and segments that killed processes left.
pub(super) fn remove_leftovers(folder: &Path) -> Result<(), StoreError> {
    atomic::remove_leftovers(&runs_folder(folder))
}
