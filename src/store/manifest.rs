//! Two files about the sweep that filled a folder: `manifest.json` says how and where it ran, `result.json` what came
//! of it. Everything that differs between machines and days lives in the manifest and nowhere else.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::atomic::AtomicFile;
use super::error::StoreError;
use crate::config::read_text;
use crate::data::KnownFiles;

/// The manifest of a sweep: how, where and when it ran, and what it ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`Manifest::SCHEMA`].
    pub schema: u32,
    /// The version of vgrun, with its commit where the build was told it: `0.1.0 (1a2b3c4)`.
    pub vgrun: String,
    /// The version of the numerics.
    pub numerics: u32,
    /// The config as it was read, so that the folder can be understood without the file.
    pub config: String,
    /// Every `--set KEY=VALUE`, in order.
    pub overrides: Vec<String>,
    /// The hash of the plan, in hexadecimal digits.
    pub plan: String,
    /// The values of each key that some run uses, as tables show them, at most 32 of each.
    pub values: BTreeMap<String, Vec<String>>,
    /// The contents of the data files that the config names, so that the folder can be read without them. Since
    /// schema 2.
    #[serde(default)]
    pub data: Vec<KnownFiles>,
    /// The machine's name.
    pub host: String,
    /// Cores that the process could use.
    pub cpus: usize,
    /// The instructions that the kernels used; they change no result.
    pub tier: String,
    /// Runs trained at a time.
    pub jobs: usize,
    /// The time when the sweep started, in UTC.
    pub started: String,
    /// The time when it ended, in UTC; null while it runs, or if it was killed.
    pub ended: Option<String>,
    /// The seconds that it took.
    pub seconds: f64,
    /// The most memory that the process held, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

/// The result of a sweep, for scripts. A whole number of an axis that a double may not hold, as a seed may be, is text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultFile {
    /// [`ResultFile::SCHEMA`].
    pub schema: u32,
    /// The hash of the plan, in hexadecimal digits.
    pub plan: String,
    /// Runs of the plan.
    pub runs: usize,
    /// Runs that have a result: `ok` + `diverged`.
    pub done: usize,
    /// Runs that ended with finite losses.
    pub ok: usize,
    /// Runs with a loss that was not finite.
    pub diverged: usize,
    /// Runs that a panic or an I/O error ended.
    pub failed: usize,
    /// Runs without a record.
    pub missing: usize,
    /// The number of runs with each verdict.
    pub verdicts: BTreeMap<String, usize>,
    /// The exit code of the command.
    pub exit_code: u8,
    /// The findings to be read first.
    pub headline: serde_json::Value,
    /// The cells that are sick or that some seed did not learn, each with its cause, in a word and a sentence, the single
    /// changes that cure it, and where none does a line to add to the grid; null where there are too many cells. Since
    /// schema 2.
    #[serde(default)]
    pub sick: serde_json::Value,
    /// The change of each axis that does the most to the gradients. Since schema 2.
    #[serde(default)]
    pub effects: serde_json::Value,
    /// The findings of `vgrun check`, case by case; null for a sweep. Since schema 2.
    #[serde(default)]
    pub check: serde_json::Value,
}

impl Manifest {
    /// The version of the file's format, and of the tables beside it: since schema 3, layers.csv and trace.csv name the
    /// site and its block. Tables of an earlier one are written anew by the next sweep.
    pub const SCHEMA: u32 = 3;

    pub(crate) const FILE: &str = "manifest.json";

    /// The largest one holds the config's text, of 1 MiB, and some values of each of its keys.
    pub(super) const MOST_BYTES: u64 = 16 << 20;

    /// Returns whether the plan's runs read data files and the manifest does not say what was in them, as one of schema 1.
    pub fn lacks_data(&self) -> bool {
        self.schema < 2 && self.values.contains_key("data.path")
    }

    /// Lists the contents, by 16 hex digits, that the files which the config asks for by `files` may have had; none where
    /// the runs read no such files. A manifest of schema 1 does not tell them apart, so all of its contents are listed.
    pub fn contents_for(&self, files: &KnownFiles) -> Vec<String> {
        if self.lacks_data() {
            return self.values.get("data.content").cloned().unwrap_or_default();
        }
        let same = |known: &&KnownFiles| (known.source, &known.files) == (files.source, &files.files);
        self.data.iter().filter(same).map(KnownFiles::short_content).collect()
    }

