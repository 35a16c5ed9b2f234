//! What the page says beside what was gathered.

/// What a page says beside what was gathered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageFacts {
    /// The command that makes the results again, from a config with the experiment's name.
    pub command: String,
    /// The folder that the command makes.
    pub folder: String,
    /// The config's text as it was read.
    pub config: String,
    /// The version of the vgrun that swept, with its commit where the build was told it.
    pub vgrun: String,
    /// The version of the numerics.
    pub numerics: u32,
    /// The hash of the plan, in hexadecimal digits.
    pub plan: String,
    /// What the last check found, the expectations and the baseline's cells; empty where none was made.
    pub checked: Vec<CheckedCase>,
    /// The tables that the config asks for.
    pub tables: Vec<PageTable>,
}

/// A table of the results folder.
#[derive(Debug, Clone, PartialEq)]
pub struct PageTable {
    /// The file's name.
    pub file: String,
    /// What a row of it is.
    pub what: String,
    /// The SHA-256 of the file as it stands, in hexadecimal digits; none where it is not there.
    pub sha256: Option<String>,
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
