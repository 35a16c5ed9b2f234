//! Sweeps over files of the user's and over synthetic data, through the real binary.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use crate::data::idx_file::{gzipped, idx, labels_of, tenths};
use crate::experiment::Experiment;

/// A table of 100 examples of three classes that a small net can tell apart, and a number that follows from them.
fn table() -> String {
    let mut text = String::from("length,kind,width,weight\n");
    for i in 0..100 {
        let kind = i % 3;
        let (length, width) = (kind * 10 + i % 4, 5 - kind + i % 2);
        writeln!(text, "{length},{},{width},{}", ["oak", "ash", "elm"][kind], 2 * length + 3 * width)
            .expect("a String");
    }
    text
}

fn csv() -> Experiment {
    let experiment = Experiment::new()
        .key("data.source", "\"csv\"")
        .key("data.path", "\"trees.csv\"")
        .key("data.label", "\"kind\"")
        .key("train.steps", "60")
        .key("train.learning_rate", "0.1");
    fs::write(experiment.folder().join("trees.csv"), table()).expect("a file");
    experiment
}

/// The ids of all runs in plan order.
fn ids(experiment: &Experiment) -> Vec<String> {
    experiment.rows("runs").iter().map(|row| row["run_id"].clone()).collect()
}

#[test]
fn classes_of_a_table_are_learned() {
    let experiment = csv().axis("seed", "[0, 1]").axis("model.activation", "[\"relu\", \"tanh\"]");
    experiment.sweep(&[]);
    for row in experiment.rows("runs") {
        assert_eq!((row["status"].as_str(), row["learned"].as_str()), ("ok", "true"));
        assert!(row["test_accuracy"].parse::<f64>().expect("a number") > 0.9, "{row:?}");
    }
    assert!(experiment.sweep(&[]).stderr.contains("4 reused"));
}

#[test]
fn a_number_of_a_table_is_learned_and_has_no_accuracy() {
    let words = ["oak", "ash", "elm"].iter().enumerate();
    let numbers = words.fold(table(), |text, (i, word)| text.replace(word, &i.to_string()));
    let experiment = csv()
        .key("data.label", "\"weight\"")
        .key("data.target", "\"regression\"")
        .axis("train.learning_rate", "[1e-9, 0.05]")
        .key("train.precision", "\"f64\"");
    fs::write(experiment.folder().join("trees.csv"), numbers).expect("a file");
    experiment.sweep(&[]);
    let rows = experiment.rows("runs");
    for row in &rows {
        assert_eq!(
            (row["status"].as_str(), row["accuracy_last"].as_str(), row["test_accuracy"].as_str()),
            ("ok", "NaN", "NaN")
        );
        assert!(row["test_loss"].parse::<f64>().expect("a number").is_finite());
    }
    assert_eq!((rows[0]["learned"].as_str(), rows[1]["learned"].as_str()), ("false", "true"), "{rows:?}");
    assert!(experiment.rows("summary").iter().all(|row| row["n_not_finite"] == "0"));
}

#[test]
fn what_data_have_no_number_for_does_not_count_as_not_finite() {
    for experiment in [
        Experiment::new().key("data.source", "\"noise\""),
        Experiment::new().key("data.source", "\"noise\"").key("data.length", "3").key("model.kind", "\"lstm\""),
        Experiment::new().key("data.source", "\"adding\"").key("model.kind", "\"rnn\""),
    ] {
        let experiment = experiment.axis("seed", "[0, 1]");
        experiment.sweep(&[]);
        let cell = &experiment.rows("summary")[0];
        assert_eq!((cell["n"].as_str(), cell["n_not_finite"].as_str()), ("2", "0"), "{cell:?}");
    }
}

