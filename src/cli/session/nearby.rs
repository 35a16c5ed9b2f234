//! "Did you mean" for a results folder or a baseline that is not there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::closest;

/// What a path that is not there is most likely a slip of: a folder in `results` or a baseline in this folder or in
/// configs/; none where nothing is near.
pub(crate) fn results_near(path: &Path, results: &Path) -> Option<PathBuf> {
    let listed = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = listed(results).filter(|path| path.is_dir());
    let is_baseline = |path: &PathBuf| path.to_string_lossy().ends_with(".baseline.csv");
    let here = listed(Path::new(".")).filter_map(|path| path.strip_prefix(".").ok().map(Path::to_path_buf));
    let baselines = here.chain(listed(Path::new("configs"))).filter(is_baseline);
    let found: Vec<String> = folders.chain(baselines).map(|path| path.display().to_string()).collect();
    let given = path.display().to_string();
    let folded: Vec<String> = found.iter().map(|path| path.to_lowercase().replace('-', "_")).collect();
    let near = closest(given.trim_end_matches('/'), folded.iter().map(String::as_str))?;
    folded.iter().position(|path| path == near).map(|i| PathBuf::from(&found[i]))
}
