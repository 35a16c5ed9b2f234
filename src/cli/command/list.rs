//! `vgrun list`: the catalogue of what a config can name and of what every column means. Every text is that of the enum,
//! key or column itself.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table as Grid, presets};
use serde::{Serialize, Serializer};

use crate::config::Table;
use crate::data::DataSource;
use crate::metric::WORDS;
use crate::nn::{Activation, Init, OptimizerKind};
use crate::spec::{KEYS, Key, RunMetric, RunSpec};
use crate::tables::{Field, fields, statistics};

use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::out;

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// A section of the catalogue [default: all]
    pub(crate) section: Option<Section>,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A section of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Section {
    /// Activations, with formula and derivative
    Activations,
    /// Distributions of the initial weights
    Inits,
    /// Update rules, with their keys and defaults
    Optimizers,
    /// Data sets
    Data,
    /// The columns of every table
    Metrics,
    /// The words of tables, pages and messages
    Words,
}

/// No line of the catalogue is longer.
const WIDTH: u16 = 100;

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, CliError> {
    let chosen = arguments.section.map_or(Section::value_variants().to_vec(), |section| vec![section]);
    if arguments.json {
        let chapters: Vec<(&str, Chapter)> = chosen.into_iter().map(|s| (s.title(), s.chapter())).collect();
        let all: BTreeMap<&str, Vec<Entry<'_>>> = chapters.iter().map(|(title, c)| (*title, c.entries())).collect();
        out(&serde_json::to_string_pretty(&all).expect("maps of text always serialize"))?;
    } else {
        let texts: Vec<String> = chosen.into_iter().map(Section::text).collect();
        out(texts.join("\n").trim_end())?;
    }
    Ok(Exit::Fine)
}

/// A table of texts under a heading for each column; the first column is the name.
struct Chapter {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// A row with its headings, which JSON writes as a map in the columns' order.
struct Entry<'a> {
    headings: &'a [&'static str],
    cells: &'a [String],
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.headings.iter().zip(self.cells))
    }
}

impl Section {
    fn title(self) -> &'static str {
        match self {
            Self::Activations => "activations",
            Self::Inits => "inits",
            Self::Optimizers => "optimizers",
            Self::Data => "data",
            Self::Metrics => "metrics",
            Self::Words => "words",
        }
    }

    fn chapter(self) -> Chapter {
        match self {
            Self::Activations => activations(),
            Self::Inits => inits(),
            Self::Optimizers => optimizers(),
            Self::Data => data(),
            Self::Metrics => metrics(),
            Self::Words => words(),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Activations | Self::Inits | Self::Optimizers | Self::Data | Self::Words => {
                format!("{}\n{}", self.title(), self.chapter().text())
            }
            // One grid for each table: a name of one would make all others narrow.
            Self::Metrics => Table::ALL.map(columns_text).join("\n"),
        }
    }
}

fn words() -> Chapter {
    let row = |(word, meaning): (&str, &str)| vec![word.into(), meaning.into()];
    Chapter { headings: vec!["name", "meaning"], rows: WORDS.map(row).into() }
}

fn activations() -> Chapter {
    let row = |phi: Activation| {
        let formulas = phi.formulas();
        vec![
            phi.name().into(),
            phi.aliases().join(", "),
            formulas.value.into(),
            formulas.derivative.into(),
            formulas.paper.into(),
        ]
    };
    Chapter {
        headings: vec!["name", "aliases", "formula", "derivative", "paper"],
        rows: Activation::ALL.map(row).into(),
    }
}

fn inits() -> Chapter {
    let row = |init: Init| {
        let origin = init.origin();
        let aliases = origin.aliases.join(", ");
        vec![init.name().into(), aliases, origin.distribution.into(), origin.variance.into(), origin.paper.into()]
    };
    let headings = vec!["name", "aliases", "distribution", "variance", "paper"];
    Chapter { headings, rows: Init::ALL.map(row).into() }
}

