//! What may stand at the top level of a config, and in `[output]`.

use super::check::CHECK;
use super::expect::EXPECT;
use super::setting::{Holds, HowMany, Setting, TableKeys, setting};
use crate::config::meaning::Table;
use crate::spec::{Choice, Shape, Text};

/// What may stand at the top level of a config.
pub(in crate::config) static TOP: [Setting; 11] = [
    setting(
        "name",
        "names the folder of the results: at most 100 letters a-z, digits, _ and -",
        Holds::Value(|| Shape::Text(Text::Slug)),
    )
    .required(),
    setting("why", "why the experiment exists; the report shows it", Holds::Value(|| Shape::Text(Text::Any)))
        .or(|| "".into()),
    setting(
        "max_runs",
        "a grid of more points is refused, before it is expanded",
        Holds::Value(|| Shape::Whole { least: 1, most: MOST_RUNS }),
    )
    .or(|| i64::from(DEFAULT_MAX_RUNS).into()),
    setting("run", "one complete run, which all points share", Holds::Table(TableKeys::Run(HowMany::One))),
    setting("output", "what is written", Holds::Table(TableKeys::Settings(&OUTPUT))),
    setting(
        "grid",
        "the axes: any key of the run with a list of values, or a range; every combination is a run, and the first \
         axis varies slowest",
        Holds::Table(TableKeys::Run(HowMany::Axis)),
    ),
    setting(
        "zip",
        "one more axis, of keys that move together: their first values, their second values, ..",
        Holds::Blocks(TableKeys::Run(HowMany::Column)),
    ),
    setting(
        "exclude",
        "drops the points that match every key; a list means any of its values",
        Holds::Blocks(TableKeys::Run(HowMany::Any)),
    ),
    setting(
        "include",
        "adds the points of these values to those of the grid; lists multiply",
        Holds::Blocks(TableKeys::Run(HowMany::Any)),
    ),
    setting("expect", "a claim about runs, which vgrun check decides", Holds::Blocks(TableKeys::Settings(&EXPECT))),
    setting("check", "what vgrun check holds the runs against", Holds::Table(TableKeys::Settings(&CHECK))),
];

/// What `[output]` may hold.
pub(in crate::config) static OUTPUT: [Setting; 1] = [setting(
    "tables",
    "the tables that are written; all that the runs have rows for where not given",
    Holds::Value(|| {
        let choice = |table: Table| Choice { name: table.name(), aliases: &[], doc: table.doc().into() };
        Shape::List(Box::new(Shape::Name(Table::ALL.map(choice).into())))
    }),
)];

/// No plan may be larger: a run's number has 32 bits, and the index of so many takes some gigabytes as it is.
pub(in crate::config) const MOST_RUNS: u64 = 100_000_000;

/// How many runs a plan may have where the config does not say it.
pub(in crate::config) const DEFAULT_MAX_RUNS: u32 = 1_000_000;
