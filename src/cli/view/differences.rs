//! How two sets of numbers differ, as a person reads it and as CSV.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use crate::check::{Baseline, BaselineKey, Comparison, Offender, OverSeeds, SeedCounts};
use crate::tables::text_cell;

use crate::cli::terminal::number::{counted, thousands};

const FITS: &str = "a String takes all text";

/// Differences that are shown.
const MOST: usize = 20;

/// Worst first, and what only one of the two has.
pub(crate) fn text(comparison: &Comparison, old: &Baseline, new: &Baseline) -> String {
    let mut text = String::new();
    for offender in comparison.offenders.iter().take(MOST) {
        let Offender { key, old: was, new: is, decades, .. } = offender;
        let other = if offender.has_other_counts() { ", the counts of seeds differ" } else { "" };
        let (name, was, is) = (name(new, key), was.text(), is.text());
        writeln!(text, "  {name}: {was} -> {is} ({decades:+.3e} decades{other})").expect(FITS);
    }
    if comparison.offenders.len() > MOST {
        writeln!(text, "  and {} more", thousands((comparison.offenders.len() - MOST) as u64)).expect(FITS);
    }
    for (of, keys, what) in
        [(old, &comparison.missing, "only in the first"), (new, &comparison.extra, "only in the second")]
    {
        if let Some(first) = keys.first() {
            writeln!(text, "  {what}: {}, such as {}", counted(keys.len(), "number"), name(of, first)).expect(FITS);
        }
    }
    let differ = comparison.offenders.len() as u64;
    writeln!(text, "{} compared: {} differ", counted(comparison.compared, "number"), thousands(differ)).expect(FITS);
    text
}

/// `relu 20: log10_delta_rms_init of layer 1`.
fn name(baseline: &Baseline, key: &BaselineKey) -> String {
    let cell: Vec<&str> = key.cell.iter().map(|value| value.0.as_str()).collect();
    let cell = if cell.is_empty() { String::new() } else { cell.join(" ") + ": " };
    format!("{cell}{}", baseline.name(key))
}

/// Columns beside the axes': the means of the seeds where they are finite, and the counts of the seeds.
const COLUMNS: [&str; 13] = [
    "layer",
    "metric",
    "old",
    "new",
    "decades",
    "old_n",
    "old_n_minus_inf",
    "old_n_nan",
    "old_n_plus_inf",
    "new_n",
    "new_n_minus_inf",
    "new_n_nan",
    "new_n_plus_inf",
];

/// Writes one row for each number that differs, or that only one of the two has: the other's mean is then NaN, of 0 seeds.
/// Counts that a baseline of the old form does not tell are -1.
pub(crate) fn csv(comparison: &Comparison, old: &Baseline, new: &Baseline) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    let names = new.axes.iter().map(|name| text_cell(name));
    writer.write_record(names.chain(COLUMNS.map(Cow::from)).map(Cow::into_owned))?;
    let nothing = OverSeeds { mean: f64::NAN, counts: Some(SeedCounts::default()) };
    let mut row = |key: &BaselineKey, old: OverSeeds, new: OverSeeds, decades: f64| {
        // A baseline may have been written by anybody.
        let cell = key.cell.iter().map(|value| text_cell(&value.0).into_owned());
        let numbers = [old.mean, new.mean, decades].map(|x| if x.is_nan() { "NaN".into() } else { format!("{x:?}") });
        let counts = [old, new].into_iter().flat_map(|number| match number.counts {
            Some(counts) => counts.in_order().map(|n| n.to_string()),
            None => ["-1"; 4].map(Into::into),
        });
        let place = [key.layer.to_string(), text_cell(&key.metric).into_owned()];
        writer.write_record(cell.chain(place).chain(numbers).chain(counts))
    };
    for Offender { key, old, new, decades, .. } in &comparison.offenders {
        row(key, *old, *new, *decades)?;
    }
    for key in &comparison.missing {
        row(key, old.values[key], nothing, f64::INFINITY)?;
    }
    for key in &comparison.extra {
        row(key, nothing, new.values[key], f64::INFINITY)?;
    }
    writer.flush()?;
    Ok(())
}
