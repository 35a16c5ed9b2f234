//! Makes a plan of an experiment: every point once, and what keeps points from being runs.

mod bad_files;
mod clash;
mod experiment;
mod few_examples;
mod runs;
mod unused;
mod variation;
mod walk;
