//! One key of a config that is no key of a run, as data: its name, what it means, and what it holds.

use toml::Value;

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

/// How many values a key of the run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum HowMany {
    /// One, as in `[run]`.
    One,
    /// A list or a range, each value once: as in `[grid]`.
    Axis,
    /// The same, with values that may come again: as in `[[zip]]`.
    Column,
    /// One or several: as in `[[exclude]]`.
    Any,
}

impl HowMany {
    pub(in crate::config) const ALL: [Self; 4] = [Self::One, Self::Axis, Self::Column, Self::Any];
}

/// What it means that a key is not there.
#[derive(Debug)]
pub(in crate::config) enum Absent {
    /// That is an error.
    Error,
    /// What its description says.
    Nothing,
    /// The same as this value.
    Default(fn() -> Value),
}

/// A key that may be left out.
pub(in crate::config) const fn setting(name: &'static str, doc: &'static str, holds: Holds) -> Setting {
    Setting { name, doc, holds, absent: Absent::Nothing }
}

impl Setting {
    /// The same, as a key that must be there.
    pub(in crate::config) const fn required(self) -> Self {
        Self { absent: Absent::Error, ..self }
    }

    /// The same with what stands for it where it is not there.
    pub(in crate::config) const fn or(self, default: fn() -> Value) -> Self {
        Self { absent: Absent::Default(default), ..self }
    }
}

/// The names of keys, in their order.
pub(in crate::config) fn names(settings: &[Setting]) -> Vec<&'static str> {
    settings.iter().map(|setting| setting.name).collect()
}
