//! A table in a file: rows of numbers, and a column of answers. RFC 4180, UTF-8, with or without a header; space around
//! a cell does not count, and blank lines are left out.
//!
//! The file tells its separator ([`separator`], from a first [`sample`]) and its header ([`header`]); cells are read once
//! ([`body`], [`cells`]), and all that cannot be used are named in one [`message`]; labels that may be two cells are
//! refused ([`joined`]). What was taken for what, and what looks odd, is noted ([`notes`]).
//!
//! A share of the examples is for testing, of each class alike; for regression, in the order of the file. Inputs are
//! standardised by the training part, and so is a number that is to be learned: the loss of chance is 1.

mod body;
mod cell;
mod cells;
mod examples;
mod faults;
mod header;
mod joined;
mod look;
mod message;
mod notes;
mod rows;
mod sample;
mod separator;
mod shown;

pub(in crate::data) use look::{load, look};

#[cfg(test)]
mod tests;
