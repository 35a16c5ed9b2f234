//! `vgrun check`: train every run afresh, hold the expectations and the baseline against what came out, say what is not
//! as it should be.

use std::path::{Path, PathBuf};

use crate::check::{self, Allowed, Baseline, Case, Comparison, Foreign, Known, Runs, Status, read_foreign};
use crate::cluster::quoted_path;
use crate::config::Check;
use crate::plan::Plan;
use crate::spec::{Metric, NUMERICS, SAME_NUMBERS_FROM};
use crate::store::{ResultFile, Store, Writer};
use crate::sweep::{Conclusion, Options};
use crate::tables;
use crate::trace::Record;

use super::args::{CheckArguments, Config};
use super::check_output::{github, summary, text};
use super::check_reports::{Reports, json, json_text};
use super::error::CliError;
use super::exit::Exit;
use super::junit;
use super::memory::Budget;
use super::number::counted;
use super::output_file;
use super::plan::short_hash;
use super::print::{note, out};
use super::signals::Signals;
use super::start::load;
use super::stored::must_have_the_data;
use super::training::{Session, exit, note_failures, result_file, train, write_data};

pub(super) fn check(arguments: &CheckArguments) -> Result<Exit, CliError> {
    let plan = load(&arguments.experiment, arguments.quiet)?;
    let path = baseline_path(&arguments.experiment.config, &plan);
    let baseline = stored_baseline(&path, &plan)?;
    if plan.expectations().is_empty() && baseline.is_none() {
        return Err(CliError::NothingToCheck { config: arguments.experiment.config.path.clone(), baseline: path });
    }
    let folder = arguments.experiment.folder(&plan.experiment().name, &short_hash(&plan));
    let reports = Reports::of(arguments);
    reports.admit(arguments, &plan, &path, &folder)?;
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

/// The runs that another program's trace tells of, and how much it tells.
pub(super) fn foreign(plan: &Plan, file: &Path) -> Result<(Runs, Known), CliError> {
    let Foreign { runs, columns, notes } = read_foreign(plan, file)?;
    notes.iter().for_each(|text| note(&format!("note: {text}")));
    Ok((runs, Known::Trace(columns)))
}

fn measured((runs, ended): (Runs, Exit)) -> (Runs, Exit, Known) {
    (runs, ended, Known::All)
}

/// The baseline's path: what the config says, else beside it.
pub(super) fn baseline_path(config: &Config, plan: &Plan) -> PathBuf {
    match &plan.experiment().check.baseline {
        Some(path) => config.path.parent().unwrap_or(Path::new("")).join(path),
        None => config.path.with_extension("baseline.csv"),
    }
}

/// The baseline, where there is one. One of a version of the numerics with other numbers cannot be compared with, nor one of
/// other axes; one of the old form can, as far as that goes.
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

/// What is to be said of a baseline of the old form.
pub(super) fn of_the_old_form(path: &Path) -> String {
    format!(
        "note: {} is of an old form, which does not count the seeds whose numbers are not finite: it is compared as far as \
         it goes, and where one seed is not finite the others are not seen; vgrun accept writes the new form",
        path.display()
    )
}

/// Trains every run and keeps what it measured, whatever was stored. The folder is written as by a sweep.
fn trained(arguments: &CheckArguments, plan: &Plan, folder: &Path) -> Result<(Runs, Exit), CliError> {
    let signals = Signals::listen()?;
    let (jobs, queue) = (arguments.resources.jobs(), plan.order());
    let share = Budget::of(&arguments.resources).share(jobs, queue.len());
    share.admit(&arguments.experiment.config.path, plan, &queue)?;
    let (mut writer, notices) = Writer::create(folder, "main", plan)?;
    let mut session = Session::begin(plan, jobs.get());
    ResultFile::remove(folder)?;
    session.open(folder, writer.store(), plan)?;
    if !arguments.quiet {
        notices.iter().for_each(|notice| note(&format!("note: {notice}")));
        let (name, runs) = (&plan.experiment().name, counted(queue.len(), "run"));
        note(&format!("{name}: {runs} to train afresh with {}", counted(jobs.get(), "job")));
    }
    let options = Options { jobs, fail_fast: false, memory: share.bytes() };
    write_data(plan, &queue, &signals, &writer)?;
    let (mut runs, mut failures) = (Runs::new(plan), Vec::new());
    let conclusion = train(plan, &queue, options, arguments.quiet, &signals, &mut writer, &mut |run, record| {
        session.run_ended(folder);
        runs.add(plan, run, record);
        if let Record::Failed(message) = record {
            failures.push((run, message.clone()));
        }
    })?;
    failures.sort();
    note_failures(plan, failures.len(), failures.iter().map(|(run, why)| (*run, why.as_str())));
    writer.compact()?;
    let overview = tables::rebuild(writer.store(), plan)?;
    let ended = match exit(conclusion, &signals, overview.failed.len()) {
        // A failure that an earlier result hides in the tables is one all the same.
        Exit::Fine if runs.missing() > 0 && conclusion == Conclusion::Complete => Exit::RunsFailed,
        ended => ended,
    };
    session.end(folder, &overview)?;
    result_file(plan, &overview, ended).write(folder)?;
    writer.finish()?;
    Ok((runs, ended))
}

/// Reads what an earlier sweep or check left. Trains nothing; a run that is not there is missing.
pub(super) fn stored(plan: &Plan, folder: &Path) -> Result<(Runs, Exit), CliError> {
    let store = Store::open(folder, plan)?;
    store.notices().iter().for_each(|notice| note(&format!("note: {notice}")));
    let mut runs = Runs::new(plan);
    for run in plan.runs() {
        if let Some(record) = store.read_run(plan, run)? {
            runs.add(plan, run, &record);
        }
    }
    let ended = if runs.missing() > 0 {
        let (lacking, all) = (runs.missing(), counted(plan.len(), "run"));
        note(&format!("{lacking} of {all} are not in {}: vgrun sweep trains what is missing", folder.display()));
        Exit::RunsFailed
    } else {
        Exit::Fine
    };
    Ok((runs, ended))
}

/// Expectations first, then the cells of the baseline.
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

/// By how much a metric of the baseline may differ: as the config says of the metric, else by `most` decades.
fn allowed(check: &Check, most: f64, metric: &str) -> Allowed {
    let name = metric.trim_start_matches("log10_").trim_end_matches("_init").trim_end_matches("_last");
    let known = Metric::named(metric).or_else(|| Metric::named(name));
    match known.and_then(|metric| Some((metric, *check.tolerances.get(&metric)?))) {
        Some((metric, most)) if metric.is_norm() => Allowed::Decades(most),
        Some((_, most)) => Allowed::Units(most),
        None => Allowed::Decades(most),
    }
}

/// What the process ends with. Runs that failed come before a check that did: nothing is known of them.
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

/// To the terminal, and to every file that was asked for.
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
        all.push(file.write(&junit::xml(cases, config)));
    }
    if let Some(file) = reports.json {
        all.push(file.write(&json_text(cases)));
    }
    all.into_iter().collect()
}

/// The result file of the folder says what the process does.
fn mirror(folder: &Path, cases: &[Case], exit: Exit) -> Result<(), CliError> {
    if let Some(mut result) = ResultFile::read(folder)? {
        result.exit_code = exit.code();
        result.check = json(cases);
        result.write(folder)?;
    }
    Ok(())
}
