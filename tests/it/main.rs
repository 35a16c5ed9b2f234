//! The one integration binary: vgrun as a library and as a command, as users and scripts see it.

mod check;
mod cli;
mod config;
mod data;
mod experiment;
mod fuzz;
mod gradients;
mod results;
mod sweep;
mod theory;
