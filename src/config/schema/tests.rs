//! The JSON Schema beside the parser: both take and refuse the same.

use serde_json::{Value, json};

use super::schema;
use crate::config::{Source, has_errors, parse};
use crate::spec::KEYS;

/// The schema behind a dotted path, groups and their definitions followed.
fn at<'a>(schema: &'a Value, path: &str) -> &'a Value {
    let followed = |node: &'a Value| match node["$ref"].as_str() {
        Some(reference) => schema.pointer(reference.trim_start_matches('#')).expect(reference),
        None => node,
    };
    path.split('.').fold(schema, |node, part| {
        let node = if node["type"] == "array" { &node["items"] } else { node };
        followed(&node["properties"][part])
    })
}

#[test]
fn every_key_of_the_run_stands_in_every_section_with_its_description() {
    let schema = schema();
    for section in ["run", "grid", "zip", "exclude", "include", "expect.where", "expect.versus"] {
        for key in KEYS {
            let found = at(&schema, &format!("{section}.{}", key.name));
            let doc = found["description"].as_str().unwrap_or_else(|| panic!("{section}.{}", key.name));
            assert!(doc[1..].starts_with(&key.doc[1..]) && doc.contains(key.used_by), "{section}.{}: {doc}", key.name);
        }
    }
}

#[test]
fn every_key_of_the_run_has_the_default_that_the_parser_takes() {
    let schema = schema();
    for key in KEYS {
        let found = at(&schema, &format!("run.{}", key.name));
        let Some(default) = key.default() else {
            assert!(found.get("default").is_none() && !key.doc.is_empty(), "{}", key.name);
            continue;
        };
        assert_eq!(found["default"], json!(default), "{}", key.name);
        let doc = found["description"].as_str().expect("a description");
        assert!(doc.ends_with(&format!("Default: {default}.")), "{doc}");
        let (_, diagnostics) =
            parse(&Source::new("a.toml", format!("name = \"a\"\nrun.{} = {default}\n", key.name)), &[]);
        assert!(!has_errors(&diagnostics), "{}: {diagnostics:?}", key.name);
    }
}

#[test]
fn defaults_of_settings_change_nothing() {
    let plain = "name = \"a\"\n[[expect]]\nname = \"b\"\nmetric = \"delta_rms\"\nlayer = 1\nmax = 1.0\n";
    let with = "name = \"a\"\nwhy = \"\"\nmax_runs = 1000000\n[[expect]]\nname = \"b\"\nmetric = \"delta_rms\"\n\
                layer = 1\nmax = 1.0\nstep = \"first\"\nevery_seed = false\n[[expect]]\nname = \"c\"\nlearned = true\n\
                at_least = 1.0\n";
    let [plain, with] = [plain, with].map(|text| {
        let (experiment, diagnostics) = parse(&Source::new("a.toml", text), &[]);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        experiment
    });
    assert_eq!((plain.why, plain.max_runs, plain.check), (with.why, with.max_runs, with.check));
    assert_eq!(plain.expectations[0].claim, with.expectations[0].claim);
    let schema = schema();
    for (path, default) in [
        ("max_runs", json!(1_000_000)),
        ("expect.step", json!("first")),
        ("expect.every_seed", json!(false)),
        ("expect.at_least", json!(1.0)),
    ] {
        assert_eq!(at(&schema, path)["default"], default, "{path}");
    }
}

#[test]
fn no_table_of_the_schema_takes_a_key_that_it_does_not_name() {
    fn walk(node: &Value, tables: &mut usize) {
        match node {
            Value::Object(map) => {
                if map.get("type").is_some_and(|kind| kind == "object") {
                    assert_eq!(map["additionalProperties"], json!(false), "{node}");
                    *tables += 1;
                }
                map.values().for_each(|inner| walk(inner, tables));
            }
            Value::Array(items) => items.iter().for_each(|inner| walk(inner, tables)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut tables = 0;
    walk(&schema(), &mut tables);
    assert!(tables > 20, "{tables}");
}

#[test]
fn names_come_with_their_aliases_and_with_what_they_are() {
    let schema = schema();
    let init = at(&schema, "run.model.init");
    let names: Vec<&str> = init["enum"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
    assert!(
        ["he_normal", "he", "kaiming", "xavier", "glorot", "lecun", "pytorch_default"]
            .iter()
            .all(|n| names.contains(n))
    );
    let docs = init["x-taplo"]["docs"]["enumValues"].as_array().expect("docs");
    assert_eq!(docs.len(), names.len());
    let alias = names.iter().position(|name| *name == "kaiming").expect("an alias");
    assert_eq!(docs[alias], "the same as he_normal");
    assert_eq!(at(&schema, "grid.model.init")["items"], json!({ "$ref": "#/definitions/model.init" }));
}

/// serde's own list of what an enum takes stands in its message for a name that is none.
#[test]
fn the_schema_knows_every_name_that_serde_does() {
    fn serdes<E: serde::de::DeserializeOwned>(key: &str) {
        let error = serde_json::from_value::<E>(json!("no such name")).err().expect("not one of them").to_string();
        let mut theirs: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
        let mut ours = (crate::spec::key(key).shape)().names();
        theirs.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, theirs, "{key}: {error}");
    }
    serdes::<crate::data::DataSource>("data.source");
    serdes::<crate::data::TargetKind>("data.target");
    serdes::<crate::nn::ModelKind>("model.kind");
    serdes::<crate::nn::Activation>("model.activation");
    serdes::<crate::nn::Init>("model.init");
    serdes::<crate::nn::ResidualScaling>("model.residual_scaling");
    serdes::<crate::nn::OptimizerKind>("train.optimizer");
    serdes::<crate::spec::Precision>("train.precision");
    serdes::<crate::spec::KeptWeights>("trace.weights");
}
