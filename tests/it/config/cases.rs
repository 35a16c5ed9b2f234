//! Configs and images as people bring them: what is refused says in one message what to do, and doing that works.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use vgrun::config::{Source, parse, render};
use vgrun::plan;

use crate::config::advice::follow;
use crate::experiment::Outcome;

/// Runs vgrun in a folder.
fn vgrun(folder: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).env_remove("NO_COLOR");
    Outcome::of(&command.output().expect("vgrun starts"))
}

/// A copy of a case's files.
fn case(number: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(number);
    for entry in fs::read_dir(from).expect("a case") {
        let entry = entry.expect("an entry");
        fs::write(folder.path().join(entry.file_name()), fs::read(entry.path()).expect("a file")).expect("a file");
    }
    folder
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    entries.map(|name| name.into_string().expect("UTF-8")).collect()
}

/// What a config says where nothing else matters.
fn config(rest: &str) -> String {
    format!("name = \"a\"\n{rest}\n")
}

/// What is said of a config that is refused.
fn refused(text: &str, sets: &[&str]) -> String {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    match plan::plan(&Source::new("bad.toml", text), &sets) {
        Ok(plan) => panic!("it has a plan of {} runs:\n{text}", plan.len()),
        Err(diagnostics) => {
            if sets.is_empty() {
                follow(text, &diagnostics);
            }
            render(&diagnostics, false)
        }
    }
}

/// A slip, the advice that its message gives, and the config after it: each of `edits` is done once.
struct Slip {
    rest: &'static str,
    advice: &'static str,
    edits: &'static [(&'static str, &'static str)],
}

const fn slip(rest: &'static str, advice: &'static str, edits: &'static [(&'static str, &'static str)]) -> Slip {
    Slip { rest, advice, edits }
}

