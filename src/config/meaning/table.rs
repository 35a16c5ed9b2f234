//! The tables of the results, by the names that `[output] tables` gives them.

use crate::config::text::Place;

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
