//! Words of the field that vgrun does not have, or calls by another name: a table of them, and the advice that is made of
//! it. Asked only about words that vgrun has refused, so that no row can hide what exists.

mod advice;
mod words;

pub(in crate::config) use advice::{in_place_of_key, in_place_of_value, other_names};
