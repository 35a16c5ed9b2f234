//! `vgrun export`: the tables as a spreadsheet reads them.

use crate::plan::MOST_SHEET_ROWS;
use crate::tables;

use super::args::ExportArguments;
use super::error::CliError;
use super::exit::Exit;
use super::number::thousands;
use super::print::{note, out};
use super::stored::of_experiment;

pub(super) fn export(arguments: &ExportArguments) -> Result<Exit, CliError> {
    let (plan, folder) = of_experiment(&arguments.experiment)?;
    for sheet in tables::export(&plan, &folder, arguments.to.as_deref())? {
        let path = sheet.path.display();
        out(&format!("wrote {path}"))?;
        if sheet.rows > MOST_SHEET_ROWS {
            let [rows, most] = [sheet.rows, MOST_SHEET_ROWS].map(thousands);
            note(&format!("note: {path} has {rows} rows, and a sheet holds {most}: a larger trace.every makes fewer"));
        }
    }
    Ok(Exit::Fine)
}
