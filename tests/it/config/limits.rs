//! What is all too large is refused in words, before memory or time is spent on it: every command here runs in 2 GB of address
//! space.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vgrun::plan;

use crate::experiment::{Experiment, Outcome};

/// Longer than any of these takes on a slow machine, and shorter than what grows with the square of a megabyte.
const SOON: Duration = Duration::from_secs(60);

/// Runs a command in 2 GB.
pub(crate) fn limited(command: &Command) -> Outcome {
    let mut limited = Command::new("bash");
    limited.args(["-c", "ulimit -v 2000000; exec \"$@\"", "bash"]).arg(command.get_program()).args(command.get_args());
    limited.current_dir(command.get_current_dir().expect("an experiment's folder")).stdin(Stdio::null());
    let start = Instant::now();
    let outcome = Outcome::of(&limited.output().expect("bash starts"));
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    outcome
}

/// That a command is refused with these words, and wrote nothing.
fn is_refused(experiment: &Experiment, arguments: &[&str], words: &[&str]) {
    let outcome = limited(&experiment.command(arguments));
    assert_eq!(outcome.code, 2, "{arguments:?}: {}{}", outcome.stdout, outcome.stderr);
    assert!(!experiment.folder().join("results").exists(), "{arguments:?}");
    for word in words {
        assert!(outcome.stderr.contains(word), "{arguments:?}: {word:?} is not in\n{}", outcome.stderr);
    }
}

#[test]
fn absurd_sizes_are_refused_with_memory_and_time_wherever_they_are_said() {
    const BOTH: &[&str] =
        &["would take more memory than one job may use", "  largest  run ", "  time     about ", " on one core"];
    let sequences = || Experiment::new().key("data.source", "\"noise\"").key("model.kind", "\"lstm\"");
    for (key, experiment) in [
        ("model.depth", Experiment::new()),
        ("model.width", Experiment::new()),
        ("model.widths", Experiment::new().without("model.depth").without("model.width")),
        ("data.features", Experiment::new().key("data.source", "\"noise\"")),
        ("data.classes", Experiment::new().key("data.source", "\"noise\"")),
        ("data.examples", Experiment::new().key("data.source", "\"moons\"")),
        ("data.examples", Experiment::new().key("data.source", "\"spirals\"").key("train.batch_size", "\"full\"")),
        ("data.length", sequences()),
        ("data.delay", sequences().key("data.source", "\"copy\"")),
        ("data.symbols", sequences().key("data.source", "\"copy\"")),
        ("train.steps", Experiment::new()),
    ] {
        let value = if key == "model.widths" { "[1000000000, 1000000000]" } else { "1000000000" };
        let (run, grid) = (format!("run.{key}={value}"), format!("grid.{key}=[{value}]"));
        let fresh = || experiment.again();
        for command in ["plan", "sweep", "check"] {
            let claim = "[[expect]]\nname = \"it ends\"\nmetric = \"loss_last\"\nmin = 0\nevery_seed = true\n";
            is_refused(&fresh().text(claim), &[command, "--set", &run], BOTH);
        }
        is_refused(&fresh(), &["sweep", "--shard", "0/1", "--set", &run], BOTH);
        is_refused(&fresh().without(key), &["sweep", "--set", &grid], BOTH);
        is_refused(&fresh().text(&format!("[[include]]\n{key} = [{value}]")), &["plan"], BOTH);
    }
    let range = Experiment::new().without("model.depth");
    is_refused(&range, &["plan", "--set", "grid.model.depth={from=1,step=999999999,to=1000000000}"], BOTH);
}

#[test]
fn numbers_beyond_a_billion_are_no_values() {
    for value in ["1000000001", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e30", "-1"] {
        for key in ["model.depth", "model.width", "train.steps", "train.batch_size", "trace.every"] {
            is_refused(&Experiment::new(), &["plan", "--set", &format!("run.{key}={value}")], &["is not a value of"]);
        }
        let noise = Experiment::new().key("data.source", "\"noise\"");
        for key in ["data.features", "data.examples", "data.classes", "data.length"] {
            is_refused(&noise, &["plan", "--set", &format!("run.{key}={value}")], &["is not a value of"]);
        }
    }
    let top = Experiment::new().without("model.depth");
    for range in ["{from=9223372036854775806,count=5}", "{from=1,to=9223372036854775807,step=9223372036854775806}"] {
        is_refused(&top, &["plan", "--set", &format!("grid.model.depth={range}")], &["model.depth"]);
    }
}

