//! A column as it is described to readers: name, type, unit and meaning.

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A whole number.
    Integer,
    /// A number, `NaN`, `inf` or `-inf`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A name.
    Text,
}

/// A column as it is described to readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in the header.
    pub name: String,
    /// The type of its cells.
    pub kind: FieldKind,
    /// The group of the table's columns that it belongs to: in summary.csv and effects.csv the metric that it is a number
    /// of, or what else it is about; in the other tables [`Field::MEASURED`]; of an axis [`Field::AXES`].
    pub group: &'static str,
    /// The unit; empty where there is none.
    pub unit: &'static str,
    /// The definition, in one sentence.
    pub doc: String,
    /// The names that occur in a column of text, if they are known beforehand.
    pub names: Vec<&'static str>,
}

impl Field {
    /// The group of the columns that say which run or cell a row is of.
    pub const AXES: &str = "axes";

    /// The group of the columns that say something of one run.
    pub const MEASURED: &str = "measured";
}
