//! What a range may hold: `{ from = 0, count = 3 }`.

use super::setting::{Holds, Setting, setting};
use crate::spec::{Interval, Shape};

/// The parts of a range.
pub(in crate::config) static RANGE: [Setting; 5] = [
    setting("from", "the first value", Holds::Value(|| Shape::Number(Interval::ANY))).required(),
    setting(
        "to",
        "the last value, or a bound of it where there is a step",
        Holds::Value(|| Shape::Number(Interval::ANY)),
    ),
    setting("step", "the distance between two values", Holds::Value(|| Shape::Number(Interval::POSITIVE))),
    setting(
        "count",
        "how many values there are; of { from, count } at distances of 1",
        Holds::Value(|| Shape::Whole { least: 1, most: i64::MAX as u64 }),
    ),
    setting(
        "scale",
        "\"log\" for even ratios; even distances where not given",
        Holds::Value(|| Shape::word("log", "even ratios instead of even distances")),
    ),
];

/// The parts that make a range together.
pub(in crate::config) const RANGE_FORMS: [&[&str]; 4] =
    [&["from", "count"], &["from", "to", "step"], &["from", "to", "count"], &["from", "to", "count", "scale"]];
