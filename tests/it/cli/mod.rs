//! The documents and the command line.

mod begin;
mod docs;
pub(crate) mod documents;
mod guide;
mod list;
mod pipes;
mod readme;