    /// Writes the folder's manifest.
    pub fn write(&self, folder: &Path) -> Result<(), StoreError> {
        write_json(folder, Self::FILE, self)
    }

    /// Reads the folder's manifest; none where there is none.
    pub fn read(folder: &Path) -> Result<Option<Self>, StoreError> {
        read_json(&folder.join(Self::FILE), Self::SCHEMA, Self::MOST_BYTES)
    }
}

impl ResultFile {
    /// The version of the file's format.
    pub const SCHEMA: u32 = 2;

    const FILE: &str = "result.json";

    /// The largest one holds a message for each number of a baseline.
    const MOST_BYTES: u64 = 64 << 20;

    /// Writes the folder's result.
    pub fn write(&self, folder: &Path) -> Result<(), StoreError> {
        write_json(folder, Self::FILE, self)
    }

    /// Reads the folder's result; none where there is none.
    pub fn read(folder: &Path) -> Result<Option<Self>, StoreError> {
        read_json(&folder.join(Self::FILE), Self::SCHEMA, Self::MOST_BYTES)
    }

    /// Removes the folder's result, so that what an earlier command found is not taken for what a killed one did.
    pub fn remove(folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(Self::FILE);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", &path)(e)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Writes a file of the folder, indented and with its fields in the order of their declaration.
pub(crate) fn write_json<T: Serialize>(folder: &Path, name: &str, value: &T) -> Result<(), StoreError> {
    let mut text = serde_json::to_string_pretty(value).expect("numbers, text and maps of text always serialize");
    text.push('\n');
    let mut file = AtomicFile::create(folder, name)?;
    file.write_all(text.as_bytes()).map_err(StoreError::io("write", file.path()))?;
    file.publish()
}

/// The one field that every version of a file has.
#[derive(Deserialize)]
struct SchemaNumber {
    schema: u32,
}

/// Reads a file of at most `most` bytes whose schema is at most `known`; none where there is none.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path, known: u32, most: u64) -> Result<Option<T>, StoreError> {
    let text = match read_text(path, most) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(StoreError::io("read", path))?,
    };
    let malformed = |e: serde_json::Error| StoreError::Malformed { path: path.to_path_buf(), reason: e.to_string() };
    // Before the rest, which in a later version need not look like anything known here.
    let SchemaNumber { schema } = serde_json::from_str(&text).map_err(malformed)?;
    if schema > known {
        return Err(StoreError::Newer { path: path.to_path_buf(), found: schema, known });
    }
    serde_json::from_str(&text).map(Some).map_err(malformed)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn table(path: &str) -> KnownFiles {
        let text = format!(
            "{{\"source\": \"csv\", \"files\": {{\"path\": \"{path}\"}}, \"content\": \"{}\", \"sizes\": {{\"train\": 8, \
             \"test\": 2, \"length\": 1, \"answers\": 1, \"inputs\": 3, \"outputs\": 2}}, \"label\": \"last\", \
             \"header\": \"auto\"}}",
            "ab".repeat(32)
        );
        serde_json::from_str(&text).unwrap()
    }

    fn manifest() -> Manifest {
        Manifest {
            schema: Manifest::SCHEMA,
            vgrun: "0.1.0".into(),
            numerics: 1,
            config: "name = \"x\"\n".into(),
            overrides: vec!["run.train.steps=50".into()],
            plan: "0123abcd".into(),
            values: BTreeMap::from([("model.depth".into(), vec!["5".into(), "10".into()])]),
            data: vec![table("trees.csv")],
            host: "node7".into(),
            cpus: 8,
            tier: "avx2".into(),
            jobs: 4,
            started: "2026-11-03T12:34:56Z".into(),
            ended: Some("2026-11-03T12:35:56Z".into()),
            peak_memory_bytes: Some(1 << 24),
            seconds: 60.25,
        }
    }

