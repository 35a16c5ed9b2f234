//! Drawing the figures and the page of a report into the results folder.

use std::path::{self, Path, PathBuf};

use crate::cluster::quoted_path;
use crate::config::Table;
use crate::plan::Plan;
use crate::report::{Gathered, KINDS, PageFacts, PageTable, figures, gather, page};
use crate::store::{self, Manifest, ResultFile, Store};

use crate::cli::arguments::{Config, Experiment, RESULTS};
use crate::cli::session::error::CliError;

/// Draws what a sweep has just stored; the paths of what it wrote.
pub(crate) fn draw(plan: &Plan, folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    write(plan, &gathered(plan, &Store::open(folder, plan)?)?, folder)
}

/// What the page says beside what was gathered, all of it from the folder, wherever that is.
fn page_facts(plan: &Plan, folder: &Path) -> Result<PageFacts, CliError> {
    let manifest = Manifest::read(folder)?.ok_or_else(|| CliError::NoResults(folder.into()))?;
    // The last command may have been of another plan, without a result.
    let result = ResultFile::read(folder)?.filter(|result| result.plan == manifest.plan);
    let checked = result.map(|result| result.check);
    // What the sweep had as --name and --out is not kept: it says where the folder was, and nothing of what is in it.
    let name = &plan.experiment().name;
    let config = Config { path: format!("{name}.toml").into(), sets: manifest.overrides };
    let again = Experiment { config, out: RESULTS.into(), name: None };
    Ok(PageFacts {
        command: format!("vgrun sweep {}", again.line()),
        folder: again.folder_of(plan).display().to_string(),
        config: manifest.config,
        vgrun: manifest.vgrun,
        numerics: manifest.numerics,
        plan: manifest.plan,
        // Of a sweep there is null, which is no list of cases.
        checked: checked.and_then(|check| serde_json::from_value(check).ok()).unwrap_or_default(),
        tables: plan.tables().into_iter().map(|table| page_table(table, folder)).collect::<Result<_, _>>()?,
    })
}

fn page_table(table: Table, folder: &Path) -> Result<PageTable, CliError> {
    let sha256 = store::checksum(&folder.join(table.file()))?;
    Ok(PageTable { file: table.file(), what: table.doc().into(), sha256 })
}

/// How to have a sweep's results drawn: a command for a shell in whatever folder.
pub(crate) fn command(folder: &Path) -> String {
    let folder = path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    format!("vgrun report {}", quoted_path(&folder))
}

/// What figures are drawn from.
pub(crate) fn gathered(plan: &Plan, store: &Store) -> Result<Gathered, CliError> {
    gathered_of(plan, store, |_| true)
}

/// What figures of the cells are drawn from whose first run `is_wanted` wants.
pub(crate) fn gathered_of(plan: &Plan, store: &Store, is_wanted: impl Fn(usize) -> bool) -> Result<Gathered, CliError> {
    Ok(gather(plan, is_wanted, |run| store.read_run(plan, run))?)
}

/// Writes every figure and the page; their paths.
pub(crate) fn write(plan: &Plan, gathered: &Gathered, folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let figures = figures(gathered);
    let texts: Vec<(&str, &str)> = figures.iter().map(|figure| (figure.name, figure.svg.as_str())).collect();
    let mut written = store::write_figures(folder, &texts, &KINDS.map(|kind| kind.name))?;
    let path = folder.join("report.html");
    store::write_whole(&path, page(gathered, &figures, &page_facts(plan, folder)?))?;
    // Last, where it is read first on a terminal.
    written.push(path);
    Ok(written)
}
