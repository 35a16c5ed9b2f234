//! `vgrun list`: the catalogue as people and programs get it.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::experiment::Outcome;

fn list(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    let output = command.arg("list").args(arguments).stdin(Stdio::null()).output().expect("vgrun starts");
    let outcome = Outcome::of(&output);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    outcome.stdout
}

const SECTIONS: [&str; 6] = ["activations", "inits", "optimizers", "data", "metrics", "words"];

#[test]
fn every_section_reads_well() {
    for section in SECTIONS {
        insta::assert_snapshot!(format!("list_{section}"), list(&[section]));
    }
}

#[test]
fn without_a_section_all_are_listed_and_no_line_is_wider_than_a_terminal() {
    let all = list(&[]);
    assert_eq!(all, SECTIONS.map(|section| list(&[section])).join("\n"));
    for line in all.lines() {
        assert!(line.chars().count() <= 100 && line.trim_end() == line, "{line:?}");
    }
}

#[test]
fn as_json_every_section_is_a_list_of_things_with_names() {
    let all: Value = serde_json::from_str(&list(&["--json"])).expect("JSON");
    let sections = all.as_object().expect("an object");
    assert_eq!(sections.len(), SECTIONS.len());
    for section in SECTIONS {
        let alone: Value = serde_json::from_str(&list(&[section, "--json"])).expect("JSON");
        assert_eq!(alone[section], all[section]);
        let entries = all[section].as_array().expect("a list");
        assert!(entries.iter().all(|entry| entry["name"].as_str().is_some_and(|name| !name.is_empty())), "{section}");
    }
    assert_eq!(all["inits"][2]["aliases"], "he, kaiming");
}

#[test]
fn columns_of_summary_csv_are_told_in_groups_and_as_json_one_by_one() {
    let text = list(&["metrics"]);
    let summary = text.split("metrics: ").find(|part| part.starts_with("summary.csv")).expect("a part");
    assert!(summary.lines().count() < 120, "{summary}");
    let all: Value = serde_json::from_str(&list(&["metrics", "--json"])).expect("JSON");
    let columns: Vec<&Value> =
        all["metrics"].as_array().expect("a list").iter().filter(|column| column["table"] == "summary.csv").collect();
    assert!(columns.len() > 140, "{}", columns.len());
    let is_there = |name: &str| summary.lines().any(|line| line.split_whitespace().next() == Some(name));
    for column in columns {
        let [name, group, unit] = ["name", "group", "unit"].map(|key| column[key].as_str().expect("text"));
        // A metric and each of its statistics stand for the column.
        let of_metric = name.strip_prefix(group).is_some_and(|rest| is_there(&format!("<metric>{rest}")));
        assert!(is_there(name) || of_metric && is_there(group), "{name}");
        assert!(!unit.is_empty(), "{name} has a unit");
    }
}

#[test]
fn a_section_that_does_not_exist_is_a_usage_error_that_names_those_that_do() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    let outcome = Outcome::of(&command.args(["list", "metric"]).output().expect("vgrun starts"));
    assert_eq!(outcome.code, 2);
    for section in SECTIONS {
        assert!(outcome.stderr.contains(section), "{}", outcome.stderr);
    }
}
