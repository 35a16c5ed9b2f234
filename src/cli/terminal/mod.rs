//! Text for a person: the two streams, numbers, tables, amounts as they are typed, and exit codes.

pub(crate) mod exit;
pub(crate) mod number;
pub(crate) mod pager;
pub(crate) mod print;
pub(crate) mod size;
pub(crate) mod table;
pub(crate) mod version;
