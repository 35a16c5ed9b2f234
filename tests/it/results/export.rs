//! `vgrun export`: copies of the tables for spreadsheets with a decimal comma, read back and held against the tables.

use std::fs;
use std::path::Path;

use crate::experiment::{Experiment, Outcome};

/// Nets with all kinds of cells: numbers down to 1e-30, NaN, -inf, truth values, and axes whose text a spreadsheet would
/// take for dates.
fn of_all_kinds() -> Experiment {
    Experiment::new()
        .without("model.depth")
        .without("model.width")
        .without("trace.every")
        .key("train.stop_when_diverged", "false")
        .axis("trace.every", "[2, [0, 3]]")
        .axis("model.widths", "[[4], [5, 10]]")
        .axis("model.bias", "[true, false]")
        .axis("train.learning_rate", "[0.25, 1e16]")
        .axis("model.init_gain", "[1, 1e-30]")
        .axis("seed", "{ from = 0, count = 2 }")
}

/// The rows of a table, cells between `between`.
fn rows(path: &Path, between: u8) -> Vec<Vec<String>> {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = String::from_utf8(bytes).expect("UTF-8");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    let mut reader = csv::ReaderBuilder::new().delimiter(between).has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// What a cell of a copy stands for.
fn original(cell: &str) -> String {
    let number = cell.replace(',', ".");
    if number.parse::<f64>().is_ok() {
        return number;
    }
    match cell.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // One layer of widths is [4] in the table, too; a whole number of many digits is not.
        Some(inside) if inside.parse::<u64>().is_err() || inside.len() > 15 => inside.to_owned(),
        Some(_) | None => cell.to_owned(),
    }
}

/// Holds the copies in `copies` against the tables of `results`; how many numbers had a comma.
fn are_copies(results: &Path, copies: &Path) -> usize {
    let mut commas = 0;
    let tables = crate::experiment::tables(results);
    assert_eq!(crate::experiment::tables(copies).len(), tables.len());
    for name in tables.keys() {
        let (table, copy) = (rows(&results.join(name), b','), rows(&copies.join(name), b';'));
        assert_eq!(table.len(), copy.len(), "{name}");
        assert_eq!(table[0], copy[0], "{name}");
        for (row, copied) in table.iter().zip(&copy).skip(1) {
            assert_eq!(row.len(), copied.len());
            for (cell, copied) in row.iter().zip(copied) {
                assert_eq!(&original(copied), cell, "{name}");
                if let Ok(number) = cell.parse::<f64>() {
                    let read: f64 = original(copied).parse().expect("a number");
                    assert_eq!(read.to_bits(), number.to_bits(), "{name}: {copied}");
                    assert!(!copied.contains('.'), "{name}: {copied}");
                    commas += usize::from(copied.contains(','));
                }
                assert!(!copied.starts_with(['=', '+', '@']), "{name}: {copied} is a formula");
                assert!(!copied.starts_with('-') || cell.parse::<f64>().is_ok_and(f64::is_finite), "{name}: {copied}");
            }
        }
    }
    commas
}

