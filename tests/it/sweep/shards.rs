//! Sweeps in shards: each leaves its runs and its manifest, and their merge is what a plain sweep would have written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::experiment::{Experiment, Outcome, Tables, tables};

/// Feed-forward and recurrent nets of different costs.
fn grid() -> Experiment {
    Experiment::new()
        .axis("model.depth", "[1, 2, 5]")
        .axis("model.activation", "[\"relu\", \"tanh\"]")
        .axis("seed", "{ from = 0, count = 3 }")
        .text(
            "[[include]]\nmodel.kind = [\"rnn\", \"gru\"]\ndata.source = \"noise\"\ndata.length = 5\n\
             data.examples = 64",
        )
}

const RUNS: usize = 20;

/// The variables by which `--shard auto` finds its shard: a test must not see those of the machine it runs on.
const VARIABLES: [&str; 11] = [
    "HQ_TASK_ID",
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "PBS_ARRAY_INDEX",
    "LSB_JOBINDEX",
    "SGE_TASK_ID",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "SLURM_PROCID",
    "SLURM_STEP_NUM_TASKS",
    "OMPI_COMM_WORLD_RANK",
    "VGRUN_SHARDS",
];

fn run_with(experiment: &Experiment, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = experiment.command(arguments);
    VARIABLES.iter().for_each(|name| {
        command.env_remove(name);
    });
    Outcome::of(&command.envs(variables.iter().copied()).output().expect("vgrun starts"))
}

fn must(code: i32, outcome: Outcome) -> Outcome {
    assert_eq!(outcome.code, code, "{}{}", outcome.stdout, outcome.stderr);
    outcome
}

fn plain() -> Tables {
    let experiment = grid();
    experiment.sweep(&["--quiet"]);
    experiment.tables()
}

/// The names of the files in a folder, but for segments.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "seg"))
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// All files below a folder with their bytes, but for the lock of who is looking.
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push((path.clone(), fs::read(path).expect("a file"))) }
        }
    }
    found.sort();
    found
}

#[test]
fn three_shards_in_one_folder_merge_to_the_bytes_of_a_plain_sweep() {
    let experiment = grid();
    for shard in ["1/3", "0/3", "2/3"] {
        experiment.sweep(&["--shard", shard]);
    }
    let runs = experiment.results().join("runs");
    assert_eq!(files(&runs), ["shard-0-of-3.json", "shard-1-of-3.json", "shard-2-of-3.json"]);
    assert_eq!(files(&experiment.results()), ["runs"], "a shard writes no table and no result of the whole");
    let merged = must(0, experiment.run(&["merge"]));
    assert!(merged.stdout.contains(&format!("{RUNS} of {RUNS} runs")), "{}", merged.stdout);
    assert_eq!(experiment.tables(), plain());
    let before = bytes(&experiment.results());
    must(0, experiment.run(&["merge"]));
    assert!(bytes(&experiment.results()) == before, "merged twice");
}

#[test]
fn shards_with_folders_of_their_own_merge_with_what_they_were_asked_to_keep() {
    let keeping = || grid().key("trace.weights", "\"both\"").key("trace.order", "true");
    let (experiment, reference) = (keeping(), keeping());
    for shard in 0..3 {
        experiment.sweep(&["--shard", &format!("{shard}/3"), "--out", &format!("out{shard}")]);
    }
    // One by its --out, one by the experiment's folder in it, and one twice.
    let merge = ["merge", "out0", "out1/test", "out2", "out2/test"];
    let merged = must(0, experiment.run(&merge));
    assert!(merged.stderr.contains("copied 3 segments"), "{}", merged.stderr);
    reference.sweep(&["--quiet"]);
    assert_eq!(experiment.tables(), reference.tables());
    for kept in ["weights", "order", "data"] {
        let bytes = |experiment: &Experiment| {
            let all = bytes(&experiment.results().join(kept)).into_iter();
            all.map(|(path, bytes)| (path.file_name().map(ToOwned::to_owned), bytes)).collect::<Vec<_>>()
        };
        assert!(bytes(&experiment) == bytes(&reference), "{kept}");
    }
    let before = bytes(&experiment.results());
    let again = must(0, experiment.run(&merge));
    assert!(again.stderr.contains(&format!("{RUNS} results stood twice")), "{}", again.stderr);
    assert!(bytes(&experiment.results()) == before, "merged twice");
    // A plain sweep has nothing left to do.
    assert!(experiment.sweep(&[]).stderr.contains(&format!("{RUNS} reused")));
}

