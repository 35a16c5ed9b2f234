//! The files of a data set of images: what a first look finds in them, and their data set.

use super::images::RawImages;
use crate::data::dataset::Dataset;
use crate::data::file::error::{DataError, Problem};
use crate::data::spec::{Found, Header, Label, NamedFile, Separator, TestFraction};

/// Reads the files for the first time: images and labels, then those for testing, if there are some.
pub(in crate::data) fn look(files: Vec<NamedFile>, test_fraction: TestFraction) -> Result<Found, DataError> {
    let (raw, content) = RawImages::read(&files, test_fraction)?;
    let (label, separator, header) = (Label::default(), Separator::default(), Header::default());
    let (sizes, few, notes) = (raw.sizes(), raw.few, raw.notes);
    Ok(Found { content, sizes, label, separator, header, notes, few, files })
}

/// Reads the files again.
pub(in crate::data) fn load(found: &Found, test_fraction: TestFraction) -> Result<Dataset, DataError> {
    let (raw, content) = RawImages::read(&found.files, test_fraction)?;
    if content == found.content { Ok(raw.scaled()) } else { Err(found.files[0].error(Problem::Changed)) }
}