    fn result() -> ResultFile {
        ResultFile {
            schema: ResultFile::SCHEMA,
            plan: "0123abcd".into(),
            runs: 6,
            done: 3,
            ok: 2,
            diverged: 1,
            failed: 1,
            missing: 2,
            verdicts: BTreeMap::from([("healthy".into(), 2), ("diverged".into(), 1)]),
            exit_code: 3,
            headline: serde_json::json!([{"cell": "relu", "deepest": 20}]),
            sick: serde_json::json!([{"cell": {"depth": 20}, "verdict": "vanishing", "decades": null, "cures": []}]),
            effects: serde_json::json!([{"axis": "depth", "n": 9}]),
            check: serde_json::Value::Null,
        }
    }

    #[test]
    fn both_files_read_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), None);
        assert_eq!(ResultFile::read(folder.path()).unwrap(), None);
        manifest().write(folder.path()).unwrap();
        result().write(folder.path()).unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), Some(manifest()));
        assert_eq!(ResultFile::read(folder.path()).unwrap(), Some(result()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_result_of_schema_1_is_read_and_says_nothing_of_cures() {
        let folder = tempfile::tempdir().unwrap();
        let text = "{\"schema\": 1, \"plan\": \"0123abcd\", \"runs\": 6, \"done\": 3, \"ok\": 2, \"diverged\": 1, \
                    \"failed\": 1, \"missing\": 2, \"verdicts\": {\"diverged\": 1, \"healthy\": 2}, \"exit_code\": 3, \
                    \"headline\": [{\"cell\": \"relu\", \"deepest\": 20}]}";
        fs::write(folder.path().join("result.json"), text).unwrap();
        let nothing = serde_json::Value::Null;
        let expected = ResultFile { schema: 1, sick: nothing.clone(), effects: nothing, ..result() };
        assert_eq!(ResultFile::read(folder.path()).unwrap(), Some(expected));
    }

    #[test]
    fn a_manifest_of_schema_1_is_read_and_says_nothing_of_data() {
        let folder = tempfile::tempdir().unwrap();
        let text = "{\"schema\": 1, \"vgrun\": \"0.1.0\", \"numerics\": 1, \"config\": \"name = \\\"x\\\"\\n\", \
                    \"overrides\": [\"run.train.steps=50\"], \"plan\": \"0123abcd\", \"values\": {\"data.path\": \
                    [\"trees.csv\"], \"data.content\": [\"00000000000000ff\"]}, \"host\": \"node7\", \"cpus\": 8, \
                    \"tier\": \"avx2\", \"jobs\": 4, \"started\": \"2026-11-03T12:34:56Z\", \"ended\": \
                    \"2026-11-03T12:35:56Z\", \"seconds\": 60.25, \"peak_memory_bytes\": 16777216}";
        fs::write(folder.path().join("manifest.json"), text).unwrap();
        let read = Manifest::read(folder.path()).unwrap().unwrap();
        let values = [("data.path", "trees.csv"), ("data.content", "00000000000000ff")];
        let values = values.map(|(key, value)| (key.into(), vec![value.into()]));
        assert_eq!(read, Manifest { schema: 1, values: values.into(), data: vec![], ..manifest() });
        assert!(read.lacks_data());
        assert_eq!(read.contents_for(&table("other.csv")), ["00000000000000ff"]);
        assert!(!Manifest { values: BTreeMap::new(), ..read }.lacks_data(), "its runs read no file");
    }

    #[test]
    fn a_manifest_knows_the_content_of_its_own_files_alone() {
        assert!(!manifest().lacks_data());
        assert_eq!(manifest().contents_for(&table("trees.csv")), ["ab".repeat(8)]);
        assert_eq!(manifest().contents_for(&table("other.csv")), Vec::<String>::new());
    }

    #[test]
    fn a_file_of_a_later_version_and_a_broken_one_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        fs::write(&path, format!("{{\"schema\": {}, \"anything\": []}}", Manifest::SCHEMA + 1)).unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("manifest.json has schema 4, this vgrun reads up to 3"), "{error}");
        for broken in ["", "{\"schema\": 1}", "{\"schema\": 1, \"vgrun\": 3}", "[]"] {
            fs::write(&path, broken).unwrap();
            let error = Manifest::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains("manifest.json") && error.contains("line"), "{error}");
        }
    }
}
