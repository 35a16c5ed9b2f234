//! The data files that a plan's points ask for, each looked into once for all points that read it in the same way; or
//! what a results folder keeps of them, for a plan that is made without opening any file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{DataError, Problem, idx, table};
use super::spec::{DataSource, DataSpec, FileSpec, Found, KnownFiles, NamedFile, short};

/// What was found in each file, or why it cannot be used.
#[derive(Debug)]
pub struct Catalog {
    files: Files,
    known: HashMap<(DataSource, FileSpec), Result<Arc<Found>, DataError>>,
}

/// Where files are that nobody has looked into yet.
#[derive(Debug)]
enum Files {
    /// Paths are relative to this folder.
    In(PathBuf),
    /// No file may be opened.
    Closed,
}

impl Catalog {
    /// A catalog of nothing, for paths relative to `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { files: Files::In(folder.into()), known: HashMap::new() }
    }

    /// A catalog of what is known, which opens no file. Other files than these cannot be used.
    pub fn closed(known: &[KnownFiles]) -> Self {
        let entry = |known: &KnownFiles| {
            let files = named_files(Path::new(""), known.source, &known.files)?;
            let KnownFiles { content, sizes, separator, header, .. } = *known;
            let label = known.label.clone();
            let found = Found { content, sizes, label, separator, header, notes: Vec::new(), few: None, files };
            Some(((known.source, known.files.clone()), Ok(Arc::new(found))))
        };
        Self { files: Files::Closed, known: known.iter().filter_map(entry).collect() }
    }

    /// What was found in the files that can be used, sorted by their names.
    pub fn known(&self) -> Vec<KnownFiles> {
        let entry = |((source, files), found): (&(DataSource, FileSpec), &Result<Arc<Found>, DataError>)| {
            let found = found.as_ref().ok()?.as_ref();
            let Found { content, sizes, separator, header, .. } = *found;
            let (label, files) = (found.label.clone(), files.clone());
            Some(KnownFiles { source: *source, files, content, sizes, label, separator, header })
        };
        let mut all: Vec<KnownFiles> = self.known.iter().filter_map(entry).collect();
        // Descriptions differ in what they show, which is all there is of them.
        all.sort_by_cached_key(|known| (known.files.path.clone(), format!("{:?}", (known.source, &known.files))));
        all
    }

    /// Looks into the files of a description, unless someone did, and completes it with what was found. A description
    /// that names too few files is left as it is.
    pub fn look(&mut self, spec: &mut DataSpec) -> Result<(), DataError> {
        if !spec.source.has_files() {
            return Ok(());
        }
        let folder = match &self.files {
            Files::In(folder) => folder,
            Files::Closed => Path::new(""),
        };
        let key = (spec.source, spec.files.clone());
        if let Some(files) = named_files(folder, spec.source, &spec.files) {
            let known = self.known.entry(key).or_insert_with(|| match self.files {
                Files::In(_) => look(spec.source, &spec.files, files).map(Arc::new),
                Files::Closed => Err(files[0].error(Problem::NotKept)),
            });
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
        let mut all: Vec<String> = self.found().map(|found| short(found.content)).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// The files of a description with their places; none where a name is missing.
fn named_files(folder: &Path, source: DataSource, spec: &FileSpec) -> Option<Vec<NamedFile>> {
    let named = |key: &'static str, name: &Option<Arc<str>>| {
        let name = name.as_ref()?.to_string();
        Some(NamedFile { key, path: folder.join(&name), name })
    };
    let FileSpec { path, labels, test_path, test_labels, .. } = spec;
    let mut files = vec![named("data.path", path)?];
    if source == DataSource::Idx {
        files.push(named("data.labels", labels)?);
        if test_path.is_some() || test_labels.is_some() {
            files.push(named("data.test_path", test_path)?);
            files.push(named("data.test_labels", test_labels)?);
        }
    }
    Some(files)
}

fn look(source: DataSource, spec: &FileSpec, mut files: Vec<NamedFile>) -> Result<Found, DataError> {
    match source {
        DataSource::Csv => table::look(spec, files.remove(0)),
        DataSource::Idx => idx::look(files, spec.test_fraction),
        DataSource::Digits
        | DataSource::Spirals
        | DataSource::Moons
        | DataSource::Blobs
        | DataSource::Noise
        | DataSource::Adding
        | DataSource::Copy
        | DataSource::DigitsRows
        | DataSource::DigitsPixels => {
            unreachable!("the source has files")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_catalog_gives_what_is_known_and_opens_no_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let table = folder.path().join("t.csv");
        std::fs::write(&table, "1,2,a\n3,1,b\n".repeat(5)).expect("a file");
        let named = |path: &str| {
            let files = FileSpec { path: Some(path.into()), ..FileSpec::default() };
            DataSpec { source: DataSource::Csv, files, ..crate::spec::RunSpec::default().data }
        };
        let (mut open, mut spec) = (Catalog::new(folder.path()), named("t.csv"));
        open.look(&mut spec).expect("a good table");
        let known = open.known();
        assert_eq!((known.len(), known[0].short_content().len(), known[0].sizes.outputs), (1, 16, 2));

        let mut closed = Catalog::closed(&known);
        std::fs::write(&table, "another").expect("a file");
        let mut again = named("t.csv");
        closed.look(&mut again).expect("it is known");
        assert_eq!((again.found, closed.known()), (spec.found, known));
        let unknown = closed.look(&mut named(table.to_str().expect("UTF-8"))).expect_err("it is there, but not known");
        assert_eq!((unknown.problem, unknown.key), (Problem::NotKept, "data.path"));
        assert_eq!(closed.known().len(), 1);
    }
}
