//! `vgrun accept`: make what the last check or sweep measured the baseline, after showing what that changes.

use std::io::{self, IsTerminal as _, Write as _};

use crate::check::{Allowed, Baseline, Comparison};
use crate::plan::Plan;
use crate::spec::NUMERICS;
use crate::store;

use super::args::AcceptArguments;
use super::check::{baseline_path, stored};
use super::differences::text;
use super::error::CliError;
use super::exit::Exit;
use super::plan::short_hash;
use super::print::{note, out};
use super::start::load;

pub(super) fn accept(arguments: &AcceptArguments) -> Result<Exit, CliError> {
    let plan = load(&arguments.experiment, false)?;
    let folder = arguments.experiment.folder(&plan.experiment().name, &short_hash(&plan));
    let (runs, _) = stored(&plan, &folder)?;
    if runs.missing() > 0 {
        return Err(CliError::NotMeasured { config: arguments.experiment.config.path.clone(), runs: runs.missing() });
    }
    let path = baseline_path(&arguments.experiment.config, &plan);
    let new = runs.baseline(&plan);
    let old = if path.exists() { Some(Baseline::read(&path)?) } else { None };
    match &old {
        None => out(&format!("{}: new, {} numbers of {} cells", path.display(), new.values.len(), cells(&plan)))?,
        Some(old) => {
            let comparison = Comparison::of(old, &new, |_| Allowed::Decades(0.0));
            if old.numerics == NUMERICS && comparison.is_clean() {
                out(&format!("{}: nothing changes", path.display()))?;
                return Ok(Exit::Fine);
            }
            if old.numerics != NUMERICS {
                out(&format!("{}: numerics version {} -> {NUMERICS}", path.display(), old.numerics))?;
            }
            out(text(&comparison).trim_end())?;
        }
    }
    if !arguments.yes && !confirmed()? {
        note("nothing was written; --yes writes it without a question");
        return Ok(Exit::Error);
    }
    store::write_whole(&path, &new.to_csv())?;
    out(&format!("wrote {}: commit it", path.display()))?;
    Ok(Exit::Fine)
}

fn cells(plan: &Plan) -> usize {
    plan.cells().len()
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
