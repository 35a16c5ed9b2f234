//! What happens to a results folder, and to the files beside it, while nobody looks: rights, links, files without a byte, a
//! folder that vanishes. See also `disk` for a full disk, and `tests/faults.sh` for a hundred kills.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::experiment::{Experiment, Outcome, tables};

/// Nets that take a moment each.
fn nets() -> Experiment {
    let nets = Experiment::new().axis("model.depth", "[2, 3]").axis("seed", "{ from = 0, count = 4 }");
    nets.text("[[expect]]\nname = \"it ends\"\nmetric = \"loss_last\"\nmin = 0\n")
}

/// An error in words, with code 2, and no panic.
fn assert_explained(outcome: &Outcome, words: &[&str], what: &str) {
    assert_eq!(outcome.code, 2, "{what}: {}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("error: ") && !outcome.stderr.contains("panicked"), "{what}: {}", outcome.stderr);
    words.iter().for_each(|word| assert!(outcome.stderr.contains(word), "{what}: {word:?} not in {}", outcome.stderr));
}

/// The command as nobody runs it, who has no rights here; none where this process may not become nobody, unless it has no
/// rights itself.
fn as_nobody(experiment: &Experiment, arguments: &[&str]) -> Option<Outcome> {
    let command = experiment.command(arguments);
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !is_root {
        return Some(experiment.run(arguments));
    }
    // The binary may lie where nobody may look.
    let binary = experiment.folder().join("vgrun");
    if !binary.exists() {
        fs::copy(command.get_program(), &binary).expect("room for the binary");
    }
    fs::set_permissions(experiment.folder(), Permissions::from_mode(0o755)).expect("our folder");
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&binary).args(command.get_args());
    let output = nobody.current_dir(experiment.folder()).stdin(Stdio::null()).output().ok()?;
    let outcome = Outcome::of(&output);
    if outcome.stderr.contains("setpriv") {
        let _ = writeln!(io::stderr(), "SKIPPED, this process cannot become nobody: {}", outcome.stderr);
        return None;
    }
    Some(outcome)
}

#[test]
fn a_folder_that_may_only_be_read_is_explained_and_still_reported_on() {
    let nets = nets();
    let Some(refused) = as_nobody(&nets, &["sweep", "--quiet", "--out", "locked/results"]) else { return };
    if !nets.folder().join("locked").exists() {
        assert_explained(&refused, &["cannot create locked/results/test/runs", "denied"], "no folder");
    }
    nets.sweep(&["--quiet"]);
    let results = nets.results();
    let (before, whole) = (tables(&results), fs::read_dir(results.join("runs")).expect("runs/").count());
    fs::set_permissions(&results, Permissions::from_mode(0o555)).expect("our folder");
    fs::set_permissions(results.join("runs"), Permissions::from_mode(0o555)).expect("our folder");
    for arguments in [&["sweep", "--fresh"] as &[&str], &["check"], &["merge"]] {
        let outcome = as_nobody(&nets, arguments).expect("it worked before");
        assert_explained(&outcome, &["results/test", "denied"], &format!("{arguments:?}"));
    }
    let outcome = as_nobody(&nets, &["report"]).expect("it worked before");
    assert_explained(&outcome, &["results/test", "denied"], "report");
    for arguments in [&["plan"] as &[&str], &["status"], &["check", "--stored"], &["report", "--terminal"]] {
        let outcome = as_nobody(&nets, arguments).expect("it worked before");
        assert_eq!(outcome.code, 0, "{arguments:?} only reads: {}", outcome.stderr);
    }
    fs::set_permissions(&results, Permissions::from_mode(0o755)).expect("our folder");
    fs::set_permissions(results.join("runs"), Permissions::from_mode(0o755)).expect("our folder");
    assert_eq!(tables(&results), before);
    assert_eq!(fs::read_dir(results.join("runs")).expect("runs/").count(), whole);
}

#[test]
fn files_that_may_not_be_read_are_named() {
    let nets = nets();
    nets.sweep(&["--quiet"]);
    let segment = nets.segments().remove(0);
    fs::set_permissions(&segment, Permissions::from_mode(0o0)).expect("our file");
    let Some(outcome) = as_nobody(&nets, &["status"]) else { return };
    assert_explained(&outcome, &["cannot read results/test/runs/000001.seg"], "a segment");
    fs::set_permissions(&segment, Permissions::from_mode(0o644)).expect("our file");
    let baseline = nets.folder().join("test.baseline.csv");
    fs::write(&baseline, "numerics,layer,metric,mean\n").expect("a file");
    fs::set_permissions(&baseline, Permissions::from_mode(0o0)).expect("our file");
    let outcome = as_nobody(&nets, &["check", "--stored"]).expect("it worked before");
    assert_explained(&outcome, &["cannot read test.baseline.csv"], "a baseline");
}

