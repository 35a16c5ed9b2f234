//! Sweeps: folders, shards, faults, other machines.

mod command;
mod disk;
mod edges;
mod faults;
mod folders;
mod recurrent;
pub(crate) mod seeds;
mod shards;
mod sites;
mod submit;
