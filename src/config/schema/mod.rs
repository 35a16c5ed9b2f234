//! The JSON Schema of a config, for editors: written from the tables that the parser reads by, so that a key, a name or a
//! bound is known to both at once.
//!
//! `schemars` derives schemas from types that serde reads. A config is not read by serde but walked with the parser's
//! spans, and what it may hold stands in tables (`KEYS` of the run, `Setting` of the sections), so this writes JSON values
//! from those. TOML's dotted keys are nested tables to a validator: `[grid] model.depth` is `grid` -> `model` -> `depth`.
//!
//! A schema sees one value at a time: that two keys cannot stand together, that an axis comes twice, or that a point cannot
//! honour a value, `vgrun plan` says. Draft 7, which editors' TOML extensions read. Where a key may have values of several
//! types, the keywords of each stand side by side as far as that is possible: an error of `anyOf` would name neither.

mod document;
#[cfg(test)]
mod tests;
mod value;

pub use document::schema;
