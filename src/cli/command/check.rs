//! `vgrun check`: train every run afresh, hold the expectations and the baseline against what came out, say what is not
//! as it should be.

use crate::cli::arguments::{Experiment, Resources};
use clap::Args;
use std::path::{Path, PathBuf};

use crate::check::{self, Allowed, Baseline, Case, Comparison, Known, Runs, Status};
use crate::cluster::quoted_path;
use crate::config::Check;
use crate::plan::Plan;
use crate::spec::{Metric, NUMERICS, SAME_NUMBERS_FROM};
use crate::store::ResultFile;
use crate::sweep::Conclusion;
use crate::trace::Record;

use crate::cli::session::error::CliError;
use crate::cli::session::judged::{baseline_path, foreign, of_the_old_form, stored};
use crate::cli::session::load::load;
use crate::cli::session::output_file;
use crate::cli::session::reports::Reports;
use crate::cli::session::signals::Signals;
use crate::cli::session::stored::must_have_the_data;
use crate::cli::session::training::{Request, Session, note_failures};
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::counted;
use crate::cli::terminal::print::{note, out};
use crate::cli::view::check::json::{json, json_text};
use crate::cli::view::check::junit;
use crate::cli::view::check::text::{github, summary, text};

/// Arguments of `check`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the command's flags")]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    #[command(flatten)]
    pub(crate) resources: Resources,
    /// Judge what is stored, and train nothing
    #[arg(long)]
    pub(crate) stored: bool,
    /// Judge the gradients that another program wrote as CSV, and train nothing
    ///
    /// The file has a row for each run, step and layer, with the config's swept axes, `step`, `layer` (numbers, or
    /// names in the order of the net; the last is the head) and `grad_norm`. The other metrics of trace.csv, above all
    /// `delta_rms`, and `loss` and `role` are read where they are there.
    #[arg(long, value_name = "FILE", conflicts_with = "stored")]
    pub(crate) traces: Option<PathBuf>,
    /// Fail also where the seeds leave a claim undecided
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Annotate the config's lines and write the job summary, in a GitHub workflow
    #[arg(long)]
    pub(crate) github: bool,
    /// Write every case as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

pub(crate) fn run(arguments: &CheckArguments) -> Result<Exit, CliError> {
    let (plan, folder) = load(&arguments.experiment, arguments.quiet)?;
    let path = baseline_path(&arguments.experiment.config, &plan);
    let baseline = stored_baseline(&path, &plan)?;
    if plan.expectations().is_empty() && baseline.is_none() {
        return Err(CliError::NothingToCheck { config: arguments.experiment.config.path.clone(), baseline: path });
    }
    let reports = Reports::of(arguments.junit.as_deref(), arguments.json.as_deref());
    let config = arguments.experiment.config.path.as_path();
    reports.check_places((config, &path, arguments.traces.as_deref()), &plan, &folder)?;
    let read = match &arguments.traces {
        Some(file) => {
            let (runs, known) = foreign(&plan, file)?;
            Some((runs, Exit::Fine, known))
        }
        None if arguments.stored => {
            must_have_the_data(&arguments.experiment, &plan, &folder)?;
            Some(measured(stored(&plan, &folder)?))
        }
        None => None,
    };
    // All that is read has been: what is wrong with it takes no earlier report away.
    reports.clear()?;
    let (runs, ended, known) = match read {
        Some(read) => read,
        None => measured(trained(arguments, &plan, &folder)?),
    };
    match ended {
        // What is not finished cannot be judged.
        Exit::Interrupted | Exit::StoppedByScheduler => {
            note("stopped: nothing was judged; run the same command again");
            return Ok(ended);
        }
        Exit::Fine | Exit::CheckFailed | Exit::Error | Exit::RunsFailed => {}
    }
    let cases = cases(&plan, &runs, &known, baseline.as_ref());
    let exit = judged(ended, &cases, arguments.strict);
    if !arguments.stored && arguments.traces.is_none() {
        mirror(&folder, &cases, exit)?;
    }
    report(arguments, reports, &cases, baseline.is_some(), &path)?;
    Ok(exit)
}

fn measured((runs, ended): (Runs, Exit)) -> (Runs, Exit, Known) {
    (runs, ended, Known::All)
}

/// Reads the baseline, where there is one. It cannot be compared with where its version of the numerics has other
/// numbers, or where it is over other axes. A baseline of the old form can, as far as that goes.
fn stored_baseline(path: &Path, plan: &Plan) -> Result<Option<Baseline>, CliError> {
    let Some(baseline) = Baseline::find(path)? else { return Ok(None) };
    if (SAME_NUMBERS_FROM..NUMERICS).contains(&baseline.numerics) {
        note(&format!(
            "note: {} is of numerics version {}, and this vgrun has version {NUMERICS}: what underflows differs, and may \
             fail below, and no other number does; vgrun accept renews it",
            path.display(),
            baseline.numerics
        ));
    } else if baseline.numerics != NUMERICS {
        return Err(CliError::BaselineNumerics { path: path.into(), theirs: baseline.numerics, ours: NUMERICS });
    }
    if baseline.is_of_the_old_form() {
        note(&of_the_old_form(path));
    }
    let axes = Runs::axes(plan);
    let turned = baseline.with_axes(&axes);
    turned.map(Some).ok_or_else(|| CliError::BaselineAxes {
        path: path.into(),
        theirs: baseline.axes.join(", "),
        ours: axes.join(", "),
    })
}

