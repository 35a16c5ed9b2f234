//! One key of a config that is no key of a run, as data: its name, what it means, and what it holds.

use toml::Value;

use crate::names::named;
use crate::spec::Shape;

/// A key of a section.
#[derive(Debug)]
pub(in crate::config) struct Setting {
    pub(in crate::config) name: &'static str,
    /// What it means, in one sentence.
    pub(in crate::config) doc: &'static str,
    pub(in crate::config) holds: Holds,
    pub(in crate::config) absent: Absent,
}

/// What stands behind a key.
#[derive(Debug)]
pub(in crate::config) enum Holds {
    Value(fn() -> Shape),
    /// `[section]`, or `{ .. }`.
    Table(TableKeys),
    /// `[[section]]`, any number of times, each with at least one key.
    Blocks(TableKeys),
}

/// The keys of a table.
#[derive(Debug)]
pub(in crate::config) enum TableKeys {
    /// Settings of its own.
    Settings(&'static [Setting]),
    /// Keys of the run, dotted or in their groups.
    Run(HowMany),
    /// One value under each of some names.
    Each(fn() -> Vec<&'static str>, fn() -> Shape),
}

named! {
    /// How many values a key of the run has. The names are those of definitions in the schema.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(in crate::config) enum HowMany {
        /// One, as in `[run]`.
        One = "value",
        /// A list or a range, each value once: as in `[grid]`.
        Axis = "axis",
        /// A list or a range, whose values may come again: as in `[[zip]]`.
        Column = "column",
        /// One or several: as in `[[exclude]]`.
        Any = "any_of",
    }
}

/// What it means that a key is not there.
#[derive(Debug)]
pub(in crate::config) enum Absent {
    /// An error.
    Error,
    /// Whatever its description says.
    Nothing,
    /// This value stands for it.
    Default(fn() -> Value),
}

/// A key that may be left out.
pub(in crate::config) const fn setting(name: &'static str, doc: &'static str, holds: Holds) -> Setting {
    Setting { name, doc, holds, absent: Absent::Nothing }
}

impl Setting {
    /// Makes it a key that must be there.
    pub(in crate::config) const fn required(self) -> Self {
        Self { absent: Absent::Error, ..self }
    }

    /// Sets the value that stands for it where it is not there.
    pub(in crate::config) const fn or(self, default: fn() -> Value) -> Self {
        Self { absent: Absent::Default(default), ..self }
    }
}

/// The names of keys, in their order.
pub(in crate::config) fn names(settings: &[Setting]) -> Vec<&'static str> {
    settings.iter().map(|setting| setting.name).collect()
}