#[test]
fn a_folder_that_vanishes_during_a_sweep_is_an_error_and_the_next_sweep_begins_anew() {
    let slow = || nets().key("train.steps", "400").key("model.width", "64");
    let reference = slow();
    reference.sweep(&["--quiet"]);
    for wait in [0, 20, 60, 150] {
        let experiment = slow();
        let mut command = experiment.command(&["sweep", "--jobs", "1", "--quiet"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vgrun starts");
        while !experiment.results().join("runs/main.lock").exists() {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(wait));
        // It may be writing there at this moment.
        while fs::remove_dir_all(experiment.folder().join("results"))
            .is_err_and(|e| e.kind() != io::ErrorKind::NotFound)
        {}
        let outcome = Outcome::of(&child.wait_with_output().expect("it ends"));
        assert!([0, 2].contains(&outcome.code), "{}", outcome.stderr);
        if outcome.code == 2 {
            assert_explained(&outcome, &["results/test"], "after the folder went");
        }
        experiment.sweep(&["--quiet"]);
        assert_eq!(experiment.tables(), reference.tables(), "after {wait} ms");
    }
}

#[test]
fn files_without_a_byte_are_refused_in_words_or_made_anew() {
    let nets = nets();
    nets.sweep(&["--quiet"]);
    let reference = nets.tables();
    let empty = |name: &str| fs::write(nets.folder().join(name), "").expect("a file");
    // The codes of the six commands, each on the folder as the sweep left it but for the one file.
    for (name, codes) in [
        ("manifest.json", [0, 0, 2, 2, 0, 2]),
        ("result.json", [0, 0, 2, 0, 2, 0]),
        ("datapackage.json", [0; 6]),
        ("runs.csv", [0; 6]),
        ("runs/000001.seg", [0, 3, 2, 3, 2, 2]),
    ] {
        let commands = [
            &["plan"] as &[&str],
            &["status"],
            &["report"],
            &["merge"],
            &["accept", "--yes"],
            &["diff", "results/test", "results/test"],
        ];
        let path = format!("results/test/{name}");
        let whole = fs::read(nets.folder().join(&path)).expect("a file");
        for (arguments, code) in commands.iter().zip(codes) {
            empty(&path);
            let outcome = if arguments[0] == "diff" { nets.run_alone(arguments) } else { nets.run(arguments) };
            assert_eq!(outcome.code, code, "{name}, {arguments:?}: {}{}", outcome.stdout, outcome.stderr);
            let is_named = outcome.stderr.contains(&path) || name == "runs/000001.seg";
            assert_eq!(
                outcome.stderr.contains("error: ") && is_named,
                code == 2,
                "{name}, {arguments:?}: {}",
                outcome.stderr
            );
            assert!(!outcome.stderr.contains("panicked"), "{name}, {arguments:?}: {}", outcome.stderr);
            fs::write(nets.folder().join(&path), &whole).expect("a file");
        }
        empty(&path);
        let _ = fs::remove_file(nets.folder().join("test.baseline.csv"));
        nets.sweep(&["--quiet"]);
        assert_eq!(nets.tables(), reference, "{name}");
    }
    for (name, words) in [("t.csv", "it is empty"), ("images", "its header promises 4 bytes")] {
        empty(name);
        empty("labels");
        let source = if name == "t.csv" { "csv" } else { "idx" };
        let keys = format!("run.data.source = \"{source}\"\nrun.data.path = \"{name}\"\nrun.train.batch_size = 1\n");
        let labels = if source == "idx" { "run.data.labels = \"labels\"\n" } else { "" };
        fs::write(nets.folder().join("empty.toml"), format!("name = \"empty\"\n{keys}{labels}")).expect("a file");
        assert_explained(&nets.run_alone(&["plan", "empty.toml"]), &[words], name);
    }
    empty("test.baseline.csv");
    assert_explained(&nets.run(&["check"]), &["test.baseline.csv, line 1: this is no baseline"], "a baseline");
    fs::remove_file(nets.folder().join("test.baseline.csv")).expect("a file");
    empty("empty.toml");
    assert_explained(&nets.run_alone(&["plan", "empty.toml"]), &["the experiment has no name"], "a config");
    empty("trace.csv");
    assert_explained(
        &nets.run(&["check", "--traces", "trace.csv"]),
        &["trace.csv, line 1: there is no column"],
        "a trace",
    );
}

/// All files below a folder with their bytes, links not followed.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = fs::symlink_metadata(&path).expect("it is there").file_type();
        if kind.is_dir() {
            found.extend(files(&path));
        } else if kind.is_file() {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    found.sort();
    found
}

#[test]
fn no_name_leads_outside_of_the_folder_of_results() {
    let experiment = nets();
    let outside = experiment.folder().join("outside");
    fs::create_dir(&outside).expect("a folder");
    let nested = experiment.folder().join("inside");
    fs::create_dir(&nested).expect("a folder");
    let long = "a".repeat(300);
    for name in
        ["..", ".", "", "/", "../outside", "a/../../outside", "/tmp/outside", "a b", "a.b", "A", "ä", "$HOME", &long]
    {
        for given in [["--name".to_owned(), name.to_owned()], ["--set".to_owned(), format!("name={name}")]] {
            let arguments =
                [&["sweep", "--quiet", "--out", "inside/results"], &given.each_ref().map(String::as_str)[..]];
            let outcome = experiment.run(&arguments.concat());
            assert_explained(&outcome, &["name"], &format!("{given:?}"));
        }
    }
    assert_eq!((files(&outside), files(&nested)), (vec![], vec![]));
    let absolute = Experiment::new();
    let config = "name = \"/tmp/outside\"\n";
    drop(absolute.command(&["plan"]));
    fs::write(absolute.folder().join("bad.toml"), config).expect("a file");
    assert_explained(&absolute.run_alone(&["sweep", "bad.toml"]), &["is not a name"], "a name in a config");
}

#[test]
fn a_linked_folder_is_followed_and_a_linked_file_is_replaced() {
    let (experiment, reference) = (nets(), nets());
    reference.sweep(&["--quiet"]);
    let large = experiment.folder().join("large-disk");
    fs::create_dir(&large).expect("a folder");
    fs::create_dir(experiment.folder().join("results")).expect("a folder");
    symlink(&large, experiment.results()).expect("a link");
    // What links lead to is not ours to write.
    let precious = experiment.folder().join("precious");
    fs::write(&precious, "precious").expect("a file");
    for name in ["runs.csv", "manifest.json", "result.json", "datapackage.json", "report.html"] {
        symlink(&precious, large.join(name)).expect("a link");
    }
    symlink(&precious, experiment.folder().join("test.baseline.csv")).expect("a link");
    experiment.sweep(&["--quiet"]);
    assert_eq!(tables(&large), reference.tables());
    assert_eq!(experiment.run(&["report"]).code, 0);
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "precious");
    assert_explained(
        &experiment.run(&["accept", "--yes"]),
        &["this is no baseline of vgrun"],
        "a link to another file",
    );
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "precious");
    // The lock and the segments of a writer are new files, whatever stands there.
    fs::remove_dir_all(large.join("runs")).expect("a folder");
    fs::create_dir(large.join("runs")).expect("a folder");
    symlink(&precious, large.join("runs/main.lock")).expect("a link");
    let refused = experiment.run(&["sweep"]);
    assert_explained(&refused, &["main.lock is held by"], "a link for a lock");
    assert_eq!(fs::read_to_string(&precious).expect("a file"), "precious");
}

