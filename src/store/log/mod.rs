//! The record log: append-only segments of framed records in `runs/`, and which record counts for each run.
//!
//! A record is framed (`frame`), a segment is a row of frames (`segment`), reading one finds every whole frame whatever
//! else is in it (`scan`), and an index says where the record of each run stands (`place`, `index`). [`Store`] reads.

mod files;
pub(super) mod frame;
mod index;
mod open;
mod place;
mod scan;
pub(super) mod segment;
mod sorted_places;

pub(super) use index::Index;
pub(super) use open::SegmentContents;
pub use open::Store;
pub use place::Ending;
pub(super) use place::RecordPlace;
