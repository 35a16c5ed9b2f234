//! The data files that a plan's points ask for, each looked into once for all points that read it in the same way.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::found::NamedFile;
use super::{DataError, DataSpec, FileSpec, Found, Source, csv, idx};

/// What was found in each file, or why it cannot be used.
#[derive(Debug)]
pub struct Catalog {
    /// What paths are relative to.
    folder: PathBuf,
    known: HashMap<(Source, FileSpec), Result<Arc<Found>, DataError>>,
}

impl Catalog {
    /// A catalog of nothing, for paths relative to `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), known: HashMap::new() }
    }

    /// Looks into the files of a description, unless someone did, and completes it with what was found. A description
    /// that names too few files is left as it is.
    pub fn look(&mut self, spec: &mut DataSpec) -> Result<(), DataError> {
        if !spec.source.has_files() {
            return Ok(());
        }
        let folder = &self.folder;
        let key = (spec.source, spec.files.clone());
        if let Some(files) = named_files(folder, spec) {
            let known = self.known.entry(key).or_insert_with(|| look(spec.source, &spec.files, files).map(Arc::new));
            spec.found = Some(Arc::clone(known.as_ref().map_err(Clone::clone)?));
        }
        Ok(())
    }

    /// Completes a description that [`Catalog::look`] has seen.
    pub fn complete(&self, spec: &mut DataSpec) {
        if spec.source.has_files()
            && let Some(Ok(found)) = self.known.get(&(spec.source, spec.files.clone()))
        {
            spec.found = Some(Arc::clone(found));
        }
    }

    /// What was found in the files that can be used.
    pub fn found(&self) -> impl Iterator<Item = &Found> {
        self.known.values().flatten().map(AsRef::as_ref)
    }

    /// The contents of all files that can be used, by the first 16 hex digits of their hashes, each once, sorted.
    pub fn contents(&self) -> Vec<String> {
        let hex = |found: &Found| found.content.to_hex().as_str()[..16].to_string();
        let mut all: Vec<String> = self.found().map(hex).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// The files of a description with their places; none where a name is missing.
fn named_files(folder: &std::path::Path, spec: &DataSpec) -> Option<Vec<NamedFile>> {
    let named = |key: &'static str, name: &Option<Arc<str>>| {
        let name = name.as_ref()?.to_string();
        Some(NamedFile { key, path: folder.join(&name), name })
    };
    let FileSpec { path, labels, test_path, test_labels, .. } = &spec.files;
    let mut files = vec![named("data.path", path)?];
    if spec.source == Source::Idx {
        files.push(named("data.labels", labels)?);
        if test_path.is_some() || test_labels.is_some() {
            files.push(named("data.test_path", test_path)?);
            files.push(named("data.test_labels", test_labels)?);
        }
    }
    Some(files)
}

fn look(source: Source, spec: &FileSpec, mut files: Vec<NamedFile>) -> Result<Found, DataError> {
    match source {
        Source::Csv => csv::look(spec, files.remove(0)),
        Source::Idx => idx::look(files),
        Source::Digits
        | Source::Spirals
        | Source::Moons
        | Source::Blobs
        | Source::Noise
        | Source::Adding
        | Source::Copy
        | Source::DigitsRows
        | Source::DigitsPixels => {
            unreachable!("the source has files")
        }
    }
}
