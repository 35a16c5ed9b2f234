//! What `[check]` may hold.

use super::setting::{Holds, Setting, TableKeys, setting};
use crate::spec::{Interval, Metric, Shape, Text};

/// What `[check]` may hold.
pub(in crate::config) static CHECK: [Setting; 3] = [
    setting(
        "baseline",
        "the file of the baseline, relative to the config's folder; NAME.baseline.csv beside NAME.toml where not given",
        Holds::Value(|| Shape::Text(Text::Line)),
    ),
    setting(
        "tolerance_decades",
        "by how many decades a number may differ from the baseline; 0 is exact; a baseline of another program's traces \
         says 0.01 where not given",
        Holds::Value(|| Shape::Number(Interval::NOT_NEGATIVE)),
    ),
    setting(
        "tolerance",
        "by how much one metric may differ instead: decades of a norm, else its own unit",
        Holds::Table(TableKeys::Each(
            || metrics_of_baselines().map(Metric::name).collect(),
            || Shape::Number(Interval::NOT_NEGATIVE),
        )),
    ),
];

/// The metrics of a baseline.
pub(in crate::config) fn metrics_of_baselines() -> impl Iterator<Item = Metric> {
    Metric::ALL.into_iter().filter(|metric| metric.is_in_baseline())
}