/// Every kind of character, number and word that is answered with what to write.
const SLIPS: &[Slip] = &[
    // Characters that only look right.
    slip(
        "[grid]\nmodel.activation = [“relu”, \"tanh\"]",
        "write model.activation = [\"relu\", \"tanh\"]",
        &[("“", "\""), ("”", "\"")],
    ),
    slip("[grid]\nmodel.activation = [‘relu’]", "write model.activation = [\"relu\"]", &[("‘", "\""), ("’", "\"")]),
    slip("[run]\nmodel.activation = „relu“", "\\u{201e}: write \"", &[("„", "\""), ("“", "\"")]),
    slip("[run]\nmodel.depth\u{a0}= 3", "\\u{a0}: write a space", &[("\u{a0}", " ")]),
    slip("[run]\nmodel.depth = 3\u{200b}", "\\u{200b}: leave it out", &[("\u{200b}", "")]),
    slip("\u{feff}[run]\nmodel.depth = 3", "\\u{feff}: leave it out", &[("\u{feff}", "")]),
    slip("[run]\nmodel.depth = ３", "write model.depth = 3", &[("３", "3")]),
    slip("[run]\nmodel.depth ＝ 3", "\\u{ff1d}: write =", &[("＝", "=")]),
    slip("[run.train]\nlearning_rate = 1e−5", "write learning_rate = 1e-5", &[("−", "-")]),
    slip("[run.train]\nlearning_rate = 1e–5", "write learning_rate = 1e-5", &[("–", "-")]),
    slip("[run]\nmodel.activation = \"re\u{200b}lu\"", "write \"relu\": character 3 is \\u{200b}", &[("\u{200b}", "")]),
    slip("[run]\nmodel.activation = \"rеlu\"", "write \"relu\": character 2 is \\u{435}", &[("е", "e")]),
    // Numbers of other languages.
    slip("[run.train]\nlearning_rate = 0,02", "write learning_rate = 0.02", &[("0,02", "0.02")]),
    slip(
        "[grid]\ntrain.learning_rate = [0,02, 0,1]",
        "write train.learning_rate = [0.02, 0.1]",
        &[("0,02, 0,1", "0.02, 0.1")],
    ),
    slip(
        "[grid]\ntrain.learning_rate = [.01, 1.]",
        "write train.learning_rate = [0.01, 1.0]",
        &[(".01, 1.", "0.01, 1.0")],
    ),
    slip("[run.train]\nlearning_rate = 1e-5.", "write learning_rate = 1e-5", &[("1e-5.", "1e-5")]),
    slip("[run.train]\nlearning_rate = 1d-5", "write learning_rate = 1e-5", &[("1d-5", "1e-5")]),
    slip("[run.train]\nlearning_rate = 10^-5", "write learning_rate = 1e-5", &[("10^-5", "1e-5")]),
    slip("[run.train]\nlearning_rate = 10⁻⁵", "write learning_rate = 1e-5", &[("10⁻⁵", "1e-5")]),
    slip("[run.train]\nlearning_rate = \"0,02\"", "write 0.02", &[("\"0,02\"", "0.02")]),
    slip("[run.train]\nsteps = 1,000", "write steps = 1000", &[("1,000", "1000")]),
    slip("[run.train]\nlearning_rate = 1,000", "write 1000 or 1.000", &[("1,000", "1.000")]),
    slip("[run.train]\nsteps = 1 000", "write 1000", &[("1 000", "1000")]),
    slip("[run]\nmodel.depth: 3", "write model.depth = 3", &[("depth: 3", "depth = 3")]),
    slip("[run]\nmodel.depth = 3;", "write model.depth = 3", &[("3;", "3")]),
    // A word without quotes that would be no value with them either.
    slip("[run]\nmodel.activation = rellu", "did you mean \"relu\"?", &[("rellu", "\"relu\"")]),
    slip("[run]\nmodel.activation = relu", "a string needs quotes: \"relu\"", &[("relu", "\"relu\"")]),
    // One thing in two ways.
    slip(
        "[run.model]\ndepth = 5\n[run]\nseed = 3\nmodel.width = 32",
        "leave this line out, and write width = 32 below [run.model]",
        &[("\nmodel.width = 32", ""), ("depth = 5", "depth = 5\nwidth = 32")],
    ),
    slip(
        "[run]\nmodel.depth = 5\n[run.model]\nwidth = 8",
        "leave the header out, and write in [run] model.width = 8",
        &[("[run.model]\nwidth", "model.width")],
    ),
    slip(
        "[grid]\nseed = [0, 1]\nseed.from = 0\nseed.count = 3",
        "keep one of the two: seed = [0, 1], or seed = { from = 0, count = 3 }",
        &[("seed = [0, 1]\nseed.from = 0\nseed.count = 3", "seed = { from = 0, count = 3 }")],
    ),
    slip(
        "[grid]\nseed = [0, 1]\nseed.from = 0",
        "keep seed = [0, 1], and leave this line out",
        &[("\nseed.from = 0", "")],
    ),
    slip(
        "[grid]\nseed = { from = 0 }\nseed.count = 3",
        "write seed = { from = 0, count = 3 }, and no lines of seed. below it",
        &[("seed = { from = 0 }\nseed.count = 3", "seed = { from = 0, count = 3 }")],
    ),
    slip(
        "[run]\nmodel.depth = 5\nmodel = { width = 8 }",
        "write in its place model.width = 8",
        &[("model = { width = 8 }", "model.width = 8")],
    ),
    slip("[grid]\nmodel.depth = [5]\nmodel.depth = [10]", "keep one of the two", &[("model.depth = [5]\n", "")]),
    // Values that come again.
    slip(
        "[grid]\ntrain.learning_rate = [0.1, 0.1, 0.1]",
        "write train.learning_rate = [0.1]; to run each of them 3 times, add seed = { from = 0, count = 3 } in [grid]",
        &[("[0.1, 0.1, 0.1]", "[0.1]\nseed = { from = 0, count = 3 }")],
    ),
    slip(
        "[grid]\ntrain.learning_rate = [0.1, 0.1]\nseed = [0, 1]",
        "write train.learning_rate = [0.1]",
        &[("[0.1, 0.1]", "[0.1]")],
    ),
    slip(
        "[grid]\nseed = [0, 0, 0]",
        "or for 3 seeds seed = { from = 0, count = 3 }",
        &[("[0, 0, 0]", "{ from = 0, count = 3 }")],
    ),
    slip("[grid]\ntrain.learning_rate = [1e-3, 0.001, 1E-3, 0.1]", "lists 0.001 3 times", &[(", 0.001, 1E-3", "")]),
    // Words of the field.
    slip(
        "[run.model]\ndropout = 0.5",
        "vgrun has no dropout",
        &[("[run.model]\ndropout = 0.5", "[run]\ntrain.optimizer = \"adamw\"\ntrain.weight_decay = 0.01")],
    ),
    slip("[run]\nmodel.kind = \"cnn\"", "vgrun has no cnn; what comes nearest is an mlp", &[("cnn", "mlp")]),
    slip(
        "[run]\nmodel.kind = \"transformer\"",
        "write \"mlp\", and set run.model.residual = true and run.model.layer_norm = true",
        &[("\"transformer\"", "\"mlp\"\nmodel.residual = true\nmodel.layer_norm = true")],
    ),
    slip(
        "[run]\nmodel.attention = true",
        "vgrun has no attention",
        &[("model.attention = true", "model.kind = \"mlp\"\nmodel.residual = true\nmodel.layer_norm = true")],
    ),
    slip("[run.conv]\nfilters = 3", "vgrun has no conv", &[("[run.conv]\nfilters = 3", "run.model.kind = \"mlp\"")]),
    slip("[run]\nmodel.activation = \"mish\"", "what comes nearest is silu: write \"silu\"", &[("mish", "silu")]),
    slip("[run]\ntrain.optimizer = \"nesterov\"", "write \"momentum\"", &[("nesterov", "momentum")]),
    slip("[run]\ntrain.optimizer = \"SGD-momentum\"", "write \"momentum\"", &[("SGD-momentum", "momentum")]),
    slip("[run]\ntrain.nesterov = true", "vgrun has no nesterov", &[("nesterov = true", "optimizer = \"momentum\"")]),
    slip(
        "[run]\ntrain.lr_schedule = \"cosine\"",
        "vgrun has no lr_schedule; what comes nearest is one constant learning rate",
        &[("lr_schedule = \"cosine\"", "learning_rate = 0.02")],
    ),
    slip(
        "[scheduler]\nname = \"cosine\"",
        "vgrun has no scheduler",
        &[("[scheduler]\nname = \"cosine\"", "run.train.learning_rate = 0.02")],
    ),
    slip("[run]\ndata.source = \"mnist\"", "write \"digits\"", &[("mnist", "digits")]),
    slip("[run]\ndata.source = \"CIFAR-10\"", "write \"digits\"", &[("CIFAR-10", "digits")]),
    slip("[run]\ntrain.lr = 0.1", "did you mean `train.learning_rate`?", &[("lr", "learning_rate")]),
    slip("[run.train]\nlr = 0.1", "did you mean `learning_rate`?", &[("lr", "learning_rate")]),
    slip(
        "[run.model]\nlearning_rate = 0.1",
        "write it below [run], before any [run.model]",
        &[("[run.model]\nlearning_rate", "[run]\ntrain.learning_rate")],
    ),
    slip(
        "[run.train]\nsteps = 5\n[run.model]\nlearning_rate = 0.1",
        "write learning_rate below [run.train]",
        &[("\n[run.model]\nlearning_rate = 0.1", "\nlearning_rate = 0.1")],
    ),
    slip("[run]\ntrain.epochs = 3", "the number of updates", &[("epochs = 3", "steps = 200")]),
    slip("[run]\nmodel.normalization = \"batch\"", "model.norm", &[("normalization", "norm")]),
    slip("[run]\nmodel.norm = \"rmsnorm\"", "write \"rms\"", &[("rmsnorm", "rms")]),
    slip("[run]\ntrain.batch = 3", "did you mean `train.batch_size`?", &[("batch", "batch_size")]),
    slip("[run]\nmodel.hidden = 32", "did you mean `model.width`?", &[("hidden", "width")]),
    slip("[run]\nmodel.hidden = [32, 16]", "did you mean `model.widths`?", &[("hidden", "widths")]),
    slip(
        "[run]\ndata.source = \"adding\"\nmodel.kind = \"transformer\"",
        "for sequences an lstm: write \"lstm\"",
        &[("transformer", "lstm")],
    ),
    slip(
        "[run]\nmodel.batch_norm = true\nmodel.kind = \"transformer\"",
        "write \"mlp\", and set run.model.residual = true",
        &[("\"transformer\"", "\"mlp\"\nmodel.residual = true")],
    ),
    // Lists and shares in other ways, and commas that are those of decimals.
    slip(
        "[grid]\nmodel.init_gain = [1,5, 2,5]",
        "if these are decimals, they have a point: [1.5, 2.5]",
        &[("1,5, 2,5", "1.5, 2.5")],
    ),
    slip("[grid]\ntrain.learning_rate = [0,1, 0,2]", "write [0.1, 0.2]", &[("0,1, 0,2", "0.1, 0.2")]),
    slip(
        "[grid]\nmodel.activation = \"relu, tanh\"",
        "write [\"relu\", \"tanh\"]",
        &[("\"relu, tanh\"", "[\"relu\", \"tanh\"]")],
    ),
    slip("[grid]\nseed = range(5)", "write seed = { from = 0, count = 5 }", &[("range(5)", "{ from = 0, count = 5 }")]),
    slip("[grid]\nseed = \"2–5\"", "write { from = 2, count = 4 }", &[("\"2–5\"", "{ from = 2, count = 4 }")]),
    slip("[grid]\nseed = 0..5", "write { from = 0, count = 5 } or {", &[("0..5", "{ from = 0, count = 5 }")]),
    slip("[run]\nseed = 1\u{2028}model.depth = 3", "\\u{2028}: write a line break", &[("\u{2028}", "\n")]),
    slip(
        "[grid]\ntrain.learning_rate = [0.1, 0.1]\nseed = [0, 1]",
        "to run each of them more often, give seed more values in [grid]",
        &[("[0.1, 0.1]", "[0.1]"), ("[0, 1]", "[0, 1, 2, 3]")],
    ),
];

