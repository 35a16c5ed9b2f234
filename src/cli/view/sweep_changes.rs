//! How two sweeps differ, as a person reads it: what their configs say, which cells are compared, and what changed in these.

use std::fmt::Write as _;

use crate::analysis::CellSummary;
use crate::check::{CellChange, CellPairs, ChangedSetting, MetricChange, NothingAgrees, OverSeeds, PartialKey};
use crate::spec::{KEYS, RunMetric, Shown};

use crate::cli::terminal::number::{counted, signed, thousands};
use crate::cli::terminal::table::table;
use crate::cli::view::cell_names::CellNames;
use crate::cli::view::matrix::Axis;

const FITS: &str = "a String takes all text";

/// Cells that are shown without `--all`.
const MOST: usize = 10;

/// Values of a key that are written out.
const MOST_VALUES: usize = 8;

/// What two configs say differently, a line for each key.
pub(crate) fn settings(changed: &[ChangedSetting], [old, new]: [&str; 2]) -> String {
    if changed.is_empty() {
        return format!("configs, {old} -> {new}: nothing differs\n");
    }
    let mut text = format!("configs, {old} -> {new}:\n");
    for ChangedSetting { key, old, new } in changed {
        writeln!(text, "  {key}: {} -> {}", setting(old), setting(new)).expect(FITS);
    }
    text
}

/// `0.02`, or `swept: 0.02, 0.1`.
fn setting(values: &[String]) -> String {
    if values.len() > 1 { format!("swept: {}", listed(values)) } else { listed(values) }
}

fn listed(values: &[String]) -> String {
    let shown = values.iter().take(MOST_VALUES).cloned().collect::<Vec<_>>().join(", ");
    if values.len() > MOST_VALUES { format!("{shown}, .. ({} values)", thousands(values.len() as u64)) } else { shown }
}

/// Which cells are compared, where that is not all of them; nothing where it is.
pub(crate) fn compared(pairs: &CellPairs, [old, new]: [&str; 2]) -> String {
    if pairs.left_out == [0, 0] && pairs.partial.is_empty() {
        return String::new();
    }
    let mut text = format!("compared: the {} in which both agree\n", counted(pairs.pairs.len(), "cell"));
    for PartialKey { key, common, alone } in &pairs.partial {
        let both = if common.is_empty() { "no value".into() } else { listed(common) };
        let alone = alone.iter().zip([old, new]).filter(|(values, _)| !values.is_empty());
        let alone = alone.map(|(values, side)| format!("{} only in {side}", listed(values)));
        writeln!(text, "  {key}: {both} in both; {}", alone.collect::<Vec<_>>().join("; ")).expect(FITS);
    }
    let left_out = pairs.left_out.iter().zip([old, new]).filter(|(n, _)| **n > 0);
    let left_out: Vec<String> = left_out.map(|(n, side)| format!("{} of {side}", counted(*n, "cell"))).collect();
    if !left_out.is_empty() {
        writeln!(text, "  left out: {}", left_out.join(", ")).expect(FITS);
    }
    text
}

/// Why no cell of two sweeps can be compared, and what to do about it.
pub(crate) fn nothing(nothing: &NothingAgrees) -> String {
    let Some((key, [old, new])) = &nothing.key else {
        return "each value is in both, and no combination of values is: leave out the rules of [[exclude]] and \
                [[include]] in the config of one of the two, and sweep it again"
            .into();
    };
    let advice = nothing.advice.as_ref().map(|set| format!(", as by `vgrun sweep CONFIG --set '{set}'`"));
    format!(
        "{key} is {} in the first and {} in the second: sweep the config of the second with values of the first{}",
        listed(old),
        listed(new),
        advice.unwrap_or_default()
    )
}

