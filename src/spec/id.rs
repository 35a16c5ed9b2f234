//! The canonical form of a run and the id derived from it: the same on every machine, blind to how a config was written.

use std::fmt::{self, Write as _};

use super::{KEYS, RunSpec, Shown};

/// The version of the numerics. It changes whenever any recorded number of any run may change, and records of another
/// version are never reused.
pub const NUMERICS: u32 = 5;

/// The first version whose numbers are those of this one wherever nothing is below the smallest normal number: a baseline of
/// it can be compared with.
pub const SAME_NUMBERS_FROM: u32 = 4;

/// "r" + 16 hex digits over the canonical spec and the numerics version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{:016x}", self.0)
    }
}

impl RunSpec {
    /// One `key = value` line for each key that this run uses and that differs from its default, sorted by key. A key
    /// that is added to vgrun later leaves the form, and so the id, of every older run as it was. Files are in it by a hash of
    /// their content, `data.content`, wherever they lie.
    pub fn canonical(&self) -> String {
        let mut lines = Vec::with_capacity(KEYS.len());
        // A default may depend on the keys before it in the table alone, so one copy serves them all: each key is put
        // to its default, compared, and given its value back before the next.
        let mut default = self.clone();
        for key in KEYS {
            (key.reset)(&mut default);
            if !(key.same)(self, &default) {
                if (key.used)(self) {
                    lines.push((key.name, (key.show)(self)));
                }
                (key.copy)(&mut default, self);
            }
        }
        if let Some(found) = &self.data.found {
            lines.push(("data.content", Shown::Text(found.content.to_hex().to_string())));
        }
        lines.sort_unstable_by_key(|(name, _)| *name);
        let mut text = String::with_capacity(256);
        for (name, value) in lines {
            writeln!(text, "{name} = {value}").expect("a String takes all text");
        }
        text
    }

    /// The name of the run's data set: "d" + 16 hex digits, the same for runs that share it.
    pub fn data_name(&self) -> String {
        // The id of the default run on the same data covers all that decides them, and nothing else.
        let id = Self { data: self.data.clone(), ..Self::default() }.id();
        format!("d{:016x}", id.0)
    }

    /// The id of the run.
    pub fn id(&self) -> RunId {
        let text = format!("vgrun numerics {NUMERICS}\n{}", self.canonical());
        let bytes = *blake3::hash(text.as_bytes()).as_bytes();
        RunId(u64::from_be_bytes(bytes[..8].try_into().expect("8 bytes")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_run_is_the_empty_form_and_its_id_is_fixed() {
        assert_eq!(RunSpec::default().canonical(), "");
        assert_eq!(RunSpec::default().id().to_string(), "r81f10ed011bcb617");
    }

    #[test]
    fn runs_share_the_name_of_their_data_whatever_else_they_do() {
        let mut blobs = RunSpec::default();
        blobs.data.source = crate::data::DataSource::Blobs;
        let mut other = blobs.clone();
        (other.seed, other.order, other.train.clip_norm) = (5, true, 1.0);
        assert_eq!(blobs.data_name(), other.data_name());
        other.data.seed = 5;
        assert_ne!(blobs.data_name(), other.data_name());
    }

    #[test]
    fn only_keys_that_differ_from_their_default_are_written() {
        let mut spec = RunSpec { seed: 3, ..RunSpec::default() };
        spec.data.source = crate::data::DataSource::Blobs;
        spec.data.seed = 3; // follows the seed, so it is at its default
        spec.train.clip_norm = 0.5;
        assert_eq!(spec.canonical(), "data.source = blobs\nseed = 3\ntrain.clip_norm = 0.5\n");
    }
}