/// The advice of the other messages, whose texts stand in the snapshots of `errors`.
const OF_SNAPSHOTS: &[Slip] = &[
    slip("[grid]\nmodel.widths = [512, 256]", "one value is [[512, 256]]", &[("[512, 256]", "[[512, 256]]")]),
    slip("[grid]\nmodel.depth = 5", "a list of one is [5]", &[("5", "[5]")]),
    slip(
        "[grid]\ntrain.momentum = [0.5, 0.9]\nseed = [0, 1]",
        "leave it out, or add points that use it",
        &[("train.momentum = [0.5, 0.9]\n", "")],
    ),
    slip(
        "[run]\nmodel.negative_slope = 0.2",
        "leave it out, or add points that use it",
        &[("model.negative_slope = 0.2", "")],
    ),
    slip(
        "[run.model]\nbatch_norm = true\nlayer_norm = true",
        "change `model.batch_norm` or `model.layer_norm`",
        &[("layer_norm = true", "layer_norm = false")],
    ),
    slip("[grid]\nmodel.depth = [5, 10, 5]", "write model.depth = [5, 10]", &[(", 5]", "]")]),
    slip(
        "[grid]\nmodel.init = [\"he\", \"xavier\", \"he_normal\"]",
        "write model.init = [\"he\", \"xavier\"]",
        &[(", \"he_normal\"", "")],
    ),
    slip(
        "[run]\nseed = 1\n[grid]\nmodel.depth = [5]\n[run]\nmodel.width = 9",
        "put all its keys below one header",
        &[("\n[run]\nmodel.width = 9", ""), ("seed = 1", "seed = 1\nmodel.width = 9")],
    ),
    slip(
        "[grid]\nmodel.depth = [5, 10]\n[[zip]]\nmodel.depth = [5, 10]\nmodel.width = [8, 16]",
        "leave one of the two out",
        &[("[grid]\nmodel.depth = [5, 10]\n", "")],
    ),
    slip(
        "[output]\ntables = [\"runs\", \"effects\"]\n[grid]\nseed = [0, 1]",
        "leave it out, or sweep another key in [grid]",
        &[(", \"effects\"", "")],
    ),
    slip(
        "[grid]\nseed = { from = 0, count = 10000000 }",
        "take fewer values, or raise max_runs",
        &[("10000000", "10")],
    ),
    slip(
        "[run]\nmodel.learning_rate = 0.1",
        "did you mean `train.learning_rate`?",
        &[("model.learning_rate", "train.learning_rate")],
    ),
    slip("depth = 5", "did you mean `run.model.depth`?", &[("depth", "run.model.depth")]),
    slip("[grid]\ndepth = [5, 10]", "did you mean `model.depth`?", &[("depth", "model.depth")]),
    slip("[run]\nmodel.depth = [5, 10]", "several values go to [grid]", &[("[run]", "[grid]")]),
    slip("[run]\nseed = { from = 0, count = 3 }", "a range goes to [grid]", &[("[run]", "[grid]")]),
    slip(
        "[grid]\nmodel.depth = { from = 10, to = 5, step = 1 }",
        "write from = 5 and to = 10",
        &[("from = 10, to = 5", "from = 5, to = 10")],
    ),
    slip("[grid]\nmodel.depth = { from = 10, cuont = 5 }", "did you mean `count`?", &[("cuont", "count")]),
    slip(
        "[grid]\nseed = { from = 10, count = 3, scale = \"lg\" }",
        "without scale the values have even distances",
        &[(", scale = \"lg\"", "")],
    ),
    slip("[grid]\nmodel.depth = { from = 10 }", "a range is { from, count }", &[("from = 10", "from = 10, count = 2")]),
    slip(
        "[grid]\nseed = { from = 0, to = 9223372036854775807, count = 3 }",
        "its distances are no whole numbers: give a step",
        &[("count = 3", "step = 9223372036854775807")],
    ),
    slip("[model]\ndepth = 5", "did you mean `run.model`?", &[("[model]", "[run.model]")]),
    slip("[run.modle]\ndepth = 5", "did you mean `run.model`?", &[("modle", "model")]),
    slip("[run]\nmodel.dpeth = 5", "did you mean `model.depth`?", &[("dpeth", "depth")]),
    slip("[run.train]\nlearning_rat = 0.1", "did you mean `learning_rate`?", &[("learning_rat ", "learning_rate ")]),
    slip("[gird]\nmodel.depth = [5, 10]", "did you mean `grid`?", &[("gird", "grid")]),
    slip("[grid]\nmodel.activation = [\"sigmod\"]", "did you mean \"sigmoid\"?", &[("sigmod", "sigmoid")]),
    slip("[grid]\nmodel.activation = [\"rleu\"]", "did you mean \"relu\"?", &[("rleu", "relu")]),
    slip("[output]\ntables = [\"runs\", \"layer\"]", "did you mean \"layers\"?", &[("layer", "layers")]),
    slip("[output]\ntable = [\"runs\"]", "did you mean `tables`?", &[("table", "tables")]),
    slip("[run]\nmodel.batch_norm = 1", "write true", &[("1", "true")]),
    slip("[run]\nmodel.residual = True", "write true", &[("True", "true")]),
    slip("[run]\ntrain.steps = \"200\"", "write 200", &[("\"200\"", "200")]),
    slip("[run]\ntrain.batch_size = 32.0", "write 32", &[("32.0", "32")]),
    slip(
        "[run]\ntrain.steps = 100\ntrace.every = [0, 50, 100]",
        "change `trace.every` or `train.steps`",
        &[(", 100]", "]")],
    ),
    slip(
        "[run.model]\nwidths = [512, 256, 128]\ndepth = 10",
        "change `model.widths` or `model.depth`",
        &[("\ndepth = 10", "")],
    ),
    slip("[zip]\nmodel.depth = [5, 10]", "write the header [[zip]], with two brackets", &[("[zip]", "[[zip]]")]),
    slip("[output]\ntables = [\"time\", \"runs\"]", "leave it out, or add runs with model.kind", &[("\"time\", ", "")]),
    slip(
        "[run]\nmodel.batch_norm = true\n[[include]]\ntrain.batch_size = [1, 2]",
        "change `model.batch_norm` or `train.batch_size`",
        &[("[1, 2]", "[2]")],
    ),
    slip(
        "run.data.source = \"adding\"",
        "change `model.kind` or `data.source`",
        &[("\"adding\"", "\"adding\"\nrun.model.kind = \"rnn\"")],
    ),
    slip(
        "run.model.kind = \"rnn\"\nrun.data.source = \"adding\"\nrun.data.length = 1",
        "change `data.source` or `data.length`",
        &[("length = 1", "length = 2")],
    ),
    slip(
        "run.model.kind = \"rnn\"\nrun.data.source = \"copy\"\nrun.train.batch_size = \"full\"",
        "change `train.batch_size` or `data.source`",
        &[("\"full\"", "16")],
    ),
    slip(
        "run.model.kind = \"rnn\"\nrun.data.source = \"copy\"\nrun.trace.order = true",
        "change `trace.order` or `data.source`",
        &[("true", "false")],
    ),
];

