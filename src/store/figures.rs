//! The pictures of a report: `figures/*.svg`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::atomic::write_whole;
use super::error::StoreError;
use super::subfolder::subfolder;

const FOLDER: &str = "figures";

/// Writes the figures of a results folder, each by its name without the ending, and removes those of `known` that are not
/// among them any more. Returns the paths written.
pub fn write_figures(folder: &Path, figures: &[(&str, &str)], known: &[&str]) -> Result<Vec<PathBuf>, StoreError> {
    let folder = subfolder(folder, FOLDER)?;
    let path = |name: &str| folder.join(format!("{name}.svg"));
    let mut written = Vec::new();
    for (name, svg) in figures {
        write_whole(&path(name), svg)?;
        written.push(path(name));
    }
    for path in known.iter().map(|name| path(name)).filter(|path| !written.contains(path)) {
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(StoreError::io("remove", &path)(e)),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(written)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_drawn_any_more_is_removed_and_what_others_put_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join("figures").join(name);
        let known = ["heatmap", "profile"];
        write_figures(folder.path(), &[("heatmap", "<svg/>"), ("profile", "<svg/>")], &known).unwrap();
        fs::write(at("mine.svg"), "mine").unwrap();
        let written = write_figures(folder.path(), &[("profile", "<svg></svg>")], &known).unwrap();
        assert_eq!(written, [at("profile.svg")]);
        assert_eq!(fs::read_to_string(at("profile.svg")).unwrap(), "<svg></svg>");
        assert!(!at("heatmap.svg").exists() && at("mine.svg").exists());
        assert_eq!(fs::read_dir(at("")).unwrap().count(), 2);
    }
}