/// The keys of a rule are those that a run with it uses and a run with some other rule does not, and the learning rate.
fn optimizers() -> Chapter {
    let run_with = |kind| {
        let mut run = RunSpec::default();
        run.train.optimizer.kind = kind;
        run
    };
    let is_of_rules = |key: &&Key| {
        key.name == "train.learning_rate" || OptimizerKind::ALL.iter().any(|kind| !(key.used)(&run_with(*kind)))
    };
    let row = |kind: OptimizerKind| {
        let mut run = run_with(kind);
        let keys = KEYS.iter().filter(|key| key.name.starts_with("train.")).filter(is_of_rules);
        let used: Vec<&Key> = keys.filter(|key| (key.used)(&run)).collect();
        used.iter().for_each(|key| (key.reset)(&mut run));
        let shown: Vec<String> =
            used.iter().map(|key| format!("{} = {}", key.short_name(), (key.show)(&run))).collect();
        vec![kind.name().into(), shown.join(", ")]
    };
    Chapter { headings: vec!["name", "keys and defaults"], rows: OptimizerKind::ALL.map(row).into() }
}

fn data() -> Chapter {
    let row = |source: DataSource| {
        let about = source.about();
        vec![source.name().into(), about.what.into(), about.size.into(), about.origin.into()]
    };
    Chapter { headings: vec!["name", "examples", "size", "origin"], rows: DataSource::ALL.map(row).into() }
}

fn metrics() -> Chapter {
    let rows = Table::ALL.into_iter().flat_map(|table| {
        let row = move |field: Field| vec![field.name, table.file(), field.group.into(), field.unit.into(), field.doc];
        fields(table).into_iter().map(row)
    });
    Chapter { headings: vec!["name", "table", "group", "unit", "definition"], rows: rows.collect() }
}

/// A table's columns, with the unit behind the definition.
fn columns_text(table: Table) -> String {
    let columns = match table {
        Table::Summary => summary_text(),
        Table::Runs | Table::Layers | Table::Steps | Table::Trace | Table::Time | Table::Gates | Table::Effects => {
            columns("column", fields(table)).text()
        }
    };
    format!("metrics: {}. {}\n{columns}", table.file(), table.doc())
}

/// Columns with their definitions, under the name of what they are.
fn columns(heading: &'static str, fields: impl IntoIterator<Item = Field>) -> Chapter {
    let row = |field: Field| {
        let unit = if field.unit.is_empty() { String::new() } else { format!(" [{}]", field.unit) };
        vec![field.name, field.doc + &unit]
    };
    Chapter { headings: vec![heading, "definition [unit]"], rows: fields.into_iter().map(row).collect() }
}

/// The columns of summary.csv, a block for each group. Its metrics are columns of runs.csv and have all the same
/// statistics: these are said once.
fn summary_text() -> String {
    let metrics = RunMetric::ALL.map(RunMetric::name);
    let is_metric = |field: &Field| metrics.contains(&field.group);
    let axes = "The value of each swept key but the seed, under its name in the other tables.";
    let mut blocks =
        vec![Chapter { headings: vec![Field::AXES, "definition"], rows: vec![vec!["<axis>".into(), axes.into()]] }];
    let all = fields(Table::Summary);
    for group in all.chunk_by(|a, b| a.group == b.group || is_metric(a) && is_metric(b)) {
        if is_metric(&group[0]) {
            let of_runs = fields(Table::Runs).into_iter().filter(|field| metrics.contains(&field.name.as_str()));
            blocks.push(columns("metric", of_runs));
            blocks.push(columns("statistics of each metric", statistics("<metric>", "unit of the metric")));
        } else {
            blocks.push(columns(group[0].group, group.iter().cloned()));
        }
    }
    blocks.iter().map(Chapter::text).collect::<Vec<_>>().join("\n")
}

impl Chapter {
    fn entries(&self) -> Vec<Entry<'_>> {
        self.rows.iter().map(|cells| Entry { headings: &self.headings, cells }).collect()
    }

    /// Aligned columns; what does not fit on a line goes on below, in its column.
    fn text(&self) -> String {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
        grid.set_header(&self.headings).add_rows(&self.rows);
        for column in grid.column_iter_mut() {
            column.set_padding((2, 0));
        }
        grid.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
    }
}
