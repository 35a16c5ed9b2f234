//! The file of a table: what a first look finds in it, and its data set.

use super::body::{Body, TellHeader};
use super::examples::NumberTable;
use super::joined;
use super::notes::notes;
use super::rows::text;
use super::separator::Layout;
use crate::data::dataset::Dataset;
use crate::data::file::error::{DataError, Problem};
use crate::data::spec::{FileSpec, Found, NamedFile, Separator};

/// Reads the file for the first time.
pub(in crate::data) fn look(spec: &FileSpec, file: NamedFile) -> Result<Found, DataError> {
    let read = |bytes: &[u8], asked: Separator| {
        let layout = Layout::of(text(bytes)?, asked)?;
        let table = NumberTable::of(Body::read(&layout, spec, TellHeader::ByColumns)?, spec.target);
        joined::check(layout.separator, &table)?;
        let (data, few) = table.divided(spec.test_fraction, &spec.label)?;
        let separator = match layout.separator {
            Separator::Comma => Separator::Auto,
            separator => separator,
        };
        Ok(Found {
            content: content(bytes, &table),
            sizes: data.sizes(),
            label: table.body.label(),
            separator,
            header: table.body.header,
            notes: notes(&layout, &table, spec.test_fraction),
            few,
            files: Vec::new(),
        })
    };
    let read_as_asked = |bytes: &[u8]| {
        read(bytes, spec.separator).map_err(|problem| match read(bytes, Separator::Auto) {
            Ok(told) if spec.separator != Separator::Auto => {
                let told = if told.separator == Separator::Auto { Separator::Comma } else { told.separator };
                let problem = match problem {
                    Problem::OneColumn { .. } => Problem::OneColumn { separator: None },
                    other => other,
                };
                Problem::OtherSeparator { asked: spec.separator, told, problem: Box::new(problem) }
            }
            Ok(_) | Err(_) => problem,
        })
    };
    match file.read().and_then(|bytes| read_as_asked(&bytes)) {
        Ok(found) => Ok(Found { files: vec![file], ..found }),
        Err(problem) => Err(DataError { key: key(&problem).unwrap_or(file.key), ..file.error(problem) }),
    }
}

/// Reads the file again, as what was found says; of `spec` only the target and the share for testing count.
pub(in crate::data) fn load(found: &Found, spec: &FileSpec) -> Result<Dataset, DataError> {
    let [file] = found.files.as_slice() else { unreachable!("a table is one file") };
    let read = || {
        let bytes = file.read()?;
        let FileSpec { target, test_fraction, .. } = *spec;
        let separator = match found.separator {
            Separator::Auto => Separator::Comma,
            separator => separator,
        };
        let (label, header) = (found.label.clone(), found.header);
        let spec = FileSpec { label, separator, header, target, test_fraction, ..FileSpec::default() };
        let changed = |_| Problem::Changed;
        let layout = Layout::of(text(&bytes).map_err(changed)?, separator).map_err(changed)?;
        let table = NumberTable::of(Body::read(&layout, &spec, TellHeader::ByFirstRow).map_err(changed)?, target);
        if content(&bytes, &table) != found.content {
            return Err(Problem::Changed);
        }
        Ok(table.divided(test_fraction, &spec.label)?.0)
    };
    read().map_err(|problem| file.error(problem))
}

/// A hash over the content. Where equal numbers are written in several ways, which earlier versions took for several
/// classes, it is another one, so that no run of theirs is taken for one of these.
fn content(bytes: &[u8], table: &NumberTable) -> blake3::Hash {
    if table.has_aliases {
        blake3::Hasher::new().update(bytes).update(b"\nequal numbers are one class").finalize()
    } else {
        blake3::hash(bytes)
    }
}

/// The key that a problem with how the file is read belongs to.
fn key(problem: &Problem) -> Option<&'static str> {
    match problem {
        Problem::NoColumnNamed { .. }
        | Problem::SeveralColumnsNamed { .. }
        | Problem::NoColumnNumbered { .. }
        | Problem::RowNames => Some("data.label"),
        Problem::NameWithoutHeader { .. } | Problem::UnclearHeader(_) => Some("data.header"),
        Problem::UnclearSeparator { .. } | Problem::OneColumn { .. } | Problem::OtherSeparator { .. } => {
            Some("data.separator")
        }
        _ => None,
    }
}
