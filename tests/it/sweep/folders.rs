//! A results folder stands alone: what reads it needs no config and no data file, works from every folder, and never
//! replaces what was drawn or written of runs by what there is to say of none.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::data::idx_file::{labels_of, tenths};
use crate::experiment::{Experiment, Outcome, tables};

/// A table of two classes; another one for every `shift`.
fn table(shift: usize) -> String {
    let row = |i: usize| format!("{},{},{}\n", i % 2 * 3 + i % 4 + shift, (i * 7 + shift) % 5, ["oak", "ash"][i % 2]);
    String::from("length,width,kind\n") + &(0..60).map(row).collect::<String>()
}

/// Nets that learn from a table, with a table of the same name that they did not see.
fn of_a_table() -> (Experiment, Vec<(&'static str, Vec<u8>)>) {
    let experiment = Experiment::new()
        .key("data.source", "\"csv\"")
        .key("data.path", "\"trees.csv\"")
        .axis("model.activation", "[\"tanh\", \"relu\"]")
        .axis("seed", "[0, 1]");
    write(experiment.folder(), "trees.csv", table(0));
    (experiment, vec![("trees.csv", table(1).into())])
}

fn of_images() -> (Experiment, Vec<(&'static str, Vec<u8>)>) {
    let experiment = Experiment::new()
        .key("data.source", "\"idx\"")
        .key("data.path", "\"images\"")
        .key("data.labels", "\"labels\"")
        .axis("model.activation", "[\"tanh\", \"relu\"]");
    write(experiment.folder(), "images", tenths(60));
    write(experiment.folder(), "labels", labels_of(60));
    (experiment, vec![("images", tenths(80)), ("labels", labels_of(80))])
}

/// Two tables in one grid, one of them also read with another column of answers.
fn of_two_tables() -> (Experiment, Vec<(&'static str, Vec<u8>)>) {
    let experiment = Experiment::new()
        .key("data.source", "\"csv\"")
        .axis("data.path", "[\"trees.csv\", \"more trees.csv\"]")
        .axis("seed", "[0, 1]")
        .text("[[include]]\ndata.path = \"trees.csv\"\ndata.label = \"width\"\ndata.target = \"regression\"\ndata.header = true");
    let numbers = |shift| table(shift).replace("oak", "1").replace("ash", "2");
    write(experiment.folder(), "trees.csv", numbers(0));
    write(experiment.folder(), "more trees.csv", numbers(2));
    (experiment, vec![("trees.csv", numbers(2).into()), ("more trees.csv", numbers(3).into())])
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(folder.join(name), bytes).expect("a writable folder");
}

/// Runs vgrun in some folder.
fn vgrun(folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    Outcome::of(&command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().expect("vgrun starts"))
}

fn must(code: i32, outcome: Outcome) -> Outcome {
    assert_eq!(outcome.code, code, "{}{}", outcome.stdout, outcome.stderr);
    outcome
}

/// That a command ends with code 2 and an error with these words.
fn refused(outcome: Outcome, words: &[&str]) -> Outcome {
    let outcome = must(2, outcome);
    for word in words {
        assert!(outcome.stderr.contains(word), "{word:?} is not in\n{}", outcome.stderr);
    }
    outcome
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Every file of a folder, but for its records and what tells the time.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("it is in the folder").to_path_buf();
            if name == Path::new("runs") || name == Path::new("manifest.json") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// What the commands that take a folder make of it: the files they write, and what `diff` prints against another.
struct Made {
    files: BTreeMap<PathBuf, Vec<u8>>,
    differences: [String; 3],
}

impl Made {
    /// Made anew in `from`, as nothing of it is there before.
    fn of(from: &Path, folder: &Path, other: &Path) -> Self {
        for made in ["figures", "excel"] {
            let _ = fs::remove_dir_all(folder.join(made));
        }
        let _ = fs::remove_file(folder.join("report.html"));
        must(0, vgrun(from, &["report", text(folder)]));
        must(0, vgrun(from, &["export", text(folder), "--excel-locale"]));
        let pairs = [&["diff", text(folder), text(other)] as &[&str], &["diff", text(other), text(folder), "--csv"]];
        // What is printed names the folders.
        let nameless = |out: String| out.replace(text(folder), "the folder").replace(text(other), "the other");
        let differences = pairs.map(|arguments| nameless(must(0, vgrun(from, arguments)).stdout));
        let [first, second] = differences;
        let terminal = must(0, vgrun(from, &["report", "--terminal", text(folder)])).stdout;
        Self { files: files(folder), differences: [first, second, terminal] }
    }

    fn must_be(&self, before: &Self, when: &str) {
        assert_eq!(self.differences, before.differences, "{when}");
        assert_eq!(self.files.keys().collect::<Vec<_>>(), before.files.keys().collect::<Vec<_>>(), "{when}");
        for (name, bytes) in &self.files {
            assert!(before.files[name] == *bytes, "{when}, {} has other bytes", name.display());
        }
    }
}

/// Moves the results of two experiments and asks for the same things without the data, and beside other data of its name.
fn stands_alone(experiment: &Experiment, other: &Experiment, wrong: &[(&'static str, Vec<u8>)]) {
    let before = Made::of(experiment.folder(), &experiment.results(), &other.results());
    assert!(before.files.contains_key(Path::new("report.html")) && before.files.len() > 8, "{:?}", before.files.keys());
    assert!(before.differences[1].lines().count() > 2, "the two differ: {}", before.differences[1]);
    let elsewhere = TempDir::new().expect("a temporary folder");
    let [first, second] = ["first", "second"].map(|name| elsewhere.path().join(name));
    fs::rename(experiment.results(), &first).expect("the same disk");
    fs::rename(other.results(), &second).expect("the same disk");
    for (name, _) in wrong {
        fs::remove_file(experiment.folder().join(name)).expect("a file");
    }
    Made::of(elsewhere.path(), &first, &second).must_be(&before, "without the data");
    Made::of(experiment.folder(), &first, &second).must_be(&before, "where the data were");
    for (name, bytes) in wrong {
        write(elsewhere.path(), name, bytes);
        write(experiment.folder(), name, bytes);
    }
    Made::of(elsewhere.path(), &first, &second).must_be(&before, "beside other data");
    Made::of(experiment.folder(), &first, &second).must_be(&before, "where the data changed");
    for (name, _) in wrong {
        fs::remove_file(elsewhere.path().join(name)).expect("a file");
        fs::create_dir(elsewhere.path().join(name)).expect("a folder in its way");
    }
    Made::of(elsewhere.path(), &first, &second).must_be(&before, "beside a folder of the data's name");
}

/// The same experiment with longer runs, on the same data.
fn longer((experiment, wrong): &(Experiment, Vec<(&'static str, Vec<u8>)>)) -> Experiment {
    let other = experiment.again().key("train.steps", "9");
    for (name, _) in wrong {
        fs::copy(experiment.folder().join(name), other.folder().join(name)).expect("a file");
    }
    other
}

#[test]
fn a_folder_is_read_without_its_data_and_beside_other_data_of_the_same_name() {
    for make in [of_a_table, of_images, of_two_tables] {
        let made = make();
        let other = longer(&made);
        let (experiment, wrong) = made;
        experiment.sweep(&["--quiet"]);
        other.sweep(&["--quiet"]);
        stands_alone(&experiment, &other, &wrong);
    }
}

#[test]
fn a_folder_that_shards_filled_is_read_without_their_data() {
    let made = of_two_tables();
    let other = longer(&made);
    let (experiment, wrong) = made;
    other.sweep(&["--quiet"]);
    for shard in ["0/2", "1/2"] {
        experiment.sweep(&["--quiet", "--shard", shard]);
    }
    must(0, experiment.run(&["merge", "--quiet"]));
    stands_alone(&experiment, &other, &wrong);
}

/// Gives a file of the folder the form that it had in schema 1.
fn make_old(path: &Path) {
    let mut file: Value = serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
    file["schema"] = 1.into();
    let manifest = if file["sweep"].is_object() { &mut file["sweep"] } else { &mut file };
    manifest["schema"] = 1.into();
    let data = manifest.as_object_mut().expect("an object").remove("data");
    assert!(data.is_some_and(|data| !data.as_array().expect("a list").is_empty()), "it kept something");
    fs::write(path, serde_json::to_string_pretty(&file).expect("JSON")).expect("a writable folder");
}

#[test]
fn a_folder_of_an_older_vgrun_is_read_beside_its_data_alone_and_the_error_elsewhere_helps() {
    let (experiment, wrong) = of_a_table();
    experiment.sweep(&["--quiet"]);
    must(0, experiment.run(&["report"]));
    let results = experiment.results();
    let before = files(&results);
    make_old(&results.join("manifest.json"));
    must(0, vgrun(experiment.folder(), &["report", "results/test"]));
    assert!(files(&results) == before, "the data are there");

    let elsewhere = TempDir::new().expect("a temporary folder");
    let words = ["an older vgrun wrote this folder", "vgrun report CONFIG", "vgrun sweep CONFIG", text(&results)];
    for beside in [false, true] {
        if beside {
            write(elsewhere.path(), wrong[0].0, &wrong[0].1);
        }
        for arguments in [
            &["report", text(&results)] as &[&str],
            &["export", text(&results), "--excel-locale"],
            &["diff", text(&results), text(&results)],
        ] {
            refused(vgrun(elsewhere.path(), arguments), &words);
        }
        assert!(files(&results) == before, "an error replaces nothing");
    }

    // Both remedies, from elsewhere.
    let (config, out) = (experiment.folder().join("test.toml"), experiment.folder().join("results"));
    let with_config = [text(&config), "--out", text(&out)];
    must(0, vgrun(elsewhere.path(), &[&["report"], &with_config as &[&str]].concat()));
    assert!(files(&results) == before);
    let swept = must(0, vgrun(elsewhere.path(), &[&["sweep"], &with_config as &[&str]].concat()));
    assert!(swept.stderr.contains("4 reused, 0 to train"), "{}", swept.stderr);
    must(0, vgrun(elsewhere.path(), &["report", text(&results)]));

    // Somebody may have taken it out of a manifest of today.
    let path = results.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    manifest["data"] = Value::Array(Vec::new());
    write(&results, "manifest.json", manifest.to_string());
    let words = ["trees.csv: the results folder does not say what was in it", "run the sweep again"];
    refused(vgrun(experiment.folder(), &["report", "results/test"]), &words);
    experiment.sweep(&["--quiet"]);
    must(0, vgrun(elsewhere.path(), &["report", text(&results)]));

    // One without data files needs no remedy.
    let plain = Experiment::new();
    plain.sweep(&["--quiet"]);
    let path = plain.results().join("manifest.json");
    let old = fs::read_to_string(&path).expect("a manifest").replacen("\"schema\": 2", "\"schema\": 1", 1);
    fs::write(&path, old.replace("  \"data\": [],\n", "")).expect("a writable folder");
    must(0, vgrun(elsewhere.path(), &["report", text(&plain.results())]));
}

#[test]
fn shards_and_a_manifest_of_an_older_vgrun_are_merged_into_a_folder_that_stands_alone() {
    let (experiment, _) = of_a_table();
    let elsewhere = TempDir::new().expect("a temporary folder");
    let results = experiment.results();
    for shard in ["0/2", "1/2"] {
        experiment.sweep(&["--quiet", "--shard", shard]);
    }
    for name in ["runs/shard-0-of-2.json", "runs/shard-1-of-2.json"] {
        make_old(&results.join(name));
    }
    must(0, experiment.run(&["merge", "--quiet"]));
    must(0, vgrun(elsewhere.path(), &["report", text(&results)]));
    // Without shards, a merge keeps what the sweep's manifest says.
    let (experiment, _) = of_a_table();
    experiment.sweep(&["--quiet"]);
    make_old(&experiment.results().join("manifest.json"));
    must(0, experiment.run(&["merge", "--quiet"]));
    must(0, vgrun(elsewhere.path(), &["report", text(&experiment.results())]));
}

/// 16 hex digits of a content.
fn content(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().as_str()[..16].to_string()
}

#[test]
fn a_config_whose_data_changed_is_refused_with_both_contents_and_either_remedy_works() {
    let (experiment, wrong) = of_a_table();
    let experiment =
        experiment.text("[[expect]]\nname = \"it ends\"\nmetric = \"loss_last\"\nmin = 0\nevery_seed = true");
    experiment.sweep(&["--quiet"]);
    must(0, experiment.run(&["report"]));
    let before = files(&experiment.results());
    write(experiment.folder(), "trees.csv", &wrong[0].1);
    let (was, is) = (content(table(0).as_bytes()), content(&wrong[0].1));
    assert_ne!(was, is);
    for schema in [2, 1] {
        if schema == 1 {
            make_old(&experiment.results().join("manifest.json"));
        }
        let words = [
            &format!("trees.csv has content {is}"),
            &format!("the runs in results/test were trained on content {was}"),
            "`vgrun sweep test.toml`",
            "`vgrun report results/test`",
        ];
        for arguments in [
            &["report"] as &[&str],
            &["report", "--terminal"],
            &["export", "--excel-locale"],
            &["check", "--stored"],
            &["accept", "--yes"],
        ] {
            refused(experiment.run(arguments), &words);
        }
        assert!(files(&experiment.results()) == before, "schema {schema}: an error replaces nothing");
        assert!(!experiment.folder().join("test.baseline.csv").exists());
        if schema == 2 {
            must(0, experiment.run_alone(&["report", "results/test"]));
        }
    }
    assert!(experiment.sweep(&[]).stderr.contains("4 to train"));
    for arguments in
        [&["report"] as &[&str], &["export", "--excel-locale"], &["check", "--stored"], &["accept", "--yes"]]
    {
        must(0, experiment.run(arguments));
    }
}

#[test]
fn changed_data_are_named_also_where_the_folders_name_follows_the_data() {
    let (experiment, wrong) = of_a_table();
    let set = ["--set", "run.model.depth=3"];
    experiment.sweep(&[&set[..], &["--quiet"]].concat());
    must(0, experiment.run(&[&["report"], &set[..]].concat()));
    write(experiment.folder(), "trees.csv", &wrong[0].1);
    let (was, is) = (content(table(0).as_bytes()), content(&wrong[0].1));
    for command in ["report", "accept"] {
        let words = [&*format!("trees.csv has content {is}"), &*format!("trained on content {was}")];
        refused(experiment.run(&[&[command], &set[..]].concat()), &words);
    }
    // Other settings were never swept: nothing is known of their data.
    let outcome = refused(experiment.run(&["report", "--set", "run.model.depth=4"]), &["no results of vgrun"]);
    assert!(!outcome.stderr.contains("has content"), "{}", outcome.stderr);
}

#[test]
fn a_config_whose_data_are_gone_is_refused_and_its_folder_is_not() {
    let (experiment, _) = of_a_table();
    experiment.sweep(&["--quiet"]);
    must(0, experiment.run(&["report"]));
    let before = files(&experiment.results());
    fs::remove_file(experiment.folder().join("trees.csv")).expect("a file");
    let words = [
        "trees.csv: there is no such file",
        "what is stored needs no data file: give results/test instead of test.toml",
    ];
    refused(experiment.run(&["report"]), &words);
    refused(experiment.run(&["export", "--excel-locale"]), &words);
    let nowhere = refused(experiment.run(&["report", "--out", "other"]), &words[..1]);
    assert!(!nowhere.stderr.contains("instead of"), "there is no such folder: {}", nowhere.stderr);
    let wrong = refused(experiment.run(&["report", "--set", "run.model.depht=3"]), &["depht"]);
    assert!(!wrong.stderr.contains("instead of"), "the config is wrong: {}", wrong.stderr);
    must(0, experiment.run_alone(&["report", "results/test"]));
    assert!(files(&experiment.results()) == before);
}

#[test]
fn a_folder_whose_runs_are_gone_replaces_no_report_and_is_compared_with_nothing() {
    let (experiment, _) = of_a_table();
    let other = experiment.again();
    write(other.folder(), "trees.csv", table(0));
    experiment.sweep(&["--report", "--quiet"]);
    other.sweep(&["--quiet"]);
    fs::remove_dir_all(experiment.results().join("runs")).expect("runs/");
    let before = files(&experiment.results());
    let words = ["results/test: no run of its plan has a result", "run `vgrun sweep` with its config first"];
    refused(experiment.run(&["report"]), &words);
    refused(experiment.run(&["report", "--terminal"]), &words);
    refused(experiment.run_alone(&["report", "results/test"]), &words);
    let there = other.results();
    for (a, b) in [("results/test", text(&there)), (text(&there), "results/test"), ("results/test", "results/test")] {
        let outcome = refused(experiment.run_alone(&["diff", a, b]), &words);
        assert_eq!(outcome.stdout, "", "nothing differs from nothing");
    }
    fs::create_dir(experiment.results().join("runs")).expect("a folder");
    refused(experiment.run(&["merge", "--partial"]), &words);
    assert!(files(&experiment.results()) == before, "report, figures and tables stay");
    // Its tables are those of the runs, and can still be copied.
    must(0, experiment.run(&["export", "--excel-locale"]));
    experiment.sweep(&["--quiet"]);
    must(0, experiment.run(&["report"]));
    must(0, experiment.run_alone(&["diff", "results/test", text(&there)]));
}

#[test]
fn tables_without_a_run_are_not_exported() {
    let experiment = Experiment::new();
    experiment.sweep(&["--quiet"]);
    must(0, experiment.run(&["export", "--excel-locale"]));
    let copies = tables(&experiment.results().join("excel"));
    for (name, table) in experiment.tables() {
        let header = table.lines().next().expect("a header");
        write(&experiment.results(), &name, format!("{header}\n"));
    }
    refused(experiment.run(&["export", "--excel-locale"]), &["results/test: its tables hold no run"]);
    assert_eq!(tables(&experiment.results().join("excel")), copies);
}

/// The experiment with runs that take hours, and little memory.
fn endless(experiment: Experiment) -> Experiment {
    experiment.key("train.steps", "100000000").key("trace.every", "100000000")
}

/// A command that trains, once it does.
fn training(experiment: &Experiment, arguments: &[&str]) -> Child {
    let mut child = experiment.command(arguments).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("vgrun");
    let mut lines = BufReader::new(child.stderr.as_mut().expect("a pipe")).lines();
    let begins = lines.any(|line| line.expect("UTF-8").contains(" to train "));
    assert!(begins, "it says that it begins");
    child
}

/// Interrupts it; its code and what it says afterwards.
fn interrupt(child: Child) -> Outcome {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
    Outcome::of(&child.wait_with_output().expect("it ends"))
}

fn result(experiment: &Experiment) -> Value {
    let text = fs::read_to_string(experiment.results().join("result.json")).expect("result.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_changed_sweep_or_check_that_is_stopped_before_a_run_has_ended_leaves_the_folder_as_it_was() {
    let claim = "[[expect]]\nname = \"it ends\"\nmetric = \"loss_last\"\nmin = 0\nevery_seed = true";
    let experiment = Experiment::new().axis("model.activation", "[\"tanh\", \"relu\"]").text(claim);
    must(0, experiment.run(&["check", "--quiet"]));
    must(0, experiment.run(&["report"]));
    let before = files(&experiment.results());
    let manifest = fs::read(experiment.results().join("manifest.json")).expect("a manifest");
    let endless = endless(experiment);
    for command in ["sweep", "check"] {
        let stopped = must(130, interrupt(training(&endless, &[command, "--jobs", "1"])));
        if command == "sweep" {
            let words = "results/test still holds the results of an earlier plan: no run of this one ended";
            assert!(stopped.stderr.contains(words), "{}", stopped.stderr);
        }
        let result = result(&endless);
        assert_eq!((&result["exit_code"], &result["done"]), (&130.into(), &0.into()), "scripts read what happened");
        assert_eq!(fs::read(endless.results().join("manifest.json")).expect("a manifest"), manifest, "{command}");
        let but_the_result = |mut files: BTreeMap<PathBuf, Vec<u8>>| {
            files.remove(Path::new("result.json")).expect("it is there");
            files
        };
        assert!(but_the_result(files(&endless.results())) == but_the_result(before.clone()), "{command}");
    }
    must(0, endless.run_alone(&["report", "results/test"]));
    // Killed, it leaves no less.
    let mut child = training(&endless, &["sweep", "--jobs", "1"]);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(fs::read(endless.results().join("manifest.json")).expect("a manifest"), manifest);
}

#[test]
fn a_first_sweep_that_is_stopped_at_once_has_nothing_to_show_and_goes_on() {
    let endless = endless(Experiment::new());
    must(130, interrupt(training(&endless, &["sweep", "--jobs", "1"])));
    assert_eq!(result(&endless)["missing"], 1);
    refused(endless.run(&["report"]), &["no run of its plan has a result"]);
    assert!(!endless.results().join("report.html").exists() && !endless.results().join("figures").exists());
    let shorter = endless.key("train.steps", "6");
    shorter.sweep(&["--quiet"]);
    must(0, shorter.run(&["report"]));
}

#[test]
fn from_the_first_run_of_a_changed_sweep_on_the_folder_is_that_of_the_new_plan() {
    let experiment = Experiment::new();
    experiment.sweep(&["--quiet"]);
    let path = experiment.results().join("manifest.json");
    let plan = || {
        let manifest: Value = serde_json::from_slice(&fs::read(&path).expect("a manifest")).expect("JSON");
        manifest["plan"].as_str().expect("text").to_owned()
    };
    let before = plan();
    let changed = endless(experiment).without("train.steps").axis("train.steps", "[5, 100000000]");
    let mut child = training(&changed, &["sweep", "--jobs", "2"]);
    let begun = Instant::now();
    while plan() == before && begun.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(5));
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_ne!(plan(), before, "the manifest is still that of the earlier plan");
    let shown = must(0, changed.run_alone(&["report", "results/test"]));
    assert!(shown.stderr.contains("1 of 2 runs have no result"), "{}", shown.stderr);
}

/// Runs a line in bash, in which `vgrun` is ours.
fn bash(folder: &Path, line: &str) -> Outcome {
    let bin = TempDir::new().expect("a temporary folder");
    symlink(env!("CARGO_BIN_EXE_vgrun"), bin.path().join("vgrun")).expect("a writable folder");
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    let command = command.args(["-euo", "pipefail", "-c", line]).current_dir(folder).env("PATH", path);
    Outcome::of(&command.stdin(Stdio::null()).output().expect("bash"))
}

/// What follows some words in a text, to the end of the line.
fn after<'a>(text: &'a str, words: &str) -> &'a str {
    text.lines().find_map(|line| line.split_once(words)).unwrap_or_else(|| panic!("{words:?} is not in {text}")).1
}

#[test]
fn the_command_that_a_sweep_prints_works_from_anywhere() {
    let (experiment, wrong) = of_a_table();
    let elsewhere = TempDir::new().expect("a temporary folder");
    write(elsewhere.path(), wrong[0].0, &wrong[0].1);
    fs::create_dir(experiment.folder().join("sub")).expect("a folder");
    for options in [
        &[] as &[&str],
        &["--name", "other"],
        &["--out", "it's $HOME, \"here\""],
        &["--set", "run.train.steps=7"],
        &["--out", "sub/../up and down"],
    ] {
        let swept = experiment.sweep(options);
        let command = after(&swept.stdout, "to see it: ");
        let outcome = must(0, bash(elsewhere.path(), command));
        assert!(outcome.stdout.contains("/report.html"), "{command}: {}", outcome.stdout);
    }
    // A folder may have any bytes for a name.
    let mut odd = experiment.command(&["sweep", "--out"]);
    let swept = Outcome::of(&odd.arg(std::ffi::OsStr::from_bytes(b"n\xff")).output().expect("vgrun starts"));
    must(0, bash(elsewhere.path(), after(&must(0, swept).stdout, "to see it: ")));
    assert!(experiment.folder().join(std::ffi::OsStr::from_bytes(b"n\xff/test/report.html")).exists());
}

#[test]
fn the_command_that_a_shard_prints_works_from_anywhere() {
    let (experiment, _) = of_a_table();
    let elsewhere = TempDir::new().expect("a temporary folder");
    let options = ["--out", "with blanks", "--set", "grid.seed=[3, 4]"];
    experiment.sweep(&[&["--shard", "0/2"], &options as &[&str]].concat());
    let last = experiment.sweep(&[&["--shard", "1/2"], &options as &[&str]].concat());
    let merged = must(0, bash(elsewhere.path(), after(&last.stderr, "when all 2 shards are done: ")));
    assert!(merged.stdout.contains("4 of 4 runs"), "{}", merged.stdout);
    assert_eq!(fs::read_dir(elsewhere.path()).expect("a folder").count(), 0);
}
