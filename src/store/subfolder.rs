//! The folders within a results folder, for whoever writes to them. A results folder may itself be a link, to a larger disk;
//! what stands in it is ours, and a link in the place of one of its folders leads to files that are not.

use std::path::{Path, PathBuf};

use super::StoreError;

/// The folder `name` within a results folder, whether it is there or not; a link is an error.
pub(super) fn subfolder(folder: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let path = folder.join(name);
    if path.is_symlink() {
        return Err(StoreError::Linked { path });
    }
    Ok(path)
}
