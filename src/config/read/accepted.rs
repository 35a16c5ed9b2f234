//! Whether a value is one of a key's, and how tables show it.

use toml::Value;

use crate::spec::{KEYS, RunSpec};

/// Whether a key takes a value.
pub(super) fn accepts(key: usize, value: &Value) -> bool {
    (KEYS[key].set)(&mut RunSpec::default(), value)
}

/// A value as tables show it, so that aliases and spellings of one number are one.
pub(super) fn show(key: usize, value: &Value) -> String {
    let mut spec = RunSpec::default();
    (KEYS[key].set)(&mut spec, value);
    (KEYS[key].show)(&spec).to_string()
}
