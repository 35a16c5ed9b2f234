//! The one integration binary: vgrun as a library and as a command, as users and scripts see it.

mod config_errors;
mod data_errors;
mod data_sweeps;
mod differences;
mod disk;
mod edges;
mod experiment;
mod gradients;
mod idx_file;
mod list;
mod memory;
mod plan_properties;
mod pytorch;
mod readers;
mod readme;
mod recurrent_gradients;
mod recurrent_learning;
mod recurrent_pytorch;
mod recurrent_reference;
mod recurrent_sweeps;
mod seeds;
mod sweeps;
mod theory_p10;
mod theory_p9;
mod tiers;