/// What informs and tells nobody what to write, or is followed where its own words are tested.
const NOT_TO_BE_FOLLOWED: &[&str] = &[
    "to leave these points out, add",
    "10,000 x 10,000",
    "it is so small",
    "begin the file with",
    "stands at the top of the file",
    "write \"depth_width\"",
    "the keys of model are",
    "its keys are",
    "a config holds",
    "paths are name",
    "such as --set",
    "--set",
    "in a [[zip]]",
    "change the [[zip]] in the file",
    "their first values make the first point",
    "did you mean `run.train.steps`?",
    "did you mean \"rnn\"?",
];

#[test]
fn every_slip_is_answered_with_what_to_write_and_that_works() {
    for Slip { rest, advice, edits } in SLIPS.iter().chain(OF_SNAPSHOTS) {
        let text = config(rest);
        let message = refused(&text, &[]);
        assert!(message.contains(advice), "no {advice:?} in\n{message}\nof\n{text}");
        assert!(!message.contains(['\u{200b}', '\u{feff}', '\u{a0}']), "{message}");
        let mut followed = text.clone();
        for (old, new) in *edits {
            assert!(followed.contains(old), "{old:?} is not in\n{followed}");
            followed = followed.replacen(old, new, 1);
        }
        if let Err(diagnostics) = plan::plan(&Source::new("good.toml", followed.as_str()), &[]) {
            panic!("{advice}, followed:\n{followed}\n{}", render(&diagnostics, false));
        }
    }
}

