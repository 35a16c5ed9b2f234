//! Lines that are TOML but for a few characters: look-alikes of plain ones, and numbers as other languages write them.
//!
//! What to write is believed only where it works: the whole text is read again, as a config, with every line repaired.

mod message;
mod readings;
mod scanner;
mod tried;
mod written;

pub(super) use message::repair_error;
pub(in crate::config) use message::repaired_value;
pub(in crate::config) use tried::Meaning;
pub(super) use tried::of_lines;
