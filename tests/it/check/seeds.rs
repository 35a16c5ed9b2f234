//! What a baseline and a claim say of seeds whose numbers are not finite: each is seen, and none hides another.

use std::fs;

use crate::experiment::{Experiment, Outcome};

/// Four layers of two relu units each, of which some seeds are dead from the start.
const CASE: &str = include_str!("../../cases/26/case.toml");

/// A folder with the case as `case.toml`, whose baseline was just accepted.
fn accepted() -> Experiment {
    let experiment = Experiment::new();
    fs::write(experiment.folder().join("case.toml"), CASE).expect("a writable folder");
    for arguments in [&["check", "case.toml", "--quiet"][..], &["accept", "case.toml", "--yes"]] {
        let outcome = experiment.run_alone(arguments);
        assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    }
    experiment
}

fn checked(experiment: &Experiment, set: &str) -> Outcome {
    experiment.run_alone(&["check", "case.toml", "--set", set])
}

#[test]
fn dead_seeds_hide_no_change_of_the_living_ones() {
    let experiment = accepted();
    assert_eq!(experiment.run_alone(&["check", "case.toml"]).code, 0);
    for (set, moved) in [
        ("run.model.init_gain=0.01", "log10_grad_norm_init of layer 3 was"),
        ("run.model.init_gain=1.1", "log10_grad_norm_init of layer 4 was"),
        ("run.model.init_gain=2", "log10_grad_norm_init of layer 1 was"),
        ("run.model.init=\"xavier\"", "log10_grad_norm_init of layer 3 was"),
        ("run.train.learning_rate=1", "log10_grad_norm_last of layer 3 was"),
        // Other changes of the kind: of the data, of the precision's reach, of the number of seeds.
        ("run.data.std=3", "log10_grad_norm_init of layer 1 was"),
        ("run.model.depth=3", "of the head is in the baseline, and was not measured"),
        ("grid.seed={from=0,count=15}", "in 7 seeds, -inf in 8: the counts of seeds differ"),
        ("grid.seed={from=1,count=16}", ""),
    ] {
        let outcome = checked(&experiment, set);
        assert_eq!(outcome.code, 1, "{set}: {}", outcome.stdout);
        let json = experiment.run_alone(&["check", "case.toml", "--set", set, "--json", "out.json"]);
        assert_eq!(json.code, 1);
        let cases = fs::read_to_string(experiment.folder().join("out.json")).expect("the report");
        assert!(cases.contains(moved), "{set}: {cases}");
    }
    // Learning changes nothing at initialisation, and nothing there is said to have moved.
    let outcome = checked(&experiment, "run.train.learning_rate=1");
    assert!(!outcome.stdout.contains("_init of"), "{}", outcome.stdout);
}

