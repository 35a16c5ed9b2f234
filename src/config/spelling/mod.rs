//! What people write, and what they most likely meant: slips of names, look-alikes of plain characters, numbers and lists
//! as other languages write them. Takes texts and returns texts; knows nothing of keys and configs.

pub(in crate::config) mod alike;
mod closest;
pub(in crate::config) mod list;
pub(in crate::config) mod number;
mod quote;

pub(crate) use closest::closest;
pub(crate) use quote::quoted;
pub(in crate::config) use quote::{ordinal, shown};
