//! Sweeps through the real binary: tables, resume, jobs, interruptions.

use std::collections::BTreeMap;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

use crate::experiment::{Experiment, Outcome};

/// Runs of [`grid`]: feed-forward nets, and recurrent ones.
const FEED_FORWARD: usize = 24;
const RECURRENT: usize = 3;
const RUNS: usize = FEED_FORWARD + RECURRENT;

/// Time steps that the recurrent nets read.
const LENGTH: usize = 7;

/// Runs that take a moment each.
fn grid() -> Experiment {
    Experiment::new()
        .axis("model.activation", "[\"relu\", \"tanh\", \"prelu\"]")
        .axis("model.batch_norm", "[false, true]")
        .axis("model.residual", "[false, true]")
        .axis("seed", "{ from = 0, count = 2 }")
        .text(&format!(
            "[[include]]\nmodel.kind = [\"rnn\", \"lstm\", \"gru\"]\n\
             data.source = \"noise\"\ndata.length = {LENGTH}\ndata.examples = 64\ntrain.clip_norm = 0.1"
        ))
}

/// How a sweep says that it has so many runs already.
fn reused(runs: usize) -> String {
    format!(" {runs} reused")
}

#[test]
fn a_sweep_writes_one_row_per_run_step_and_layer() {
    let experiment = grid();
    experiment.sweep(&[]);
    // Steps 0, 2, 4, 5; two hidden layers and the head; an rnn has no gates, an lstm four, a gru three.
    for (table, rows) in [
        ("runs", RUNS),
        ("layers", RUNS * 3),
        ("steps", RUNS * 4),
        ("trace", RUNS * 4 * 3),
        ("summary", FEED_FORWARD / 2 + RECURRENT),
        ("time", RECURRENT * 4 * 2 * LENGTH),
        ("gates", 4 * 2 * (4 + 3)),
    ] {
        assert_eq!(experiment.rows(table).len(), rows, "{table}");
    }
    let first = &experiment.rows("runs")[0];
    assert_eq!(first["activation"], "relu");
    assert_eq!(first["status"], "ok");
    assert!(first["run_id"].starts_with('r') && first["run_id"].len() == 17);
    let head = &experiment.rows("trace")[2];
    assert_eq!((head["layer"].as_str(), head["role"].as_str()), ("3", "head"));
}

#[test]
fn any_number_of_jobs_writes_the_same_bytes() {
    let (one, two) = (grid(), grid());
    one.sweep(&["--jobs", "1"]);
    two.sweep(&["--jobs", "2"]);
    assert_eq!(one.tables().len(), 8);
    assert_eq!(one.tables(), two.tables());
}

#[test]
fn a_second_sweep_runs_nothing_and_changes_no_table() {
    let experiment = grid();
    experiment.sweep(&[]);
    let (tables, segments) = (experiment.tables(), experiment.segments());
    let again = experiment.sweep(&[]);
    assert!(again.stderr.contains(&reused(RUNS)), "{}", again.stderr);
    assert_eq!((experiment.tables(), experiment.segments()), (tables, segments));
}

#[test]
fn a_larger_grid_runs_only_what_is_missing() {
    let small = Experiment::new().axis("model.depth", "[2, 3]");
    small.sweep(&[]);
    let set = ["--set", "grid.model.depth=[2,3,4]", "--name", "test"];
    let outcome = small.sweep(&set);
    assert!(outcome.stderr.contains(&reused(2)), "{}", outcome.stderr);
    assert_eq!(small.rows("runs").len(), 3);
}

#[test]
fn fresh_runs_everything_again_to_the_same_bytes() {
    let experiment = grid();
    experiment.sweep(&[]);
    let before = experiment.tables();
    let outcome = experiment.sweep(&["--fresh"]);
    assert!(!outcome.stderr.contains("reused"), "{}", outcome.stderr);
    assert_eq!(experiment.tables(), before);
    assert_eq!(experiment.segments().len(), 1, "segments that say nothing new are removed");
}

#[test]
fn a_sweep_killed_at_any_moment_and_resumed_writes_the_same_bytes() {
    let reference = grid().key("train.steps", "60").key("model.width", "32");
    reference.sweep(&["--jobs", "1"]);
    for kill in 0..20 {
        let experiment = grid().key("train.steps", "60").key("model.width", "32");
        let mut child = experiment.command(&["sweep", "--quiet"]).spawn().expect("vgrun starts");
        // Moments from before the lock is taken to after the tables are written, unevenly spread.
        sleep(Duration::from_micros(1500 * kill * (kill + 3)));
        let _ = child.kill();
        let _ = child.wait();
        experiment.sweep(&[]);
        assert_eq!(experiment.tables(), reference.tables(), "killed at moment {kill}");
    }
}

