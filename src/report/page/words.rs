//! What the page says in words: the experiment in a sentence, the facts about a cell, and how its cures are named.

use super::facts::{CheckedCase, PageTable};
use super::groups::Group;
use crate::analysis::{Cure, Saving, Verdict};
use crate::metric::meaning;
use crate::plan::GridLine;
use crate::report::gathered::{CellRow, Gathered, label};
use crate::report::number::counted;
use crate::spec::RunMetric;
use crate::stats::{Statistics, share_interval};

/// A change that does less to the gradients is written as 0.0 decades, and matters to none.
const LEAST_DECADES: f64 = 0.05;

/// `-12.0`, `+0.1`, `-inf`; a dash of what there is not.
pub(super) fn signed(x: f64, decimals: usize) -> String {
    if x.is_nan() {
        return "\u{2013}".into();
    }
    if x.is_infinite() { x.to_string() } else { format!("{x:+.decimals$}") }
}

/// Writes a number with three decimals, or with a power of ten where these do not show it; a dash for NaN.
pub(super) fn plain(x: f64) -> String {
    match x {
        x if x.is_nan() => "\u{2013}".into(),
        x if x.is_infinite() => x.to_string(),
        x if x != 0.0 && (x.abs() < 1e-3 || x.abs() >= 1e5) => format!("{x:.2e}"),
        x => format!("{x:.3}"),
    }
}

/// What came of the experiment.
pub(super) fn sentence(gathered: &Gathered) -> String {
    let counts = &gathered.counts;
    if counts.done() == 0 {
        return format!("None of {} has a result yet.", counted(counts.all(), "run"));
    }
    let verdicts: Vec<String> =
        counts.verdicts.iter().map(|(verdict, n)| format!("{n} {}", of_runs(*verdict, *n))).collect();
    let ended = counted(counts.done(), "run");
    let learned = format!("{} learned", counts.learned);
    let mut text =
        format!("Of {ended} in {}, {}; {learned}.", counted(gathered.cells.len(), "cell"), listed(&verdicts));
    let largest = gathered.effects.iter().max_by(|a, b| a.effect.size().total_cmp(&b.effect.size()));
    if let Some(effect) = largest.filter(|effect| effect.effect.size() >= LEAST_DECADES) {
        let name = &gathered.axes[effect.axis].name;
        let [from, to] = [&effect.from, &effect.to].map(|values| label(values));
        let decades = signed(effect.effect.init_decades.effect, 1);
        let change = format!("from {from} to {to} changes them by {decades} decades in the mean");
        text = format!("{text} What matters most to the gradients is {name}: {change}.");
    }
    text + &saved(gathered) + &cured(gathered)
}

/// The change that saves the largest share of its runs from being lost.
fn saved(gathered: &Gathered) -> String {
    let all = gathered.effects.iter().filter_map(|effect| Some((effect, effect.saving.as_ref()?)));
    let Some((effect, change)) = all.reduce(|a, b| if b.1.saving.share() > a.1.saving.share() { b } else { a }) else {
        return String::new();
    };
    let name = &gathered.axes[effect.axis].name;
    let [from, to] = [&change.from, &change.to].map(|values| label(values));
    let Saving { saved, lost, .. } = change.saving;
    let from_what = change.saving.from_what();
    format!(" A change of {name} from {from} to {to} saves {saved} of {lost} runs from {from_what}.")
}

/// How many of the cells in which not every seed learned a single change cures.
fn cured(gathered: &Gathered) -> String {
    let unlearned = |cell: &&CellRow| cell.cell.runs > 0 && !cell.cell.all_learned();
    let all = gathered.cells.iter().filter(unlearned).count();
    let cured = gathered.cells.iter().filter(|cell| !cell.cures.is_empty()).count();
    let of = format!("of {} in which not every seed learned", counted(all, "cell"));
    match (all, cured) {
        (0, _) => String::new(),
        (_, 0) => format!(" No single change in this grid cures any {of}."),
        (_, cured) => format!(" A single change cures {cured} {of}: more seeds learn, at no worse a loss."),
    }
}

fn of_runs(verdict: Verdict, n: usize) -> &'static str {
    match verdict {
        Verdict::Diverged => "diverged",
        Verdict::Dead if n == 1 => "is dead",
        Verdict::Dead => "are dead",
        Verdict::Saturated if n == 1 => "is saturated",
        Verdict::Saturated => "are saturated",
        Verdict::Exploding if n == 1 => "explodes",
        Verdict::Exploding => "explode",
        Verdict::Vanishing if n == 1 => "vanishes",
        Verdict::Vanishing => "vanish",
        Verdict::Recovered if n == 1 => "has recovered",
        Verdict::Recovered => "have recovered",
        Verdict::Healthy if n == 1 => "is healthy",
        Verdict::Healthy => "are healthy",
    }
}