#[test]
fn a_plain_sweep_goes_on_from_what_shards_stored_and_a_shard_from_a_plain_sweep() {
    let experiment = grid();
    experiment.sweep(&["--shard", "2/3"]);
    let rest = experiment.sweep(&[]);
    assert!(rest.stderr.contains(" 6 reused, 14 to train"), "{}", rest.stderr);
    assert_eq!(experiment.tables(), plain());
    let shard = experiment.sweep(&["--shard", "0/8"]);
    assert!(shard.stderr.contains("test, shard 0 of 8: 3 runs, 3 reused, 0 to train"), "{}", shard.stderr);
}

#[test]
fn a_merge_names_the_missing_runs_and_shards_and_writes_no_table() {
    let experiment = grid();
    let nothing = must(2, experiment.run(&["merge"]));
    assert!(nothing.stderr.contains("nothing to merge"), "{}", nothing.stderr);
    for shard in [0, 1, 2, 4, 5, 6] {
        experiment.sweep(&["--quiet", "--shard", &format!("{shard}/8")]);
    }
    let refused = must(3, experiment.run(&["merge"]));
    for words in [
        "15 of 20 runs done, 5 missing",
        "missing: run ",
        "shard 3 of 8: 0 of 3 runs done, 3 missing; it never began",
        "of 8 shards, hand in again: --array=3,7",
    ] {
        assert!(refused.stderr.contains(words), "{words:?} is not in\n{}", refused.stderr);
    }
    assert_eq!(files(&experiment.results()), ["runs"]);
    let status = must(3, experiment.run(&["status"]));
    assert!(status.stdout.contains("test: 15 of 20 runs done, 5 missing"), "{}", status.stdout);
    assert!(status.stdout.contains("--array=3,7"), "{}", status.stdout);
    let partial = must(3, experiment.run(&["merge", "--partial"]));
    assert!(partial.stdout.contains("15 of 20 runs"), "{}", partial.stdout);
    assert_eq!(experiment.rows("runs").len(), 15);
    for shard in ["3/8", "7/8"] {
        experiment.sweep(&["--quiet", "--shard", shard]);
    }
    must(0, experiment.run(&["merge"]));
    assert_eq!(experiment.tables(), plain());
    let status = must(0, experiment.run(&["status"]));
    assert_eq!(status.stdout, "test: 20 of 20 runs done\n");
}

#[test]
fn a_shard_whose_segment_is_torn_is_missing_a_run() {
    let experiment = grid();
    for shard in ["0/2", "1/2"] {
        experiment.sweep(&["--quiet", "--shard", shard]);
    }
    let segment = &experiment.segments()[1];
    let bytes = fs::read(segment).expect("a segment");
    fs::write(segment, &bytes[..bytes.len() - 1]).expect("writable");
    let refused = must(3, experiment.run(&["merge"]));
    assert!(refused.stderr.contains("unfinished record"), "{}", refused.stderr);
    assert!(refused.stderr.contains("hand in again: --array=1\n"), "{}", refused.stderr);
}

#[test]
fn shards_of_another_plan_or_of_other_numerics_are_refused() {
    let experiment = Experiment::new().axis("seed", "[0, 1, 2, 3]");
    experiment.sweep(&["--quiet", "--shard", "0/2"]);
    experiment.sweep(&["--quiet", "--shard", "1/2", "--set", "run.train.steps=7", "--name", "test"]);
    let refused = must(2, experiment.run(&["merge"]));
    for words in ["runs/shard-1-of-2.json", "this shard is of plan", "train.steps", "run the shard again"] {
        assert!(refused.stderr.contains(words), "{words:?} is not in\n{}", refused.stderr);
    }
    experiment.sweep(&["--quiet", "--shard", "1/2"]);
    must(0, experiment.run(&["merge"]));
    let path = experiment.results().join("runs/shard-0-of-2.json");
    let manifest = fs::read_to_string(&path).expect("a manifest");
    let other = manifest.replace("\"numerics\": ", "\"numerics\": 9");
    assert_ne!(other, manifest);
    fs::write(&path, other).expect("writable");
    let refused = must(2, experiment.run(&["merge"]));
    for words in ["runs/shard-0-of-2.json", "numerics version 9"] {
        assert!(refused.stderr.contains(words), "{words:?} is not in\n{}", refused.stderr);
    }
    let elsewhere = experiment.run(&["merge", "--out", "elsewhere", "results"]);
    assert!(elsewhere.code == 2 && elsewhere.stderr.contains("numerics version 9"), "{}", elsewhere.stderr);
    assert!(!experiment.folder().join("elsewhere").exists(), "nothing is taken in before all is checked");
    let nowhere = must(2, experiment.run(&["merge", "nowhere"]));
    assert!(nowhere.stderr.contains("nowhere: there are no stored runs"), "{}", nowhere.stderr);
}