#[test]
fn a_damaged_segment_loses_only_the_records_touched() {
    let experiment = grid();
    experiment.sweep(&[]);
    let tables = experiment.tables();
    let segment = &experiment.segments()[0];
    let whole = fs::read(segment).expect("a segment");
    for (what, damaged) in [
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("cut to nothing", vec![]),
        ("flipped", {
            let mut bytes = whole.clone();
            bytes[whole.len() / 3] ^= 16;
            bytes
        }),
    ] {
        for extra in experiment.segments() {
            fs::remove_file(extra).expect("removable");
        }
        fs::write(segment, &damaged).expect("writable");
        let outcome = experiment.sweep(&[]);
        assert_eq!(experiment.tables(), tables, "{what}");
        let is_reused = |runs| outcome.stderr.contains(&reused(runs));
        let goes_on = match what {
            // Half of the bytes; a recurrent run has more of them than another.
            "cut" => (RUNS / 3..=RUNS / 2).any(is_reused),
            "cut to nothing" => {
                outcome.stderr.contains(&format!(" {RUNS} to train")) && !outcome.stderr.contains("reused")
            }
            _ => is_reused(RUNS - 1) && outcome.stderr.contains("damaged"),
        };
        assert!(goes_on, "{what}: {}", outcome.stderr);
    }
}

#[test]
fn two_sweeps_of_one_folder_do_not_meet() {
    let experiment = grid().key("train.steps", "3000").key("model.width", "64");
    let mut first = experiment.command(&["sweep", "--quiet"]).spawn().expect("vgrun starts");
    while !experiment.results().join("runs/main.lock").exists() {
        sleep(Duration::from_millis(2));
    }
    let second = experiment.run(&["sweep"]);
    let _ = first.kill();
    let _ = first.wait();
    assert_eq!(second.code, 2, "{}", second.stderr);
    assert!(second.stderr.contains("lock") && second.stderr.contains(&first.id().to_string()), "{}", second.stderr);
}

/// Sends a signal by number to a process that this test started.
fn signal(pid: u32, name: &str) {
    let status = std::process::Command::new("kill").args([name, &pid.to_string()]).status().expect("kill");
    assert!(status.success());
}

#[test]
fn signals_stop_a_sweep_between_steps_and_keep_what_is_finished() {
    for (name, code) in [("-INT", 130), ("-TERM", 130), ("-USR1", 75)] {
        let experiment = grid().axis("train.steps", "[6, 20000]").key("model.width", "64");
        let mut command = experiment.command(&["sweep", "--jobs", "1"]);
        let child = command.stderr(std::process::Stdio::piped()).spawn().expect("vgrun starts");
        while !experiment.results().join("runs/main.lock").exists() {
            sleep(Duration::from_millis(2));
        }
        sleep(Duration::from_millis(50));
        signal(child.id(), name);
        let output = child.wait_with_output().expect("it ends");
        let outcome = Outcome::of(&output);
        assert_eq!(outcome.code, code, "{name}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("again"), "it says how to resume: {}", outcome.stderr);
        let result = fs::read_to_string(experiment.results().join("result.json")).expect("result.json");
        assert!(result.contains(&format!("\"exit_code\": {code}")), "{result}");
        assert!(!experiment.results().join("runs/main.lock").exists(), "the lock is given back");
    }
}

#[test]
fn a_fresh_sweep_that_is_interrupted_does_not_pass_for_done() {
    let experiment = grid().key("train.steps", "400").key("model.width", "64");
    experiment.sweep(&[]);
    let mut command = experiment.command(&["sweep", "--fresh", "--jobs", "1"]);
    let child = command.stderr(std::process::Stdio::piped()).spawn().expect("vgrun starts");
    while experiment.segments().len() < 2 {
        sleep(Duration::from_millis(1));
    }
    signal(child.id(), "-INT");
    let outcome = Outcome::of(&child.wait_with_output().expect("it ends"));
    assert_eq!(outcome.code, 130, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("stopped"), "{}", outcome.stderr);
}

#[test]
fn a_diverging_run_is_a_row_and_the_others_go_on() {
    let experiment = Experiment::new().axis("train.learning_rate", "[0.01, 1e30]");
    experiment.sweep(&[]);
    let rows = experiment.rows("runs");
    assert_eq!((rows[0]["status"].as_str(), rows[0]["diverged_at"].as_str()), ("ok", "-1"));
    assert_eq!((rows[1]["status"].as_str(), rows[1]["verdict"].as_str()), ("diverged", "diverged"));
    assert_ne!(rows[1]["diverged_at"], "-1");
    assert_eq!(rows[1]["learned"], "false");
}

#[test]
fn memory_does_not_grow_with_the_number_of_runs() {
    let peak = |seeds: &str| {
        let experiment = Experiment::new()
            .key("train.steps", "1")
            .key("train.batch_size", "2")
            .axis("model.residual", "[false, true]")
            .axis("seed", &format!("{{ from = 0, count = {seeds} }}"))
            .key("data.seed", "0");
        experiment.sweep(&["--quiet"]);
        let manifest = fs::read_to_string(experiment.results().join("manifest.json")).expect("manifest.json");
        let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
        manifest["peak_memory_bytes"].as_f64().expect("Linux tells the peak")
    };
    let (few, many) = (peak("250"), peak("2500"));
    assert!(many < 1.2 * few, "500 runs: {few} bytes, 5,000 runs: {many} bytes");
}

#[test]
fn tables_can_be_left_out() {
    let experiment = Experiment::new().text("[output]\ntables = [\"runs\", \"layers\"]");
    experiment.sweep(&[]);
    assert_eq!(experiment.tables().into_keys().collect::<Vec<_>>(), ["layers.csv", "runs.csv"]);
}

#[test]
fn a_sweep_of_feed_forward_nets_has_no_table_of_time() {
    let experiment = Experiment::new();
    experiment.sweep(&[]);
    let files: Vec<String> = experiment.tables().into_keys().collect();
    assert_eq!(files, ["layers.csv", "runs.csv", "steps.csv", "summary.csv", "trace.csv"]);
    let package = fs::read_to_string(experiment.results().join("datapackage.json")).expect("datapackage.json");
    assert!(!package.contains("time.csv") && !package.contains("gates.csv"));
    assert_eq!(experiment.rows("runs")[0]["init_decades_per_step"], "NaN");
}

#[test]
fn quiet_prints_nothing() {
    let outcome = Experiment::new().sweep(&["--quiet"]);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
}

#[test]
fn a_plan_that_is_set_differently_has_a_folder_of_its_own() {
    let experiment = Experiment::new();
    experiment.sweep(&["--set", "run.train.steps=3"]);
    let names: Vec<String> = fs::read_dir(experiment.folder().join("results"))
        .expect("results/")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.len() == 1 && names[0].starts_with("test-") && names[0].len() == 13, "{names:?}");
}

