//! Configs: errors, advice, schema, limits, plans.

pub(crate) mod advice;
mod cases;
mod errors;
pub(crate) mod limits;
mod memory;
mod plan_properties;
mod schema;
