//! One column of a table: its description and how its value comes from a row.

use crate::tables::cell::CellValue;
use crate::tables::field::{Field, FieldKind};

/// A column of a table with rows of type `R`.
pub(in crate::tables) struct TableColumn<R> {
    pub(in crate::tables) name: &'static str,
    pub(in crate::tables) kind: FieldKind,
    pub(in crate::tables) unit: &'static str,
    pub(in crate::tables) doc: &'static str,
    names: fn() -> Vec<&'static str>,
    /// Takes the column's value from a row.
    pub(in crate::tables) cell: fn(&R) -> CellValue<'static>,
}

impl<R> TableColumn<R> {
    /// Describes the column.
    pub(in crate::tables) fn field(&self) -> Field {
        Field {
            name: self.name.into(),
            kind: self.kind,
            group: Field::MEASURED,
            unit: self.unit,
            doc: self.doc.into(),
            names: (self.names)(),
        }
    }
}

/// Makes a column of whole numbers.
pub(in crate::tables) const fn integer<R>(
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    cell: fn(&R) -> CellValue<'static>,
) -> TableColumn<R> {
    TableColumn { name, kind: FieldKind::Integer, unit, doc, names: Vec::new, cell }
}

/// Makes a column of numbers.
pub(in crate::tables) const fn number<R>(
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    cell: fn(&R) -> CellValue<'static>,
) -> TableColumn<R> {
    TableColumn { name, kind: FieldKind::Number, unit, doc, names: Vec::new, cell }
}

/// Makes a column of truth values.
pub(in crate::tables) const fn boolean<R>(
    name: &'static str,
    doc: &'static str,
    cell: fn(&R) -> CellValue<'static>,
) -> TableColumn<R> {
    TableColumn { name, kind: FieldKind::Boolean, unit: "", doc, names: Vec::new, cell }
}

/// Makes a column of text.
pub(in crate::tables) const fn text<R>(
    name: &'static str,
    doc: &'static str,
    cell: fn(&R) -> CellValue<'static>,
) -> TableColumn<R> {
    TableColumn { name, kind: FieldKind::Text, unit: "", doc, names: Vec::new, cell }
}

/// Makes a column of text that is one of a few names.
pub(in crate::tables) const fn word<R>(
    name: &'static str,
    doc: &'static str,
    names: fn() -> Vec<&'static str>,
    cell: fn(&R) -> CellValue<'static>,
) -> TableColumn<R> {
    TableColumn { name, kind: FieldKind::Text, unit: "", doc, names, cell }
}
