//! The texts that a config is made of, read within bounds; places in them; and TOML as a tree of places. Knows nothing of
//! keys.

mod config_file;
mod source;
mod text_file;
mod tree;

pub use config_file::{Encoding, ReadError, read};
pub use source::{Place, Source};
pub(crate) use text_file::{Bounded, open_file, read_text};
pub(in crate::config) use tree::{Entry, Node, NodeKind, entries, is_not_zero, node};
