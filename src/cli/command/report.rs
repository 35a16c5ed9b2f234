//! `vgrun report`: figures and a page from what is stored; nothing is trained.

use crate::cli::arguments::{Experiment, OR_FOLDER};
use clap::Args;

use crate::report::{Colours, Screen, terminal};
use crate::store::Store;

use crate::cli::session::drawing::{gathered, write};
use crate::cli::session::error::CliError;
use crate::cli::session::stored::of_experiment;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::counted;
use crate::cli::terminal::print::{colour_out, note, out, out_coloured, width_out};

/// Arguments of `report`.
#[derive(Debug, Args)]
#[command(mut_arg("path", |path| path.help(OR_FOLDER)))]
pub(crate) struct ReportArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    /// Draw profiles, across layers and through time, and heat maps in the terminal, and write nothing
    #[arg(long)]
    pub(crate) terminal: bool,
}

pub(crate) fn run(arguments: &ReportArguments) -> Result<Exit, CliError> {
    let (plan, folder) = of_experiment(&arguments.experiment)?;
    let store = Store::open(&folder, &plan)?;
    store.notices().iter().for_each(|notice| note(&format!("note: {notice}")));
    let gathered = gathered(&plan, &store)?;
    if gathered.counts.done() == 0 {
        // What an earlier report drew stays.
        return Err(CliError::NoneStored(folder));
    }
    if gathered.counts.done() < plan.len() {
        let (lacking, all) = (plan.len() - gathered.counts.done(), counted(plan.len(), "run"));
        note(&format!("{lacking} of {all} have no result in {}", folder.display()));
    }
    if arguments.terminal {
        let colours = if colour_out() { Colours::Ansi } else { Colours::None };
        out_coloured(terminal(&gathered, Screen { colours, width: width_out() }).trim_end())?;
        return Ok(Exit::Fine);
    }
    let written = write(&plan, &gathered, &folder)?;
    written.iter().try_for_each(|path| out(&format!("wrote {}", path.display())))?;
    Ok(Exit::Fine)
}
