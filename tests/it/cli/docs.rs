//! Every command of vgrun in the README and the guide, and every example in its helps, does what it is there for: all are run,
//! those of each document in a folder with the configs of the repository, whose runs are cut short. What another test runs is
//! listed with that test.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli::documents::{blocks, documents};

/// What commands in a block of a document begin with that are not run here, and where they are.
const ELSEWHERE: [(&str, &str); 5] = [
    ("tests/run.sh", "runs this test"),
    ("python3 tests/verdict/quality.py", "it::verdict_quality"),
    ("vgrun submit big.toml --engine parallel", "tests/cluster.sh, which installs GNU parallel"),
    ("bash job.sh", "tests/cluster.sh, which has a Slurm"),
    ("cargo run --release --locked -- sweep configs/depth.toml", "as `vgrun sweep configs/depth.toml` here"),
];

/// What examples of the helps begin with that are not run here, and where they are.
const ELSEWHERE_OF_HELPS: [(&str, &str); 3] = [
    ("vgrun check configs/ci.toml --traces mine.csv", "it::check, whose trace has all of a config's runs"),
    ("vgrun merge configs/depth.toml /scratch/first", "it::shards"),
    ("vgrun submit configs/depth.toml --engine slurm --shards 8 --run", "tests/cluster.sh, which has a Slurm"),
];

