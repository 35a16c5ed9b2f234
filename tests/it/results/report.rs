//! `vgrun report` through the binary: what it writes of stored runs, and from what.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::experiment::{Experiment, Outcome};

fn small() -> Experiment {
    Experiment::new().key("model.depth", "4").axis("model.activation", "[\"tanh\", \"sigmoid\"]")
}

/// The figures of a results folder, by name.
fn figures(results: &Path) -> BTreeMap<String, String> {
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read_to_string(&path).expect("UTF-8"))
    };
    fs::read_dir(results.join("figures")).expect("figures/").map(read).collect()
}

/// The attributes of the series of a figure.
fn series(svg: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = Reader::from_str(svg);
    let mut found = Vec::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(start) => {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
                let pair = |a: quick_xml::events::attributes::Attribute<'_>| (text(a.key.as_ref()), text(&a.value));
                let attributes: BTreeMap<_, _> = start.attributes().map(|a| pair(a.expect("an attribute"))).collect();
                if attributes.get("class").is_some_and(|class| class == "series") {
                    found.push(attributes);
                }
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

fn numbers(list: &str) -> Vec<f64> {
    list.split(' ').map(|x| x.parse().expect("a number")).collect()
}

#[test]
fn the_profile_shows_the_numbers_of_layers_csv() {
    let experiment = small();
    experiment.sweep(&[]);
    let outcome = experiment.run(&["report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let figures = figures(&experiment.results());
    for name in figures.keys() {
        assert!(outcome.stdout.contains(&format!("wrote results/test/figures/{name}\n")), "{}", outcome.stdout);
    }
    let drawn = series(&figures["profile.svg"]);
    assert_eq!(drawn.len(), 4, "two cells, at initialisation and at the last step");
    for (i, activation) in ["tanh", "sigmoid"].into_iter().enumerate() {
        let rows = experiment.rows("layers");
        let of_run = rows.iter().filter(|row| row["activation"] == activation && row["role"] == "hidden");
        let column = |name: &str| of_run.clone().map(|row| row[name].parse().expect("a number")).collect::<Vec<f64>>();
        let close = |a: &[f64], b: &[f64]| a.len() == 4 && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 2e-6);
        assert_eq!(drawn[i]["data-name"], activation);
        assert!(close(&numbers(&drawn[i]["data-mean"]), &column("log10_delta_rms_init")), "{activation}");
        assert!(close(&numbers(&drawn[i + 2]["data-mean"]), &column("log10_delta_rms_last")), "{activation}");
        let (predicted, measured) = (column("predicted_log10_delta"), column("log10_delta_rms_init"));
        let theory: Vec<f64> = predicted.iter().map(|x| x + measured[3]).collect();
        assert!(close(&numbers(&drawn[i]["data-theory"]), &theory), "{activation}");
        let speeds = series(&figures["speed.svg"]);
        assert_eq!(speeds.len(), 2, "two cells, over all steps");
        assert!(close(&numbers(&speeds[i]["data-mean"]), &column("log10_relative_update_mean")), "{activation}");
    }
}

#[test]
fn the_same_folder_gives_the_same_figures_with_or_without_its_config_wherever_it_is() {
    let experiment = small().axis("seed", "[0, 1]");
    let swept = experiment.sweep(&["--report"]);
    assert!(swept.stdout.contains("wrote results/test/figures/profile.svg"), "{}", swept.stdout);
    let at_once = figures(&experiment.results());
    let names: Vec<&str> = at_once.keys().map(String::as_str).collect();
    assert_eq!(names, ["effects.svg", "heatmap.svg", "learning.svg", "matrix.svg", "profile.svg", "speed.svg"]);
    assert_eq!(experiment.run(&["report"]).code, 0);
    assert_eq!(figures(&experiment.results()), at_once);
    let elsewhere = experiment.folder().join("copied");
    fs::rename(experiment.results(), &elsewhere).expect("the same disk");
    fs::remove_dir_all(elsewhere.join("figures")).expect("figures/");
    fs::remove_file(experiment.folder().join("test.toml")).expect("a config");
    let outcome = experiment.run_alone(&["report", "copied"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(figures(&elsewhere), at_once);
}

#[test]
fn a_sweep_names_the_command_that_draws_it() {
    let experiment = small();
    let swept = experiment.sweep(&[]);
    let command = format!("to see it: vgrun report {}\n", experiment.results().display());
    assert!(swept.stdout.contains(&command), "{}", swept.stdout);
    let swept = experiment.sweep(&["--name", "other"]);
    assert!(swept.stdout.contains(&command.replace("results/test", "results/other")), "{}", swept.stdout);
    let outcome = experiment.run_alone(&["report", "results/other"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

#[test]
fn figures_that_are_not_drawn_any_more_are_removed() {
    let experiment = small();
    experiment.sweep(&["--report"]);
    assert!(figures(&experiment.results()).contains_key("matrix.svg"));
    // One run has no matrix.
    let one = experiment.without_axis("model.activation");
    one.sweep(&["--report"]);
    let figures = figures(&one.results());
    assert_eq!(figures.keys().collect::<Vec<_>>(), ["heatmap.svg", "learning.svg", "profile.svg", "speed.svg"]);
}

#[test]
fn a_config_that_has_changed_since_the_sweep_shows_what_was_swept() {
    let experiment = small();
    experiment.sweep(&[]);
    let changed = experiment.without_axis("model.activation").axis("model.activation", "[\"relu\"]");
    let outcome = changed.run(&["report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("has other runs than were swept"), "{}", outcome.stderr);
    assert!(figures(&changed.results())["profile.svg"].contains("data-name=\"sigmoid\""));
}

#[test]
fn a_folder_without_results_is_an_error_that_says_so() {
    let experiment = small();
    let outcome = experiment.run(&["report"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("results/test: no results of vgrun"), "{}", outcome.stderr);
    assert!(!experiment.results().exists());
}

#[test]
fn in_the_terminal_nothing_is_written_and_a_pipe_gets_no_escapes() {
    let experiment = small();
    experiment.sweep(&[]);
    let outcome = experiment.run(&["report", "--terminal"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("tanh") && outcome.stdout.contains('\u{2588}'), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains('\u{1b}'));
    assert!(!experiment.results().join("figures").exists());
}

#[test]
fn in_the_terminal_every_kind_of_net_is_drawn_or_told_and_every_line_fits() {
    let grid = |kinds: &str, source: &str, steps: &str| {
        let kinds = Experiment::new().key("train.steps", steps).axis("model.kind", kinds).axis("model.depth", "[1, 2]");
        kinds.without("model.depth").key("data.source", source).key("data.length", "5").axis("seed", "[0, 1]")
    };
    let mixed = grid("[\"mlp\", \"lstm\"]", "\"noise\"", "6");
    let recurrent = grid("[\"rnn\", \"gru\"]", "\"adding\"", "1");
    for (experiment, told) in [
        (&mixed, "Not drawn: 2 cells have feed-forward nets, which have no time steps."),
        (&mixed, "Not drawn: 2 cells have one hidden layer, so no way from layer to layer."),
        (&mixed, "kind = lstm, depth = 2, lstm of 2 hidden layers:"),
        (&recurrent, "Not drawn: 4 cells have one traced step, so no way from step to step."),
        (&recurrent, "per time step"),
    ] {
        experiment.sweep(&["--quiet"]);
        for width in ["80", "40"] {
            let output = experiment.command(&["report", "--terminal"]).env("COLUMNS", width).output();
            let outcome = Outcome::of(&output.expect("vgrun starts"));
            assert_eq!(outcome.code, 0, "{}", outcome.stderr);
            let words = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(told), "{told} in {}", outcome.stdout);
            let width: usize = width.parse().expect("a number");
            let longest = outcome.stdout.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(width), "{longest:?} of {width} in {}", outcome.stdout);
        }
    }
}

#[test]
fn an_error_that_is_0_because_activations_are_too_small_is_marked_in_the_figures() {
    let experiment = Experiment::new()
        .key("model.depth", "4")
        .key("model.activation", "\"relu\"")
        .key("model.init_gain", "1e-30")
        .axis("seed", "[0, 1]");
    experiment.sweep(&["--report"]);
    let figures = figures(&experiment.results());
    for name in ["profile.svg", "heatmap.svg"] {
        assert!(figures[name].contains("data-mark=\"underflow\""), "{name}");
    }
}

#[test]
fn a_results_folder_takes_no_option_that_only_a_config_has() {
    let experiment = small();
    experiment.sweep(&["--quiet"]);
    for command in [&["report"] as &[&str], &["report", "--terminal"], &["export", "--excel-locale"]] {
        for option in [["--set", "run.seed=3"], ["--name", "bar"], ["--out", "foo"]] {
            let outcome = experiment.run_alone(&[&[command[0], "results/test"], &command[1..], &option].concat());
            assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{command:?} {option:?}");
            let words = format!(
                "error: {} says where the results of a config are, and results/test is itself a folder",
                option[0]
            );
            assert!(outcome.stderr.starts_with(&words), "{}", outcome.stderr);
        }
        let outcome = experiment.run_alone(&[command, &["results/test"]].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let help = experiment.run_alone(&[command[0], "--help"]).stdout;
        assert!(help.contains("or its results folder"), "{help}");
    }
    assert!(!experiment.run_alone(&["sweep", "--help"]).stdout.contains("or its results folder"));
}
