//! The texts that a config is made of (the file, each `--set`) and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name under which messages show an argument of `--set`.
const ARGUMENT: &str = "--set";

/// A text that errors can point into.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    folder: PathBuf,
}

impl Source {
    /// A text under the name that messages show: the path of a file, or `--set`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Self::in_folder("", name, text)
    }

    /// A text with its name, and the folder that paths in it are relative to; the current one where it is empty.
    pub fn in_folder(folder: impl Into<PathBuf>, name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), folder: folder.into() })
    }

    /// The text of an argument of `--set`.
    pub(in crate::config) fn argument(text: &str) -> Arc<Self> {
        Self::new(ARGUMENT, text)
    }

    /// Whether the text is an argument of `--set`, not a file.
    pub(in crate::config) fn is_argument(&self) -> bool {
        self.name == ARGUMENT
    }

    /// The folder that paths in the text are relative to.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name that messages show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A stretch of a source, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Range<usize>,
}

impl Place {
    /// The stretch `span` of `source`; both ends are moved down to a character's first byte.
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        let text = source.text();
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        Self { source: Arc::clone(source), span: boundary(span.start)..boundary(span.end.max(span.start)) }
    }

    /// What stands there.
    pub fn text(&self) -> &str {
        &self.source.text()[self.span.clone()]
    }

    /// The number of the line on which it starts, from 1.
    pub fn line(&self) -> usize {
        self.source.text()[..self.span.start].matches('\n').count() + 1
    }

    /// Where the line of the place's start begins.
    pub(in crate::config) fn line_start(&self) -> usize {
        self.source.text()[..self.span.start].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The place of a whole dotted key, when this is its last part: the parser knows only the parts. A dotted key
    /// begins its line, or follows the brace or comma of an inline table.
    pub(in crate::config) fn with_path(&self) -> Self {
        // No further back than need be: a line may be a megabyte long, and hold a hundred thousand keys.
        let before = &self.source.text()[..self.span.start];
        if !before.trim_end_matches([' ', '\t']).ends_with('.') {
            return self.clone();
        }
        let start = before.rfind(['{', ',', '[', '\n']).map_or(0, |i| i + 1);
        let spaces = before[start..].len() - before[start..].trim_start().len();
        Self::new(&self.source, start + spaces..self.span.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotted_key_is_pointed_at_as_a_whole() {
        let source = Source::new("a.toml", "x = 1\n  model.depth = [1]\ny = { a.b = 2 }\n");
        let leaf = |text: &str| {
            let start = source.text().find(text).expect("it is there");
            Place::new(&source, start..start + text.len()).with_path().text().to_string()
        };
        assert_eq!(leaf("depth"), "model.depth");
        assert_eq!(leaf("b"), "a.b");
        assert_eq!(leaf("x"), "x");
    }

    #[test]
    fn a_place_never_splits_a_character() {
        let source = Source::new("a.toml", "é");
        assert_eq!(Place::new(&source, 1..9).span, 0..2);
    }
}
