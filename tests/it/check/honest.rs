//! What must never make a check green, or a baseline wrong: broken runs, traces that leave something out, results that no
//! check ended with, files of earlier checks.

use std::fs;
use std::path::Path;

use crate::experiment::Experiment;

/// Three layers of sigmoid and of relu, two seeds, a claim that holds of every finite number.
fn nets(metric: &str) -> Experiment {
    Experiment::new()
        .key("model.depth", "3")
        .key("model.width", "8")
        .axis("model.activation", "[\"sigmoid\", \"relu\"]")
        .axis("seed", "[0, 1]")
        .text(&format!(
            "[[expect]]\nname = \"finite\"\nmetric = \"{metric}\"\nmin = -1e9\nmax = 1e9\nevery_seed = true\n"
        ))
}

/// The trace that a sweep writes, and the numbers of the columns of a layer's norms.
fn own_trace(nets: &Experiment) -> (Vec<Vec<String>>, usize, usize) {
    nets.sweep(&["--quiet"]);
    let text = fs::read_to_string(nets.results().join("trace.csv")).expect("a table");
    let rows: Vec<Vec<String>> =
        text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    let column = |name: &str| rows[0].iter().position(|column| column == name).expect("a column");
    let (grad_norm, delta_rms) = (column("grad_norm"), column("delta_rms"));
    (rows, grad_norm, delta_rms)
}

fn write(path: &Path, rows: &[Vec<String>]) {
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    fs::write(path, lines.join("\n") + "\n").expect("a writable folder");
}

#[test]
fn a_trace_whose_first_or_last_step_broke_is_not_judged_by_another_step() {
    for (metric, is_last) in [("init_gradient_decades", false), ("last_gradient_decades", true)] {
        let nets = nets(metric);
        let (mut rows, grad_norm, delta_rms) = own_trace(&nets);
        let path = nets.folder().join("t.csv");
        write(&path, &rows);
        assert_eq!(nets.run(&["check", "--traces", "t.csv"]).code, 0);
        let step = rows[0].iter().position(|column| column == "step").expect("a column");
        let steps: Vec<String> = rows[1..].iter().map(|row| row[step].clone()).collect();
        let broken = if is_last { steps.last() } else { steps.first() }.expect("a step").clone();
        for row in rows[1..].iter_mut().filter(|row| row[step] == broken) {
            row[grad_norm] = "NaN".into();
            row[delta_rms] = "NaN".into();
        }
        write(&path, &rows);
        let outcome = nets.run(&["check", "--traces", "t.csv"]);
        assert_eq!(outcome.code, 1, "{metric}: {}", outcome.stdout);
    }
}

#[test]
fn a_trace_that_leaves_steps_out_or_has_norms_that_are_none_is_refused() {
    let nets = nets("init_gradient_decades");
    let (rows, grad_norm, _) = own_trace(&nets);
    let path = nets.folder().join("t.csv");
    let refused = |rows: &[Vec<String>], message: &str| {
        write(&path, rows);
        let outcome = nets.run(&["check", "--traces", "t.csv"]);
        assert_eq!((outcome.code, outcome.stderr.contains(message)), (2, true), "{message}: {}", outcome.stderr);
    };
    let step = rows[0].iter().position(|column| column == "step").expect("a column");
    let is_kept = |keep: &dyn Fn(&Vec<String>) -> bool| -> Vec<Vec<String>> {
        rows.iter().enumerate().filter(|(i, row)| *i == 0 || keep(row)).map(|(_, row)| row.clone()).collect()
    };
    let last = rows.last().expect("a row").clone();
    let of_the_last_run = |row: &Vec<String>| row[0] == last[0];
    refused(
        &is_kept(&|row| !of_the_last_run(row) || row[step] != "0"),
        "there is no step 0 of the run with activation=relu seed=1, and the run with activation=sigmoid seed=0 has it",
    );
    refused(
        &is_kept(&|row| of_the_last_run(row) || row[step] != "0"),
        "there is no step 0 of the run with activation=sigmoid seed=0, and the run with activation=relu seed=1 has it",
    );
    refused(
        &is_kept(&|row| !of_the_last_run(row) || row[step] == "0"),
        " of the run with activation=relu seed=1, and the run with activation=sigmoid seed=0 has it",
    );
    let mut negative = rows.clone();
    negative[2][grad_norm] = "-5".into();
    refused(&negative, "t.csv, line 3: -5 is no norm, for it is negative");
}