/// What changed in the cells: the first ten, or all, and how to read them.
pub(crate) fn cells(changes: &[CellChange], pairs: &CellPairs, [old, new]: [&str; 2], is_all: bool) -> String {
    let changed = changes.iter().filter(|change| change.is_changed()).count();
    let verdicts = changes.iter().filter(|change| change.has_other_verdict()).count();
    let mut text = format!(
        "\n{} compared: {} differ, {} in the verdict\n",
        counted(changes.len(), "cell"),
        thousands(changed as u64),
        thousands(verdicts as u64)
    );
    let shown: Vec<&CellChange> =
        changes.iter().filter(|c| is_all || c.is_changed()).take(if is_all { usize::MAX } else { MOST }).collect();
    if shown.is_empty() {
        return text;
    }
    let paired = changes.iter().filter(|change| change.is_paired).count();
    let how = if paired == changes.len() {
        "paired: both have the same seeds"
    } else if paired == 0 {
        "unpaired, by Welch: the seeds differ"
    } else {
        "paired where the seeds are the same, else by Welch"
    };
    writeln!(
        text,
        "+0.40 \u{b1}0.10: {new} less {old}, with the 95 % interval over the seeds ({how})\n\
         first the cells with another verdict, then with other seeds that have no number, then the largest change beyond \
         its \u{b1}\n\
         decades: log10 of the error at layer 1 over that at the last hidden layer (through time: the first step over the \
         last)\n"
    )
    .expect(FITS);
    text += &table(rows(&shown, changes, pairs));
    if !is_all && changed > shown.len() {
        let more = thousands((changed - shown.len()) as u64);
        writeln!(text, "and {more} more: --all prints every cell and the layers").expect(FITS);
    }
    text + &certain(changes)
}