#[test]
fn the_content_of_a_file_is_in_the_id_and_its_place_is_not() {
    let (here, there) = (csv(), csv().key("data.path", "\"data/other.csv\""));
    fs::create_dir(there.folder().join("data")).expect("a folder");
    fs::rename(there.folder().join("trees.csv"), there.folder().join("data/other.csv")).expect("a file");
    here.sweep(&[]);
    there.sweep(&[]);
    let before = ids(&here);
    assert_eq!(before, ids(&there));

    let both = csv().axis("data.path", "[\"trees.csv\", \"copy.csv\"]").axis("seed", "[0, 1]");
    fs::copy(both.folder().join("trees.csv"), both.folder().join("copy.csv")).expect("a file");
    let outcome = both.sweep(&[]);
    assert_eq!(both.rows("runs").len(), 2, "the copies are one run: {}", outcome.stderr);
    assert_eq!(both.rows("runs")[1]["path"], "trees.csv");
    assert_eq!(both.rows("runs")[0]["run_id"], before[0]);

    fs::write(here.folder().join("trees.csv"), table().replace("\n0,", "\n1,")).expect("a file");
    let plan = here.run(&["plan"]);
    assert!(plan.stdout.contains("data.content changed"), "{}", plan.stdout);
    here.sweep(&[]);
    assert_ne!(ids(&here), before);
}

#[test]
fn no_cell_of_an_axis_over_files_is_empty() {
    let mixed = csv()
        .without("data.label")
        .without("data.path")
        .without("data.source")
        .axis("data.source", "[\"csv\"]")
        .axis("data.path", "[\"trees.csv\", \"NA\"]")
        .key("train.steps", "1")
        .text("[[include]]\ndata.source = \"moons\"");
    let rows: String = (0..20).map(|i| if i % 2 == 0 { "1,a\n" } else { "2,b\n" }).collect();
    fs::write(mixed.folder().join("trees.csv"), &rows).expect("a file");
    fs::write(mixed.folder().join("NA"), rows.replace('2', "3")).expect("a file");
    mixed.sweep(&[]);
    let cells: Vec<(String, String)> =
        mixed.rows("runs").iter().map(|row| (row["source"].clone(), row["path"].clone())).collect();
    let cell = |source: &str, path: &str| (source.to_owned(), path.to_owned());
    assert_eq!(cells, [cell("csv", "trees.csv"), cell("csv", "\"NA\""), cell("moons", "none")]);
}

#[test]
fn a_plan_says_what_it_made_of_each_file() {
    let plan = csv().axis("data.path", "[\"trees.csv\", \"again.csv\"]").axis("data.label", "[\"kind\", 2]");
    fs::copy(plan.folder().join("trees.csv"), plan.folder().join("again.csv")).expect("a file");
    let overview = plan.run(&["plan"]).stdout;
    let lines: Vec<&str> = overview.lines().filter(|line| line.starts_with("  data ")).collect();
    let of = |name: &str| format!("  data      {name}: 80 + 20 examples, 3 inputs -> 3 classes");
    assert_eq!(lines, [of("again.csv"), of("trees.csv")]);
    let numbers = csv().key("data.path", "\"n.csv\"").key("data.target", "\"regression\"").without("data.label");
    fs::write(numbers.folder().join("n.csv"), "1,2\n2,3\n3,4\n".repeat(10)).expect("a file");
    let overview = numbers.run(&["plan"]).stdout;
    assert!(overview.contains("\n  data      n.csv: 24 + 6 examples, 1 input -> a number\n"), "{overview}");
    assert!(!Experiment::new().run(&["plan"]).stdout.contains("  data "));
}

#[test]
fn paths_are_relative_to_the_config() {
    let experiment = csv();
    let mut command = experiment.command(&["plan", "--list"]);
    let folder = experiment.folder().join("elsewhere");
    fs::create_dir(&folder).expect("a folder");
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let mut moved = std::process::Command::new(command.get_program());
    moved.current_dir(folder).arg(&arguments[0]).arg("../test.toml").args(&arguments[2..]);
    let (here, there) = (command.output().expect("vgrun starts"), moved.output().expect("vgrun starts"));
    assert_eq!((here.status.code(), there.status.code()), (Some(0), Some(0)));
    assert_eq!(here.stdout, there.stdout);
}

