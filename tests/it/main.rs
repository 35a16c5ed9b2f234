//! The integration tests: what users and scripts see, from outside the crate.

mod config_errors;
mod plan_properties;