#[test]
fn how_a_table_is_read_is_answered_with_the_key_s_own_words() {
    for (given, advice, write) in [
        ("test_fraction = \"20%\"", "20 % is written 0.2", "test_fraction = 0.2"),
        ("test_fraction = 20%", "20 % is written 0.2", "test_fraction = 0.2"),
        ("test_fraction = 20", "20 % is written 0.2", "test_fraction = 0.2"),
        ("separator = \"\\\\t\"", "write \"tab\"", "separator = \"tab\""),
        ("separator = \"whitespace\"", "write \"blank\"", "separator = \"blank\""),
    ] {
        let text = |line: &str| config(&format!("[run.data]\nsource = \"csv\"\npath = \"a.csv\"\n{line}"));
        let errors = |line: &str| parse(&Source::new("a.toml", text(line)), &[]).1;
        let message = render(&errors(given), false);
        assert!(message.contains(advice), "{given}: {message}");
        assert_eq!(errors(write), [], "{write}");
    }
}

#[test]
fn the_advice_of_every_snapshot_is_followed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/config/snapshots");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("snapshots") {
        let path = entry.expect("an entry").path();
        if !path.display().to_string().contains("it__config__errors__") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a snapshot");
        for help in text.lines().filter_map(|line| line.trim().strip_prefix("= help: ")) {
            let is_followed =
                OF_SNAPSHOTS.iter().chain(SLIPS).any(|slip| help.contains(slip.advice) || slip.advice.contains(help));
            let is_other = NOT_TO_BE_FOLLOWED.iter().any(|words| help.contains(words));
            assert!(is_followed || is_other, "{}: no test follows {help:?}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen} lines of advice");
}

