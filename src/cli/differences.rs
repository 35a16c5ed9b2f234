//! How two sets of numbers differ, as a person reads it and as CSV.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use crate::check::{Baseline, Comparison, Key, Offender};
use crate::store::text_cell;

use super::number::{counted, thousands};

const FITS: &str = "a String takes all text";

/// Differences that are shown.
const MOST: usize = 20;

/// Worst first, and what only one of the two has.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for Offender { key, old, new, decades, .. } in comparison.offenders.iter().take(MOST) {
        writeln!(text, "  {}: {old:?} -> {new:?} ({decades:+.3e} decades)", name(key)).expect(FITS);
    }
    if comparison.offenders.len() > MOST {
        writeln!(text, "  and {} more", thousands((comparison.offenders.len() - MOST) as u64)).expect(FITS);
    }
    for (keys, what) in [(&comparison.missing, "only in the first"), (&comparison.extra, "only in the second")] {
        if let Some(first) = keys.first() {
            writeln!(text, "  {what}: {}, such as {}", counted(keys.len(), "number"), name(first)).expect(FITS);
        }
    }
    let differ = comparison.offenders.len() as u64;
    writeln!(text, "{} compared: {} differ", counted(comparison.compared, "number"), thousands(differ)).expect(FITS);
    text
}

/// `relu 20: log10_delta_rms_init of layer 1`.
fn name(key: &Key) -> String {
    let cell: Vec<&str> = key.cell.iter().map(|value| value.0.as_str()).collect();
    let cell = if cell.is_empty() { String::new() } else { cell.join(" ") + ": " };
    if key.layer == 0 {
        format!("{cell}{}", key.metric)
    } else {
        format!("{cell}{} of layer {}", key.metric, key.layer)
    }
}

/// One row for each number that differs or that only one of the two has.
pub(super) fn csv(comparison: &Comparison, old: &Baseline, new: &Baseline) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    let names = new.axes.iter().map(|name| text_cell(name));
    writer
        .write_record(names.chain(["layer", "metric", "old", "new", "decades"].map(Cow::from)).map(Cow::into_owned))?;
    let mut row = |key: &Key, old: f64, new: f64, decades: f64| {
        // A baseline may have been written by anybody.
        let cell = key.cell.iter().map(|value| text_cell(&value.0).into_owned());
        let numbers = [old, new, decades].map(|x| if x.is_nan() { "NaN".into() } else { format!("{x:?}") });
        writer.write_record(cell.chain([key.layer.to_string(), text_cell(&key.metric).into_owned()]).chain(numbers))
    };
    for Offender { key, old, new, decades, .. } in &comparison.offenders {
        row(key, *old, *new, *decades)?;
    }
    for key in &comparison.missing {
        row(key, old.values[key], f64::NAN, f64::INFINITY)?;
    }
    for key in &comparison.extra {
        row(key, f64::NAN, new.values[key], f64::INFINITY)?;
    }
    writer.flush()?;
    Ok(())
}
