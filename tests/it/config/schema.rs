//! The JSON Schema of configs takes what the parser takes and refuses what it refuses, as far as one value at a time tells
//! that: asked is a validator that others wrote.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::{Value, json};
use vgrun::config::{Source, has_errors, parse};
use vgrun::spec::{KEYS, Key, RunSpec};

use crate::experiment::Outcome;

/// What `schema.py` ends with where a module is missing.
const MODULE_MISSING: i32 = 3;

/// Values of all types, of which every key takes some.
const VALUES: [&str; 52] = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "64",
    "1000000000",
    "1000000001",
    "0.5",
    "1.5",
    "-0.5",
    "1e-8",
    "true",
    "false",
    "\"relu\"",
    "\"sigmod\"",
    "\"ReLU\"",
    "\"he\"",
    "\"kaiming\"",
    "\"glorot\"",
    "\"lecun\"",
    "\"orthogonal\"",
    "\"full\"",
    "\"log\"",
    "\"auto\"",
    "\"digits\"",
    "\"noise\"",
    "\"adam\"",
    "\"f64\"",
    "\"both\"",
    "\"lstm\"",
    "\"inv_sqrt_depth\"",
    "\"regression\"",
    "\"a b.csv\"",
    "\"=a\"",
    "\"-a\"",
    "\" a\"",
    "\"\"",
    "\"10\"",
    "[]",
    "[3, 5]",
    "[0]",
    "[0, 3]",
    "[[3, 4], [5]]",
    "[0.25, 0.5]",
    "[\"relu\", \"tanh\"]",
    "[\"relu\", 1]",
    "[\"he\", \"xavier\"]",
    "[true, false]",
    "[\"a.csv\", \"b.csv\"]",
    "[3, \"full\", \"log\"]",
    "{}",
];

/// Ranges, right and wrong, of values that a key of numbers takes if it takes 1, 2 and 5.
const RANGES: [&str; 10] = [
    "{ from = 1, count = 2 }",
    "{ from = 1, to = 5, step = 2 }",
    "{ from = 1, to = 5, count = 2 }",
    "{ from = 1, to = 5, count = 3, scale = \"log\" }",
    "{ from = 1 }",
    "{ from = 1, to = 5 }",
    "{ from = 1, to = 5, step = 2, count = 2 }",
    "{ from = 1, count = 2, scale = \"log\" }",
    "{ from = 1, to = 5, count = 2, scale = \"ln\" }",
    "{ form = 1, count = 2 }",
];

/// Sections that hold keys of the run, with `=` where the key and its value stand.
const SECTIONS: [&str; 7] = [
    "[run]\n=",
    "[grid]\n=",
    "[[zip]]\n=",
    "[[exclude]]\n=",
    "[[include]]\n=",
    "[[expect]]\nname = \"b\"\nlearned = true\nwhere.=",
    "[[expect]]\nname = \"b\"\nmetric = \"delta_rms\"\nlayer = 1\ndecades = 1\nversus.=",
];

/// Settings, one right or wrong value at a time.
const SETTINGS: [&str; 52] = [
    "nmae = \"b\"",
    "why = 5",
    "why = \"\"",
    "max_runs = 0",
    "max_runs = 4294967296",
    "max_runs = 5",
    "depth = 5",
    "grid = 5",
    "[gird]\nmodel.depth = [5]",
    "[run.modle]\ndepth = 5",
    "[run]\nmodel.dpeth = 5",
    "[run]\nmodel = \"mlp\"",
    "[run.model.depth]\nvalue = 5",
    "[zip]\nmodel.depth = [5, 10]",
    "[[zip]]",
    "[[exclude]]",
    "[output]\ntables = [\"runs\", \"trace\"]",
    "[output]\ntables = []",
    "[output]\ntables = [\"runz\"]",
    "[output]\ntables = \"runs\"",
    "[output]\ntable = [\"runs\"]",
    "[check]\nbaseline = \"a.csv\"",
    "[check]\nbaseline = \" \"",
    "[check]\nbaseline = 1",
    "[check]\ntolerance_decades = 0.5",
    "[check]\ntolerance_decades = -0.5",
    "[check]\ntolerance = 0.5",
    "[check]\ntolerance = { test_accuracy = 0.1 }",
    "[check]\ntolerance = { test_accuracy = -0.1 }",
    "[check]\ntolerance = { test_acuracy = 0.1 }",
    "[check]\ntolerance = { weight_norm = 0.1 }",
    "[check]\ntolerence = { test_accuracy = 0.1 }",
    "[[expect]]\nlearned = true",
    "[[expect]]\nname = \"b\"",
    "[[expect]]\nname = \"\"\nlearned = true",
    "[[expect]]\nname = \"b\"\nlearned = 1",
    "[[expect]]\nname = \"b\"\nlearned = true\nverdict = \"dead\"",
    "[[expect]]\nname = \"b\"\nverdict = \"dead\"",
    "[[expect]]\nname = \"b\"\nverdict = [\"dead\", \"vanishing\"]",
    "[[expect]]\nname = \"b\"\nverdict = []",
    "[[expect]]\nname = \"b\"\nverdict = \"ded\"",
    "[[expect]]\nname = \"b\"\nverdict = \"dead\"\nat_least = 0.5",
    "[[expect]]\nname = \"b\"\nverdict = \"dead\"\nat_least = 0",
    "[[expect]]\nname = \"b\"\nverdict = \"dead\"\nat_least = 1.5",
    "[[expect]]\nname = \"b\"\nverdict = \"dead\"\nexpected_failure = \"not yet\"",
    "[[expect]]\nname = \"b\"\nverdict = \"dead\"\nexpected_failure = true",
    "[[expect]]\nname = \"b\"\nmetric = \"delta_rms\"\nlayer = \"last\"\nstep = 3\nmin = 0.1\nevery_seed = true",
    "[[expect]]\nname = \"b\"\nmetric = \"delta_rms\"\nlayer = 0\nmin = 0.1",
    "[[expect]]\nname = \"b\"\nmetric = \"delta_rms\"\nlayer = 1\nstep = \"second\"\nmin = 0.1",
    "[[expect]]\nname = \"b\"\nmetric = \"dh_rms\"\nlag = -1\nmin = 0.1",
    "[[expect]]\nname = \"b\"\nmetric = \"test_loss\"\nequals = 0.1\ntolerance = -1",
    "[[expect]]\nname = \"b\"\nmetric = \"test_los\"\nmin = 0.1",
];

