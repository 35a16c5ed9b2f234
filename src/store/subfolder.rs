//! The folders within a results folder. A results folder may itself be a link, to a larger disk; a link in the place of
//! one of its folders is refused, as it leads to files that are not ours.

use std::path::{Path, PathBuf};

use super::error::StoreError;

/// Returns the folder `name` within a results folder, whether it is there or not; a link is an error.
pub(crate) fn subfolder(folder: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let path = folder.join(name);
    if path.is_symlink() {
        return Err(StoreError::Linked { path });
    }
    Ok(path)
}
