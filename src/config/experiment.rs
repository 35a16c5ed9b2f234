//! What a config says, typed: the run that all points share, the axes, the rules; and where each part was said.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Value;

use super::{Place, Range, Source};
use crate::spec::{Claim, Draft, KeySet, Metric};

/// What a config says, with `--set` applied. Every value in it is one of its key's.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Names the folder of its results: [a-z0-9_-]+.
    pub name: String,
    /// Why it exists; may be empty.
    pub why: String,
    /// The most points that are expanded.
    pub max_runs: u64,
    /// `output.tables`.
    pub tables: OutputTables,
    /// `[run]`.
    pub base: Draft,
    /// Where each key of `base` was last said, by its index in [`crate::spec::KEYS`].
    pub said: BTreeMap<usize, Place>,
    /// `[grid]` and `[[zip]]`, the slowest first.
    pub axes: Vec<Axis>,
    /// `[[exclude]]`.
    pub excludes: Vec<Rule>,
    /// `[[include]]`.
    pub includes: Vec<Include>,
    /// `[[expect]]`, in the order of the text.
    pub expectations: Vec<Expectation>,
    /// `[check]`.
    pub check: Check,
    /// Keys that an error left with a value the user did not mean. Empty in a config without errors.
    pub doubtful: KeySet,
    /// The file's text.
    pub source: Arc<Source>,
    /// The arguments of `--set`.
    pub sets: Vec<String>,
}

/// Keys that move together; one key in `[grid]`, one or more in a `[[zip]]`.
#[derive(Debug, Clone)]
pub struct Axis {
    /// Where the axis begins.
    pub place: Place,
    /// At least one; all of one length.
    pub columns: Vec<Column>,
}

impl Axis {
    /// The number of values, at least 1.
    pub fn len(&self) -> u64 {
        self.columns[0].values.len()
    }

    /// Never: an axis has a first value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A key with its values.
#[derive(Debug, Clone)]
pub struct Column {
    /// The key's index in [`crate::spec::KEYS`].
    pub key: usize,
    /// Where the key was said.
    pub place: Place,
    /// At least one.
    pub values: Values,
}

/// The values of a key.
#[derive(Debug, Clone)]
pub enum Values {
    /// As they were written.
    Listed(Vec<Item>),
    /// Computed when asked for.
    Range(Range, Place),
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Item {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Listed(items) => items.len() as u64,
            Self::Range(range, _) => range.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Value number `i`, from 0.
    ///
    /// # Panics
    /// If `i` is not below [`Values::len`].
    pub fn get(&self, i: u64) -> Value {
        match self {
            Self::Listed(items) => items[index(i)].value.clone(),
            Self::Range(range, _) => range.get(i),
        }
    }

    /// Where value number `i` stands; of a range, where the range does.
    ///
    /// # Panics
    /// If `i` is not below [`Values::len`].
    pub fn place(&self, i: u64) -> &Place {
        match self {
            Self::Listed(items) => &items[index(i)].place,
            Self::Range(_, place) => place,
        }
    }
}

fn index(i: u64) -> usize {
    usize::try_from(i).expect("a list fits the memory")
}

/// `[[exclude]]`: drops the points that agree with one value of each of its keys.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where the rule begins.
    pub place: Place,
    /// At least one.
    pub columns: Vec<Column>,
}

/// `[[include]]`: adds the product of its axes, over `[run]`.
#[derive(Debug, Clone)]
pub struct Include {
    /// Where the block begins.
    pub place: Place,
    /// At least one, each of one key.
    pub axes: Vec<Axis>,
}

/// `[[expect]]`: a claim about the runs of some points.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Where the block begins.
    pub place: Place,
    /// No other of the config has it.
    pub name: String,
    /// `where`: the points that agree with one value of each key; all where it is empty.
    pub points: Vec<Column>,
    /// What is claimed.
    pub claim: Claim,
    /// Why it is known not to hold; none where it is to hold.
    pub expected_failure: Option<String>,
    /// Where each key of the block was said.
    pub(super) keys: BTreeMap<String, Place>,
}

impl Expectation {
    /// Where a key of the block was said; where the block begins if it was not.
    pub fn place_of(&self, key: &str) -> &Place {
        self.keys.get(key).unwrap_or(&self.place)
    }
}

/// `[check]`: what the runs are held against.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Check {
    /// The baseline's path as it was written, relative to the config's folder; beside the config where it is not said.
    pub baseline: Option<String>,
    /// By how many decades a run may differ from the baseline; 0 is exact. Where it is not said, the baseline may say it.
    pub tolerance_decades: Option<f64>,
    /// What a metric may differ by instead: decades of a norm, else its own unit.
    pub tolerances: BTreeMap<Metric, f64>,
}

/// Which tables a config asks for.
#[derive(Debug, Clone)]
pub enum OutputTables {
    /// It does not say: all that its runs have rows for.
    NotSaid,
    /// The ones that it names, each once, in the order of [`Table::ALL`], with the first place of each.
    Named(Vec<(Table, Place)>),
}

/// A table of the results that `[output] tables` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// A row per run.
    Runs,
    /// A row per grid cell, over its seeds.
    Summary,
    /// A row per layer of a run.
    Layers,
    /// A row per traced step of a run.
    Steps,
    /// A row per layer at a traced step.
    Trace,
    /// A row per time step of a recurrent layer at a traced step.
    Time,
    /// A row per gate of a recurrent layer at a traced step.
    Gates,
    /// A row per pair of values of an axis, over all else.
    Effects,
}

impl Table {
    /// Every table, in the order in which docs list them.
    pub const ALL: [Self; 8] =
        [Self::Runs, Self::Summary, Self::Layers, Self::Steps, Self::Trace, Self::Time, Self::Gates, Self::Effects];

    /// The name in configs, and of the file before `.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Summary => "summary",
            Self::Layers => "layers",
            Self::Steps => "steps",
            Self::Trace => "trace",
            Self::Time => "time",
            Self::Gates => "gates",
            Self::Effects => "effects",
        }
    }

    /// What it holds, in one sentence.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Runs => "One row per run: how it ended, its verdict, losses and slopes.",
            Self::Summary => "One row per grid cell: statistics over its seeds.",
            Self::Layers => "One row per layer of a run: its gradients, as log10.",
            Self::Steps => "One row per traced step of a run.",
            Self::Trace => "One row per layer at a traced step of a run.",
            Self::Time => "One row per time step of a recurrent layer at a traced step of a run.",
            Self::Gates => "One row per gate of a recurrent layer (lstm, gru) at a traced step of a run.",
            Self::Effects => "One row per pair of values of an axis: what the change does, over all else.",
        }
    }

    /// The file's name.
    pub fn file(self) -> String {
        format!("{}.csv", self.name())
    }
}
