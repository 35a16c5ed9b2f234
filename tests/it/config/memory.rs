//! Runs that would take too much memory are refused in words that help, before anything runs.

use std::fs;
use std::time::{Duration, Instant};

use crate::experiment::{Experiment, Outcome};

/// LSTMs on sequences that are short, long and longer; the last take some 40 MB.
fn sequences() -> Experiment {
    Experiment::new()
        .key("data.source", "\"adding\"")
        .key("model.kind", "\"lstm\"")
        .key("model.depth", "1")
        .key("train.steps", "2")
        .key("train.batch_size", "64")
        .axis("data.length", "[10, 50, 1000]")
        .axis("seed", "[0, 1]")
}

/// That nothing was trained or written.
fn is_refused(experiment: &Experiment, arguments: &[&str]) -> Outcome {
    let outcome = experiment.run(arguments);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
    assert!(!experiment.folder().join("results").exists());
    outcome
}

/// The lines of a message that do not speak of this machine.
fn without_machine(message: &str) -> String {
    message
        .lines()
        .filter(|line| !line.contains("--max-memory") || line.contains("limit"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_run_beyond_its_share_of_memory_is_refused_with_what_helps() {
    let limit = ["--jobs", "3", "--max-memory", "45MB"];
    let planned = is_refused(&sequences(), &[&["plan"], &limit[..]].concat());
    insta::assert_snapshot!("too_much_memory", without_machine(&planned.stderr));
    let swept = is_refused(&sequences(), &[&["sweep", "--quiet"], &limit[..]].concat());
    assert_eq!(swept.stderr, planned.stderr);
    let alone = Experiment::new().key("data.source", "\"noise\"").key("data.features", "1000000000").run(&[
        "plan",
        "--max-memory",
        "1.5GiB",
    ]);
    insta::assert_snapshot!("too_much_memory_for_the_only_run", without_machine(&alone.stderr));
}

#[test]
fn every_remedy_that_is_named_helps() {
    let refused = is_refused(&sequences(), &["plan", "--jobs", "3", "--max-memory", "45MB"]).stderr;
    let help = |start: &str, end: &str| {
        let (_, rest) = refused.split_once(start).unwrap_or_else(|| panic!("{start:?} is not in\n{refused}"));
        rest.split(end).next().expect("a split has a first part").to_owned()
    };
    let works = |arguments: &[&str]| {
        let outcome = sequences().run(&[&["plan"], arguments].concat());
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
    };
    let jobs = help("--jobs ", " leaves");
    works(&["--jobs", &jobs, "--max-memory", "45MB"]);
    let more = help("  help     --max-memory ", " is enough");
    works(&["--jobs", "3", "--max-memory", &more]);
    let changes = help("run 4 fits with ", "\n").replace(" or ", ", ");
    let changes: Vec<&str> = changes.split(", ").collect();
    assert_eq!(changes.len(), 3);
    for change in changes {
        let (key, value) = change.split_once(" = ").expect("a key with its value");
        let experiment = if key == "data.length" {
            sequences().without_axis(key).key(key, value)
        } else {
            sequences().key(key, value)
        };
        let outcome = experiment.run(&["plan", "--jobs", "3", "--max-memory", "45MB"]);
        assert_eq!(outcome.code, 0, "{change}: {}", outcome.stderr);
    }
    let listed = sequences().run(&["plan", "--csv", "--max-memory", "1MB"]).stdout;
    assert!(listed.starts_with("run,length,seed,run_id,flops,memory_bytes\n"), "{listed}");
}

#[test]
fn plan_tells_what_the_largest_run_takes_and_what_there_is() {
    let text = sequences().run(&["plan", "--jobs", "2", "--max-memory", "100MB"]).stdout;
    let line = text.lines().find(|line| line.starts_with("  memory ")).expect("a line");
    assert!(line.contains("run 4 (length=1000 seed=0); there are 50.0 MB for each of 2 jobs"), "{line}");
}

#[test]
fn stored_runs_need_no_memory_unless_they_are_to_be_trained_again() {
    let experiment = sequences().without_axis("data.length").axis("data.length", "[10, 50]");
    experiment.sweep(&["--jobs", "1", "--max-memory", "100MB"]);
    let tables = experiment.tables();
    let again = experiment.sweep(&["--max-memory", "1kB"]);
    assert!(again.stderr.contains("4 reused, 0 to train"), "{}", again.stderr);
    let fresh = experiment.run(&["sweep", "--fresh", "--max-memory", "1kB"]);
    assert_eq!(fresh.code, 2);
    assert!(fresh.stderr.contains("4 of 4 runs to train"), "{}", fresh.stderr);
    // One of three runs is left, which no other shares the memory with.
    let longer = sequences().without_axis("seed").axis("seed", "[0]");
    longer.sweep(&["--set", "grid.data.length=[10,50]", "--name", "test"]);
    longer.sweep(&["--jobs", "3", "--max-memory", "50MB"]);
    assert_eq!(longer.rows("runs").len(), 3);
    assert_eq!(experiment.tables(), tables);
}

#[test]
fn a_limit_that_forces_workers_to_give_back_their_room_changes_no_byte() {
    let grid = || {
        Experiment::new()
            .key("data.source", "\"noise\"")
            .key("train.batch_size", "64")
            .axis("model.kind", "[\"mlp\", \"rnn\", \"gru\"]")
            .axis("train.precision", "[\"f32\", \"f64\"]")
            .axis("model.width", "[4, 32]")
    };
    let (free, tight) = (grid(), grid());
    free.sweep(&["--jobs", "1"]);
    let listed = tight.run(&["plan", "--csv"]).stdout;
    let most =
        listed.lines().skip(1).map(|line| line.rsplit(',').next().expect("a cell").parse::<u64>().expect("bytes"));
    let most = format!("{}B", most.max().expect("a run") + 1);
    tight.sweep(&["--jobs", "1", "--max-memory", &most]);
    assert_eq!(tight.tables(), free.tables());
}

#[test]
fn a_sweep_takes_about_the_memory_that_was_estimated() {
    let long = Experiment::new().key("data.source", "\"adding\"").key("data.length", "10000");
    let experiment = long.key("model.kind", "\"lstm\"").key("train.steps", "1");
    let listed = experiment.run(&["plan", "--csv"]).stdout;
    let estimate = listed.trim_end().rsplit(',').next().expect("a cell").parse::<f64>().expect("bytes");
    assert!(estimate > 1e8, "{estimate}");
    experiment.sweep(&["--jobs", "1"]);
    let manifest = fs::read_to_string(experiment.results().join("manifest.json")).expect("it is written");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let Some(taken) = manifest["peak_memory_bytes"].as_f64() else { return };
    // The process itself takes some 20 MB.
    assert!((0.9 * estimate..1.1 * estimate + 40e6).contains(&taken), "{estimate} estimated, {taken} taken");
}

#[test]
fn sizes_beyond_all_machines_are_refused_at_once() {
    let start = Instant::now();
    for (key, value) in [("model.depth", "1000000000"), ("model.width", "1000000000"), ("data.length", "1000000000")] {
        let experiment = sequences().without_axis("data.length").key(key, value);
        let outcome = is_refused(&experiment, &["sweep"]);
        assert!(outcome.stderr.contains("than one job may use"), "{}", outcome.stderr);
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn what_is_no_size_is_a_usage_error() {
    for size in ["2000", "2 gigabytes", "0MB", "much"] {
        let outcome = is_refused(&sequences(), &["sweep", "--max-memory", size]);
        assert!(outcome.stderr.contains("--max-memory <SIZE>") && outcome.stderr.contains(size), "{}", outcome.stderr);
    }
}
