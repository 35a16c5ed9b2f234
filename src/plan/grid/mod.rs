//! The points of a config: the product of its axes, the rules that drop points, and the columns that show them. Knows
//! nothing of runs.

mod columns;
mod exclude;
mod first_points;
mod pattern;
mod product;

pub(in crate::plan) use columns::columns;
pub use columns::{AxisColumn, MEASURED};
pub(in crate::plan) use exclude::{Matcher, is_dropped};
pub(in crate::plan) use first_points::FirstPoints;
pub(in crate::plan) use pattern::Pattern;
pub(in crate::plan) use product::Grid;