#[test]
fn accept_replaces_baselines_alone() {
    let experiment = nets();
    experiment.sweep(&["--quiet"]);
    let other = experiment.folder().join("test.baseline.csv");
    fs::write(&other, "name,phone\nann,1\n").expect("a file");
    let words = ["test.baseline.csv, line 1: this is no baseline of vgrun; move it away"];
    assert_explained(&experiment.run(&["accept", "--yes"]), &words, "another file");
    assert_explained(&experiment.run(&["check", "--stored"]), &words, "another file");
    assert_eq!(fs::read_to_string(&other).expect("a file"), "name,phone\nann,1\n");
    fs::remove_file(&other).expect("a file");
    assert_eq!(experiment.run(&["accept", "--yes"]).code, 0);
}

#[test]
fn names_that_are_not_utf8_are_names_like_others() {
    use std::os::unix::ffi::OsStrExt as _;
    let experiment = nets();
    drop(experiment.command(&["plan"]));
    let name = std::ffi::OsStr::from_bytes(b"n\xff.toml");
    fs::copy(experiment.folder().join("test.toml"), experiment.folder().join(name)).expect("any bytes");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.current_dir(experiment.folder()).arg(arguments[0]).arg(name).args(&arguments[1..]);
        Outcome::of(&command.stdin(Stdio::null()).output().expect("vgrun starts"))
    };
    for arguments in [&["sweep"] as &[&str], &["accept", "--yes"], &["check"], &["report"], &["status"], &["merge"]] {
        let outcome = run(arguments);
        assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
    }
    let baseline = std::ffi::OsStr::from_bytes(b"n\xff.baseline.csv");
    assert!(experiment.folder().join(baseline).exists());
    assert_explained(&run(&["submit", "--engine", "slurm", "--shards", "2"]), &["UTF-8"], "a script");
}
