//! `vgrun export`: the tables as a spreadsheet reads them.

use crate::cli::arguments::{Experiment, OR_FOLDER};
use crate::plan::MOST_SHEET_ROWS;
use crate::tables;
use clap::Args;
use std::path::PathBuf;

use crate::cli::session::error::CliError;
use crate::cli::session::stored::of_experiment;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::thousands;
use crate::cli::terminal::print::{note, out};

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(mut_arg("path", |path| path.help(OR_FOLDER)))]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    /// Write for a spreadsheet whose language has a decimal comma: cells between semicolons, 0,5 for 0.5
    #[arg(long, required = true)]
    pub(crate) excel_locale: bool,
    #[arg(long, value_name = "DIR", help = "The folder of the copies [default: excel in the experiment's folder]")]
    pub(crate) to: Option<PathBuf>,
}

pub(crate) fn run(arguments: &ExportArguments) -> Result<Exit, CliError> {
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