/// Trains every run and keeps what it measured, whatever was stored. The folder is written as by a sweep.
fn trained(arguments: &CheckArguments, plan: &Plan, folder: &Path) -> Result<(Runs, Exit), CliError> {
    let signals = Signals::listen()?;
    let request = Request {
        plan,
        folder,
        config: &arguments.experiment.config.path,
        resources: &arguments.resources,
        writer: "main",
        runs: plan.runs().collect(),
        fresh: true,
        fail_fast: false,
        quiet: arguments.quiet,
    };
    let mut session = Session::begin(request, &signals)?;
    ResultFile::remove(folder)?;
    session.open()?;
    let (name, runs, jobs) = (&plan.experiment().name, counted(plan.len(), "run"), session.jobs.get());
    session.announce_as(&format!("{name}: {runs} to train afresh with {}", counted(jobs, "job")));
    let (mut runs, mut failures) = (Runs::new(plan), Vec::new());
    let conclusion = session.train(&mut |run, record| {
        runs.add(plan, run, record);
        if let Record::Failed(message) = record {
            failures.push((run, message.clone()));
        }
    })?;
    failures.sort();
    note_failures(plan, failures.len(), failures.iter().map(|(run, why)| (*run, why.as_str())));
    let ended = session.finish(conclusion, |ended| match ended {
        // A failure that an earlier result hides in the tables is one all the same.
        Exit::Fine if runs.missing() > 0 && conclusion == Conclusion::Complete => Exit::RunsFailed,
        ended => ended,
    })?;
    let ended = ended.exit;
    Ok((runs, ended))
}

/// Returns the cases of the expectations, then those of the cells of the baseline.
fn cases(plan: &Plan, runs: &Runs, known: &Known, baseline: Option<&Baseline>) -> Vec<Case> {
    let mut cases = check::of_expectations(plan, &check::judge(plan, runs, known));
    if let Some(old) = baseline {
        let all = old;
        let (old, new) = (old.only(|key| known.keeps(key)), runs.baseline(plan).only(|key| known.keeps(key)));
        let check = &plan.experiment().check;
        let most = check.tolerance_decades.or(old.tolerance_decades).unwrap_or(0.0);
        let comparison = Comparison::of(&old, &new, |metric| allowed(check, most, metric));
        let mut of_baseline = check::of_baseline(plan, runs, &comparison, [&old, &new], 1);
        check::leave_untold(&mut of_baseline, all, known);
        cases.extend(of_baseline);
    }
    if !cases.iter().any(|case| case.is_decided) {
        cases.insert(0, check::of_nothing_decided());
    }
    cases
}

/// Returns how far a metric of the baseline may differ: as the config says of the metric, else by `most` decades.
fn allowed(check: &Check, most: f64, metric: &str) -> Allowed {
    let name = metric.trim_start_matches("log10_").trim_end_matches("_init").trim_end_matches("_last");
    let known = Metric::named(metric).or_else(|| Metric::named(name));
    match known.and_then(|metric| Some((metric, *check.tolerances.get(&metric)?))) {
        Some((metric, most)) if metric.is_norm() => Allowed::Decades(most),
        Some((_, most)) => Allowed::Units(most),
        None => Allowed::Decades(most),
    }
}

/// Returns what the process ends with. Runs that failed come before a check that did: nothing is known of them.
fn judged(ended: Exit, cases: &[Case], strict: bool) -> Exit {
    let fails = |case: &Case| match case.status {
        Status::Failed => true,
        Status::Undecided => strict,
        Status::Passed | Status::ExpectedFailure => false,
    };
    match ended {
        Exit::Fine if cases.iter().any(fails) => Exit::CheckFailed,
        ended => ended,
    }
}

/// Writes the report to the terminal, and to every file that was asked for.
fn report(
    arguments: &CheckArguments,
    reports: Reports<'_>,
    cases: &[Case],
    has_baseline: bool,
    baseline: &Path,
) -> Result<(), CliError> {
    let config = &arguments.experiment.config.path;
    if !arguments.quiet {
        out(text(cases).trim_end())?;
        if !has_baseline {
            let traces = arguments.traces.as_ref().map(|path| format!(" --traces {}", quoted_path(path)));
            let words = arguments.experiment.line() + &traces.unwrap_or_default();
            note(&format!("no baseline: `vgrun accept {words}` would write {}", baseline.display()));
        }
    }
    // Each is written, whatever came of the others.
    let mut all = Vec::new();
    if arguments.github {
        let missing = (!has_baseline).then_some(baseline);
        all.push(out(github(cases, config, missing).trim_end()).map_err(CliError::from));
        if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY") {
            all.push(output_file::append(Path::new(&file), &summary(cases, missing)));
        }
    }
    if let Some(file) = reports.junit {
        all.push(file.write(junit::xml(cases, config)));
    }
    if let Some(file) = reports.json {
        all.push(file.write(json_text(cases)));
    }
    all.into_iter().collect()
}

/// Makes the folder's result file say what the process does.
fn mirror(folder: &Path, cases: &[Case], exit: Exit) -> Result<(), CliError> {
    if let Some(mut result) = ResultFile::read(folder)? {
        result.exit_code = exit.code();
        result.check = json(cases);
        result.write(folder)?;
    }
    Ok(())
}
