//! What the page says beside what was gathered.

/// What a page says beside what was gathered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageFacts {
    /// Every `--set KEY=VALUE` of the sweep, in order.
    pub sets: Vec<String>,
    /// The config's text as it was read.
    pub config: String,
    /// The version of vgrun.
    pub vgrun: String,
    /// The version of the numerics.
    pub numerics: u32,
    /// The hash of the plan, in hexadecimal digits.
    pub plan: String,
    /// What the last check found, the expectations and the baseline's cells; empty where none was made.
    pub checked: Vec<CheckedCase>,
    /// The tables that are there: the file's name, and what a row of it is.
    pub tables: Vec<(String, String)>,
}

/// A case of a check.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct CheckedCase {
    /// `expect` or `baseline`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `passed`, `failed`, `undecided` or `expected_failure`.
    pub status: String,
    /// What there is to say.
    pub messages: Vec<String>,
    /// The line of the config.
    pub line: usize,
}
