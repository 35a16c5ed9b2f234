//! The tables of the results, by the names that `[output] tables` gives them.

use crate::config::text::Place;
use crate::names::named;

/// Which tables a config asks for.
#[derive(Debug, Clone)]
pub enum OutputTables {
    /// It does not say: all that its runs have rows for.
    NotSaid,
    /// The ones that it names, each once, in the order of [`Table::ALL`], with the first place of each.
    Named(Vec<(Table, Place)>),
}

named! {
    /// A table of the results that `[output] tables` can name.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Table {
        /// A row per run.
        Runs = "runs",
        /// A row per grid cell, over its seeds.
        Summary = "summary",
        /// A row per layer of a run.
        Layers = "layers",
        /// A row per traced step of a run.
        Steps = "steps",
        /// A row per layer at a traced step.
        Trace = "trace",
        /// A row per time step of a recurrent layer at a traced step.
        Time = "time",
        /// A row per gate of a recurrent layer at a traced step.
        Gates = "gates",
        /// A row per pair of values of an axis, over all else.
        Effects = "effects",
    }
}

impl Table {
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
