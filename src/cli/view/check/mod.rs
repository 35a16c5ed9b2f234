//! The cases of a check, as text, as JSON and as JUnit's XML.

pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod text;