#[test]
fn a_run_that_would_take_years_is_refused_with_what_is_short_enough() {
    const YEAR: f64 = 365.25 * 86_400.0;
    let slow = || {
        Experiment::new()
            .key("model.depth", "10")
            .key("model.width", "3000")
            .key("train.steps", "1000000000")
            .key("trace.every", "1000000000")
    };
    for command in ["plan", "sweep"] {
        is_refused(
            &slow(),
            &[command, "--jobs", "1"],
            &[
                "test.toml: the run would take more than a year\n  longest  run 0: about ",
                " years on one core\n  limit    a year",
                "run 0 is short enough with ",
                "train.steps = ",
            ],
        );
    }
    let some = slow().without("train.steps").axis("train.steps", "[5, 1000000000]");
    is_refused(&some, &["sweep", "--jobs", "1"], &["1 of 2 runs to train would take more than a year"]);
    // What is said to help does.
    let test = slow();
    let refused = limited(&test.command(&["plan", "--jobs", "1"])).stderr;
    let steps = refused.split("train.steps = ").nth(1).and_then(|rest| rest.split([',', ' ', '\n']).next());
    let mut spec = plan::load(&test.folder().join("test.toml"), &[]).expect("a config").spec(0);
    assert!(plan::cost(&spec).seconds > YEAR);
    spec.train.steps = steps.expect("a remedy").parse().expect("a number");
    assert!(plan::cost(&spec).seconds < YEAR, "{refused}");
}

#[test]
fn more_runs_jobs_or_shards_than_there_can_be_cost_nothing() {
    let seeds = |count: &str| Experiment::new().axis("seed", &format!("{{ from = 0, count = {count} }}"));
    is_refused(
        &seeds("4000000000"),
        &["plan", "--set", "max_runs=4294967295"],
        &["a whole number from 1 to 100000000"],
    );
    is_refused(&seeds("4000000000"), &["plan", "--set", "max_runs=100000000"], &["more than max_runs"]);
    for jobs in ["4097", "99999999999", "18446744073709551616", "0", "-1"] {
        is_refused(&Experiment::new(), &["sweep", &format!("--jobs={jobs}")], &["a whole number from 1 to 4096"]);
    }
    let outcome = limited(&seeds("3").command(&["status", "--shards", "4294967295"]));
    assert_eq!(outcome.code, 3, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("of 4,294,967,295 shards, hand in again: --array=0-2"), "{}", outcome.stdout);
    let outcome = limited(&seeds("3").command(&["plan", "--jobs", "1", "--shards", "4294967295"]));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
}

#[test]
fn theory_says_what_it_can_of_sizes_beyond_all_machines_and_refuses_the_others() {
    let wide = limited(&Experiment::new().key("model.width", "1000000000").command(&["theory"]));
    assert_eq!(wide.code, 0, "it trains nothing: {}", wide.stderr);
    let deep = Experiment::new().key("model.depth", "1000000000");
    is_refused(&deep, &["theory"], &["run 0", "layers"]);
    let noise = Experiment::new().key("data.source", "\"noise\"").key("data.examples", "1000000000");
    is_refused(&noise, &["theory"], &["run 0", "data set"]);
}

/// A config of this text.
fn of_text(text: &str) -> Experiment {
    let experiment = Experiment::new();
    drop(experiment.command(&["plan"]));
    fs::write(experiment.folder().join("bad.toml"), text).expect("a file");
    experiment
}