#[test]
fn a_run_that_diverged_has_no_last_slope_to_pass_with() {
    let nets = Experiment::new()
        .key("model.depth", "3")
        .key("train.learning_rate", "1e9")
        .key("train.steps", "20")
        .text("[[expect]]\nname = \"finite\"\nmetric = \"last_gradient_decades\"\nmin = -1e9\nmax = 1e9\nevery_seed = true\n");
    let outcome = nets.run(&["check"]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn what_no_check_ended_with_is_not_accepted() {
    let nets = nets("init_gradient_decades");
    assert_eq!(nets.run(&["check"]).code, 0);
    assert_eq!(nets.run(&["accept", "--yes"]).code, 0);
    let baseline = nets.folder().join("test.baseline.csv");
    let accepted = fs::read(&baseline).expect("a baseline");
    // As a check that was killed leaves it, and one that was interrupted or had runs that failed.
    let result = nets.results().join("result.json");
    let text = fs::read_to_string(&result).expect("a result");
    for left in [None, Some("130"), Some("3"), Some("75")] {
        match left {
            None => fs::remove_file(&result).expect("it is there"),
            Some(code) => {
                fs::write(&result, text.replace("\"exit_code\": 0", &format!("\"exit_code\": {code}")))
                    .expect("a file");
            }
        }
        fs::remove_file(&baseline).ok();
        let outcome = nets.run(&["accept", "--yes"]);
        assert_eq!((outcome.code, baseline.exists()), (2, false), "{left:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("did not end, or had runs that failed"), "{}", outcome.stderr);
    }
    // A red check ended all the same: that is what is accepted after a change.
    fs::write(&result, text.replace("\"exit_code\": 0", "\"exit_code\": 1")).expect("a file");
    assert_eq!(nets.run(&["accept", "--yes"]).code, 0);
    assert_eq!(fs::read(&baseline).expect("a baseline"), accepted);
}

#[test]
fn reports_of_earlier_checks_are_gone_before_anything_trains() {
    let nets = nets("init_gradient_decades");
    let at = |name: &str| nets.folder().join(name);
    let green = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vgrun check\" tests=\"0\"/>";
    fs::write(at("old.xml"), green).expect("a writable folder");
    let outcome = nets.run(&["check", "--junit", "old.xml", "--json", "nowhere/x.json"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    assert!(outcome.stderr.contains("nowhere/x.json: there is no such folder"), "{}", outcome.stderr);
    assert!(!nets.results().exists(), "nothing was trained");
    assert!(!at("old.xml").exists());

    // One that cannot be written takes nothing away from the others.
    fs::create_dir(at("folder.json")).expect("a writable folder");
    let outcome = nets.run(&["check", "--json", "folder.json", "--junit", "new.xml"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("folder.json"), "{}", outcome.stderr);
    assert!(fs::read_to_string(at("new.xml")).expect("a report").contains("finite"));
    let result = fs::read_to_string(nets.results().join("result.json")).expect("a result");
    assert!(result.contains("\"finite\""), "what was found is in the folder");
}

#[test]
fn a_baseline_is_compared_axis_by_axis_whatever_their_order() {
    let grid = |first: &str, second: &str| {
        format!(
            "name = \"turned\"\n[run]\ntrain.steps = 3\n[grid]\nmodel.{first} = [2, 4]\nmodel.{second} = [2, 4]\n[[expect]]\n\
             name = \"any\"\nevery_seed = true\nmetric = \"loss_last\"\nmax = 1e9\n"
        )
    };
    let experiment = Experiment::new();
    let config = experiment.folder().join("turned.toml");
    let run = |arguments: &[&str]| experiment.run_alone(arguments);
    fs::write(&config, grid("depth", "width")).expect("a writable folder");
    assert_eq!(run(&["check", "turned.toml"]).code, 0);
    assert_eq!(run(&["accept", "turned.toml", "--yes"]).code, 0);
    fs::write(&config, grid("width", "depth")).expect("a writable folder");
    let outcome = run(&["check", "turned.toml"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("5 cases checked: 5 passed"), "{}", outcome.stdout);
    fs::write(&config, grid("depth", "width").replace("model.width", "train.steps")).expect("a writable folder");
    let outcome = run(&["check", "turned.toml"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stdout);
    assert!(
        outcome.stderr.contains("this baseline has the axes depth, width, and the config sweeps depth, steps"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_damaged_baseline_is_replaced_by_accept_and_by_nothing_else() {
    let nets = nets("init_gradient_decades");
    let baseline = nets.folder().join("test.baseline.csv");
    fs::write(&baseline, "").expect("a writable folder");
    assert_eq!(nets.run(&["check"]).code, 2);
    nets.sweep(&["--quiet"]);
    let outcome = nets.run(&["accept", "--yes"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("this is no baseline of vgrun"), "{}", outcome.stderr);
    assert_eq!(nets.run(&["check"]).code, 0);
    #[cfg(unix)]
    {
        fs::remove_file(&baseline).expect("it is there");
        std::os::unix::fs::symlink("nowhere.csv", &baseline).expect("a link");
        assert_eq!(nets.run(&["check"]).code, 2, "somebody meant it to be there");
    }
}

#[test]
fn the_gradients_of_another_program_can_be_accepted() {
    let nets = nets("init_gradient_decades");
    let (mut rows, grad_norm, _) = own_trace(&nets);
    fs::remove_dir_all(nets.results()).expect("they were there");
    let path = nets.folder().join("t.csv");
    write(&path, &rows);
    let outcome = nets.run(&["accept", "--traces", "t.csv", "--yes"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let baseline = fs::read_to_string(nets.folder().join("test.baseline.csv")).expect("a baseline");
    assert!(baseline.contains("log10_grad_norm_init") && !baseline.contains("loss_last"), "what it tells, and no more");
    assert!(baseline.contains(",n_plus_inf,tolerance_decades\n") && baseline.contains(",0.01\n"), "{baseline}");
    let checked = |nets: &Experiment, rows: &[Vec<String>]| {
        write(&nets.folder().join("t.csv"), rows);
        nets.run(&["check", "--traces", "t.csv"]).code
    };
    assert_eq!(checked(&nets, &rows), 0);
    // Other programs need not be reproducible to the last bit, and 1 % is 0.004 decades.
    let was: f64 = rows[1][grad_norm].parse().expect("a number");
    for (factor, code) in [(1.01, 0), (0.99, 0), (1.05, 1), (1.5, 1)] {
        rows[1][grad_norm] = format!("{:?}", factor * was);
        assert_eq!(checked(&nets, &rows), code, "{factor}");
    }
    // Numbers that were accepted and that a later trace does not tell are named.
    rows[1][grad_norm] = format!("{was:?}");
    let header = rows[0].clone();
    let column = header.iter().position(|column| column == "delta_rms").expect("a column");
    let without: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().enumerate().filter(|(i, _)| *i != column).map(|(_, cell)| cell.clone()).collect())
        .collect();
    write(&nets.folder().join("t.csv"), &without);
    let outcome = nets.run(&["check", "--traces", "t.csv"]);
    let untold = "not compared, as the trace does not tell them: log10_delta_rms_init, log10_delta_rms_last";
    assert!(outcome.stdout.contains(untold), "{}", outcome.stdout);
    assert_eq!(nets.run(&["check", "--traces", "t.csv", "--strict"]).code, 1);
    // What the config says comes first, and no tolerance is written then.
    rows[1][grad_norm] = format!("{was:?}");
    let exact = self::nets("init_gradient_decades").text("[check]\ntolerance_decades = 0.001\n");
    write(&exact.folder().join("t.csv"), &rows);
    assert_eq!(exact.run(&["accept", "--traces", "t.csv", "--yes"]).code, 0);
    let baseline = fs::read_to_string(exact.folder().join("test.baseline.csv")).expect("a baseline");
    assert!(!baseline.contains("tolerance"), "{baseline}");
    assert_eq!(checked(&exact, &rows), 0);
    rows[1][grad_norm] = format!("{:?}", 1.01 * was);
    assert_eq!(checked(&exact, &rows), 1);
}

#[test]
fn a_share_names_the_runs_that_are_not_as_claimed() {
    let nets = nets("init_gradient_decades").text("[[expect]]\nname = \"all vanish\"\nverdict = \"vanishing\"\n");
    let outcome = nets.run(&["check"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("not so activation=relu seed=0 (healthy)"), "{}", outcome.stdout);
}

#[test]
fn what_is_below_the_range_of_f64_is_judged_by_its_logarithm() {
    let claims = |decades: u32, most: &str| {
        Experiment::new()
            .key("model.width", "4")
            .key("model.activation", "\"sigmoid\"")
            .key("train.steps", "1")
            .key("train.batch_size", "4")
            .axis("model.depth", "[600, 700]")
            .axis("seed", "[0, 1, 2]")
            .text(&format!(
                "[[expect]]\nname = \"lost\"\nwhere = {{ model.depth = 600 }}\nmetric = \"grad_norm\"\nlayer = 1\n\
                 versus = {{ model.depth = 700 }}\ndecades = {decades}\n[[expect]]\nname = \"small\"\n\
                 metric = \"delta_rms\"\nlayer = 1\nmax = {most}\n"
            ))
    };
    let nets = claims(50, "1e-300");
    let (rows, grad_norm, delta_rms) = own_trace(&nets);
    let first = rows.iter().find(|row| row[grad_norm].parse() == Ok(0.0)).expect("a norm that f64 does not hold");
    assert_eq!(first[delta_rms].parse(), Ok(0.0));
    write(&nets.folder().join("t.csv"), &rows);
    let lost = claims(200, "1e-300");
    write(&lost.folder().join("t.csv"), &rows);
    for arguments in [&["check"][..], &["check", "--traces", "t.csv"]] {
        let outcome = nets.run(arguments);
        assert_eq!(outcome.code, 0, "{arguments:?}: {}{}", outcome.stdout, outcome.stderr);
        assert!(!outcome.stderr.contains("not used: log10"), "{}", outcome.stderr);
        let outcome = lost.run(arguments);
        assert_eq!(outcome.code, 1, "{arguments:?}: {}{}", outcome.stdout, outcome.stderr);
        let message = outcome.stdout.lines().find(|line| line.contains("log10 of the ratio")).expect("a message");
        let number = message.split(" is ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a number");
        let decades: f64 = number.parse().expect("a number");
        assert!((50.0..100.0).contains(&decades), "{message}");
    }
}