#[test]
fn the_same_runs_twice_are_said_and_results_that_differ_are_an_error() {
    let experiment = Experiment::new().axis("seed", "[0, 1, 2, 3]");
    experiment.sweep(&["--quiet", "--shard", "0/2"]);
    experiment.sweep(&["--quiet", "--shard", "0/2", "--fresh"]);
    experiment.sweep(&["--quiet", "--shard", "1/2"]);
    let merged = must(0, experiment.run(&["merge"]));
    assert!(merged.stderr.contains("2 results stood twice, the same to the byte"), "{}", merged.stderr);
    // A record of the same run with another number in it, and a checksum that holds.
    let other = Experiment::new().axis("seed", "[0, 1, 2, 3]");
    other.sweep(&["--quiet", "--shard", "0/2"]);
    let segment = &other.segments()[0];
    let bytes = fs::read(segment).expect("a segment");
    fs::write(segment, with_another_number(&bytes)).expect("writable");
    let from = other.results();
    let refused = must(2, experiment.run(&["merge", from.to_str().expect("UTF-8")]));
    let (ours, theirs) = (experiment.segments(), segment.display().to_string());
    assert!(refused.stderr.contains("has two results that differ"), "{}", refused.stderr);
    assert!(refused.stderr.contains(&theirs), "{}", refused.stderr);
    assert!(refused.stderr.contains("results/test/runs/00000"), "{}", refused.stderr);
    assert_eq!(experiment.segments(), ours, "nothing was copied");
    // In one folder they are found, too.
    fs::copy(segment, experiment.results().join("runs/000009.seg")).expect("a copy");
    let refused = must(2, experiment.run(&["merge"]));
    assert!(refused.stderr.contains("000009.seg"), "{}", refused.stderr);
}

/// The first frame of a segment with its last byte changed, and the checksum that belongs to that.
fn with_another_number(segment: &[u8]) -> Vec<u8> {
    let payload = u32::from_le_bytes(segment[22..26].try_into().expect("four bytes")) as usize;
    let mut frame = segment[..42 + payload].to_vec();
    *frame.last_mut().expect("a payload") ^= 1;
    let hash = blake3::hash(&[&frame[..26], &frame[42..]].concat());
    frame[26..42].copy_from_slice(&hash.as_bytes()[..16]);
    frame
}

#[test]
fn what_is_no_shard_is_refused_in_words() {
    let experiment = Experiment::new();
    for (shard, words) in [
        ("8/8", "shards count from 0: use --array=0-7"),
        ("1/0", "at least one shard"),
        ("3", "expected I/N in whole numbers"),
        ("automatic", "or auto"),
    ] {
        let refused = must(2, run_with(&experiment, &["sweep", "--shard", shard], &[]));
        assert!(refused.stderr.contains(words), "{shard}: {}", refused.stderr);
    }
    let refused = must(2, run_with(&experiment, &["sweep", "--shards", "8"], &[]));
    assert!(refused.stderr.contains("--shard <I/N|auto>"), "{}", refused.stderr);
    let refused = must(2, run_with(&experiment, &["sweep", "--shard", "1/8", "--shards", "9"], &[]));
    assert!(refused.stderr.contains("do not agree"), "{}", refused.stderr);
    assert!(!experiment.folder().join("results").exists());
}

#[test]
fn shard_auto_takes_its_number_from_the_scheduler_and_the_count_from_the_user() {
    let experiment = grid();
    let auto = |variables: &[(&str, &str)]| run_with(&experiment, &["sweep", "--shard", "auto"], variables);
    for (variables, shard) in [
        (&[("SLURM_ARRAY_TASK_ID", "7"), ("SLURM_ARRAY_TASK_COUNT", "2")][..], "shard 7 of 8"),
        (&[("SLURM_ARRAY_TASK_ID", "7"), ("HQ_TASK_ID", "5")], "shard 5 of 8"),
        (&[("SGE_TASK_ID", "8")], "shard 7 of 8"),
        (&[("PBS_ARRAY_INDEX", "1"), ("SGE_TASK_ID", "undefined")], "shard 1 of 8"),
    ] {
        let outcome = must(0, auto(&[variables, &[("VGRUN_SHARDS", "8")]].concat()));
        assert!(outcome.stdout.starts_with(shard), "{}", outcome.stdout);
    }
    let counted = ["sweep", "--shard", "auto", "--shards", "4"];
    let outcome = must(0, run_with(&experiment, &counted, &[("LSB_JOBINDEX", "4"), ("VGRUN_SHARDS", "8")]));
    assert!(outcome.stdout.starts_with("shard 3 of 4"), "{}", outcome.stdout);
    for (variables, words) in [
        (&[("SLURM_ARRAY_TASK_ID", "8"), ("VGRUN_SHARDS", "8")][..], "use --array=0-7"),
        (&[("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_ARRAY_TASK_COUNT", "8")], "give --shards N, or set VGRUN_SHARDS=N"),
        (&[("SLURM_PROCID", "0"), ("VGRUN_SHARDS", "8")], "this process is no task of an array"),
        (&[("HQ_TASK_ID", "x"), ("VGRUN_SHARDS", "8")], "HQ_TASK_ID is \"x\""),
        (&[("HQ_TASK_ID", "1"), ("VGRUN_SHARDS", "no")], "VGRUN_SHARDS is \"no\""),
    ] {
        let refused = must(2, auto(variables));
        assert!(refused.stderr.contains(words), "{words:?} is not in\n{}", refused.stderr);
    }
}

