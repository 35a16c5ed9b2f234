//! `vgrun accept`: make what the last check or sweep measured the baseline, after showing what that changes.

use crate::cli::arguments::Experiment;
use clap::Args;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::path::PathBuf;

use crate::check::{Allowed, Baseline, BaselineError, Comparison, Known, Runs};
use crate::plan::Plan;
use crate::spec::NUMERICS;
use crate::store::{self, ResultFile};

use crate::cli::session::error::CliError;
use crate::cli::session::judged::{baseline_path, foreign, stored};
use crate::cli::session::load::load;
use crate::cli::session::stored::must_have_the_data;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::counted;
use crate::cli::terminal::print::{note, out};
use crate::cli::view::differences::text;

/// Arguments of `accept`.
#[derive(Debug, Args)]
pub(crate) struct AcceptArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    /// Write it without a question
    #[arg(long)]
    pub(crate) yes: bool,
    /// Take the gradients that another program wrote as CSV, as `check --traces` reads them
    #[arg(long, value_name = "FILE")]
    pub(crate) traces: Option<PathBuf>,
}

/// What other programs are allowed in decades: their sums have no fixed order, so their bits change from run to run.
const TOLERANCE_OF_TRACES: f64 = 0.01;

pub(crate) fn run(arguments: &AcceptArguments) -> Result<Exit, CliError> {
    let (plan, folder) = load(&arguments.experiment, false)?;
    let (runs, known) = match &arguments.traces {
        Some(file) => foreign(&plan, file)?,
        None => (finished(arguments, &plan, &folder)?, Known::All),
    };
    let path = baseline_path(&arguments.experiment.config, &plan);
    let mut new = runs.baseline(&plan).only(|key| known.keeps(key));
    new.tolerance_decades = match known {
        Known::All => None,
        Known::Trace(_) => plan.experiment().check.tolerance_decades.is_none().then_some(TOLERANCE_OF_TRACES),
    };
    let broken = new.values.values().filter(|number| number.counts.is_some_and(|n| n.nan + n.plus_inf > 0)).count();
    if broken > 0 {
        let broken = counted(broken, "number");
        note(&format!("note: {broken} of the new baseline are NaN or infinite in some seed: is that what is meant?"));
    }
    let Some(old) = old(&path)? else {
        out(&format!("{}: new, {} numbers of {} cells", path.display(), new.values.len(), plan.cells().len()))?;
        return write(arguments, &path, &new);
    };
    if old.numerics != NUMERICS {
        out(&format!("{}: numerics version {} -> {NUMERICS}", path.display(), old.numerics))?;
    }
    match old.with_axes(&new.axes) {
        None => {
            let [old, new] = [&old, &new].map(|baseline| baseline.axes.join(", "));
            out(&format!("{}: over {new} instead of {old}", path.display()))?;
        }
        Some(turned) => {
            let comparison = Comparison::of(&turned, &new, |_| Allowed::Decades(0.0));
            let is_alike =
                old.is_of_the_old_form() == new.is_of_the_old_form() && old.tolerance_decades == new.tolerance_decades;
            if old.numerics == NUMERICS && old.axes == new.axes && is_alike && comparison.is_clean() {
                out(&format!("{}: nothing changes", path.display()))?;
                return Ok(Exit::Fine);
            }
            out(text(&comparison, &old, &new).trim_end())?;
        }
    }
    write(arguments, &path, &new)
}

/// The stored runs, if a check or a sweep ended with them: what is left of one that was stopped, or whose runs failed, may
/// be of several versions of the program.
fn finished(arguments: &AcceptArguments, plan: &Plan, folder: &Path) -> Result<Runs, CliError> {
    let (config, words) = (|| arguments.experiment.config.path.clone(), || arguments.experiment.line());
    must_have_the_data(&arguments.experiment, plan, folder)?;
    let (runs, _) = stored(plan, folder)?;
    if runs.missing() > 0 {
        return Err(CliError::NotMeasured { config: config(), words: words(), runs: runs.missing() });
    }
    let ended = [Exit::Fine, Exit::CheckFailed].map(Exit::code);
    match ResultFile::read(folder)? {
        Some(result) if ended.contains(&result.exit_code) && result.plan == plan.hash() => Ok(runs),
        Some(_) | None => Err(CliError::NotFinished { config: config(), words: words() }),
    }
}

/// The baseline that there is; one that is damaged is none. Any other file stays: the config may name one by mistake.
fn old(path: &Path) -> Result<Option<Baseline>, CliError> {
    match Baseline::find(path) {
        Err(error @ BaselineError::Format { .. }) => {
            note(&format!("note: {error}"));
            Ok(None)
        }
        found => Ok(found?),
    }
}

fn write(arguments: &AcceptArguments, path: &Path, new: &Baseline) -> Result<Exit, CliError> {
    let text = new.to_file(path)?;
    if !arguments.yes && !confirmed()? {
        note("nothing was written; --yes writes it without a question");
        return Ok(Exit::Error);
    }
    store::write_whole(path, &text)?;
    out(&format!("wrote {}: commit it", path.display()))?;
    Ok(Exit::Fine)
}

/// Asks a person; where there is none, nobody agreed.
fn confirmed() -> io::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    write!(io::stderr().lock(), "make this the baseline? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