/// That the config is refused soon, in 2 GB and in few words.
fn is_refused_text(what: &str, text: &str) {
    let experiment = of_text(text);
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    command.args(["plan", "bad.toml"]).current_dir(experiment.folder());
    let outcome = limited(&command);
    assert_eq!(outcome.code, 2, "{what}: {}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.starts_with("error: ") && outcome.stderr.len() < 100_000, "{what}: {}", outcome.stderr);
}

#[test]
fn configs_that_are_nested_without_end_or_wrong_in_every_line_are_refused_soon() {
    const DEEP: usize = 100_000;
    let nested = |open: &str, inner: &str, close: &str| {
        format!("name = \"a\"\nx = {}{inner}{}\n", open.repeat(DEEP), close.repeat(DEEP))
    };
    let dotted = vec!["a"; DEEP].join(".");
    let many = |line: &dyn Fn(usize) -> String, count: usize| {
        (0..count).fold("name = \"a\"\n".to_owned(), |mut text, i| {
            writeln!(text, "{}", line(i)).expect("a String takes all text");
            text
        })
    };
    for (what, text) in [
        ("lists", nested("[", "", "]")),
        ("lists that are never closed", nested("[", "", "")),
        ("tables", nested("{a=", "1", "}")),
        ("a dotted key", format!("name = \"a\"\n{dotted} = 1\n")),
        ("a section", format!("name = \"a\"\n[{dotted}]\n")),
        ("sections", format!("name = \"a\"\n[[{dotted}]]\n")),
        ("a key without a value", format!("name = \"a\"\n{}", "x".repeat(1_000_000))),
        ("keys without values", many(&|_| "a =".into(), 200_000)),
        ("one section again and again", many(&|_| "[grid]".into(), 100_000)),
        ("one key again and again", many(&|_| "why = 1".into(), 100_000)),
        ("unknown keys", many(&|i| format!("x{i} = 1"), 80_000)),
        (
            "a table of keys on one line",
            format!(
                "name = \"a\"\nrun = {{ {} }}",
                many(&|i| format!("x{i}=1,"), 80_000).replace('\n', " ").split_off(11)
            ),
        ),
        ("bad values", format!("name = \"a\"\n[grid]\nseed = [{}]", "-1,".repeat(200_000))),
        ("one value again and again", format!("name = \"a\"\n[grid]\nseed = [{}]", "1,".repeat(200_000))),
        ("brackets", format!("name = \"a\"\n{}", "]".repeat(1_000_000))),
        ("quotes", format!("name = \"a\"\n{}", "\"".repeat(1_000_000))),
        ("equals signs", format!("name = \"a\"\nx {}", "= ".repeat(500_000))),
        ("lists that are opened in every line", many(&|_| "x = [".into(), 150_000)),
        ("claims without a name", many(&|_| "[[expect]]".into(), 90_000)),
        ("a long value", format!("name = \"{}\"", "a b ".repeat(250_000))),
    ] {
        is_refused_text(what, &text);
    }
}

#[test]
fn a_config_that_is_no_file_is_refused_and_nobody_waits_for_it() {
    let experiment = Experiment::new();
    drop(experiment.command(&["plan"]));
    let pipe = experiment.folder().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    fs::create_dir(experiment.folder().join("folder.toml")).expect("a folder");
    for path in ["pipe", "folder.toml", "/dev/zero", "/dev/null", "."] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.args(["plan", path]).current_dir(experiment.folder());
        let outcome = limited(&command);
        assert_eq!(outcome.code, 2, "{path}");
        assert!(
            outcome.stderr.starts_with(&format!("error: cannot read {path}: it is not a file")),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn what_is_read_beside_a_config_is_bounded_too() {
    let claim = "[[expect]]\nname = \"it ends\"\nmetric = \"loss_last\"\nmin = 0\nevery_seed = true\n";
    for (baseline, words) in [("/dev/zero", "it is not a file"), (".", "it is not a file")] {
        let experiment = Experiment::new().text(&format!("{claim}[check]\nbaseline = \"{baseline}\"\n"));
        is_refused(&experiment, &["check"], &["cannot read", words]);
    }
    let experiment = Experiment::new().text(claim);
    is_refused(&experiment, &["check", "--traces", "/dev/zero"], &["neither a file nor a pipe"]);
    is_refused(&experiment, &["check", "--traces", "."], &["neither a file nor a pipe"]);
    // A sparse file of a terabyte takes no room on the disk.
    let vast = |name: &str| {
        let file = fs::File::create(experiment.folder().join(name)).expect("a file");
        file.set_len(1 << 40).expect("a file system that knows holes");
    };
    vast("vast.csv");
    is_refused(&experiment, &["check", "--traces", "vast.csv"], &["vast.csv", "a row of more than 4 MiB"]);
    vast("test.baseline.csv");
    is_refused(&experiment, &["check"], &["test.baseline.csv", "it holds more than 8 MiB"]);
    let table = Experiment::new().key("data.source", "\"csv\"").key("data.path", "\"/dev/zero\"");
    is_refused(&table, &["plan"], &["it is not a file"]);
}

/// A file of the experiment with `text` again and again behind `before`, of `bytes` in all.
fn write_long(experiment: &Experiment, name: &str, before: &str, text: &str, bytes: usize) {
    let mut file = fs::File::create(experiment.folder().join(name)).expect("a file");
    file.write_all(before.as_bytes()).expect("room");
    let piece = text.repeat((1 << 20) / text.len() + 1);
    let mut left = bytes - before.len();
    while left > 0 {
        let now = left.min(piece.len());
        file.write_all(&piece.as_bytes()[..now]).expect("room");
        left -= now;
    }
}

const CLAIM: &str =
    "[[expect]]\nname = \"it ends\"\nmetric = \"init_gradient_decades\"\nmin = -99\nevery_seed = true\n";

#[test]
fn tables_of_data_as_large_as_they_may_be_are_refused_in_little_memory() {
    const MOST: usize = 256 << 20;
    let table = Experiment::new().key("data.source", "\"csv\"").key("data.path", "\"t.csv\"");
    for (before, text, words) in [
        ("", "x,", "line 1: a row of more than 4 MiB"),
        ("a,b\n1,x\n\n\n", ",", "line 5: a row of more than 4 MiB"),
        ("a,b\n1,\"", "\n", "line 2: a row of more than 4 MiB"),
    ] {
        write_long(&table, "t.csv", before, text, MOST);
        is_refused(&table, &["plan"], &["t.csv", words]);
    }
    write_long(&table, "t.csv", "", "x,", 4 << 20);
    is_refused(&table, &["plan"], &["t.csv", "it has 2097153 columns, more than 65536"]);
    write_long(&table, "t.csv", "a,b\n1,x\n", ",", 4 << 20);
    is_refused(&table, &["plan"], &["t.csv", "line 3: the row has 4194297 cells, and the first row has 2"]);
}

#[test]
fn traces_as_large_as_they_may_be_are_refused_in_little_memory() {
    const MOST: usize = 256 << 20;
    let steps = |steps: &str| Experiment::new().text(CLAIM).key("model.depth", "1").key("train.steps", steps);
    let is_refused_trace = |experiment: &Experiment, words: &str| {
        is_refused(experiment, &["check", "--traces", "t.csv"], &["t.csv, line ", words]);
    };
    let header = "step,layer,grad_norm\n";
    let few = steps("200");
    for (before, text, words) in [
        ("", "x,", "line 1: a row of more than 4 MiB"),
        (header, ",", "line 2: a row of more than 4 MiB"),
        (header, "0,1,1\n", "line 3: layer 1 of step 0 comes twice"),
        (header, "200,1,1\n", "line 2: step 200: the last of the run with "),
    ] {
        write_long(&few, "t.csv", before, text, MOST);
        is_refused_trace(&few, words);
    }
    write_long(&few, "t.csv", header, ",", 4 << 20);
    is_refused_trace(&few, "line 2: CSV error");
    // As many rows as there may be, and a few more.
    let many = steps("100000000");
    let rows = (0..4_000_010).fold(header.to_owned(), |mut rows, step| {
        writeln!(rows, "{step},1,1").expect("a String takes all text");
        rows
    });
    fs::write(many.folder().join("t.csv"), &rows).expect("room");
    is_refused_trace(&many, "line 4000002: there are more than 4000000 rows");
    let most = rows.lines().take(4_000_001).collect::<Vec<_>>().join("\n");
    fs::write(many.folder().join("t.csv"), most).expect("room");
    is_refused(&many, &["check", "--traces", "t.csv"], &["layer 2 of step 0 is not there"]);
}

#[test]
fn a_baseline_as_large_as_it_may_be_is_compared_in_little_memory() {
    let experiment = Experiment::new().text(CLAIM);
    assert_eq!(experiment.run(&["check", "--quiet"]).code, 0);
    let rows = (1..).map(|layer| format!("5,{layer},a,1\n"));
    let mut text = "numerics,layer,metric,mean\n".to_owned();
    for row in rows {
        if text.len() + row.len() > 8 << 20 {
            break;
        }
        text += &row;
    }
    fs::write(experiment.folder().join("test.baseline.csv"), &text).expect("room");
    let outcome = limited(&experiment.command(&["check", "--stored"]));
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("a of layer 1 is in the baseline, and was not measured"), "{}", outcome.stdout);
    fs::write(experiment.folder().join("test.baseline.csv"), text + "5,0,a,1234567890\n").expect("room");
    let outcome = limited(&experiment.command(&["check", "--stored"]));
    assert!(outcome.code == 2 && outcome.stderr.contains("it holds more than 8 MiB"), "{}", outcome.stderr);
    for (text, words) in [
        (format!("numerics,{}layer,metric,mean\n", "a,".repeat(3 << 20)), "line 1: a row of more than 4 MiB"),
        (format!("numerics,{}layer,metric,mean\n", "a,".repeat(1 << 20)), "line 1: it has 1048580 columns"),
        (format!("numerics,layer,metric,mean\n4,1,a,1\n{}", ",".repeat(6 << 20)), "line 3: a row of more than 4 MiB"),
    ] {
        fs::write(experiment.folder().join("test.baseline.csv"), text).expect("room");
        let outcome = limited(&experiment.command(&["check", "--stored"]));
        assert!(outcome.code == 2 && outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    }
}

#[test]
fn a_manifest_or_a_result_as_large_as_it_may_be_is_read_in_little_memory() {
    let experiment = Experiment::new();
    experiment.sweep(&["--quiet"]);
    for (name, most, list, [open, item, close]) in [
        ("manifest.json", 16 << 20, "\"values\": {", ["\"values\": {\"a\": [\"\"", ",\"\"", "],"]),
        ("result.json", 64 << 20, "\"check\": null", ["\"check\": [[]", ",[]", "]"]),
    ] {
        let path = experiment.results().join(name);
        let whole = fs::read_to_string(&path).expect("a file");
        let (before, after) = whole.split_once(list).expect("what is to become long");
        let items = (most - before.len() - open.len() - close.len() - after.len()) / item.len();
        let filled = |items: usize| format!("{before}{open}{}{close}{after}", item.repeat(items));
        fs::write(&path, filled(items)).expect("room");
        let outcome = limited(&experiment.command(&["report"]));
        assert_eq!(outcome.code, 0, "{name}: {}", outcome.stderr);
        fs::write(&path, filled(items + 1)).expect("room");
        let outcome = limited(&experiment.command(&["report"]));
        let words = format!("it holds more than {} MiB", most >> 20);
        assert!(outcome.code == 2 && outcome.stderr.contains(&words), "{name}: {}", outcome.stderr);
        fs::write(&path, whole).expect("room");
    }
}

#[test]
fn a_config_may_have_as_many_includes_as_its_bytes_hold() {
    // From one to the next for each run, that would be 3 * 10^9 steps.
    let seeds: Vec<String> = (0..75_000).map(|seed| format!("{{seed={seed}}}")).collect();
    let experiment = of_text(&format!("name = \"a\"\ninclude = [{}]\n", seeds.join(",")));
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    command.args(["plan", "bad.toml", "--list"]).current_dir(experiment.folder());
    let outcome = limited(&command);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(outcome.stdout.lines().count(), 75_000);
    assert!(outcome.stdout.lines().last().is_some_and(|line| line.ends_with("seed=74999")), "the last");
}

#[test]
fn a_pipe_of_traces_is_read_to_its_end() {
    let experiment = Experiment::new()
        .text("[[expect]]\nname = \"it ends\"\nmetric = \"init_gradient_decades\"\nmin = -99\nevery_seed = true\n");
    let mut command = experiment.command(&["check", "--traces", "/dev/stdin"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vgrun starts");
    let rows = "step,layer,grad_norm,delta_rms\n0,1,1,1\n0,2,1,1\n0,3,1,1\n";
    child.stdin.take().expect("a pipe").write_all(rows.as_bytes()).expect("it reads");
    let outcome = Outcome::of(&child.wait_with_output().expect("it ends"));
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn a_gzipped_file_of_endless_zeros_is_unpacked_no_further_than_its_header_says() {
    let folder = Experiment::new()
        .key("data.source", "\"idx\"")
        .key("data.path", "\"images.gz\"")
        .key("data.labels", "\"labels.gz\"");
    let pack = |name: &str, header: &[u8]| {
        let file = fs::File::create(folder.folder().join(name)).expect("a file");
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packed.write_all(header).expect("room");
        // 4 GB in 20 MB.
        let zeros = vec![0; 1 << 20];
        (0..4096).for_each(|_| packed.write_all(&zeros).expect("room"));
        packed.finish().expect("room");
    };
    pack("images.gz", &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1]);
    pack("labels.gz", &[0, 0, 8, 1, 0, 0, 0, 2]);
    is_refused(&folder, &["plan"], &["images.gz: byte 18: the file goes on, and its header promises 18 bytes"]);
    pack("images.gz", &[0, 0, 8, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 1]);
    is_refused(&folder, &["plan"], &["images.gz: the array holds 4294967311 bytes, more than 256 MiB"]);
}
