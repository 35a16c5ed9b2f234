//! The keys of a config that are no keys of a run, as tables. Messages choose from their names, and the schema is written
//! from what each means and holds. Reads nothing.

mod check;
mod expect;
mod range;
mod setting;
mod top;

pub(in crate::config) use check::{CHECK, metrics_of_baselines};
pub(in crate::config) use expect::{EXPECT, SUBJECTS, VERSUS, WHERE};
pub(in crate::config) use range::{RANGE, RANGE_FORMS};
pub(in crate::config) use setting::{Absent, Holds, HowMany, Setting, TableKeys, names};
pub(in crate::config) use top::{DEFAULT_MAX_RUNS, MOST_RUNS, OUTPUT, TOP};
