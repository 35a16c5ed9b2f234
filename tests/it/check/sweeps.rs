//! `vgrun diff` of two results folders: what their configs say differently, and what that did to the cells.

use std::collections::BTreeMap;
use std::fs;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::experiment::{Experiment, Outcome};

/// A depth sweep like `configs/depth.toml`, and tiny: `results/test`.
fn small() -> Experiment {
    Experiment::new()
        .without("model.depth")
        .key("train.steps", "40")
        .key("train.learning_rate", "0.02")
        .axis("model.depth", "[2, 6, 12]")
        .axis("model.activation", "[\"sigmoid\", \"tanh\"]")
        .axis("model.residual", "[false, true]")
        .axis("seed", "[0, 1, 2]")
}

/// Sweeps into `results/NAME`.
fn sweep(experiment: &Experiment, name: &str, sets: &[&str]) {
    let sets = sets.iter().flat_map(|set| ["--set", set]);
    experiment.sweep(&[&["--quiet", "--name", name], sets.collect::<Vec<_>>().as_slice()].concat());
}

fn diff(experiment: &Experiment, words: &[&str]) -> Outcome {
    let outcome = experiment.run_alone(&[&["diff"], words].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    outcome
}

/// The rows of the table of cells: the cells of each, which two blanks or more part.
fn rows(stdout: &str) -> Vec<Vec<String>> {
    let lines = stdout.lines().skip_while(|line| !line.starts_with("cell "));
    let rows = lines
        .skip(1)
        .take_while(|line| !["and ", "intervals ", "no intervals"].iter().any(|end| line.starts_with(end)));
    rows.map(|row| row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(String::from).collect()).collect()
}

/// The change and half the width of its interval in a cell such as `+0.40 ±0.10`.
fn interval(cell: &str) -> (f64, f64) {
    if cell == "same" {
        return (0.0, 0.0);
    }
    let (mean, half_width) = cell.split_once(" \u{b1}").unwrap_or_else(|| panic!("no interval: {cell}"));
    (mean.parse().expect("a number"), half_width.parse().expect("a number"))
}

#[test]
fn another_learning_rate_is_named_first_and_the_changes_are_those_of_the_same_seeds() {
    let experiment = small();
    experiment.sweep(&["--quiet"]);
    sweep(&experiment, "fast", &["run.train.learning_rate=0.5"]);
    let stdout = diff(&experiment, &["results/test", "results/fast", "--all"]).stdout;
    let first: Vec<&str> = stdout.lines().take(2).collect();
    assert_eq!(first, ["configs, results/test -> results/fast:", "  train.learning_rate: 0.02 -> 0.5"], "{stdout}");
    assert!(stdout.contains("(paired: both have the same seeds)\n"), "{stdout}");
    assert!(!stdout.contains("compared: the "), "all cells are compared: {stdout}");
    let (old, new) = (experiment.rows("runs"), runs(&experiment, "fast"));
    let rows = rows(&stdout);
    assert_eq!(rows.len(), 12);
    for row in &rows {
        let of_cell = |run: &&BTreeMap<String, String>| {
            let residual = if run["residual"] == "true" { ", residual" } else { "" };
            format!("{}, depth {}{residual}", run["activation"], run["depth"]) == row[0]
        };
        let column = |runs: &[BTreeMap<String, String>], name: &str| -> Vec<f64> {
            runs.iter().filter(of_cell).map(|run| run[name].parse().expect("a number")).collect()
        };
        let metrics = ["init_gradient_decades", "last_gradient_decades", "loss_last", "test_loss"];
        for (cell, metric) in row[2..6].iter().zip(metrics) {
            let differences: Vec<f64> =
                column(&new, metric).iter().zip(column(&old, metric)).map(|(new, old)| new - old).collect();
            assert_eq!(differences.len(), 3, "{row:?}");
            let mean = differences.iter().sum::<f64>() / 3.0;
            let squares: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
            let half_width = 4.302_652_729_749_464 * (squares / 2.0 / 3.0).sqrt();
            let (said, said_half_width) = interval(cell);
            assert!((said - mean).abs() < 0.0051 && (said_half_width - half_width).abs() < 0.0051, "{metric}: {row:?}");
            assert!(
                metric != "init_gradient_decades" || cell == "same",
                "a rate does nothing before training: {row:?}"
            );
        }
        let learned = |runs: &[BTreeMap<String, String>]| {
            format!("{}/3", runs.iter().filter(of_cell).filter(|run| run["learned"] == "true").count())
        };
        let (before, after) = (learned(&old), learned(&new));
        assert_eq!(row[6], if before == after { before } else { format!("{before} -> {after}") });
    }
}

/// The rows of `results/NAME/runs.csv`.
fn runs(experiment: &Experiment, name: &str) -> Vec<BTreeMap<String, String>> {
    let path = experiment.folder().join("results").join(name).join("runs.csv");
    let mut reader = csv::Reader::from_path(path).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn cells_with_another_verdict_come_first_and_the_rest_is_behind_all() {
    let experiment = small();
    experiment.sweep(&["--quiet"]);
    sweep(&experiment, "norm", &["run.model.batch_norm=true"]);
    let short = diff(&experiment, &["results/test", "results/norm"]).stdout;
    let (few, line) = (rows(&short), "and 2 more: --all prints every cell and the layers\n");
    assert!(few.len() == 10 && short.contains(line) && !short.contains("\nlayers"), "{short}");
    let all = diff(&experiment, &["results/test", "results/norm", "--all"]).stdout;
    let rows = rows(&all);
    assert_eq!((&rows[..10], rows.len()), (&few[..], 12));
    // The most frequent verdict of three seeds, the worse first.
    let verdict = |name: &str| -> BTreeMap<String, String> {
        let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for run in runs(&experiment, name) {
            let residual = if run["residual"] == "true" { ", residual" } else { "" };
            let cell = format!("{}, depth {}{residual}", run["activation"], run["depth"]);
            *counts.entry(cell).or_default().entry(run["verdict"].clone()).or_default() += 1;
        }
        let most = |verdicts: BTreeMap<String, usize>| verdicts.into_iter().max_by_key(|(_, n)| *n).expect("a run").0;
        counts.into_iter().map(|(cell, verdicts)| (cell, most(verdicts))).collect()
    };
    let (old, new) = (verdict("test"), verdict("norm"));
    let changed = old.iter().filter(|(cell, verdict)| new[*cell] != **verdict).count();
    assert!(changed > 0 && all.contains(&format!("12 cells compared: 12 differ, {changed} in the verdict\n")), "{all}");
    for (i, row) in rows.iter().enumerate() {
        let word = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
        let (before, after) = row[1].split_once(" -> ").unwrap_or((&row[1], &row[1]));
        assert_eq!((word(before), word(after)), (old[&row[0]].clone(), new[&row[0]].clone()), "{row:?}");
        assert_eq!(i < changed, word(before) != word(after), "{all}");
    }
    let layers = all.split("\nlayers, the largest difference first:\n").nth(1).expect("the layers");
    assert!(layers.contains("log10_delta_rms_init of layer 1: -") && layers.contains("numbers compared: "), "{layers}");
    let same = diff(&experiment, &["results/test", "results/test"]).stdout;
    assert!(same.starts_with("configs, results/test -> results/test: nothing differs\n"), "{same}");
    assert!(same.ends_with("12 cells compared: 0 differ, 0 in the verdict\n"), "{same}");
}

/// 48 cells of which nothing but the seeds differs: the intervals have 0 in some 95 % of them.
#[test]
fn other_seeds_are_compared_without_pairs_and_their_intervals_have_0_in_95_percent() {
    let experiment = Experiment::new()
        .without("model.depth")
        .without("model.width")
        .key("train.steps", "2")
        .key("trace.every", "1")
        .axis("model.depth", "[2, 3, 4]")
        .axis("model.width", "[6, 8, 10, 13]")
        .axis("model.activation", "[\"sigmoid\", \"tanh\", \"relu\", \"gelu\"]")
        .axis("seed", "[0, 1, 2, 3, 4]");
    experiment.sweep(&["--quiet"]);
    sweep(&experiment, "others", &["grid.seed=[100, 101, 102, 103, 104]"]);
    let stdout = diff(&experiment, &["results/test", "results/others", "--all"]).stdout;
    let seeds = "  seed: swept: 0, 1, 2, 3, 4 -> swept: 100, 101, 102, 103, 104\n";
    assert!(stdout.contains(seeds) && stdout.contains("(unpaired, by Welch: the seeds differ)\n"), "{stdout}");
    let rows = rows(&stdout);
    assert_eq!(rows.len(), 48);
    for (metric, at) in [("init decades", 2), ("last decades", 3), ("loss", 4), ("test loss", 5)] {
        let covers = |row: &&Vec<String>| {
            let (mean, half_width) = interval(&row[at]);
            mean.abs() <= half_width
        };
        let share = rows.iter().filter(covers).count() as f64 / 48.0;
        assert!((0.88..=1.0).contains(&share), "{metric}: {share}");
        // Rounded to the digits that are shown, one on the verge may be on either side.
        let outside = stdout.lines().find(|line| line.starts_with("intervals without 0: ")).expect("a line");
        let said = outside
            .split([':', ',', ';'])
            .map(str::trim)
            .find_map(|part| part.strip_prefix(&format!("{metric} "))?.strip_suffix(" of 48")?.parse::<f64>().ok());
        let said = said.unwrap_or_else(|| panic!("{metric}: {outside}"));
        assert!((said - 48.0 * (1.0 - share)).abs() <= 1.5, "{metric}: {outside}, {share}");
    }
    // 0 is never far outside: half of the seeds would not do.
    let narrow = rows.iter().filter(|row| interval(&row[2]).0.abs() > 0.25 * interval(&row[2]).1).count();
    assert!(narrow > 10, "the intervals are far too wide");
}

#[test]
fn other_axes_are_compared_where_they_agree() {
    let experiment = small();
    sweep(&experiment, "rates", &["grid.train.learning_rate=[0.02, 0.1]", "grid.model.depth=[2, 6]"]);
    sweep(&experiment, "deep", &["run.train.learning_rate=0.1", "grid.model.depth=[6, 12]"]);
    let stdout = diff(&experiment, &["results/rates", "results/deep", "--all"]).stdout;
    let said = "configs, results/rates -> results/deep:\n  model.depth: swept: 2, 6 -> swept: 6, 12\n  \
                train.learning_rate: swept: 0.02, 0.1 -> 0.1\n\
                compared: the 4 cells in which both agree\n  \
                model.depth: 6 in both; 2 only in results/rates; 12 only in results/deep\n  \
                train.learning_rate: 0.1 in both; 0.02 only in results/rates\n  \
                left out: 12 cells of results/rates, 4 cells of results/deep\n\n\
                4 cells compared: 0 differ, 0 in the verdict\n";
    assert!(stdout.starts_with(said), "{stdout}");
    let rows = rows(&stdout);
    assert!(rows.len() == 4 && rows.iter().all(|row| row[2..6].iter().all(|cell| cell == "same")), "{stdout}");
    assert!(stdout.trim_end().ends_with("numbers compared: 0 differ"), "{stdout}");
    // As CSV, numbers are named by all axes, so those of other axes are none.
    let outcome = experiment.run_alone(&["diff", "results/rates", "results/deep", "--csv"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("without --csv"), "{}", outcome.stderr);
}

#[test]
fn where_nothing_agrees_the_advice_makes_cells_that_do() {
    let experiment = small();
    sweep(&experiment, "shallow", &["grid.model.depth=[2, 3]"]);
    let deep = small().without_axis("model.depth").key("model.depth", "6");
    let folder = experiment.folder().join("results");
    let out = ["--out", folder.to_str().expect("UTF-8"), "--quiet"];
    deep.sweep(&[&out[..], &["--name", "deep"]].concat());
    let outcome = experiment.run_alone(&["diff", "results/shallow", "results/deep"]);
    let said = "error: results/shallow and results/deep have no cell in common: model.depth is 2, 3 in the first and 6 in \
                the second: sweep the config of the second with values of the first, as by `vgrun sweep CONFIG --set \
                'grid.model.depth=[2,3]'`";
    assert_eq!((outcome.code, outcome.stderr.trim()), (2, said));
    deep.sweep(&[&out[..], &["--name", "again", "--set", "grid.model.depth=[2,3]"]].concat());
    let stdout = diff(&experiment, &["results/shallow", "results/again"]).stdout;
    assert!(stdout.contains("8 cells compared: 0 differ"), "{stdout}");
}

#[test]
fn seeds_without_a_number_are_counted_beside_the_others() {
    let experiment = Experiment::new()
        .key("train.learning_rate", "0.05")
        .axis("model.activation", "[\"relu\", \"tanh\"]")
        .axis("seed", "[0, 1, 2]");
    experiment.sweep(&["--quiet"]);
    sweep(&experiment, "wild", &["run.train.learning_rate=1e6"]);
    let stdout = diff(&experiment, &["results/test", "results/wild"]).stdout;
    for row in rows(&stdout) {
        let of_cell = |run: &&BTreeMap<String, String>| row[0].contains(&run["activation"]);
        let runs = runs(&experiment, "wild");
        let lost = |name: &str| {
            let numbers = runs.iter().filter(of_cell).map(|run| run[name].parse::<f64>().expect("a number"));
            numbers.filter(|x| !x.is_finite()).count()
        };
        for (name, column) in [("last decades", "last_gradient_decades"), ("loss", "loss_last")] {
            let said = stdout.contains(&format!("{name} 0/3 -> {}/3", lost(column)));
            assert!(said || lost(column) == 0, "{column}: {stdout}");
        }
    }
    assert!(stdout.contains(" 0/3 -> ") && stdout.contains("-> diverged"), "{stdout}");
    // A sweep of other seeds, one of which is in both, has no pairs; a single seed has no interval.
    sweep(&experiment, "one", &["grid.seed=[2]"]);
    let stdout = diff(&experiment, &["results/test", "results/one"]).stdout;
    assert!(stdout.contains("\nno intervals: they need two seeds or more on both sides\n"), "{stdout}");
    assert!(!stdout.contains("0.10\u{b1}") && rows(&stdout).iter().all(|row| !row[2].contains('\u{b1}')), "{stdout}");
}

#[test]
fn recurrent_nets_are_compared_through_time() {
    let experiment = Experiment::new()
        .key("data.source", "\"adding\"")
        .key("data.length", "12")
        .key("model.depth", "1")
        .key("train.steps", "3")
        .axis("model.kind", "[\"rnn\", \"lstm\"]")
        .axis("seed", "[0, 1]");
    experiment.sweep(&["--quiet"]);
    sweep(&experiment, "longer", &["run.data.length=24"]);
    let stdout = diff(&experiment, &["results/test", "results/longer"]).stdout;
    assert!(stdout.contains("  data.length: 12 -> 24\n"), "{stdout}");
    let column = |name: &str, kind: &str| {
        let runs = runs(&experiment, name);
        let of_kind = runs.iter().filter(|run| run["kind"] == kind);
        of_kind.map(|run| run["init_time_decades"].parse::<f64>().expect("a number")).sum::<f64>() / 2.0
    };
    let rows = rows(&stdout);
    assert_eq!(rows.len(), 2);
    for row in rows {
        let change = column("longer", &row[0]) - column("test", &row[0]);
        assert!((interval(&row[2]).0 - change).abs() < 0.0051 && change.abs() > 0.01, "{row:?}: {change}");
    }
    let page = diff(&experiment, &["results/test", "results/longer", "--report", "time.svg"]).stdout;
    assert!(page.ends_with("wrote time.svg\n"), "{page}");
    let svg = fs::read_to_string(experiment.folder().join("time.svg")).expect("a picture");
    assert!(svg.contains("by lag") && !svg.contains("across the layers"), "one layer has no profile");
}

/// Reads XML to its end; panics where it is not well-formed.
fn read(xml: &str) {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) | Event::Empty(start) => {
                start.attributes().for_each(|attribute| drop(attribute.expect("an attribute")));
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

#[test]
fn the_report_has_both_profiles_on_one_axis_below_the_text() {
    let experiment = small().without_axis("model.residual");
    experiment.sweep(&["--quiet"]);
    sweep(&experiment, "wide", &["run.model.init=\"he\"", "run.model.init_gain=2.0"]);
    let hostile = "a <b> & 'c'";
    fs::rename(experiment.folder().join("results/wide"), experiment.folder().join(hostile)).expect("the same disk");
    let stdout = diff(&experiment, &["results/test", hostile, "--report", "both.html"]).stdout;
    let page = fs::read_to_string(experiment.folder().join("both.html")).expect("a page");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"), "{page}");
    assert!(!page.contains("<b>") && !page.contains("<script") && !page.contains("src="), "{page}");
    let text = stdout.strip_suffix("wrote both.html\n").expect("the last line");
    let escaped = text.trim_end().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    assert!(page.contains(&escaped), "{page}");
    // What is not written as XML of a page are its void elements.
    let closed = page.replace("<!DOCTYPE html>", "");
    let closed = closed.split('<').map(|tag| match tag.split_once('>') {
        Some((inside, rest)) if tag.starts_with("meta ") => format!("{inside}/>{rest}"),
        _ => tag.to_owned(),
    });
    read(&closed.collect::<Vec<_>>().join("<"));
    let svg = &page[page.find("<svg").expect("a figure")..page.rfind("</svg>").expect("its end") + 6];
    read(svg);
    for folder in ["results/test", "a &lt;b&gt; &amp; &#39;c&#39;"] {
        for time in ["at initialisation", "at the last step"] {
            let title = format!(">folder = {folder}, {time}</text>");
            assert!(svg.contains(&title), "{title} is not in {svg}");
        }
    }
    // All panels have the same ticks.
    let ticks = |power: &str| svg.matches(power).count();
    let lowest = (1..40).rev().map(|n| format!(">\u{2212}{n}</tspan>")).find(|power| ticks(power) > 0).expect("a tick");
    assert_eq!(ticks(&lowest), 4, "{lowest}");

    let outcome = diff(&experiment, &["results/test", hostile, "--report", "both.svg"]);
    assert!(outcome.stdout.ends_with("wrote both.svg\n"));
    let picture = fs::read_to_string(experiment.folder().join("both.svg")).expect("a picture");
    assert_eq!(picture.trim_end(), svg.trim_end());
    // It replaces itself, and nothing else.
    for name in ["both.html", "both.svg"] {
        diff(&experiment, &["results/test", hostile, "--report", name]);
    }
    for name in ["test.toml", "results/test/new.html", "results/test/manifest.json", "-"] {
        let outcome = experiment.run_alone(&["diff", "results/test", hostile, "--report", name]);
        assert!(outcome.code == 2 && outcome.stderr.contains(&format!("error: --report {name}")), "{}", outcome.stderr);
    }
}

#[test]
fn nets_without_a_profile_have_a_page_and_no_picture() {
    let experiment = Experiment::new().key("model.depth", "1").axis("seed", "[0, 1]");
    experiment.sweep(&["--quiet"]);
    diff(&experiment, &["results/test", "results/test", "--report", "both.html"]);
    let page = fs::read_to_string(experiment.folder().join("both.html")).expect("a page");
    assert!(page.contains("no profile to draw") && !page.contains("<svg"), "{page}");
    let outcome = experiment.run_alone(&["diff", "results/test", "results/test", "--report", "both.svg"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("name a file that ends in .html"), "{}", outcome.stderr);
    assert!(!experiment.folder().join("both.svg").exists());
}

#[test]
fn options_for_folders_are_refused_beside_a_baseline() {
    let experiment = Experiment::new().axis("seed", "[0, 1]");
    experiment.sweep(&["--quiet"]);
    assert_eq!(experiment.run(&["accept", "--yes"]).code, 0);
    for (option, words) in [("--all", &["--all"][..]), ("--report", &["--report", "x.html"])] {
        let outcome = experiment.run_alone(&[&["diff", "test.baseline.csv", "results/test"], words].concat());
        let said = format!("error: {option} is for two results folders, and test.baseline.csv is a baseline's file");
        assert!(outcome.code == 2 && outcome.stderr.starts_with(&said), "{}", outcome.stderr);
    }
    let stdout = diff(&experiment, &["test.baseline.csv", "results/test"]).stdout;
    assert!(stdout.ends_with("numbers compared: 0 differ\n") && stdout.lines().count() == 1, "{stdout}");
}