/// A config, and whether the parser takes it.
fn case(text: &str) -> Value {
    let config: toml::Table = toml::from_str(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let (_, diagnostics) = parse(&Source::new("case.toml", text), &[]);
    json!({ "what": text, "config": config, "valid": !has_errors(&diagnostics) })
}

fn takes(key: &Key, value: i64) -> bool {
    (key.set)(&mut RunSpec::default(), &value.into())
}

fn cases() -> Vec<Value> {
    let mut cases = Vec::new();
    for key in KEYS {
        let takes_any = (-1..=5).any(|n| takes(key, n));
        let ranges = if !takes_any || [1, 2, 5].into_iter().all(|n| takes(key, n)) { RANGES.as_slice() } else { &[] };
        for (section, value) in SECTIONS.iter().flat_map(|s| VALUES.iter().chain(ranges).map(move |value| (s, value))) {
            // That a claim's other run cannot have another seed is more than a value can tell.
            if !(section.contains("versus") && key.name == "seed") {
                let (head, name) = (section.trim_end_matches('='), key.name);
                cases.push(case(&format!("name = \"a\"\n{head}{name} = {value}\n")));
            }
        }
    }
    cases.extend(SETTINGS.map(|setting| case(&format!("name = \"a\"\n{setting}\n"))));
    cases.push(case("[run]\nseed = 1\n"));
    cases.push(case("name = \"A b\"\n"));
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("configs")).expect("configs/") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            cases.push(case(&fs::read_to_string(&path).expect("UTF-8")));
        }
    }
    cases
}

fn vgruns_schema() -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_vgrun")).arg("schema").output().expect("vgrun starts");
    let outcome = Outcome::of(&output);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    serde_json::from_str(&outcome.stdout).expect("JSON")
}

#[test]
fn a_validator_takes_by_the_schema_what_the_parser_takes_and_nothing_else() {
    let asked = json!({ "schema": vgruns_schema(), "cases": cases() });
    match ask(&asked) {
        Ok(outcome) => assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr),
        Err(why) => {
            assert!(env::var_os("VGRUN_REQUIRE_PYTHON").is_none(), "{why}");
            let _ =
                writeln!(io::stderr(), "SKIPPED, no validator was asked: {why}; tests/run.sh installs what it needs");
        }
    }
}

/// What the validator says, or why it cannot be asked.
fn ask(cases: &Value) -> Result<Outcome, String> {
    let python = env::var_os("VGRUN_PYTHON").ok_or("VGRUN_PYTHON names no Python")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/schema.py");
    let mut command = Command::new(&python);
    let child = command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|e| format!("cannot start {}: {e}", python.display()))?;
    // A Python that ended for want of a module reads nothing.
    let _ = child.stdin.take().expect("a pipe").write_all(cases.to_string().as_bytes());
    let outcome = Outcome::of(&child.wait_with_output().expect("it ends"));
    if outcome.code == MODULE_MISSING { Err(outcome.stdout.trim().to_owned()) } else { Ok(outcome) }
}

#[test]
fn the_schema_is_the_same_every_time() {
    assert_eq!(vgruns_schema(), vgrun::config::schema());
}
