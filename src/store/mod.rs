//! The record log of a results folder, `results/<name>/`, and the files beside it: records of finished runs, the lock of
//! their writer, files that runs were asked to keep, manifests of sweeps and shards, pictures of a report. Nothing else
//! reads or writes these.
//!
//! Knows files and their formats: a folder is read without its config and without the data files that this names. Must not
//! know how a run is trained or judged, nor what tables show of it: those live in [`crate::tables`].
//!
//! | where | what |
//! |---|---|
//! | `log` | the records: segments, frames, the index, and [`Store`], which reads them |
//! | `lock` | one writer per folder and shard, and who that is |
//! | `writer`, `merge` | appending records, and putting those of several writers together |
//! | `kept`, `kept_files`, `safetensors` | what runs keep for other programs |
//! | `manifest`, `shards` | what is known of the sweep and of each shard |
//! | `figures` | the pictures of a report |
//! | `checksum` | what `sha256sum` says of a table |
//! | `atomic`, `subfolder` | files that appear whole, and folders that are no links |
//! | `notice`, `error` | what a user should be told: nothing failed, or something did |

mod atomic;
mod checksum;
mod error;
mod figures;
#[cfg(test)]
pub(crate) mod fixtures;
mod kept;
mod kept_files;
mod lock;
mod log;
mod manifest;
mod merge;
mod notice;
mod safetensors;
mod shards;
mod subfolder;
mod writer;

pub(crate) use atomic::AtomicFile;
pub use atomic::{write_new, write_whole};
pub use checksum::checksum;
pub use error::StoreError;
pub use figures::write_figures;
pub use lock::{Holder, host_name, utc, writers};
pub use log::{Ending, Store};
pub(crate) use manifest::write_json;
pub use manifest::{Manifest, ResultFile};
pub use merge::Taken;
pub use notice::Notice;
pub use shards::ShardManifest;
pub(crate) use subfolder::subfolder;
pub use writer::Writer;
