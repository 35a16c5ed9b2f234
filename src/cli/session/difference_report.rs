//! The file of `vgrun diff --report`: both profiles below the text, or the picture alone.

use std::path::Path;

use crate::check::CellPairs;
use crate::plan::Plan;
use crate::report::{DIFFERENCE_PAGE_BEGINS, FIGURE_BEGINS, beside, difference_figures, difference_page};
use crate::store::Store;

use crate::cli::session::drawing::gathered;
use crate::cli::session::error::CliError;
use crate::cli::session::output_file::OutputFile;

const OPTION: &str = "--report";

/// A report that was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DifferenceReport<'a> {
    file: OutputFile<'a>,
    folders: [&'a Path; 2],
    is_picture: bool,
}

impl<'a> DifferenceReport<'a> {
    /// Makes sure that a file at `path` would replace nothing but an earlier one.
    pub(crate) fn at(path: &'a Path, folders: [&'a Path; 2]) -> Result<Self, CliError> {
        let is_picture = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"));
        let beginning = if is_picture { FIGURE_BEGINS } else { DIFFERENCE_PAGE_BEGINS };
        let file = OutputFile { option: OPTION, path, beginning: beginning.as_bytes() };
        folders.iter().try_for_each(|folder| file.check_place(&[], folder))?;
        Ok(Self { file, folders, is_picture })
    }

    /// Where it goes.
    pub(crate) fn path(&self) -> &'a Path {
        self.file.path
    }

    /// Draws the compared cells of both folders, and writes the figures with `text` above them.
    pub(crate) fn write(
        &self,
        [old, new]: [(&Plan, &Store); 2],
        pairs: &CellPairs,
        text: &str,
    ) -> Result<(), CliError> {
        let names = self.folders.map(|folder| folder.display().to_string());
        let pairs: Vec<(usize, usize)> = pairs.pairs.iter().map(|pair| (pair.old, pair.new)).collect();
        let gathered = beside(gathered(old.0, old.1)?, gathered(new.0, new.1)?, &pairs, &names);
        let figures = difference_figures(&gathered);
        if !self.is_picture {
            return self.file.write(difference_page(&names, text, &figures));
        }
        let no_profile = || CliError::NoProfile { option: OPTION, path: self.path().into() };
        self.file.write(&figures.first().ok_or_else(no_profile)?.svg)
    }
}
