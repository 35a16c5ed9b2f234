//! What the README shows is what vgrun does.

use std::fs;
use std::path::Path;

use vgrun::config::{Source, Table};
use vgrun::plan::{load, plan};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a file of the repository")
}

#[test]
fn the_example_config_of_the_readme_is_a_plan() {
    let readme = file("README.md");
    let example = readme
        .split("```toml\nname = \"example\"")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("an example");
    let plan = plan(&Source::new("README.md", format!("name = \"example\"{example}")), &[])
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    // 3 depths x 2 activations x 2 x 3 seeds x 2 batches, less sigmoid at two depths, and one more.
    assert_eq!(plan.len(), 72 - 24 + 1);
}

#[test]
fn every_config_in_the_readme_is_a_plan_without_warnings() {
    let readme = file("README.md");
    let examples: Vec<&str> = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(examples.len(), 3, "of feed-forward nets, of claims, and of recurrent nets");
    for example in examples {
        let plan = plan(&Source::new("README.md", example), &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert!(plan.warnings().is_empty(), "{example}");
    }
}

#[test]
fn every_config_of_the_repository_is_a_plan_with_a_reason() {
    let configs = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("configs")).expect("configs/");
    let paths = configs.map(|entry| entry.expect("an entry").path());
    // A config's baseline lies beside it.
    let paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect();
    assert!(paths.len() >= 4);
    for path in paths {
        let plan = load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert!(plan.experiment().why.len() > 40, "{}: why does it exist?", path.display());
        assert!(plan.warnings().is_empty(), "{}", path.display());
        assert_eq!(path.file_stem().and_then(|s| s.to_str()), Some(plan.experiment().name.as_str()));
    }
}

#[test]
fn the_main_job_has_480_runs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/depth.toml");
    assert_eq!(load(&path, &[]).expect("a valid config").len(), 480);
}

#[test]
fn the_tables_columns_are_those_that_the_readme_lists() {
    let readme = file("README.md");
    let listed = |table: &str| -> Vec<String> {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{table}.csv`"))).expect("a row");
        row.split('|').nth(3).expect("columns").split(',').map(|c| c.trim().to_owned()).collect()
    };
    for table in [Table::Runs, Table::Steps, Table::Trace, Table::Time, Table::Gates] {
        let fields: Vec<String> = vgrun::tables::fields(table).into_iter().map(|field| field.name).collect();
        assert_eq!(listed(table.name()), fields);
    }
}
