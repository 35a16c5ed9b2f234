//! A config's file -> its text, within bounds, with help for a name that is not there.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::source::Source;
use crate::config::spelling::closest;

/// The largest config: one is a page or two, and a file of a megabyte is something else.
const MOST_BYTES: u64 = 1 << 20;

/// Why a config's file could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file does not exist.
    #[error("no config {path}{}", nearby_text(.nearby, .near.as_deref()), path = .path.display())]
    NotFound {
        /// The file asked for.
        path: PathBuf,
        /// Configs in its folder and in configs/.
        nearby: Vec<String>,
        /// The one of them that was most likely meant.
        near: Option<String>,
    },
    /// It is a folder, a pipe or a device: what has no end, or no beginning again.
    #[error("cannot read {}: it is not a file, as a config must be", .0.display())]
    NotAFile(PathBuf),
    /// It is larger than a config can be.
    #[error("{} is larger than 1 MiB: a config is a short TOML file", .0.display())]
    TooLarge(PathBuf),
    /// Its bytes are no text.
    #[error("{path} is {encoding}: save it as UTF-8 (byte {byte}, on line {line}, cannot be read)", path = .path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        encoding: Encoding,
        /// The first bad byte, from 0.
        byte: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// The system refused.
    #[error("cannot read {path}: {error}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// What a file that is no UTF-8 text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Two bytes for each character: what Windows calls Unicode.
    Utf16,
    /// One byte for each character: what Windows calls ANSI.
    Latin1,
    /// No text.
    Binary,
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Utf16 => "text in UTF-16, which some editors call Unicode",
            Self::Latin1 => "text in Latin-1 or another encoding of one byte a character",
            Self::Binary => "no text",
        })
    }
}

impl Encoding {
    /// Tells the encoding of bytes that are no UTF-8, or hold a byte of 0, by the first of them.
    fn of(bytes: &[u8]) -> Self {
        const LOOKED_AT: usize = 4096;
        let start = &bytes[..bytes.len().min(LOOKED_AT)];
        let zeros = |at: usize| start.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        let half = start.len() / 2;
        if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) || (even + odd) * 4 > half * 3 {
            return Self::Utf16;
        }
        let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c);
        if start.iter().any(is_control) { Self::Binary } else { Self::Latin1 }
    }
}

/// More configs than this are counted, not listed.
const MOST_NEARBY: usize = 6;

fn nearby_text(nearby: &[String], near: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(near) = near {
        write!(text, ": did you mean {near}?").expect("a String takes all text");
    }
    match nearby {
        [] => text.push_str("; there are no *.toml files in its folder or in configs/"),
        [only] if near == Some(only) => {}
        few if few.len() <= MOST_NEARBY => {
            write!(text, "\nconfigs nearby: {}", few.join(", ")).expect("a String takes all text");
        }
        many => {
            let (shown, rest) = many.split_at(MOST_NEARBY);
            write!(text, "\nconfigs nearby: {} and {} more", shown.join(", "), rest.len())
                .expect("a String takes all text");
        }
    }
    text
}

/// Reads the text of the config at `path`.
pub fn read(path: &Path) -> Result<Arc<Source>, ReadError> {
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            not_found(path)
        } else {
            ReadError::Io { path: path.into(), error }
        }
    };
    // Asked before it is opened: to open a pipe waits until somebody writes.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(ReadError::NotAFile(path.into()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ReadError::TooLarge(path.into()));
    }
    let not_text = |bytes: &[u8], byte: usize| {
        let line = bytes[..byte].split(|byte| *byte == b'\n').count();
        ReadError::NotText { path: path.into(), encoding: Encoding::of(bytes), byte, line }
    };
    // No text has a byte of 0, and UTF-16 has one in nearly every character.
    if let Some(byte) = bytes.iter().position(|byte| *byte == 0) {
        let bad = std::str::from_utf8(&bytes).err().map_or(byte, |error| error.valid_up_to().min(byte));
        return Err(not_text(&bytes, bad));
    }
    let text =
        String::from_utf8(bytes).map_err(|error| not_text(error.as_bytes(), error.utf8_error().valid_up_to()))?;
    Ok(Source::in_folder(path.parent().unwrap_or(Path::new("")), path.display().to_string(), text))
}

fn not_found(path: &Path) -> ReadError {
    let mut nearby = Vec::new();
    for folder in [path.parent().unwrap_or(Path::new("")), Path::new("configs")] {
        let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let files = fs::read_dir(listed).into_iter().flatten().flatten().map(|entry| folder.join(entry.file_name()));
        // A name that gives orders to a terminal cannot be given as an argument either.
        let is_plain = |file: &PathBuf| !file.to_string_lossy().contains(char::is_control);
        nearby.extend(files.filter(|file| file.extension().is_some_and(|e| e == "toml")).filter(is_plain));
    }
    nearby.sort();
    nearby.dedup();
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let stems: Vec<String> = nearby.iter().map(|file| stem(file)).collect();
    let near = closest(&stem(path), stems.iter().map(String::as_str));
    let near = near.and_then(|near| nearby.iter().find(|file| stem(file) == near));
    ReadError::NotFound {
        path: path.into(),
        near: near.map(|file| file.display().to_string()),
        nearby: nearby.iter().map(|file| file.display().to_string()).collect(),
    }
}
