//! One error or warning about a config: what is wrong, where, what was expected, what to do.

use std::sync::Arc;

use crate::config::text::{Place, Source};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing runs.
    Error,
    /// Worth a look; the runs go on.
    Warning,
}

/// A place with a word about it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledPlace {
    /// Where.
    pub place: Place,
    /// What about it; may be empty.
    pub text: String,
}

/// One error or warning about a config.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Whether anything can run.
    pub severity: Severity,
    /// What is wrong, in lower case, with key and value.
    pub message: String,
    /// Where, the main place first; empty where there is no place.
    pub labels: Vec<LabelledPlace>,
    /// What to do, one paragraph each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error that has no place yet.
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// A warning that has no place yet.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Adds a place: the first is the main one.
    #[must_use]
    pub fn at(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.labels.push(LabelledPlace { place: place.clone(), text: text.into() });
        self
    }

    /// Adds a text as a whole as a place.
    #[must_use]
    pub fn in_source(self, source: &Arc<Source>) -> Self {
        self.at(&Place::new(source, 0..0), "")
    }

    /// Adds a remedy.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a remedy, if there is one.
    #[must_use]
    pub fn help_if(self, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// The main place.
    pub fn place(&self) -> Option<&Place> {
        self.labels.first().map(|label| &label.place)
    }

    /// Whether it keeps everything from running.
    pub fn is_error(&self) -> bool {
        match self.severity {
            Severity::Error => true,
            Severity::Warning => false,
        }
    }
}

/// Sorts by place: those of the file in the order of its text, then those of each argument of `--set`.
pub fn sort_by_place(diagnostics: &mut [Diagnostic], sets: &[String]) {
    diagnostics.sort_by_key(|d| {
        d.place().map_or((0, 0), |place| {
            let set = sets.iter().position(|set| place.source.is_argument() && set == place.source.text());
            (set.map_or(0, |i| i + 1), place.span.start)
        })
    });
}

/// Whether any of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}
