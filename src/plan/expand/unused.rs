//! Keys that were said and that no point uses: a slip, since nothing that is said is silently ignored.

use crate::config::{Diagnostic, Experiment, Place};
use crate::plan::grid::Grid;
use crate::spec::{KEYS, KeySet};

/// An error for each key of `[run]`, of an axis or of an include that no point uses. `used` has the keys that each
/// grid's points use.
pub(super) fn unused_keys(experiment: &Experiment, grids: &[Grid], used: &[KeySet]) -> Vec<Diagnostic> {
    if !experiment.doubtful.is_empty() {
        return Vec::new();
    }
    let anywhere = used.iter().fold(KeySet::default(), |all, set| all.union(*set));
    let mut errors = Vec::new();
    for (&key, place) in &experiment.said {
        // Where an axis moves the key too, the error is the axis's.
        if !anywhere.contains(key) && grids[0].sweeps(key).is_none() {
            errors.push(error(key, place, "point"));
        }
    }
    for (g, (grid, used)) in grids.iter().zip(used).enumerate() {
        for (key, place) in grid.swept() {
            if !used.contains(key) {
                errors.push(error(key, place, if g == 0 { "point" } else { "point of this [[include]]" }));
            }
        }
    }
    errors
}

fn error(key: usize, place: &Place, by: &str) -> Diagnostic {
    let key = &KEYS[key];
    Diagnostic::error(format!("`{}` is used by no {by}", key.name))
        .at(place, format!("belongs to {}", key.used_by))
        .help("leave it out, or add points that use it")
}