#[test]
fn words_with_another_meaning_elsewhere_are_refused_nowhere() {
    for rest in [
        "[run.train]\noptimizer = \"adamw\"\nweight_decay = 0.1",
        "[run]\nmodel.activation = \"linear\"",
        "why = \"dropout, mnist and “quotes”\u{a0}\"",
        "[run] # “so”, 1e−5\nmodel.depth = 3",
    ] {
        assert!(plan::plan(&Source::new("good.toml", config(rest)), &[]).is_ok(), "{rest}");
    }
}

#[test]
fn swish_is_silu_under_the_same_id() {
    let id = |name: &str| {
        let text = config(&format!("[run]\nmodel.activation = \"{name}\""));
        let plan = plan::plan(&Source::new("a.toml", text), &[]).expect("a good config");
        plan.id(0).to_string()
    };
    assert_eq!(id("swish"), id("silu"));
    assert_ne!(id("silu"), id("gelu"));
    let twice = refused(&config("[grid]\nmodel.activation = [\"swish\", \"silu\"]"), &[]);
    assert!(twice.contains("lists silu twice"), "{twice}");
}

#[test]
fn what_set_advises_is_accepted() {
    const SWEPT: &str = "[grid]\nmodel.depth = [5, 10]";
    for (rest, set, advice) in [
        ("", "train.learning_rate=.01", "--set run.train.learning_rate=0.01"),
        ("", "train.learning_rate=1e−5", "--set run.train.learning_rate=1e-5"),
        ("", "train.steps=50", "--set run.train.steps=50"),
        ("", "model.widths=[5,5]", "--set run.model.widths=[5,5]"),
        ("", "model.depth=[5,10]", "--set grid.model.depth=[5,10]"),
        (SWEPT, "model.depth=20", "--set grid.model.depth=[20]"),
        (SWEPT, "run.model.depth=20", "--set grid.model.depth=[20]"),
    ] {
        let message = refused(&config(rest), &[set]);
        let line = message.lines().find(|line| line.contains(advice)).unwrap_or_else(|| panic!("{set}: {message}"));
        let (_, argument) = advice.split_once(' ').expect("an argument");
        assert!(line.trim_end_matches('?').ends_with(argument), "{line}");
        let followed = plan::plan(&Source::new("a.toml", config(rest)), &[argument.to_owned()]);
        assert!(followed.is_ok(), "{argument}: {}", render(&followed.expect_err("it failed"), false));
    }
    for (set, advice) in [
        ("grid.train.learning_rate=[.01, 1.]", "write [0.01, 1.0]"),
        ("grid.train.learning_rate=[0,01]", "write [0.01]"),
        ("grid.model.depth=[2.,3.]", "write [2,3]"),
        ("grid.model.depth=\"2, 3\"", "write [2, 3]"),
        ("run.train.learning_rate=1d-5", "write 1e-5"),
        ("run.train.learning_rate=0,00001", "write 0.00001"),
        ("run.train.learning_rate=1e-5.", "write 1e-5"),
        ("run.train.learning_rate=10⁻⁵", "write 1e-5"),
        ("run.model.activation=“relu”", "write \"relu\""),
    ] {
        let message = refused(&config(""), &[set]);
        assert!(message.contains(advice), "{set}: {message}");
        let (path, _) = set.split_once('=').expect("a path");
        let followed = format!("{path}={}", advice.trim_start_matches("write "));
        assert!(plan::plan(&Source::new("a.toml", config("")), &[followed]).is_ok(), "{advice}");
    }
    let message = refused(&config(SWEPT), &["run.model.depth=many"]);
    assert!(message.contains("many is not a value of `model.depth`") && !message.contains("[many]"), "{message}");
}

