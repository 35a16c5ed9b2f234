//! What the report says about making its results again: followed to the letter, it gives the same bytes.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::experiment::{Experiment, tables};

fn small() -> Experiment {
    Experiment::new().axis("model.activation", "[\"tanh\", \"relu\"]").axis("seed", "[0, 1]")
}

fn page(folder: &Path) -> String {
    fs::read_to_string(folder.join("report.html")).expect("report.html")
}

/// The text of the page's code with this id, as a browser shows it.
fn code(page: &str, id: &str) -> String {
    let inside = page.split(&format!("<code id=\"{id}\">")).nth(1).expect(id);
    let text = inside.split("</code>").next().expect("its end");
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
        .iter()
        .fold(text.into(), |t, (a, b)| t.replace(a, b))
}

/// What a shell makes of a line in a folder, with the vgrun of this build; it must succeed.
fn shell(folder: &Path, line: &str) -> String {
    let vgrun = Path::new(env!("CARGO_BIN_EXE_vgrun")).parent().expect("a folder");
    let path = format!("{}:{}", vgrun.display(), std::env::var("PATH").expect("a PATH"));
    let output = Command::new("sh").args(["-c", line]).current_dir(folder).env("PATH", path).output().expect("sh");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_command_of_a_report_makes_its_tables_again_and_its_checksums_tell_that_they_are_the_same() {
    let sets = ["--set", "run.train.steps=4", "--set", "grid.model.depth=[2,3]", "--set", "why=\"isn't it\""];
    for arguments in [&[] as &[&str], &sets, &["--name", "elsewhere"], &[&sets[..], &["--out", "o ther"]].concat()] {
        let experiment = small();
        experiment.sweep(&[arguments, &["--report", "--quiet"]].concat());
        let out = experiment.folder().join(if arguments.contains(&"--out") { "o ther" } else { "results" });
        let swept = fs::read_dir(out).expect("results").next().expect("a folder").expect("an entry").path();
        let page = page(&swept);
        let again = TempDir::new().expect("a temporary folder");
        fs::write(again.path().join("test.toml"), code(&page, "config")).expect("a config");
        shell(again.path(), &format!("{} --quiet", code(&page, "command")));
        let made = page.split("This makes <code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a folder");
        let made = again.path().join(made);
        assert_eq!(tables(&made), tables(&swept), "{arguments:?}");
        let sums = code(&page, "sums");
        assert_eq!(sums.lines().count(), tables(&swept).len(), "{sums}");
        fs::write(made.join("SHA256SUMS"), &sums).expect("a file");
        let checked = shell(&made, "sha256sum --check SHA256SUMS || shasum --algorithm 256 --check SHA256SUMS");
        assert_eq!(checked.matches(": OK\n").count(), sums.lines().count(), "{checked}");
        fs::write(made.join("runs.csv"), "run\n0\n").expect("a file");
        let changed = shell(&made, "sha256sum --check SHA256SUMS || shasum --algorithm 256 --check SHA256SUMS || true");
        assert!(changed.contains("runs.csv: FAILED\n") && changed.contains("summary.csv: OK\n"), "{changed}");
    }
}

#[test]
fn a_report_names_what_made_the_numbers_and_is_the_same_each_time() {
    let experiment = small();
    experiment.sweep(&["--report", "--quiet"]);
    let first = page(&experiment.results());
    let manifest = fs::read_to_string(experiment.results().join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let version = experiment.run_alone(&["--version"]).stdout;
    let version = version.trim().strip_prefix("vgrun ").expect("a version");
    assert_eq!(manifest["vgrun"], version, "with the commit where the build was told it");
    let numerics = manifest["numerics"].as_u64().expect("a number");
    let plan = manifest["plan"].as_str().expect("text");
    let said = format!("made by vgrun {version}, numerics version {numerics}, plan {plan}.");
    assert!(first.contains(&said), "{said}");
    assert_eq!(experiment.run(&["report"]).code, 0);
    assert_eq!(page(&experiment.results()), first);
}

#[test]
fn tables_that_are_not_there_are_said_to_be_missing() {
    let experiment = small();
    experiment.sweep(&["--quiet"]);
    fs::remove_file(experiment.results().join("steps.csv")).expect("a table");
    assert_eq!(experiment.run(&["report"]).code, 0);
    let one_gone = page(&experiment.results());
    assert!(one_gone.contains("steps.csv is not there: the command above writes it."), "{one_gone}");
    assert!(!code(&one_gone, "sums").contains("steps.csv") && code(&one_gone, "sums").contains("runs.csv"));
    for table in tables(&experiment.results()).keys() {
        fs::remove_file(experiment.results().join(table)).expect("a table");
    }
    assert_eq!(experiment.run(&["report"]).code, 0);
    let all_gone = page(&experiment.results());
    assert!(all_gone.contains("are not there: the command above writes them.") && !all_gone.contains("id=\"sums\""));
    let one_asked_for = small().text("[output]\ntables = [\"runs\"]");
    one_asked_for.sweep(&["--report", "--quiet"]);
    let one_asked_for = page(&one_asked_for.results());
    assert_eq!(code(&one_asked_for, "sums").lines().count(), 1);
    assert!(!one_asked_for.contains("not there"));
}
