//! What is noted while a config is read: its errors, and which keys cannot be relied on because of them.

use super::Diagnostic;
use crate::spec::KeySet;

/// Errors so far, and the keys whose values are not what the user meant because of one.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) doubtful: KeySet,
    /// Whether the config sweeps the seed: then runs are repeated already.
    pub(super) sweeps_seed: bool,
}

impl Notes {
    /// Notes an error that leaves all keys as they are.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Notes an error because of which the key at `index` is not what the user meant.
    pub(super) fn doubt(&mut self, index: usize, diagnostic: Diagnostic) {
        self.doubtful.insert(index);
        self.push(diagnostic);
    }

    /// Notes an error because of which any key may not be what the user meant.
    pub(super) fn doubt_all(&mut self, diagnostic: Diagnostic) {
        self.doubtful = KeySet::all();
        self.push(diagnostic);
    }
}
