//! Where the reports of `vgrun check` may go.

use std::fs;

use crate::experiment::Experiment;

/// Nets on a table, with a claim, a baseline and a trace beside them.
fn with_precious_files() -> (Experiment, Vec<&'static str>) {
    let experiment = Experiment::new()
        .key("data.source", "\"csv\"")
        .key("data.path", "\"data.csv\"")
        .key("train.batch_size", "4")
        .axis("seed", "[0, 1]")
        .text("[[expect]]\nname = \"it ends\"\nmetric = \"init_gradient_decades\"\nmin = -99\nevery_seed = true\n");
    let rows: Vec<String> = (0..40).map(|i| format!("{i},{},{}\n", i * i, i % 2)).collect();
    fs::write(experiment.folder().join("data.csv"), format!("a,b,kind\n{}", rows.concat())).expect("a writable folder");
    experiment.sweep(&["--quiet"]);
    assert_eq!(experiment.run(&["accept", "--yes"]).code, 0);
    fs::copy(experiment.results().join("trace.csv"), experiment.folder().join("mine.csv")).expect("a trace");
    fs::write(experiment.folder().join("notes.txt"), "precious").expect("a writable folder");
    let files = [
        "test.toml",
        "test.baseline.csv",
        "data.csv",
        "mine.csv",
        "notes.txt",
        "results/test/runs/000001.seg",
        "results/test/manifest.json",
        "results/test/runs.csv",
    ];
    (experiment, files.to_vec())
}

#[test]
fn a_report_replaces_earlier_reports_and_no_other_file() {
    let (experiment, files) = with_precious_files();
    let read = |name: &str| fs::read(experiment.folder().join(name)).expect("it is there");
    let before: Vec<Vec<u8>> = files.iter().map(|name| read(name)).collect();
    std::os::unix::fs::symlink("notes.txt", experiment.folder().join("link.json")).expect("a link");
    for name in files.iter().chain(&["./results/../test.toml", "link.json", "results/test/new.xml"]) {
        for option in ["--junit", "--json"] {
            for more in [&[] as &[&str], &["--stored"], &["--traces", "mine.csv"]] {
                let outcome = experiment.run(&[&["check", option, name], more].concat());
                assert_eq!(outcome.code, 2, "{option} {name} {more:?}: {}", outcome.stdout);
                assert!(outcome.stderr.contains(&format!("\nerror: {option} {name}: ")), "{}", outcome.stderr);
            }
        }
    }
    assert!(files.iter().map(|name| read(name)).eq(before), "a file is not what it was");
    assert!(!experiment.results().join("new.xml").exists());
    for words in [&["--json", "-"] as &[&str], &["--junit", "-"], &["--junit", "a", "--json", "./a"]] {
        assert_eq!(experiment.run(&[&["check", "--stored"], words].concat()).code, 2, "{words:?}");
    }
    assert!(!experiment.folder().join("-").exists() && !experiment.folder().join("a").exists());
    // Its own are written anew, again and again, and an empty file is none.
    fs::write(experiment.folder().join("new.json"), "").expect("a writable folder");
    for more in ["--stored", "--quiet", "--stored"] {
        let outcome = experiment.run(&["check", more, "--junit", "new.xml", "--json", "new.json"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    }
}

#[test]
fn a_trace_that_is_not_there_takes_no_report_away() {
    let (experiment, _) = with_precious_files();
    let report = experiment.folder().join("check.json");
    assert_eq!(experiment.run(&["check", "--stored", "--json", "check.json"]).code, 0);
    assert_eq!(experiment.run(&["check", "--traces", "nothere.csv", "--json", "check.json"]).code, 2);
    assert!(report.exists());
    assert_eq!(experiment.run(&["check", "--traces", "mine.csv", "--json", "check.json"]).code, 0);
}
