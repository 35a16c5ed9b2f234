//! Who is writing to a folder now: the holders of its locks. Takes no lock.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::look::{is_shard_name, look};
use super::owner::Owner;
use crate::store::error::StoreError;
use crate::store::log::segment::runs_folder;

/// The process that holds a lock of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The lock's name: "main", or a shard's [`crate::plan::Shard::file_stem`].
    pub shard: String,
    /// The process, its host and since when.
    pub name: String,
    /// The reason why the process counts as dead, if it does.
    pub dead: Option<&'static str>,
}

/// Lists the holders of all locks of an experiment's folder, by name.
pub fn writers(folder: &Path) -> Result<Vec<Holder>, StoreError> {
    let runs = runs_folder(folder);
    let list = match fs::read_dir(&runs) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        list => list.map_err(StoreError::io("list", &runs))?,
    };
    let me = Owner::this_process();
    let mut holders = Vec::new();
    for entry in list {
        let path = entry.map_err(StoreError::io("list", &runs))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let shard = name.and_then(|name| name.strip_suffix(".lock")).filter(|name| is_shard_name(name));
        let Some(shard) = shard else { continue };
        if let Some(seen) = look(&path, &me)? {
            holders.push(Holder { shard: shard.to_owned(), name: seen.name, dead: seen.dead });
        }
    }
    holders.sort_by(|a, b| a.shard.cmp(&b.shard));
    Ok(holders)
}
