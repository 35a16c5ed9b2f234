//! The only reader and writer of `results/<name>/`: records of finished runs, what they were asked to keep, the lock of their writer, the tables that
//! are a view of them, and what is known about the sweep that made them: a folder is read without its config and without
//! the data files that this names.
//!
//! Knows the files and their formats. Must not know how a run is trained or judged, or how anything is shown: tables are
//! written from plain rows.

mod atomic;
mod axes;
mod cell;
mod cell_rows;
mod clock;
mod columns;
mod effects;
mod error;
mod export;
mod figures;
mod files;
mod frame;
mod index;
mod kept;
mod lock;
mod manifest;
mod memory;
mod merge;
mod notice;
mod open;
mod owner;
mod package;
mod rebuild;
mod rows;
mod safetensors;
mod scan;
mod segment;
mod shards;
mod sorted_places;
mod stored;
mod subfolder;
mod table_rows;
mod tables;
mod watch;
mod writer;

pub use atomic::{write_new, write_whole};
pub use axes::Axes;
pub use cell::text_cell;
pub use clock::utc;
pub use columns::{Field, FieldKind, fields};
pub use effects::{MainEffect, SavingChange};
pub use error::StoreError;
pub use export::{Sheet, export};
pub use figures::write_figures;
pub use index::Ending;
pub use manifest::{Manifest, ResultFile};
pub use memory::peak_memory;
pub use merge::Taken;
pub use notice::Notice;
pub use open::Store;
pub use owner::host_name;
pub use rebuild::{Overview, rebuild};
pub use rows::{Headline, Measured, RunStatus, TableRun};
pub use shards::ShardManifest;
pub use tables::Tables;
pub use watch::{Holder, writers};
pub use writer::Writer;
