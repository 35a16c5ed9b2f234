//! A builder for experiments in a temporary folder, run through the real binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// An experiment under construction, alone in a folder of its own.
pub(crate) struct Experiment {
    folder: TempDir,
    run: Vec<String>,
    grid: Vec<String>,
    after: Vec<String>,
}

/// What a command did.
pub(crate) struct Outcome {
    /// The exit code.
    pub(crate) code: i32,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it noted.
    pub(crate) stderr: String,
}

/// The CSV files of a results folder, by name.
pub(crate) type Tables = BTreeMap<String, String>;

impl Experiment {
    /// A small, quick net on blobs.
    pub(crate) fn new() -> Self {
        let experiment =
            Self { folder: TempDir::new().expect("a temporary folder"), run: vec![], grid: vec![], after: vec![] };
        experiment
            .key("data.source", "\"blobs\"")
            .key("model.depth", "2")
            .key("model.width", "8")
            .key("train.steps", "6")
            .key("train.batch_size", "16")
            .key("trace.every", "2")
    }

    /// The same experiment in a folder of its own, without the files of this one.
    pub(crate) fn again(&self) -> Self {
        let (run, grid, after) = (self.run.clone(), self.grid.clone(), self.after.clone());
        Self { folder: TempDir::new().expect("a temporary folder"), run, grid, after }
    }

    /// Sets a key of [run].
    pub(crate) fn key(mut self, key: &str, value: &str) -> Self {
        self.run.retain(|line| !line.starts_with(&format!("{key} ")));
        self.run.push(format!("{key} = {value}"));
        self
    }

    /// Leaves a key of [run] at its default.
    pub(crate) fn without(mut self, key: &str) -> Self {
        self.run.retain(|line| !line.starts_with(&format!("{key} ")));
        self
    }

    /// Adds an axis.
    pub(crate) fn axis(mut self, key: &str, values: &str) -> Self {
        self.grid.push(format!("{key} = {values}"));
        self
    }

    /// Leaves an axis out.
    pub(crate) fn without_axis(mut self, key: &str) -> Self {
        self.grid.retain(|line| !line.starts_with(&format!("{key} ")));
        self
    }

    /// Adds sections below the grid.
    pub(crate) fn text(mut self, toml: &str) -> Self {
        self.after.push(toml.into());
        self
    }

    /// The temporary folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the results go.
    pub(crate) fn results(&self) -> PathBuf {
        self.folder().join("results/test")
    }

    /// The command, ready to be started in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let config = format!(
            "name = \"test\"\n[run]\n{}\n[grid]\n{}\n{}\n",
            self.run.join("\n"),
            self.grid.join("\n"),
            self.after.join("\n")
        );
        fs::write(self.folder().join("test.toml"), config).expect("a writable folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.current_dir(self.folder()).stdin(Stdio::null()).env_remove("NO_COLOR");
        let (name, rest) = arguments.split_first().expect("a command");
        command.arg(name).arg("test.toml").args(rest);
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&self.command(arguments).output().expect("vgrun starts"))
    }

    /// Runs a command that takes no config.
    pub(crate) fn run_alone(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        Outcome::of(&command.current_dir(self.folder()).args(arguments).output().expect("vgrun starts"))
    }

    /// Sweeps, which must succeed.
    pub(crate) fn sweep(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.run(&[&["sweep"], arguments].concat());
        assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
        outcome
    }

    /// The tables as they are.
    pub(crate) fn tables(&self) -> Tables {
        tables(&self.results())
    }

    /// A table's rows as maps from column to cell.
    pub(crate) fn rows(&self, table: &str) -> Vec<BTreeMap<String, String>> {
        let path = self.results().join(format!("{table}.csv"));
        let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        reader.deserialize().map(|row| row.expect("a row of as many cells as the header")).collect()
    }

    /// The segments' paths, in order.
    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = fs::read_dir(self.results().join("runs"))
            .expect("runs/")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "seg"))
            .collect();
        found.sort();
        found
    }
}

impl Outcome {
    /// From a finished process.
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// The CSV files of a folder.
pub(crate) fn tables(folder: &Path) -> Tables {
    let mut found = Tables::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "csv") {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            found.insert(name, fs::read_to_string(&path).expect("UTF-8"));
        }
    }
    found
}
