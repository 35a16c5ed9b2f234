//! Output that nobody reads, and names and texts that a terminal would obey.

use std::fs;
use std::io::pipe;
use std::process::{Command, Stdio};

use crate::experiment::{Experiment, Outcome};

/// What a command does whose answers go into a pipe that nobody reads any more.
fn unread(mut command: Command) -> Outcome {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    Outcome::of(&command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().expect("vgrun starts"))
}

/// A few nets, and a claim that does not hold of them.
fn nets() -> Experiment {
    Experiment::new()
        .axis("model.depth", "[2, 3]")
        .axis("seed", "[0, 1]")
        .text("[[expect]]\nname = \"nothing is learned\"\nmetric = \"loss_last\"\nmin = 1e9\n")
}

#[test]
fn a_closed_pipe_is_no_error_and_changes_no_exit_code() {
    let nets = nets();
    nets.sweep(&["--quiet"]);
    for (arguments, code) in [
        (&["plan"] as &[&str], 0),
        (&["plan", "--list"], 0),
        (&["plan", "--csv"], 0),
        (&["plan", "--shards", "2"], 0),
        (&["theory"], 0),
        (&["sweep"], 0),
        (&["sweep", "--fresh", "--report"], 0),
        // A check that fails must not pass because its reader has seen enough.
        (&["check", "--json", "check.json"], 1),
        (&["check", "--stored", "--github"], 1),
        (&["status"], 0),
        (&["status", "--set", "run.train.steps=3"], 3),
        (&["merge"], 0),
        (&["report"], 0),
        (&["report", "--terminal"], 0),
        (&["submit", "--engine", "slurm", "--shards", "2"], 0),
        (&["accept", "--yes"], 0),
        (&["plan", "--help"], 0),
        (&["plan", "--set", "run.model.depth=0"], 2),
    ] {
        let outcome = unread(nets.command(arguments));
        assert_eq!(outcome.code, code, "{arguments:?}: {}", outcome.stderr);
        for word in ["panicked", "pipe", "standard output"] {
            assert!(!outcome.stderr.contains(word), "{arguments:?}: {}", outcome.stderr);
        }
    }
    assert!(nets.folder().join("check.json").exists() && nets.folder().join("test.baseline.csv").exists());
    for arguments in [
        &["list"] as &[&str],
        &["list", "--json"],
        &["guide"],
        &["guide", "files"],
        &["guide", "--find", "the"],
        &["diff", "results/test", "results/test"],
        &["diff", "results/test", "test.baseline.csv", "--csv"],
        &["--version"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.args(arguments).current_dir(nets.folder());
        let outcome = unread(command);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn answers_that_find_no_room_are_an_error() {
    let nets = nets();
    nets.sweep(&["--quiet"]);
    for arguments in [
        &["--help"] as &[&str],
        &["--version"],
        &["sweep", "--help"],
        &["man"],
        &["completions", "bash"],
        &["list"],
        &["guide", "files"],
        &["plan", "test.toml"],
        &["plan", "test.toml", "--csv"],
        &["theory", "test.toml"],
        &["status", "test.toml"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device that is full");
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.args(arguments).current_dir(nets.folder()).stdin(Stdio::null()).stdout(full);
        let outcome = Outcome::of(&command.stderr(Stdio::piped()).output().expect("vgrun starts"));
        assert_eq!(outcome.code, 2, "{arguments:?}");
        assert!(outcome.stderr.starts_with("error: cannot write to standard output"), "{}", outcome.stderr);
    }
}

#[test]
fn messages_that_nobody_reads_are_no_error_either() {
    let nets = nets();
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let status = nets.command(&["sweep"]).stdout(Stdio::null()).stderr(writer).status().expect("vgrun starts");
    assert_eq!(status.code(), Some(0));
    assert_eq!(nets.rows("runs").len(), 4);
}

/// What a terminal would clear its screen for, in both spellings, what turns the direction of text, and a line that GitHub
/// would take for a command.
const NASTY: &str = "x\u{1b}[2J\u{9b}2J\u{202e}\r\n::error::y";

/// That nothing in what was said gives orders to a terminal or to GitHub.
fn assert_harmless(outcome: &Outcome, what: &str) {
    for text in [&outcome.stdout, &outcome.stderr] {
        let order = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || c == '\u{202e}';
        assert!(!text.contains(order), "{what}: {text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::error::y")), "{what}: {text:?}");
    }
}

/// The same; and the text is shown.
fn assert_shown(outcome: &Outcome, what: &str) {
    assert_harmless(outcome, what);
    let all = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(all.contains("[2J"), "{what}: {all}");
}

#[test]
fn what_files_hold_gives_no_orders_to_the_terminal_or_to_github() {
    let quoted = format!("{NASTY:?}").replace("\\u{1b}", "\\u001b").replace("\\u{9b}", "\\u009b");
    let quoted = quoted.replace("\\u{202e}", "\\u202e");
    for (what, toml) in [
        ("why", format!("why = {quoted}\n[run]\nmodel.depth = 0")),
        ("name", format!("[output]\nname = {quoted}")),
        ("a path", format!("[run]\ndata.source = \"csv\"\ndata.path = {quoted}")),
        ("a name of an activation", format!("[run]\nmodel.activation = {quoted}")),
        ("the name of a claim", format!("[[expect]]\nname = {quoted}\nmetric = \"loss_last\"\nmin = 0")),
        ("a key", format!("[run]\n{quoted} = 1")),
        ("a line", format!("[run]\n{}", NASTY.replace('\r', ""))),
        ("a list that is never closed", format!("[run]\nmodel.widths = [\n{}", NASTY.replace('\r', ""))),
    ] {
        let experiment = Experiment::new();
        drop(experiment.command(&["plan"]));
        fs::write(experiment.folder().join("bad.toml"), format!("name = \"test\"\n{toml}\n")).expect("a file");
        let outcome = experiment.run_alone(&["check", "bad.toml", "--github"]);
        assert_eq!(outcome.code, 2, "{what}: {}", outcome.stderr);
        assert_harmless(&outcome, what);
    }
    // A claim's name on one line may turn the direction of text.
    let turned = nets().text("[[expect]]\nname = \"a\u{202e}b\"\nmetric = \"loss_last\"\nmin = 1e9\n");
    assert_harmless(&turned.run(&["check", "--github"]), "a name that turns");
}

#[test]
fn what_tables_traces_and_baselines_hold_gives_no_orders_either() {
    let cell = format!("\"{NASTY}\"");
    let table = |text: String, keys: &[(&str, &str)]| {
        let experiment = Experiment::new().key("data.source", "\"csv\"").key("data.path", "\"t.csv\"");
        let experiment = keys.iter().fold(experiment, |experiment, (key, value)| experiment.key(key, value));
        fs::write(experiment.folder().join("t.csv"), text).expect("a file");
        experiment.run(&["plan"])
    };
    let header = [("data.header", "true")];
    for (what, text, keys) in [
        ("a header", format!("{cell},kind\n1,a\nword,b\n"), &header[..]),
        ("a header that is not there", format!("{cell},kind\n1,a\n2,b\n"), &[("data.label", "\"x\"")]),
        ("a column beyond all scales", format!("{cell},kind\n1e-320,a\n3e-320,b\n1e-320,a\n3e-320,b\n"), &header),
        ("an empty cell", format!("{cell},kind\n,a\n"), &header),
        ("a word for a number", format!("1,a\n{},b\n", cell.replace(['\n', '\r'], " ")), &[("data.header", "false")]),
        (
            "a class",
            format!("1,a\n2,a\n3,a\n4,a\n5,{}\n", cell.replace(['\n', '\r'], " ")),
            &[("data.header", "false")],
        ),
    ] {
        let outcome = table(text, keys);
        assert_eq!(outcome.code, 2, "{what}: {}", outcome.stdout);
        assert_shown(&outcome, what);
    }

    let nets = nets();
    nets.sweep(&["--quiet"]);
    let write = |name: &str, text: &str| fs::write(nets.folder().join(name), text).expect("a file");
    for (what, text) in [
        ("a trace's axis", format!("depth,seed,step,layer,grad_norm\n{cell},0,0,1,1.0\n")),
        ("a trace's step", format!("depth,seed,step,layer,grad_norm\n2,0,{cell},1,1.0\n")),
        ("a trace's norm", format!("depth,seed,step,layer,grad_norm\n2,0,0,1,{cell}\n")),
    ] {
        write("trace.csv", &text);
        let outcome = nets.run(&["check", "--traces", "trace.csv", "--github"]);
        assert_eq!(outcome.code, 2, "{what}: {}", outcome.stdout);
        assert_shown(&outcome, what);
    }
    for (what, row) in [
        ("a baseline's version", format!("{cell},2,0,loss_last,1.0")),
        ("a baseline's axis", format!("4,{cell},0,loss_last,1.0")),
        ("a baseline's metric", format!("4,2,0,{cell},1.0")),
        ("a baseline's mean", format!("4,2,0,loss_last,{cell}")),
    ] {
        write("test.baseline.csv", &format!("numerics,depth,layer,metric,mean\n{row}\n"));
        let outcome = nets.run(&["check", "--stored", "--github"]);
        assert_eq!(outcome.code, 2, "{what}: {}", outcome.stdout);
        assert_shown(&outcome, what);
    }
    write("test.baseline.csv", &format!("numerics,{cell},layer,metric,mean\n4,2,0,loss_last,1.0\n"));
    assert_harmless(&nets.run(&["check", "--stored", "--github"]), "a baseline's header");
    write("results/test/manifest.json", &format!("{{\"schema\": {NASTY:?}}}"));
    assert_harmless(&nets.run(&["report", "results/test"]), "a manifest");
}

#[test]
fn names_of_files_give_no_orders_and_those_that_could_are_refused() {
    let experiment = Experiment::new();
    drop(experiment.command(&["plan"]));
    let name = format!("{}.toml", NASTY.replace('/', ""));
    fs::copy(experiment.folder().join("test.toml"), experiment.folder().join(&name)).expect("a name like any other");
    for arguments in [
        &["plan", &name] as &[&str],
        &["plan", "test.toml", "--out", NASTY],
        &["plan", "test.toml", "--name", NASTY],
        &["check", "test.toml", "--traces", NASTY],
        &["check", "test.toml", "--json", NASTY],
        &["merge", "test.toml", NASTY],
        &["diff", NASTY, NASTY],
        &["plan", "test.toml", NASTY],
        &[NASTY],
        &["plan", "test.toml", "--set", NASTY],
        &["plan", "test.toml", "--set", &format!("name={NASTY}")],
    ] {
        let outcome = experiment.run_alone(arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.stdout);
        assert_harmless(&outcome, &format!("{arguments:?}"));
    }
    // Configs nearby are offered, but for those whose names could not be given.
    let outcome = experiment.run_alone(&["plan", "tests.toml"]);
    assert!(outcome.stderr.contains("did you mean test.toml?"), "{}", outcome.stderr);
    assert_harmless(&outcome, "configs nearby");
    assert!(!experiment.folder().join("results").exists());
}

/// That no cell of a CSV text is a formula to a spreadsheet.
fn assert_no_formula(text: &str, what: &str) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut cells = 0;
    for row in reader.records() {
        for cell in &row.expect("rows of one length") {
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
            assert!(!is_formula, "{what}: {cell:?}");
            cells += 1;
        }
    }
    assert!(cells > 0, "{what}: there is nothing");
}

#[test]
fn no_csv_that_is_written_holds_a_formula() {
    let nets = nets()
        .key("data.source", "\"csv\"")
        .axis("data.path", "[\"./-a.csv\", \"b=1.csv\"]")
        .axis("data.label", "[1, \"a -1\"]")
        .key("data.header", "true")
        .key("train.batch_size", "2");
    for name in ["-a.csv", "b=1.csv"] {
        fs::write(nets.folder().join(name), "a -1,=x\n1,2\n1,3\n2,4\n2,5\n1,6\n2,7\n1,2\n2,3\n").expect("a file");
    }
    nets.sweep(&["--quiet"]);
    for (name, text) in nets.tables() {
        assert_no_formula(&text, &name);
    }
    assert_eq!(nets.run(&["accept", "--yes"]).code, 0);
    assert_no_formula(&fs::read_to_string(nets.folder().join("test.baseline.csv")).expect("a baseline"), "a baseline");
    for arguments in [&["plan", "--csv"] as &[&str], &["theory", "--csv"]] {
        let outcome = nets.run(arguments);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert_no_formula(&outcome.stdout, &format!("{arguments:?}"));
    }
    // Baselines may have been written by anybody.
    for (name, mean) in [("old.csv", 1.0), ("new.csv", 2.0)] {
        let rows = format!("2,=1+1,0,@loss,{mean}\n2,-2+cmd,1,+x,-{mean}\n2,-0.5,0,loss,{mean}\n");
        fs::write(nets.folder().join(name), format!("numerics,=axis,layer,metric,mean\n{rows}")).expect("a file");
    }
    let outcome = nets.run_alone(&["diff", "old.csv", "new.csv", "--csv"]);
    assert!(outcome.stdout.contains("'=1+1") && outcome.stdout.contains("\n-0.5,0,loss"), "{}", outcome.stdout);
    assert_no_formula(&outcome.stdout, "diff --csv");
}