/// The files that runs were asked to keep, with their bytes.
fn kept(experiment: &Experiment) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in ["weights", "order", "data"] {
        let Ok(entries) = fs::read_dir(experiment.results().join(folder)) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            let name = format!("{folder}/{}", path.file_name().expect("a name").to_string_lossy());
            found.insert(name, fs::read(&path).expect("readable"));
        }
    }
    found
}

fn keeping() -> Experiment {
    grid().key("trace.weights", "\"both\"").key("trace.order", "true")
}

#[test]
fn nothing_is_kept_that_was_not_asked_for() {
    let experiment = Experiment::new();
    experiment.sweep(&[]);
    assert!(kept(&experiment).is_empty());
}

#[test]
fn kept_weights_orders_and_data_are_the_same_bytes_for_any_number_of_jobs() {
    let (one, two) = (keeping(), keeping());
    one.sweep(&["--jobs", "1"]);
    two.sweep(&["--jobs", "2"]);
    // Before and after, and an order, for every run; blobs of two seeds, and noise.
    assert_eq!(kept(&one).len(), 3 * RUNS + 3);
    assert!(kept(&one) == kept(&two));
}

#[test]
fn a_run_without_its_weights_is_trained_again_and_data_are_written_again() {
    let experiment = keeping();
    experiment.sweep(&[]);
    let (files, tables) = (kept(&experiment), experiment.tables());
    let named = |part: &str| files.keys().find(|name| name.contains(part)).expect("a file").clone();
    for (lost, kept_runs) in [(named(".final."), RUNS - 1), (named("order/"), RUNS - 1), (named("data/"), RUNS)] {
        fs::remove_file(experiment.results().join(&lost)).expect("removable");
        let outcome = experiment.sweep(&[]);
        assert!(outcome.stderr.contains(&reused(kept_runs)), "{lost}: {}", outcome.stderr);
        assert!(kept(&experiment) == files && experiment.tables() == tables, "{lost}");
    }
}

#[test]
fn a_sweep_killed_while_it_keeps_weights_ends_with_the_same_files() {
    let slow = || keeping().key("train.steps", "60").key("model.width", "32");
    let reference = slow();
    reference.sweep(&["--jobs", "1"]);
    for kill in 0..8 {
        let experiment = slow();
        let mut child = experiment.command(&["sweep", "--quiet"]).spawn().expect("vgrun starts");
        sleep(Duration::from_micros(3000 * kill * (kill + 3)));
        let _ = child.kill();
        let _ = child.wait();
        experiment.sweep(&[]);
        let mut files = kept(&experiment);
        // A file that was being written is left under its temporary name, and removed when it is old.
        files.retain(|name, _| !name.contains("/."));
        assert!(files == kept(&reference) && experiment.tables() == reference.tables(), "killed at moment {kill}");
    }
}
