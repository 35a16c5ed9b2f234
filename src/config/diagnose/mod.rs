//! Errors and warnings about a config: what they hold, how they are noted and shown, and what they advise.

mod bad_value;
mod closest_key;
mod diagnostic;
mod elsewhere;
mod notes;
mod render;

pub(in crate::config) use bad_value::{bad_value, remedy};
pub(in crate::config) use closest_key::closest_key;
pub use diagnostic::{Diagnostic, LabelledPlace, Severity, has_errors, sort_by_place};
pub(in crate::config) use elsewhere::in_place_of_key;
pub(in crate::config) use notes::{Notes, SeedAxis};
pub use render::render;
