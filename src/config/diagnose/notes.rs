//! What is noted while a config is read: its errors, and which keys cannot be relied on because of them.

use super::diagnostic::Diagnostic;
use crate::spec::{Draft, KeySet};

/// Errors so far, and the keys whose values are not what the user meant because of one.
#[derive(Debug, Default)]
pub(in crate::config) struct Notes {
    pub(in crate::config) diagnostics: Vec<Diagnostic>,
    pub(in crate::config) doubtful: KeySet,
    /// What the config says of the run, as far as that is right: advice must be able to stand beside it.
    pub(in crate::config) said: Draft,
    /// Where the config sweeps the seed, and so repeats runs already.
    pub(in crate::config) seed: SeedAxis,
}

/// The axis of the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::config) enum SeedAxis {
    /// Each cell has one run; an axis of the seed can be added.
    #[default]
    None,
    /// An argument for `[run]` says the seed, and is refused beside an axis of it.
    Fixed,
    /// `[grid]`, or an argument for it.
    Grid,
    /// A `[[zip]]`, in which other keys move with it.
    Zip,
}

impl Notes {
    /// Notes an error that leaves all keys as they are.
    pub(in crate::config) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Notes an error because of which the key at `index` is not what the user meant.
    pub(in crate::config) fn doubt(&mut self, index: usize, diagnostic: Diagnostic) {
        self.doubtful.insert(index);
        self.push(diagnostic);
    }

    /// Notes an error because of which any key may not be what the user meant.
    pub(in crate::config) fn doubt_all(&mut self, diagnostic: Diagnostic) {
        self.doubtful = KeySet::all();
        self.push(diagnostic);
    }
}