/// The words that the page uses from its first line on.
pub(super) fn explained() -> String {
    ["cell", "decade", "delta", "verdict", "chance"].map(|word| format!("{word}: {}.", meaning(word))).join(" ")
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// Runs without a result, in a sentence.
pub(super) fn missing(gathered: &Gathered) -> Option<String> {
    let (missing, failed) = (gathered.counts.missing, gathered.counts.failed);
    if missing + failed == 0 {
        return None;
    }
    let all = counted(gathered.counts.all(), "run");
    Some(format!("Of {all}, {failed} failed and {missing} have no result yet: the same sweep again trains them."))
}

/// What the last check found, in a sentence.
pub(super) fn of_check(cases: &[CheckedCase]) -> String {
    let of = |status: &str| cases.iter().filter(|case| case.status == status).count();
    let (failed, undecided) = (of("failed"), of("undecided"));
    format!("{} checked: {failed} failed, {undecided} undecided.", counted(cases.len(), "case"))
}

/// Term and text of what is known of a row's cell.
pub(super) fn facts(gathered: &Gathered, group: &Group, folded: &[usize]) -> Vec<(&'static str, String)> {
    let cell = &gathered.cells[group.shown];
    let mut facts = Vec::new();
    if group.cells.len() > 1 {
        let values: Vec<String> = folded
            .iter()
            .map(|&axis| format!("{} = {}", gathered.axes[axis].name, gathered.axes[axis].label(cell.levels[axis])))
            .collect();
        facts.push(("shown", format!("of {} the one with {}", counted(group.cells.len(), "cell"), values.join(", "))));
    }
    let verdicts: Vec<String> = cell
        .counts
        .verdicts
        .iter()
        .map(|(verdict, n)| format!("{} in {}", verdict.name(), counted(*n, "run")))
        .collect();
    facts.push(("verdict", if verdicts.is_empty() { "no result".into() } else { verdicts.join(", ") }));
    if !cell.cell.why.is_empty() {
        facts.push(("why", cell.cell.why.clone()));
    }
    if let Some(speed) = &cell.speed {
        facts.push(("learning speed", speed.sentence()));
    }
    let across = cell.net.kind.is_recurrent();
    let (metric, what, theory) = if across {
        (RunMetric::InitDecadesPerStep, "decades per time step", cell.theory.decades_per_step)
    } else {
        (RunMetric::InitGradientDecades, "decades, last to first layer", cell.theory.gradient_decades)
    };
    let theory = if theory.is_nan() { String::new() } else { format!("; theory {}", signed(theory, 2)) };
    facts.push((what, format!("{}{theory}", over_seeds(cell.headline(metric)))));
    facts.push((
        "loss at the end",
        format!(
            "{} (chance is {})",
            over_seeds_plain(cell.headline(RunMetric::LossLast)),
            plain(cell.cell.loss_of_chance)
        ),
    ));
    if cell.headline(RunMetric::TestAccuracy).n > 0 {
        facts.push(("test accuracy", over_seeds_plain(cell.headline(RunMetric::TestAccuracy))));
    }
    facts.push(("learned", share(cell.counts.learned, cell.counts.done())));
    let runs: Vec<String> = cell.runs.iter().take(20).map(ToString::to_string).collect();
    let more = if cell.runs.len() > 20 { ", .." } else { "" };
    facts.push(("in the tables", format!("run = {}{more}", runs.join(", "))));
    facts
}

/// `-12.0 [-12.1, -11.9]`: mean and 95 % interval.
fn over_seeds(statistics: &Statistics) -> String {
    interval(statistics, |x| signed(x, 2))
}

fn over_seeds_plain(statistics: &Statistics) -> String {
    interval(statistics, plain)
}

fn interval(statistics: &Statistics, write: impl Fn(f64) -> String) -> String {
    let Statistics { n, mean, ci95_low, ci95_high, .. } = *statistics;
    match n {
        0 => "not finite in any run".into(),
        1 => format!("{} in 1 run", write(mean)),
        n => format!("{} [{}, {}], mean and 95 % interval of {n} runs", write(mean), write(ci95_low), write(ci95_high)),
    }
}

/// `2 of 3 runs: 0.667 [0.208, 0.939], share and 95 % interval`.
fn share(hits: usize, n: usize) -> String {
    let of = format!("{hits} of {}", counted(n, "run"));
    if n == 0 {
        return of;
    }
    let [low, high] = share_interval(hits, n).map(plain);
    format!("{of}: {} [{low}, {high}], share and 95 % interval", plain(hits as f64 / n as f64))
}

/// `batch_norm = true: -31.0 → +0.2 decades, loss 2.301 → 0.124: healthy, learns`.
pub(super) fn cure(gathered: &Gathered, cell: &CellRow, cure: &Cure) -> String {
    let (axis, after) = (&gathered.axes[cure.axis], &gathered.cells[cure.to]);
    let learns = match after.cell.learned {
        0 => "does not learn".into(),
        n if n == after.cell.runs => "learns".into(),
        n => format!("learns in {n} of {} seeds", after.cell.runs),
    };
    let verdict = after.cell.verdict.map_or("", Verdict::name);
    let seeds = match &after.cell {
        cell if cell.is_unanimous() => String::new(),
        cell => format!(" in {} of {} seeds", cell.agree, cell.runs),
    };
    let [from, to] = [cell, after].map(|cell| signed(cell.cell.decades(), 1));
    let [loss, less] = [cell, after].map(|cell| plain(cell.cell.loss));
    let change = format!("{} = {}", axis.name, axis.label(after.levels[cure.axis]));
    format!("{change}: {from} \u{2192} {to} decades, loss {loss} \u{2192} {less}: {verdict}{seeds}, {learns}")
}

/// What to do with the grid, where nothing in it cures a cell.
pub(super) fn added(line: &GridLine) -> String {
    format!("Nothing in this grid cures this cell. To try, {}", line.advice())
}

/// What there is to say of tables that are not there.
pub(super) fn tables(tables: &[PageTable]) -> Option<String> {
    let lacking = tables.iter().filter(|table| table.sha256.is_none()).map(|table| table.file.clone());
    let lacking: Vec<String> = lacking.collect();
    let (are, them) = if lacking.len() == 1 { ("is", "it") } else { ("are", "them") };
    (!lacking.is_empty()).then(|| format!("{} {are} not there: the command above writes {them}.", listed(&lacking)))
}