/// A command on a case, its exit code, and words that its answer has and has not.
struct Asked {
    case: &'static str,
    command: &'static [&'static str],
    code: i32,
    words: &'static [&'static str],
    never: &'static [&'static str],
}

const ASKED: &[Asked] = &[
    Asked {
        case: "18",
        command: &["sweep", "dash.toml"],
        code: 2,
        words: &["train-images-idx3-ubyte: there is no such file", "did you mean \"train-images.idx3-ubyte\"?"],
        never: &["relative to"],
    },
    Asked {
        case: "18",
        command: &["sweep", "html.toml"],
        code: 2,
        words: &["train-images-idx3-ubyte.gz: the file is a web page (HTML)", "the download went wrong"],
        never: &["0x3c"],
    },
    Asked { case: "19", command: &["plan", "padded.toml"], code: 0, words: &["2 runs"], never: &["damaged"] },
    Asked { case: "19", command: &["plan", "qmnist.toml"], code: 0, words: &["2 runs"], never: &["error"] },
    Asked {
        case: "27",
        command: &["plan", "case.toml", "--set", "grid.train.learning_rate=[0.1, 0.1, 0.1]"],
        code: 2,
        words: &["lists 0.1 3 times", "write --set 'grid.train.learning_rate=[0.1]'"],
        never: &["twice"],
    },
    Asked {
        case: "34",
        command: &["sweep", "header_then_dotted.toml"],
        code: 2,
        words: &["write width = 32 below [run.model]"],
        never: &["keep one"],
    },
    Asked {
        case: "34",
        command: &["sweep", "value_and_table.toml"],
        code: 2,
        words: &["seed = [0, 1], or seed = { from = 0, count = 3 }"],
        never: &["cannot extend"],
    },
    Asked { case: "34", command: &["plan", "inline_over_lines.toml"], code: 0, words: &["2 runs"], never: &["error"] },
    Asked {
        case: "35",
        command: &["sweep", "smart_quotes.toml"],
        code: 2,
        words: &["\\u{201c}: write \"", "write model.activation = [\"relu\", \"tanh\"]"],
        never: &["needs quotes"],
    },
    Asked {
        case: "35",
        command: &["sweep", "utf16le.toml"],
        code: 2,
        words: &["UTF-16", "save it as UTF-8"],
        never: &["is not UTF-8"],
    },
    Asked {
        case: "36",
        command: &["sweep", "bare_dot.toml"],
        code: 2,
        words: &["write train.learning_rate = [0.01, 1.0]"],
        never: &["mantissa"],
    },
    Asked { case: "36", command: &["sweep", "float_depth.toml"], code: 2, words: &["write 3", "write 5"], never: &[] },
    Asked {
        case: "36",
        command: &["sweep", "mixed_range.toml"],
        code: 2,
        words: &["write from = 0.01 and to = 1"],
        never: &["batch_size"],
    },
    Asked { case: "28", command: &["plan", "case.toml"], code: 0, words: &["6,050 runs"], never: &["--shards"] },
];