/// What has to be there before commands that begin so.
const BEFORE: [(&str, &str); 18] = [
    ("vgrun figure results/depth", "vgrun sweep configs/depth.toml --quiet"),
    ("vgrun report configs/depth.toml", "vgrun sweep configs/depth.toml --quiet"),
    ("vgrun merge big.toml", "vgrun sweep big.toml --quiet"),
    ("vgrun accept configs/ci.toml", "vgrun check configs/ci.toml --quiet"),
    ("vgrun export depth.toml", "vgrun init depth && vgrun sweep depth.toml --quiet"),
    ("vgrun sweep big.toml --shard auto", "rm -rf results/big"),
    ("vgrun status big.toml", "vgrun sweep big.toml --quiet"),
    ("vgrun sweep depth.toml", "test -e depth.toml || vgrun init"),
    ("vgrun merge configs/depth.toml", "vgrun sweep configs/depth.toml --quiet"),
    ("vgrun status configs/depth.toml", "vgrun sweep configs/depth.toml --quiet"),
    ("vgrun export configs/depth.toml", "vgrun sweep configs/depth.toml --quiet"),
    ("vgrun export results/depth", "vgrun sweep configs/depth.toml --quiet"),
    ("vgrun report results/depth", "vgrun sweep configs/depth.toml --quiet"),
    (
        "vgrun diff results/before results/after",
        "for name in before after; do vgrun sweep configs/smoke.toml --quiet --name $name; done",
    ),
    ("vgrun diff old.baseline.csv", "cp configs/ci.baseline.csv old.baseline.csv"),
    ("vgrun check configs/ci.toml --stored", "vgrun check configs/ci.toml --quiet"),
    ("vgrun completions", "mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc ~/.config/fish/completions"),
    ("vgrun man", "mkdir -p ~/.local/share/man/man1"),
];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The commands in the blocks of a document, one per line, those that go on over several lines joined.
fn commands(document: &str) -> Vec<String> {
    let blocks = blocks("sh").into_iter().filter(|(path, _)| path == document).map(|(_, block)| block);
    let text = blocks.collect::<String>().replace("\\\n", " ");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The vgrun commands within sentences that name a config, a file or a page and no placeholder, each once.
fn quoted(text: &str) -> Vec<String> {
    let outside: String = text.split("```").step_by(2).collect();
    let has_placeholder = |word: &str| {
        word.contains(['[', '\u{2026}']) || word.ends_with("..") || word.contains(|c: char| c.is_uppercase())
    };
    let mut all: Vec<String> = outside
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|code| code.starts_with("vgrun ") && (code.contains('.') || code.starts_with("vgrun guide ")))
        .filter(|code| !code.split(' ').any(has_placeholder))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// A folder with what documents speak of: the configs, cut to two seeds, two steps and a trace of all steps, and `big.toml`.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let configs = |from: &str| {
            let entries = fs::read_dir(repository().join(from)).expect("a folder of configs");
            entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect::<Vec<PathBuf>>()
        };
        for part in ["configs", "tests/verdict"] {
            fs::create_dir_all(folder.path().join(part)).expect("a writable folder");
            for path in configs(part) {
                let text = fs::read_to_string(&path).expect("a text");
                let name = path.file_name().expect("a file");
                fs::write(folder.path().join(part).join(name), shorter(&name.to_string_lossy(), &text))
                    .expect("a writable folder");
            }
        }
        let smoke = fs::read_to_string(folder.path().join("configs/smoke.toml")).expect("a config");
        fs::write(folder.path().join("big.toml"), smoke.replace("name = \"smoke\"", "name = \"big\""))
            .expect("a writable folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a writable folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_vgrun"), bin.join("vgrun")).expect("a writable folder");
        let place = Self { folder };
        // The baseline of the few runs that are left.
        place.run("rm configs/ci.baseline.csv && vgrun check configs/ci.toml --quiet");
        place.run("vgrun accept configs/ci.toml --yes && rm -r results");
        place
    }

    /// Runs what comes before a line, and the line.
    fn run_after(&self, line: &str) {
        for (_, before) in BEFORE.iter().filter(|(beginning, _)| line.starts_with(beginning)) {
            self.run(before);
        }
        self.run(line);
    }

    /// Runs a line in bash, in which `vgrun` is ours; fails unless it ends with 0.
    fn run(&self, line: &str) {
        let path = format!("{}:{}", self.folder.path().join("bin").display(), env::var("PATH").unwrap_or_default());
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", line])
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("HOME", self.folder.path())
            // As within a scheduler's array.
            .env("SLURM_ARRAY_TASK_ID", "0")
            .stdin(Stdio::null())
            .output()
            .expect("bash");
        assert!(
            output.status.success(),
            "{line}\n{}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// A config of two seeds, of which each run takes two steps. Of `ci.toml`, whose claims are about whole runs, a few runs and
/// claims; `tests/run.sh` checks all of it.
fn shorter(name: &str, text: &str) -> String {
    if name == "ci.toml" {
        return of_two_nets(text);
    }
    if Path::new(name).extension() != Some("toml".as_ref()) {
        return text.into();
    }
    let line = |line: &str| {
        let key = line.split('=').next().unwrap_or_default().trim();
        match key {
            "train.steps" if line.contains('[') => format!("{key} = [2]"),
            "steps" | "train.steps" => format!("{key} = 2"),
            "seed" => "seed = [0, 1]".into(),
            "every" | "trace.every" => format!("{key} = 1"),
            _ => line.into(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// `ci.toml` with its first nets alone, of two activations, and the two claims about them that come first.
fn of_two_nets(text: &str) -> String {
    let mut config: toml::Table = text.parse().expect("TOML");
    let mut cut = |key: &str, count| {
        let entries = config[key].as_array_mut().expect("an array of tables");
        entries.truncate(count);
        entries.clone()
    };
    let claims = cut("expect", 2);
    let activations = claims.iter().map(|claim| claim["where"]["model"]["activation"].clone()).collect();
    cut("include", 1);
    config["include"][0]["model"]["activation"] = toml::Value::Array(activations);
    config.to_string()
}

#[test]
fn every_command_in_a_block_of_a_document_runs() {
    let commands: Vec<Vec<String>> = documents().iter().map(|(path, _)| commands(path)).collect();
    let is_elsewhere = |command: &str| ELSEWHERE.iter().any(|(beginning, _)| command.starts_with(beginning));
    for (beginning, _) in ELSEWHERE {
        assert!(commands.iter().flatten().any(|command| command.starts_with(beginning)), "in no document: {beginning}");
    }
    let mut count = 0;
    for commands in commands {
        let ours: Vec<&String> = commands.iter().filter(|command| !is_elsewhere(command)).collect();
        count += ours.len();
        if !ours.is_empty() {
            let place = Place::new();
            ours.iter().for_each(|command| place.run_after(command));
        }
    }
    assert!(count >= 20, "{count} commands");
}

#[test]
fn every_command_in_a_sentence_of_a_document_runs() {
    let mut count = 0;
    for (_, text) in documents() {
        let commands = quoted(&text);
        count += commands.len();
        if !commands.is_empty() {
            let place = Place::new();
            commands.iter().for_each(|command| place.run_after(command));
        }
    }
    assert!(count >= 15, "{count} commands");
}

/// The examples of every command's help, as the manual has them, each on a line.
fn examples() -> Vec<String> {
    let man = Command::new(env!("CARGO_BIN_EXE_vgrun")).arg("man").output().expect("vgrun starts");
    let page = String::from_utf8(man.stdout).expect("UTF-8");
    let plain = |line: &str| line.trim_start_matches("\\&").trim().replace("\\-", "-").replace("\\e", "\\");
    let blocks = page.split("\\&Examples:\n").skip(1).filter_map(|rest| rest.split(".fi\n").next());
    let mut all: Vec<String> = blocks.flat_map(str::lines).map(plain).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn every_example_of_a_help_runs() {
    let examples = examples();
    assert!(examples.len() > 25, "{examples:?}");
    for (beginning, _) in ELSEWHERE_OF_HELPS {
        assert!(examples.iter().any(|example| example.starts_with(beginning)), "in no help: {beginning}");
    }
    let is_elsewhere = |line: &str| ELSEWHERE_OF_HELPS.iter().any(|(beginning, _)| line.starts_with(beginning));
    let place = Place::new();
    examples.iter().filter(|example| !is_elsewhere(example)).for_each(|example| place.run_after(example));
}
