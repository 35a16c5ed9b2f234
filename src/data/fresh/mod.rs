//! Problems without a training part: every training step draws sequences of its own.

pub(in crate::data) mod adding;
pub(in crate::data) mod copy;
mod room;
mod sequences;

pub use sequences::Fresh;
pub(in crate::data) use sequences::TEST;