#[test]
fn every_case_is_answered_and_what_is_refused_leaves_no_file() {
    for Asked { case: number, command, code, words, never } in ASKED {
        let folder = case(number);
        let before = names(folder.path());
        let outcome = vgrun(folder.path(), command);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(outcome.code, *code, "{number} {command:?}: {said}");
        words.iter().for_each(|words| assert!(said.contains(words), "{number} {command:?}: no {words:?} in\n{said}"));
        never.iter().for_each(|words| assert!(!said.contains(words), "{number} {command:?}: {words:?} in\n{said}"));
        assert_eq!(names(folder.path()), before, "{number} {command:?} left a file");
    }
}

#[test]
fn text_in_another_encoding_is_read_once_it_is_saved_as_the_message_says() {
    let folder = TempDir::new().expect("a temporary folder");
    let text = config("why = \"Größe\"\n[run]\nmodel.depth = 3");
    let utf16 = |to_bytes: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let marked = if mark { format!("\u{feff}{text}") } else { text.clone() };
        marked.encode_utf16().flat_map(to_bytes).collect()
    };
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    for (bytes, name) in [
        (utf16(u16::to_le_bytes, true), "UTF-16"),
        (utf16(u16::to_be_bytes, true), "UTF-16"),
        (utf16(u16::to_le_bytes, false), "UTF-16"),
        (latin, "Latin-1"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "no text"),
    ] {
        fs::write(folder.path().join("a.toml"), bytes).expect("a file");
        let refused = vgrun(folder.path(), &["plan", "a.toml"]);
        assert!(refused.code == 2 && refused.stderr.contains(name), "{}", refused.stderr);
        assert!(refused.stderr.contains("save it as UTF-8"), "{}", refused.stderr);
    }
    // With the mark that some editors put before it.
    for saved in [text.clone(), format!("\u{feff}{text}")] {
        fs::write(folder.path().join("a.toml"), saved).expect("a file");
        let plan = vgrun(folder.path(), &["plan", "a.toml", "--list"]);
        assert_eq!(plan.code, 0, "{}", plan.stderr);
    }
}

#[test]
fn the_name_that_is_offered_for_a_missing_file_is_read_and_gives_the_data_of_the_other_forms() {
    let folder = case("18");
    let dash = fs::read_to_string(folder.path().join("dash.toml")).expect("a config");
    let followed = dash.replace("images-idx3", "images.idx3").replace("labels-idx1", "labels.idx1");
    // Packed twice, the content is the same, and so are the runs.
    let twice = followed.replace("train-images.idx3-ubyte", "double.gz");
    let mut ids = BTreeSet::new();
    for text in [followed, twice] {
        fs::write(folder.path().join("dash.toml"), text).expect("a file");
        let listed = vgrun(folder.path(), &["plan", "dash.toml", "--list"]);
        assert_eq!(listed.code, 0, "{}", listed.stderr);
        ids.insert(listed.stdout);
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    fs::write(folder.path().join("t.csv"), "1,2,a\n3,4,b\n5,6,a\n7,8,b\n".repeat(4)).expect("a table");
    let table = "name = \"t\"\n[run]\ntrain.batch_size = 1\ndata.source = \"csv\"\ndata.path = \"T.csv\"\n";
    fs::write(folder.path().join("t.toml"), table).expect("a config");
    let refused = vgrun(folder.path(), &["plan", "t.toml"]);
    assert!(refused.code == 2 && refused.stderr.contains("did you mean \"t.csv\"?"), "{}", refused.stderr);
    fs::write(folder.path().join("t.toml"), table.replace("T.csv", "t.csv")).expect("a config");
    assert_eq!(vgrun(folder.path(), &["plan", "t.toml", "--list"]).code, 0);
}
