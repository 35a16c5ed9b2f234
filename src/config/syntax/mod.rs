//! TOML text -> its tree, with the errors of TOML itself in plain words, and lines that are TOML but for a few characters.

mod file;
mod given_twice;
mod lines;
mod message;
mod repair;
mod unclosed;

pub(in crate::config) use file::{File, read};
pub(in crate::config) use message::{diagnostic, is_missing_quotes};
pub(in crate::config) use repair::{Meaning, repaired_value};