fn pair() -> Experiment {
    let experiment = Experiment::new()
        .key("data.source", "\"idx\"")
        .key("data.path", "\"images\"")
        .key("data.labels", "\"labels\"")
        .key("train.steps", "40")
        .key("train.learning_rate", "0.1");
    fs::write(experiment.folder().join("images"), tenths(100)).expect("a file");
    fs::write(experiment.folder().join("labels"), labels_of(100)).expect("a file");
    experiment
}

#[test]
fn images_are_learned_and_gzip_changes_no_id() {
    let (plain, packed) = (pair(), pair());
    fs::write(packed.folder().join("images"), gzipped(&tenths(100))).expect("a file");
    fs::write(packed.folder().join("labels"), gzipped(&labels_of(100))).expect("a file");
    plain.sweep(&[]);
    packed.sweep(&[]);
    assert_eq!(plain.tables(), packed.tables());
    let row = &plain.rows("runs")[0];
    assert_eq!((row["learned"].as_str(), row["test_accuracy"].as_str()), ("true", "1.0"));

    let tested = pair().key("data.test_path", "\"images\"").key("data.test_labels", "\"labels\"");
    tested.sweep(&[]);
    assert_ne!(ids(&tested), ids(&plain));
    let relabelled = pair();
    fs::write(relabelled.folder().join("labels"), idx(&[100], &[[0, 1, 1, 1].as_slice(); 25].concat()))
        .expect("a file");
    relabelled.sweep(&[]);
    assert_ne!(ids(&relabelled), ids(&plain), "labels count as images do");
}

#[test]
fn a_file_that_changes_after_the_plan_fails_its_runs_and_no_other() {
    // The longest run comes first, and learns from another file.
    let experiment = csv()
        .axis("model.depth", "[3, 2]")
        .text("[[zip]]\ndata.path = [\"long.csv\", \"trees.csv\"]\ntrain.steps = [4000, 5]\n[[exclude]]\nmodel.depth = 3\ntrain.steps = 5");
    fs::copy(experiment.folder().join("trees.csv"), experiment.folder().join("long.csv")).expect("a file");
    fs::write(experiment.folder().join("trees.csv"), table().replace("\n0,", "\n1,")).expect("a file");
    let child = experiment.command(&["sweep", "--jobs", "1"]).stderr(std::process::Stdio::piped()).spawn();
    let child = child.expect("vgrun starts");
    while !experiment.results().join("manifest.json").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    fs::write(experiment.folder().join("trees.csv"), table().replace("\n0,", "\n2,")).expect("a file");
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("cannot load the data: trees.csv: it has changed since the plan was made"), "{stderr}");
    let statuses: Vec<String> = experiment.rows("runs").iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, ["ok", "ok", "failed"], "{stderr}");
}

#[test]
fn spirals_and_moons_follow_the_seed_unless_the_data_have_one_of_their_own() {
    for source in ["\"spirals\"", "\"moons\""] {
        let follow =
            Experiment::new().key("data.source", source).axis("seed", "[0, 1]").axis("data.noise_std", "[0, 0.1]");
        follow.sweep(&[]);
        let own = Experiment::new().key("data.source", source).key("data.seed", "1").axis("seed", "[0, 1]");
        own.sweep(&[]);
        let rows = (follow.rows("runs"), own.rows("runs"));
        assert!(rows.0.iter().all(|row| row["status"] == "ok"));
        // The last of `follow` has seed 1, data of seed 1 and the default noise: so has the last of `own`.
        assert_eq!(rows.0[3]["run_id"], rows.1[1]["run_id"]);
        assert_ne!(rows.0[1]["loss_first"], rows.1[0]["loss_first"]);
    }
}

#[test]
fn many_points_look_into_a_file_once() {
    let experiment = csv().axis("seed", "{ from = 0, count = 5000 }").axis("model.depth", "{ from = 1, count = 20 }");
    // A pipe that is read twice would block; a file that is read 100,000 times would take minutes.
    let start = std::time::Instant::now();
    let outcome = experiment.run(&["plan", "--list"]);
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (0, 100_000), "{}", outcome.stderr);
    assert!(start.elapsed() < Duration::from_secs(60));
}