#[test]
fn a_changed_count_of_dead_seeds_is_a_change_in_diff_and_in_the_tables() {
    let experiment = accepted();
    let baseline = experiment.folder().join("case.baseline.csv");
    let text = fs::read_to_string(&baseline).expect("a baseline");
    assert!(text.starts_with("numerics,layer,metric,mean,n,n_minus_inf,n_nan,n_plus_inf\n"), "{text}");
    let row = text.lines().find(|line| line.contains(",1,log10_delta_rms_init,")).expect("a row").to_owned();
    assert!(row.ends_with(",8,8,0,0"), "{row}");
    let other = text.replace(&row, &row.replace(",8,8,0,0", ",9,7,0,0"));
    fs::write(experiment.folder().join("other.csv"), other).expect("a writable folder");
    let outcome = experiment.run_alone(&["diff", "case.baseline.csv", "other.csv"]);
    assert!(outcome.stdout.contains("in 8 seeds, -inf in 8 -> "), "{}", outcome.stdout);
    assert!(outcome.stdout.contains(", the counts of seeds differ)"), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("26 numbers compared: 1 differ\n"), "{}", outcome.stdout);
    let outcome = experiment.run_alone(&["diff", "case.baseline.csv", "other.csv", "--csv"]);
    assert!(outcome.stdout.contains(",8,8,0,0,9,7,0,0\n"), "{}", outcome.stdout);
    let summary = fs::read_to_string(experiment.folder().join("results/c26/summary.csv")).expect("a table");
    let mut reader = csv::Reader::from_reader(summary.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let record = reader.records().next().expect("a row").expect("a whole one");
    let cell = |name: &str| &record[header.iter().position(|column| column == name).expect("a column")];
    let counts = ["", "_minus_inf", "_nan", "_plus_inf"].map(|of| cell(&format!("init_gradient_decades_n{of}")));
    // Some dead nets lose the error between layers 1 and 4, others above: there is nothing to compare.
    let all: usize = counts.iter().map(|n| n.parse::<usize>().expect("a count")).sum();
    assert_eq!((counts[0], counts[3], all), ("8", "0", 16));
}

#[test]
fn a_baseline_of_the_old_form_is_compared_as_far_as_it_goes_and_said_to_be_old() {
    let experiment = accepted();
    let baseline = experiment.folder().join("case.baseline.csv");
    let text = fs::read_to_string(&baseline).expect("a baseline");
    // As it was written: one mean of all seeds, which one of -inf makes -inf.
    let old_form = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let [numerics, layer, metric, mean, _, minus_inf, nan, _] = cells[..] else { panic!("{line}") };
        let mean = match (minus_inf, nan) {
            ("n_minus_inf", _) | ("0", "0") => mean,
            (_, "0") => "-inf",
            (_, _) => "NaN",
        };
        [numerics, layer, metric, mean].join(",") + "\n"
    };
    let old: String = text.lines().map(old_form).collect();
    assert!(old.contains(",1,log10_delta_rms_init,-inf\n"), "{old}");
    fs::write(&baseline, &old).expect("a writable folder");
    let outcome = experiment.run_alone(&["check", "case.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert!(outcome.stderr.contains("case.baseline.csv is of an old form"), "{}", outcome.stderr);
    // Its loss is a mean of finite numbers: as far as that it sees a change.
    let outcome = checked(&experiment, "run.model.init_gain=2");
    assert_eq!(outcome.code, 1, "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("_init of"), "{}", outcome.stdout);
    // What the note says to do helps.
    assert_eq!(experiment.run_alone(&["check", "case.toml", "--quiet"]).code, 0);
    assert_eq!(experiment.run_alone(&["accept", "case.toml", "--yes"]).code, 0);
    assert_eq!(fs::read_to_string(&baseline).expect("a baseline"), text);
}

#[test]
fn a_dead_seed_may_be_claimed_to_be_dead() {
    let one = include_str!("../../cases/26/one_seed.toml");
    let experiment = accepted();
    let runs = fs::read_to_string(experiment.folder().join("results/c26/runs.csv")).expect("a table");
    let dead: Vec<&str> = runs
        .lines()
        .filter(|line| line.contains(",dead,"))
        .map(|line| line.split(',').nth(1).expect("a seed"))
        .collect();
    assert!(dead.contains(&"2") && dead.len() < 16, "{dead:?}");
    for seed in [dead[0], dead[dead.len() - 1]] {
        let config = one.replace("seed = [2]", &format!("seed = [{seed}]"));
        fs::write(experiment.folder().join("one.toml"), config).expect("a writable folder");
        let outcome = experiment.run_alone(&["check", "one.toml"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stdout);
        assert!(outcome.stdout.contains(&format!("grad_norm of layer 1 is 0 (seed={seed})")), "{}", outcome.stdout);
    }
}

/// Nets whose gradients overflow at step 0, and a claim about these.
fn overflowing(claim: &str) -> Experiment {
    Experiment::new()
        .key("model.depth", "4")
        .key("model.init_gain", "1e15")
        .axis("model.activation", "[\"relu\", \"tanh\"]")
        .axis("seed", "[0, 1]")
        .text(&format!("[[expect]]\nname = \"claim\"\nwhere = {{ model.activation = \"relu\" }}\n{claim}\n"))
}

#[test]
fn claims_about_a_step_0_without_finite_gradients_are_violated_in_words() {
    for claim in [
        "metric = \"grad_norm\"\nlayer = 1\nmin = 1e-3\nevery_seed = true",
        "metric = \"grad_norm\"\nlayer = 1\nmin = 1e-3",
        "metric = \"init_gradient_decades\"\nmin = -1\nmax = 2\nevery_seed = true",
        "metric = \"init_gradient_decades\"\nmin = -1e300",
        "metric = \"delta_rms\"\nlayer = \"last\"\nmin = 0",
    ] {
        let nets = overflowing(claim);
        let outcome = nets.run(&["check"]);
        assert_eq!(outcome.code, 1, "{claim}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("step 0 has no finite gradient in "), "{claim}: {}", outcome.stdout);
        assert!(!outcome.stdout.contains("NaN"), "{claim}: {}", outcome.stdout);
        assert_eq!(nets.run(&["accept", "--yes"]).code, 0);
        let baseline = fs::read_to_string(nets.folder().join("test.baseline.csv")).expect("a baseline");
        let row = baseline.lines().find(|line| line.contains("relu,1,log10_delta_rms_init,")).expect("a row");
        assert!(row.ends_with(",NaN,0,0,2,0"), "{row}");
    }
}

#[test]
fn a_run_that_was_never_trained_is_said_not_to_be() {
    let claim = "[[expect]]\nname = \"any\"\nmetric = \"loss_last\"\nmax = 1e9\n";
    let nets = |seeds: &str| Experiment::new().axis("seed", seeds).text(claim);
    let some = nets("[0, 1]");
    some.sweep(&["--quiet"]);
    assert_eq!(some.run(&["accept", "--yes"]).code, 0);
    let more = nets("[0, 1, 2, 3]");
    for name in ["results", "test.baseline.csv"] {
        fs::rename(some.folder().join(name), more.folder().join(name)).expect("it was there");
    }
    let outcome = more.run(&["check", "--stored"]);
    assert_eq!(outcome.code, 3, "{}", outcome.stdout);
    for words in
        ["; seed=2: not trained; seed=3: not trained", "not compared: seed=2: not trained; seed=3: not trained"]
    {
        assert!(outcome.stdout.contains(words), "{}", outcome.stdout);
    }
    assert!(!outcome.stdout.contains("NaN"), "{}", outcome.stdout);
}

#[test]
fn a_check_that_decided_nothing_is_red_and_says_so_everywhere() {
    // The mean of three seeds lies within, and its interval does not.
    let nets = Experiment::new()
        .key("model.depth", "10")
        .key("model.width", "32")
        .key("model.activation", "\"sigmoid\"")
        .key("model.init", "\"he\"")
        .axis("seed", "[0, 1, 2]")
        .text(
            "[[expect]]\nname = \"half\"\nmetric = \"init_decades_per_layer\"\nequals = -0.5093\ntolerance = 0.0003\n",
        );
    let outcome = nets.run(&["check", "--junit", "out.xml", "--json", "out.json", "--github"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stdout);
    let read = |name: &str| fs::read_to_string(nets.folder().join(name)).expect("a report");
    for text in [outcome.stdout.clone(), read("out.xml"), read("out.json"), read("results/test/result.json")] {
        assert!(text.contains("NOTHING WAS DECIDED"), "{text}");
    }
    assert!(outcome.stdout.contains("1 case checked: 0 passed, 1 undecided\n"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("::error file=test.toml,line=1,title=check%3A something is decided"));
    // An expected failure that nothing decides is no decision, either.
    let known = nets.again().text("expected_failure = \"unknown\"");
    assert_eq!(known.run(&["check"]).code, 1);
    // One claim that is decided is enough.
    let nets = nets.text("[[expect]]\nname = \"each\"\nmetric = \"loss_last\"\nmax = 1e9\nevery_seed = true\n");
    assert_eq!(nets.run(&["check"]).code, 0);
}

#[test]
fn what_was_measured_is_printed_whether_a_claim_holds_or_not() {
    let claim = |name: &str, rest: &str| format!("[[expect]]\nname = \"{name}\"\nmetric = \"loss_last\"\n{rest}\n");
    let nets = Experiment::new()
        .axis("seed", "[0, 1, 2]")
        .text(&claim("mean holds", "max = 1e9"))
        .text(&claim("mean fails", "max = 0"))
        .text(&claim("each holds", "max = 1e9\nevery_seed = true"))
        .text(&claim("each fails", "max = 0\nevery_seed = true"));
    let outcome = nets.run(&["check", "--junit", "out.xml", "--json", "out.json"]);
    assert_eq!(outcome.code, 1);
    let read = |name: &str| fs::read_to_string(nets.folder().join(name)).expect("a report");
    for text in [outcome.stdout.clone(), read("out.xml"), read("out.json")] {
        assert!(text.matches("] over 3 seeds, and should be at most ").count() >= 2, "{text}");
        assert!(text.matches(" (seed=2), and should be at most ").count() >= 2, "{text}");
    }
    let json: serde_json::Value = serde_json::from_str(&read("out.json")).expect("JSON");
    let measured = &json[0]["measured"][0];
    assert_eq!((&measured["n"], &measured["at_least"], &measured["at_most"]), (&3.into(), &().into(), &1e9.into()));
    let mean = measured["mean"].as_f64().expect("a number");
    let seeds = measured["seeds"].as_array().expect("a list");
    let sum: f64 = seeds.iter().map(|seed| seed["value"].as_f64().expect("a number")).sum();
    assert!((mean - sum / 3.0).abs() < 1e-12 && seeds.len() == 3, "{measured}");
    let inside = measured["ci95_low"].as_f64() < Some(mean) && Some(mean) < measured["ci95_high"].as_f64();
    assert!(inside, "{measured}");
}
