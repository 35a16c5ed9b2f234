//! Links, pipes, devices and what has no end in the place of a results folder's own folders and files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::config::limits::limited;
use crate::experiment::{Experiment, Outcome};

/// Nets that keep all that can be kept.
fn keeping() -> Experiment {
    Experiment::new().key("trace.weights", "\"both\"").key("trace.order", "true").axis("seed", "[0, 1]")
}

/// A folder outside of the results, with files that exports, figures and sweeps would write or remove.
fn victim(experiment: &Experiment) -> Vec<(String, String)> {
    let folder = experiment.folder().join("victim");
    fs::create_dir(&folder).expect("a folder");
    for name in ["runs.csv", "time.csv", "gates.csv", "profile.svg", "effects.svg", "000001.seg", ".x.tmp"] {
        fs::write(folder.join(name), "precious").expect("a file");
    }
    let old = fs::File::options().write(true).open(folder.join(".x.tmp")).expect("a file");
    old.set_modified(std::time::UNIX_EPOCH).expect("a time");
    contents(&folder)
}

fn contents(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut all: Vec<_> =
        entries.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap_or_default())).collect();
    all.sort();
    all
}

#[test]
fn a_link_in_the_place_of_a_folder_of_the_results_is_not_followed() {
    let export = &["export", "--excel-locale"] as &[&str];
    for (name, command) in [
        ("excel", export),
        ("figures", &["report"]),
        ("figures", &["sweep", "--report"]),
        ("runs", &["sweep"]),
        ("runs", &["check"]),
        ("runs", &["merge", "other"]),
        ("runs", &["sweep", "--shard", "0/2"]),
        ("weights", &["sweep"]),
        ("order", &["sweep"]),
        ("data", &["sweep"]),
        ("data", &["merge", "other"]),
    ] {
        let experiment = keeping().text("[[expect]]\nname = \"it ends\"\nmetric = \"loss_last\"\nmin = 0\n");
        let before = victim(&experiment);
        if command == export || command == ["report"] {
            experiment.sweep(&["--quiet"]);
        }
        if command[0] == "merge" {
            experiment.sweep(&["--quiet", "--out", "other"]);
        }
        fs::create_dir_all(experiment.results()).expect("a folder");
        symlink("../../victim", experiment.results().join(name)).expect("a link");
        let outcome = experiment.run(command);
        assert_eq!(outcome.code, 2, "{name}, {command:?}: {}{}", outcome.stdout, outcome.stderr);
        let words = format!("results/test/{name} is a link");
        assert!(outcome.stderr.contains(&words), "{name}, {command:?}: {}", outcome.stderr);
        assert_eq!(contents(&experiment.folder().join("victim")), before, "{name}, {command:?}");
        fs::remove_file(experiment.results().join(name)).expect("a link");
        let outcome = experiment.run(command);
        assert!([0, 1].contains(&outcome.code), "{name}, {command:?}: {}", outcome.stderr);
    }
}

#[test]
fn copies_of_tables_replace_no_file_that_is_none() {
    let experiment = Experiment::new().axis("model.depth", "[2, 3]").axis("seed", "[0, 1]");
    experiment.sweep(&["--quiet"]);
    let sheets = experiment.folder().join("sheets");
    fs::create_dir(&sheets).expect("a folder");
    let export = || experiment.run(&["export", "--excel-locale", "--to", "sheets"]);
    // The last of them is written last: nothing is, before all are looked at.
    for name in ["runs.csv", "trace.csv", "effects.csv"] {
        for text in ["name,phone\n", "\u{feff}run;name;phone\n1;ann;2\n", "run,depth,seed\n"] {
            fs::write(sheets.join(name), text).expect("a file");
            let outcome = export();
            assert_eq!(outcome.code, 2, "{name} {text:?}: {}", outcome.stdout);
            assert!(outcome.stderr.contains(&format!("sheets/{name}: there is a file")), "{}", outcome.stderr);
            assert_eq!(fs::read_to_string(sheets.join(name)).expect("it is there"), text);
            assert_eq!(fs::read_dir(&sheets).expect("a folder").count(), 1, "nothing is written beside it");
        }
        fs::remove_file(sheets.join(name)).expect("it is there");
    }
    fs::write(sheets.join("runs.csv"), "").expect("a file");
    assert_eq!(export().code, 0, "what is empty holds nothing");
    // Copies are written again, of other axes, too.
    let other = experiment.again().axis("model.width", "[4, 8]");
    other.sweep(&["--quiet"]);
    let to = sheets.display().to_string();
    for _ in 0..2 {
        let outcome = other.run(&["export", "--excel-locale", "--to", &to]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    }
}

/// Puts a pipe, an endless device or a folder in the place of a file.
fn put(what: &str, path: &Path) {
    let _ = fs::remove_file(path);
    match what {
        "pipe" => assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success()),
        "folder" => fs::create_dir(path).expect("a folder"),
        device => symlink(device, path).expect("a link"),
    }
}

/// The command in 2 GB and half a minute, after which it is taken to wait for ever.
fn soon(experiment: &Experiment, arguments: &[&str]) -> Outcome {
    let command = experiment.command(arguments);
    let mut timed = Command::new("timeout");
    timed.args(["--signal=KILL", "30"]).arg(command.get_program()).args(command.get_args());
    limited(timed.current_dir(experiment.folder()))
}

#[test]
fn what_is_no_file_in_a_results_folder_is_refused_and_nobody_waits_for_it() {
    for what in ["pipe", "/dev/zero", "folder"] {
        for (name, commands) in [
            (
                "runs/000002.seg",
                &[&["plan"] as &[&str], &["status"], &["sweep"], &["merge"], &["report"]] as &[&[&str]],
            ),
            ("runs/main.lock", &[&["status"], &["sweep"], &["merge"], &["check", "--quiet"]]),
            ("runs.csv", &[&["export", "--excel-locale"]]),
            ("manifest.json", &[&["report"], &["export", "--excel-locale"]]),
        ] {
            let claim = "[[expect]]\nname = \"it ends\"\nmetric = \"loss_last\"\nmin = 0\nevery_seed = true\n";
            let experiment = Experiment::new().text(claim);
            experiment.sweep(&["--quiet"]);
            put(what, &experiment.results().join(name));
            for command in commands {
                let outcome = soon(&experiment, command);
                assert_eq!(outcome.code, 2, "{what} {name} {command:?}: {}{}", outcome.stdout, outcome.stderr);
                assert!(outcome.stderr.contains("it is not a file"), "{what} {name} {command:?}: {}", outcome.stderr);
            }
        }
    }
}

#[test]
fn a_lock_or_a_row_of_a_table_without_end_is_refused_in_little_memory() {
    let experiment = Experiment::new();
    experiment.sweep(&["--quiet"]);
    let vast = |name: &str| {
        let file = fs::File::create(experiment.results().join(name)).expect("a file");
        file.set_len(1 << 40).expect("a file system that knows holes");
    };
    vast("runs.csv");
    let outcome = soon(&experiment, &["export", "--excel-locale"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("runs.csv: its columns are not"), "{}", outcome.stderr);
    vast("runs/main.lock");
    for command in ["status", "sweep"] {
        let outcome = soon(&experiment, &[command]);
        assert!(outcome.code == 2 && outcome.stderr.contains("it holds more than 64 KiB"), "{}", outcome.stderr);
    }
}