#[test]
fn every_table_reads_back_from_its_copy_bit_for_bit() {
    let experiment = of_all_kinds();
    experiment.sweep(&["--quiet"]);
    let outcome = experiment.run(&["export", "--excel-locale"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let copies = experiment.results().join("excel");
    assert!(outcome.stdout.contains("wrote results/test/excel/layers.csv"), "{}", outcome.stdout);
    assert!(are_copies(&experiment.results(), &copies) > 1000, "there are numbers with a comma");
    let all: String = crate::experiment::tables(&copies).into_values().collect();
    for cell in [";[0-3];", ";[5-10];", ";every-2;", ";[4];", ";[-inf];", ";NaN;", ";true;", ";0,25;", ";1e16;"] {
        assert!(all.contains(cell), "no cell is {cell}");
    }
}

#[test]
fn copies_go_where_they_are_asked_to_and_never_over_results() {
    let experiment = Experiment::new();
    experiment.sweep(&["--quiet"]);
    let before = experiment.tables();
    let folder = experiment.folder();
    let run = |arguments: &[&str]| -> Outcome { experiment.run_alone(arguments) };
    assert_eq!(run(&["export", "results/test", "--excel-locale", "--to", "sheets"]).code, 0);
    are_copies(&experiment.results(), &folder.join("sheets"));
    assert!(!experiment.results().join("excel").exists());
    for over in ["results/test", "results/../results/test/"] {
        let refused = run(&["export", "results/test", "--excel-locale", "--to", over]);
        assert_eq!(refused.code, 2);
        assert!(refused.stderr.contains("whose tables the copies would replace"), "{}", refused.stderr);
    }
    assert_eq!(experiment.tables(), before);
}

#[test]
fn a_copy_of_a_table_that_is_gone_goes_with_the_next_export_and_what_others_put_there_stays() {
    let experiment = Experiment::new();
    experiment.sweep(&["--quiet"]);
    assert_eq!(experiment.run(&["export", "--excel-locale"]).code, 0);
    let copies = experiment.results().join("excel");
    fs::write(copies.join("mine.csv"), "mine").expect("a writable folder");
    fs::remove_file(experiment.results().join("steps.csv")).expect("a table");
    assert_eq!(experiment.run(&["export", "--excel-locale"]).code, 0);
    assert!(
        !copies.join("steps.csv").exists() && copies.join("trace.csv").exists() && copies.join("mine.csv").exists()
    );
}

#[test]
fn without_tables_or_with_another_plans_nothing_is_written() {
    let experiment = Experiment::new();
    let refused = experiment.run(&["export", "--excel-locale"]);
    assert_eq!(refused.code, 2, "there are no results");
    experiment.sweep(&["--quiet"]);
    let table = experiment.results().join("steps.csv");
    let text = fs::read_to_string(&table).expect("a table");
    for damaged in [String::new(), text.replacen("run,", "ran,", 1), format!("{text}1,2\n")] {
        fs::write(&table, damaged).expect("a writable table");
        let refused = experiment.run(&["export", "--excel-locale"]);
        assert_eq!(refused.code, 2);
        assert!(
            refused.stderr.contains("steps.csv: its columns are not those of the stored plan"),
            "{}",
            refused.stderr
        );
        assert!(!experiment.results().join("excel/runs.csv").exists(), "all copies appear together");
    }
    let refused = experiment.run(&["export"]);
    assert!(refused.code == 2 && refused.stderr.contains("--excel-locale"), "{}", refused.stderr);
}

#[test]
fn a_seed_that_a_double_does_not_hold_is_text_for_spreadsheets_and_for_readers_of_json() {
    let seeds = ["3", "9007199254740991", "9007199254740993", "9223372036854775807"];
    let experiment = Experiment::new().axis("data.seed", &format!("[{}]", seeds.join(", "))).axis("seed", "[0, 1]");
    experiment.sweep(&["--quiet"]);
    assert_eq!(experiment.run(&["export", "--excel-locale"]).code, 0);
    are_copies(&experiment.results(), &experiment.results().join("excel"));
    let copy = rows(&experiment.results().join("excel/runs.csv"), b';');
    let column = copy[0].iter().position(|name| name == "data_seed").expect("a column");
    let copied: Vec<&str> = copy[1..].iter().step_by(2).map(|row| row[column].as_str()).collect();
    // A spreadsheet keeps 15 digits.
    assert_eq!(copied, ["3", "[9007199254740991]", "[9007199254740993]", "[9223372036854775807]"]);
    let result = fs::read_to_string(experiment.results().join("result.json")).expect("a result");
    let result: serde_json::Value = serde_json::from_str(&result).expect("JSON");
    let effect = &result["effects"][0];
    for end in [&effect["from"], &effect["to"]] {
        let written = end.as_str().map_or_else(|| end.to_string(), str::to_owned);
        assert!(seeds.contains(&written.as_str()), "{end}");
        assert_eq!(end.is_string(), written.len() > 15 && written != seeds[1], "{end}");
    }
}
