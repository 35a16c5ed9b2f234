//! A table of texts.

use comfy_table::{CellAlignment, Table, presets};

/// The header and the rows, aligned.
pub(crate) fn table((header, rows): (Vec<String>, Vec<Vec<String>>)) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header).add_rows(rows);
    for (i, column) in table.column_iter_mut().enumerate() {
        let (left, alignment) = if i == 0 { (0, CellAlignment::Left) } else { (2, CellAlignment::Right) };
        column.set_padding((left, 0)).set_cell_alignment(alignment);
    }
    // Trailing blanks would wrap on a narrow terminal.
    table.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}