/// A column of metrics: its name, its decimals, and whether a metric stands in it.
type MetricColumn = (&'static str, usize, fn(RunMetric) -> bool);

/// Columns of metrics, in the order of a cell's.
const METRICS: [MetricColumn; 4] = [
    ("init decades", 2, |m| matches!(m, RunMetric::InitGradientDecades | RunMetric::InitTimeDecades)),
    ("last decades", 2, |m| matches!(m, RunMetric::LastGradientDecades | RunMetric::LastTimeDecades)),
    ("loss", 3, |m| m == RunMetric::LossLast),
    ("test loss", 3, |m| m == RunMetric::TestLoss),
];

fn of(change: &CellChange, is: fn(RunMetric) -> bool) -> Option<&MetricChange> {
    change.metrics.iter().find(|m| is(m.metric))
}

/// The header and a row for each cell.
fn rows(shown: &[&CellChange], all: &[CellChange], pairs: &CellPairs) -> (Vec<String>, Vec<Vec<String>>) {
    let axes: Vec<Axis> =
        pairs.axes.iter().map(|(key, name)| Axis { key: KEYS[*key].name, name: name.clone() }).collect();
    let grid: Vec<(Vec<Shown>, CellSummary)> =
        all.iter().map(|change| (change.values.clone(), change.old.clone())).collect();
    let names = CellNames::new(&axes, &grid);
    let is_mixed = all.iter().any(|change| change.is_paired != all[0].is_paired);
    let has = |is| shown.iter().any(|change| of(change, is).is_some());
    let metrics: Vec<_> = METRICS.into_iter().filter(|(_, _, is)| has(*is)).collect();
    let has_lost = shown.iter().any(|change| !lost(change).is_empty());
    let mut header = vec!["cell", "verdict"];
    header.extend(metrics.iter().map(|(name, _, _)| *name));
    header.push("learned");
    header.extend(is_mixed.then_some("seeds"));
    header.extend(has_lost.then_some("seeds without a number"));
    let row = |change: &&CellChange| {
        let name = if names.are_all_one() { "the only cell".into() } else { names.of(&change.values) };
        let mut row = vec![name, arrow(&verdict(&change.old), &verdict(&change.new))];
        row.extend(
            metrics.iter().map(|(_, decimals, is)| of(change, *is).map_or("-".into(), |m| number(m, *decimals))),
        );
        row.push(arrow(&learned(&change.old), &learned(&change.new)));
        row.extend(is_mixed.then(|| if change.is_paired { "paired".into() } else { "unpaired".into() }));
        row.extend(has_lost.then(|| lost(change)));
        row
    };
    (header.into_iter().map(String::from).collect(), shown.iter().map(row).collect())
}

/// `a -> b`, or `a` where both are that.
fn arrow(old: &str, new: &str) -> String {
    if old == new { old.into() } else { format!("{old} -> {new}") }
}

/// `vanishing`, or `vanishing 2/3` where the seeds disagree.
fn verdict(cell: &CellSummary) -> String {
    let Some(verdict) = cell.verdict else { return "no result".into() };
    if cell.is_unanimous() { verdict.name().into() } else { format!("{} {}/{}", verdict.name(), cell.agree, cell.runs) }
}

fn learned(cell: &CellSummary) -> String {
    format!("{}/{}", cell.learned, cell.runs)
}

/// `+0.40 ±0.10`, `same` where not a digit differs, or `-inf -> -3.20` where only one side is a number.
fn number(m: &MetricChange, decimals: usize) -> String {
    let change = m.change;
    if !m.is_changed() {
        return "same".into();
    }
    if change.mean.is_nan() {
        return arrow(&mean(m.old, decimals), &mean(m.new, decimals));
    }
    let (mean, half_width) = (long(change.mean, decimals), change.half_width);
    if half_width.is_nan() {
        mean
    } else {
        format!("{mean} \u{b1}{}", long(half_width, decimals).trim_start_matches('+'))
    }
}

/// A number with so many decimals; a very large one as a power of ten.
fn long(x: f64, decimals: usize) -> String {
    if x.abs() < 1e4 { signed(x, decimals) } else { format!("{x:+.1e}") }
}

/// The mean of the finite seeds or, where there is none, what the seeds are instead.
fn mean(side: OverSeeds, decimals: usize) -> String {
    if seeds(side) == 0 {
        return "no result".into();
    }
    // Without the sign that a change has.
    long(side.mean, decimals).trim_start_matches('+').into()
}

/// How many seeds have a result.
fn seeds(side: OverSeeds) -> usize {
    side.counts.unwrap_or_default().all()
}

/// `init decades 0/3 -> 2/3, no result 0 -> 1`: the seeds that a change leaves out; empty where it leaves out none.
fn lost(change: &CellChange) -> String {
    let of_metric = |(name, _, is): &MetricColumn| {
        let m = of(change, *is)?;
        let share = |lost: usize, side: OverSeeds| format!("{lost}/{}", seeds(side));
        let [old, new] = m.not_finite();
        (old + new > 0).then(|| format!("{name} {}", arrow(&share(old, m.old), &share(new, m.new))))
    };
    let [old, new] = [&change.old, &change.new].map(|cell| cell.without_result);
    let no_result = (old + new > 0).then(|| format!("no result {}", arrow(&old.to_string(), &new.to_string())));
    METRICS.iter().filter_map(of_metric).chain(no_result).collect::<Vec<_>>().join(", ")
}

/// Says in how many cells a change is beyond its interval, and how many that would be by chance.
fn certain(changes: &[CellChange]) -> String {
    let of_metric = |(name, _, is): MetricColumn| {
        let with_interval = || changes.iter().filter_map(|c| of(c, is)).filter(|m| !m.change.half_width.is_nan());
        let certain = with_interval().filter(|m| m.is_certain()).count();
        (with_interval().count() > 0).then(|| format!("{name} {certain} of {}", with_interval().count()))
    };
    let told: Vec<String> = METRICS.into_iter().filter_map(of_metric).collect();
    if told.is_empty() {
        return "no intervals: they need two seeds or more on both sides\n".into();
    }
    format!("intervals without 0: {}; by chance alone, about 1 in 20\n", told.join(", "))
}
