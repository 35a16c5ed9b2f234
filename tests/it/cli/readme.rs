//! What the README and the pages of the guide show is what vgrun does.

use std::fs;
use std::path::Path;

use vgrun::config::{Source, Table};
use vgrun::guide::PAGES;
use vgrun::metric::WORDS;
use vgrun::plan::{load, plan};

use crate::cli::documents::{blocks, documents, file, page};

#[test]
fn the_readme_is_a_screen_and_a_half_and_links_every_page_of_the_guide() {
    let readme = file("README.md");
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
    for page in PAGES {
        let question = page.question().replace('\n', " ");
        let row = format!("| [{0}](src/guide/{0}.md) | {question} |", page.name);
        assert!(readme.lines().any(|line| line == row), "the README has no line {row:?}");
    }
}

#[test]
fn every_file_of_the_guide_is_a_page_with_a_title_and_a_question() {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide")).expect("the guide");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut names: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    let mut pages: Vec<&str> = PAGES.iter().map(|page| page.name).collect();
    names.sort();
    pages.sort_unstable();
    assert_eq!(names, pages);
    for page in PAGES {
        assert!(page.text.starts_with("# ") && !page.title().is_empty(), "{}", page.name);
        let question = page.question();
        assert!(question.ends_with('?') && question.matches(['.', '?']).count() == 1, "{}: {question:?}", page.name);
    }
}

/// The targets of a text's links to files, `[words](target)`, `![words](target)` and `[label]: target`.
fn targets(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    let inline = outside.flat_map(|part| part.split("](").skip(1).filter_map(|rest| rest.split(')').next()));
    let defined = text.lines().filter(|line| line.starts_with('[')).filter_map(|line| line.split_once("]: "));
    inline.chain(defined.map(|(_, target)| target)).filter(|target| !target.contains("://")).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for (path, text) in documents() {
        let folder = root.join(&path).parent().expect("a folder").to_path_buf();
        for target in targets(&text) {
            assert!(folder.join(target).is_file(), "{path}: {target} is not there");
            count += 1;
        }
    }
    assert!(count > 40, "{count} links");
}

#[test]
fn every_link_within_the_guide_is_defined_below_the_page() {
    for page in PAGES {
        let outside: String = page.text.split("```").step_by(2).collect();
        let mut labels: Vec<&str> = outside.split("][").skip(1).filter_map(|rest| rest.split(']').next()).collect();
        labels.sort_unstable();
        labels.dedup();
        let is_definition = |line: &&str| line.starts_with('[') && line.contains("]: ");
        let defined: Vec<&str> = page.text.lines().filter(is_definition).collect();
        let wanted: Vec<String> = labels.iter().map(|label| format!("[{label}]: {label}.md")).collect();
        assert_eq!(defined, wanted, "{}", page.name);
        assert!(labels.iter().all(|label| PAGES.iter().any(|page| page.name == *label)), "{labels:?}");
    }
}

#[test]
fn the_citation_is_of_this_version_and_licence_and_the_readme_names_it() {
    let citation = file("CITATION.cff");
    // Each line of a key at the top level, and of an item of a list.
    let value = |key: &str| citation.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
    assert_eq!((value("cff-version"), value("type")), (Some("1.2.0"), Some("software")));
    assert_eq!(value("version"), Some(env!("CARGO_PKG_VERSION")));
    let licences = citation.split("\nlicense:\n").nth(1).expect("a list");
    let licences = licences.lines().map_while(|line| line.strip_prefix("  - ")).collect::<Vec<_>>();
    assert_eq!(licences.join(" OR "), env!("CARGO_PKG_LICENSE"));
    for key in ["message", "title", "authors", "abstract", "keywords"] {
        assert!(citation.contains(&format!("\n{key}:")), "{key}");
    }
    assert!(file("README.md").contains("[CITATION.cff](CITATION.cff)"));
    assert!(page("figures").contains("CITATION.cff"));
}

#[test]
fn continuous_integration_runs_the_test_command_of_the_readme() {
    let commands = file("README.md").split("```sh\n").nth(1).expect("the two commands").to_owned();
    let test = commands.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("a command");
    assert!(file(".ci/run").contains(&format!("exec {test}\n")), "{test}");
    assert!(file(".github/workflows/ci.yml").contains(&format!("run: {test}\n")), "{test}");
}

#[test]
fn the_example_config_of_the_guide_is_a_plan() {
    let example = blocks("toml").into_iter().find(|(_, block)| block.starts_with("name = \"example\""));
    let (path, example) = example.expect("an example");
    let plan = plan(&Source::new(path, example), &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
    // 3 depths x 2 activations x 2 x 3 seeds x 2 batches, less sigmoid at two depths, and one more.
    assert_eq!(plan.len(), 72 - 24 + 1);
}

#[test]
fn every_config_in_the_readme_and_the_guide_is_a_plan_without_warnings() {
    let examples = blocks("toml");
    assert_eq!(examples.len(), 3, "of feed-forward nets, of claims, and of recurrent nets");
    for (path, example) in examples {
        let plan = plan(&Source::new(path, example.as_str()), &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
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
fn the_tables_columns_are_those_that_the_guide_lists() {
    let files = page("files");
    let listed = |table: &str| -> Vec<String> {
        let row = files.lines().find(|line| line.starts_with(&format!("| `{table}.csv`"))).expect("a row");
        row.split('|').nth(3).expect("columns").split(',').map(|c| c.trim().to_owned()).collect()
    };
    for table in [Table::Runs, Table::Steps, Table::Trace, Table::Time, Table::Gates] {
        let fields: Vec<String> = vgrun::tables::fields(table).into_iter().map(|field| field.name).collect();
        assert_eq!(listed(table.name()), fields);
    }
}

#[test]
fn the_glossary_has_the_words_of_vgrun_list() {
    let files = page("files");
    for (word, meaning) in WORDS {
        let row = format!("| {word} | {meaning} |");
        assert!(files.lines().any(|line| line == row), "{row}");
    }
}
