//! What an `[[expect]]` may hold.

use super::setting::{Holds, HowMany, Setting, TableKeys, setting};
use crate::metric::Verdict;
use crate::spec::{Choice, Interval, Metric, Shape, Share, Text};

/// What an `[[expect]]` may hold.
pub(in crate::config) static EXPECT: [Setting; 18] = [
    setting("name", "what reports call it by; no other has it", Holds::Value(|| Shape::Text(Text::Line))).required(),
    setting(
        "where",
        "the points that it speaks of: those that match every key (a list means any of); all points where not given",
        Holds::Table(TableKeys::Run(HowMany::Any)),
    ),
    setting(
        "metric",
        "the number that it is about: a headline metric of runs.csv, one of trace.csv (with layer), or of time.csv \
         (with lag)",
        Holds::Value(|| of_names(Metric::ALL.into_iter().map(Metric::name))),
    ),
    setting(
        "layer",
        "the layer of the metric: a hidden one by its number, \"last\" (hidden) or \"head\"",
        Holds::Value(|| Shape::AnyOf(vec![whole_from(1), of_names(["last", "head"])])),
    ),
    setting(
        "step",
        "the traced step of the metric: its number, \"first\" (at initialisation) or \"last\"",
        Holds::Value(|| Shape::AnyOf(vec![whole_from(0), of_names(["first", "last"])])),
    )
    .or(|| "first".into()),
    setting(
        "lag",
        "the time step of the metric, counted back from the last one, which has lag 0",
        Holds::Value(|| whole_from(0)),
    ),
    setting(
        "verdict",
        "the verdict of the runs, or a list: any of these",
        Holds::Value(|| {
            let verdict = || of_names(Verdict::ALL.map(Verdict::name));
            Shape::AnyOf(vec![verdict(), Shape::List(Box::new(verdict()))])
        }),
    ),
    setting("learned", "whether the nets learn: a loss below 0.9 of chance", Holds::Value(|| Shape::Flag)),
    setting("min", "the least that the metric may be", Holds::Value(|| Shape::Number(Interval::ANY))),
    setting("max", "the most that the metric may be", Holds::Value(|| Shape::Number(Interval::ANY))),
    setting("equals", "what the metric is, within tolerance", Holds::Value(|| Shape::Number(Interval::ANY))),
    setting("tolerance", "how far from equals is still equal", Holds::Value(|| Shape::Number(Interval::NOT_NEGATIVE))),
    setting(
        "versus",
        "the keys in which the run differs that each run is compared with",
        Holds::Table(TableKeys::Run(HowMany::One)),
    ),
    setting(
        "min_difference",
        "the least that the metric, less that of the other run, may be",
        Holds::Value(|| Shape::Number(Interval::ANY)),
    ),
    setting(
        "decades",
        "the least that log10 of the norm over that of the other run may be",
        Holds::Value(|| Shape::Number(Interval::ANY)),
    ),
    setting(
        "every_seed",
        "whether it is about each run by itself: no mean over seeds, no statistics",
        Holds::Value(|| Shape::Flag),
    )
    .or(|| false.into()),
    setting(
        "at_least",
        "the share of a cell's runs that have the verdict, or learned",
        Holds::Value(|| Shape::Number(Interval::SHARE)),
    )
    .or(|| Share::ALL.get().into()),
    setting(
        "expected_failure",
        "why it is known not to hold: then it fails when it does hold",
        Holds::Value(|| Shape::Text(Text::Line)),
    ),
];

/// Any of these names.
fn of_names(names: impl IntoIterator<Item = &'static str>) -> Shape {
    Shape::Name(names.into_iter().map(|name| Choice { name, aliases: &[], doc: String::new() }).collect())
}

fn whole_from(least: u64) -> Shape {
    Shape::Whole { least, most: i64::MAX as u64 }
}

/// The keys that say what a claim is about: it has one of them.
pub(in crate::config) const SUBJECTS: [&str; 3] = ["metric", "verdict", "learned"];

/// The table of the keys of the run that a claim speaks of, as messages call it.
pub(in crate::config) const WHERE: &str = "`where`";

/// The table of the keys in which the other run differs, as messages call it.
pub(in crate::config) const VERSUS: &str = "`versus`";
