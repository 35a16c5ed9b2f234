//! The keys of a config that are no keys of a run, as data: the names that messages choose from, and what each means and
//! holds, which the schema is written from. Reads nothing: each section's own file does.

use toml::Value;

use crate::spec::Shape;

/// A key of a section.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    /// What it means, in one sentence.
    pub(super) doc: &'static str,
    pub(super) holds: Holds,
    pub(super) absent: Absent,
}

/// What stands behind a key.
#[derive(Debug)]
pub(super) enum Holds {
    Value(fn() -> Shape),
    /// `[section]`, or `{ .. }`.
    Table(Part),
    /// `[[section]]`, any number of times, each with at least one key.
    Blocks(Part),
}

/// The keys of a table.
#[derive(Debug)]
pub(super) enum Part {
    /// Settings of its own.
    Settings(&'static [Setting]),
    /// Keys of the run, dotted or in their groups.
    Run(Values),
    /// One value under each of some names.
    Each(fn() -> Vec<&'static str>, fn() -> Shape),
}

/// How many values a key of the run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// One, as in `[run]`.
    One,
    /// A list or a range, each value once: as in `[grid]`.
    Axis,
    /// The same, with values that may come again: as in `[[zip]]`.
    Column,
    /// One or several: as in `[[exclude]]`.
    Any,
}

impl Values {
    pub(super) const ALL: [Self; 4] = [Self::One, Self::Axis, Self::Column, Self::Any];
}

/// What it means that a key is not there.
#[derive(Debug)]
pub(super) enum Absent {
    /// That is an error.
    Error,
    /// What its description says.
    Nothing,
    /// The same as this value.
    Default(fn() -> Value),
}

/// A key that may be left out.
pub(super) const fn setting(name: &'static str, doc: &'static str, holds: Holds) -> Setting {
    Setting { name, doc, holds, absent: Absent::Nothing }
}

impl Setting {
    /// The same, as a key that must be there.
    pub(super) const fn required(self) -> Self {
        Self { absent: Absent::Error, ..self }
    }

    /// The same with what stands for it where it is not there.
    pub(super) const fn or(self, default: fn() -> Value) -> Self {
        Self { absent: Absent::Default(default), ..self }
    }
}

/// The names of keys, in their order.
pub(super) fn names(settings: &[Setting]) -> Vec<&'static str> {
    settings.iter().map(|setting| setting.name).collect()
}
