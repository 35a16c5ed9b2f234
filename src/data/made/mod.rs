//! Data sets that need no file of the user's: drawn from a seed, or embedded in the binary.

pub(in crate::data) mod blobs;
mod curves;
pub(in crate::data) mod digits;
pub(in crate::data) mod moons;
pub(in crate::data) mod noise;
pub(in crate::data) mod spirals;