#[test]
fn more_shards_than_runs_are_not_wrong() {
    let experiment = Experiment::new().axis("seed", "[0, 1]");
    for shard in ["0/3", "1/3", "2/3"] {
        experiment.sweep(&["--shard", shard]);
    }
    must(0, experiment.run(&["merge"]));
    assert_eq!(experiment.rows("runs").len(), 2);
}

/// Sends a signal by number to a process that this test started.
fn signal(pid: u32, name: &str) {
    let status = std::process::Command::new("kill").args([name, &pid.to_string()]).status().expect("kill");
    assert!(status.success());
}

fn wait_for(path: &Path) {
    while !path.exists() {
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_shard_has_one_writer_and_the_lock_of_a_dead_one_is_taken_over() {
    let slow = || grid().key("train.steps", "3000").key("model.width", "64");
    let experiment = slow();
    let lock = experiment.results().join("runs/shard-0-of-2.lock");
    let mut first = experiment.command(&["sweep", "--quiet", "--shard", "0/2"]).spawn().expect("vgrun starts");
    wait_for(&lock);
    let second = experiment.run(&["sweep", "--shard", "0/2"]);
    let status = experiment.run(&["status"]);
    let other = experiment.run(&["sweep", "--shard", "19/20", "--set", "run.train.steps=3", "--name", "test"]);
    let plain = experiment.run(&["sweep", "--set", "run.train.steps=3", "--name", "test"]);
    let _ = first.kill();
    let _ = first.wait();
    must(2, second).stderr.find(&format!("process {}", first.id())).expect("it says who holds the lock");
    must(0, other);
    let twice = format!("note: shard-0-of-2 is being written by process {}", first.id());
    assert!(plain.stderr.contains(&twice), "{}", plain.stderr);
    let writing = format!("writing now: shard-0-of-2, process {}", first.id());
    assert!(status.stdout.contains(&writing), "{}", status.stdout);
    assert!(lock.exists(), "a killed writer leaves its lock");
    let status = must(3, experiment.run(&["status"]));
    assert!(status.stdout.contains("shard 0 of 2: ") && status.stdout.contains("; killed: "), "{}", status.stdout);
    // Its successor is stopped by the scheduler, in words that a scheduler's script acts on.
    let mut command = experiment.command(&["sweep", "--shard", "0/2"]);
    let third = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("vgrun starts");
    let manifest = experiment.results().join("runs/shard-0-of-2.json");
    while !fs::read_to_string(&lock).is_ok_and(|lock| lock.contains(&format!("\"pid\":{},", third.id()))) {
        sleep(Duration::from_millis(2));
    }
    sleep(Duration::from_millis(50));
    signal(third.id(), "-USR1");
    let third = must(75, Outcome::of(&third.wait_with_output().expect("it ends")));
    assert!(third.stderr.contains("took over") && third.stderr.contains("that process is gone"), "{}", third.stderr);
    assert!(third.stderr.contains("run the same command again to go on"), "{}", third.stderr);
    assert!(!lock.exists());
    assert!(fs::read_to_string(manifest).expect("a manifest").contains("\"exit_code\": 75"));
    let status = must(3, experiment.run(&["status"]));
    assert!(status.stdout.contains("stopped by its scheduler"), "{}", status.stdout);
}

#[test]
fn shards_killed_at_any_moment_and_run_again_merge_to_the_same_bytes() {
    let slow = || grid().key("train.steps", "60").key("model.width", "32");
    let reference = slow();
    reference.sweep(&["--quiet"]);
    for kill in 0..6_u64 {
        let experiment = slow();
        for shard in ["0/2", "1/2"] {
            let mut child = experiment.command(&["sweep", "--quiet", "--shard", shard]).spawn().expect("vgrun starts");
            sleep(Duration::from_micros(3000 * kill * (kill + 2)));
            let _ = child.kill();
            let _ = child.wait();
        }
        for shard in ["0/2", "1/2"] {
            experiment.sweep(&["--quiet", "--shard", shard]);
        }
        must(0, experiment.run(&["merge", "--quiet"]));
        assert_eq!(tables(&experiment.results()), reference.tables(), "killed at moment {kill}");
    }
}
