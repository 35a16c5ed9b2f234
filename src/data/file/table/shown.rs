//! Cells and columns as messages show them.

/// A cell in a message: it may be a whole page, and its beginning is enough.
pub(super) fn shown(cell: &str) -> String {
    const SHOWN: usize = 40;
    cell.chars().take(SHOWN).collect()
}

/// A column for messages: `2`, or ``2 (`age`)``. There are no names where there is no header.
pub(super) fn column_in(names: &[String], column: usize) -> String {
    match names.get(column) {
        Some(name) if !name.is_empty() => format!("{} (`{}`)", column + 1, shown(name).escape_debug()),
        Some(_) => format!("{} (without a name)", column + 1),
        None => (column + 1).to_string(),
    }
}
